"""How far a training run has come, and what is left of it in seconds and joules."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Progress"]


@dataclass(frozen=True)
class Progress:
    """How far a training run has come at one moment.

    The pace is taken between the first report and this one, so that the time for compiling the first step, which never
    comes again, is not taken for the pace of the rest.

    Args:
        t_s: when this was reported, in seconds since the measurement's start.
        epoch: the epoch under way, counted from 1.
        epochs: how many are planned; None where nobody knows.
        share: of the whole run that is done, 0 … 1; None where nobody knows.
        first_t_s, first_share, first_energy_j: the same at the first report, with the joules used up to then.
    """

    t_s: float
    epoch: int
    epochs: int | None
    share: float | None
    first_t_s: float
    first_share: float
    first_energy_j: float | None

    def left_s(self, now_s: float) -> float | None:
        """About how many seconds are left at `now_s`, at the pace so far; None where nobody can tell."""
        if self.share is None or self.share <= self.first_share or self.t_s <= self.first_t_s:
            return None
        pace_s = (self.t_s - self.first_t_s) / (self.share - self.first_share)
        return max(0.0, pace_s * (1 - self.share) - max(0.0, now_s - self.t_s))

    def left_j(self, now_s: float, energy_j: float | None) -> float | None:
        """About how many joules are left, at the power since the first report; None where nobody can tell.

        Args:
            now_s: seconds since the measurement's start.
            energy_j: joules used up to now.
        """
        left_s = self.left_s(now_s)
        if left_s is None or energy_j is None or self.first_energy_j is None or now_s <= self.first_t_s:
            return None
        return max(0.0, energy_j - self.first_energy_j) / (now_s - self.first_t_s) * left_s
