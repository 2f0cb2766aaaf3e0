"""What every language model can do, however it was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, runtime_checkable

import numpy as np

__all__ = ["LanguageModel"]


@runtime_checkable
class LanguageModel(Protocol):
    """Learns from ids, says how likely a token is after others, and draws new ones.

    | model | learns by | sees |
    |---|---|---|
    | NGram, InterpolatedNGram, KneserNey | counting | the last order − 1 tokens |
    | TrainedNetwork(NeuralNGram(…)) | gradient descent | the last order − 1 tokens |
    | TrainedNetwork(LSTMNetwork(…)) | gradient descent | all tokens since the window's start, through a memory |
    | TrainedNetwork(Transformer(…)) | gradient descent | all tokens since the window's start, each by itself |

    All log-probabilities are in nats, and for each history those of all tokens are the logarithms of numbers that sum
    to 1. A model of your own needs no base class: one with these members fits wherever a model is asked for.

    Lesson: notebooks/01, notebooks/05, notebooks/09.
    """

    vocab_size: int

    def fit(self, ids: np.ndarray, vocab_size: int) -> Self:
        """Learn from a text; ids (time,), each in 0 … vocab_size − 1."""

    def log_probs(self, history: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of every token as the next one, (vocab,)."""

    def log_prob(self, ids: np.ndarray | Sequence[int]) -> np.ndarray:
        """The log-probability of each token of a text after the first, given those before it, (time − 1,)."""

    def sample(self, length: int, seed: int = 0, prompt: np.ndarray | Sequence[int] = ()) -> np.ndarray:
        """Tokens drawn one after the other, without the prompt: int32, (length,)."""
