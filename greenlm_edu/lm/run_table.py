"""How often each run of tokens occurs in a text."""

from __future__ import annotations

import numpy as np

__all__ = ["RunTable", "codes_of"]


def codes_of(rows: np.ndarray, vocab_size: int) -> np.ndarray:
    """Each row of ids as one whole number, whose digits to the base vocab_size are the ids: (runs, length) to (runs,).

    >>> codes_of(np.array([[1, 2, 3], [0, 0, 7]]), vocab_size=10)
    array([123,   7])
    """
    codes = np.zeros(len(rows), np.int64)
    for column in rows.T:
        codes = codes * vocab_size + column
    return codes


class RunTable:
    """Counts of runs of one length, and of their histories: the runs without their last token.

    Args:
        codes: every occurrence of a run, as `codes_of` gives it, (occurrences,).
        vocab_size: number of different tokens.

    >>> table = RunTable(codes_of(np.array([[0, 1], [1, 0], [0, 1], [0, 2]]), vocab_size=3), vocab_size=3)
    >>> wanted = codes_of(np.array([[0, 1], [2, 2]]), vocab_size=3)
    >>> table.of_runs(wanted), table.of_histories(wanted), table.followers(wanted)
    (array([2, 0]), array([3, 0]), array([2, 0]))
    """

    def __init__(self, codes: np.ndarray, vocab_size: int) -> None:
        self.vocab_size = vocab_size
        self.runs, self.counts = np.unique(codes, return_counts=True)
        # The runs are sorted, so those with one history stand side by side.
        self.histories, first = np.unique(self.runs // vocab_size, return_index=True)
        self.history_counts = np.add.reduceat(self.counts, first) if len(first) else self.counts
        self.follower_counts = np.diff(first, append=len(self.runs))

    def of_runs(self, codes: np.ndarray) -> np.ndarray:
        """How often each run occurs, (runs,)."""
        return _look_up(self.runs, self.counts, codes)

    def of_histories(self, codes: np.ndarray) -> np.ndarray:
        """How often each run's history occurs, whatever follows it, (runs,)."""
        return _look_up(self.histories, self.history_counts, codes // self.vocab_size)

    def followers(self, codes: np.ndarray) -> np.ndarray:
        """How many different tokens occur after each run's history, (runs,)."""
        return _look_up(self.histories, self.follower_counts, codes // self.vocab_size)


def _look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The value of each wanted key, 0 for those that are not there."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
