"""From a model's scores to the distribution that the next token is drawn from."""

from __future__ import annotations

from typing import Any

from keras import ops

__all__ = ["penalise", "token_probabilities"]


def token_probabilities(logits: Any, temperature: Any = 1.0, top_k: Any = None, top_p: Any = None) -> Any:
    """The probability of each token to be the next one.

    In this order: the temperature sharpens or flattens, top_k leaves the k likeliest tokens, and top_p leaves, of
    these, the fewest whose probabilities sum to at least p.

    Args:
        logits: (batch, vocab).
        temperature: above 0.
        top_k: 1 or more, or None for all; where several share the k-th place, those with the smaller ids stay.
        top_p: above 0, or None for all. The likeliest token always stays.
    Returns:
        (batch, vocab), 32-bit floats; each row sums to 1.

    >>> logits = ops.log(ops.array([[0.5, 0.3, 0.2]]))
    >>> [round(float(p), 3) for p in token_probabilities(logits, top_k=2)[0]]
    [0.625, 0.375, 0.0]

    Source: Fan et al. 2018 (top_k); Holtzman et al. 2020 (top_p).   Lesson: notebooks/10.
    """
    logits = ops.cast(logits, "float32")
    largest = ops.max(logits, axis=-1, keepdims=True)
    scaled = (logits - largest) / temperature  # the largest is 0, so that exp cannot overflow
    probabilities = ops.softmax(scaled)
    if top_k is None and top_p is None:
        return probabilities
    order = ops.argsort(-scaled, axis=-1)  # token ids, the likeliest first
    rank = ops.argsort(order, axis=-1)  # (batch, vocab): each token's place in that order
    if top_k is not None:
        probabilities = ops.where(rank < top_k, probabilities, 0.0)
        probabilities = probabilities / ops.sum(probabilities, axis=-1, keepdims=True)
    if top_p is not None:
        ordered = ops.take_along_axis(probabilities, order, axis=-1)
        before = ops.cumsum(ordered, axis=-1) - ordered  # what the likelier tokens have between them
        needed = ops.take_along_axis(before, rank, axis=-1) < top_p
        probabilities = ops.where(ops.logical_or(needed, rank == 0), probabilities, 0.0)
        probabilities = probabilities / ops.sum(probabilities, axis=-1, keepdims=True)
    return probabilities


def penalise(logits: Any, seen: Any, penalty: Any) -> Any:
    """The logits with those of seen tokens made smaller: positive ones divided by the penalty, negative multiplied.

    Args:
        logits: (batch, vocab).
        seen: booleans, (batch, vocab).
        penalty: above 1 against repetition.
    Returns:
        (batch, vocab), 32-bit floats.
    Source: Keskar et al. 2019, section 4.1.
    """
    logits = ops.cast(logits, "float32")
    return ops.where(seen, ops.where(logits > 0, logits / penalty, logits * penalty), logits)
