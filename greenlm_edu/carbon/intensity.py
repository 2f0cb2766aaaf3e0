"""The carbon intensity of the electricity of a country, or of the world: value, year and source.

The table in data/grid.csv holds yearly averages over where the electricity is made (location-based), life cycle
included, in grams of CO2e a kilowatt-hour, for the newest year known per country. Two published rows are left out: the
Central African Republic's 0 (no grid emits nothing; unknown is never zero) and Western Sahara's, which is of 2009.

Source: Ember, yearly electricity data (2022 to 2024), partly as given by Our World in Data; CC BY 4.0.
"""

from __future__ import annotations

import csv
import difflib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from greenlm_edu.errors import InputError, UnknownRegion
from greenlm_edu.interval import Interval

__all__ = ["Intensity", "intensity", "regions"]

WORLD: Final = "WLD"
# One country's figure differs by 10 to 30 % between years and publishers (France: 31 to 57 g/kWh since 2022).
COUNTRY_DOUBT: Final = 1.2
# Whoever names no region may be anywhere: the range then holds four fifths of all countries.
UNKNOWN_REGION_QUANTILES: Final = (0.1, 0.9)


@dataclass(frozen=True)
class Intensity:
    """How much CO2e a kilowatt-hour stands for, and how that is known.

    Args:
        region: the country's ISO-3 code, or "WLD".
        name: its English name.
        value_g_per_kwh: the yearly average, location-based.
        year: of the figure.
        source: who published it.
        g_per_kwh: the same value with its range.
        assumed: True where nobody named a region and the world's average stands in.
    """

    region: str
    name: str
    value_g_per_kwh: float
    year: int
    source: str
    g_per_kwh: Interval
    assumed: bool = False

    def text(self) -> str:
        """One line for a card: `France 44 g/kWh · 2024 · Ember`."""
        where = "no region set: world average" if self.assumed else self.name
        return f"{where} {self.value_g_per_kwh:.0f} g/kWh · {self.year} · {self.source}"


def intensity(region: str | None = None) -> Intensity:
    """The grid's carbon intensity for a region.

    Args:
        region: ISO-3 or ISO-2 code or English name of a country, in any case; "World"; or None: the world's average,
            marked as assumed, with a range over most countries.
    Raises:
        UnknownRegion: no country goes by that name; the nearest names are given.

    >>> intensity("FRA").value_g_per_kwh, intensity("france").year
    (44.18, 2024)
    """
    if region is None:
        world, values = _table()[WORLD], sorted(row.value_g_per_kwh for row in regions() if row.region != WORLD)
        low, high = (values[round(share * (len(values) - 1))] for share in UNKNOWN_REGION_QUANTILES)
        span = Interval(low, world.value_g_per_kwh, high)
        return Intensity(world.region, world.name, world.value_g_per_kwh, world.year, world.source, span, assumed=True)
    if not isinstance(region, str):
        raise InputError(f"region: a country's code or name must be given; got {region!r}. Try “FRA” or “France”.")
    found = _names().get(_plain(region))
    if found is None:
        raise UnknownRegion(
            f"region: a country's ISO code or English name is needed; got “{region}”. {_nearest(region)} "
            "greenlm_edu.carbon.regions() lists all."
        )
    return _table()[found]


def regions() -> tuple[Intensity, ...]:
    """Every region of the table, the world first, then by ISO-3 code."""
    return tuple(_table().values())


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("greenlm_edu.carbon").joinpath("data/grid.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _table() -> dict[str, Intensity]:
    table = {}
    for row in _rows():
        value = float(row["g_per_kwh"])
        span = Interval.times_over(value, COUNTRY_DOUBT)
        table[row["iso3"]] = Intensity(row["iso3"], row["name"], value, int(row["year"]), row["source"], span)
    return table


@cache
def _names() -> dict[str, str]:
    """Every spelling that is understood, in plain form, with its ISO-3 code; codes win over names."""
    names: dict[str, str] = {}
    for column in ("aliases", "name", "iso2", "iso3"):
        for row in _rows():
            for spelling in row[column].split(";"):
                if spelling:
                    names[_plain(spelling)] = row["iso3"]
    return names


def _plain(name: str) -> str:
    """A name without case, accents, dots and the like."""
    letters = unicodedata.normalize("NFKD", name)
    return " ".join(
        "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).casefold().split()
    )


def _nearest(region: str) -> str:
    """“Nearest: …”, by whole names and by the words in them."""
    names = _names()
    near = difflib.get_close_matches(_plain(region), names, n=6, cutoff=0.6)
    near += [name for name in names if len(_plain(region)) > 3 and _plain(region) in name]
    codes = list(dict.fromkeys(names[name] for name in near))[:3]
    if not codes:
        return "Nothing is spelled like it; examples: “FRA”, “United States”, “World”."
    return "Nearest: " + ", ".join(f"{_table()[code].name} ({code})" for code in codes) + "."
