"""`greenlm record`: this machine's joules while a command runs, kept as a trace that can be replayed anywhere."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from greenlm_edu.errors import InputError

if TYPE_CHECKING:
    from greenlm_edu.energy import Recorder, TraceFile

__all__ = ["record"]

STOPPED: Final = 130
SIGNALLED: Final = 128
NO_SUCH_COMMAND: Final = 127
END_PATIENCE_S: Final = 10.0
DEFAULT_NAME: Final = "recording"


def record(
    command: Annotated[
        list[str] | None,
        typer.Argument(help="What to run and record, after “--”.", show_default=False),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Record for so long instead of running a command.")] = None,
    period: Annotated[float, typer.Option(help="Seconds between two readings.")] = 0.1,
    out: Annotated[Path | None, typer.Option(help="The trace's file; NAME.trace.json if left out.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call the trace.")] = None,
    note: Annotated[str, typer.Option(help="What ran, in your words; the trace keeps no arguments.")] = "",
) -> None:
    """Record what this machine's meters say, as a trace for `%%meter --replay`.

    A command's exit code is passed on, and Ctrl-C keeps what was recorded. The trace holds hardware and driver, and
    no host name, user name, path or argument of the command.
    """
    from greenlm_edu.energy import Recorder, detect, save_trace

    file = _checked(command, seconds, period, out, name)
    found = detect(children_every_s=period)
    code, problem = 0, ""
    with Recorder(found.sources, period) as recorder:
        try:
            if command:
                code, problem = _run(command)
            else:
                time.sleep(seconds or 0.0)
        except KeyboardInterrupt:
            code = STOPPED
    if problem:
        raise InputError(problem)
    trace = recorder.trace(name or _stem(file), _what_ran(command, seconds), " ".join(note.split()))
    save_trace(trace, file)
    typer.echo(_summary(trace, recorder, file, code), err=True)
    if code:
        raise typer.Exit(code)


def _checked(
    command: Sequence[str] | None, seconds: float | None, period: float, out: Path | None, name: str | None
) -> Path:
    """The file to write; everything that can be wrong is told before anything runs.

    Raises:
        InputError: an option cannot be, or the file cannot be written.
    """
    from greenlm_edu.energy.recorder import MOST_RECORDED
    from greenlm_edu.energy.trace_file import SUFFIXES

    if bool(command) == (seconds is not None):
        got = "both" if command else "neither"
        raise InputError(
            f"record: it needs either --seconds or a command; got {got}. "
            "For example: greenlm record --seconds 10, or greenlm record -- python train.py"
        )
    if not 0.01 <= period <= 60:
        raise InputError(f"record --period: it must be 0.01 to 60 seconds; got {period}. 0.1 is usual.")
    if seconds is not None and not 2 * period <= seconds <= MOST_RECORDED * period:
        raise InputError(
            f"record --seconds: at this period it must be {2 * period:g} to {MOST_RECORDED * period:g}; "
            f"got {seconds:g}. Choose another --period."
        )
    if name is not None and (not name.isprintable() or not name.strip() or set(name) & set("/\\")):
        raise InputError(f"record --name: it must be words without slashes; got “{name!r}”. Choose another.")
    file = (out or Path(f"{name or DEFAULT_NAME}{SUFFIXES[0]}")).expanduser()
    if not file.name.endswith((".json", ".json.gz")):
        raise InputError(f"record --out: the file must end in {' or '.join(SUFFIXES)}; got “{file.name}”. Rename it.")
    if file.exists():
        raise InputError(f"record --out: the file must be a new one; “{file.name}” is there already. Choose another.")
    if not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise InputError(f"record --out: the folder must be there and writable; got “{file.parent}”. Choose another.")
    return file


def _run(command: Sequence[str]) -> tuple[int, str]:
    """(exit code, why it could not be started) of the command, which reads and writes this terminal itself."""
    try:
        process = subprocess.Popen(list(command))
    except OSError as err:
        return NO_SUCH_COMMAND, f"record: the command must be one that runs; got “{command[0]}” ({err.strerror})."
    try:
        code = process.wait()
    except KeyboardInterrupt:
        # The terminal's Ctrl-C reached the command too: it may end in its own way, within a time.
        try:
            process.wait(END_PATIENCE_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()
        return STOPPED, ""
    return (code if code >= 0 else SIGNALLED - code), ""


def _what_ran(command: Sequence[str] | None, seconds: float | None) -> str:
    """The program by its last name only: arguments and paths may tell who recorded, or hold a password."""
    if not command:
        return f"what ran on the machine in {seconds:g} s"
    program = Path(command[0]).name
    count = len(command) - 1
    return f"{program}, with {count} argument{'' if count == 1 else 's'} not kept" if count else program


def _stem(file: Path) -> str:
    return file.name.removesuffix(".gz").removesuffix(".json").removesuffix(".trace")


def _summary(trace: TraceFile, recorder: Recorder, file: Path, code: int) -> str:
    from greenlm_edu.energy.recorder import MOST_RECORDED

    lines = [f"Recorded {trace.length_s:.1f} s as “{trace.name}” in {file} ({file.stat().st_size / 1000:.1f} kB)."]
    for device in trace.devices:
        lines.append(f"  {device.label}: {device.total_j().text('J')} · {device.basis}")
        if device.lost:
            lines.append(f"    only to {device.t_s[-1]:.1f} s: {device.lost}")
    recorded = {device.component for device in trace.devices}
    lines += [
        f"  {source.label}: not recorded: {recorder.lost.get(source.component, 'it gave no two readings')}"
        for source in recorder.sources
        if source.component not in recorded
    ]
    if recorder.is_full:
        lines.append(
            f"  The trace holds {MOST_RECORDED} readings; what ran after them is not in it. Take a longer --period."
        )
    if code:
        lines.append(
            "  It was stopped with Ctrl-C." if code == STOPPED else f"  The command ended with exit code {code}."
        )
    lines.append(f"Replay it with %%meter --replay {file}")
    return "\n".join(lines)
