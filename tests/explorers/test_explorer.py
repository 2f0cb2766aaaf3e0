"""What explorers share: settings, refusal of what cannot be, the same in words as in the picture."""

from __future__ import annotations

import re

import ipywidgets
import pytest
from matplotlib.figure import Figure

from greenlm_edu import explorers
from greenlm_edu.errors import InputError
from greenlm_edu.explorers import Explorer, View


def doubled(number: int, word: str) -> View:
    if word == "bad":
        raise InputError("doubled: word must be good; got 'bad'. Take another <one>.")
    return View(f"<b>{2 * number}</b>", f"twice {number} is {2 * number}, {word}")


@pytest.fixture
def explorer() -> Explorer:
    controls = {
        "number": ipywidgets.IntSlider(value=2, min=1, max=9),
        "word": ipywidgets.Dropdown(options=["good", "bad"], value="good"),
    }
    return Explorer("Doubling", controls, doubled)


def test_it_tells_its_settings_and_what_the_picture_shows(explorer: Explorer):
    assert explorer.settings == {"number": 2, "word": "good"}
    assert repr(explorer) == "Doubling (number=2, word='good')\ntwice 2 is 4, good"


def test_set_takes_the_controls_place(explorer: Explorer):
    assert explorer.set(number=5) is explorer
    assert explorer.view().html == "<b>10</b>"
    assert "number = 5" in explorer._bundle()["text/plain"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"nubmer": 3}, "the control must be one of number, word"),
        ({"number": 10}, "from 1 to 9"),
        ({"number": "three"}, "number does not take this value"),
        ({"word": "ugly"}, "word does not take this value"),
    ],
)
def test_what_a_control_does_not_take_is_refused_and_changes_nothing(explorer: Explorer, settings, words):
    with pytest.raises(InputError, match=words):
        explorer.set(**settings)
    assert explorer.settings == {"number": 2, "word": "good"}


def test_a_setting_that_cannot_be_drawn_is_told_in_the_pictures_place(explorer: Explorer):
    explorer.set(word="bad")
    assert explorer.view().html == (
        '<div role="alert">doubled: word must be good; got &#x27;bad&#x27;. Take another &lt;one&gt;.</div>'
    )


def test_a_logarithmic_slider_takes_values_and_not_exponents():
    slider = ipywidgets.FloatLogSlider(value=1, min=-2, max=2)
    explorer = Explorer("Powers", {"k": slider}, lambda k: View(str(k), str(k)))
    assert explorer.set(k=50.0).settings == {"k": 50.0}
    with pytest.raises(InputError, match=r"from 0\.01 to 100"):
        explorer.set(k=1000.0)


def test_of_a_long_text_the_title_tells_the_beginning():
    explorer = Explorer("Echo", {"text": ipywidgets.Text(value="x" * 500)}, lambda text: View("", ""))
    assert "x" * 50 in repr(explorer)
    assert "x" * 60 not in repr(explorer)


def test_a_control_keeps_the_width_that_was_chosen_for_its_name():
    chosen = ipywidgets.IntSlider(style={"description_width": "130px"})
    left_out = ipywidgets.IntSlider()
    Explorer("Widths", {"chosen": chosen, "left_out": left_out}, doubled)
    assert chosen.style.description_width == "130px"
    assert left_out.style.description_width == "110px"


def test_half_a_surrogate_pair_does_not_break_the_page():
    explorer = Explorer("Echo", {"text": ipywidgets.Text(value="a")}, lambda text: View(text, text))
    explorer.set(text="\ud83d!")
    for told in explorer._bundle().values():
        assert "\\ud83d!" in told
        told.encode("utf-8")


def test_a_figure_becomes_a_picture_with_words_and_without_a_date():
    def made() -> View:
        figure = Figure(figsize=(3, 2))
        figure.subplots().plot([1, 2], [2, 1])
        return View.of_figure(figure, "a line that falls")

    assert made() == made()
    assert re.search(r'alt="a line that falls"|aria-label="a line that falls"', made().html)


def test_every_explorer_is_public_and_documented():
    for name in explorers.__all__:
        assert getattr(explorers, name).__doc__
