"""Random power curves through the whole NVML path, on the stand-in library's own clock: how often the truth is held.

    python -m tests.nvml_stand_in.sampled_curves

A benchmark calls `simulate_sampled` and `simulate_counter`; nothing here waits.
"""

from __future__ import annotations

import math
import random
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from greenlm_edu.energy import energy_between
from greenlm_edu.energy.nvml_source import NvmlSource
from greenlm_edu.interval import Interval
from tests.nvml_stand_in.stand_in import Board, StandIn, build, energy_j, loaded

__all__ = ["Simulated", "random_curve", "simulate_counter", "simulate_sampled"]

LEAD_S = 3.0  # the board has been on for so long when a window begins
EDGE_S = 1e-4
PERIOD_S = 0.1
LATENESS_S = 0.003  # by how much a sampler's thread comes late, at most
BOARD = Board()
METER_OFF = 0.05


@dataclass(frozen=True)
class Simulated:
    """What became of many windows.

    Args:
        coverage: the share of windows with the truth inside the interval.
        width_ratio: median width of the interval (high − low, over the truth) ÷ median error of the best figure.
        median_error: the median of |best − truth| ÷ truth.
        meter_exact: the same three figures where board's meter were exact, and the interval did not allow for it.
        within_1_percent: the share of windows of over 20 counter steps whose best figure, but for the meter, is
            within 1 %.
        misses: (kind of curve, seconds, best ÷ truth) of the windows without the truth.
    """

    coverage: float
    width_ratio: float
    median_error: float
    meter_exact: tuple[float, float, float]
    within_1_percent: float
    misses: list[tuple[str, float, float]]


def simulate_sampled(curves: int = 1000, seed: int = 1, period_s: float = PERIOD_S) -> Simulated:
    """Boards without a counter that tell their power every 100 ms as the mean of the last 25 ms.

    Args:
        curves: how many windows; steps, ramps and bursts in turn, of 0.2 to 60 s, lengths evenly spread in logarithm.
        seed: of the random numbers.
        period_s: how often the source is read.
    """
    return _simulate(curves, seed, None, period_s)


def simulate_counter(curves: int = 1000, seed: int = 1, period_s: float = PERIOD_S) -> Simulated:
    """The same with an energy counter that moves every 100 ms, on boards that tell their power limit."""
    return _simulate(curves, seed, 0.1, period_s)


def random_curve(rng: random.Random, kind: str, start_s: float, length_s: float) -> list[tuple[float, float]]:
    """Points of a curve around a window; the board is at rest before it."""
    end_s = start_s + length_s
    idle_w = rng.uniform(50, 100)
    points = [(0.0, idle_w)]
    if kind == "steps":
        for t_s in sorted(rng.uniform(start_s, end_s) for _ in range(rng.randint(1, 8))):
            points += [(t_s, points[-1][1]), (t_s + EDGE_S, rng.uniform(50, 700))]
    elif kind == "ramps":
        points.append((start_s, idle_w))
        points += [
            (t, rng.uniform(50, 700)) for t in sorted(rng.uniform(start_s, end_s) for _ in range(rng.randint(2, 7)))
        ]
    else:
        low_w, high_w = sorted((rng.uniform(50, 700), rng.uniform(50, 700)))
        period_s, busy = math.exp(rng.uniform(math.log(0.02), math.log(2))), rng.uniform(0.2, 0.8)
        t_s = start_s + rng.uniform(0, period_s)
        while t_s < end_s:
            points += [(t_s, low_w), (t_s + EDGE_S, high_w)]
            points += [(t_s + busy * period_s, high_w), (t_s + busy * period_s + EDGE_S, low_w)]
            t_s += period_s * rng.uniform(0.9, 1.1)
    kept = [points[0]]
    for point in points[1:]:  # two steps may fall on one another
        if point[0] > kept[-1][0]:
            kept.append(point)
    return kept


