"""What the n-gram models share; each adds how its counts become probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.run_table import RunTable, codes_of

__all__ = ["CountingModel"]


class CountingModel(ABC):
    """A model that predicts a token from what followed the last order − 1 tokens in the training text.

    At the beginning of a text, where fewer tokens came before, it uses the runs that are as long as that.

    Args:
        order: tokens in the longest counted run: 1 counts tokens, 2 pairs (bigram), 3 triples (trigram).
    Raises:
        InputError: order below 1.
    """

    def __init__(self, order: int) -> None:
        if order < 1:
            raise InputError(f"{self._name}: order must be 1 or more; got order={order}. Take 2 for a bigram model.")
        self.order = order
        self.vocab_size = 0
        self._tables: dict[int, RunTable] = {}  # length of the runs -> their counts

    @abstractmethod
    def _log_probs(self, runs: np.ndarray) -> np.ndarray:
        """Log-probability of the last token of each run after the others: (runs, length) to (runs,)."""

    def fit(self, ids: np.ndarray, vocab_size: int) -> Self:
        """Count every run of 1 … order tokens.

        Args:
            ids: token ids of the training text, (time,).
            vocab_size: number of different tokens, seen or not.
        Raises:
            EmptyCorpus: fewer than order ids.
            VocabularyError: an id is not in 0 … vocab_size − 1.
            InputError: vocab_size to the power of order does not fit 63 bits.
        """
        if vocab_size < 1 or vocab_size**self.order >= 2**63:
            raise InputError(
                f"{self._name}.fit: vocab_size ** order must be between 1 and 2**63; got vocab_size={vocab_size}, "
                f"order={self.order}. Take a lower order."
            )
        self.vocab_size = vocab_size
        ids = self._checked("fit", ids, at_least=self.order)
        self._tables = self._count({length: _runs(ids, length) for length in range(1, self.order + 1)})
        self._starts = RunTable(codes_of(_runs(ids, self.order), vocab_size), vocab_size)
        return self

    def _count(self, runs: dict[int, np.ndarray]) -> dict[int, RunTable]:
        return {length: RunTable(codes_of(rows, self.vocab_size), self.vocab_size) for length, rows in runs.items()}

    def log_probs(self, history: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of each token after a history, in nats.

        Args:
            history: ids, (time,), the last order − 1 of which count; may be empty.
        Returns:
            (vocab,).
        """
        history = self._checked("log_probs", history)
        last = history[max(0, len(history) - self.order + 1) :]
        return self._log_probs(np.column_stack([np.tile(last, (self.vocab_size, 1)), np.arange(self.vocab_size)]))

    def log_prob(self, ids: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of each token after the first, given those before it, in nats.

        Args:
            ids: token ids of a text, (time,), at least two.
        Returns:
            (time − 1,).
        """
        ids = self._checked("log_prob", ids, at_least=2)
        at_the_start = [self._log_probs(ids[np.newaxis, :end]) for end in range(2, min(self.order, len(ids) + 1))]
        later = [self._log_probs(_runs(ids, self.order))[self.order == 1 :]] if len(ids) >= self.order else []
        return np.concatenate(at_the_start + later)

    def cross_entropy(self, ids: np.ndarray) -> float:
        """The mean surprise at each token that has a whole history before it, in nats.

        Args:
            ids: token ids of a text, (time,).
        """
        ids = self._checked("cross_entropy", ids, at_least=self.order)
        return float(-self._log_probs(_runs(ids, self.order)).mean())

    def sample(self, length: int, seed: int = 0, prompt: np.ndarray | Sequence[int] = ()) -> np.ndarray:
        """Tokens drawn one after the other from the model.

        Args:
            length: how many to draw, 0 or more.
            seed: the same seed draws the same tokens.
            prompt: ids to start from; if it is shorter than a history, one is drawn as often as the training text
                holds it, and the prompt goes unused.
        Returns:
            int32, (length,): the drawn tokens, without the prompt.
        """
        if length < 0:
            raise InputError(f"{self._name}.sample: length must be 0 or more; got {length}. Ask for at least one.")
        generator = np.random.default_rng(seed)
        tokens = [int(token) for token in self._checked("sample", prompt)]
        if len(tokens) < self.order - 1:
            shares = self._starts.history_counts / self._starts.history_counts.sum()
            code = int(generator.choice(self._starts.histories, p=shares))
            tokens = [code // self.vocab_size**place % self.vocab_size for place in reversed(range(self.order - 1))]
        drawn = len(tokens)
        for _ in range(length):
            history = tokens[len(tokens) - self.order + 1 :]
            tokens.append(int(generator.choice(self.vocab_size, p=np.exp(self.log_probs(history)))))
        return np.array(tokens[drawn:], np.int32)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _checked(self, where: str, ids: np.ndarray | Sequence[int], at_least: int = 0) -> np.ndarray:
        if not self.vocab_size:
            raise InputError(
                f"{self._name}.{where}: the model must be fitted; got no counts. Call fit(ids, vocab_size)."
            )
        ids = np.asarray(ids, np.int64)
        check_ids(f"{self._name}.{where}", ids, self.vocab_size)
        if len(ids) < at_least:
            raise EmptyCorpus(
                f"{self._name}.{where}: the text must hold at least {at_least} tokens; got {len(ids)}. "
                "Take a longer text."
            )
        return ids


def _runs(ids: np.ndarray, length: int) -> np.ndarray:
    """Every run of this length, (time − length + 1, length)."""
    return np.lib.stride_tricks.sliding_window_view(ids, length)
