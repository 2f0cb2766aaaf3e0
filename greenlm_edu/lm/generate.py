"""New text from a model, one token at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from greenlm_edu.errors import InputError, VocabularyError

__all__ = ["generate"]


def generate(
    model: Any,
    ids: np.ndarray | Sequence[int],
    length: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int | None = None,
) -> np.ndarray:
    """Continue a prompt.

    Each token takes one pass over the last `context` tokens. The window always has the same shape, with tokens yet
    to come filled by zeros on the right: causal attention never looks there, and one compiled function serves all.

    Args:
        model: turns ids (batch, time) into logits (batch, time, vocab); has `context` and `vocab_size`.
        ids: the prompt, (time,), at least one token, of any length: the last `context` tokens count.
        length: how many tokens to add, 0 or more.
        temperature: 1 draws from the model's own distribution, less sharpens it, 0 always takes the likeliest token.
        top_k: draw from the k likeliest tokens only; None for all.
        seed: the same seed gives the same text; None draws a new one each time.
    Returns:
        int32, (time + length,): the prompt and what was added.
    Raises:
        InputError: an empty prompt; a negative length or temperature; top_k below 1.
        VocabularyError: an id of the prompt is not in 0 … vocab − 1.
    Lesson: notebooks/09, notebooks/10.
    """
    tokens = _checked_prompt(model, ids)
    if length < 0:
        raise InputError(f"generate: length must be 0 or more; got length={length}. Ask for at least one token.")
    if not 0 <= temperature < float("inf"):
        raise InputError(
            f"generate: temperature must be 0 or more; got temperature={temperature}. Take 0 for the likeliest tokens, "
            "1 for the model's own distribution."
        )
    if top_k is not None and top_k < 1:
        raise InputError(
            f"generate: top_k must be 1 or more, or None; got top_k={top_k}. Take None to allow all tokens."
        )
    generator = np.random.default_rng(seed)
    for _ in range(length):
        seen = tokens[-model.context :]
        window = np.zeros((1, model.context), np.int32)
        window[0, : len(seen)] = seen
        logits = np.asarray(model.predict_on_batch(window))[0, len(seen) - 1]  # (vocab,)
        tokens.append(_draw(logits.astype(np.float64), temperature, top_k, generator))
    return np.array(tokens, np.int32)


def _draw(logits: np.ndarray, temperature: float, top_k: int | None, generator: np.random.Generator) -> int:
    if temperature == 0:
        return int(np.argmax(logits))
    if top_k is not None and top_k < len(logits):
        # Exactly k stay, also where several share the smallest score.
        left_out = np.argsort(-logits, kind="stable")[top_k:]
        logits = logits.copy()
        logits[left_out] = -np.inf
    scaled = (logits - logits.max()) / temperature  # the largest is 0, so exp cannot overflow
    probabilities = np.exp(scaled)
    return int(generator.choice(len(logits), p=probabilities / probabilities.sum()))


def _checked_prompt(model: Any, ids: np.ndarray | Sequence[int]) -> list[int]:
    prompt = np.asarray(ids)
    if prompt.ndim != 1 or prompt.size == 0:
        raise InputError(
            f"generate: the prompt must be a row of at least one token, (time,); got shape {prompt.shape}. "
            "Start from a single token, such as a line break."
        )
    wrong = prompt[(prompt < 0) | (prompt >= model.vocab_size)]
    if wrong.size:
        raise VocabularyError(
            f"generate: ids must lie in 0 … {model.vocab_size - 1}; got {wrong[0]}. "
            "Encode the prompt with the tokenizer that the model was trained with."
        )
    return [int(token) for token in prompt]
