"""`greenlm lessons`: runs lessons headless, tells what each cost, and writes the executed notebooks and one page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from greenlm_edu.cli.notebooks import choose_lessons
from greenlm_edu.cli.outcome import Outcome, totals
from greenlm_edu.cli.record import existing_ledger
from greenlm_edu.cli.screen import WIDE, WIDTH_WITHOUT_TERMINAL, badges, console, figure
from greenlm_edu.errors import GreenLMError, InputError, LedgerUnavailable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from greenlm_edu.cli.lesson_run import LessonRun

__all__ = ["lessons", "outcome_table"]

LAST_LINES: Final = 8


def lessons(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Numbers, stems or paths of lessons; all where none is named.", show_default=False),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="At most so many training steps (GREENLM_STEPS).")] = None,
    out: Annotated[Path, typer.Option(help="Where the executed notebooks and report.html go.")] = Path("build/lessons"),
    timeout: Annotated[int, typer.Option(min=1, help="The most seconds that one cell may take.")] = 600,
) -> None:
    """Run lessons without a browser; tell their cost.

    Each runs from top to bottom in a fresh kernel; its file is never changed.
    Exit code 1: a lesson failed; the rest were run all the same.
    """
    try:
        from greenlm_edu.cli.lesson_page import write_page
        from greenlm_edu.cli.lesson_run import run_lesson
    except ImportError as err:
        raise GreenLMError(
            f"lessons: nbclient, nbconvert and ipykernel must be installed; got “{err}”. "
            "Install them: pip install 'greenlm-edu[lessons]'"
        ) from err
    from greenlm_edu.carbon import intensity
    from greenlm_edu.cli.progress import progress_on

    paths = choose_lessons(names or [])
    grid = intensity(os.environ.get("GREENLM_REGION") or None)
    _make_folder(out, paths)
    screen = console()
    outcomes: list[Outcome] = []
    with progress_on(screen) as progress:
        for path in paths:
            before = _newest_row()
            run = run_lesson(path, steps=steps, timeout_s=timeout, progress=progress)
            energy_j = run.measurement.energy_j
            emissions_g = run.measurement.footprint().emissions_g if energy_j else None
            outcomes.append(Outcome(run, emissions_g, _rows_since(before, path.name)))
            _save(run, out)
            _show_failure(run, screen)
    screen.print(outcome_table(outcomes, width=screen.width))
    screen.print(
        f"Emissions: {grid.text()}. Energy: this process and the kernel, from its start to its last cell.", style="dim"
    )
    page = out / "report.html"
    write_page(outcomes, grid, page)
    screen.print(f"Executed notebooks in {out}, all of them in one page: {page}", soft_wrap=True, markup=False)
    raise typer.Exit(any(outcome.run.failure for outcome in outcomes))


def outcome_table(outcomes: Sequence[Outcome], *, width: int = WIDTH_WITHOUT_TERMINAL) -> Table:
    """What each lesson cost, and all together."""
    from rich.table import Table
    from rich.text import Text

    stacked = width < WIDE
    table = Table(title="Lessons", title_justify="left")
    table.add_column("lesson")
    table.add_column("result")
    for heading in ("minutes", "peak memory"):
        table.add_column(heading, justify="right")
    for heading in ("energy", "known by", "emissions (CO2e)"):
        table.add_column(heading)
    table.add_column("ledger rows", justify="right")
    for outcome in outcomes:
        run = outcome.run
        table.add_row(
            Text(run.path.stem),
            "[green]passed[/]" if run.failure is None else "[bold red]failed[/]",
            f"{run.measurement.duration_s / 60:.1f}",
            f"{run.peak_memory_bytes / 1e6:,.0f} MB",
            figure(run.measurement.energy_j, "J", stacked=stacked),
            badges(run.measurement.bases),
            figure(outcome.emissions_g, "g", stacked=stacked),
            "unknown" if outcome.ledger_rows is None else str(outcome.ledger_rows),
        )
    if len(outcomes) > 1:
        table.add_section()
        energy_j, emissions_g = totals(outcomes)
        table.add_row(
            "all",
            "",
            f"{sum(outcome.run.measurement.duration_s for outcome in outcomes) / 60:.1f}",
            "",
            figure(energy_j, "J", stacked=stacked),
            "",
            figure(emissions_g, "g", stacked=stacked),
            "",
            style="bold",
        )
    return table


def _make_folder(out: Path, paths: Sequence[Path]) -> None:
    if any(out.resolve() == path.parent for path in paths):
        raise InputError(
            "lessons --out: it must be another folder than the lessons' own, whose files are never changed; "
            f"got “{out}”."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise InputError(
            f"lessons --out: it must be a folder that can be written; got “{out}” ({err.strerror})."
        ) from err


def _save(run: LessonRun, out: Path) -> None:
    import nbformat

    nbformat.write(run.notebook, out / run.path.name)  # type: ignore[no-untyped-call]


def _show_failure(run: LessonRun, screen: Console) -> None:
    from rich.panel import Panel
    from rich.syntax import Syntax

    from greenlm_edu.cli.lesson_run import plain

    failure = run.failure
    if failure is None:
        return
    where = f"{run.path.stem}, cell {failure.index + 1} of the notebook" if failure.index is not None else run.path.stem
    screen.print(f"{where}: {failure.summary}", style="bold red", markup=False, soft_wrap=True)
    if failure.source:
        screen.print(Panel(Syntax(failure.source, "python", background_color="default", word_wrap=True), expand=False))
    for line in plain(failure.traceback).splitlines()[-LAST_LINES:]:
        screen.print(f"  {line}", markup=False, soft_wrap=True)


def _newest_row() -> int:
    """The number of the ledger's newest row; 0 where it has none or cannot be read."""
    from greenlm_edu.ledger import location

    try:
        ledger = existing_ledger(location())
        rows = ledger.rows(last=1) if ledger else []
    except LedgerUnavailable:
        return 0
    if ledger:
        ledger.close()
    return rows[0]["id"] if rows else 0


def _rows_since(newest: int, notebook: str) -> int | None:
    from greenlm_edu.ledger import location

    try:
        ledger = existing_ledger(location())
        rows = ledger.rows(notebook=notebook) if ledger else []
    except LedgerUnavailable:
        return None
    if ledger:
        ledger.close()
    return len([row for row in rows if row["id"] > newest])
