"""What lesson 10 says, held to closed forms and to the package's own generation."""

import keras
import numpy as np
import pytest

from greenlm_edu import lm
from greenlm_edu.corpora import toy_language


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max())
    return e / e.sum()


@pytest.mark.parametrize(("tau", "odds"), [(1, np.e**2), (0.5, np.e**4), (2, np.e)])
def test_the_odds_of_two_logits_at_a_temperature(tau: float, odds: float):
    p = np.asarray(lm.token_probabilities(np.array([[2.0, 0.0]]), tau))[0]
    assert p[0] / p[1] == pytest.approx(odds, rel=1e-5)


def test_a_temperature_is_a_power_of_the_probabilities():
    p = np.array([0.5, 0.3, 0.15, 0.05])
    for tau in (0.5, 2.0):
        right = p ** (1 / tau) / (p ** (1 / tau)).sum()
        assert np.asarray(lm.token_probabilities(np.log(p)[None], tau))[0] == pytest.approx(right, abs=1e-6)


def test_entropy_grows_with_the_temperature_from_nothing_to_all():
    z = np.random.default_rng(0).normal(size=20) * 3
    bits = [-(p * np.log2(p + 1e-300)).sum() for p in (softmax(z / tau) for tau in (0.01, 0.5, 1, 2, 1e6))]
    assert bits == sorted(bits)
    assert bits[0] == pytest.approx(0, abs=1e-6)
    assert bits[-1] == pytest.approx(np.log2(20), abs=1e-6)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"top_k": 2}, [0.625, 0.375, 0, 0]),
        ({"top_p": 0.9}, [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0]),
        ({"top_k": 3, "top_p": 0.6}, [0.625, 0.375, 0, 0]),
    ],
)
def test_the_cuts_by_hand(options: dict, kept: list[float]):
    p = np.log(np.array([[0.5, 0.3, 0.15, 0.05]]))
    assert np.asarray(lm.token_probabilities(p, **options))[0] == pytest.approx(kept, abs=1e-6)


def test_a_drawn_token_comes_as_often_as_its_share_is_long():
    p = np.array([0.5, 0.3, 0.2])
    u = np.random.default_rng(1).random(20_000).astype("float32")
    drawn = np.asarray(lm.draw(np.tile(p.astype("float32"), (len(u), 1)), u))
    assert np.bincount(drawn) / len(u) == pytest.approx(p, abs=4 * np.sqrt(0.25 / len(u)))


def test_keys_of_earlier_places_do_not_change_when_a_token_comes():
    keras.utils.set_random_seed(0)
    model = lm.Transformer(vocab_size=11, context=8, width=16, num_layers=2, num_heads=2)
    ids = np.array([[3, 1, 4, 1, 5, 9, 2]])
    short, longer = np.asarray(model(ids[:, :5])), np.asarray(model(ids))
    assert longer[:, :5] == pytest.approx(short, abs=1e-6)


def test_steps_with_the_cache_are_half_the_square_of_those_without():
    assert sum(range(1, 64)) == 63 * 64 // 2
    assert sum(range(1, 64)) / 63 == 32


def test_the_grammar_refuses_what_it_cannot_make_and_takes_what_it_can():
    assert toy_language.surprise_bits("ada sees the cat .") > 0
    for wrong in ("ada the cat .", "cat", "", "ada sees the cat"):
        with pytest.raises(ValueError, match=r"."):
            toy_language.surprise_bits(wrong)


def test_a_sentence_begins_with_the_as_often_as_the_grammar_says():
    # 0.8 · 0.8 · 0.6 without an opening, and 0.2 with one, whose first word is another.
    drawn = toy_language.sample(20_000, seed=3)
    share = np.mean([one.split()[0] == "the" for one in drawn])
    assert share == pytest.approx(0.8 * 0.8 * 0.6, abs=4 * np.sqrt(0.25 / 20_000))
