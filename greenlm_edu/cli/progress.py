"""How far the lessons have come: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Column

if TYPE_CHECKING:
    from greenlm_edu.cli.lesson_run import LessonRun

__all__ = ["Bars", "Lines", "progress_on"]

LINE_WIDTH: Final = 60


class Lines:
    """One line when a cell starts, for logs: the last one tells where a run hangs."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._cells = 0
        self._began_s = 0.0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to put away."""

    def begin(self, lesson: str, cells: int) -> None:
        self._cells, self._began_s = cells, time.monotonic()
        self._screen.print(f"{escape(lesson)}: {cells} cell{'' if cells == 1 else 's'}")

    def cell(self, done: int, line: str) -> None:
        if done < self._cells:
            elapsed_s = time.monotonic() - self._began_s
            self._screen.print(f"  {done + 1}/{self._cells}  {elapsed_s:5.1f} s  {escape(line[:LINE_WIDTH])}")

    def end(self, run: LessonRun) -> None:
        self._screen.print(f"  {run.result} in {run.measurement.duration_s:.1f} s")


class Bars(AbstractContextManager["Bars"]):
    """A bar for each lesson: cells done, time, and the line that runs."""

    def __init__(self, screen: Console) -> None:
        self._progress = RichProgress(
            TextColumn("{task.fields[sign]} {task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[line]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
            console=screen,
            expand=True,
        )
        self._task: TaskID = TaskID(0)

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, lesson: str, cells: int) -> None:
        self._task = self._progress.add_task(escape(lesson), total=cells, line="starting a kernel", sign="●")

    def cell(self, done: int, line: str) -> None:
        self._progress.update(self._task, completed=done, line=escape(line))

    def end(self, run: LessonRun) -> None:
        sign = "[green]✓[/]" if run.failure is None else "[red]✕[/]"
        self._progress.update(self._task, line="", sign=sign)
        self._progress.stop_task(self._task)


def progress_on(screen: Console) -> Bars | Lines:
    """Bars where the screen is a terminal, else lines."""
    return Bars(screen) if screen.is_terminal else Lines(screen)
