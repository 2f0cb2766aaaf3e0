"""`greenlm statement`: an emission statement from the ledger, as a page or as Markdown."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from greenlm_edu.cli.record import chosen_rows, existing_ledger, shown, write_text
from greenlm_edu.errors import InputError

if TYPE_CHECKING:
    from greenlm_edu.carbon import Embodied

__all__ = ["statement"]


class Form(StrEnum):
    """How the statement is given."""

    MARKDOWN = "markdown"
    HTML = "html"


def statement(
    form: Annotated[Form, typer.Option("--format", help="markdown or html, a page of its own.")] = Form.MARKDOWN,
    out: Annotated[Path | None, typer.Option(help="Write to this file; .html and .md choose the format.")] = None,
    title: Annotated[str, typer.Option(help="What was computed.")] = "",
    author: Annotated[str, typer.Option(help="Who states it.")] = "",
    contact: Annotated[str, typer.Option(help="Where a reader may ask.")] = "",
    covers: Annotated[str, typer.Option(help="Which runs are in the record, and which are not.")] = "",
    hardware: Annotated[str, typer.Option(help="Devices and their number.")] = "",
    site: Annotated[str, typer.Option(help="Where the machines stand, and what the PUE rests on.")] = "",
    functional_unit: Annotated[str, typer.Option(help="What one result is, such as “trained model”.")] = "",
    units: Annotated[float, typer.Option(help="How many of them there were.")] = 1.0,
    device_kg: Annotated[
        float | None, typer.Option(min=0, help="kg of CO2e for making one device: adds the embodied share.")
    ] = None,
    devices: Annotated[float, typer.Option(min=0, help="How many devices, for the embodied share.")] = 1.0,
    market_g_per_kwh: Annotated[float | None, typer.Option(min=0, help="Intensity by contract.")] = None,
    market_source: Annotated[str, typer.Option(help="The contract or certificate.")] = "",
    onsite_l_per_kwh: Annotated[float | None, typer.Option(min=0, help="Water on the site, WUE.")] = None,
    offsite_l_per_kwh: Annotated[float | None, typer.Option(min=0, help="Water of the power plants.")] = None,
    water_source: Annotated[str, typer.Option(help="Who says so.")] = "",
    last: Annotated[int | None, typer.Option(min=1, help="Only the newest so many measurements.")] = None,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook: its file name, stem or number.")] = None,
    ledger: Annotated[str | None, typer.Option(help="Another ledger: a file, or an SQLAlchemy address.")] = None,
) -> None:
    """Make an emission statement from the ledger; what nobody told stays visibly missing."""
    from greenlm_edu.ledger import Told, location
    from greenlm_edu.ledger import statement as make

    where = ledger or location()
    opened = existing_ledger(where)
    if opened is None:
        raise InputError(f"statement: there must be a ledger; got “{shown(where)}”, which does not exist.")
    rows = chosen_rows(opened, last, notebook, "statement")
    told = Told(
        title=title,
        author=author,
        contact=contact,
        covers=covers,
        hardware=hardware,
        site=site,
        functional_unit=functional_unit,
        units=units,
        embodied=_embodied(rows, device_kg, devices),
        market_g_per_kwh=market_g_per_kwh,
        market_source=market_source,
        onsite_l_per_kwh=onsite_l_per_kwh,
        offsite_l_per_kwh=offsite_l_per_kwh,
        water_source=water_source,
    )
    made = make(rows, told)
    if out is not None and out.suffix in (".html", ".htm", ".md"):
        form = Form.MARKDOWN if out.suffix == ".md" else Form.HTML
    text = made.markdown() if form is Form.MARKDOWN else made.html()
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text, "statement")


def _embodied(rows: list[dict[str, Any]], device_kg: float | None, devices: float) -> Embodied | None:
    """The embodied share of the counted hours; None where nobody told what making the device emitted."""
    if device_kg is None or not rows:
        return None
    from greenlm_edu.carbon import embodied
    from greenlm_edu.interval import Interval
    from greenlm_edu.ledger import total_of

    hours = total_of(rows).duration_s / 3600 * devices
    return embodied(device_hours=hours, device_kg=Interval.exactly(device_kg))
