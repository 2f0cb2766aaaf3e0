"""Where each exercise, quiz and prediction is found: in the file of its lesson, `lesson_NN.py`."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from greenlm_edu.errors import InputError

if TYPE_CHECKING:
    from greenlm_edu.checks.choices import Quiz
    from greenlm_edu.checks.exercise import Exercise
    from greenlm_edu.checks.prediction import Prediction

__all__ = ["exercises", "find", "find_prediction", "find_quiz", "predictions", "quizzes"]

PREFIX: Final = "lesson_"


@cache
def exercises(lesson: str | None = None) -> tuple[Exercise, ...]:
    """Every exercise, or those of one lesson ("09"), in the order of the lessons."""
    return _all("EXERCISES", lesson)


@cache
def quizzes(lesson: str | None = None) -> tuple[Quiz, ...]:
    """Every quiz, or those of one lesson, in the order of the lessons."""
    return _all("QUIZZES", lesson)


@cache
def predictions(lesson: str | None = None) -> tuple[Prediction, ...]:
    """Every prediction, or those of one lesson, in the order of the lessons."""
    return _all("PREDICTIONS", lesson)


def find(where: str, name: str) -> Exercise:
    """The exercise of this name.

    Raises:
        InputError: there is none.
    """
    found: Exercise = _find(where, "exercise", name, exercises())
    return found


def find_quiz(where: str, name: str) -> Quiz:
    """The quiz of this name.

    Raises:
        InputError: there is none.
    """
    found: Quiz = _find(where, "quiz", name, quizzes())
    return found


def find_prediction(where: str, name: str) -> Prediction:
    """The prediction of this name.

    Raises:
        InputError: there is none.
    """
    found: Prediction = _find(where, "prediction", name, predictions())
    return found


def _all(kind: str, lesson: str | None) -> tuple[Any, ...]:
    from greenlm_edu import checks

    names = sorted(one.name for one in pkgutil.iter_modules(checks.__path__) if one.name.startswith(PREFIX))
    found: list[Any] = []
    for name in names:
        if lesson in (None, name.removeprefix(PREFIX)):
            found += getattr(importlib.import_module(f"greenlm_edu.checks.{name}"), kind, ())
    return tuple(found)


def _find(where: str, kind: str, name: str, among: Sequence[Any]) -> Any:
    known = {one.name: one for one in among}
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{where}: the {kind} must be one of the lessons’; got {name!r}.{meant}")
    return known[name]
