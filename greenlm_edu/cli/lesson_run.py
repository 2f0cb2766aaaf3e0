"""Runs one notebook in a fresh kernel of this interpreter and meters it; the file on disk is never changed."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from greenlm_edu.cli.process_watch import ProcessWatch
from greenlm_edu.energy import detect
from greenlm_edu.errors import InputError
from greenlm_edu.metering import Measurement, measure

__all__ = ["Failure", "LessonRun", "Progress", "first_line", "plain", "run_lesson"]

# A folder that holds more (a whole home, say) is not copied; its notebook then runs in it.
MOST_COPIED_FILES: Final = 2_000
MOST_COPIED_BYTES: Final = 200_000_000
# The CPU model looks for child processes once a second; so long we wait for it to see the kernel's last work.
SETTLE_S: Final = 1.1
START_PATIENCE_S: Final = 120
ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Progress(Protocol):
    """What hears how far a lesson has come."""

    def begin(self, lesson: str, cells: int) -> None:
        """A lesson with so many code cells starts."""

    def cell(self, done: int, line: str) -> None:
        """So many code cells are done, and one with this first line starts."""

    def end(self, run: LessonRun) -> None:
        """The lesson has ended."""


@dataclass(frozen=True)
class Failure:
    """The cell in which a lesson stopped.

    Args:
        index: of the cell in the notebook, from 0; None where the kernel did not even start.
        source: the cell's code.
        summary: what happened, in one line.
        traceback: the error as IPython printed it, with its colours; empty where there is none.
    """

    index: int | None
    source: str
    summary: str
    traceback: str = ""


@dataclass(frozen=True)
class LessonRun:
    """One lesson, run from top to bottom or up to its failure.

    Args:
        path: of the notebook as it lies on disk.
        notebook: its executed copy.
        failure: None where all went well.
        measurement: of the whole lesson, this process and the kernel.
        peak_memory_bytes: the most that the kernel and its children held.
        kernel_cpu_s: CPU time of the kernel and its children.
    """

    path: Path
    notebook: Any
    failure: Failure | None
    measurement: Measurement
    peak_memory_bytes: int
    kernel_cpu_s: float

    @property
    def result(self) -> str:
        return "passed" if self.failure is None else "failed"


def run_lesson(path: Path, *, steps: int | None, timeout_s: int, progress: Progress) -> LessonRun:
    """Runs a notebook and gives its executed copy, with what it cost.

    Args:
        path: the notebook.
        steps: the most training steps, for lessons that look at GREENLM_STEPS; None: as many as the lesson wants.
        timeout_s: the most seconds that one cell may take.
        progress: hears how far it has come.
    Raises:
        InputError: the file is no notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.reader.NotJSONError) as err:
        raise InputError(f"lessons: {path} must be a Jupyter notebook; got “{str(err)[:100]}”.") from err
    environment = {**os.environ, "GREENLM_NOTEBOOK": path.name}
    if steps is not None:
        environment["GREENLM_STEPS"] = str(steps)
    with _workplace(path) as folder, tempfile.TemporaryFile() as kernel_log:
        lesson = _Lesson(path, notebook, folder, timeout_s, progress, kernel_log)
        run = asyncio.run(lesson.run(environment))
    progress.end(run)
    return run


