"""A curve that is reported point by point, in a bounded number of points."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["Curve"]

MOST_POINTS: Final = 512


class Curve:
    """A quantity over time, such as the loss of a training run.

    When it is full every second point is left out, and new ones are taken half as often, however long the run goes on.

    Args:
        most: the most points kept; even, at least 4.
    """

    def __init__(self, most: int = MOST_POINTS) -> None:
        self._most = most
        self._points: list[tuple[float, float]] = []
        self._gap_s = 0.0

    def add(self, t_s: float, value: float) -> bool:
        """Takes a point, seconds rising; False where it was left out: no finite number, or too close to the last."""
        if not math.isfinite(value) or (self._points and t_s - self._points[-1][0] < self._gap_s):
            return False
        self._points.append((t_s, value))
        if len(self._points) > self._most:
            self._points = self._points[::2]
            self._gap_s = 2 * (self._points[-1][0] - self._points[0][0]) / self._most
        return True

    @property
    def points(self) -> list[tuple[float, float]]:
        """(seconds, value), in order of time."""
        return list(self._points)
