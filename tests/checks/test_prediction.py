"""Predictions: a guess before a result, and the result that answers it."""

from __future__ import annotations

import math

import pytest

from greenlm_edu import outcome, predict
from greenlm_edu.checks import Prediction, prediction, predictions
from greenlm_edu.checks.prediction import Outcome, Unanswered
from greenlm_edu.errors import InputError
from greenlm_edu.ledger import Ledger

NAME = "00.factor"
JOULES = Prediction("00.x", "How many joules?", 0.0, 100.0, "J")


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "ledger.db"))
    prediction._guesses.clear()


def test_without_a_guess_the_question_tells_how_and_the_result_stands_alone():
    assert f'predict("{NAME}", …)' in repr(predict(NAME))
    assert "You made no guess" in str(outcome(NAME, 3.0))
    ledger = Ledger()
    assert ledger.predictions() == []
    ledger.close()


def test_a_guess_is_kept_and_answered_and_both_go_into_the_ledger():
    assert "Your guess: 25 times" in repr(predict(NAME, 25))
    told = outcome(NAME, 3.0)
    assert str(told).startswith("You guessed 25 times. It is 3 times.")
    ledger = Ledger()
    rows = ledger.predictions()
    ledger.close()
    assert [(row["guess"], row["found"]) for row in rows] == [(25.0, 3.0)]


@pytest.mark.parametrize(
    ("guess", "found", "words"),
    [
        (50.0, 50.9, "As close as the slider can tell."),
        (10.0, 40.0, "4 times too small"),
        (80.0, 20.0, "4 times too large"),
        (30.0, 40.0, "10 J too low"),
        (40.0, 30.0, "10 J too high"),
        (0.0, 40.0, "40 J too low"),
    ],
)
def test_how_far_off_is_said_in_the_words_that_fit(guess: float, found: float, words: str):
    assert words in str(Outcome(JOULES, found, guess))


def test_a_result_outside_the_slider_is_drawn_all_the_same():
    html = Outcome(JOULES, 250.0, 20.0)._repr_html_()
    assert "250 J" in html


@pytest.mark.parametrize("value", [math.nan, math.inf, "many", None])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InputError, match="outcome: the result must be a finite number"):
        outcome(NAME, value)
    if value is not None:  # None asks for the slider
        with pytest.raises(InputError, match="predict: the guess must be a finite number"):
            predict(NAME, value)


def test_a_misspelt_prediction_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"Did you mean '00\.factor'"):
        predict("00.facter")


@pytest.mark.parametrize("one", predictions(), ids=lambda one: one.name)
def test_each_has_a_slider_that_a_learner_can_move(one: Prediction):
    slider, button = Unanswered(one)._row().children
    assert one.low < one.high
    assert 50 <= (slider.max - slider.min) / slider.step <= 2000
    slider.value = slider.min + (slider.max - slider.min) / 4
    button.click()
    assert prediction._guesses[one.name] == slider.value


@pytest.mark.parametrize("one", predictions(), ids=lambda one: one.name)
def test_each_has_a_name_and_a_question(one: Prediction):
    assert one.question.strip()
    assert one.told(one.high)
