"""The baseline: predict the next token by counting what followed the last few."""

from __future__ import annotations

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.lm.counting_model import CountingModel
from greenlm_edu.lm.run_table import codes_of

__all__ = ["NGram"]


class NGram(CountingModel):
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
        super().__init__(order)
        if not add_k > 0 or not np.isfinite(add_k):
            raise InputError(f"NGram: add_k must be above 0 and finite; got add_k={add_k}. Take for example 0.1.")
        self.add_k = add_k

    def _log_probs(self, runs: np.ndarray) -> np.ndarray:
        table, codes = self._tables[runs.shape[1]], codes_of(runs, self.vocab_size)
        return np.log((table.of_runs(codes) + self.add_k) / (table.of_histories(codes) + self.add_k * self.vocab_size))
