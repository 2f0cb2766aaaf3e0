"""The same joules on other countries' grids: how much of a footprint is the place, and how much the work."""

from __future__ import annotations

from html import escape
from typing import Final

from greenlm_edu import carbon
from greenlm_edu.carbon import Footprint
from greenlm_edu.metering import Measurement
from greenlm_edu.notebook.look import SMALL_TABLE, SUMMARY

__all__ = ["elsewhere", "elsewhere_html"]

# From water and nuclear power to coal, on four continents; the card's own region joins them.
REGIONS: Final = ("SWE", "FRA", "GBR", "USA", "WLD", "CHN", "IND")
OWN_COLOUR: Final = "#0072B2"
OTHER_COLOUR: Final = "#8A939C"


def elsewhere(measurement: Measurement) -> list[tuple[Footprint, bool]]:
    """The footprint on each of these grids, the cleanest first, and whether it is the measurement's own."""
    if measurement.energy_j is None:
        return []
    own = measurement.footprint()
    others = [measurement.footprint(region) for region in REGIONS if region != own.intensity.region]
    found = [(own, True), *((other, False) for other in others)]
    return sorted(found, key=lambda pair: pair[0].intensity.value_g_per_kwh)


def elsewhere_html(measurement: Measurement) -> str:
    """The table behind “The same energy elsewhere”, with a bar a region; empty where no energy is known."""
    found = elsewhere(measurement)
    if not found:
        return ""
    most_g = max(footprint.emissions_g.best for footprint, _ in found) or 1.0
    sources = ", ".join(dict.fromkeys(footprint.intensity.source for footprint, _ in found))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("grid", "g/kWh", "emissions (CO₂e) and range"))
    rows = "".join(_row(footprint, is_own, most_g) for footprint, is_own in found)
    return (
        f'<details class="glm-details"><summary style="{SUMMARY}">The same energy elsewhere</summary>'
        f'<table style="{SMALL_TABLE};max-width:560px"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f'<div class="glm-sub" style="font-size:12px">Yearly averages where the electricity is made: {escape(sources)}.'
        "</div></details>"
    )


def _row(footprint: Footprint, is_own: bool, most_g: float) -> str:
    grid: carbon.Intensity = footprint.intensity
    here = " · no region set" if grid.assumed else " · this card" if is_own else ""
    name = f"<b>{escape(grid.name)}</b>{here}" if is_own else escape(grid.name)
    share = 100 * footprint.emissions_g.best / most_g
    bar = (
        f'<div style="height:4px;margin-top:2px;width:{max(share, 0.5):.1f}%;'
        f'background:{OWN_COLOUR if is_own else OTHER_COLOUR}"></div>'
    )
    return (
        f'<tr><td>{name}</td><td style="white-space:nowrap">{grid.value_g_per_kwh:.0f} · {grid.year}</td>'
        f'<td style="width:50%">{footprint.emissions_g.text("g")}{bar}</td></tr>'
    )
