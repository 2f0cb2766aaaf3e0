"""The energy of a training or of text generation from the model alone: a prediction, with a range that was tested.

    operations  =  6 · parameters · tokens  (+ 12 · layers · width · context · tokens for attention)
    full speed  =  operations ÷ peak speed × rated power          what the chips would use if nothing ever waited
    prediction  =  full speed × overhead

The overhead holds all that is not known beforehand: chips wait for memory, for each other and for data, draw less than
their rated power meanwhile, and hosts draw beside them. It is not a physical constant. It is taken from the published
runs whose energy was measured, as their geometric mean; and the range is as wide as the runs were missed when each was
predicted from all the others. With a dozen runs that is a factor of several either way, and no formula makes it less.

Source: Kaplan et al. 2020, section 2.1, and Hoffmann et al. 2022, appendix F (operations); the runs, `published()`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from greenlm_edu.carbon.accelerators import accelerator as known_accelerator
from greenlm_edu.carbon.footprint import Footprint, checked_pue, footprint
from greenlm_edu.carbon.intensity import intensity
from greenlm_edu.carbon.published import PublishedRun, published
from greenlm_edu.carbon.training_run import checked_amount
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_KWH

__all__ = ["Missed", "PredictedTraining", "missed_runs", "predicted_training", "training_operations"]

OPERATIONS_A_TOKEN: Final = 6  # two for each parameter on the way forward, four on the way back
COVERAGE: Final = 0.9
JOULES_PER_MWH: Final = 1000 * JOULES_PER_KWH
# A power of the whole chip with its host, where somebody measured it, is still only one machine's.
POWER_DOUBT: Final = 1.15


@dataclass(frozen=True)
class PredictedTraining:
    """What a training would use.

    Args:
        operations: floating-point operations.
        accelerator_hours: hours of all accelerators together; None where only the energy is predicted.
        energy_j: joules of the computers, without the building.
        footprint: with the building's PUE and the grid.
        assumptions: what the figure stands on, a line each.
    """

    operations: float
    accelerator_hours: Interval | None
    energy_j: Interval
    footprint: Footprint
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class Missed:
    """How a run with measured energy was predicted from all the others.

    Args:
        run: the published run.
        predicted_j: the prediction, with its range.
        measured_j: what its source measured, without the building.
    """

    run: PublishedRun
    predicted_j: Interval
    measured_j: float

    @property
    def inside(self) -> bool:
        """Whether the measured energy lies in the predicted range."""
        return self.predicted_j.low <= self.measured_j <= self.predicted_j.high

    @property
    def factor(self) -> float:
        """Measured over predicted, best figure."""
        return self.measured_j / self.predicted_j.best


def training_operations(
    parameters: float, tokens: float, *, layers: int = 0, width: int = 0, context: int = 0
) -> float:
    """Floating-point operations of a training: 6ND, and attention's part where layers, width and context are given.

    Attention is counted over the whole square, as if nothing were masked; a causal model that skips the masked half
    does half of that part.

    Args:
        parameters: that each token passes: the active ones of a mixture of experts.
        tokens: trained on, repeats counted.
        layers, width, context: of the Transformer; all three, or none.
    Raises:
        InputError: a number that is not above 0, or only some of the last three.
    Source: Kaplan et al. 2020; Chowdhery et al. 2022 (PaLM), appendix B.

    >>> training_operations(124_439_808, 1, layers=12, width=768, context=1024)
    859885056.0
    """
    count = checked_amount("training_operations", "parameters", parameters)
    seen = checked_amount("training_operations", "tokens", tokens)
    shape = {"layers": layers, "width": width, "context": context}
    if any(shape.values()):
        for name, value in shape.items():
            checked_amount("training_operations", name, value)
    return (OPERATIONS_A_TOKEN * count + 12 * layers * width * context) * seen


def predicted_training(
    *,
    parameters: float,
    tokens: float,
    accelerator: str | None = None,
    active_parameters: float | None = None,
    layers: int = 0,
    width: int = 0,
    context: int = 0,
    utilisation: float | None = None,
    power_w: float | None = None,
    peak_flop_s: float | None = None,
    pue: float = 1.0,
    region: str | None = None,
) -> PredictedTraining:
    """The energy of a training from its parameters, tokens and hardware alone.

    Args:
        parameters: of the model.
        tokens: trained on, repeats counted.
        accelerator: its name, as in `accelerators()`; or leave it out and give power_w and peak_flop_s.
        active_parameters: of a mixture of experts, those that a token passes; all of them where left out.
        layers, width, context: for attention's part; all three, or none.
        utilisation: the share of peak speed that the training reaches, where it is known. Then hours are predicted too,
            and the range is that of the power alone.
        power_w: of one accelerator. With a utilisation: what it draws with its share of the host, where that is known.
            Without: its rated power, to which the overhead refers.
        peak_flop_s: operations a second, in place of the table's.
        pue: of the building, 1 or more.
        region: the grid; the world's average where left out.
    Raises:
        InputError: numbers that are not above 0; utilisation above 1; neither accelerator nor its two figures.
        UnknownAccelerator, UnknownRegion: the nearest names are given.
    Lesson: notebooks/14.

    >>> run = predicted_training(parameters=175e9, tokens=300e9, accelerator="V100", pue=1.1, region="USA")
    >>> run.energy_j.low < 1287e6 / 1.1 * 3600 < run.energy_j.high  # GPT-3's 1,287 MWh were measured with the building
    True
    """
    tdp_w, peak, board = _board(accelerator, power_w, peak_flop_s)
    passed = parameters if active_parameters is None else active_parameters
    checked_amount("predicted_training", "parameters", parameters)
    if passed > parameters:
        raise InputError(
            "predicted_training: active_parameters cannot be more than parameters; "
            f"got {active_parameters} of {parameters}. Active are those that one token passes."
        )
    operations = training_operations(passed, tokens, layers=layers, width=width, context=context)
    full_speed_j = operations / peak * tdp_w
    assumptions = [f"{operations:.3g} operations: 6 × parameters × tokens" + (" + attention" if layers else ""), board]
    hours = None
    if utilisation is not None:
        reached = checked_amount("predicted_training", "utilisation", utilisation)
        if reached > 1:
            raise InputError(f"predicted_training: utilisation must be 1 or less; got {utilisation}. 0.4 means 40 %.")
        hours = Interval.exactly(operations / (peak * reached) / 3600)
        doubt, how = (
            (POWER_DOUBT, "power as given") if power_w else (_power_doubt(), "rated power, which few runs draw")
        )
        energy_j = Interval.times_over(full_speed_j / reached, doubt)
        assumptions.append(f"utilisation {reached:.0%}, as given; {how}: ×/÷ {doubt:.2g}")
    else:
        overhead = _overhead(_measured_runs())
        energy_j = overhead.scaled_by(full_speed_j)
        factor = overhead.high / overhead.best
        assumptions.append(
            f"{overhead.best:.2g} × what the chips would use at full speed and rated power, ×/÷ {factor:.2g}: as "
            f"{len(_measured_runs())} published runs with measured energy did"
        )
    grid = intensity(region)
    assumptions.append(f"PUE {checked_pue(pue):g}; {grid.text()}")
    return PredictedTraining(operations, hours, energy_j, footprint(energy_j, grid, pue), tuple(assumptions))


def missed_runs() -> tuple[Missed, ...]:
    """Each published run with measured energy, predicted from all the others: the test of `predicted_training`.

    A run is left out of the mean and of the range by which it is judged.
    """
    runs = _measured_runs()
    missed = []
    for run in runs:
        others = tuple(other for other in runs if other is not run)
        predicted_j = _overhead(others).scaled_by(_full_speed_j(run))
        missed.append(Missed(run, predicted_j, _measured_j(run)))
    return tuple(missed)


@cache
def _measured_runs() -> tuple[PublishedRun, ...]:
    """The runs whose energy was measured or sampled, and of which model and tokens are known."""
    return tuple(
        run
        for run in published()
        if run.energy_basis in ("measured", "sampled power")
        and run.parameters
        and run.tokens
        and known_accelerator(run.accelerator).peak_flop_s
    )


def _measured_j(run: PublishedRun) -> float:
    return (run.computers_mwh or 0.0) * JOULES_PER_MWH


def _full_speed_j(run: PublishedRun) -> float:
    board = known_accelerator(run.accelerator)
    operations = training_operations(run.active_parameters or run.parameters or 0.0, run.tokens or 0.0)
    return operations / (board.peak_flop_s or math.nan) * board.tdp_w


def _overhead(runs: Sequence[PublishedRun]) -> Interval:
    """Geometric mean of measured energy over full speed, with the range of leaving one out (jackknife)."""
    logs = [math.log(_measured_j(run) / _full_speed_j(run)) for run in runs]
    total = math.fsum(logs)
    misses = sorted(abs(one - (total - one) / (len(logs) - 1)) for one in logs)
    # Of n misses, the one that a new run stays below with this probability, if it is drawn as they were.
    rank = min(len(misses), math.ceil(COVERAGE * (len(misses) + 1)))
    return Interval.times_over(math.exp(total / len(logs)), math.exp(misses[rank - 1]))


@cache
def _power_doubt() -> float:
    """How far measured power a chip lay from the rated one, at most, in the runs that tell both."""
    told = [run for run in published() if run.power_basis in ("measured", "sampled") and run.power_w and not run.flag]
    ratios = [run.power_w.value / known_accelerator(run.accelerator).tdp_w for run in told if run.power_w]
    return math.exp(max(abs(math.log(ratio)) for ratio in ratios))


def _board(name: str | None, power_w: float | None, peak_flop_s: float | None) -> tuple[float, float, str]:
    """(watts, operations a second, one line on both)."""
    board = None if name is None else known_accelerator(name)
    watts = power_w if power_w is not None else board.tdp_w if board else None
    peak = peak_flop_s if peak_flop_s is not None else board.peak_flop_s if board else None
    if watts is None or peak is None:
        raise InputError(
            "predicted_training: power and peak speed of the accelerator must be known; "
            f"got {name!r} with power_w={watts}, peak_flop_s={peak}. Give what is missing, from the maker's data sheet."
        )
    watts = checked_amount("predicted_training", "power_w", watts)
    peak = checked_amount("predicted_training", "peak_flop_s", peak)
    of = f" of {board.peak_of}" if board and peak_flop_s is None else ""
    return watts, peak, f"{name or 'own figures'}: {watts:g} W, {peak / 1e12:g} TFLOP/s{of}"
