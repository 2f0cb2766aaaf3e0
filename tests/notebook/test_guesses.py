"""Guesses beside outcomes: read from a ledger, told in words that the figures support, and drawn to scale."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

import greenlm_edu
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.ledger import Ledger
from greenlm_edu.notebook.guesses import Guess, Guesses, guesses
from tests.notebook.measured import COUNTED, measured, part

RANGE = Interval(80, 100, 125)


def of(*guesses_j):
    return Guesses(Guess(guess_j, RANGE, f"cell {n}") for n, guess_j in enumerate(guesses_j, 1))


def test_they_come_from_this_machines_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "ledger.db"))
    store = Ledger()
    for name, guess_j in (("a", 50.0), ("b", None), ("c", 2e3)):
        store.append(
            measured(name, part("gpu0", 1000, gain=COUNTED), guess_j=guess_j, context={"notebook": "09.ipynb"})
        )
    store.append(measured("dark", guess_j=5.0))
    found = greenlm_edu.guesses()
    assert [(one.guess_j, one.energy_j.best, one.where) for one in found.guesses] == [
        (50.0, 1000.0, "09 · a"),
        (2000.0, 1000.0, "09 · c"),
    ]
    assert found.unknown == 1
    assert "1 more had no measured outcome" in repr(found)


def test_rows_of_another_ledger_may_be_given(tmp_path):
    store = Ledger(tmp_path / "class.db")
    store.append(measured("a", part("cpu", 100), guess_j=300.0))
    assert guesses(store.rows()).median_ratio == pytest.approx(3.0)


def test_what_are_no_rows_is_told():
    with pytest.raises(InputError, match=r"guesses: rows must be those that Ledger.rows\(\) gives; got dict without"):
        guesses([{"name": "a"}])


def test_the_middle_and_the_middle_half_are_told_in_words():
    # Ratios 0.5, 1, 3.1, 8, 40: the middle is 3.1, the quartiles 1 and 8; 100 J alone lies in 80 to 125 J.
    assert of(50, 100, 310, 800, 4000).in_words() == (
        "5 guesses. The one in the middle is 3.1 times the best figure; half of them lie between 1.0 and 8.0 times it. "
        "1 lies inside the outcome’s range: as right as the meter can tell."
    )


def test_few_guesses_have_no_middle_half():
    assert "half of them" not in of(50, 100, 310).in_words()
    assert of(240).in_words().startswith("One guess: guess 240 J, outcome 100 J (80 – 120 J) · 2.4 times the best")
    assert "All lie inside" in of(90, 100, 110).in_words()
    assert "None lies inside" in of(1, 2, 3).in_words()


def test_no_guess_says_how_to_guess():
    for said in (repr(guesses([])), guesses([])._repr_html_()):
        assert "begin a cell with %%meter --predict" in said


def test_the_picture_is_to_scale_and_its_marks_differ_in_shape():
    root = ElementTree.fromstring(of(100, 1000).svg())
    *_, outside_range, outside, inside_range, inside = [
        p.get("d") for p in root.iter("{http://www.w3.org/2000/svg}path")
    ]
    circle, diamond = (re.match(r"M([\d.]+),([\d.]+)", d) for d in (inside, outside))
    assert "a4,4" in inside
    assert "l4,-5" in outside
    assert circle.group(1) == diamond.group(1)  # one outcome
    decade = float(circle.group(2)) - float(diamond.group(2))  # ten times the guess
    low, high = (float(x) for x in re.match(r"M([\d.]+),[\d.]+H([\d.]+)", inside_range).groups())
    assert (high - low) / decade == pytest.approx(0.19382, abs=0.005)  # log10(125 / 80)
    assert outside_range
    labels = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"100 J", "1 kJ", "guess", "outcome"} <= set(labels)


def test_a_class_of_hundreds_is_light_and_asks_for_nothing_from_outside():
    page = of(*(10 ** (index / 100) for index in range(400)))._repr_html_()
    assert len(page.encode()) < 80_000
    assert not re.search(r"(src|href)=[\"'](?!data:)", page)
    assert "340 older ones are in the picture only" in page


def test_names_are_escaped():
    assert "<b>bold" not in Guesses([Guess(1, RANGE, "<b>bold")])._repr_html_()


def test_an_outcome_that_may_be_nothing_is_drawn_from_the_left_edge():
    root = ElementTree.fromstring(Guesses([Guess(5, Interval(0, 2, 10), "short")]).svg())
    assert "nan" not in ElementTree.tostring(root).decode()