class _Lesson:
    """A notebook, its kernel, and how far it has come."""

    def __init__(
        self, path: Path, notebook: Any, folder: Path, timeout_s: int, progress: Progress, kernel_log: IO[bytes]
    ) -> None:
        self._path, self._notebook, self._timeout_s, self._progress = path, notebook, timeout_s, progress
        self._kernel_log = kernel_log
        self._manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=_ThisInterpreter())
        self._client = NotebookClient(
            notebook,
            km=self._manager,
            kernel_name="python3",
            timeout=timeout_s,
            startup_timeout=START_PATIENCE_S,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],  # its log is shown where it dies: no warnings in it
            resources={"metadata": {"path": str(folder)}},
        )
        self._client.log = _silent_log()
        self._index: int | None = None
        self._until_the_end = ExitStack()
        self._watch: ProcessWatch | None = None

    async def run(self, environment: dict[str, str]) -> LessonRun:
        self._progress.begin(self._path.stem, sum(map(_is_code, self._notebook.cells)))
        failure: Failure | None = None
        try:
            # Sources of its own: this lesson's CPU time may not depend on the lessons before it.
            with measure(self._path.stem, sources=detect().sources) as measurement:
                try:
                    await self._run_cells(environment)
                except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError, TimeoutError) as err:
                    task = asyncio.current_task()
                    if task and task.cancelling():  # nbclient takes a Ctrl-C for the kernel's death
                        raise asyncio.CancelledError from err
                    failure = self._failure(err)
                await asyncio.sleep(SETTLE_S)
        finally:
            self._until_the_end.close()
            # After the measurement: a kernel that has ended moves its CPU time to another account of the system.
            await self._end_kernel(now=failure is not None)
        watch = self._watch
        return LessonRun(
            path=self._path,
            notebook=self._notebook,
            failure=failure,
            measurement=measurement,
            peak_memory_bytes=watch.peak_bytes if watch else 0,
            kernel_cpu_s=watch.cpu_s if watch else 0.0,
        )

    async def _run_cells(self, environment: dict[str, str]) -> None:
        await self._client.async_start_new_kernel(env=environment, stdout=self._kernel_log, stderr=self._kernel_log)
        self._watch = self._until_the_end.enter_context(ProcessWatch(_pid(self._manager)))
        await self._client.async_start_new_kernel_client()
        done = 0
        for index, cell in enumerate(self._notebook.cells):
            if not _is_code(cell):
                continue
            self._index = index
            self._progress.cell(done, first_line(cell.source))
            await self._client.async_execute_cell(cell, index, execution_count=done + 1)
            done += 1
        self._progress.cell(done, "")
        self._client.set_widgets_metadata()

    async def _end_kernel(self, now: bool) -> None:
        client, manager = self._client.kc, self._manager
        if client is not None:
            client.stop_channels()
        if manager.has_kernel:
            await manager.shutdown_kernel(now=now)

    def _failure(self, err: Exception) -> Failure:
        cell = None if self._index is None else self._notebook.cells[self._index]
        source = cell.source if cell else ""
        if isinstance(err, CellExecutionError):
            return Failure(self._index, source, f"{err.ename}: {err.evalue}", _traceback(cell))
        if cell is None:
            return Failure(None, "", f"the kernel did not start: {err}", self._last_words())
        if isinstance(err, CellTimeoutError):
            summary = f"the cell did not end within {self._timeout_s} s; --timeout gives each cell more"
            return Failure(self._index, source, summary, _traceback(cell))
        if isinstance(err, DeadKernelError):
            return Failure(self._index, source, self._death(), self._last_words())
        return Failure(self._index, source, f"{type(err).__name__}: {err}", self._last_words())

    def _death(self) -> str:
        peak = f"{self._watch.peak_bytes / 1e6:,.0f} MB" if self._watch else "unknown"
        code = getattr(getattr(self._manager.provisioner, "process", None), "returncode", None)
        killed = "killed (signal 9), as a system does that runs out of memory" if code == -9 else f"exit code {code}"
        return f"the kernel died while this cell ran: {killed}; the most memory seen: {peak}"

    def _last_words(self) -> str:
        """The end of what the kernel itself printed, outside all cells."""
        self._kernel_log.seek(0)
        lines = self._kernel_log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-10:])


def _pid(manager: AsyncKernelManager) -> int:
    return int(getattr(manager.provisioner, "pid", 0))


class _ThisInterpreter(KernelSpecManager):
    """Starts every kernel with this very Python, whatever kernels this user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir="", **get_kernel_dict())


@contextmanager
def _workplace(path: Path) -> Iterator[Path]:
    """A copy of the notebook's folder to run in, so that nothing in the folder itself is changed."""
    beside = [place for place in path.parent.iterdir() if not place.name.startswith(".") and place.suffix != ".ipynb"]
    if not _is_small(beside):
        yield path.parent
        return
    with tempfile.TemporaryDirectory(prefix="greenlm-lesson-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for place in (path, *beside):
            if place.is_dir():
                shutil.copytree(place, folder / place.name, symlinks=True, ignore=shutil.ignore_patterns(".*"))
            elif place.is_file():
                shutil.copy2(place, folder)
        yield folder


def _is_small(places: list[Path]) -> bool:
    files, size_bytes = 0, 0
    for place in places:
        for file in place.rglob("*") if place.is_dir() else (place,):
            files, size_bytes = files + 1, size_bytes + file.lstat().st_size
            if files > MOST_COPIED_FILES or size_bytes > MOST_COPIED_BYTES:
                return False
    return True


def _is_code(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def first_line(source: str) -> str:
    """The first line of a cell that says something."""
    return next((line.strip() for line in source.splitlines() if line.strip()), "")


def plain(text: str) -> str:
    """The text without a terminal's colours."""
    return ANSI.sub("", text)


def _traceback(cell: Any) -> str:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return "\n".join(errors[-1].traceback) if errors else ""


def _silent_log() -> logging.Logger:
    """nbclient tells its errors twice, once on stderr; here they are told once, in words."""
    log = logging.getLogger("greenlm_edu.cli.lessons")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return log
