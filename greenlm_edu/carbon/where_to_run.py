"""Where to run a job: its emissions on the grids of several countries, by their yearly averages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from greenlm_edu.carbon.intensity import Intensity, intensity
from greenlm_edu.carbon.intensity import regions as all_regions
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval, product

__all__ = ["PlaceToRun", "PlacesToRun", "where_to_run"]

MOST_KWH: Final = 1e15  # a year of the whole world is 3e13


@dataclass(frozen=True)
class PlaceToRun:
    """One country's row.

    Args:
        intensity: its yearly average with year and source.
        emissions_g: what the job emits there.
        as_good_as: ISO-3 codes of the others that the doubt of both does not tell from it.
    """

    intensity: Intensity
    emissions_g: Interval
    as_good_as: tuple[str, ...]


@dataclass(frozen=True)
class PlacesToRun:
    """Countries from the least emissions to the most.

    Args:
        energy_kwh: what the job uses.
        rows: one a country.
    """

    energy_kwh: Interval
    rows: tuple[PlaceToRun, ...]

    def text(self) -> str:
        """A table; `≈` marks rows that the first one may not be better than."""
        if not self.rows:
            return "no countries"
        first = self.rows[0].intensity.region
        lines = [f"{self.energy_kwh.best:g} kWh, yearly averages, life cycle included:"]
        for row in self.rows:
            mark = "≈" if first in row.as_good_as else " "
            lines.append(f"{mark} {row.emissions_g.text('g')} · {row.intensity.text()}")
        if any(first in row.as_good_as for row in self.rows):
            lines.append(f"≈ within the doubt of {self.rows[0].intensity.name}: not known to be worse")
        return "\n".join(lines)


def where_to_run(energy_kwh: float | Interval, regions: Iterable[str] | None = None) -> PlacesToRun:
    """What a job emits in several countries, sorted; nothing is fetched.

    The energy's doubt is common to all rows, so it widens each but tells none from another.

    Args:
        energy_kwh: what the job uses.
        regions: codes or names of countries, as in `carbon.intensity`; left out, all of the table.
    Raises:
        InputError: no energy above 0, or no list of countries.
        UnknownRegion: no country goes by one of the names.
    """
    kwh = _checked_kwh(energy_kwh)
    if isinstance(regions, str):
        raise InputError(f"regions: a list of countries must be given; got {regions!r}. Write [{regions!r}].")
    grids = all_regions() if regions is None else [intensity(region) for region in regions]
    # A country that was named twice has one row.
    unique = {grid.region: grid for grid in grids}.values()
    ordered = sorted(unique, key=lambda grid: (grid.value_g_per_kwh, grid.region))
    rows = []
    for grid in ordered:
        alike = tuple(other.region for other in ordered if other is not grid and _is_within_doubt(grid, other))
        rows.append(PlaceToRun(grid, product([kwh, grid.g_per_kwh]), alike))
    return PlacesToRun(kwh, tuple(rows))


def _checked_kwh(energy_kwh: object) -> Interval:
    if isinstance(energy_kwh, Interval) and energy_kwh.best > 0:
        return energy_kwh
    if isinstance(energy_kwh, int | float) and not isinstance(energy_kwh, bool) and 0 < energy_kwh <= MOST_KWH:
        return Interval.exactly(float(energy_kwh))
    raise InputError(f"energy_kwh: a number above 0, or an Interval, must be given; got {energy_kwh!r}.")


def _is_within_doubt(one: Intensity, other: Intensity) -> bool:
    """Whether two averages may be equal: their doubts are factors and independent, so their logarithms combine."""
    less, more = sorted((one.g_per_kwh, other.g_per_kwh), key=lambda span: span.best)
    doubt = math.hypot(math.log(less.high / less.best), math.log(more.best / more.low))
    return math.log(more.best / less.best) <= doubt
