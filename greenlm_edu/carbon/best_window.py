"""Where a window of a given length lies best in a piecewise-constant intensity: exact, and without a grid of guesses.

Let g be constant between the boundaries of its periods, and C(s) the integral of g from s to s + N. Then
C'(s) = g(s + N) - g(s) wherever neither s nor s + N is a boundary, and this is constant from one such point to the
next. So C is continuous and piecewise linear, and a linear function has its least and its greatest value at the ends
of its piece. The best and the worst start are therefore among: the boundaries; the boundaries less N; the first and
the last start that is allowed. For the same reason the mean of C over all starts is the exact sum of trapezoids.

Times are whole microseconds since 1970, so that boundaries and lengths meet exactly. Gaps are never bridged: a window
lies within one stretch of periods that touch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

__all__ = ["Step", "Windows", "longest_stretch", "windows"]

# Two sums over the same hours in another order may differ by some rounding; windows that close count as equally good.
EQUAL: Final = 1e-9


@dataclass(frozen=True)
class Step:
    """A constant value from one moment to another."""

    start: int
    end: int
    value: float


@dataclass(frozen=True)
class Windows:
    """What the windows of one length offer.

    Args:
        best: start of the window with the least mean value; of several the first.
        worst: start of the one with the greatest; of several the first.
        mean: the mean value of a window whose start is drawn evenly from all that are allowed.
    """

    best: int
    worst: int
    mean: float


def windows(steps: Sequence[Step], length: int, earliest: int, latest_end: int) -> Windows | None:
    """The best, the worst and the mean window, or None where no window fits.

    Args:
        steps: by time, without overlap.
        length: of the window, above 0.
        earliest: no window starts before.
        latest_end: no window ends after.
    """
    candidates: list[tuple[int, float]] = []
    area = weight = 0.0
    for stretch in _stretches(steps):
        values = _mean_values(stretch, length, max(earliest, stretch[0].start), min(latest_end, stretch[-1].end))
        candidates += values
        for (start, value), (next_start, next_value) in pairwise(values):
            area += (value + next_value) / 2 * (next_start - start)
            weight += next_start - start
    if not candidates:
        return None
    scale = EQUAL * max(value for _, value in candidates)
    least, most = (choose(value for _, value in candidates) for choose in (min, max))
    best = next(start for start, value in candidates if value <= least + scale)
    worst = next(start for start, value in candidates if value >= most - scale)
    mean = area / weight if weight > 0 else math.fsum(value for _, value in candidates) / len(candidates)
    return Windows(best, worst, mean)


def longest_stretch(steps: Sequence[Step]) -> int:
    """The length of the longest stretch without a gap; 0 without steps."""
    return max((stretch[-1].end - stretch[0].start for stretch in _stretches(steps)), default=0)


def _stretches(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Runs of steps that touch."""
    run: list[Step] = []
    for step in steps:
        if run and step.start != run[-1].end:
            yield run
            run = []
        run.append(step)
    if run:
        yield run


def _mean_values(stretch: Sequence[Step], length: int, first: int, end: int) -> list[tuple[int, float]]:
    """(start, mean value) at each start where the best or worst window may lie, by time."""
    last = end - length
    if last < first:
        return []
    bounds = [stretch[0].start, *(step.end for step in stretch)]
    sums = [0.0, *accumulate(step.value * (step.end - step.start) for step in stretch)]

    def up_to(moment: int) -> float:
        place = min(bisect_right(bounds, moment) - 1, len(stretch) - 1)
        return sums[place] + stretch[place].value * (moment - bounds[place])

    starts = {first, last, *bounds, *(bound - length for bound in bounds)}
    return [
        (start, (up_to(start + length) - up_to(start)) / length) for start in sorted(starts) if first <= start <= last
    ]
