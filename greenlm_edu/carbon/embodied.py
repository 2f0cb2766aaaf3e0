"""What making the hardware emitted, shared out over the hours that it works: a range, and never more than that.

    share of a use  =  emissions of making it × hours of use ÷ (lifetime × share of its life that it works)

Published figures for one and the same GPU differ by a factor of five, because some count the card alone and some its
part of the server, and makers publish little. So a range goes in, and a range comes out.

Source for a GPU of the H100's class: 164 kg the card (NVIDIA's product summary, as EcoLogits quotes it); 463 kg with
its eighth of the server (Morrison et al. 2025); 876 kg as an eighth of 1,312 kg of cards and 5,700 kg for the rest of
the server (Boavizta, as EcoLogits quotes it). Lifetimes: 3 years (EcoLogits), 4 (Morrison et al.), 6 (Luccioni et al.
2023, as their figures imply).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from greenlm_edu.carbon.training_run import checked_amount
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["DATACENTRE_GPU_KG", "LIFETIME_YEARS", "Embodied", "embodied"]

DATACENTRE_GPU_KG: Final = Interval(164.0, 463.0, 876.0)
LIFETIME_YEARS: Final = Interval(3.0, 4.0, 6.0)
HOURS_PER_YEAR: Final = 365 * 24
GRAMS_PER_KG: Final = 1000


@dataclass(frozen=True)
class Embodied:
    """The share of making a device that falls to a use of it.

    Args:
        emissions_g: grams of CO2e, with their range.
        device_kg: what making one device emitted.
        lifetime_years: how long it is used.
        hours: of use, of all devices together.
        in_use: the share of its life that it works.
    """

    emissions_g: Interval
    device_kg: Interval
    lifetime_years: Interval
    hours: float
    in_use: float

    def text(self) -> str:
        """One line, with what it stands on."""
        kg, years = self.device_kg, self.lifetime_years
        return (
            f"{self.emissions_g.text('g')} for {self.hours:,.4g} device-hours: {kg.best:g} kg a device "
            f"({kg.low:g} – {kg.high:g}), {years.best:g} years ({years.low:g} – {years.high:g}), "
            f"working {self.in_use:.0%} of them"
        )


def embodied(
    *,
    device_hours: float,
    device_kg: Interval = DATACENTRE_GPU_KG,
    lifetime_years: Interval = LIFETIME_YEARS,
    in_use: float = 1.0,
) -> Embodied:
    """The share of a device's making that falls to hours of its use.

    Args:
        device_hours: of use, of all devices together.
        device_kg: kilograms of CO2e for making one; by default a GPU of a data centre with its part of the server. For
            a laptop take its maker's product carbon footprint.
        lifetime_years: how long it is used.
        in_use: the share of its life that it works: what stands idle must be carried by the hours that do not.
    Raises:
        InputError: hours or lifetime not above 0, in_use outside 0 to 1.
    Source: Green Software Foundation, SCI 1.1 (ISO/IEC 21031:2024), section on M; figures as in this module's head.

    >>> round(embodied(device_hours=1.65e6, device_kg=Interval.exactly(463)).emissions_g.best / 1e6, 1)  # tonnes
    21.8
    """
    hours = checked_amount("embodied", "device_hours", device_hours)
    checked_amount("embodied", "lifetime_years.low", lifetime_years.low)
    working = checked_amount("embodied", "in_use", in_use)
    if working > 1:
        raise InputError(f"embodied: in_use must be 1 or less; got {in_use}. 0.85 means 85 % of the device's life.")
    per_year = hours * GRAMS_PER_KG / (HOURS_PER_YEAR * working)
    emissions_g = Interval(
        device_kg.low * per_year / lifetime_years.high,
        device_kg.best * per_year / lifetime_years.best,
        device_kg.high * per_year / lifetime_years.low,
    )
    return Embodied(emissions_g, device_kg, lifetime_years, hours, working)
