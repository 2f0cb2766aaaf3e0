"""The baseline: predict the next token by counting what followed the last few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError

__all__ = ["NGram"]


class NGram:
    """P(w | h) = (count(h w) + k) / (count(h) + k · vocab), where the history h is the last order − 1 tokens.

    Args:
        order: tokens in a counted run: 1 counts tokens, 2 pairs (bigram), 3 triples (trigram).
        add_k: what is added to every count, above 0, so that nothing is impossible.
    Raises:
        InputError: order below 1, or add_k not above 0.

    >>> model = NGram(order=2, add_k=1.0).fit(np.array([0, 1, 0, 1, 0, 2]), vocab_size=3)
    >>> np.exp(model.log_probs([0])).round(3)  # after 0 came 1 twice and 2 once: (0+1)/6, (2+1)/6, (1+1)/6
    array([0.167, 0.5  , 0.333])

    Source: Chen and Goodman 1998, section 2.1.   Lesson: notebooks/01.
    """

    def __init__(self, order: int = 2, add_k: float = 0.1) -> None:
        if order < 1:
            raise InputError(f"NGram: order must be 1 or more; got order={order}. Take 2 for a bigram model.")
        if not add_k > 0 or not np.isfinite(add_k):
            raise InputError(f"NGram: add_k must be above 0 and finite; got add_k={add_k}. Take for example 0.1.")
        self.order = order
        self.add_k = add_k
        self.vocab_size = 0

    def fit(self, ids: np.ndarray, vocab_size: int) -> NGram:
        """Count every run of `order` tokens.

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
                f"NGram.fit: vocab_size ** order must be between 1 and 2**63; got vocab_size={vocab_size}, "
                f"order={self.order}. Take a lower order."
            )
        self.vocab_size = vocab_size
        histories, runs = self._codes("fit", ids)
        self._histories, self._history_counts = np.unique(histories, return_counts=True)
        self._runs, self._run_counts = np.unique(runs, return_counts=True)
        return self

    def log_probs(self, history: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of each token after a history, in nats.

        Args:
            history: at least order − 1 ids; the last order − 1 of them count.
        Returns:
            (vocab,).
        """
        history = self._checked("log_probs", history)
        if len(history) < self.order - 1:
            raise InputError(
                f"NGram.log_probs: history must hold at least {self.order - 1} ids; got {len(history)}. "
                "Give more of the text."
            )
        code = 0
        for token in history[len(history) - self.order + 1 :]:
            code = code * self.vocab_size + int(token)
        runs = code * self.vocab_size + np.arange(self.vocab_size)  # (vocab,)
        return self._log_probs(np.full(self.vocab_size, code), runs)

    def cross_entropy(self, ids: np.ndarray) -> float:
        """The mean surprise at each token that has a whole history before it, in nats.

        Args:
            ids: token ids of a text, (time,).
        """
        return float(-self._log_probs(*self._codes("cross_entropy", ids)).mean())

    def sample(self, length: int, seed: int = 0, prompt: np.ndarray | Sequence[int] = ()) -> np.ndarray:
        """Tokens drawn one after the other from the model.

        Args:
            length: how many to draw.
            seed: the same seed draws the same tokens.
            prompt: ids to start from; without one, a history is drawn as often as the training text holds it.
        Returns:
            int32, (length,): the drawn tokens, without the prompt.
        """
        generator = np.random.default_rng(seed)
        tokens = [int(token) for token in self._checked("sample", prompt)]
        if len(tokens) < self.order - 1:
            code = int(generator.choice(self._histories, p=self._history_counts / self._history_counts.sum()))
            tokens = [code // self.vocab_size**place % self.vocab_size for place in reversed(range(self.order - 1))]
        drawn = len(tokens)
        for _ in range(length):
            history = tokens[len(tokens) - self.order + 1 :]
            tokens.append(int(generator.choice(self.vocab_size, p=np.exp(self.log_probs(history)))))
        return np.array(tokens[drawn:], np.int32)

    def _log_probs(self, histories: np.ndarray, runs: np.ndarray) -> np.ndarray:
        seen = _look_up(self._runs, self._run_counts, runs)
        all_seen = _look_up(self._histories, self._history_counts, histories)
        return np.log((seen + self.add_k) / (all_seen + self.add_k * self.vocab_size))

    def _codes(self, where: str, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each history and each run as one whole number: their ids are its digits to the base vocab_size."""
        ids = self._checked(where, ids)
        if len(ids) < self.order:
            raise EmptyCorpus(
                f"NGram.{where}: the text must hold at least {self.order} tokens; got {len(ids)}. Take a longer text."
            )
        predictions = len(ids) - self.order + 1
        histories = np.zeros(predictions, np.int64)
        for place in range(self.order - 1):
            histories = histories * self.vocab_size + ids[place : place + predictions]
        return histories, histories * self.vocab_size + ids[self.order - 1 :]

    def _checked(self, where: str, ids: np.ndarray | Sequence[int]) -> np.ndarray:
        if not self.vocab_size:
            raise InputError(f"NGram.{where}: the model must be fitted; got no counts. Call fit(ids, vocab_size).")
        ids = np.asarray(ids, np.int64)
        if ids.size and not (ids.min() >= 0 and ids.max() < self.vocab_size):
            wrong = ids[(ids < 0) | (ids >= self.vocab_size)][0]
            raise VocabularyError(
                f"NGram.{where}: ids must lie in 0 … {self.vocab_size - 1}; got {wrong}. "
                "Encode the text with the tokenizer that the model was fitted with."
            )
        return ids


def _look_up(keys: np.ndarray, counts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The count of each wanted key, 0 for those never seen."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, counts[places], 0)
