"""What `footprint_view` tells of a training: its energy, emissions and wall time, and how far each may be off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from greenlm_edu import carbon
from greenlm_edu.explorers.footprint_picture import BASES, PublishedPoint, power_of_ten, published_points
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_KWH, JOULES_PER_WH

__all__ = ["MISLEADING", "PlannedRun", "amount", "left_out", "planned_run"]

UTILISATION_QUANTILES: Final = (0.1, 0.5, 0.9)
GRAMS_PER_TONNE: Final = 1e6
HOURS: Final = {"years": 365 * 24.0, "days": 24.0, "hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600}
FEWEST_TOLD: Final = 0.1  # of a comparison: a hundredth of a flight tells nobody anything
MISLEADING: Final = (
    "Comparisons mislead: each has its own year, grid and boundary (cars: the exhaust alone; phones: one country's "
    "grid, and EPA's figure for one charge rose from 8.2 to 12.4 g between editions), and which of them is picked "
    "decides whether a training looks large or small."
)


@dataclass(frozen=True)
class PlannedRun:
    """A training that nobody ran yet.

    Args:
        parameters: that a token passes.
        tokens: trained on.
        board: the accelerator.
        accelerators: how many.
        predicted: operations, energy of the computers, emissions with the building.
        building_j: energy with the building.
        hours: wall time.
    """

    parameters: float
    tokens: float
    board: carbon.Accelerator
    accelerators: int
    predicted: carbon.PredictedTraining
    building_j: Interval
    hours: Interval

    @property
    def energy(self) -> str:
        """With the building."""
        return _joules(self.building_j)

    @property
    def emissions(self) -> str:
        return _grams(self.predicted.footprint.emissions_g)

    @property
    def operations(self) -> str:
        return f"{_operations(self.predicted.operations)} FLOP"

    @property
    def wall_time(self) -> str:
        unit = next((unit for unit, size in HOURS.items() if self.hours.best >= 2 * size), "seconds")
        span = self.hours.scaled_by(1 / HOURS[unit])
        return f"{amount(span.best)} {unit} ({amount(span.low)} – {amount(span.high)} {unit})"

    def notes(self) -> list[str]:
        """What a reader must know: the doubts by size, what was never tested, other countries, the wall time."""
        reached, runs = _utilisation()
        time = (
            f"The wall time takes {reached.best:.0%} of peak speed: the median of {runs} published runs by their own "
            f"hours ({reached.low:.0%} to {reached.high:.0%} for four in five). Small models reach less. More "
            "accelerators shorten the time; the predicted energy stays."
        )
        return [self._doubt(), *self._untested(), self._elsewhere(), time]

    def comparisons(self) -> list[tuple[str, str, str]]:
        """(amount with its range, of what, source) of those that are large enough to tell something."""
        found = carbon.equivalents(self.building_j, self.predicted.footprint.emissions_g)
        shown = [
            (f"{amount(one.amount.best)} ({amount(one.amount.low)} – {amount(one.amount.high)})", one.text, one.source)
            for one in found
            if one.amount.best >= FEWEST_TOLD
        ]
        small = carbon.everyday(self.building_j.best).removeprefix("like ")
        return shown or [("like", small, "as much electricity as the best figure; by definition")]

    def words(self) -> str:
        """All of it, and where each published run lies."""
        footprint = self.predicted.footprint
        lines = [
            f"Predicted, not measured: {amount(self.parameters, 3)} parameters, {amount(self.tokens, 3)} tokens, "
            f"{self.accelerators:,} × {self.board.name}.",
            f"Operations: {self.operations}, 6 × parameters × tokens.",
            f"Energy, predicted: {self.energy} with the building (PUE {footprint.pue:g}); "
            f"{_joules(self.predicted.energy_j)} for the computers, as in the picture.",
            f"Emissions, predicted: {self.emissions} · {footprint.intensity.text()}.",
            f"Wall time, estimated: {self.wall_time}.",
            *self.notes(),
            *(f"{number} {text} ({source})." for number, text, source in self.comparisons()),
            MISLEADING,
            "The prediction stands on: " + "; ".join(self.predicted.assumptions) + ".",
            "In the picture (operations in FLOP, energy of the computers without the building):",
            *(_point(one) for one in sorted(published_points(), key=lambda one: one.operations)),
            left_out(),
        ]
        return "\n".join(lines)

    def short_words(self) -> str:
        """What the picture shows, in two sentences."""
        return (
            f"Training operations against energy, both logarithmic: {len(published_points())} published runs, and "
            f"your run at {self.operations} and {_joules(self.predicted.energy_j)}, predicted. Each point stands under "
            "“In words”."
        )

    def _doubt(self) -> str:
        """The largest uncertainty by name, and the next one."""
        energy, grid = self.predicted.energy_j, self.predicted.footprint.intensity
        span = grid.g_per_kwh
        doubts = [
            (energy.high / energy.best,
             f"the prediction of the energy itself, from how far it was off for {_tested()[2]} measured runs"),
            (max(span.high / span.best, span.best / span.low),
             "the grid, as no region is set" if grid.assumed else "the grid's yearly average"),
        ]  # fmt: skip
        (most, first), (less, second) = sorted(doubts, reverse=True)
        return f"Largest doubt: {first}, ×/÷ {most:.2g}. Then {second}, ×/÷ {less:.2g}."

    def _untested(self) -> list[str]:
        least, most, _, boards = _tested()
        found = []
        if not least <= self.predicted.operations <= most:
            found.append(
                f"No run of this size was measured: those that were lie between {_operations(least)} and "
                f"{_operations(most)} FLOP. Outside of them nobody tested the range."
            )
        if self.board.name not in boards:
            found.append(f"The runs that were measured used {', '.join(sorted(boards))}; none the {self.board.name}.")
        return found

    def _elsewhere(self) -> str:
        """The same run on the cleanest and the dirtiest grid of the table."""
        rows = sorted(carbon.regions(), key=lambda row: row.value_g_per_kwh)
        clean, dirty = (
            f"{_grams(carbon.footprint(self.predicted.energy_j, row, self.predicted.footprint.pue).emissions_g)} "
            f"({row.text()})"
            for row in (rows[0], rows[-1])
        )
        times = rows[-1].value_g_per_kwh / rows[0].value_g_per_kwh
        return (
            f"The same run on the cleanest grid of the table: {clean}. On the dirtiest: {dirty}, {times:.0f} times "
            "as much."
        )


def planned_run(
    parameters: float, tokens: float, accelerator: str, accelerators: int, pue: float, region: str | None
) -> PlannedRun:
    """The run of these settings; the accelerator is one of which a peak speed is known."""
    predicted = carbon.predicted_training(
        parameters=parameters, tokens=tokens, accelerator=accelerator, pue=pue, region=region
    )
    board = carbon.accelerator(accelerator)
    full_speed_h = predicted.operations / (accelerators * (board.peak_flop_s or math.nan)) / 3600
    reached, _ = _utilisation()
    hours = Interval(full_speed_h / reached.high, full_speed_h / reached.best, full_speed_h / reached.low)
    return PlannedRun(parameters, tokens, board, accelerators, predicted, predicted.energy_j.scaled_by(pue), hours)


def left_out() -> str:
    """Which published rows are in the picture, which are not, and which contradict themselves."""
    points = published_points()
    worked_out = sum(not one.stated for one in points)
    flagged = ", ".join(one.name for one in points if one.flag)
    return (
        f"{len(points)} of {len(carbon.published())} published rows are drawn; of the others parameters, tokens or an "
        f"energy are unknown. {worked_out} cards state no energy: their hours × rated power are drawn. Hollow and "
        f"crossed, as the source contradicts itself: {flagged}."
    )


def amount(value: float, digits: int = 2) -> str:
    """A number with so many significant digits.

    >>> amount(0.261), amount(2_613), amount(2_613_000), amount(1.75e11, 3)
    ('0.26', '2,600', '2.6 million', '175 billion')
    """
    rounded = float(f"{value:.{digits}g}")
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"), (1.0, "")):
        if rounded >= size:
            return f"{rounded / size:,.0f}{word}" if rounded / size >= 100 else f"{rounded / size:g}{word}"
    return f"{rounded:g}"


@cache
def _utilisation() -> tuple[Interval, int]:
    """The share of peak speed that published runs reached by their stated hours, and of how many it is known.

    The median, from a tenth of the runs to nine tenths. Rows that contradict themselves are not asked.
    """
    reached = []
    for run in carbon.published():
        parameters, peak = run.active_parameters or run.parameters, carbon.accelerator(run.accelerator).peak_flop_s
        stated = run.recomputed()
        if parameters and run.tokens and peak and stated is not None and not run.flag:
            operations = carbon.training_operations(parameters, run.tokens)
            reached.append(operations / (stated.accelerator_hours * 3600 * peak))
    low, best, high = (sorted(reached)[round(share * (len(reached) - 1))] for share in UTILISATION_QUANTILES)
    return Interval(low, best, high), len(reached)


@cache
def _tested() -> tuple[float, float, int, frozenset[str]]:
    """Fewest and most operations of the runs that test the prediction, how many they are, and their accelerators."""
    runs = [missed.run for missed in carbon.missed_runs()]
    sizes = [carbon.training_operations(run.active_parameters or run.parameters or 0, run.tokens or 0) for run in runs]
    return min(sizes), max(sizes), len(runs), frozenset(run.accelerator for run in runs)


def _point(one: PublishedPoint) -> str:
    best, _, _, unit = _figures(Interval.exactly(one.energy_kwh * JOULES_PER_KWH))
    known = BASES[one.basis][2] + ("" if one.stated else ", multiplied here: its card states no energy")
    flag = f"; its source contradicts itself: {one.flag}" if one.flag else ""
    return f"{one.name}: {_operations(one.operations)} FLOP, {best} {unit}, {known}{flag}."


def _operations(value: float) -> str:
    """1.20 × 10²⁰."""
    digits, exponent = f"{value:.2e}".split("e")
    return f"{digits} × {power_of_ten(int(exponent))}"


def _joules(span: Interval) -> str:
    best, low, high, unit = _figures(span)
    return f"{best} {unit} ({low} – {high} {unit})"


def _figures(span_j: Interval) -> tuple[str, str, str, str]:
    """In watt-hours, or in joules where they are less than one."""
    return span_j.figures("J") if span_j.best < JOULES_PER_WH else span_j.scaled_by(1 / JOULES_PER_WH).figures("Wh")


def _grams(span: Interval) -> str:
    """Grams of CO2e, or tonnes."""
    told = span.text("g") if span.best < GRAMS_PER_TONNE else span.scaled_by(1 / GRAMS_PER_TONNE).text("t")
    return told.replace(" (", " CO2e (", 1)
