"""What an exercise is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Exercise"]


@dataclass(frozen=True)
class Exercise:
    """A task of a lesson.

    Args:
        name: lesson and task, such as "09.bits".
        judge: takes what the learner gives `check`, and raises Rejected unless it is right.
        hints: three, each saying more than the one before.
        solution: the whole code of the stub's cell, solved.
        seen: what to notice once it is passed.
        wants: the names of the solution that `check` is given, in order.
        given: what the stub's cell finds in the lesson, as code; tests run it before a solution.
    """

    name: str
    judge: Callable[..., None]
    hints: tuple[str, str, str]
    solution: str
    seen: str
    wants: tuple[str, ...]
    given: str = "import numpy as np"
