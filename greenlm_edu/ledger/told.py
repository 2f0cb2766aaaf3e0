"""What an emission statement needs and no meter knows: whoever signs it tells these, or they stay visibly missing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from greenlm_edu.carbon import Embodied
from greenlm_edu.errors import InputError

__all__ = ["Told"]


@dataclass(frozen=True)
class Told:
    """What the author of a statement says beside the record. Everything left out is shown as missing.

    Args:
        title: what was computed.
        author: who states it.
        contact: where a reader may ask.
        covers: which computations are in the record and which are not: failed runs, searches, other machines.
        hardware: devices and their number, where the record's labels are not enough.
        site: where the machines stand and what the building's PUE rests on.
        functional_unit, units: what one result is, and how many there were, such as "trained model", 1.
        embodied: the share of making the hardware, from `carbon.embodied`.
        market_g_per_kwh, market_source: the intensity by contract, and the contract or certificate that proves it. It
            stands beside the location-based figure and never in its place.
        onsite_l_per_kwh, offsite_l_per_kwh, water_source: water a kilowatt-hour, and who says so.
    Raises:
        InputError: a figure below 0, or one that needs its source and has none.
    """

    title: str = ""
    author: str = ""
    contact: str = ""
    covers: str = ""
    hardware: str = ""
    site: str = ""
    functional_unit: str = ""
    units: float = 1.0
    embodied: Embodied | None = None
    market_g_per_kwh: float | None = None
    market_source: str = ""
    onsite_l_per_kwh: float | None = None
    offsite_l_per_kwh: float | None = None
    water_source: str = ""

    def __post_init__(self) -> None:
        figures = {
            "market_g_per_kwh": (self.market_g_per_kwh, self.market_source, "market_source"),
            "onsite_l_per_kwh": (self.onsite_l_per_kwh, self.water_source, "water_source"),
            "offsite_l_per_kwh": (self.offsite_l_per_kwh, self.water_source, "water_source"),
        }
        for name, (value, source, needed) in figures.items():
            if value is None:
                continue
            if not math.isfinite(value) or value < 0:
                raise InputError(f"statement: {name} must be 0 or more; got {value}. Leave out what is not known.")
            if not source.strip():
                raise InputError(f"statement: {name}={value:g} needs {needed}: where the figure is from.")
        if not (math.isfinite(self.units) and self.units > 0):
            raise InputError(f"statement: units must be a number above 0; got {self.units}.")
