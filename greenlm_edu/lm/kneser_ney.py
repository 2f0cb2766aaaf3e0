"""The strongest of the counting models: a shorter run counts by how many different tokens it follows."""

from __future__ import annotations

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.lm.counting_model import CountingModel
from greenlm_edu.lm.run_table import RunTable, codes_of

__all__ = ["KneserNey"]


class KneserNey(CountingModel):
    """Interpolated Kneser–Ney: every count gives up a discount, which the shorter history shares out.

    P(w | h) = max(c(h w) − D, 0) / c(h) + D · followers(h) / c(h) · P(w | h without its first token)

    For the longest runs c is the count; for shorter ones, the number of different tokens before the run: “Francisco”
    is frequent, but follows almost only “San”, so it is a poor guess after anything else. Behind the empty history
    stands the uniform 1 / vocab.

    Args:
        order: tokens in the longest counted run.
        discount: D, above 0, at most 1.
    Raises:
        InputError: order below 1, or discount outside 0 … 1.

    >>> model = KneserNey(order=2, discount=0.5).fit(np.array([0, 1, 0, 1, 0, 2]), vocab_size=3)
    >>> np.exp(model.log_probs([0])).round(4)  # c(0·) = 3, two followers; before 0, 1 and 2 stands one token each
    array([0.1111, 0.6111, 0.2778])

    Source: Kneser and Ney 1995; Chen and Goodman 1998, section 2.7 (interpolated).   Lesson: notebooks/01.
    """

    def __init__(self, order: int = 3, discount: float = 0.75) -> None:
        super().__init__(order)
        if not 0 < discount <= 1:
            raise InputError(f"KneserNey: discount must be above 0 and at most 1; got discount={discount}. Take 0.75.")
        self.discount = discount

    def _count(self, runs: dict[int, np.ndarray]) -> dict[int, RunTable]:
        tables = {self.order: RunTable(codes_of(runs[self.order], self.vocab_size), self.vocab_size)}
        for length in range(1, self.order):
            longer = np.unique(codes_of(runs[length + 1], self.vocab_size))
            tables[length] = RunTable(longer % self.vocab_size**length, self.vocab_size)  # without their first token
        return tables

    def _log_probs(self, runs: np.ndarray) -> np.ndarray:
        probability = np.full(len(runs), 1 / self.vocab_size)
        for length in range(1, runs.shape[1] + 1):
            table, codes = self._tables[length], codes_of(runs[:, -length:], self.vocab_size)
            all_seen = table.of_histories(codes)
            kept = np.maximum(table.of_runs(codes) - self.discount, 0) / np.maximum(all_seen, 1)
            # After a history that was never seen, all goes to the shorter one.
            shared_out = np.where(all_seen > 0, self.discount * table.followers(codes) / np.maximum(all_seen, 1), 1.0)
            probability = kept + shared_out * probability
        log_probability: np.ndarray = np.log(probability)
        return log_probability
