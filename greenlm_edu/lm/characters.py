"""A tokenizer whose tokens are single characters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm.tokenizer_file import checked_ids, read_tokenizer, write_tokenizer

__all__ = ["CharacterTokenizer"]


class CharacterTokenizer:
    """Text to ids and back, one id a character, in the order of their Unicode numbers.

    It cannot represent characters outside its vocabulary: they are refused, or become the unknown symbol for good.

    Args:
        characters: the vocabulary; doubles count once.
        unknown: one character that stands for every character outside the vocabulary, or None to refuse those.
            It joins the vocabulary.
    Raises:
        EmptyCorpus: no characters.
        InputError: unknown is not a single character.

    >>> tokenizer = CharacterTokenizer.fit("hello world")
    >>> tokenizer.encode("low")
    array([4, 5, 7], dtype=int32)
    >>> tokenizer.decode([4, 5, 7]), tokenizer.vocab_size
    ('low', 8)

    Lesson: notebooks/03, notebooks/09.
    """

    def __init__(self, characters: Iterable[str], unknown: str | None = None) -> None:
        vocabulary = set(characters)
        if not vocabulary:
            raise EmptyCorpus(
                "CharacterTokenizer: the text must hold at least one character; got an empty text. "
                "Check that the corpus was loaded."
            )
        if unknown is not None and len(unknown) != 1:
            raise InputError(
                f"CharacterTokenizer: unknown must be one character or None; got unknown={unknown!r}. "
                "Take for example '�'."
            )
        self.characters = "".join(sorted(vocabulary | ({unknown} if unknown else set())))
        self.unknown = unknown
        self._codes = _code_points(self.characters)

    @classmethod
    def fit(cls, text: str, unknown: str | None = None) -> CharacterTokenizer:
        """The tokenizer whose vocabulary is every character of a text.

        Args:
            text: usually the training text.
            unknown: see the class; give one where other texts may hold characters that this one lacks.
        Raises:
            EmptyCorpus: the text is empty.
        """
        return cls(text, unknown)

    @property
    def vocab_size(self) -> int:
        """The number of different ids."""
        return len(self.characters)

    def encode(self, text: str) -> np.ndarray:
        """The ids of a text.

        Returns:
            int32, (time,).
        Raises:
            VocabularyError: a character is not in the vocabulary and there is no unknown symbol.
        """
        points = _code_points(text)
        ids = np.minimum(np.searchsorted(self._codes, points), self.vocab_size - 1).astype(np.int32)
        strange = self._codes[ids] != points
        if strange.any():
            if self.unknown is None:
                position = int(np.argmax(strange))
                raise VocabularyError(
                    f"CharacterTokenizer.encode: every character must be in the vocabulary; got {text[position]!r} "
                    f"(U+{ord(text[position]):04X}) at position {position}. Fit on a text that holds it, or give "
                    "fit an unknown symbol, such as unknown='�'."
                )
            ids[strange] = self.characters.index(self.unknown)
        return ids

    def decode(self, ids: Iterable[int] | np.ndarray) -> str:
        """The text of these ids.

        Args:
            ids: whole numbers, (time,).
        Raises:
            VocabularyError: an id is not in 0 … vocab_size − 1.
        """
        numbers = checked_ids("CharacterTokenizer.decode", ids, self.vocab_size)
        return "".join(self.characters[number] for number in numbers)

    def save(self, path: str | Path) -> None:
        """Write the vocabulary to a small JSON file."""
        write_tokenizer(path, "CharacterTokenizer", characters=self.characters, unknown=self.unknown)

    @classmethod
    def load(cls, path: str | Path) -> CharacterTokenizer:
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing, or holds something else.
        """

        def build(content: dict[str, Any]) -> CharacterTokenizer:
            characters, unknown = content["characters"], content["unknown"]
            if not isinstance(characters, str):
                raise TypeError(f"characters of type {type(characters).__name__}")
            return cls(characters, unknown)

        return read_tokenizer(path, "CharacterTokenizer", build)

    def __repr__(self) -> str:
        return f"CharacterTokenizer({self.vocab_size} characters, unknown={self.unknown!r})"


def _code_points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)
