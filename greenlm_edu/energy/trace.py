"""The power of each component over time, in a bounded number of points whose area is the energy."""

from __future__ import annotations

from typing import Final

from greenlm_edu.energy.sampler import Sample
from greenlm_edu.energy.source import Reading

__all__ = ["PowerTrace"]

SHORTEST_STEP_S: Final = 0.05
SHORTEST_FINAL_S: Final = 0.002


class PowerTrace:
    """Mean power between readings, as steps, for each component.

    When it is full, neighbouring steps are merged, weighted by their length: the area under the curve, which is the
    energy, stays the same however long the cell runs.

    Args:
        start_s: the moment that counts as zero, of the monotonic clock.
        capacity: the most steps kept for a component; even, at least 4.
    """

    def __init__(self, start_s: float, capacity: int = 1024) -> None:
        self._start_s = start_s
        self._capacity = capacity
        self._last: dict[str, Reading] = {}
        self._steps: dict[str, list[tuple[float, float, float]]] = {}  # (from s, to s, watts)
        self._shortest_s: dict[str, float] = {}

    def add(self, sample: Sample, *, final: bool = False) -> dict[str, tuple[float, float, float]]:
        """Takes one more sample, in the sampler's thread; a final one counts however close to the last it lies.

        Returns:
            By component, the (from s, to s, watts) step that it added; components without a new step are left out.
        """
        added: dict[str, tuple[float, float, float]] = {}
        for component, reading in sample.readings.items():
            last = self._last.get(component)
            if last is None:
                self._last[component] = reading
                continue
            length_s = reading.t_s - last.t_s
            # Two readings asked for at almost the same moment would give a power that is all rounding.
            if length_s < (SHORTEST_FINAL_S if final else self._shortest_s.get(component, SHORTEST_STEP_S)):
                continue
            self._last[component] = reading
            if reading.unseen_j != last.unseen_j:
                continue  # nobody knows the power of this stretch: a hole, not a zero
            watts = max(0.0, _drawn_j(last, reading) / length_s)
            steps = self._steps.setdefault(component, [])
            added[component] = (last.t_s - self._start_s, reading.t_s - self._start_s, watts)
            steps.append(added[component])
            if len(steps) > self._capacity:
                self._halve(component)
        return added

    def components(self) -> tuple[str, ...]:
        """The keys of the components that have at least one step."""
        return tuple(self._steps)

    def steps(self, component: str, most: int | None = None) -> list[tuple[float, float, float]]:
        """(from s, to s, watts) steps of one component, merged down to `most` of them if asked."""
        steps = list(self._steps.get(component, ()))
        while most is not None and len(steps) > most:
            steps = _merged(steps)
        return steps

    def _halve(self, component: str) -> None:
        self._steps[component] = _merged(self._steps[component])
        self._shortest_s[component] = 2 * self._shortest_s.get(component, SHORTEST_STEP_S)


def _drawn_j(last: Reading, reading: Reading) -> float:
    """The joules to draw between two readings.

    A counter that moves in steps of about our period would zigzag between nothing and double; where the same board's
    power was sampled beside it, that curve is drawn.
    """
    if last.also is not None and reading.also is not None:
        return reading.also.energy_j - last.also.energy_j
    return reading.energy_j - last.energy_j


def _merged(steps: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    merged = []
    for index in range(0, len(steps) - 1, 2):
        (a, b, first_w), (c, d, second_w) = steps[index], steps[index + 1]
        length_s = (b - a) + (d - c)
        watts = (first_w * (b - a) + second_w * (d - c)) / length_s if length_s > 0 else first_w
        merged.append((a, d, watts))
    return merged + steps[len(steps) - len(steps) % 2 :]
