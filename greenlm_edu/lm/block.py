"""One layer of a Transformer."""

from __future__ import annotations

from typing import Any

import keras

from greenlm_edu.lm.attention import MultiHeadAttention
from greenlm_edu.lm.check_options import check_choice
from greenlm_edu.lm.cross_attention import CrossAttention
from greenlm_edu.lm.feed_forward import FeedForward

__all__ = ["Block"]

LAYER_NORM_EPSILON = 1e-5  # GPT-2's; Keras' default of 1e-3 is felt where activations are small


@keras.saving.register_keras_serializable(package="greenlm_edu")
class Block(keras.layers.Layer):
    """Attention, then feed-forward; the result of each is added to what came in.

    With norm="pre" each part normalises its own input. As the sum runs through unchanged, gradients reach the first
    layer undiminished, and training needs less warm-up than with norm="post", where the sum itself is normalised.

    Args:
        num_heads: heads of the attention.
        hidden_width: features inside the feed-forward part; None for four times the width.
        dropout: share of activations that is dropped in training.
        use_bias: whether linear maps and normalisations add a bias.
        activation: of the feed-forward part.
        norm: "pre" or "post".
        causal: whether a place sees itself and earlier ones alone.
        cross: whether the block looks at a memory too, between the two parts.
        rotary: whether the attention uses rotary positions.
    Call arguments:
        x: (batch, time, features).
        memory: where cross is set, the other sequence, (batch, source, features).
        mask: booleans, (batch, time), False where x is padding.
        memory_mask: booleans, (batch, source), False where the memory is padding.
        cache, start, return_weights: see MultiHeadAttention.
    Returns:
        (batch, time, features), or a tuple of it and, as asked for: the new cache, the attention weights, the
        weights of the attention to the memory.
    Raises:
        ShapeError: features is not a multiple of num_heads.
        InputError: another norm or activation.

    >>> Block(num_heads=2)(keras.ops.ones((1, 3, 8))).shape
    TensorShape([1, 3, 8])

    Source: Vaswani et al. 2017; Radford et al. 2019, section 2.3; Xiong et al. 2020 (the two norms).
    Lesson: notebooks/09.
    """

    def __init__(
        self,
        num_heads: int,
        hidden_width: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = False,
        activation: str = "gelu",
        norm: str = "pre",
        causal: bool = True,
        cross: bool = False,
        rotary: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choice("Block", "norm", norm, ("pre", "post"))
        self.num_heads = num_heads
        self.hidden_width = hidden_width
        self.dropout = dropout
        self.use_bias = use_bias
        self.activation = activation
        self.norm = norm
        self.causal = causal
        self.cross = cross
        self.rotary = rotary
        self.supports_masking = True
        policy = self.dtype_policy
        self.attention_norm = layer_norm(use_bias, policy)
        self.attention = MultiHeadAttention(num_heads, dropout, use_bias, causal, rotary, dtype=policy)
        if cross:
            self.cross_attention_norm = layer_norm(use_bias, policy)
            self.cross_attention = CrossAttention(num_heads, dropout, use_bias, dtype=policy)
        self.feed_forward_norm = layer_norm(use_bias, policy)
        self.feed_forward = FeedForward(hidden_width, use_bias, activation, dtype=policy)
        self.dropped = keras.layers.Dropout(dropout, dtype=policy)

    def build(self, x_shape: Any, memory_shape: Any = None) -> None:
        self.attention_norm.build(x_shape)
        self.attention.build(x_shape)
        if self.cross:
            self.cross_attention_norm.build(x_shape)
            self.cross_attention.build(x_shape, memory_shape or x_shape)
        self.feed_forward_norm.build(x_shape)
        self.feed_forward.build(x_shape)
        super().build(x_shape)

    def call(
        self,
        x: Any,
        memory: Any = None,
        mask: Any = None,
        memory_mask: Any = None,
        cache: Any = None,
        start: Any = 0,
        return_weights: bool = False,
        training: bool | None = None,
    ) -> Any:
        heard = self.attention(
            self._before(self.attention_norm, x),
            mask=mask,
            cache=cache,
            start=start,
            return_weights=return_weights,
            training=training,
        )
        heard, *asked_for = heard if isinstance(heard, tuple) else (heard,)
        x = self._after(self.attention_norm, x + self.dropped(heard, training=training))  # (batch, time, features)
        if self.cross:
            seen = self.cross_attention(
                self._before(self.cross_attention_norm, x),
                memory,
                memory_mask=memory_mask,
                return_weights=return_weights,
                training=training,
            )
            seen, *weights = seen if return_weights else (seen,)
            asked_for += weights
            x = self._after(self.cross_attention_norm, x + self.dropped(seen, training=training))
        thought = self.feed_forward(self._before(self.feed_forward_norm, x))  # (batch, time, features)
        x = self._after(self.feed_forward_norm, x + self.dropped(thought, training=training))
        return (x, *asked_for) if asked_for else x

    def _before(self, norm: Any, x: Any) -> Any:
        return norm(x) if self.norm == "pre" else x

    def _after(self, norm: Any, x: Any) -> Any:
        return norm(x) if self.norm == "post" else x

    def compute_mask(self, x: Any, previous_mask: Any = None) -> Any:
        return previous_mask

    def get_config(self) -> dict[str, Any]:
        names = ("num_heads", "hidden_width", "dropout", "use_bias", "activation", "norm", "causal", "cross", "rotary")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def layer_norm(use_bias: bool, policy: Any) -> keras.layers.LayerNormalization:
    """Layer normalisation as in GPT-2: a gain, and a shift where biases are used."""
    return keras.layers.LayerNormalization(epsilon=LAYER_NORM_EPSILON, center=use_bias, dtype=policy)
