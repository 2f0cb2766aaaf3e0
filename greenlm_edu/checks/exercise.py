"""What an exercise is, and where each is found."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from greenlm_edu.errors import InputError

__all__ = ["Exercise", "exercises", "find"]


@dataclass(frozen=True)
class Exercise:
    """A task of a lesson.

    Args:
        name: lesson and task, such as "09.bits".
        judge: takes what the learner gives `check`, and raises Rejected unless it is right.
        hints: three, each saying more than the one before.
        solution: the whole code of the stub's cell, solved.
        seen: what to notice once it is passed.
    """

    name: str
    judge: Callable[..., None]
    hints: tuple[str, str, str]
    solution: str
    seen: str


@cache
def exercises(lesson: str | None = None) -> tuple[Exercise, ...]:
    """Every exercise, or those of one lesson ("09"), in the order of the lessons."""
    from greenlm_edu import checks

    names = sorted(one.name for one in pkgutil.iter_modules(checks.__path__) if one.name.startswith("lesson_"))
    found: list[Exercise] = []
    for name in names:
        if lesson in (None, name.removeprefix("lesson_")):
            found += importlib.import_module(f"greenlm_edu.checks.{name}").EXERCISES
    return tuple(found)


def find(where: str, name: str) -> Exercise:
    """The exercise of this name.

    Raises:
        InputError: there is none.
    """
    known = {one.name: one for one in exercises()}
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)
        raise InputError(f"{where}: the exercise must be one of the lessons'; got {name!r}. Did you mean {near[0]!r}?")
    return known[name]
