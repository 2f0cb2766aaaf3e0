"""Token embedding."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from greenlm_edu.lm.check_ids import check_ids

__all__ = ["TokenEmbedding"]


@keras.saving.register_keras_serializable(package="greenlm_edu")
class TokenEmbedding(keras.layers.Layer):
    """One learned vector for each token.

    The table starts small (standard deviation 0.02, as in GPT-2), so that as a tied head it gives almost equal scores
    and the loss starts near ln(vocab). Taken as they are, such vectors would drown beside sinusoidal positions, whose
    entries are about 0.7 in size; so on the way in they are multiplied by √features (Vaswani et al.).

    Args:
        vocab_size: number of tokens.
        width: features of each vector.
        scale: whether vectors are multiplied by √features on the way in.
        padding_id: the token that only fills up; the layers behind see a mask that is False there. None for no mask.
    Call arguments:
        ids: whole numbers in 0 … vocab_size − 1, (batch, time).
    Returns:
        (batch, time, features).
    Raises:
        VocabularyError: an id is not in 0 … vocab_size − 1. Inside compiled functions no id is looked at.

    >>> TokenEmbedding(vocab_size=10, width=4)(ops.array([[1, 2, 9]])).shape
    TensorShape([1, 3, 4])

    Source: Vaswani et al. 2017, section 3.4.   Lesson: notebooks/05, notebooks/09.
    """

    def __init__(
        self, vocab_size: int, width: int, scale: bool = True, padding_id: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.width = width
        self.scale = scale
        self.padding_id = padding_id
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight(
            shape=(self.vocab_size, self.width),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="table",
        )
        super().build(input_shape)

    def call(self, ids: Any) -> Any:
        check_ids("TokenEmbedding", ids, self.vocab_size)
        x = ops.take(self.table, ids, axis=0)  # (batch, time, features)
        return x * self.width**0.5 if self.scale else x

    def compute_mask(self, ids: Any, previous_mask: Any = None) -> Any:
        return previous_mask if self.padding_id is None else ops.not_equal(ids, self.padding_id)

    def get_config(self) -> dict[str, Any]:
        own = {
            "vocab_size": self.vocab_size,
            "width": self.width,
            "scale": self.scale,
            "padding_id": self.padding_id,
        }
        return {**super().get_config(), **own}
