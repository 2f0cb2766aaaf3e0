"""Positions as learned vectors, added to the token vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.errors import ShapeError

__all__ = ["LearnedPositions"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class LearnedPositions(keras.layers.Layer):
    """Adds to each vector one that was learned for its place.

    No form is prescribed, but nothing is known of places beyond those trained on, and the table grows with the
    context.

    Args:
        context: number of places.
    Call arguments:
        x: (batch, time, features), time ≤ context.
        start: the place of the first vector, where x continues a sequence.
    Returns:
        (batch, time, features).
    Raises:
        ShapeError: x is longer than the context.

    >>> LearnedPositions(context=4)(ops.ones((1, 3, 8))).shape
    TensorShape([1, 3, 8])

    Source: Gehring et al. 2017; Radford et al. 2019.   Lesson: notebooks/08.
    """

    def __init__(self, context: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.context = context
        self.supports_masking = True

    def build(self, x_shape: Any) -> None:
        self.table = self.add_weight(
            shape=(self.context, x_shape[-1]), initializer=keras.initializers.RandomNormal(stddev=0.02), name="table"
        )
        super().build(x_shape)

    def call(self, x: Any, start: Any = 0) -> Any:
        time = x.shape[1]  # None where the length is not known beforehand
        if time is not None and time > self.context:
            raise ShapeError(
                f"LearnedPositions: a sequence must be no longer than the context; got time={time}, "
                f"context={self.context}. Cut the sequence, or take a longer context."
            )
        places = ops.arange(ops.shape(x)[1]) + start  # (time,)
        return x + ops.take(self.table, places, axis=0)  # (batch, time, features) + (time, features)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "context": self.context}
