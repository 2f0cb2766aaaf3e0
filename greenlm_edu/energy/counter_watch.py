"""Watches a hardware energy counter: how often it moves, how late it may be, and whether it started again. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

from greenlm_edu.energy.source import Beat

__all__ = ["DOCUMENTED_STEP_S", "CounterWatch"]

# What is told of NVIDIA's counters (ml.energy, Zeus); taken until enough was seen.
DOCUMENTED_STEP_S: Final = 0.1
MOST_LOOKS: Final = 64
FEWEST_CHANGES: Final = 4
LONGEST_GAP_S: Final = 2.0  # after a longer one nobody was looking, and the watch begins anew
BEAT_PARTS: Final = 100


class CounterWatch:
    """Turns a counter that may start again into one that only grows, and finds its step by watching.

    The step follows from the times alone: where n changes were seen, the counter moved n times at least between the
    look before the first and the look of the last, so one step takes at most that time ÷ (n − 1). That bound is what
    an interval needs; a counter that moves more often than it is looked at cannot be told from one that does not.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, bool]] = deque(maxlen=MOST_LOOKS)  # (when, changed since the look before)
        self._value_j: float | None = None
        self._offset_j = 0.0
        self._moved_s = 0.0
        self._step_s: float | None = None
        self._fitting = list(range(BEAT_PARTS))  # the phases of the documented beat that fit all that was seen

    @property
    def watched(self) -> bool:
        """Whether the step is known by watching."""
        return self._step_s is not None

    def look(self, t_s: float, counter_j: float) -> tuple[float, bool]:
        """(joules counted so far, whether the counter started again since the last look)."""
        value_j, self._value_j = self._value_j, counter_j
        restarted = value_j is not None and counter_j < value_j
        if value_j is None or restarted or t_s - self._looks[-1][0] > LONGEST_GAP_S:
            self._looks.clear()
            self._fitting = list(range(BEAT_PARTS))
            self._looks.append((t_s, False))
            self._moved_s = t_s
        else:
            self._saw(t_s, counter_j != value_j)
        if value_j is not None and restarted:
            # What it counted since its new start may be of any moment since the last look: it is left out.
            self._offset_j += value_j - counter_j
        return counter_j + self._offset_j, restarted

    def step_s(self, t_s: float) -> float:
        """The most that one step of the counter takes: seen, or documented, and no less than it stands still now."""
        return max(self._step_s or DOCUMENTED_STEP_S, t_s - self._moved_s)

    def beat(self) -> Beat | None:
        """A moment at which the counter moved, where what was seen fits the documented beat and tells its phase."""
        if not self.watched or not self._fitting or len(self._fitting) > BEAT_PARTS / 2:
            return None
        # Phases lie on a circle: the run of those that fit begins after the widest gap.
        phases = self._fitting
        start = max(range(len(phases)), key=lambda i: (phases[i] - phases[i - 1] - 1) % BEAT_PARTS)
        length = (phases[start - 1] - phases[start]) % BEAT_PARTS
        return Beat((phases[start] + 0.5 + length / 2) % BEAT_PARTS * DOCUMENTED_STEP_S / BEAT_PARTS, DOCUMENTED_STEP_S)

    def _saw(self, t_s: float, changed: bool) -> None:
        before_s = self._looks[-1][0]
        self._looks.append((t_s, changed))
        if changed:
            self._moved_s = t_s
        self._fitting = [
            part for part in self._fitting if changed in (_ticks(before_s, t_s, part), _ticks(before_s, t_s, part + 1))
        ]
        changes = [i for i, (_, moved) in enumerate(self._looks) if moved and i > 0]
        if len(changes) >= FEWEST_CHANGES:
            self._step_s = (self._looks[changes[-1]][0] - self._looks[changes[0] - 1][0]) / (len(changes) - 1)


def _ticks(from_s: float, until_s: float, part: int) -> bool:
    """Whether a beat at the beginning of this part of the step falls between two looks."""
    phase_s = part * DOCUMENTED_STEP_S / BEAT_PARTS
    return (until_s - phase_s) // DOCUMENTED_STEP_S > (from_s - phase_s) // DOCUMENTED_STEP_S
