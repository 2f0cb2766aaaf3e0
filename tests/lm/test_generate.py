"""Generation: what is drawn, from what it is drawn, and what is refused."""

import numpy as np
import pytest

from greenlm_edu.errors import InputError, VocabularyError
from greenlm_edu.lm import Transformer, generate
from tests.lm import oracle


@pytest.fixture(scope="module")
def model() -> Transformer:
    model = Transformer(vocab_size=9, context=6, width=8, num_layers=2, num_heads=2)
    model.set_weights([np.random.default_rng(3).normal(size=w.shape) * 0.6 for w in model.get_weights()])
    return model


class Fixed:
    """A model that always gives the same scores."""

    context, vocab_size = 4, 4

    def __init__(self, logits: list[float]) -> None:
        self.logits = np.array(logits, np.float32)

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.logits, (*x.shape, 4))


def test_greedy_equals_the_oracle_within_and_past_the_context(model: Transformer) -> None:
    tokens = [4, 1]
    for _ in range(12):
        window = np.array([tokens[-6:]])  # the oracle sees the bare window, without any filling
        tokens.append(int(oracle.transformer(model, window)[0, -1].argmax()))
    np.testing.assert_array_equal(generate(model, [4, 1], 12, temperature=0), tokens)


def test_prompt_longer_than_the_context(model: Transformer) -> None:
    prompt = np.arange(20) % 9
    whole = generate(model, prompt, 5, temperature=0)
    np.testing.assert_array_equal(whole[:20], prompt)
    np.testing.assert_array_equal(whole[20:], generate(model, prompt[-6:], 5, temperature=0)[6:])


def test_same_seed_same_text(model: Transformer) -> None:
    first, again, other = (generate(model, [0], 40, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (41,)
    assert first.dtype == np.int32
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_softmax_at_this_temperature(temperature: float) -> None:
    logits = [1.0, 2.0, 3.0, -1.0]
    drawn = generate(Fixed(logits), [0], 20_000, temperature=temperature, seed=0)[1:]
    expected = oracle.softmax(np.array(logits) / temperature)
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 20_000, expected, atol=0.015)


def test_top_k_draws_from_the_likeliest_alone() -> None:
    drawn = generate(Fixed([1.0, 2.0, 3.0, -1.0]), [0], 5_000, top_k=2, seed=0)[1:]
    expected = [0, *oracle.softmax(np.array([2.0, 3.0])), 0]
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 5_000, expected, atol=0.03)
    assert set(generate(Fixed([1.0, 1.0, 1.0, 1.0]), [0], 500, top_k=2, seed=0)[1:]) == {0, 1}  # ties: k stay
    assert set(generate(Fixed([1.0, 1.0, 1.0, 1.0]), [0], 500, top_k=99, seed=0)[1:]) == {0, 1, 2, 3}


def test_extreme_temperatures_and_scores_stay_finite() -> None:
    assert set(generate(Fixed([1e4, 0.0, -1e4, 9e3]), [0], 50, temperature=1e-6, seed=0)) == {0}
    assert set(generate(Fixed([1.0, 2.0, 3.0, -1.0]), [0], 500, temperature=1e9, seed=0)) == {0, 1, 2, 3}


def test_length_zero_gives_back_the_prompt(model: Transformer) -> None:
    np.testing.assert_array_equal(generate(model, [3, 2], 0), [3, 2])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ids": []}, InputError, r"at least one token, \(time,\); got shape \(0,\). Start from a single token"),
        ({"ids": [[1, 2]]}, InputError, r"got shape \(1, 2\)"),
        ({"ids": [1, 9]}, VocabularyError, r"ids must lie in 0 … 8; got 9"),
        ({"ids": [-1]}, VocabularyError, r"ids must lie in 0 … 8; got -1"),
        ({"temperature": -0.5}, InputError, r"temperature must be 0 or more; got temperature=-0.5"),
        ({"temperature": float("nan")}, InputError, r"got temperature=nan"),
        ({"top_k": 0}, InputError, r"top_k must be 1 or more, or None; got top_k=0"),
        ({"length": -1}, InputError, r"length must be 0 or more; got length=-1"),
    ],
)
def test_bad_input_is_named(model: Transformer, arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        generate(model, **{"ids": [1], "length": 3, **arguments})
