"""Trace files: the power of real devices over time, recorded once, to be replayed where there is no such device.

The format, version 1. One JSON object in UTF-8, in a file named `NAME.trace.json` (or `.trace.json.gz`):

    format       "greenlm-trace"
    version      1; a reader refuses a later one, and later ones stay readable by later readers
    name         what `%%meter --replay NAME` calls it
    kind         "recorded" from devices, or "synthetic": written by a formula. The file name, the name and every
                 label of a synthetic one say “synthetic”
    what_ran     the command's program, or a description
    recorded_at  when, UTC, such as "2026-03-01T12:00:00Z"
    period_s     seconds between readings, about
    licence      who may use it how, such as "CC0-1.0"
    note         what a reader should know; for a synthetic one the formula and its true joules
    steady_s     [from, to]: the stretch that repeats as long as a cell runs. Before it is the lead-in, after it the
                 tail. The whole length if left out; to be set by hand, looking at the power
    devices      one object a device:
        component   its key: "gpu0", "cpu", "memory"
        label       its name on a card
        hardware    what it is
        driver      of the device, with its version
        meter       what told the joules, such as "its NVML energy counter"
        basis       "counter", "sampled" or "modelled"; "synthetic" if kind is
        gain        [low, 1, high]: the factor by which the meter may be off throughout
        t_s         seconds since the device's first reading: 0 first, rising; gaps are allowed
        power_w     one figure a time. Without counter_mj: the mean power since the time before (the first one counts
                    for nothing), so that the joules are Σ power_w[i] · (t_s[i] − t_s[i−1]), exactly. With
                    counter_mj: what the device told at that time
        counter_mj  the device's own energy counter from 0 on, where there was one; the joules are its own
        step_mj     the least change that the meter could show: one figure, or one a time; 0 if left out
        doubt_mj    how far the joules may be off by then through gaps between samples, growing; nothing if left out
        lost        why the recording of this device ends before the others'; nothing if left out

No host name, no user name, no path and no serial number belongs in a trace. Whatever a file says, no more than
`MOST_BYTES` of it are read, also unpacked, and no more than `MOST_POINTS` times a device.
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from greenlm_edu.energy.counter import energy_between
from greenlm_edu.energy.source import Reading
from greenlm_edu.energy.trace_check import MOST_BYTES, checked, fault
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_MILLIJOULE

__all__ = ["SUFFIXES", "DeviceTrace", "TraceFile", "load_trace", "save_trace", "trace_names"]

FORMAT: Final = "greenlm-trace"
VERSION: Final = 1
SUFFIXES: Final = (".trace.json", ".trace.json.gz")
DATA: Final = "data"


@dataclass(frozen=True)
class DeviceTrace:
    """One device's part of a trace; the fields are those of the file, in the module's docstring."""

    component: str
    label: str
    hardware: str
    driver: str
    meter: str
    basis: str
    gain: Interval
    t_s: tuple[float, ...]
    power_w: tuple[float, ...]
    counter_mj: tuple[float, ...] = ()
    step_mj: tuple[float, ...] = (0.0,)
    doubt_mj: tuple[float, ...] = ()
    lost: str = ""

    @cached_property
    def energy_j(self) -> tuple[float, ...]:
        """Joules since the first time, one figure a time."""
        if self.counter_mj:
            return tuple((count - self.counter_mj[0]) * JOULES_PER_MILLIJOULE for count in self.counter_mj)
        stretches = zip(itertools.pairwise(self.t_s), self.power_w[1:], strict=True)
        return tuple(itertools.accumulate(((end - begin) * w for (begin, end), w in stretches), initial=0.0))

    def step_j(self, index: int) -> float:
        """The meter's step at one of the times, in joules."""
        return self.step_mj[index if len(self.step_mj) > 1 else 0] * JOULES_PER_MILLIJOULE

    def doubt_j(self, index: int) -> float:
        """The doubt through gaps between samples at one of the times, in joules."""
        return self.doubt_mj[index] * JOULES_PER_MILLIJOULE if self.doubt_mj else 0.0

    def reading(self, index: int) -> Reading:
        """The reading as it was taken at one of the times."""
        return Reading(
            self.t_s[index], self.energy_j[index], self.step_j(index), self.doubt_j(index), self.power_w[index]
        )

    def total_j(self) -> Interval:
        """The joules of the whole recording, as measured on the device itself."""
        return energy_between(self.reading(0), self.reading(len(self.t_s) - 1), self.gain)[0]


@dataclass(frozen=True)
class TraceFile:
    """A recorded or synthetic trace; the fields are those of the file, in the module's docstring."""

    name: str
    kind: str
    what_ran: str
    recorded_at: str
    period_s: float
    licence: str
    devices: tuple[DeviceTrace, ...]
    note: str = ""
    steady_s: tuple[float, float] = field(default=(0.0, math.inf))

    def __post_init__(self) -> None:
        if self.steady_s[1] == math.inf:
            object.__setattr__(self, "steady_s", (self.steady_s[0], self.length_s))

    @property
    def length_s(self) -> float:
        """Seconds for which every device that was not lost is known."""
        ends = [device.t_s[-1] for device in self.devices if not device.lost]
        return min(ends) if ends else max(device.t_s[-1] for device in self.devices)

    @property
    def is_synthetic(self) -> bool:
        """Whether it was written by a formula and no device ever drew this power."""
        return self.kind == "synthetic"

    def text(self) -> str:
        """The file's text: one line a field, so that a person can read and mend it."""
        head = {
            "format": FORMAT, "version": VERSION, "name": self.name, "kind": self.kind, "what_ran": self.what_ran,
            "recorded_at": self.recorded_at, "period_s": self.period_s, "licence": self.licence, "note": self.note,
            "steady_s": list(self.steady_s),
        }  # fmt: skip
        devices = ",\n".join(f"    {_object(_fields(device), '      ', '    ')}" for device in self.devices)
        lines = [f'  "{key}": {_json(value)},' for key, value in head.items()]
        return "\n".join(["{", *lines, '  "devices": [', devices, "  ]", "}"]) + "\n"


