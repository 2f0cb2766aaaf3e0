"""What every tokenizer can do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np

__all__ = ["Tokenizer"]


@runtime_checkable
class Tokenizer(Protocol):
    """Text to ids and back.

    | tokenizer | a token is | what it cannot represent |
    |---|---|---|
    | CharacterTokenizer | a character | characters that `fit` did not see |
    | WordTokenizer | a word or a punctuation mark | words that `fit` did not see; which white space stood where |
    | BytePairTokenizer | a frequent run of bytes | nothing: every Unicode text comes back as it was |

    PlainBytePairTokenizer is BytePairTokenizer in plain Python, to be read. A tokenizer of your own needs no base
    class: one with these five members fits wherever a tokenizer is asked for.

    Lesson: notebooks/03.
    """

    @property
    def vocab_size(self) -> int:
        """The number of different ids: they are 0 … vocab_size − 1."""

    def encode(self, text: str) -> np.ndarray:
        """The ids of a text: int32, (time,)."""

    def decode(self, ids: Iterable[int] | np.ndarray) -> str:
        """The text of these ids, (time,)."""

    def save(self, path: str | Path) -> None:
        """Write all that `load` needs to a small JSON file."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote; InputError for anything else."""
