"""Arithmetic on cumulative counters: wraps, restarts, resolution. Pure functions, no hardware."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from greenlm_edu.energy.source import Reading
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.interval import Interval

__all__ = ["WrappingCounter", "beside", "energy_between", "gap_between"]

# No processor package draws a kilowatt; its 32-bit counter lasts a minute and more at that.
MOST_POWER_W: Final = 1000.0


def energy_between(first: Reading, last: Reading, gain: Interval) -> tuple[Interval, bool]:
    """The energy used between two readings of one source, and whether it lies below the source's resolution.

    What can be bounded is added outright: a counter that moves in steps may be up to one step late at either end, and
    what nobody saw lies on top. What falls either way is added in quadrature: the gain, the spread of sampled power,
    the lag at both ends.

    Args:
        first: the earlier reading.
        last: the later one.
        gain: the factor by which the source may be off throughout.
    Returns:
        (energy interval in joules, True if the difference is smaller than one step). Below a step the best figure is
        what power tells, or the middle of what is possible: never 0 J.
    Raises:
        EnergyUnavailable: the counter went backwards, or may have started again an unknown number of times, or nothing
            of the window is known.
    """
    if last.continuity != first.continuity:
        raise EnergyUnavailable(
            "energy counter: it must be read more often than it starts again; between two readings it may have done so "
            f"more than once (the cell took {last.t_s - first.t_s:.0f} s; was the machine asleep?). Run the cell again."
        )
    difference_j = last.energy_j - first.energy_j
    unseen_j = last.unseen_j - first.unseen_j
    if difference_j < 0:
        raise EnergyUnavailable(
            f"energy counter: it must not go backwards; got {first.energy_j:.3f} J, then {last.energy_j:.3f} J. "
            "The driver was probably restarted; run the cell again."
        )
    if difference_j == 0 and unseen_j > 0:
        raise EnergyUnavailable(last.lost)
    step_j = max(first.step_j, last.step_j)
    doubt_j = max(0.0, last.doubt_j - first.doubt_j)
    moved_on_j = _moved_on_j(first, last)
    # A first reading of a time in which nothing was known stands for an earlier moment.
    below_j = _behind_j(first, step_j) + doubt_j + max(0.0, -unseen_j)
    above_j = _behind_j(last, step_j) + doubt_j + max(0.0, unseen_j)
    centre_j = max(0.0, difference_j + moved_on_j)
    low, high = max(0.0, centre_j - below_j), centre_j + above_j
    below_step = step_j > 0 and difference_j < step_j
    best = _within_a_step_j(first, last, centre_j)
    if best is None or best <= 0:
        best = (difference_j + step_j) / 2 if below_step else centre_j
    best = min(max(best, low), high)
    spread_j = math.hypot(math.sqrt(max(0.0, last.spread_j2 - first.spread_j2)), moved_on_j)
    within = Interval(low * gain.low, best * gain.best, high * gain.high)
    return within.widened(spread_j), below_step


def gap_between(first: Reading, last: Reading) -> str:
    """Why a part of the window between two readings is not known; empty where all of it is."""
    return f"in part not measured: {last.lost}" if last.unseen_j != first.unseen_j else ""


def beside(first: Reading, last: Reading, gain: Interval) -> str:
    """What the other way of metering says of the window, and how far the two are apart.

    Empty where there is no other, where it missed a part, or where the window is below the resolution of this one.
    """
    if first.also is None or last.also is None or first.also.unseen_j != last.also.unseen_j:
        return ""
    figure, below_step = energy_between(replace(first, also=None), replace(last, also=None), gain)  # on its own
    other_j = energy_between(first.also, last.also, gain)[0].best
    if below_step or figure.best <= 0:
        return ""
    difference = other_j / figure.best - 1
    apart = f"{abs(difference):.0%} {'more' if difference > 0 else 'less'}" if abs(difference) >= 0.005 else "the same"
    amount, _, _, unit = Interval.exactly(other_j).figures("J")
    return f"its power, sampled beside it, gives {amount} {unit}: {apart}"


def _behind_j(reading: Reading, step_j: float) -> float:
    return step_j if reading.behind_j is None else reading.behind_j


def _moved_on_j(first: Reading, last: Reading) -> float:
    """What a lag moves out of the window at its start, less what it moves in at its end."""
    if first.power_w is None or last.power_w is None:
        return 0.0
    return last.lag_s * (last.power_w - first.power_w)


def _within_a_step_j(first: Reading, last: Reading, centre_j: float) -> float | None:
    """A stepping counter's difference, set right within its step where more is known; else None.

    Where its beat was seen, each end gets what the counter did not show yet. Else the power sampled beside it decides
    where in the step the truth lies: on its own it sees too little of the time, and here it can move the figure by no
    more than the counter leaves open.
    """
    if first.power_w is None or last.power_w is None:
        return None
    if last.beat is not None:
        late_first_s, late_last_s = ((reading.t_s - last.beat.at_s) % last.beat.every_s for reading in (first, last))
        return centre_j + last.power_w * late_last_s - first.power_w * late_first_s
    if first.also is not None and last.also is not None:
        sampled_j = last.also.energy_j - first.also.energy_j + _moved_on_j(first.also, last.also)
        return min(max(sampled_j, centre_j - first.step_j), centre_j + last.step_j)
    return None


class WrappingCounter:
    """Turns a hardware counter that starts again at its range into one that only grows.

    Between two readings it may have started again once without a trace of doubt, provided that no power that the
    hardware can draw fills its range in that time. After a longer gap (a laptop that slept) nobody can say how often;
    then `continuity` rises by one, and readings before and after cannot be compared.

    Args:
        range_j: the value at which the counter starts again at zero, in joules, above 0.
        most_w: more power than the hardware can ever draw, in watts.
    """

    def __init__(self, range_j: float, most_w: float = MOST_POWER_W) -> None:
        if range_j <= 0:
            raise InputError(f"WrappingCounter: range_j must be above 0; got {range_j}.")
        self._range_j = range_j
        self._longest_s = range_j / most_w
        self._last: tuple[float, float] | None = None  # (t_s, counter_j)
        self._wraps = 0
        self.continuity = 0

    def total(self, counter_j: float, t_s: float) -> float:
        """Joules counted so far, wraps included.

        Args:
            counter_j: what the hardware's counter says, in joules.
            t_s: when, in seconds of the monotonic clock.
        """
        if self._last is not None:
            last_s, last_j = self._last
            if t_s - last_s >= self._longest_s:
                self.continuity += 1
            if counter_j < last_j:
                self._wraps += 1
        self._last = (t_s, counter_j)
        return counter_j + self._wraps * self._range_j
