"""The part of a block that works on each place by itself."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["FeedForward"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class FeedForward(keras.layers.Layer):
    """Two linear maps with a GELU between them, the same for every place.

    Args:
        hidden_width: features between the two maps; None for four times the features that come in.
        use_bias: whether the maps add a bias.
    Call arguments:
        x: (batch, time, features).
    Returns:
        (batch, time, features).
    Source: Vaswani et al. 2017, section 3.3; Hendrycks and Gimpel 2016 (GELU).   Lesson: notebooks/09.
    """

    def __init__(self, hidden_width: int | None = None, use_bias: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hidden_width = hidden_width
        self.use_bias = use_bias

    def build(self, input_shape: Any) -> None:
        features = input_shape[-1]
        hidden_width = self.hidden_width or 4 * features
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.widen = keras.layers.Dense(
            hidden_width, use_bias=self.use_bias, kernel_initializer=small, dtype=self.dtype_policy, name="widen"
        )
        self.widen.build(input_shape)
        self.narrow = keras.layers.Dense(
            features, use_bias=self.use_bias, kernel_initializer=small.clone(), dtype=self.dtype_policy, name="narrow"
        )
        self.narrow.build((*input_shape[:-1], hidden_width))
        super().build(input_shape)

    def call(self, x: Any) -> Any:
        x = ops.gelu(self.widen(x), approximate=False)  # (batch, time, hidden)
        return self.narrow(x)  # (batch, time, features)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "hidden_width": self.hidden_width, "use_bias": self.use_bias}
