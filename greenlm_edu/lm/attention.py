"""Multi-head self-attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.errors import ShapeError
from greenlm_edu.lm.attend import attend
from greenlm_edu.lm.rotate import rotate

__all__ = ["MultiHeadAttention"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class MultiHeadAttention(keras.layers.Layer):
    """Each place gathers from itself and the places before it what it finds relevant, in several heads at once.

    Args:
        num_heads: number of heads; the features are shared out among them.
        dropout: share of the attention weights that is dropped in training.
        use_bias: whether the two projections add a bias.
        causal: whether a place sees itself and earlier ones alone, as a model that predicts the next token must.
        rotary: whether queries and keys are turned by their place (rotary positions).
    Call arguments:
        x: (batch, time, features).
        mask: booleans, (batch, time), False where x is padding that no place may look at.
        cache: a pair of this layer's keys and values, (batch, head, length, size) each; those of x are written into
            it at `start`, and x sees all that stand there up to its own place. The mask is then not used.
        start: the place of x's first vector, where x continues a sequence.
        return_weights: whether the attention weights are wanted too.
    Returns:
        (batch, time, features); with a cache, a tuple of it and the new cache; with return_weights, the weights
        (batch, head, time, time) behind these.
    Raises:
        ShapeError: features is not a multiple of num_heads; rotary, and their quotient is odd.

    >>> MultiHeadAttention(num_heads=2)(keras.ops.ones((1, 3, 8))).shape
    TensorShape([1, 3, 8])

    Source: Vaswani et al. 2017, section 3.2; Su et al. 2021 (rotary).   Lesson: notebooks/07, notebooks/10 (the cache).
    """

    def __init__(
        self,
        num_heads: int,
        dropout: float = 0.0,
        use_bias: bool = False,
        causal: bool = True,
        rotary: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.causal = causal
        self.rotary = rotary
        self.dropped = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.supports_masking = True

    def build(self, x_shape: Any) -> None:
        features = x_shape[-1]
        check_heads(features, self.num_heads)
        small = keras.initializers.RandomNormal(stddev=0.02)
        # One product for queries, keys and values: three small ones keep two cores less busy.
        self.inputs_to_qkv = keras.layers.Dense(
            3 * features, use_bias=self.use_bias, kernel_initializer=small, dtype=self.dtype_policy, name="qkv"
        )
        self.inputs_to_qkv.build(x_shape)
        self.heads_to_outputs = keras.layers.Dense(
            features, use_bias=self.use_bias, kernel_initializer=small.clone(), dtype=self.dtype_policy, name="outputs"
        )
        self.heads_to_outputs.build(x_shape)
        super().build(x_shape)

    def call(
        self,
        x: Any,
        mask: Any = None,
        cache: Any = None,
        start: Any = 0,
        return_weights: bool = False,
        training: bool | None = None,
    ) -> Any:
        _, time, features = ops.shape(x)
        qkv = self.inputs_to_qkv(x)  # (batch, time, 3·features)
        qkv = ops.reshape(qkv, (-1, time, 3, self.num_heads, features // self.num_heads))
        query, key, value = ops.unstack(ops.transpose(qkv, (2, 0, 3, 1, 4)), 3)  # (batch, head, time, size) each
        if self.rotary:
            query, key = rotate(query, start), rotate(key, start)
        if cache is not None:
            place = [ops.cast(index, "int32") for index in (0, 0, start, 0)]
            # Two arrays, as taking keys and values out of one would copy them for each token.
            key, value = cache = [
                ops.slice_update(old, place, new) for old, new in zip(cache, (key, value), strict=True)
            ]

        visible = None
        if self.causal:
            asking, asked = ops.arange(time) + start, ops.arange(ops.shape(key)[2])
            visible = ops.expand_dims(asking, 1) >= ops.expand_dims(asked, 0)  # (time, length): s ≤ t
        if mask is not None and cache is None:
            not_padding = ops.expand_dims(mask, (1, 2))  # (batch, 1, 1, time)
            visible = not_padding if visible is None else ops.logical_and(visible, not_padding)
        mixed, weights = attend(query, key, value, visible, lambda w: self.dropped(w, training=training))

        joined = ops.reshape(ops.transpose(mixed, (0, 2, 1, 3)), (-1, time, features))  # (batch, time, features)
        results = [self.heads_to_outputs(joined)]
        if cache is not None:
            results.append(cache)
        if return_weights:
            results.append(weights)
        return results[0] if len(results) == 1 else tuple(results)

    def compute_mask(self, x: Any, previous_mask: Any = None) -> Any:
        return previous_mask

    def get_config(self) -> dict[str, Any]:
        names = ("num_heads", "dropout", "use_bias", "causal", "rotary")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


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
