"""Byte-pair encoding through Hugging Face's `tokenizers`: the fast one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as HuggingFaceTokenizer

from greenlm_edu.lm.byte_pieces import BYTES_IN_ORDER, PIECE_PATTERN, checked_merges, utf8
from greenlm_edu.lm.plain_byte_pairs import Pair, check_vocab_size
from greenlm_edu.lm.tokenizer_file import checked_ids, read_tokenizer, write_tokenizer

__all__ = ["BytePairTokenizer"]


class BytePairTokenizer:
    """Text to ids and back, one id a frequent run of bytes: every Unicode text comes back exactly as it was.

    PlainBytePairTokenizer shows how it works, and gives the same merges and ids.

    Args:
        merges: pairs of ids; the k-th makes the token 256 + k. Usually they come from `fit`.

    >>> tokenizer = BytePairTokenizer.fit("low lower lowest", vocab_size=259)
    >>> tokenizer.merges[0], tokenizer.encode("low low")
    ((75, 78), array([257, 258], dtype=int32))
    >>> tokenizer.decode(tokenizer.encode("慢 🐌"))
    '慢 🐌'

    Source: Sennrich, Haddow and Birch 2016; Radford et al. 2019 (bytes).   Lesson: notebooks/03.
    """

    def __init__(self, merges: Sequence[Pair]) -> None:
        self.merges = tuple(merges)
        # `tokenizers` works on characters, one for each byte: itself where it prints, else one from U+0100 on.
        stands_for_byte = [
            chr(byte) if number < 188 else chr(68 + number) for number, byte in enumerate(BYTES_IN_ORDER)
        ]
        tokens = list(stands_for_byte)
        for left, right in self.merges:
            tokens.append(tokens[left] + tokens[right])
        self._tokenizer = _untrained(
            models.BPE(
                vocab={token: number for number, token in enumerate(tokens)},
                merges=[(tokens[left], tokens[right]) for left, right in self.merges],
            )
        )

    @classmethod
    def fit(cls, text: str, vocab_size: int) -> BytePairTokenizer:
        """Learn merges from a text until the vocabulary is full, or nothing is left to join.

        Args:
            text: the training text.
            vocab_size: 256 bytes and the merges, 256 or more.
        Raises:
            InputError: vocab_size is below 256.
            VocabularyError: the text holds half of a surrogate pair.
        """
        check_vocab_size("BytePairTokenizer.fit", vocab_size)
        utf8("BytePairTokenizer.fit", text)
        learner = _untrained(models.BPE())
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
            max_token_length=None,
        )
        learner.train_from_iterator([text], trainer)
        ids = learner.get_vocab()
        learned = json.loads(learner.to_str())["model"]["merges"]
        return cls([(ids[left], ids[right]) for left, right in learned])

    @property
    def vocab_size(self) -> int:
        """The number of different ids."""
        return 256 + len(self.merges)

    def encode(self, text: str) -> np.ndarray:
        """The ids of a text: int32, (time,).

        Raises:
            VocabularyError: the text holds half of a surrogate pair.
        """
        utf8("BytePairTokenizer.encode", text)
        return np.array(self._tokenizer.encode(text).ids, np.int32)

    def decode(self, ids: Iterable[int] | np.ndarray) -> str:
        """The text of these ids; bytes that are no whole character, as a model may write them, become '�'.

        Raises:
            VocabularyError: an id is not in 0 … vocab_size − 1.
        """
        decoded: str = self._tokenizer.decode(checked_ids("BytePairTokenizer.decode", ids, self.vocab_size).tolist())
        return decoded

    def save(self, path: str | Path) -> None:
        """Write the merges to a small JSON file."""
        write_tokenizer(path, "BytePairTokenizer", merges=self.merges)

    @classmethod
    def load(cls, path: str | Path) -> BytePairTokenizer:
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing, or holds something else.
        """
        return read_tokenizer(path, "BytePairTokenizer", lambda content: cls(checked_merges(content["merges"])))

    def __repr__(self) -> str:
        return f"BytePairTokenizer({self.vocab_size} tokens)"


def _untrained(model: models.BPE) -> HuggingFaceTokenizer:
    tokenizer = HuggingFaceTokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECE_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
