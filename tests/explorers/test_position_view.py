"""The positions explorer tells the closed forms, for any width, base, length and step."""

import math
from urllib.parse import unquote

import numpy as np
import pytest

from greenlm_edu.errors import InputError
from greenlm_edu.explorers import position_view


def test_the_dot_product_is_that_of_the_packages_own_stamps():
    from greenlm_edu.lm import SinusoidalPositions

    stamps = np.asarray(SinusoidalPositions()(np.zeros((1, 40, 64), "float32")))[0].astype(float)
    told = position_view(width=64, length=64, offset=10).view().text
    assert f"10 places apart is {stamps[20] @ stamps[30]:.3f}, wherever they stand; of one with itself 32." in told


def test_waves_are_as_long_as_the_formula_says():
    told = position_view(width=8, base=10_000, offset=2)
    longest = 2 * math.pi * 10_000 ** (6 / 8)
    assert f"8 features are 4 pairs of sine and cosine, base 10,000; their waves are 6.28 to {longest:,.6g}" in (
        told.view().text
    )


def test_a_step_turns_each_pair_by_its_own_angle():
    told = position_view(width=4, base=100, length=16, offset=3).view().text
    # ω = 1 and 100^(−1/2) = 0.1: 3 and 0.3 radians.
    assert f"A step of 3 turns pair 0 by {math.degrees(3):.1f}°, pair 1 by {math.degrees(0.3):.1f}°." in told


def test_one_pair_mistakes_places_a_whole_wave_apart_and_many_pairs_do_not():
    # One pair, ω = 1: 44 ≈ 7 · 2π, so places 44 apart look alike; 6 apart: cos 6 = 0.960.
    told = position_view(width=2, length=64, offset=1).view().text
    assert "Hard to tell apart (over 95% of 1): places 6, 19, 25, 38, 44, 50 … apart." in told
    near = position_view(width=64, length=64, offset=1).view().text
    assert "places 1 apart." in near or "No two of these 64 places" in near


def test_the_picture_is_there_and_controls_answer():
    explorer = position_view()
    assert "a step of 8 turns each pair" in unquote(explorer.view().html)
    assert "offset must be below the length, 4; got 8" in explorer.set(length=4).view().text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"width": 7}, "an even number from 2 to 256; got 7"),
        ({"width": 0}, "got 0"),
        ({"base": 1.0}, "base must be above 1"),
        ({"length": 1}, "length must be from 2 to 512; got 1"),
        ({"offset": 128}, "offset must be from 0 to 127; got 128"),
        ({"offset": -1}, "got -1"),
    ],
)
def test_what_cannot_be_shown_is_refused(options, told):
    with pytest.raises(InputError) as caught:
        position_view(**options)
    assert told in str(caught.value)
