"""The footprint of a training run from what its paper tells: how many accelerators, how long, at which power."""

from __future__ import annotations

import math
from dataclasses import dataclass

from greenlm_edu.carbon.footprint import checked_pue
from greenlm_edu.errors import InputError

__all__ = ["TrainingRun", "checked_amount", "training_run"]

WATTS_PER_MW = 1e6
G_PER_KWH_TO_T_PER_MWH = 1e-3


@dataclass(frozen=True)
class TrainingRun:
    """What a run used, by multiplication.

    Args:
        accelerator_hours: hours of all accelerators together.
        power_w: of one accelerator, with whatever its paper counts to it.
        pue: what the building draws for each watt of its computers.
        intensity_g_per_kwh: the grid's, in grams of CO2e a kilowatt-hour; None where nobody says.
        energy_mwh: at the building's meter.
        emissions_t: tonnes of CO2e; None without an intensity: unknown, not zero.
    """

    accelerator_hours: float
    power_w: float
    pue: float
    intensity_g_per_kwh: float | None
    energy_mwh: float
    emissions_t: float | None


def training_run(
    *,
    accelerators: float,
    hours: float,
    power_w: float,
    pue: float = 1.0,
    intensity_g_per_kwh: float | None = None,
) -> TrainingRun:
    """The energy and the emissions of a training run: accelerators × hours × watts × PUE × grid intensity.

    The figure is as good as the watts. Rated power (TDP) overstates small jobs up to three times; a measured power of
    the whole system is right. Where only accelerator-hours are told, give them as `hours` with `accelerators=1`.

    Args:
        accelerators: how many ran at once.
        hours: how long.
        power_w: of each, in watts.
        pue: power usage effectiveness, 1 or more.
        intensity_g_per_kwh: of the grid; None where it is not known.
    Raises:
        InputError: a number that is absent, negative, infinite, or 0 where nothing could have run.
    Source: Patterson et al. 2021, section 2.4; Lannelongue et al. 2021.   Lesson: notebooks/14.

    >>> gpt3 = training_run(accelerators=10_000, hours=14.8 * 24, power_w=330, pue=1.1, intensity_g_per_kwh=429)
    >>> round(gpt3.energy_mwh), round(gpt3.emissions_t)
    (1289, 553)
    """
    count = checked_amount("training_run", "accelerators", accelerators)
    each_h = checked_amount("training_run", "hours", hours)
    watts = checked_amount("training_run", "power_w", power_w)
    pue = checked_pue(pue)
    energy_mwh = count * each_h * watts * pue / WATTS_PER_MW
    emissions_t = None
    if intensity_g_per_kwh is not None:
        intensity_g_per_kwh = checked_amount("training_run", "intensity_g_per_kwh", intensity_g_per_kwh)
        emissions_t = energy_mwh * intensity_g_per_kwh * G_PER_KWH_TO_T_PER_MWH
    return TrainingRun(count * each_h, watts, pue, intensity_g_per_kwh, energy_mwh, emissions_t)


def checked_amount(where: str, name: str, value: object) -> float:
    """A finite number above 0.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise InputError(
            f"{where}: {name} must be a number above 0; got {name}={value!r}. "
            "Where a paper does not tell it, the run's footprint is unknown: leave the run out, or say what you assume."
        )
    return float(value)
