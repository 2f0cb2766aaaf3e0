"""What a learner calls: check, hint, reveal, progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from greenlm_edu.checks.attempts import record, tried
from greenlm_edu.checks.choices import Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.registry import exercises, find, quizzes
from greenlm_edu.checks.result import AMBER, GREEN, Hint, Passed, Rejected, box
from greenlm_edu.errors import InputError
from greenlm_edu.notebook.look import FRAME, sheet

__all__ = ["Advice", "Progress", "Solution", "check", "hint", "judged", "progress", "reveal"]

_hints_given: Final[Counter[str]] = Counter()


class Advice:
    """One graded hint, as text and in a notebook."""

    def __init__(self, head: str, text: str) -> None:
        self.head, self.text = head, text

    def __str__(self) -> str:
        return f"{self.head}: {self.text}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return box(AMBER, self.head, self.text)


class Solution:
    """The code of a solution; copied into the stub's cell it passes."""

    def __init__(self, name: str, code: str) -> None:
        self.name, self.code = name, code

    def __repr__(self) -> str:
        return self.code

    def _repr_html_(self) -> str:
        return (
            f'{sheet("greenlm-check")}<div class="greenlm-check" style="{FRAME}"><b>One solution of '
            f'{escape(self.name)}</b><pre style="margin:6px 0 0">{escape(self.code)}</pre></div>'
        )


class Progress:
    """The exercises and quizzes of a lesson, each passed, tried or still to do."""

    def __init__(self, lesson: str, states: dict[str, tuple[int, bool]]) -> None:
        self.lesson, self.states = lesson, states

    def __repr__(self) -> str:
        passed = sum(done for _, done in self.states.values())
        head = f"Lesson {self.lesson}: {passed} of {len(self.states)} passed"
        return "\n".join([head, *(f"  {_state(*state)[0]} {name}: {_state(*state)[1]}" for name, state in
                                  self.states.items())])  # fmt: skip

    def _repr_html_(self) -> str:
        passed = sum(done for _, done in self.states.values())
        parts = []
        for name, state in self.states.items():
            mark, words = _state(*state)
            colour = GREEN if state[1] else AMBER if state[0] else "rgba(128,128,128,.6)"
            parts.append(
                f'<span style="border-bottom:4px solid {colour};padding:2px 6px;margin:4px 8px 0 0;'
                f'display:inline-block">{mark} {escape(name)}<br><small>{words}</small></span>'
            )
        return (
            f'{sheet("greenlm-check")}<div class="greenlm-check" style="{FRAME}" role="group" '
            f'aria-label="Progress in lesson {escape(self.lesson)}"><b>Lesson {escape(self.lesson)}</b> · {passed} of '
            f"{len(self.states)} passed<div>{''.join(parts)}</div></div>"
        )


def check(name: str, *answer: Any) -> Passed | Hint:
    """Judge an answer: passed, or a hint that fits the mistake. It is the last line of its cell, which shows it.

    Args:
        name: the exercise, such as "09.bits".
        answer: what the exercise asks for, usually a function.
    Raises:
        InputError: no exercise has this name, or no answer was given.
    Lesson: every one.
    """
    exercise = find("check", name)
    if not answer:
        raise InputError(f"check: an answer must follow the name; got check({name!r}). Name your function behind it.")
    result = judged(exercise, answer)
    if not (isinstance(result, Hint) and result.key == "not_done"):  # an untouched stub is no attempt
        record(name, isinstance(result, Passed), None if isinstance(result, Passed) else result.key)
    return result


def judged(exercise: Exercise, answer: Sequence[Any]) -> Passed | Hint:
    """What is to be said of an answer, without keeping it as an attempt."""
    try:
        exercise.judge(*answer)
    except Rejected as rejected:
        return Hint(rejected.hint.key, rejected.hint.text, exercise.name)
    return Passed(exercise.name, exercise.seen)


def hint(name: str) -> Advice:
    """The next of an exercise's three hints; after the last one, the last again.

    Raises:
        InputError: no exercise has this name.
    """
    exercise = find("hint", name)
    number = min(_hints_given[name], len(exercise.hints) - 1)
    _hints_given[name] += 1
    return Advice(f"{name}, hint {number + 1} of {len(exercise.hints)}", exercise.hints[number])


def reveal(name: str) -> Solution | Advice:
    """A solution, once the exercise was tried.

    Raises:
        InputError: no exercise has this name.
    """
    exercise = find("reveal", name)
    if not tried(name)[0]:
        return Advice(f"{name}, not yet", f"Try it once first: a wrong answer is enough. {_first_step(exercise)}")
    return Solution(name, exercise.solution)


def progress(lesson: str) -> Progress:
    """How far you are in a lesson: its exercises, then its quizzes.

    Args:
        lesson: its two digits, such as "09".
    Raises:
        InputError: it has no exercises.
    """
    found: list[Exercise | Quiz] = [*exercises(lesson), *quizzes(lesson)]
    if not found:
        known = sorted(
            {name.split(".")[0] for name in [one.name for one in exercises()] + [one.name for one in quizzes()]}
        )
        raise InputError(
            f"progress: the lesson must be one that has exercises; got {lesson!r}. Take one of {', '.join(known)}."
        )
    return Progress(lesson, {one.name: tried(one.name) for one in found})


def _first_step(exercise: Exercise) -> str:
    return f"To begin: {exercise.hints[0]}"


def _state(tries: int, passed: bool) -> tuple[str, str]:
    if passed:
        return "✓", f"passed, {tries} {'try' if tries == 1 else 'tries'}"
    return ("…", f"tried {tries} {'time' if tries == 1 else 'times'}") if tries else ("○", "not tried yet")
