"""The joules of one thing that several measurements saw, counted once.

Their windows lie on one clock. They are cut into stretches in which the same measurements were under way; in each
stretch the best figure is the mean of what those saw there, from the lowest low to the highest high of them. Stretches
of one thing are off together, so their doubts add linearly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from greenlm_edu.interval import Interval, sum_shared
from greenlm_edu.metering.measurement import Component, Measurement

__all__ = ["Seen", "joules_once", "length_s", "resting_once"]

# A measurement that took no time at all still lies somewhere.
SHORTEST_S = 1e-9


@dataclass(frozen=True, eq=False)
class Seen:
    """One component of one measurement, with its window.

    Args:
        part: the component; its energy is known.
        measurement: which one it is of.
        host: whose clock counts.
        from_s, to_s: the window on that clock.
    """

    part: Component
    measurement: Measurement
    host: str
    from_s: float
    to_s: float

    @classmethod
    def of(cls, measurement: Measurement, part: Component) -> Seen:
        """The window of a measurement; where nobody wrote down its origin, it lies on a clock of its own."""
        origin = measurement.origin
        host, from_s = (origin.host, origin.start_s) if origin else (f"unknown {id(measurement)}", 0.0)
        return cls(part, measurement, host, from_s, from_s + max(measurement.duration_s, SHORTEST_S))

    @property
    def energy_j(self) -> Interval:
        """The joules of the whole window."""
        return self.part.energy_j or Interval.exactly(0.0)

    def shares(self, edges_s: Sequence[float]) -> list[float]:
        """Which share of its joules falls between each two of the edges, by its power trace, else evenly."""
        trace = self.measurement.trace
        steps = [
            (max(self.from_s + from_s, self.from_s), min(self.from_s + to_s, self.to_s), watts)
            for from_s, to_s, watts in (trace.steps(self.part.component) if trace else ())
        ]
        drawn_j = [_area_j(steps, from_s, to_s) for from_s, to_s in itertools.pairwise(edges_s)]
        whole_j = math.fsum(drawn_j)
        if whole_j > 0:
            return [joules / whole_j for joules in drawn_j]
        return self.even_shares(edges_s)

    def even_shares(self, edges_s: Sequence[float]) -> list[float]:
        """Which share of its window lies between each two of the edges."""
        return [
            max(0.0, min(to_s, self.to_s) - max(from_s, self.from_s)) / (self.to_s - self.from_s)
            for from_s, to_s in itertools.pairwise(edges_s)
        ]


def joules_once(seen: Sequence[Seen]) -> Interval:
    """The joules of one thing, by all who saw it from one host."""
    stretches = []
    for shared in _stretches(seen, Seen.shares):
        lows = [share * one.energy_j.low for one, share in shared]
        bests = [share * one.energy_j.best for one, share in shared]
        highs = [share * one.energy_j.high for one, share in shared]
        stretches.append(Interval(min(lows), math.fsum(bests) / len(bests), max(highs)))
    return sum_shared(stretches)


def resting_once(seen: Sequence[Seen]) -> float | None:
    """What the same thing would have used at rest; None where one of them does not know."""
    if any(one.part.idle_j is None for one in seen):
        return None
    stretches = _stretches(seen, Seen.even_shares)
    return math.fsum(
        math.fsum((one.part.idle_j or 0.0) * share for one, share in shared) / len(shared) for shared in stretches
    )


def length_s(windows: Sequence[tuple[float, float]]) -> float:
    """How much time the (from s, to s) windows cover together.

    >>> length_s([(0, 10), (4, 14), (20, 21)])
    15.0
    """
    covered, until_s = [], -math.inf
    for from_s, to_s in sorted(windows):
        covered.append(max(0.0, to_s - max(from_s, until_s)))
        until_s = max(until_s, to_s)
    return math.fsum(covered)


def _stretches(
    seen: Sequence[Seen], shares_of: Callable[[Seen, Sequence[float]], list[float]]
) -> list[list[tuple[Seen, float]]]:
    """For each stretch, who saw it and with which share of theirs."""
    edges_s = sorted({edge for one in seen for edge in (one.from_s, one.to_s)})
    found: list[list[tuple[Seen, float]]] = [[] for _ in edges_s[1:]]
    for one in seen:
        inside = edges_s[edges_s.index(one.from_s) : edges_s.index(one.to_s) + 1]
        first = edges_s.index(one.from_s)
        for number, share in enumerate(shares_of(one, inside)):
            found[first + number].append((one, share))
    return [shared for shared in found if shared]


def _area_j(steps: Sequence[tuple[float, float, float]], from_s: float, to_s: float) -> float:
    return math.fsum(
        watts * max(0.0, min(step_to_s, to_s) - max(step_from_s, from_s)) for step_from_s, step_to_s, watts in steps
    )
