"""From joules to grams: energy × PUE × grid intensity, as an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from greenlm_edu.carbon.intensity import Intensity
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval, product
from greenlm_edu.units import JOULES_PER_KWH

__all__ = ["Footprint", "checked_pue", "footprint"]


@dataclass(frozen=True)
class Footprint:
    """The emissions of an amount of electricity, operation only.

    Args:
        emissions_g: grams of CO2e, with their range.
        energy_j: the electricity of the computer itself.
        pue: what the building draws for each joule of its computers; 1.0 for a laptop or a home.
        intensity: the grid's figure that was used.
    """

    emissions_g: Interval
    energy_j: Interval
    pue: float
    intensity: Intensity


def footprint(energy_j: Interval, intensity: Intensity, pue: float = 1.0) -> Footprint:
    """The emissions of this much electricity, made by this grid.

    The doubts of the energy and of the grid's figure are independent; the PUE is taken as given.

    Raises:
        InputError: pue is below 1.
    """
    kwh = energy_j.scaled_by(checked_pue(pue) / JOULES_PER_KWH)
    return Footprint(product([kwh, intensity.g_per_kwh]), energy_j, pue, intensity)


def checked_pue(pue: object) -> float:
    """The power usage effectiveness, if it is one.

    Raises:
        InputError: below 1, or no finite number.
    """
    if not (isinstance(pue, int | float) and math.isfinite(pue) and pue >= 1):
        raise InputError(
            f"pue: a building draws at least what its computers draw, so it must be 1 or more; got {pue}. "
            "Use 1.0 for a laptop, 1.1 for a modern cloud, 1.54 for the world's average data centre (Uptime 2025)."
        )
    return float(pue)
