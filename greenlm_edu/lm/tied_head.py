"""The output head that borrows the token table."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["TiedHead"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class TiedHead(keras.layers.Layer):
    """Scores each token by the product of a vector with the token's own: what points the same way is likely.

    It has no weights. As a layer, rather than a bare product, it hands the padding mask on to the loss.

    Call arguments:
        x: (batch, time, features).
        table: one vector for each token, (vocab, features).
    Returns:
        logits, (batch, time, vocab).

    >>> TiedHead()(ops.ones((1, 3, 8)), ops.ones((65, 8))).shape
    TensorShape([1, 3, 65])

    Source: Press and Wolf 2017.   Lesson: notebooks/09.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, x_shape: Any = None, table_shape: Any = None) -> None:
        super().build(x_shape)

    def call(self, x: Any, table: Any) -> Any:
        return ops.matmul(x, ops.transpose(table))  # (batch, time, vocab)
