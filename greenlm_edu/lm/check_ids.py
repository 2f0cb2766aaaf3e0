"""Ids are looked at before they index a table: compiled code would silently take another row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

from greenlm_edu.errors import InputError, VocabularyError

__all__ = ["check_ids"]


def check_ids(where: str, ids: Any, vocab_size: int | None) -> None:
    """Raise VocabularyError where an id is not in 0 … vocab_size − 1.

    Inside a compiled function ids have no values yet, and nothing is checked.

    Args:
        where: what the message begins with.
        ids: whole numbers, any shape.
        vocab_size: number of different ids; None where it is not known, and only negative ids can be told.
    Raises:
        VocabularyError: an id outside the vocabulary.
        InputError: ids are not whole numbers.
    """
    try:
        values = np.asarray(ops.convert_to_numpy(ids))
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return  # each backend has its own way of saying: this is only a symbol
    if values.size and not np.array_equal(values, np.floor(values)):
        raise InputError(f"{where}: ids must be whole numbers; got {values.flat[0]}. Encode the text first.")
    wrong = values[(values < 0) | (values >= (math.inf if vocab_size is None else vocab_size))]
    if wrong.size:
        last = "vocab_size − 1" if vocab_size is None else vocab_size - 1
        raise VocabularyError(
            f"{where}: ids must lie in 0 … {last}; got {int(wrong[0])}. "
            "Encode the text with the tokenizer that the model was made for."
        )
