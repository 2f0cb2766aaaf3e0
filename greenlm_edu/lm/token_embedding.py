"""Token embedding, which is also the output head where the two are tied."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["TokenEmbedding"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class TokenEmbedding(keras.layers.Layer):
    """One learned vector for each token, and the score of each token for a vector.

    The table starts small (standard deviation 0.02, as in GPT-2), so that as an output head it gives almost equal
    scores and the loss starts near ln(vocab). Taken as they are, such vectors would drown beside sinusoidal positions,
    whose entries are about 0.7 in size; so on the way in they are multiplied by √features (Vaswani et al.).

    Args:
        vocab_size: number of tokens.
        width: features of each vector.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time).
    Returns:
        (batch, time, features); `scores(x)` turns (batch, time, features) into logits (batch, time, vocab).
    Source: Vaswani et al. 2017, section 3.4; Press and Wolf 2017 (the tied head).   Lesson: notebooks/05, notebooks/09.
    """

    def __init__(self, vocab_size: int, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.width = width

    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight(
            shape=(self.vocab_size, self.width),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="table",
        )
        super().build(input_shape)

    def call(self, ids: Any) -> Any:
        x = ops.take(self.table, ids, axis=0)  # (batch, time, features)
        return x * self.width**0.5

    def scores(self, x: Any) -> Any:
        return ops.matmul(x, ops.transpose(self.table))  # (batch, time, vocab)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocab_size": self.vocab_size, "width": self.width}
