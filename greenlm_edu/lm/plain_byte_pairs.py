"""Byte-pair encoding in plain Python, to be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.lm.byte_pieces import BYTES_IN_ORDER, ID_OF_BYTE, checked_merges, pieces, utf8
from greenlm_edu.lm.tokenizer_file import checked_ids, read_tokenizer, write_tokenizer

__all__ = ["PlainBytePairTokenizer"]

Pair = tuple[int, int]


class PlainBytePairTokenizer:
    """BytePairTokenizer step by step: the same merges and the same ids, more slowly.

    Training starts from single bytes and joins, again and again, the pair of neighbours that is the most frequent; of
    equally frequent pairs the one with the smaller ids. Encoding repeats these merges in the order they were learned.

    Args:
        merges: pairs of ids; the k-th makes the token 256 + k.

    >>> tokenizer = PlainBytePairTokenizer.fit("low lower lowest", vocab_size=259)
    >>> [tokenizer.token(number) for number in (256, 257, 258)]
    [b'lo', b'low', b' low']
    >>> tokenizer.decode(tokenizer.encode("slow 慢"))
    'slow 慢'

    Source: Gage 1994; Sennrich, Haddow and Birch 2016; Radford et al. 2019 (bytes).   Lesson: notebooks/03.
    """

    def __init__(self, merges: Sequence[Pair]) -> None:
        self.merges = tuple(merges)
        self._new_id = {pair: 256 + number for number, pair in enumerate(self.merges)}
        self._tokens = [bytes([byte]) for byte in BYTES_IN_ORDER]
        for left, right in self.merges:
            self._tokens.append(self._tokens[left] + self._tokens[right])
        self._known: dict[str, list[int]] = {}  # a text repeats its words: each is worked out once

    @classmethod
    def fit(cls, text: str, vocab_size: int) -> PlainBytePairTokenizer:
        """Learn merges from a text until the vocabulary is full, or nothing is left to join.

        Args:
            text: the training text.
            vocab_size: 256 bytes and the merges, 256 or more.
        Raises:
            InputError: vocab_size is below 256.
            VocabularyError: the text holds half of a surrogate pair.
        """
        check_vocab_size("PlainBytePairTokenizer.fit", vocab_size)
        utf8("PlainBytePairTokenizer.fit", text)
        times = Counter(pieces(text))
        words = [[ID_OF_BYTE[byte] for byte in piece.encode()] for piece in times]
        weights = list(times.values())
        counts: Counter[Pair] = Counter()
        holders: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> the words that hold it
        for number, (word, weight) in enumerate(zip(words, weights, strict=True)):
            for pair in pairwise(word):
                counts[pair] += weight
                holders[pair].add(number)
        merges: list[Pair] = []
        while 256 + len(merges) < vocab_size and counts:
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            for number in holders.pop(best):
                for pair in pairwise(words[number]):
                    counts[pair] -= weights[number]
                    if counts[pair] == 0:
                        del counts[pair]
                words[number] = join(words[number], best, 256 + len(merges))
                for pair in pairwise(words[number]):
                    counts[pair] += weights[number]
                    holders[pair].add(number)
            merges.append(best)
        return cls(merges)

    @property
    def vocab_size(self) -> int:
        """The number of different ids."""
        return len(self._tokens)

    def token(self, number: int) -> bytes:
        """The bytes that one id stands for."""
        return self._tokens[int(checked_ids("PlainBytePairTokenizer.token", [number], self.vocab_size)[0])]

    def encode(self, text: str) -> np.ndarray:
        """The ids of a text: int32, (time,).

        Raises:
            VocabularyError: the text holds half of a surrogate pair.
        """
        utf8("PlainBytePairTokenizer.encode", text)
        return np.array([number for piece in pieces(text) for number in self._encode_piece(piece)], np.int32)

    def decode(self, ids: Iterable[int] | np.ndarray) -> str:
        """The text of these ids; bytes that are no whole character, as a model may write them, become '�'.

        Raises:
            VocabularyError: an id is not in 0 … vocab_size − 1.
        """
        numbers = checked_ids("PlainBytePairTokenizer.decode", ids, self.vocab_size)
        return b"".join(self._tokens[number] for number in numbers).decode("utf-8", errors="replace")

    def save(self, path: str | Path) -> None:
        """Write the merges to a small JSON file, which BytePairTokenizer can load too."""
        write_tokenizer(path, "BytePairTokenizer", merges=self.merges)

    @classmethod
    def load(cls, path: str | Path) -> PlainBytePairTokenizer:
        """Read what `save` wrote, or BytePairTokenizer's.

        Raises:
            InputError: the file is missing, or holds something else.
        """
        return read_tokenizer(path, "BytePairTokenizer", lambda content: cls(checked_merges(content["merges"])))

    def _encode_piece(self, piece: str) -> list[int]:
        if piece not in self._known:
            word = [ID_OF_BYTE[byte] for byte in piece.encode()]
            while len(word) > 1:
                first_learned = min(pairwise(word), key=lambda pair: self._new_id.get(pair, self.vocab_size))
                if first_learned not in self._new_id:
                    break
                word = join(word, first_learned, self._new_id[first_learned])
            self._known[piece] = word
        return self._known[piece]

    def __repr__(self) -> str:
        return f"PlainBytePairTokenizer({self.vocab_size} tokens)"


def join(word: list[int], pair: Pair, new_id: int) -> list[int]:
    """The word with each such pair replaced by one id, from left to right.

    >>> join([1, 1, 1, 2], (1, 1), 300)
    [300, 1, 2]
    """
    joined: list[int] = []
    place = 0
    while place < len(word):
        if tuple(word[place : place + 2]) == pair:
            joined.append(new_id)
            place += 2
        else:
            joined.append(word[place])
            place += 1
    return joined


def check_vocab_size(where: str, vocab_size: int) -> None:
    """Raise InputError unless there is room for the 256 bytes."""
    if vocab_size < 256:
        raise InputError(
            f"{where}: vocab_size must be 256 or more, for every byte has an id; got vocab_size={vocab_size}. "
            "Take for example 512."
        )