def trace_names() -> tuple[str, ...]:
    """The names of the traces that come with this package."""
    folder = resources.files("greenlm_edu.energy").joinpath(DATA)
    return tuple(sorted(_stem(file.name) for file in folder.iterdir() if file.name.endswith(SUFFIXES)))


def load_trace(name: str | Path) -> TraceFile:
    """A trace by its name, or from a file.

    Args:
        name: one of `trace_names()`, or a file.
    Raises:
        InputError: there is none of this name, or the file cannot be used; the text says where and how to mend it.
    """
    if str(name) in trace_names():
        with resources.as_file(resources.files("greenlm_edu.energy").joinpath(DATA)) as folder:
            path = next(folder / f"{name}{end}" for end in SUFFIXES if (folder / f"{name}{end}").exists())
            return _load(path, *_state(path))
    path = Path(name).expanduser()
    found = next((file for file in (path, *(Path(f"{path}{end}") for end in SUFFIXES)) if file.is_file()), None)
    if found is None:
        raise InputError(
            f"replay: there is no trace “{name}”. There are: {', '.join(trace_names())}; or name a file that "
            "`greenlm record` wrote."
        )
    return _load(found, *_state(found))


def save_trace(trace: TraceFile, path: Path) -> None:
    """Writes a trace; a file whose name ends in .gz is compressed. What could not be loaded again is not written.

    Raises:
        InputError: the file is there already or cannot be written, or the trace breaks a rule of the format.
    """
    text = trace.text()
    parsed(text, path.name)
    data = text.encode("utf-8")
    try:
        with path.open("xb") as file:
            file.write(gzip.compress(data, mtime=0) if path.name.endswith(".gz") else data)
    except OSError as err:
        raise InputError(
            f"trace {path.name}: it must be a new file in a folder that you can write; got “{err.strerror}”. "
            "Choose another with --out."
        ) from err


def parsed(text: str, file_name: str) -> TraceFile:
    """The trace that a file's text holds.

    Raises:
        InputError: it breaks a rule of the format; the text names the field, or the line where it is no JSON.
    """
    try:
        content = json.loads(text, parse_constant=float)
    except json.JSONDecodeError as err:
        raise fault(file_name, f"line {err.lineno}", "be JSON", err.msg, "Mend that line, or record anew.") from err
    except (ValueError, RecursionError) as err:
        raise fault(file_name, "the file", "be JSON of a trace", str(err)[:80], "Record anew.") from err
    values = checked(content, file_name, FORMAT, VERSION)
    devices = tuple(DeviceTrace(**device) for device in values.pop("devices"))
    trace = TraceFile(devices=devices, **values)
    begin, end = trace.steady_s
    if not (begin >= 0 and end <= trace.length_s + 1e-9 and end - begin >= 0.001):
        must = f"lie within the recording, 0 to {trace.length_s:g} s, and last a millisecond or more"
        raise fault(file_name, "steady_s", must, [begin, end], "Correct it, or leave it out.")
    return trace


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _load(path: Path, changed_ns: int, size: int) -> TraceFile:
    """The trace in this file as it was at this moment: a cell reads it once, though its options are read thrice."""
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, EOFError, ValueError) as err:
        raise fault(path.name, "the file", "be readable text", str(err)[:80], "Record anew.") from err
    if len(data) > MOST_BYTES:
        raise fault(path.name, "the file", f"hold {MOST_BYTES / 1e6:.0f} MB at most", "more", "Take a longer --period.")
    return parsed(text, path.name)


def _fields(device: DeviceTrace) -> dict[str, Any]:
    """A device's fields as the file holds them, without those that say nothing."""
    gain = device.gain
    fields = {
        "component": device.component, "label": device.label, "hardware": device.hardware, "driver": device.driver,
        "meter": device.meter, "basis": device.basis, "gain": [gain.low, gain.best, gain.high],
        "step_mj": device.step_mj[0] if len(device.step_mj) == 1 else device.step_mj,
        "t_s": device.t_s, "power_w": device.power_w, "counter_mj": device.counter_mj, "doubt_mj": device.doubt_mj,
        "lost": device.lost,
    }  # fmt: skip
    return {key: value for key, value in fields.items() if value not in ((), "")}


def _object(fields: dict[str, Any], indent: str, end: str) -> str:
    lines = ",\n".join(f'{indent}"{key}": {_json(value)}' for key, value in fields.items())
    return f"{{\n{lines}\n{end}}}"


def _json(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ",".join(_json(one) for one in value) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def _stem(file_name: str) -> str:
    return file_name.removesuffix(".gz").removesuffix(".trace.json")
