"""How well a model predicts texts: cross-entropy, perplexity, bits per character."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError, ShapeError
from greenlm_edu.lm.language_model import LanguageModel
from greenlm_edu.lm.network_log_prob import network_log_prob

__all__ = ["Scores", "scores"]


@dataclass(frozen=True)
class Scores:
    """The surprise of a model at the tokens of some texts, and what follows from it.

    Args:
        nats: the surprise at all predicted tokens together.
        tokens: how many tokens were predicted.
        characters: how many characters of text these tokens stand for; None if nobody said.

    >>> even_bets = Scores(nats=10 * math.log(8), tokens=10, characters=20)
    >>> round(even_bets.perplexity, 9), round(even_bets.bits_per_token, 9), round(even_bets.bits_per_character, 9)
    (8.0, 3.0, 1.5)
    """

    nats: float
    tokens: int
    characters: int | None = None

    @property
    def cross_entropy(self) -> float:
        """The mean surprise, in nats a token."""
        return self.nats / self.tokens

    @property
    def perplexity(self) -> float:
        """e to the cross-entropy: among how many even bets the model was as unsure."""
        return math.exp(self.cross_entropy)

    @property
    def bits_per_token(self) -> float:
        """The cross-entropy in bits."""
        return self.cross_entropy / math.log(2)

    @property
    def bits_per_character(self) -> float:
        """The one figure here that may be compared between tokenizers, on the same text.

        Raises:
            InputError: nobody said how many characters there are.
        """
        if not self.characters:
            raise InputError(
                f"Scores.bits_per_character: characters must be known; got characters={self.characters}. "
                "Call scores(model, ids, characters=len(text))."
            )
        return self.nats / math.log(2) / self.characters

    def __str__(self) -> str:
        per_character = f", {self.bits_per_character:.3f} bits a character" if self.characters else ""
        return (
            f"{self.cross_entropy:.4f} nats a token, perplexity {self.perplexity:.2f}{per_character} "
            f"({self.tokens:,} tokens)"
        )


def scores(
    model: Any,
    ids: np.ndarray | Sequence[np.ndarray],
    characters: int | None = None,
    padding: int | None = None,
    batch: int = 32,
) -> Scores:
    """The surprise of a model at each token of one text, or of many, after its first.

    Every prediction counts once and alike: neither the batch size nor how texts of different lengths are packed
    changes the figure.

    Args:
        model: a LanguageModel; or a network that turns ids (batch, time) into logits (batch, time, vocab), causally,
            and has a `context`, such as Transformer.
        ids: one text, (time,); or texts of any lengths, a list of (time,); or texts in the rows of one array,
            (texts, time). Each is predicted on its own, from its first token.
        characters: of the texts, for bits per character; a first token of a text is not predicted, so leave it out.
        padding: the id that fills rows up on the right; those places do not count. None where nothing was filled up.
        batch: windows evaluated at once, 1 or more; it changes the speed and nothing else.
    Raises:
        EmptyCorpus: no text has two tokens.
        InputError: batch below 1.
        CheckpointError: the model's logits are NaN.
        ShapeError: a text that is no row of ids.
        VocabularyError: an id outside the model's vocabulary.
    Lesson: notebooks/02.
    """
    if batch < 1:
        raise InputError(f"scores: batch must be 1 or more; got batch={batch}. Take 32.")
    rows = [_without_padding(row, padding) for row in _rows(ids)]
    rows = [row for row in rows if len(row) >= 2]
    if not rows:
        raise EmptyCorpus("scores: a text must hold at least 2 tokens; got none that does. Take a longer text.")
    if isinstance(model, LanguageModel):
        found = [model.log_prob(row) for row in rows]
    else:
        found = network_log_prob(model, rows, batch)
    nats = -math.fsum(float(row.sum()) for row in found)
    return Scores(nats, sum(len(row) for row in found), characters)


def _rows(ids: np.ndarray | Sequence[np.ndarray]) -> list[np.ndarray]:
    one_text = len(ids) == 0 or np.ndim(ids[0]) == 0
    rows = [np.asarray(row) for row in ([ids] if one_text else ids)]
    for row in rows:
        if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
            raise ShapeError(
                f"scores: a text must be a row of whole numbers, (time,); got shape {row.shape} of {row.dtype}. "
                "Give ids as the tokenizer makes them."
            )
    return rows


def _without_padding(row: np.ndarray, padding: int | None) -> np.ndarray:
    if padding is None:
        return row
    real = np.flatnonzero(row != padding)
    return row[: real[-1] + 1] if len(real) else row[:0]
