"""`greenlm report`: the ledger as a table, CSV or JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from greenlm_edu.cli.record import chosen_rows, existing_ledger, shown, write_text
from greenlm_edu.cli.screen import WIDE, WIDTH_WITHOUT_TERMINAL, badges, console, figure
from greenlm_edu.errors import InputError
from greenlm_edu.ledger.totals import Total, interval_of, part_of, total_of

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


__all__ = ["Format", "report", "report_table"]

HOW_TO_FILL: Final = (
    "Run a lesson (`greenlm lessons 00`), or a notebook's cell that begins with %%meter, and look again."
)


class Format(StrEnum):
    """How the ledger is given."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def report(
    format: Annotated[
        Format, typer.Option(help="table, csv (one line a measurement) or json (everything).")
    ] = Format.TABLE,
    last: Annotated[int | None, typer.Option(min=1, help="Only the newest so many.")] = None,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook: its file name, stem or number.")] = None,
    ledger: Annotated[str | None, typer.Option(help="Another ledger: a file, or an SQLAlchemy address.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the screen.")] = None,
) -> None:
    """Show the ledger as a table, CSV or JSON."""
    from greenlm_edu.ledger import location, to_csv, to_json

    where = ledger or location()
    opened = existing_ledger(where)
    if opened is None and ledger is not None:
        raise InputError(f"report --ledger: it must name a ledger that exists; got “{shown(where)}”, which does not.")
    rows = chosen_rows(opened, last, notebook, "report") if opened else []
    if format is Format.TABLE:
        _show(rows, where, notebook, out)
        return
    text = to_csv(rows) if format is Format.CSV else to_json(rows) + "\n"
    if out:
        write_text(out, text, "report")
    else:
        sys.stdout.write(text)


def report_table(rows: Sequence[Mapping[str, Any]], *, width: int = WIDTH_WITHOUT_TERMINAL) -> Table:
    """The rows as a table with its total line; replayed joules, which nobody used here, get a total of their own."""
    stacked = width < WIDE
    from rich.table import Table

    table = Table(title="What was measured", title_justify="left")
    for heading in ("when", "notebook · cell", "status"):
        table.add_column(heading)
    table.add_column("seconds", justify="right")
    guessed = any(row["guess_j"] is not None for row in rows)
    for heading in ("energy", "known by", "emissions (CO2e)", "region", *(["guess"] if guessed else [])):
        table.add_column(heading)
    there = {(row["session"], row["started_at"]) for row in rows}
    for row in rows:
        # A row may name a parent that was never recorded: a cell that was not worth a meter.
        nested = (row["session"], row["parent_started_at"]) in there
        table.add_row(*_cells(row, stacked, nested), *([_guess(row)] if guessed else []))
    table.add_section()
    used = [part for row in rows if (part := part_of(row, replayed=False)) is not None]
    replayed = [part for row in rows if (part := part_of(row, replayed=True)) is not None]
    if used or not replayed:
        _add_total(table, total_of(used), stacked)
    if replayed:
        _add_total(table, total_of(replayed), stacked, "replayed, not used here")
    return table


def _show(rows: list[dict[str, Any]], where: str, notebook: str | None, out: Path | None) -> None:
    if not rows:
        console(stderr=out is not None).print(
            f"Nothing is recorded yet in {shown(where)}. {HOW_TO_FILL}", soft_wrap=True
        )
        return
    if out is None:
        screen = console()
        screen.print(report_table(rows, width=screen.width))
        screen.print(f"Ledger: {shown(where)}", style="dim", soft_wrap=True)
        return
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    Console(file=text, width=WIDTH_WITHOUT_TERMINAL, highlight=False, emoji=False).print(report_table(rows))
    write_text(out, text.getvalue(), "report")


def _guess(row: Mapping[str, Any]) -> str:
    from greenlm_edu.interval import Interval

    if row["guess_j"] is None:
        return ""
    best, _, _, unit = Interval.exactly(row["guess_j"]).figures("J")
    return f"{best} {unit}"


def _cells(row: Mapping[str, Any], stacked: bool, nested: bool) -> tuple[str | Text, ...]:
    from rich.text import Text

    place = " · ".join(filter(None, (row["notebook"], row["name"] or row["cell_id"])))
    return (
        _local_time(row["started_at"]),
        Text(f"{place} (in another)" if nested else place),
        Text(row["status"]),
        f"{row['duration_s']:.1f}",
        figure(interval_of(row, "energy", "j"), "J", stacked=stacked),
        badges(row["basis"].split("+")),
        figure(interval_of(row, "emissions", "g"), "g", stacked=stacked),
        Text(row["region"] or "world average"),
    )


def _add_total(table: Table, total: Total, stacked: bool, what: str = "") -> None:
    counted = [f"{total.rows} measurement{'' if total.rows == 1 else 's'}", *filter(None, [what])]
    if total.nested:
        counted.append(f"{total.nested} inside others, not counted twice")
    if total.unknown:
        counted.append(f"{total.unknown} not measured, not in the sum")
    table.add_row(
        "total",
        "; ".join(counted),
        "",
        f"{total.duration_s:.1f}",
        figure(total.energy_j, "J", stacked=stacked),
        badges(total.bases),
        figure(total.emissions_g, "g", stacked=stacked),
        "",
        style="bold",
    )


def _local_time(started_at: datetime) -> str:
    # SQLite keeps no time zone; what was written was UTC.
    aware = started_at if started_at.tzinfo else started_at.replace(tzinfo=UTC)
    return aware.astimezone().strftime("%Y-%m-%d %H:%M")
