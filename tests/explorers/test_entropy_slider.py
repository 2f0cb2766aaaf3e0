"""The entropy explorer: its figures against arithmetic by hand, and what it says of each case."""

from __future__ import annotations

import math

import pytest

from greenlm_edu.errors import InputError
from greenlm_edu.explorers import entropy_slider


def told(*arguments, **settings):
    explorer = entropy_slider(*arguments)
    return explorer.set(**settings).view().text if settings else explorer.view().text


def test_a_fair_coin_taken_for_a_bent_one():
    text = told((0.5, 0.5), (0.9, 0.1))
    # −½ log₂ 0.9 − ½ log₂ 0.1 = ½ (0.152 + 3.322)
    assert "Entropy H(p) = 1.000 bits" in text
    assert "Cross-entropy H(p, q) = 1.737 bits; KL divergence, the part too much: 0.737." in text


def test_nats_are_bits_times_ln_2():
    text = told((0.5, 0.5), (0.9, 0.1), ("heads", "tails"), "nats")
    assert f"Entropy H(p) = {math.log(2):.3f} nats" in text
    assert "the part too much: 0.511." in text  # FACTS 5a: 0.510826


def test_the_unit_can_be_changed_while_it_is_shown():
    assert "H(p) = 0.693 nats" in told((0.5, 0.5), unit="nats")


def test_the_truth_costs_nothing_more():
    text = told((0.7, 0.3), q_heads=0.7)
    assert "H(p, q) = 0.881 bits; KL divergence, the part too much: 0.000." in text
    assert "The model is the truth" in text


def test_what_the_model_rules_out_and_happens_is_infinite_in_words():
    text = told((0.7, 0.3), q_heads=1.0)
    assert "is infinite" in text
    assert "tails can happen, and the model gives it probability 0" in text
    assert "heads can happen" not in text


def test_what_never_happens_may_be_ruled_out():
    text = told((1.0, 0.0), (1.0, 0.0))
    assert "Entropy H(p) = 0.000 bits" in text
    assert "infinite" not in text


def test_four_outcomes_have_weights_that_are_divided_by_their_sum():
    explorer = entropy_slider((1 / 2, 1 / 4, 1 / 8, 1 / 8))
    assert "Entropy H(p) = 1.750 bits" in explorer.view().text
    assert "H(p, q) = 2.000 bits; KL divergence, the part too much: 0.250." in explorer.view().text
    weights = {"q_a": 1.0, "q_b": 0.5, "q_c": 0.25, "q_d": 0.25}
    assert "The model is the truth" in explorer.set(**weights).view().text
    assert "there is no way to go" in explorer.view().text


def test_three_outcomes_one_ruled_out():
    text = told((0.5, 0.25, 0.25), q_c=0.0)
    assert "c can happen, and the model gives it probability 0" in text


def test_weights_that_are_all_zero_are_told_in_place_of_the_picture():
    text = told((0.5, 0.25, 0.25), q_a=0.0, q_b=0.0, q_c=0.0)
    assert "at least one weight of q must be above 0; got 0 for all of a, b, c." in text


@pytest.mark.parametrize(
    "settings",
    [{}, {"q_heads": 0.0}, {"q_heads": 1.0}, {"p_heads": 0.0}, {"p_heads": 1.0, "q_heads": 0.01}, {"unit": "nats"}],
)
def test_the_picture_carries_the_words(settings):
    view = entropy_slider().set(**settings).view()
    assert "glm-chart" in view.html
    assert view.text.splitlines()[0] in view.html


def test_names_stand_in_the_controls_and_in_the_words():
    explorer = entropy_slider((0.2, 0.8), None, ("rain", "sun"))
    assert list(explorer.controls) == ["p_rain", "q_rain", "unit"]
    assert "True p: rain 0.2, sun 0.8." in explorer.view().text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1.0,),), r"p must have two to four outcomes; got 1\."),
        (((0.2,) * 5,), r"p must have two to four outcomes; got 5\."),
        (((0.5, 0.6),), r"p must be probabilities that sum to 1; got \(0\.5, 0\.6\)"),
        (((0.5, 0.5), (1.5, -0.5)), r"q must be probabilities that sum to 1"),
        (((0.5, 0.5), (0.2, 0.3, 0.5)), r"speak of the same outcomes; got 2 in p, 3 in q"),
        (((0.5, 0.5), None, ("x", "x")), r"got 2 in p, 2 in q, 1 different names"),
        (((0.5, 0.5), None, None, "bytes"), r"the unit must be bits or nats; got 'bytes'"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(InputError, match=rf"^entropy_slider: .*{message}"):
        entropy_slider(*arguments)


def test_a_value_off_the_slider_is_refused():
    with pytest.raises(InputError, match=r"q_heads does not take this value; got 1\.5"):
        entropy_slider().set(q_heads=1.5)
