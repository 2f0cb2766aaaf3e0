"""One layer of a Transformer."""

from __future__ import annotations

from typing import Any

import keras

from greenlm_edu.lm.attention import MultiHeadAttention
from greenlm_edu.lm.feed_forward import FeedForward

__all__ = ["Block"]

LAYER_NORM_EPSILON = 1e-5  # GPT-2's; Keras' default of 1e-3 is felt where activations are small


@keras.saving.register_keras_serializable(package="greenlm_edu")
class Block(keras.layers.Layer):
    """Attention, then feed-forward; each normalises its input and adds its result to it (pre-norm).

    As the sum runs through unchanged, gradients reach the first layer undiminished, and training needs less warm-up
    than where the sum itself is normalised (post-norm).

    Args:
        num_heads: heads of the attention.
        hidden_width: features inside the feed-forward part; None for four times the width.
        dropout: share of activations that is dropped in training.
        use_bias: whether linear maps and normalisations add a bias.
    Call arguments:
        x: (batch, time, features).
    Returns:
        (batch, time, features).
    Raises:
        ShapeError: features is not a multiple of num_heads.
    Source: Radford et al. 2019, section 2.3; Xiong et al. 2020.   Lesson: notebooks/09.
    """

    def __init__(
        self,
        num_heads: int,
        hidden_width: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.hidden_width = hidden_width
        self.dropout = dropout
        self.use_bias = use_bias
        policy = self.dtype_policy
        self.norm_before_attention = keras.layers.LayerNormalization(
            epsilon=LAYER_NORM_EPSILON, center=use_bias, dtype=policy
        )
        self.attention = MultiHeadAttention(num_heads, dropout, use_bias, dtype=policy)
        self.norm_before_feed_forward = keras.layers.LayerNormalization(
            epsilon=LAYER_NORM_EPSILON, center=use_bias, dtype=policy
        )
        self.feed_forward = FeedForward(hidden_width, use_bias, dtype=policy)
        self.dropped = keras.layers.Dropout(dropout, dtype=policy)

    def build(self, input_shape: Any) -> None:
        self.norm_before_attention.build(input_shape)
        self.attention.build(input_shape)
        self.norm_before_feed_forward.build(input_shape)
        self.feed_forward.build(input_shape)
        super().build(input_shape)

    def call(self, x: Any, training: bool | None = None) -> Any:
        heard = self.attention(self.norm_before_attention(x), training=training)  # (batch, time, features)
        x = x + self.dropped(heard, training=training)
        thought = self.feed_forward(self.norm_before_feed_forward(x))  # (batch, time, features)
        return x + self.dropped(thought, training=training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "num_heads": self.num_heads,
            "hidden_width": self.hidden_width,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
        }
        return {**super().get_config(), **own}
