"""Counting long runs where there are any, and short ones everywhere."""

from __future__ import annotations

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.lm.counting_model import CountingModel
from greenlm_edu.lm.run_table import codes_of

__all__ = ["InterpolatedNGram"]


class InterpolatedNGram(CountingModel):
    """P(w | h) = weight · count(h w) / count(h) + (1 − weight) · P(w | h without its first token).

    The shortest history is empty, and behind it stands the uniform 1 / vocab, so that nothing is impossible. After a
    history that the training text lacks, the shorter one decides alone.

    Args:
        order: tokens in the longest counted run.
        weight: share of the longer runs, between 0 and 1: choose it on validation text.
    Raises:
        InputError: order below 1, or weight not between 0 and 1.

    >>> model = InterpolatedNGram(order=2, weight=0.5).fit(np.array([0, 1, 0, 1, 0, 2]), vocab_size=3)
    >>> np.exp(model.log_probs([0])).round(4)  # for 1: 2/3 · 1/2 + 1/2 · (2/6 · 1/2 + 1/3 · 1/2)
    array([0.2083, 0.5   , 0.2917])

    Source: Jelinek and Mercer 1980; Chen and Goodman 1998, section 2.3.   Lesson: notebooks/01.
    """

    def __init__(self, order: int = 3, weight: float = 0.7) -> None:
        super().__init__(order)
        if not 0 < weight < 1:
            raise InputError(f"InterpolatedNGram: weight must lie between 0 and 1; got weight={weight}. Take 0.7.")
        self.weight = weight

    def _log_probs(self, runs: np.ndarray) -> np.ndarray:
        probability = np.full(len(runs), 1 / self.vocab_size)
        for length in range(1, runs.shape[1] + 1):
            table, codes = self._tables[length], codes_of(runs[:, -length:], self.vocab_size)
            all_seen = table.of_histories(codes)
            share = np.where(all_seen > 0, self.weight, 0.0)
            probability = share * table.of_runs(codes) / np.maximum(all_seen, 1) + (1 - share) * probability
        log_probability: np.ndarray = np.log(probability)
        return log_probability
