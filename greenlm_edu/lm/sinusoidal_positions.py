"""Positions as sines and cosines, added to the token vectors."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from greenlm_edu.errors import ShapeError
from greenlm_edu.lm.check_options import check_choice

__all__ = ["SinusoidalPositions"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class SinusoidalPositions(keras.layers.Layer):
    """Adds to each vector a pattern that tells its place in the sequence.

    Attention alone does not know the order of its inputs. Here feature 2i of the vector at place p gains
    sin(p·ωᵢ) and feature 2i + 1 gains cos(p·ωᵢ), with ωᵢ = 10000^(−2i/features): nothing is learned, and any length
    will do. A step of k places turns each (sin, cos) pair by the same angle k·ωᵢ, wherever it starts.

    Args:
        layout: "interleaved" as above; "concatenated" for all sines first and all cosines behind them, as many
            programs have it. The two differ in the order of the features alone.
    Call arguments:
        x: (batch, time, features).
        start: the place of the first vector, where x continues a sequence.
    Returns:
        (batch, time, features).
    Raises:
        ShapeError: features is odd.
        InputError: another layout.

    >>> positions = SinusoidalPositions()(np.zeros((1, 2, 4), "float32"))
    >>> np.round(positions[0, 1], 4)
    array([0.8415, 0.5403, 0.01  , 1.    ], dtype=float32)

    Source: Vaswani et al. 2017, section 3.5.   Lesson: notebooks/08.
    """

    def __init__(self, layout: str = "interleaved", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("SinusoidalPositions", "layout", layout, ("interleaved", "concatenated"))
        self.layout = layout
        self.supports_masking = True

    def build(self, x_shape: Any) -> None:
        if x_shape[-1] % 2:
            raise ShapeError(
                f"SinusoidalPositions: features must be even, for pairs of sine and cosine; "
                f"got features={x_shape[-1]}. Take {x_shape[-1] + 1}."
            )
        super().build(x_shape)

    def call(self, x: Any, start: Any = 0) -> Any:
        features = x.shape[-1]
        # In NumPy's 64 bits, as these powers lose digits in 32.
        frequencies = (10000.0 ** (-np.arange(0, features, 2) / features)).astype("float32")  # (features/2,)
        places = ops.cast(ops.arange(ops.shape(x)[1]) + start, "float32")  # (time,)
        angles = ops.multiply(ops.expand_dims(places, 1), frequencies)  # (time, features/2)
        axis = -1 if self.layout == "interleaved" else 1  # of (time, features/2, 2) or of (time, 2, features/2)
        pattern = ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=axis), (-1, features))
        return x + ops.cast(pattern, x.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layout": self.layout}
