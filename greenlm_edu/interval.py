"""What is known of a quantity: a best figure and the range that it may lie in.

How doubts combine is written down here and nowhere else:

- *Independent* parts (two GPUs' counters, a counter and a model) add in quadrature: their errors are not likely to
  fall the same way at once.
- *Shared* parts (the CPU model and the memory model of one machine, every cell measured with the same model) add
  linearly: one error, carried by all.
- A product of independent factors (energy × PUE × grid intensity) adds the squares of the *logarithms* of their
  ranges, so that a factor “×/÷ 1.6” is as likely to be too low as too high and nothing falls below zero.

Each rule keeps low ≤ best ≤ high, and a wider part never gives a narrower whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from greenlm_edu.errors import InputError
from greenlm_edu.units import scaled

__all__ = ["Interval", "product", "sum_independent", "sum_shared"]


@dataclass(frozen=True)
class Interval:
    """A quantity at or above zero, with the range that it may lie in.

    Args:
        low: the least that it may be.
        best: the most likely figure.
        high: the most that it may be.
    Raises:
        InputError: not 0 ≤ low ≤ best ≤ high, or one of them is not a finite number.
    """

    low: float
    best: float
    high: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.low, self.best, self.high)):
            raise InputError(f"Interval: bounds must be finite; got {self.low}, {self.best}, {self.high}.")
        if not 0 <= self.low <= self.best <= self.high:
            raise InputError(
                f"Interval: 0 ≤ low ≤ best ≤ high must hold; got low={self.low}, best={self.best}, high={self.high}."
            )

    @classmethod
    def exactly(cls, value: float) -> Interval:
        """An interval without doubt, such as a definition."""
        return cls(value, value, value)

    @classmethod
    def plus_minus(cls, best: float, doubt: float) -> Interval:
        """best ± doubt, cut off at zero."""
        return cls(max(0.0, best - doubt), best, best + doubt)

    @classmethod
    def times_over(cls, best: float, factor: float) -> Interval:
        """best ×/÷ factor, for a model that may be off by a factor either way."""
        return cls(best / factor, best, best * factor)

    def scaled_by(self, factor: float) -> Interval:
        """The same doubt on a quantity that is `factor` ≥ 0 times as large."""
        if factor < 0:
            raise InputError(f"Interval.scaled_by: factor must be 0 or more; got {factor}.")
        return Interval(self.low * factor, self.best * factor, self.high * factor)

    def widened(self, below: float, above: float | None = None) -> Interval:
        """The same best figure with an independent doubt of `below` and `above` (the same, if left out) more."""
        above = below if above is None else above
        low = self.best - math.hypot(self.best - self.low, below)
        return Interval(max(0.0, min(low, self.best)), self.best, self.best + math.hypot(self.high - self.best, above))

    def text(self, unit: str = "J") -> str:
        """Best figure, then the range, with no more digits than the range supports.

        >>> Interval(14_700, 15_400, 16_200).text("J")
        '15.4 kJ (14.7 – 16.2 kJ)'
        >>> Interval(75, 120, 190).text("J")
        '120 J (75 – 190 J)'
        """
        best, low, high, prefixed = self.figures(unit)
        return f"{best} {prefixed} ({low} – {high} {prefixed})"

    def figures(self, unit: str = "J") -> tuple[str, str, str, str]:
        """(best, low, high, prefixed unit) as printed: one unit for all three, digits as the range supports."""
        factor, prefixed = scaled(self.best or self.high, unit)
        doubt = (self.high - self.low) / 2 / factor
        best, low, high = (_rounded(value / factor, doubt) for value in (self.best, self.low, self.high))
        return best, low, high, prefixed


def _rounded(value: float, doubt: float) -> str:
    """The value to the first digit of its doubt, and to two significant digits at least."""
    if value == 0:
        return "0"
    two_digits = 1 - math.floor(math.log10(abs(value)))
    decimals = two_digits if doubt <= 0 else max(two_digits, -math.floor(math.log10(doubt)))
    decimals = min(decimals, two_digits + 2)  # four significant digits are the most that any meter here supports
    return f"{round(value, decimals):.{max(0, decimals)}f}"


def sum_independent(parts: Iterable[Interval]) -> Interval:
    """The sum of quantities whose errors have nothing to do with each other: doubts in quadrature."""
    parts = list(parts)
    best = math.fsum(part.best for part in parts)
    below = math.hypot(*(part.best - part.low for part in parts))
    above = math.hypot(*(part.high - part.best for part in parts))
    return Interval(max(0.0, min(best - below, best)), best, best + above)


def sum_shared(parts: Iterable[Interval]) -> Interval:
    """The sum of quantities that share one source of error: doubts add linearly."""
    parts = list(parts)
    best = math.fsum(part.best for part in parts)
    low = min(math.fsum(part.low for part in parts), best)
    return Interval(low, best, max(math.fsum(part.high for part in parts), best))


def product(factors: Iterable[Interval]) -> Interval:
    """The product of independent factors: the logarithms of their ranges in quadrature."""
    factors = list(factors)
    best = math.prod(factor.best for factor in factors)
    least = math.prod(factor.low for factor in factors)
    most = math.prod(factor.high for factor in factors)
    if best == 0:
        return Interval(0.0, 0.0, most)
    low, high = 0.0, most
    if least > 0:
        low = best * math.exp(-math.hypot(*(math.log(factor.best) - math.log(factor.low) for factor in factors)))
    # A range over hundreds of powers of ten overflows exp; the product of the bounds is the widest that it can be.
    spread = math.hypot(*(math.log(factor.high) - math.log(factor.best) for factor in factors))
    if spread < 700:
        high = min(best * math.exp(spread), most)
    return Interval(min(max(low, least), best), best, max(high, best))
