"""`greenlm doctor`: what is measured on this machine, what is only modelled, what is not, why, and how to mend it."""

from __future__ import annotations

import json as json_module
from typing import TYPE_CHECKING, Annotated

import typer

from greenlm_edu.cli.screen import badge, console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from greenlm_edu.cli.examination import ComponentFacts, Examination
    from greenlm_edu.interval import Interval

__all__ = ["doctor", "show_examination"]


def doctor(
    json: Annotated[bool, typer.Option("--json", help="The same facts for a program, and nothing else.")] = False,
) -> None:
    """Tell what is measured here, and what is not.

    For each component: how it is known, why not better, and the line that mends it.
    Exit code 0: a counter or a sensor measures something; 3: only models are left.
    """
    from greenlm_edu.cli.examination import examine

    examination = examine()
    if json:
        typer.echo(json_module.dumps(examination.as_json(), indent=2, ensure_ascii=False))
    else:
        show_examination(examination, console())
    raise typer.Exit(examination.exit_code)


def show_examination(examination: Examination, screen: Console) -> None:
    """The facts for a person: a table, the reasons with the lines that mend them, and a verdict."""
    from rich.markup import escape

    versions = " · ".join(f"{name} {number}" for name, number in examination.versions.items() if number)
    absent = ", ".join(name for name, number in examination.versions.items() if not number)
    screen.print(escape(versions) + (f" · not installed: {absent}" if absent else ""), style="dim", soft_wrap=True)
    screen.print(_table(examination))
    screen.print("How each is known, and how to know it better", style="bold")
    for part in examination.components:
        _print_reasons(part, screen)
    ledger, region = examination.ledger, examination.region
    screen.print(
        f"Ledger  {escape(ledger.where)} · {'can be written' if ledger.writable else 'cannot be written'}",
        soft_wrap=True,
    )
    _print_problem(ledger.problem, screen)
    screen.print(f"Region  {escape(region.text)}", soft_wrap=True)
    _print_problem(region.problem, screen)
    if region.assumed:
        screen.print(
            "        name yours: export GREENLM_REGION=FRA   # Windows: set GREENLM_REGION=FRA", soft_wrap=True
        )
    screen.print(escape(examination.verdict), style="bold green" if examination.measured else "bold yellow")


def _table(examination: Examination) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Where this machine's joules come from", title_justify="left")
    for heading in ("component", "known by", "may be off by", "resolution", "at rest"):
        table.add_column(heading)
    for part in examination.components:
        table.add_row(
            Text(part.label),
            badge(part.basis) if part.present else Text("– not on this machine", style="dim"),
            _off_by(part.off_by),
            part.resolution or "",
            part.idle_power_w.text("W") if part.idle_power_w else "",
        )
    return table


def _off_by(gain: Interval | None) -> str:
    """`±5 %` for a meter, `× 0.5 to 2` for a model."""
    if gain is None:
        return ""
    if gain.high <= 1.5:
        return f"±{(gain.high - 1) * 100:.0f} %"
    return f"× {gain.low:.2g} to {gain.high:.2g}"


def _print_reasons(part: ComponentFacts, screen: Console) -> None:
    from rich.text import Text

    sign = badge(part.basis) if part.present else Text("– not on this machine", style="dim")
    screen.print(Text.assemble("  ", part.label, "  ", sign))
    remedy = part.remedy or ("nothing that can be done on this machine" if part.present else "")
    for what, line in (("how", part.how), ("why not better", part.why_not_better), ("what mends it", remedy)):
        if line and (what != "what mends it" or part.why_not_better):
            # The line that mends it is to be copied: never wrapped, nothing after it.
            style = "cyan" if line == part.remedy else ""
            screen.print(Text.assemble((f"      {what:<15}", "dim"), (line, style)), soft_wrap=True)


def _print_problem(problem: str, screen: Console) -> None:
    from rich.text import Text

    if problem:
        screen.print(Text(f"        {problem}", style="red"), soft_wrap=True)
