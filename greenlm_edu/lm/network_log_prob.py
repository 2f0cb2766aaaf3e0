"""The log-probabilities that a network gives to the tokens of texts, in batches of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from greenlm_edu.errors import CheckpointError
from greenlm_edu.lm.check_ids import check_ids

__all__ = ["log_softmax", "network_log_prob"]


def network_log_prob(network: Any, rows: Sequence[np.ndarray], batch: int) -> list[np.ndarray]:
    """For each text, the log-probability of each of its tokens after the first, in nats.

    A text longer than the context is cut into windows side by side: the network starts afresh in each. Windows are
    filled up with zeros on the right, where a causal network never looks, and what it says there is left out. All
    batches have one shape, so that one compiled function serves them all.

    Args:
        network: turns ids (batch, time) into logits (batch, time, vocab), causally; has a `context`.
        rows: token ids of each text, (time,), of any lengths.
        batch: windows at once; it changes the speed and nothing else.
    Returns:
        for each text (time − 1,).
    Raises:
        VocabularyError: an id that the network has no vector for.
        CheckpointError: the network's logits are NaN.
    """
    found = [np.zeros(max(0, len(row) - 1)) for row in rows]
    windows = [
        (number, start) for number, row in enumerate(rows) for start in range(0, len(found[number]), network.context)
    ]
    time = min(network.context, max(map(len, found), default=0))
    batch = min(batch, len(windows))
    for first in range(0, len(windows), max(batch, 1)):
        together = windows[first : first + batch]
        x, y = np.zeros((2, batch, time), np.int32)
        for place, (number, start) in enumerate(together):
            end = min(start + time, len(found[number]))
            x[place, : end - start] = rows[number][start:end]
            y[place, : end - start] = rows[number][start + 1 : end + 1]
        check_ids(type(network).__name__, np.stack([x, y]), getattr(network, "vocab_size", None))
        log_probs = log_softmax(network.predict_on_batch(x))  # (batch, time, vocab)
        chosen = np.take_along_axis(log_probs, y[..., np.newaxis], axis=-1)[..., 0]  # (batch, time)
        for place, (number, start) in enumerate(together):
            end = min(start + time, len(found[number]))
            found[number][start:end] = chosen[place, : end - start]
    if any(np.isnan(values).any() for values in found):
        raise CheckpointError(
            f"{type(network).__name__}: logits must be numbers; got NaN. A weight is NaN, or an activation overflowed: "
            "train again with a smaller learning rate, or clip the gradients."
        )
    return found


def log_softmax(logits: Any) -> np.ndarray:
    """Log-probabilities of logits along the last axis, in double precision."""
    values = np.asarray(logits, np.float64)
    values = values - values.max(axis=-1, keepdims=True)  # so that exp cannot overflow
    normalised: np.ndarray = values - np.log(np.exp(values).sum(axis=-1, keepdims=True))
    return normalised
