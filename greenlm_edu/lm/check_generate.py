"""What `generate` asks of its arguments, and of the scores that it draws from."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from greenlm_edu.errors import CheckpointError, InputError
from greenlm_edu.lm.decoding import as_numpy

__all__ = ["check_numbers", "check_scores", "checked_prompt", "checked_source"]


def check_scores(logits: Any) -> None:
    """Raise CheckpointError unless all logits are finite."""
    values = as_numpy(logits).astype(np.float32)
    if not np.isfinite(values).all():
        raise CheckpointError(
            f"generate: the model's scores must be finite numbers; got {values[~np.isfinite(values)][0]}. "
            "Its weights are NaN or far too large: load an earlier checkpoint, or train with a lower learning rate."
        )


def checked_source(source: Any, prompt: np.ndarray) -> Any:
    """The source as a tensor (batch, source); InputError unless it has a row for each prompt."""
    rows = np.atleast_2d(np.asarray(source, np.int32))
    if rows.shape[0] != len(prompt) or rows.shape[1] == 0:
        raise InputError(
            f"generate: source must have a row of ids for each prompt; got shape {np.shape(source)} for {len(prompt)} "
            "prompts. Give one source for each."
        )
    return ops.convert_to_tensor(rows)


def checked_prompt(ids: Any) -> np.ndarray:
    """The prompt as int32 (batch, time); InputError where it is empty."""
    prompt = np.asarray(ids)
    if prompt.ndim not in (1, 2) or prompt.size == 0:
        raise InputError(
            f"generate: the prompt must be a row of at least one token, (time,), or rows of one length, (batch, time); "
            f"got shape {prompt.shape}. Start from a single token, such as a line break."
        )
    return np.atleast_2d(prompt).astype(np.int32)


def check_numbers(
    model: Any, length: int, temperature: float, top_k: Any, top_p: Any, repetition_penalty: float, slide: int
) -> None:
    """Raise InputError for the first number that cannot be."""
    infinity = float("inf")
    rules = (
        (length >= 0, f"length must be 0 or more; got length={length}. Ask for at least one token."),
        (
            0 <= temperature < infinity,
            f"temperature must be 0 or more; got temperature={temperature}. Take 0 for the likeliest tokens, 1 for the "
            "model's own distribution.",
        ),
        (
            top_k is None or top_k >= 1,
            f"top_k must be 1 or more, or None; got top_k={top_k}. Take None to allow all tokens.",
        ),
        (
            top_p is None or 0 < top_p <= 1,
            f"top_p must be above 0 and at most 1, or None; got top_p={top_p}. Take 0.9, or None to allow all tokens.",
        ),
        (
            0 < repetition_penalty < infinity,
            f"repetition_penalty must be above 0; got repetition_penalty={repetition_penalty}. Take 1 for none, 1.2 "
            "for a mild one.",
        ),
        (
            1 <= slide <= model.context,
            f"slide must lie in 1 … context; got slide={slide}, context={model.context}. Take 1 for the longest view, "
            f"{max(1, model.context // 2)} for speed.",
        ),
    )
    for holds, text in rules:
        if not holds:
            raise InputError(f"generate: {text}")
