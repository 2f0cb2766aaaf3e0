"""The Software Carbon Intensity of the Green Software Foundation: (operation + making) ÷ functional units.

    SCI  =  (E · I + M) per R      E kWh of the hardware that was reserved, I g/kWh by location, M g of making, R units

A rate, not a total, and it cannot be bought down: certificates, contracts and offsets change neither E nor I nor M.

Source: SCI Specification 1.1.0, Green Software Foundation, published as ISO/IEC 21031:2024.
"""

from __future__ import annotations

from dataclasses import dataclass

from greenlm_edu.carbon.embodied import Embodied
from greenlm_edu.carbon.footprint import Footprint
from greenlm_edu.carbon.training_run import checked_amount
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval, sum_independent

__all__ = ["SoftwareCarbonIntensity", "software_carbon_intensity"]


@dataclass(frozen=True)
class SoftwareCarbonIntensity:
    """A score, with all that the standard wants told beside it.

    Args:
        score_g: grams of CO2e a functional unit, with their range.
        functional_unit: R, such as "training run", "epoch", "token generated".
        units: how many of them there were.
        operation_g: E · I, PUE included.
        embodied_g: M.
        boundary: what was counted.
        method: how E is known.
    """

    score_g: Interval
    functional_unit: str
    units: float
    operation_g: Interval
    embodied_g: Interval
    boundary: str
    method: str

    def text(self) -> str:
        """The score in one line: `1.3 g (0.7 – 2.6 g) CO2e a training run`."""
        return f"{self.score_g.text('g')} CO2e a {self.functional_unit}"


def software_carbon_intensity(
    *, operation: Footprint, making: Embodied, functional_unit: str, units: float, boundary: str, method: str
) -> SoftwareCarbonIntensity:
    """The SCI score of a use of hardware.

    Args:
        operation: of the hardware that was reserved; the grid's intensity in it must be location-based, as
            `carbon.intensity` and live figures are.
        making: the embodied share; the standard has no score without one.
        functional_unit: what one of `units` is, in words.
        units: how many there were.
        boundary: which hardware was counted, and which was not.
        method: how the energy is known: counter, sampled, modelled.
    Raises:
        InputError: units not above 0, or a text that the standard wants told is empty.
    """
    for name, text in {"functional_unit": functional_unit, "boundary": boundary, "method": method}.items():
        if not text.strip():
            raise InputError(
                f"software_carbon_intensity: {name} must be told; got nothing. The standard asks for score, boundary, "
                "method and functional unit together."
            )
    count = checked_amount("software_carbon_intensity", "units", units)
    whole_g = sum_independent([operation.emissions_g, making.emissions_g])
    return SoftwareCarbonIntensity(
        score_g=whole_g.scaled_by(1 / count),
        functional_unit=functional_unit,
        units=count,
        operation_g=operation.emissions_g,
        embodied_g=making.emissions_g,
        boundary=boundary,
        method=method,
    )
