"""The wrong-answer bank: right answers of every form pass each exercise, and each wrong one gets its own hint.

A lesson's answers stand in `bank_NN.py`, as code for the stub's cell.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from greenlm_edu.checks import Exercise, Hint, Passed, exercises, quizzes
from greenlm_edu.checks.talk import judged

FEWEST_RIGHT, FEWEST_WRONG = 2, 5
BANKS = {
    path.stem.removeprefix("bank_"): importlib.import_module(f"tests.checks.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("bank_*.py"))
}
RIGHT = {name: sources for bank in BANKS.values() for name, sources in bank.RIGHT.items()}
WRONG = {name: answers for bank in BANKS.values() for name, answers in bank.WRONG.items()}
EXERCISES = {exercise.name: exercise for exercise in exercises()}


def answers_of(exercise: Exercise, source: str) -> list[object]:
    """What the learner's cell makes, where the lesson's earlier cells were run."""
    names: dict[str, object] = {}
    exec(exercise.given, names)
    exec(source, names)
    return [names[want] for want in exercise.wants]


def numbered(answers: dict[str, list]) -> list:
    return [
        # An endless answer takes its whole time limit.
        pytest.param(name, answer, id=f"{name}-{number}", marks=pytest.mark.process if "endless" in answer else ())
        for name, several in answers.items()
        for number, answer in enumerate(several)
    ]


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_answers_enough(name: str):
    assert len(set(RIGHT[name])) >= FEWEST_RIGHT
    assert len({source for source, _ in WRONG[name]}) >= FEWEST_WRONG
    assert len({key for _, key in WRONG[name]}) >= FEWEST_WRONG, "each wrong idea has a hint of its own"


def test_no_answer_is_to_an_exercise_that_is_not_there():
    assert {*RIGHT, *WRONG} <= {*EXERCISES}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name: str):
    exercise = EXERCISES[name]
    assert isinstance(judged(exercise, answers_of(exercise, exercise.solution)), Passed)


@pytest.mark.parametrize(("name", "source"), numbered(RIGHT))
def test_right_answers_of_every_form_pass(name: str, source: str):
    answer = judged(EXERCISES[name], answers_of(EXERCISES[name], source))
    assert isinstance(answer, Passed), answer


@pytest.mark.parametrize(("name", "answer"), numbered(WRONG))
def test_each_wrong_answer_gets_its_own_hint(name: str, answer: tuple[str, str]):
    source, key = answer
    told = judged(EXERCISES[name], answers_of(EXERCISES[name], source))
    assert isinstance(told, Hint)
    assert told.key == key, told


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_whole(name: str):
    exercise = EXERCISES[name]
    assert len(set(exercise.hints)) == 3
    assert exercise.seen
    assert re.fullmatch(r"\d\d\.[a-z_]+", name)
    compile(exercise.solution, name, "exec")


@pytest.mark.parametrize("quiz", quizzes(), ids=lambda quiz: quiz.name)
def test_a_quiz_has_a_reason_for_each_choice(quiz):
    assert re.fullmatch(r"\d\d\.[a-z_]+", quiz.name)
    assert all(choice.reason for choice in quiz.choices)
    assert len({choice.text for choice in quiz.choices}) == len(quiz.choices)


def test_names_are_used_once():
    names = [*(one.name for one in exercises()), *(one.name for one in quizzes())]
    assert len(names) == len(set(names))


def test_the_bank_finds_what_it_looks_for():
    exercise = EXERCISES["09.bits"]
    assert isinstance(judged(exercise, answers_of(exercise, "def bits(nats):\n    return nats")), Hint)
