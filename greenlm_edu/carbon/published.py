"""Training runs from papers and model cards: what they state, recomputed, and where they contradict themselves.

Most published energies are hours × an assumed power. Recomputing them tests multiplication, not a model of power:
`energy_basis` says which are measured. Each row says in which text its figures were seen; many papers were read in
copies only, and the row says so.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from greenlm_edu.carbon.training_run import TrainingRun, training_run
from greenlm_edu.errors import InputError

__all__ = ["Printed", "PublishedRun", "published"]

MWH_PER_UNIT: Final = {"MWh": 1.0, "kWh": 1e-3}
TONNES_PER_UNIT: Final = {"t": 1.0, "kg": 1e-3, "lb": 0.45359237e-3}  # the pound by definition
TOLERANCE: Final = 0.01


@dataclass(frozen=True)
class Printed:
    """A figure as it is printed, which is right to half a unit of its last digit.

    >>> Printed("24.1").value, Printed("24.1").half_unit
    (24.1, 0.05)
    """

    text: str

    @property
    def value(self) -> float:
        return float(self.text)

    @property
    def half_unit(self) -> float:
        """Half a unit of the last digit: how far rounding may have moved the figure."""
        exponent = Decimal(self.text).as_tuple().exponent
        if not isinstance(exponent, int):
            raise InputError(f"Printed: a figure must be a finite number; got “{self.text}”.")
        return float(Decimal(1).scaleb(exponent) / 2)


@dataclass(frozen=True)
class PublishedRun:
    """A training run as its source states it; what the source does not state is None.

    Args:
        model: its name.
        reference: the paper or card.
        seen_in: where its figures were read.
        accelerator: its name in `accelerators()`.
        accelerators, hours, accelerator_hours: as printed.
        power_w: of one accelerator.
        power_basis: "measured", "sampled", "rated"; empty where no power is stated.
        pue, intensity_g_per_kwh: as printed; 1 and unknown where not stated.
        energy_mwh, emissions_t: what the source says came out.
        energy_basis: "measured", "sampled power", "rated power"; empty where no energy is stated.
        energy_of: "building", with the PUE, or "computers", without.
        parameters, active_parameters, tokens: of the model and its training, for `predicted_training`.
        flag: how the row contradicts itself; empty where it does not. Flagged figures are not to be used as truth.
        note: what else a reader must know.
    """

    model: str
    reference: str
    seen_in: str
    accelerator: str
    accelerators: Printed | None
    hours: Printed | None
    accelerator_hours: Printed | None
    power_w: Printed | None
    power_basis: str
    pue: Printed | None
    intensity_g_per_kwh: Printed | None
    energy: Printed | None
    energy_unit: str
    energy_basis: str
    energy_of: str
    emissions: Printed | None
    emissions_unit: str
    parameters: float | None
    active_parameters: float | None
    tokens: float | None
    flag: str = ""
    note: str = ""

    @property
    def energy_mwh(self) -> float | None:
        return None if self.energy is None else self.energy.value * MWH_PER_UNIT[self.energy_unit]

    @property
    def emissions_t(self) -> float | None:
        return None if self.emissions is None else self.emissions.value * TONNES_PER_UNIT[self.emissions_unit]

    @property
    def computers_mwh(self) -> float | None:
        """What the source says of the energy, without the building's share where it is in and its PUE is told."""
        if self.energy_mwh is None or self.energy_of != "building" or self.pue is None:
            return self.energy_mwh
        return self.energy_mwh / self.pue.value

    @property
    def states_inputs(self) -> bool:
        """Whether its energy can be recomputed from what it states itself."""
        return self.power_w is not None and (
            self.accelerator_hours is not None or (self.accelerators is not None and self.hours is not None)
        )

    def recomputed(self, end: int = 0) -> TrainingRun | None:
        """The run by `training_run` from what the row states; None where it does not state enough.

        Args:
            end: 0 takes each input as printed; −1 and +1 take each at the lower and the upper end of its rounding.
        """
        if not self.states_inputs or self.power_w is None:
            return None

        def at(printed: Printed) -> float:
            return printed.value + end * printed.half_unit

        counted = self.accelerator_hours is not None
        return training_run(
            accelerators=1 if counted or self.accelerators is None else self.accelerators.value,
            hours=at(self.accelerator_hours or self.hours or Printed("0")),
            power_w=at(self.power_w),
            pue=1.0 if self.pue is None else max(1.0, at(self.pue)),
            intensity_g_per_kwh=None if self.intensity_g_per_kwh is None else at(self.intensity_g_per_kwh),
        )

    def energy_agrees(self) -> str:
        """How the stated and the recomputed energy agree: "1 %", "its rounding", "no"; empty where one is missing."""
        figures = [None if run is None else run.energy_mwh for run in map(self.recomputed, (0, -1, 1))]
        return _agreement(self.energy, MWH_PER_UNIT.get(self.energy_unit, 1.0), figures)

    def emissions_agree(self) -> str:
        """The same for emissions: from the recomputed energy, or from the stated one where no hours are stated."""
        if self.recomputed() is not None:
            figures = [None if run is None else run.emissions_t for run in map(self.recomputed, (0, -1, 1))]
        elif self.energy is not None and self.intensity_g_per_kwh is not None:
            pue = self.pue.value if self.pue is not None and self.energy_of == "computers" else 1.0
            figures = [
                (self.energy.value + end * self.energy.half_unit) * MWH_PER_UNIT[self.energy_unit] * pue
                * (self.intensity_g_per_kwh.value + end * self.intensity_g_per_kwh.half_unit) / 1000
                for end in (0, -1, 1)
            ]  # fmt: skip
        else:
            return ""
        return _agreement(self.emissions, TONNES_PER_UNIT.get(self.emissions_unit, 1.0), figures)

    @property
    def implied_intensity_g_per_kwh(self) -> float | None:
        """Stated emissions over recomputed energy: the grid (and PUE, where none is stated) that the row must mean."""
        run = self.recomputed()
        return None if run is None or self.emissions_t is None else self.emissions_t / run.energy_mwh * 1000


