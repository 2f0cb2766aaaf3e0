"""A recurrent language model: what it has read so far is one vector that it carries along."""

from __future__ import annotations

from typing import Any

import keras

from greenlm_edu.errors import InputError

__all__ = ["LSTMNetwork"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class LSTMNetwork(keras.Model):
    """Scores every token as the next one from a memory of all tokens so far.

    Gates decide at each token what the memory keeps, takes up and shows. The places of a sequence must be worked
    through one after the other, which a Transformer does not need: compare their joules a token.

    Args:
        vocab_size: number of different tokens.
        context: the longest sequence it is given in evaluation; the memory is empty at its beginning.
        width: features of each token's vector and of the memory.
        num_layers: LSTM layers, one upon the other.
        dropout: share of each layer's inputs that is dropped in training.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time).
    Returns:
        logits, (batch, time, vocab).
    Raises:
        InputError: a size below 1, or dropout outside 0 … 1.

    >>> network = LSTMNetwork(vocab_size=65, width=16)
    >>> network(keras.ops.zeros((1, 8), "int32")).shape
    TensorShape([1, 8, 65])
    >>> network.count_params()  # 65·16 + 4·(16·16 + 16·16 + 16) + (16·65 + 65)
    4257

    Source: Hochreiter and Schmidhuber 1997; Sundermeyer et al. 2012 (as a language model).   Lesson: notebooks/05.
    """

    def __init__(
        self,
        vocab_size: int,
        context: int = 64,
        width: int = 128,
        num_layers: int = 1,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.context = context
        self.width = width
        self.num_layers = num_layers
        self.dropout = dropout
        for name in ("vocab_size", "context", "width", "num_layers"):
            if getattr(self, name) < 1:
                raise InputError(f"LSTMNetwork: {name} must be 1 or more; got {name}={getattr(self, name)}. Take 1.")
        if not 0 <= dropout < 1:
            raise InputError(f"LSTMNetwork: dropout must be at least 0 and below 1; got dropout={dropout}. Take 0.1.")
        policy = self.dtype_policy
        self.vectors = keras.layers.Embedding(vocab_size, width, dtype=policy)
        self.memories = [
            keras.layers.LSTM(width, return_sequences=True, dropout=dropout, dtype=policy) for _ in range(num_layers)
        ]
        self.to_logits = keras.layers.Dense(vocab_size, dtype=policy)
        self.build((None, context))

    def build(self, input_shape: Any) -> None:
        if self.built:
            return
        hidden_shape = (*input_shape, self.width)
        self.vectors.build(input_shape)
        for memory in self.memories:
            memory.build(hidden_shape)
        self.to_logits.build(hidden_shape)
        super().build(input_shape)

    def call(self, ids: Any, training: bool | None = None) -> Any:
        x = self.vectors(ids)  # (batch, time, features)
        for memory in self.memories:
            x = memory(x, training=training)  # (batch, time, features)
        return self.to_logits(x)  # (batch, time, vocab)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.vocab_size)

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("vocab_size", "context", "width", "num_layers", "dropout")}
        return {**super().get_config(), **own}
