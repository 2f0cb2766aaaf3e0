"""Positions as sines and cosines, added to the token vectors."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from greenlm_edu.errors import ShapeError

__all__ = ["SinusoidalPositions"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class SinusoidalPositions(keras.layers.Layer):
    """Adds to each vector a pattern that tells its place in the sequence.

    Attention alone does not know the order of its inputs. Here feature 2i of the vector at place p gains
    sin(p·ωᵢ) and feature 2i + 1 gains cos(p·ωᵢ), with ωᵢ = 10000^(−2i/features): nothing is learned, and any length
    will do. A step of k places turns each (sin, cos) pair by the same angle k·ωᵢ, wherever it starts.

    Call arguments:
        x: (batch, time, features).
    Returns:
        (batch, time, features).
    Raises:
        ShapeError: features is odd.

    >>> positions = SinusoidalPositions()(np.zeros((1, 2, 4), "float32"))
    >>> np.round(positions[0, 1], 4)
    array([0.8415, 0.5403, 0.01  , 1.    ], dtype=float32)

    Source: Vaswani et al. 2017, section 3.5.   Lesson: notebooks/08.
    """

    def build(self, input_shape: Any) -> None:
        if input_shape[-1] % 2:
            raise ShapeError(
                f"SinusoidalPositions: features must be even, for pairs of sine and cosine; "
                f"got features={input_shape[-1]}. Take {input_shape[-1] + 1}."
            )
        super().build(input_shape)

    def call(self, x: Any) -> Any:
        features = x.shape[-1]
        # In NumPy's 64 bits, as these powers lose digits in 32.
        frequencies = (10000.0 ** (-np.arange(0, features, 2) / features)).astype("float32")  # (features/2,)
        places = ops.cast(ops.arange(ops.shape(x)[1]), "float32")  # (time,)
        angles = ops.expand_dims(places, 1) * frequencies  # (time, features/2)
        pairs = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)  # (time, features/2, 2)
        pattern = ops.reshape(pairs, (-1, features))  # (time, features)
        return x + ops.cast(pattern, x.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
