"""The core of attention: a weighted mean of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

__all__ = ["attend"]


def attend(
    query: Any, key: Any, value: Any, visible: Any = None, dropped: Callable[[Any], Any] | None = None
) -> tuple[Any, Any]:
    """For each query, the mean of the values, weighted by how well query and keys match.

    The weights are softmax(q·k / √size). Dot products of `size` independent terms have a spread of √size, which would
    leave the softmax all but one-hot.

    Args:
        query: (batch, head, time, size).
        key: (batch, head, source, size).
        value: (batch, head, source, size).
        visible: booleans that broadcast to (batch, head, time, source), True where a query may look; None for
            everywhere. A query that may look nowhere looks everywhere alike, as its weights must sum to 1.
        dropped: applied to the weights, such as dropout in training.
    Returns:
        (batch, head, time, size) and the weights (batch, head, time, source).

    >>> mixed, weights = attend(*(ops.ones((1, 1, 4, 2)) for _ in range(3)))
    >>> [float(weight) for weight in weights[0, 0, 0]]
    [0.25, 0.25, 0.25, 0.25]

    Source: Vaswani et al. 2017, section 3.2.1.   Lesson: notebooks/07.
    """
    size = query.shape[-1]
    scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) * size**-0.5  # (batch, head, time, source)
    if visible is not None:
        # Finite, so that a row without any visible place could not become NaN; −1e9 overflows 16-bit floats.
        hidden = -3e4 if keras.backend.standardize_dtype(scores.dtype) == "float16" else -1e9
        scores = ops.where(visible, scores, ops.cast(hidden, scores.dtype))
    weights = ops.softmax(scores)  # (batch, head, time, source)
    if dropped is not None:
        weights = dropped(weights)
    return ops.matmul(weights, value), weights
