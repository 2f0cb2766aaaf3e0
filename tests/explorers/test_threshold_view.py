"""The threshold explorer: its counts by hand, its words, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from greenlm_edu.errors import InputError
from greenlm_edu.explorers import threshold_view

SCORES, LABELS = [0.1, 0.3, 0.4, 0.6, 0.8, 0.9], [0, 0, 1, 0, 1, 1]


def test_counts_and_figures_are_those_by_hand() -> None:
    # At 0.5: called are 0.6 (false), 0.8 and 0.9; missed is 0.4.
    text = threshold_view(SCORES, LABELS).view().text
    assert "3 of 6 examples" in text
    assert "2 are labelled so and 1 are false alarms; 1 “yes” are missed; 2 are rightly called “no”" in text
    assert "Precision 2 / 3 = 66.7 %, recall 2 / 3 = 66.7 %, F1 66.7 %, accuracy 66.7 %" in text


def test_the_threshold_itself_counts_as_positive() -> None:
    assert "2 of 6 examples" in threshold_view(SCORES, LABELS, threshold=0.8).view().text


def test_moving_the_threshold_changes_picture_and_words() -> None:
    explorer = threshold_view(SCORES, LABELS, names=("blame", "praise"))
    before = explorer.view()
    explorer.set(threshold=0.35)
    after = explorer.view()
    assert before.html != after.html
    assert "Precision 3 / 4 = 75.0 %, recall 3 / 3 = 100.0 %" in after.text
    assert "praise" in after.html


def test_recall_never_rises_with_the_threshold() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.random(200), rng.integers(0, 2, 200)
    recalls = []
    for threshold in np.linspace(0, 1, 21):
        text = threshold_view(scores, labels, threshold=float(threshold)).view().text
        recalls.append(float(text.split("recall")[1].split("=")[1].split("%")[0]))
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] == 100


def test_nothing_to_divide_by_is_said() -> None:
    assert "Nobody is called so" in threshold_view(SCORES, LABELS, threshold=0.95).view().text
    assert "No example is labelled “yes”" in threshold_view([0.7], [0]).view().text


@pytest.mark.parametrize(
    ("scores", "labels", "told"),
    [
        ([0.1], [0, 1], "got 1 scores and 2 labels"),
        ([], [], "got 0 scores"),
        ([1.5], [1], r"from 0 to 1; got 1\.5"),
        ([math.nan], [1], "from 0 to 1; got nan"),
        ([0.5], [2], "labels must be 0 or 1; got"),
    ],
)
def test_bad_input_is_named(scores: list, labels: list, told: str) -> None:
    with pytest.raises(InputError, match=told):
        threshold_view(scores, labels)


def test_a_threshold_outside_is_named() -> None:
    with pytest.raises(InputError, match="from 0 to 1; got 2"):
        threshold_view([0.5], [1], threshold=2)
    with pytest.raises(InputError, match="does not take this value"):
        threshold_view([0.5], [1]).set(threshold=1.2)
