"""The mask lab's picture tells leaks, and what stood still."""

from urllib.parse import unquote

import numpy as np
import pytest

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.explorers import mask_lab

TRIANGLE = np.triu(np.ones((4, 4), bool))


def test_a_causal_table_leaks_nothing():
    told = mask_lab(TRIANGLE, place=2).view().text
    assert "4 places were changed, one after the other; 10 times an output moved." in told
    assert "nothing leaks" in told
    assert told.endswith("Changing place 2 moved outputs 2, 3; it may move 2, 3.")


def test_a_leak_is_counted_and_named():
    leaky = TRIANGLE.copy()
    leaky[3, 0] = True
    explorer = mask_lab(leaky, changed_names=["the", "cat", "is", "tired"], output_names=["a", "b", "c", "d"])
    assert "1 of these moves must not be: a leak." in explorer.view().text
    assert "Changing place 3 (tired) moved outputs 0 (a), 3 (d); it may move 3 (d). Wrong: it moved 0 (a)" in (
        explorer.set(place=3).view().text
    )
    assert "a leak" in unquote(explorer.view().html)


def test_what_stands_still_though_it_may_move_is_told():
    told = mask_lab(TRIANGLE, may="everything").view().text
    assert "6 outputs stood still that may move." in told


def test_a_table_of_ones_own_says_what_may_move():
    may = np.zeros((4, 4), bool)
    assert "10 of these moves must not be" in mask_lab(TRIANGLE, may).view().text
    assert "it may move none." in mask_lab(TRIANGLE, may).view().text


@pytest.mark.parametrize(
    ("arguments", "options", "error", "told"),
    [
        ((np.ones((2, 2)),), {}, ShapeError, "of float64. Give what lm.reach gives."),
        ((TRIANGLE, "past"), {}, InputError, "or booleans; got 'past'"),
        ((TRIANGLE, np.ones((2, 4), bool)), {}, ShapeError, "must have the shape of moved, (4, 4); got (2, 4)"),
        ((TRIANGLE,), {"place": 4}, InputError, "place must be from 0 to 3; got 4"),
        ((TRIANGLE,), {"changed_names": ["a"]}, ShapeError, "got 1 names for 4 places"),
        ((np.ones((65, 2), bool),), {}, InputError, "at most 64 places"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, options, error, told):
    with pytest.raises(error) as caught:
        mask_lab(*arguments, **options)
    assert told in str(caught.value)
