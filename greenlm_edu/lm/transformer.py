"""The language model: a decoder-only Transformer."""

from __future__ import annotations

from typing import Any

import keras

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.lm.attention import check_heads
from greenlm_edu.lm.block import LAYER_NORM_EPSILON, Block
from greenlm_edu.lm.sinusoidal_positions import SinusoidalPositions
from greenlm_edu.lm.token_embedding import TokenEmbedding

__all__ = ["Transformer"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class Transformer(keras.Model):
    """Scores every token as the next one, at each place of a sequence, from the tokens up to there.

    Tokens become vectors, positions are added, blocks refine them, and the last vectors are compared with every
    token's own vector (the tied head) or with a matrix of their own.

    Args:
        vocab_size: number of different tokens.
        context: the longest sequence that the model takes.
        width: features of each vector, even, and a multiple of num_heads.
        num_layers: number of blocks.
        num_heads: heads of each attention.
        dropout: share of activations that is dropped in training.
        use_bias: whether linear maps and normalisations add a bias.
        tied_head: whether the token table is the output head too.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time), time ≤ context.
    Returns:
        logits, (batch, time, vocab).
    Raises:
        InputError: a size below 1, or dropout outside 0 … 1.
        ShapeError: width is odd or not a multiple of num_heads; or a sequence is longer than the context.

    >>> model = Transformer(vocab_size=65, context=32, width=16, num_layers=1, num_heads=2)
    >>> model(keras.ops.zeros((1, 8), "int32")).shape
    TensorShape([1, 8, 65])
    >>> model.count_params()  # 65·16 + 12·16² + 3·16
    4160

    Source: Vaswani et al. 2017; Radford et al. 2019 (decoder only, pre-norm, tied).   Lesson: notebooks/09.
    """

    def __init__(
        self,
        vocab_size: int,
        context: int,
        width: int = 128,
        num_layers: int = 4,
        num_heads: int = 4,
        dropout: float = 0.0,
        use_bias: bool = False,
        tied_head: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.context = context
        self.width = width
        self.num_layers = num_layers
        self.num_heads = num_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.tied_head = tied_head
        self._check_sizes()
        policy = self.dtype_policy
        self.token_embedding = TokenEmbedding(vocab_size, width, dtype=policy)
        self.positions = SinusoidalPositions(dtype=policy)
        self.dropped = keras.layers.Dropout(dropout, dtype=policy)
        self.blocks = [
            Block(num_heads, dropout=dropout, use_bias=use_bias, dtype=policy, name=f"block_{number}")
            for number in range(num_layers)
        ]
        self.last_norm = keras.layers.LayerNormalization(epsilon=LAYER_NORM_EPSILON, center=use_bias, dtype=policy)
        self.head = None
        if not tied_head:
            small = keras.initializers.RandomNormal(stddev=0.02)
            self.head = keras.layers.Dense(vocab_size, use_bias=use_bias, kernel_initializer=small, dtype=policy)
        # Built at once: the weights exist, can be counted and loaded, before the first sequence is seen.
        self.build((None, context))

    def build(self, input_shape: Any) -> None:
        if self.built:
            return
        hidden_shape = (*input_shape, self.width)
        self.token_embedding.build(input_shape)
        self.positions.build(hidden_shape)
        for block in self.blocks:
            block.build(hidden_shape)
        self.last_norm.build(hidden_shape)
        if self.head is not None:
            self.head.build(hidden_shape)
        super().build(input_shape)

    def call(self, ids: Any, training: bool | None = None) -> Any:
        time = ids.shape[1]  # None where the length is not known beforehand
        if time is not None and time > self.context:
            raise ShapeError(
                f"Transformer: a sequence must be no longer than the context; got time={time}, context={self.context}. "
                f"Cut the sequence to its last {self.context} tokens, or build the model with a longer context."
            )
        x = self.positions(self.token_embedding(ids))  # (batch, time, features)
        x = self.dropped(x, training=training)
        for block in self.blocks:
            x = block(x, training=training)
        x = self.last_norm(x)
        return self.token_embedding.scores(x) if self.head is None else self.head(x)  # (batch, time, vocab)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.vocab_size)

    def get_config(self) -> dict[str, Any]:
        own = {
            "vocab_size": self.vocab_size,
            "context": self.context,
            "width": self.width,
            "num_layers": self.num_layers,
            "num_heads": self.num_heads,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "tied_head": self.tied_head,
        }
        return {**super().get_config(), **own}

    def _check_sizes(self) -> None:
        for name in ("vocab_size", "context", "width", "num_layers", "num_heads"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(
                    f"Transformer: {name} must be a whole number, 1 or more; got {name}={value!r}. Take for example 4."
                )
        if not 0 <= self.dropout < 1:
            raise InputError(
                f"Transformer: dropout must be at least 0 and below 1; got dropout={self.dropout}. Take 0.1."
            )
        if self.width % 2:
            raise ShapeError(
                f"Transformer: width must be even, for pairs of sine and cosine; got width={self.width}. "
                f"Take {self.width + 1}."
            )
        check_heads(self.width, self.num_heads)
