"""Water that a computation took: for cooling on the site, and for making the electricity elsewhere.

    litres  =  kWh of the computers × (on-site litres a kWh  +  PUE × off-site litres a kWh)

No figure is assumed: sites differ by more than a factor of ten, and most do not publish theirs.

Source: ISO/IEC 30134-9 (water usage effectiveness, WUE); Li et al. 2023, "Making AI Less Thirsty".
"""

from __future__ import annotations

import math

from greenlm_edu.carbon.footprint import checked_pue
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_KWH

__all__ = ["water_l"]


def water_l(energy_j: Interval, *, onsite_l_per_kwh: float, offsite_l_per_kwh: float, pue: float = 1.0) -> Interval:
    """Litres of water consumed.

    Args:
        energy_j: of the computers, without the building.
        onsite_l_per_kwh: the site's WUE; 0 with closed-loop cooling.
        offsite_l_per_kwh: of the grid's power plants.
        pue: of the building, 1 or more.
    Raises:
        InputError: a figure below 0, or none.

    >>> olmo_1b = Interval.exactly(30e3 * 3.6e6 / 1.2)  # 30 MWh with the building
    >>> round(water_l(olmo_1b, onsite_l_per_kwh=0, offsite_l_per_kwh=1.29, pue=1.2).best / 1000)  # 39 kL in the paper
    39
    """
    for name, value in {"onsite_l_per_kwh": onsite_l_per_kwh, "offsite_l_per_kwh": offsite_l_per_kwh}.items():
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"water_l: {name} must be 0 or more; got {value!r}. Ask the site: none is assumed here.")
    return energy_j.scaled_by((onsite_l_per_kwh + checked_pue(pue) * offsite_l_per_kwh) / JOULES_PER_KWH)
