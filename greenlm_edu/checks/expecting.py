"""Holding a result to what it must be, and telling a wrong idea by the value that it gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from greenlm_edu.checks.calling import NOT_DONE
from greenlm_edu.checks.result import Rejected

__all__ = ["Mistake", "expect_close"]


@dataclass(frozen=True)
class Mistake:
    """A wrong idea, and what it gives where the right one gives something else.

    Args:
        key: its short name.
        gives: the value, an array or a number.
        hint: what to say: the idea named, and the next question.
    """

    key: str
    gives: Any
    hint: str


def expect_close(
    value: Any, right: Any, mistakes: Iterable[Mistake] = (), *, of: str = "the result", tolerance: float = 1e-6
) -> None:
    """Raise Rejected unless the value equals the right one.

    Args:
        value: the learner's: a number, nested lists, or an array or tensor of any engine.
        right: what it must be.
        mistakes: those that are known, the likeliest first; the first whose value fits gives the hint.
        of: what the value is, with its arguments: “bits(2.08)”.
        tolerance: largest difference, relative to the right value, or absolute where that is below 1.
    Raises:
        Rejected: the key of a mistake; or not_done (None), kind (no numbers), shape, nan, value.
        ValueError: a mistake gives the right value, so that nobody could tell them apart; a fault of the exercise.
    """
    wanted = np.asarray(right, np.float64)
    mistakes = list(mistakes)
    for mistake in mistakes:
        if _close(np.asarray(mistake.gives, np.float64), wanted, tolerance):
            raise ValueError(f"expect_close: {mistake.key} gives what is right for {of}. Judge with other values.")
    found = _numbers(value, of)
    if _close(found, wanted, tolerance):
        return
    for mistake in mistakes:
        if _close(found, np.asarray(mistake.gives, np.float64), tolerance):
            raise Rejected(mistake.key, mistake.hint)
    if found.shape != wanted.shape:
        raise Rejected("shape", f"{of} must have the shape {wanted.shape}; yours has {found.shape}.")
    if not np.isfinite(found).all() and np.isfinite(wanted).all():
        raise Rejected(
            "nan",
            f"{of} holds a value that is no finite number (nan or inf). Where does it divide by zero, take the "
            "logarithm of zero, or overflow?",
        )
    place = np.unravel_index(int(np.argmax(~_near(found, wanted, tolerance))), wanted.shape)
    at = f" at {list(map(int, place))}" if place else ""
    raise Rejected("value", f"{of} must be {wanted[place]:.6g}{at}; yours is {found[place]:.6g}.")


def _numbers(value: Any, of: str) -> np.ndarray:
    if value is None:
        raise Rejected("not_done", NOT_DONE)
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise TypeError(f"values of type {found.dtype}")
        return found.astype(np.float64)
    except (TypeError, ValueError, RuntimeError) as err:
        raise Rejected(
            "kind", f"{of} must be a number or an array of numbers; yours is {type(value).__name__} ({err})."
        ) from err


def _near(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # infinities
        near: np.ndarray = np.abs(found - wanted) <= tolerance * np.maximum(1.0, np.abs(wanted))
        near &= np.isfinite(wanted)  # everything is within a part of infinity
        near |= (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    return near


def _close(found: np.ndarray, wanted: np.ndarray, tolerance: float) -> bool:
    return found.shape == wanted.shape and bool(_near(found, wanted, tolerance).all())
