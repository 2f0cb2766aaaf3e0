"""Attention from one sequence to another."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.lm.attend import attend
from greenlm_edu.lm.attention import check_heads

__all__ = ["CrossAttention"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class CrossAttention(keras.layers.Layer):
    """Each place of one sequence gathers from all places of another, as a translation looks at its source.

    Args:
        num_heads: number of heads; the features are shared out among them.
        dropout: share of the attention weights that is dropped in training.
        use_bias: whether the projections add a bias.
    Call arguments:
        x: the sequence that asks, (batch, time, features).
        memory: the sequence that is asked, (batch, source, any number of features).
        memory_mask: booleans, (batch, source), False where the memory is padding.
        return_weights: whether the attention weights are wanted too.
    Returns:
        (batch, time, features); with return_weights, a tuple of it and the weights (batch, head, time, source).
    Raises:
        ShapeError: features is not a multiple of num_heads.

    >>> CrossAttention(num_heads=2)(ops.ones((1, 3, 8)), ops.ones((1, 5, 8))).shape
    TensorShape([1, 3, 8])

    Source: Vaswani et al. 2017, section 3.2.3.   Lesson: notebooks/11.
    """

    def __init__(self, num_heads: int, dropout: float = 0.0, use_bias: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.dropped = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.supports_masking = True

    def build(self, x_shape: Any, memory_shape: Any) -> None:
        features = x_shape[-1]
        check_heads(features, self.num_heads)

        def linear(name: str, outputs: int, shape: Any) -> keras.layers.Dense:
            small = keras.initializers.RandomNormal(stddev=0.02)
            layer = keras.layers.Dense(
                outputs, use_bias=self.use_bias, kernel_initializer=small, dtype=self.dtype_policy, name=name
            )
            layer.build(shape)
            return layer

        self.inputs_to_query = linear("query", features, x_shape)
        self.memory_to_keys_and_values = linear("keys_and_values", 2 * features, memory_shape)
        self.heads_to_outputs = linear("outputs", features, x_shape)
        super().build(x_shape)

    def call(
        self,
        x: Any,
        memory: Any,
        memory_mask: Any = None,
        return_weights: bool = False,
        training: bool | None = None,
    ) -> Any:
        _, time, features = ops.shape(x)
        size = features // self.num_heads
        query = ops.reshape(self.inputs_to_query(x), (-1, time, self.num_heads, size))  # (batch, time, head, size)
        query = ops.transpose(query, (0, 2, 1, 3))  # (batch, head, time, size)
        keys_and_values = self.memory_to_keys_and_values(memory)  # (batch, source, 2·features)
        keys_and_values = ops.reshape(keys_and_values, (-1, ops.shape(memory)[1], 2, self.num_heads, size))
        key, value = ops.unstack(ops.transpose(keys_and_values, (2, 0, 3, 1, 4)), 2)  # (batch, head, source, size) each

        visible = None if memory_mask is None else ops.expand_dims(memory_mask, (1, 2))  # (batch, 1, 1, source)
        mixed, weights = attend(query, key, value, visible, lambda w: self.dropped(w, training=training))
        joined = ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (-1, time, features))  # (batch, time, features)
        y = self.heads_to_outputs(joined)
        return (y, weights) if return_weights else y

    def compute_mask(self, x: Any, previous_mask: Any = None) -> Any:
        return previous_mask

    def get_config(self) -> dict[str, Any]:
        own = {"num_heads": self.num_heads, "dropout": self.dropout, "use_bias": self.use_bias}
        return {**super().get_config(), **own}
