"""The mask lab: which outputs move when one place of an input is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from greenlm_edu.errors import InputError, ShapeError

__all__ = ["reach"]


def reach(
    function: Callable[..., Any],
    *inputs: np.ndarray | Sequence[Any],
    change: int = 0,
    vocab_size: int | None = None,
    never: Sequence[int] = (),
    tolerance: float = 1e-5,
    seed: int = 0,
) -> np.ndarray:
    """Change one place after the other, and see which outputs move.

    It says nothing of how a model is written: what moves is what can be seen from there. A causal model must give the
    upper triangle; whoever sees a later output stand still and an earlier one move has found a fault.

    Args:
        function: called once, with each input as a batch, (batch, time) of ids or (batch, time, features); gives
            floats (batch, time of the output, …). A model, a layer, or a lambda around one that holds a mask.
        inputs: one example each, without a batch axis: ids (time,), or vectors (time, features).
        change: which of the inputs is changed, counted from 0; the others stay as they are.
        vocab_size: where ids are changed: each becomes another one in 0 … vocab_size − 1, drawn by the seed.
        never: ids that no place is changed to, such as the one that stands for padding (it would change the mask).
        tolerance: an output has moved if it differs by more than this part of the largest output.
        seed: of what places are changed to.
    Returns:
        booleans, (places of the changed input, places of the output): [s, t] is True where changing place s moves
        output t.
    Raises:
        InputError: ids without vocab_size, no such input, or no other id to change to.
        ShapeError: an input that is neither ids nor vectors, or an output without places.

    >>> mean_of_the_past = lambda x: np.cumsum(x, axis=1) / np.arange(1, 4)[:, None]
    >>> reach(mean_of_the_past, np.ones((3, 2))).astype(int)
    array([[1, 1, 1],
           [0, 1, 1],
           [0, 0, 1]])

    Lesson: notebooks/07, notebooks/11.
    """
    examples = [np.asarray(one) for one in inputs]
    if not 0 <= change < len(examples):
        raise InputError(f"reach: change must be one of the {len(examples)} inputs, from 0; got change={change}.")
    for one in examples:
        if one.ndim not in (1, 2) or len(one) == 0 or (one.ndim == 1) != (one.dtype.kind in "iu"):
            raise ShapeError(
                f"reach: an input must be ids, whole numbers (time,), or vectors, floats (time, features); got shape "
                f"{one.shape} of {one.dtype}. Give one example, without a batch axis."
            )
    changed = _with_one_place_changed(examples[change], vocab_size, never, np.random.default_rng(seed))
    rows = len(changed)
    batches = [changed if at == change else np.repeat(one[None], rows, axis=0) for at, one in enumerate(examples)]
    found = ops.convert_to_numpy(function(*batches)).astype(np.float64)
    if found.ndim < 2 or len(found) != rows:
        raise ShapeError(
            f"reach: the function must give (batch, time, …) for a batch of {rows}; got shape {found.shape}. "
            "Return one output a place."
        )
    moved = np.abs(found[1:] - found[0]).reshape(rows - 1, found.shape[1], -1).max(axis=-1)  # (places, time)
    return np.asarray(moved > tolerance * np.abs(found[0]).max())


def _with_one_place_changed(
    example: np.ndarray, vocab_size: int | None, never: Sequence[int], generator: np.random.Generator
) -> np.ndarray:
    """The example, then a copy for each place with another id or vector there: (1 + places, …)."""
    rows = np.repeat(example[None], len(example) + 1, axis=0)
    for place in range(len(example)):
        if example.ndim == 2:
            rows[place + 1, place] = example[place] + generator.normal(size=example.shape[1])
            continue
        if vocab_size is None:
            raise InputError("reach: to change ids, vocab_size must be known; got None. Give the model's vocab_size.")
        others = [other for other in range(vocab_size) if other != example[place] and other not in never]
        if not others:
            raise InputError(
                f"reach: there must be another id to change {example[place]} to; got vocab_size={vocab_size}, "
                f"never={tuple(never)}. Allow more ids."
            )
        rows[place + 1, place] = generator.choice(others)
    return rows