def _simulate(curves: int, seed: int, counter_s: float | None, period_s: float) -> Simulated:
    rng = random.Random(seed)
    kinds = ("steps", "ramps", "bursts")
    windows = []
    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder))
        if library is None:
            raise RuntimeError("simulate: gcc must be on this machine, to build the stand-in library")
        with loaded(library, Path(folder) / "script") as stand_in:
            for number in range(curves):
                length_s = math.exp(rng.uniform(math.log(0.2), math.log(60)))
                windows.append(_window(stand_in, rng, kinds[number % 3], length_s, counter_s, period_s))
    errors = [abs(best / truth - 1) for _, _, truth, _, best, _, _ in windows]
    widths = [(high - low) / truth for _, _, truth, low, best, high, _ in windows]
    inside = [low <= truth <= high for _, _, truth, low, best, high, _ in windows]
    exact = [(truth, energy) for _, _, truth, _, _, _, energy in windows]
    exact_errors = [abs(energy.best / truth - 1) for truth, energy in exact]
    long = [error for (_, length_s, *_), error in zip(windows, exact_errors, strict=True) if length_s > 20 * 0.1]
    return Simulated(
        coverage=statistics.fmean(inside),
        width_ratio=statistics.median(widths) / statistics.median(errors),
        median_error=statistics.median(errors),
        meter_exact=(
            statistics.fmean(energy.low <= truth <= energy.high for truth, energy in exact),
            statistics.median((energy.high - energy.low) / truth for truth, energy in exact)
            / statistics.median(exact_errors),
            statistics.median(exact_errors),
        ),
        within_1_percent=statistics.fmean(error <= 0.01 for error in long),
        misses=[
            (kind, length_s, best / truth)
            for (kind, length_s, truth, _, best, _, _), held in zip(windows, inside, strict=True)
            if not held
        ],
    )


def _window(
    stand_in: StandIn, rng: random.Random, kind: str, length_s: float, counter_s: float | None, period_s: float
) -> tuple[str, float, float, float, float, float, Interval]:
    """(kind, seconds, truth, low, best, high, the interval over the truth were the meter exact)."""
    start_s = LEAD_S + rng.uniform(0, 0.1)  # anywhere between two ticks of the board's own clock
    curve = random_curve(rng, kind, start_s, length_s)
    meter = rng.uniform(1 - METER_OFF, 1 + METER_OFF)  # the true power is so many times what the board tells
    limit_w = 700.0 if counter_s else None
    stand_in.play(Board(curve, counter_s=counter_s, sensor_s=(0.1, 0.025), limit_w=limit_w, gain=1 / meter))
    stand_in.set_clock(start_s)
    stand_in.pynvml.nvmlInit()
    source = NvmlSource(stand_in.pynvml, BOARD.uuid, 0, clock=stand_in.clock)
    first = last = source.read()
    while last.t_s < start_s + length_s:
        stand_in.set_clock(min(last.t_s + period_s + rng.uniform(0, LATENESS_S), start_s + length_s))
        last = source.read()
    truth_j = energy_j(curve, start_s, start_s + length_s)
    energy, _ = energy_between(first, last, source.gain)
    told, _ = energy_between(first, last, Interval.exactly(1.0))
    return kind, length_s, truth_j, energy.low, energy.best, energy.high, told.scaled_by(meter)


def main() -> None:
    for name, simulated in (
        ("sampled", simulate_sampled()),
        ("counter", simulate_counter()),
        ("counter, read every 93 ms", simulate_counter(period_s=0.093)),
    ):
        coverage, ratio, error = simulated.meter_exact
        print(
            f"{name}: truth inside {simulated.coverage:.1%}, width ÷ median error {simulated.width_ratio:.2f}, "
            f"median error {simulated.median_error:.2%}\n"
            f"    were the meter exact: {coverage:.1%}, {ratio:.2f}, {error:.2%}; "
            f"within 1 % over 20 steps: {simulated.within_1_percent:.1%}"
        )


if __name__ == "__main__":
    main()
