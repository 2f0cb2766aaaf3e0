"""The part of a block that works on each place by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from greenlm_edu.lm.check_options import check_choice

__all__ = ["ACTIVATIONS", "FeedForward"]

# ops.gelu takes Φ from erfc, which is exact in the far tail too, where x·Φ(x) has long been 0 to the eye; XLA needs so
# long for it that a token, written for 16 rows at once, took 0.61 instead of 0.43 ms.
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "gelu": lambda x: 0.5 * x * (1 + ops.erf(x * 0.5**0.5)),  # x times the normal distribution's Φ(x)
    "gelu_tanh": lambda x: ops.gelu(x, approximate=True),  # GPT-2's own, called gelu_new elsewhere
    "relu": ops.relu,
    "silu": ops.silu,
    "tanh": ops.tanh,
}


@keras.saving.register_keras_serializable(package="greenlm_edu")
class FeedForward(keras.layers.Layer):
    """Two linear maps with a bend between them, the same for every place.

    Args:
        hidden_width: features between the two maps; None for four times the features that come in.
        use_bias: whether the maps add a bias.
        activation: the bend: "gelu" (exact), "gelu_tanh" (an approximation of it, which GPT-2 was trained with),
            "relu", "silu" or "tanh".
    Call arguments:
        x: (batch, time, features).
    Returns:
        (batch, time, features).
    Raises:
        InputError: another activation.

    >>> FeedForward(activation="relu")(ops.ones((1, 3, 8))).shape
    TensorShape([1, 3, 8])

    Source: Vaswani et al. 2017, section 3.3; Hendrycks and Gimpel 2016 (GELU).   Lesson: notebooks/09.
    """

    def __init__(
        self, hidden_width: int | None = None, use_bias: bool = False, activation: str = "gelu", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_choice("FeedForward", "activation", activation, ACTIVATIONS)
        self.hidden_width = hidden_width
        self.use_bias = use_bias
        self.activation = activation
        self.supports_masking = True

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
        x = ACTIVATIONS[self.activation](self.widen(x))  # (batch, time, hidden)
        return self.narrow(x)  # (batch, time, features)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"hidden_width": self.hidden_width, "use_bias": self.use_bias, "activation": self.activation}
        return {**super().get_config(), **own}
