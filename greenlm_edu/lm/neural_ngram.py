"""The first neural language model: the last few words as vectors, side by side, into one hidden layer."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.errors import InputError

__all__ = ["NeuralNGram"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class NeuralNGram(keras.Model):
    """Scores every token as the next one from the vectors of the last order − 1 tokens.

    Unlike a table of counts it can guess well after words that it never saw together: similar words get similar
    vectors, and similar vectors similar scores. Before the first token stands a start mark with a vector of its own.

    Args:
        vocab_size: number of different tokens.
        order: tokens in a run: order − 1 that are looked at, and the one that is predicted; 2 or more.
        width: features of each token's vector.
        hidden_width: features of the hidden layer.
        context: the longest sequence it is given in evaluation; it does not change what the network is.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time).
    Returns:
        logits, (batch, time, vocab); those at a place depend on that place and the order − 2 before it.
    Raises:
        InputError: a size below 1, or order below 2.

    >>> network = NeuralNGram(vocab_size=65, order=3, width=16, hidden_width=32)
    >>> network(keras.ops.zeros((1, 8), "int32")).shape
    TensorShape([1, 8, 65])
    >>> network.count_params()  # 66·16 + (2·16·32 + 32) + (32·65 + 65)
    4257

    Source: Bengio et al. 2003, without the direct connections.   Lesson: notebooks/05.
    """

    def __init__(
        self,
        vocab_size: int,
        order: int = 4,
        width: int = 32,
        hidden_width: int = 128,
        context: int = 64,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.order = order
        self.width = width
        self.hidden_width = hidden_width
        self.context = context
        for name, least in (("vocab_size", 1), ("order", 2), ("width", 1), ("hidden_width", 1), ("context", 1)):
            if getattr(self, name) < least:
                raise InputError(
                    f"NeuralNGram: {name} must be {least} or more; got {name}={getattr(self, name)}. Take {least}."
                )
        self.vectors = keras.layers.Embedding(vocab_size + 1, width, dtype=self.dtype_policy)  # the last: start mark
        self.to_hidden = keras.layers.Dense(hidden_width, activation="tanh", dtype=self.dtype_policy)
        self.to_logits = keras.layers.Dense(vocab_size, dtype=self.dtype_policy)
        self.build((None, context))

    def build(self, input_shape: Any) -> None:
        if self.built:
            return
        self.vectors.build(input_shape)
        self.to_hidden.build((*input_shape, (self.order - 1) * self.width))
        self.to_logits.build((*input_shape, self.hidden_width))
        super().build(input_shape)

    def call(self, ids: Any) -> Any:
        time = ops.shape(ids)[1]
        start = ops.full_like(ids[:, :1], self.vocab_size)  # (batch, 1)
        x = self.vectors(ops.concatenate([start] * (self.order - 2) + [ids], axis=1))  # (batch, order−2+time, features)
        # The oldest first: at place t stand the vectors of t − order + 2 … t.
        seen = [x[:, place : place + time] for place in range(self.order - 1)]  # (batch, time, features) each
        side_by_side = ops.concatenate(seen, axis=-1)  # (batch, time, (order−1)·features)
        return self.to_logits(self.to_hidden(side_by_side))  # (batch, time, vocab)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.vocab_size)

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("vocab_size", "order", "width", "hidden_width", "context")}
        return {**super().get_config(), **own}
