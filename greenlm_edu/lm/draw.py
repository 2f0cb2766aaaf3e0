"""Drawing from a distribution, the same on every engine."""

from __future__ import annotations

from typing import Any

from keras import ops

__all__ = ["draw"]


def draw(probabilities: Any, uniform: Any) -> Any:
    """The token in whose share of the line from 0 to 1 a random number falls.

    The random numbers come from outside, so one seed gives one text, whatever the engine and however it is compiled.

    Args:
        probabilities: (batch, vocab).
        uniform: a number in 0 ≤ u < 1 for each row, (batch,).
    Returns:
        int32, (batch,); never a token of probability 0.

    >>> [int(token) for token in draw(ops.array([[0.5, 0.3, 0.2]] * 3), ops.array([0.1, 0.6, 0.99]))]
    [0, 1, 2]

    Source: the inverse of the distribution function; Devroye 1986, section III.2.   Lesson: notebooks/10.
    """
    ends = ops.cumsum(probabilities, axis=-1)  # (batch, vocab): where each share ends
    # A little less than u of the whole, so that rounding cannot lead past the last share.
    point = ops.expand_dims(uniform, 1) * ends[:, -1:] * (1 - 1e-6)  # (batch, 1)
    return ops.sum(ops.cast(ends <= point, "int32"), axis=-1)
