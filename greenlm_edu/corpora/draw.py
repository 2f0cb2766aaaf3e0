"""Chance for generated texts: the same on every Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Draw"]

T = TypeVar("T")


class Draw:
    """Draws that follow from the seed alone.

    Python promises that `random()` gives the same numbers in every version, and promises it for nothing else in its
    module `random`; so everything here is made from those.

    >>> draw = Draw(7)
    >>> draw.integer(1, 6), draw.one_of(["a", "b", "c"]), draw.chance(0.5)
    (2, 'a', False)
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def one_of(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[self.integer(0, len(options) - 1)]

    def some_of(self, options: Sequence[T], number: int) -> list[T]:
        """Different ones of the options, in random order."""
        left = list(options)
        return [left.pop(self.integer(0, len(left) - 1)) for _ in range(number)]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability
