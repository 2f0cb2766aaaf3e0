"""The loss of a model on a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from greenlm_edu.lm.scores import scores

__all__ = ["evaluate"]


def evaluate(model: Any, ids: np.ndarray | Sequence[np.ndarray], batch: int = 32, padding: int | None = None) -> float:
    """The mean surprise of the model at each token of a text after the first, in nats.

    Every prediction counts once and alike, so the figure does not depend on the batch size. exp of it is the
    perplexity; divided by ln 2 it is bits a token. `scores` gives these too.

    Args:
        model: a LanguageModel; or a network that turns ids (batch, time) into logits (batch, time, vocab) and has a
            `context`, as Transformer does.
        ids: token ids of the text, (time,); or several texts, see `scores`.
        batch: windows evaluated at once; it changes the speed and nothing else.
        padding: the id that fills up rows of several texts, or None.
    Returns:
        nats a token.
    Raises:
        EmptyCorpus: fewer than 2 ids.
    Lesson: notebooks/02, notebooks/09.
    """
    return scores(model, ids, padding=padding, batch=batch).cross_entropy
