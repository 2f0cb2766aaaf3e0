"""Quizzes: a question in words and buttons; each wrong choice has its reason, and answers are kept."""

from __future__ import annotations

import pytest

from greenlm_edu import quiz
from greenlm_edu.checks import Choice, Quiz, attempts, progress, quizzes
from greenlm_edu.errors import InputError

NAME = "00.basis"


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "ledger.db"))
    attempts._tries.clear()
    attempts._passed.clear()


def test_a_question_shows_its_choices_in_words_and_tells_how_to_answer():
    question = quiz(NAME)
    told = repr(question)
    for letter, choice in zip("abcd", question.quiz.choices, strict=True):
        assert f"{letter}) {choice.text}" in told
    assert f'quiz("{NAME}", "a")' in told
    assert "greenlm-check" in question.html()


@pytest.mark.parametrize("one", quizzes(), ids=lambda one: one.name)
def test_every_choice_is_answered_with_its_own_reason(one: Quiz):
    for letter, choice in zip(one.letters, one.choices, strict=True):
        reply = quiz(one.name, f" {letter.upper()} ")
        assert choice.reason in str(reply)
        assert ("✓" in str(reply)) == choice.right
        assert ("not yet" in reply._repr_html_()) != choice.right


def test_answers_count_as_attempts():
    quiz(NAME, "a")
    assert attempts.tried(NAME) == (1, False)
    quiz(NAME, "b")
    assert attempts.tried(NAME) == (2, True)
    assert f"✓ {NAME}: passed, 2 tries" in repr(progress("00"))


def test_a_button_answers_too_and_a_right_one_closes_the_buttons():
    question = quiz(NAME)
    row = question._row()
    row.children[0].click()
    assert attempts.tried(NAME) == (1, False)
    assert row.comm is not None
    row.children[1].click()
    assert attempts.tried(NAME) == (2, True)
    assert row.comm is None


@pytest.mark.parametrize("answer", ["", "z", "ab", "b)", 3])
def test_what_is_no_letter_is_refused_with_those_there_are(answer):
    with pytest.raises(InputError, match="must be one of the letters a, b, c, d"):
        quiz(NAME, answer)


def test_a_misspelt_quiz_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"got '00\.bases'\. Did you mean '00\.basis'"):
        quiz("00.bases")


@pytest.mark.parametrize("rights", [0, 2])
def test_a_quiz_has_one_right_choice(rights: int):
    choices = tuple(Choice(f"choice {n}", "because", right=n < rights) for n in range(3))
    with pytest.raises(ValueError, match="one that is right"):
        Quiz("00.faulty", "Which?", choices)


def test_words_are_escaped():
    one = Quiz("00.x", "Is `a < b`?", (Choice("<script>", "no"), Choice("yes", "right", right=True)))
    html = one.answered("a")._repr_html_()
    assert "<script>" not in html
