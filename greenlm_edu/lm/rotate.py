"""Rotary positions: queries and keys are turned by an angle that grows with their place."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from greenlm_edu.errors import ShapeError

__all__ = ["rotate"]


def rotate(x: Any, start: Any = 0) -> Any:
    """Turn each pair of features by place × ωᵢ, with ωᵢ = 10000^(−2i/size).

    A query turned by its place meets a key turned by its own: their product depends on the distance between the two
    alone, so no position has to be added to the vectors. Features 2i and 2i + 1 are a pair. (Some published models
    pair feature i with i + size/2 instead; that is the same with the columns in another order.)

    Args:
        x: queries or keys, (batch, head, time, size).
        start: the place of the first one.
    Returns:
        (batch, head, time, size); every vector keeps its length.
    Raises:
        ShapeError: size is odd.

    >>> turned = rotate(np.array([[[[1.0, 0.0], [1.0, 0.0]]]], "float32"))  # by 0 and by 1 radian
    >>> [round(float(feature), 4) for feature in turned[0, 0, 1]]
    [0.5403, 0.8415]

    Source: Su et al. 2021, section 3.4.   Lesson: notebooks/08.
    """
    x = ops.convert_to_tensor(x)
    size = x.shape[-1]
    if size % 2:
        raise ShapeError(
            f"rotate: the features of a head must be even, for pairs; got {size}. "
            "Take a width that is a multiple of 2·num_heads."
        )
    # In NumPy's 64 bits, as these powers lose digits in 32.
    frequencies = (10000.0 ** (-np.arange(0, size, 2) / size)).astype("float32")  # (size/2,)
    places = ops.cast(ops.arange(ops.shape(x)[2]) + start, "float32")  # (time,)
    angles = ops.multiply(ops.expand_dims(places, 1), frequencies)  # (time, size/2)
    cosine, sine = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]  # (batch, head, time, size/2) each
    pairs = ops.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1)
    return ops.reshape(pairs, ops.shape(x))  # (batch, head, time, size)
