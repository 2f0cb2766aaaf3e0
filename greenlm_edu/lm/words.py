"""A tokenizer whose tokens are words and punctuation marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm.tokenizer_file import checked_ids, read_tokenizer, write_tokenizer

__all__ = ["WordTokenizer"]

# Letters, digits and underscores in a row, with apostrophes inside (don't); or any one other mark that is no space.
_WORD: Final = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


class WordTokenizer:
    """Text to ids and back, one id a word or punctuation mark.

    What it cannot represent: words that `fit` did not see (they are refused, or become the unknown word for good), and
    white space: `decode` puts one space between words, whatever stood there. Chinese, Japanese and Thai write no
    spaces, so that a whole clause would count as one word: take another tokenizer for them.

    Args:
        words: the vocabulary in the order of the ids; doubles count once.
        unknown: the word that stands for all words outside the vocabulary, or None to refuse those.
        special: marks that no text holds, such as "<pad>": they come first, and `id_of` tells their ids.
    Raises:
        EmptyCorpus: no words.
        InputError: a special or unknown word that is also a word of a text, which nobody could tell apart.

    >>> tokenizer = WordTokenizer.fit("the cat sees the dog .", unknown="<unk>", special=["<pad>"])
    >>> tokenizer.encode("the dog sleeps .")
    array([2, 5, 1, 3], dtype=int32)
    >>> tokenizer.decode(tokenizer.encode("the  dog sleeps."))
    'the dog <unk> .'

    Lesson: notebooks/03, notebooks/06.
    """

    def __init__(self, words: Iterable[str], unknown: str | None = None, special: Sequence[str] = ()) -> None:
        found = list(dict.fromkeys(words))
        if not found:
            raise EmptyCorpus(
                "WordTokenizer: the text must hold at least one word; got none. Check that the corpus was loaded."
            )
        reserved = [*special, *([] if unknown is None else [unknown])]
        for mark in reserved:
            if mark in found or reserved.count(mark) > 1 or len(self.split(mark)) == 1:
                raise InputError(
                    f"WordTokenizer: special and unknown words must look like no word of a text; got {mark!r}. "
                    f"Take for example '<pad>' and '<unk>', once each."
                )
        self.words = tuple(reserved + found)
        self.unknown = unknown
        self.special = tuple(special)
        self._ids = {word: number for number, word in enumerate(self.words)}

    @classmethod
    def fit(
        cls, text: str, max_words: int | None = None, unknown: str | None = None, special: Sequence[str] = ()
    ) -> WordTokenizer:
        """The tokenizer whose vocabulary is the words of a text, the most frequent first (equals in Unicode order).

        Args:
            text: usually the training text.
            max_words: keep this many words at most; give an unknown word with it. None keeps all.
            unknown, special: see the class.
        Raises:
            EmptyCorpus: the text holds no word.
            InputError: max_words is below 1.
        """
        if max_words is not None and max_words < 1:
            raise InputError(f"WordTokenizer.fit: max_words must be 1 or more, or None; got {max_words}. Take None.")
        counts = Counter(cls.split(text))
        by_count = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(by_count[:max_words], unknown, special)

    @staticmethod
    def split(text: str) -> list[str]:
        """The words and punctuation marks of a text, in order.

        >>> WordTokenizer.split("Don't panic: it's 42 °C!")
        ["Don't", 'panic', ':', "it's", '42', '°', 'C', '!']
        """
        return _WORD.findall(text)

    @property
    def vocab_size(self) -> int:
        """The number of different ids."""
        return len(self.words)

    def id_of(self, word: str) -> int:
        """The id of one word or special mark.

        Raises:
            VocabularyError: it is not in the vocabulary.
        """
        if word not in self._ids:
            raise VocabularyError(
                f"WordTokenizer.id_of: the word must be in the vocabulary; got {word!r}. "
                "Fit on a text that holds it, or name it in special."
            )
        return self._ids[word]

    def encode(self, text: str) -> np.ndarray:
        """The ids of a text's words.

        Returns:
            int32, (time,).
        Raises:
            VocabularyError: a word is not in the vocabulary and there is no unknown word.
        """
        words = self.split(text)
        otherwise = -1 if self.unknown is None else self._ids[self.unknown]
        ids = np.array([self._ids.get(word, otherwise) for word in words], np.int32)
        if ids.size and ids.min() < 0:
            position = int(np.argmin(ids))
            raise VocabularyError(
                f"WordTokenizer.encode: every word must be in the vocabulary; got {words[position]!r}, word "
                f"{position} of the text. Fit on a text that holds it, or give fit an unknown word, such as "
                "unknown='<unk>'."
            )
        return ids

    def decode(self, ids: Iterable[int] | np.ndarray) -> str:
        """The words of these ids with one space between each two.

        Raises:
            VocabularyError: an id is not in 0 … vocab_size − 1.
        """
        return " ".join(self.words[number] for number in checked_ids("WordTokenizer.decode", ids, self.vocab_size))

    def save(self, path: str | Path) -> None:
        """Write the vocabulary to a small JSON file."""
        words = self.words[len(self.special) + (self.unknown is not None) :]
        write_tokenizer(path, "WordTokenizer", words=words, unknown=self.unknown, special=self.special)

    @classmethod
    def load(cls, path: str | Path) -> WordTokenizer:
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing, or holds something else.
        """

        def build(content: dict[str, Any]) -> WordTokenizer:
            for key in ("words", "special"):
                if not isinstance(content[key], list) or not all(isinstance(word, str) for word in content[key]):
                    raise TypeError(f"{key} that are no list of words")
            return cls(content["words"], content["unknown"], content["special"])

        return read_tokenizer(path, "WordTokenizer", build)

    def __repr__(self) -> str:
        return f"WordTokenizer({self.vocab_size} words, unknown={self.unknown!r}, special={self.special!r})"
