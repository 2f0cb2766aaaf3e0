"""Causal multi-head self-attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.errors import ShapeError

__all__ = ["MultiHeadAttention"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class MultiHeadAttention(keras.layers.Layer):
    """Each place gathers from itself and the places before it what it finds relevant.

    In each head, place t weighs the values of places s ≤ t by softmax(q·k / √size), where size = features / num_heads:
    dot products of `size` independent terms have a spread of √size, which would leave the softmax all but one-hot.

    Args:
        num_heads: number of heads; the features are shared out among them.
        dropout: share of the attention weights that is dropped in training.
        use_bias: whether the two projections add a bias.
    Call arguments:
        x: (batch, time, features).
    Returns:
        (batch, time, features).
    Raises:
        ShapeError: features is not a multiple of num_heads.

    >>> MultiHeadAttention(num_heads=2)(keras.ops.ones((1, 3, 8))).shape
    TensorShape([1, 3, 8])

    Source: Vaswani et al. 2017, section 3.2.   Lesson: notebooks/07.
    """

    def __init__(self, num_heads: int, dropout: float = 0.0, use_bias: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.dropped = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape: Any) -> None:
        features = input_shape[-1]
        check_heads(features, self.num_heads)
        small = keras.initializers.RandomNormal(stddev=0.02)
        # One product for queries, keys and values: three small ones keep two cores less busy.
        self.inputs_to_qkv = keras.layers.Dense(
            3 * features, use_bias=self.use_bias, kernel_initializer=small, dtype=self.dtype_policy, name="qkv"
        )
        self.inputs_to_qkv.build(input_shape)
        self.heads_to_outputs = keras.layers.Dense(
            features, use_bias=self.use_bias, kernel_initializer=small.clone(), dtype=self.dtype_policy, name="outputs"
        )
        self.heads_to_outputs.build(input_shape)
        super().build(input_shape)

    def call(self, x: Any, training: bool | None = None) -> Any:
        _, time, features = ops.shape(x)
        size = features // self.num_heads
        qkv = self.inputs_to_qkv(x)  # (batch, time, 3·features)
        qkv = ops.reshape(qkv, (-1, time, 3, self.num_heads, size))  # (batch, time, 3, head, size)
        query, key, value = ops.unstack(ops.transpose(qkv, (2, 0, 3, 1, 4)), 3)  # (batch, head, time, size) each

        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) * size**-0.5  # (batch, head, time, time)
        places = ops.arange(time)
        visible = ops.expand_dims(places, 1) >= ops.expand_dims(places, 0)  # (time, time): s ≤ t
        # Finite, so that a row without any visible place could not become NaN; −1e9 overflows 16-bit floats.
        hidden = -3e4 if keras.backend.standardize_dtype(scores.dtype) == "float16" else -1e9
        weights = ops.softmax(ops.where(visible, scores, ops.cast(hidden, scores.dtype)))  # (batch, head, time, time)
        weights = self.dropped(weights, training=training)

        mixed = ops.matmul(weights, value)  # (batch, head, time, size)
        joined = ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (-1, time, features))  # (batch, time, features)
        return self.heads_to_outputs(joined)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"num_heads": self.num_heads, "dropout": self.dropout, "use_bias": self.use_bias}
        return {**super().get_config(), **own}


def check_heads(features: int, num_heads: int) -> None:
    """Raise ShapeError unless the features can be shared out evenly among the heads."""
    if num_heads >= 1 and features % num_heads == 0:
        return
    valid = [heads for heads in range(1, features + 1) if features % heads == 0]
    fewer = max((heads for heads in valid if heads < num_heads), default=None)
    more = min((heads for heads in valid if heads > num_heads), default=None)
    nearest = " or ".join(str(heads) for heads in (fewer, more) if heads is not None)
    raise ShapeError(
        f"MultiHeadAttention: width must be a multiple of num_heads; got width={features}, num_heads={num_heads}. "
        f"Take num_heads={nearest}, or another width."
    )
