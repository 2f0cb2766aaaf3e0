"""What else takes as much electricity, or emits as much: everyday things, each figure with its source.

Comparisons mislead as easily as they help: each has its own year, grid and boundary, some count electricity and some
emissions. So each says which, and the range of what it is compared with goes into it. Left out on purpose: trees (the
published 60 kg are over ten years and often read as one) and web searches (the figure in use is from 2009).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_KWH

__all__ = ["Equivalent", "equivalents", "everyday"]

# Water, 4.186 kJ a kilogram and kelvin, from 20 to 100 °C, without the kettle's loss.
JOULES_PER_LITRE_BOILED: Final = 4_186 * 80
LED_LAMP_W: Final = 10
SECONDS_PER_HOUR: Final = 3600
KM_PER_MILE: Final = 1.609344  # by definition
KG, TONNE = 1e3, 1e6  # in grams

# What one of it takes in joules, in words, and where the figure was seen.
_BY_ENERGY: Final = (
    (
        "litres of water heated from 20 to 100 °C",
        JOULES_PER_LITRE_BOILED,
        "physics: 4.186 kJ for each kilogram and kelvin, without the kettle's loss",
    ),
    (f"hours of a {LED_LAMP_W} W lamp", LED_LAMP_W * SECONDS_PER_HOUR, "by definition"),
    (
        "hours of streamed video",
        0.077 * JOULES_PER_KWH,
        "IEA, update of 11 December 2020: 0.077 kWh an hour, with data centre, network and screen, in 2019",
    ),
)
# The same by emissions, in grams of CO2e.
_BY_EMISSIONS: Final = (
    (
        "charges of a smartphone in the United States",
        12.4,
        "US EPA calculator, 2026 (seen in copies): 12.4 g a charge; it was 8.2 g in an earlier edition",
    ),
    (
        "km in an average car of the United States",
        393 / KM_PER_MILE,
        "US EPA calculator, 2026 (seen in copies): 393 g a mile, exhaust alone",
    ),
    (
        "km in a new car of the European Union",
        106.8,
        "EEA 2024, in carbontracker's table: 106.8 g a km, in the type test, exhaust alone",
    ),
    (
        "passengers flown between New York and San Francisco",
        570 * KG,
        "carbonfootprint.com in Green Algorithms' table: 570 kg a passenger; it does not say whether one way",
    ),
    (
        "whole jets flown from San Francisco to New York and back",
        180.4 * TONNE,
        "Patterson et al. 2021: 180.4 t a round trip of the aircraft",
    ),
)


class Equivalent(NamedTuple):
    """So many of something take as much electricity, or emit as much.

    Args:
        text: of what, in the plural: "hours of a 10 W lamp".
        amount: how many, with the range of what they are compared with; their own figure is taken as given.
        source: whether electricity or CO2e is equal, where the figure of one is from, what a reader must know of it.
    """

    text: str
    amount: Interval
    source: str


def equivalents(energy_j: Interval, emissions_g: Interval) -> tuple[Equivalent, ...]:
    """What takes as much electricity, then what emits as much.

    Args:
        energy_j: the electricity, in joules.
        emissions_g: what making it emitted, in grams of CO2e.
    Returns:
        every comparison, those with amounts far from 1 too: which of them speak to a reader is the caller's choice.
    Source: of each figure, in its `source`.

    >>> lamp = equivalents(Interval.exactly(3.6e6), Interval.exactly(473))[1]
    >>> lamp.amount.best, lamp.text
    (100.0, 'hours of a 10 W lamp')
    """
    found = []
    for whole, what, table in (
        (energy_j, "as much electricity", _BY_ENERGY),
        (emissions_g, "as much CO2e", _BY_EMISSIONS),
    ):
        found += [Equivalent(text, whole.scaled_by(1 / one), f"{what}; {source}") for text, one, source in table]
    return tuple(found)


def everyday(energy_j: float) -> str:
    """What else this much electricity does, in words; by definition (a 10 W lamp) or by physics (heating water).

    >>> everyday(9_800)
    'like heating 29 ml of water to the boil'
    >>> everyday(50)
    'like a 10 W lamp for 5.0 s'
    """
    if energy_j < JOULES_PER_LITRE_BOILED / 1000:
        return f"like a {LED_LAMP_W} W lamp for {_short(energy_j / LED_LAMP_W)} s"
    litres = energy_j / JOULES_PER_LITRE_BOILED
    amount = f"{_short(litres * 1000)} ml" if litres < 0.9995 else f"{_short(litres)} litres"
    return f"like heating {amount} of water to the boil"


def _short(value: float) -> str:
    """Two significant digits, whole from ten on."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.2g}" if value < 0.995 else f"{value:.1f}"
