"""The loss of a model on a text."""

from __future__ import annotations

from typing import Any

import numpy as np

from greenlm_edu.lm.windows import every_window

__all__ = ["evaluate"]


def evaluate(model: Any, ids: np.ndarray, batch: int = 32) -> float:
    """The mean surprise of the model at each token of a text after the first, in nats.

    Every prediction counts once and alike, so the figure does not depend on the batch size. exp of it is the
    perplexity; divided by ln 2 it is bits a token.

    Args:
        model: turns ids (batch, time) into logits (batch, time, vocab) and has a `context`, as Transformer does.
        ids: token ids of the text, (time,).
        batch: windows evaluated at once; it changes the speed and nothing else.
    Returns:
        nats a token.
    Raises:
        EmptyCorpus: fewer than model.context + 1 ids.
    Lesson: notebooks/02, notebooks/09.
    """
    total, predictions = 0.0, 0.0
    for x, y, weight in every_window(ids, model.context, batch).as_numpy_iterator():
        logits = np.asarray(model.predict_on_batch(x), np.float64)  # (batch, time, vocab)
        largest = logits.max(axis=-1, keepdims=True)  # taken off, so that exp cannot overflow
        log_normaliser = np.log(np.exp(logits - largest).sum(axis=-1)) + largest[..., 0]  # (batch, time)
        surprise = log_normaliser - np.take_along_axis(logits, y[..., np.newaxis], axis=-1)[..., 0]  # (batch, time)
        total += float((surprise * weight).sum())
        predictions += float(weight.sum())
    return total / predictions
