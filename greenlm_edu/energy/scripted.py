"""A source whose power curve is written down: for lessons that need a known truth, and for tests."""

from __future__ import annotations

import itertools
import math
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence

from greenlm_edu.energy.source import Basis, Reading
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["ScriptedSource"]


class ScriptedSource:
    """Joules from a power curve that you write, with a truth that you can compute by hand.

    The curve is piecewise linear and holds its last value. Time runs from the source's first reading.

    Args:
        power_w: (seconds, watts) points in rising time, or one number for a constant power.
        component: its key in a measurement.
        label: its name on a card; says that it is scripted.
        basis: what the figures are to be called; REPLAYED unless a test stands in for hardware.
        step_s: the counter moves only every so many seconds, as NVML's does every 0.1 s; 0 moves it always.
        gain: the factor by which it claims to be possibly off.
        clock: the monotonic clock, in seconds.
        fails_after_s: from then on `read` raises what `failure` says, as a lost device does.
        failure: the error to raise.

    >>> ticks = iter([0.0, 2.0])
    >>> source = ScriptedSource([(0, 100), (2, 300)], clock=lambda: next(ticks))
    >>> source.read().energy_j, source.read().energy_j
    (0.0, 400.0)
    """

    def __init__(
        self,
        power_w: Sequence[tuple[float, float]] | float,
        *,
        component: str = "scripted",
        label: str = "scripted source",
        basis: Basis = Basis.REPLAYED,
        step_s: float = 0.0,
        gain: Interval | None = None,
        clock: Callable[[], float] = time.monotonic,
        fails_after_s: float = math.inf,
        failure: Exception | None = None,
    ) -> None:
        points = (
            [(0.0, float(power_w))] if isinstance(power_w, int | float) else [(float(t), float(w)) for t, w in power_w]
        )
        if not points or any(b[0] <= a[0] for a, b in itertools.pairwise(points)):
            raise InputError(f"ScriptedSource: the points' times must rise; got {points}.")
        if any(watts < 0 for _, watts in points):
            raise InputError(f"ScriptedSource: power must be 0 or more; got {points}.")
        if step_s < 0:
            raise InputError(f"ScriptedSource: step_s must be 0 or more; got {step_s}.")
        self.component, self.label, self.basis = component, label, basis
        self.gain = gain or Interval.exactly(1.0)
        self.error_group = component
        self.note = "a power curve written down in advance"
        self._points, self._step_s, self._clock = points, step_s, clock
        self._fails_after_s, self._failure = fails_after_s, failure
        self._start_s: float | None = None

    def power_w(self, t_s: float) -> float:
        """The power in watts, t_s seconds after the first reading."""
        index = bisect_right(self._points, (t_s, math.inf)) - 1
        if index < 0:
            return self._points[0][1]
        if index == len(self._points) - 1:
            return self._points[-1][1]
        (t_a, w_a), (t_b, w_b) = self._points[index], self._points[index + 1]
        return w_a + (w_b - w_a) * (t_s - t_a) / (t_b - t_a)

    def energy_j(self, t_s: float) -> float:
        """The exact energy in joules used in the first t_s seconds: the area under the curve."""
        edges = [0.0, *(t for t, _ in self._points if 0 < t < t_s), t_s]
        return math.fsum((b - a) * (self.power_w(a) + self.power_w(b)) / 2 for a, b in itertools.pairwise(edges))

    def read(self) -> Reading:
        now = self._clock()
        if self._start_s is None:
            self._start_s = now
        elapsed = now - self._start_s
        if elapsed >= self._fails_after_s and self._failure is not None:
            raise self._failure
        seen = math.floor(elapsed / self._step_s) * self._step_s if self._step_s else elapsed
        power_w = self.power_w(elapsed)
        # What one step of the counter is worth: the most that the curve can draw in it, as far as it was seen.
        most_w = max(power_w, self.power_w(seen), *(w for t, w in self._points if t <= elapsed + self._step_s), 0.0)
        return Reading(t_s=now, energy_j=self.energy_j(seen), step_j=most_w * self._step_s, power_w=power_w)

    def close(self) -> None:
        """Nothing to give back."""