@cache
def published() -> tuple[PublishedRun, ...]:
    """Every run of the table.

    Source: each row's `reference`, as seen in `seen_in`.

    >>> sorted({run.energy_basis for run in published()})
    ['', 'measured', 'rated power', 'sampled power']
    """
    text = files("greenlm_edu.carbon").joinpath("data/published.csv").read_text(encoding="utf-8")
    return tuple(_run(row) for row in csv.DictReader(text.splitlines()))


def _run(row: dict[str, str]) -> PublishedRun:
    def printed(column: str) -> Printed | None:
        return Printed(row[column]) if row[column] else None

    def number(column: str) -> float | None:
        return float(row[column]) if row[column] else None

    return PublishedRun(
        model=row["model"],
        reference=row["reference"],
        seen_in=row["seen_in"],
        accelerator=row["accelerator"],
        accelerators=printed("accelerators"),
        hours=printed("hours"),
        accelerator_hours=printed("accelerator_hours"),
        power_w=printed("power_w"),
        power_basis=row["power_basis"],
        pue=printed("pue"),
        intensity_g_per_kwh=printed("intensity_g_per_kwh"),
        energy=printed("energy"),
        energy_unit=row["energy_unit"],
        energy_basis=row["energy_basis"],
        energy_of=row["energy_of"],
        emissions=printed("emissions"),
        emissions_unit=row["emissions_unit"],
        parameters=number("parameters"),
        active_parameters=number("active_parameters"),
        tokens=number("tokens"),
        flag=row["flag"],
        note=row["note"],
    )


def _agreement(stated: Printed | None, unit: float, figures: list[float | None]) -> str:
    best, low, high = figures
    if stated is None or best is None or low is None or high is None:
        return ""
    if abs(best / (stated.value * unit) - 1) <= TOLERANCE:
        return "1 %"
    half = stated.half_unit
    overlap = low <= (stated.value + half) * unit and high >= (stated.value - half) * unit
    return "its rounding" if overlap else "no"
