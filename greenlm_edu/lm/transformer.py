"""The language model: a decoder-only Transformer."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.lm.gpt2_sizes import gpt2_options
from greenlm_edu.lm.stack import Stack
from greenlm_edu.lm.tied_head import TiedHead
from greenlm_edu.lm.weights_file import WeightsFile

__all__ = ["Transformer"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class Transformer(WeightsFile, keras.Model):
    """Scores every token as the next one, at each place of a sequence, from the tokens up to there.

    Tokens become vectors, positions are added, blocks refine them, and the last vectors are compared with every
    token's own vector (the tied head) or with a matrix of their own.

    Args:
        vocab_size: number of different tokens.
        context: the longest sequence that the model takes.
        width: features of each vector; a multiple of num_heads, and even for sinusoidal positions.
        num_layers: number of blocks.
        num_heads: heads of each attention.
        dropout: share of activations that is dropped in training.
        use_bias: whether linear maps and normalisations add a bias.
        tied_head: whether the token table is the output head too.
        positions: "sinusoidal", "sinusoidal_concatenated", "learned" or "rotary".
        norm: "pre" or "post": whether each part normalises its input, or its sum with it.
        activation: of the feed-forward parts: "gelu", "gelu_tanh", "relu", "silu" or "tanh".
        hidden_width: features inside the feed-forward parts; None for four times the width.
        padding_id: a token that only fills up: no place looks at it, and Keras' losses leave it out. None for none.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time), time ≤ context.
    Returns:
        logits, (batch, time, vocab).
    Raises:
        InputError: a size below 1, dropout outside 0 … 1, or an option that is not one of those named.
        ShapeError: a width that does not fit; or a sequence is longer than the context.
        VocabularyError: an id is not in 0 … vocab_size − 1 (compiled functions do not look).

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
        positions: str = "sinusoidal",
        norm: str = "pre",
        activation: str = "gelu",
        hidden_width: int | None = None,
        padding_id: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.decoder = Stack(
            vocab_size=vocab_size,
            context=context,
            width=width,
            num_layers=num_layers,
            num_heads=num_heads,
            dropout=dropout,
            use_bias=use_bias,
            positions=positions,
            norm=norm,
            activation=activation,
            hidden_width=hidden_width,
            padding_id=padding_id,
            where="Transformer",
            dtype=self.dtype_policy,
        )
        self.vocab_size = vocab_size
        self.context = context
        self.width = width
        self.num_layers = num_layers
        self.num_heads = num_heads
        self.tied_head = tied_head
        self.supports_masking = True
        self.tied = TiedHead(dtype=self.dtype_policy)
        self.head = None
        if not tied_head:
            small = keras.initializers.RandomNormal(stddev=0.02)
            self.head = keras.layers.Dense(
                vocab_size, use_bias=use_bias, kernel_initializer=small, dtype=self.dtype_policy
            )
        # Built at once: the weights exist, can be counted and loaded, before the first sequence is seen.
        self.build((None, context))

    @classmethod
    def gpt2(cls, size: str = "small", **options: Any) -> Transformer:
        """GPT-2's architecture in a published size, with random weights.

        Args:
            size: "small" (124,439,808 parameters), "medium", "large" or "xl".
            options: what should be otherwise, such as vocab_size=65 or num_layers=2.
        Raises:
            InputError: another size.
        Source: Radford et al. 2019, table 2.   Lesson: notebooks/15.
        """
        return cls(**{**gpt2_options(size), **options})

    @property
    def token_embedding(self) -> Any:
        """The table of token vectors."""
        return self.decoder.token_embedding

    @property
    def positions(self) -> Any:
        """The layer that adds positions; None with rotary ones."""
        return self.decoder.positions

    @property
    def blocks(self) -> Any:
        """The blocks, first to last."""
        return self.decoder.blocks

    def build(self, input_shape: Any) -> None:
        if self.built:
            return
        self.decoder.build(input_shape)
        if self.head is not None:
            self.head.build((*input_shape, self.width))
        super().build(input_shape)

    def call(self, ids: Any, training: bool | None = None) -> Any:
        return self.scores(self.decoder(ids, training=training))

    def scores(self, x: Any) -> Any:
        """The logits (batch, time, vocab) of last vectors (batch, time, features)."""
        if self.head is not None:
            return self.head(x)
        return self.tied(x, ops.convert_to_tensor(self.token_embedding.table))

    def attention_weights(self, ids: Any) -> list[Any]:
        """Where each block looks: for ids (batch, time), a list of weights (batch, head, time, time)."""
        _, weights = self.decoder(ids, return_weights=True)
        return [own for (own,) in weights]

    def compute_mask(self, ids: Any, previous_mask: Any = None) -> Any:
        return self.token_embedding.compute_mask(ids)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.vocab_size)

    def get_config(self) -> dict[str, Any]:
        own = {name: value for name, value in self.decoder.options.items() if name not in ("causal", "cross", "where")}
        return {**super().get_config(), **own, "tied_head": self.tied_head}
