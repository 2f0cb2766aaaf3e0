"""The counting baseline, against counts made in another way."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm import NGram

texts = st.lists(st.integers(0, 4), min_size=4, max_size=60).map(np.array)


@given(texts, texts, st.integers(1, 4), st.sampled_from([0.01, 1.0, 10.0]))
def test_equals_counting_by_hand(train: np.ndarray, text: np.ndarray, order: int, k: float) -> None:
    model = NGram(order, add_k=k).fit(train, vocab_size=5)

    def runs(ids: np.ndarray) -> list[tuple[int, ...]]:
        return [tuple(ids[i : i + order].tolist()) for i in range(len(ids) - order + 1)]

    counts = Counter(runs(train))
    histories = Counter(run[:-1] for run in runs(train))
    log_probs = {run: math.log((counts[run] + k) / (histories[run[:-1]] + 5 * k)) for run in runs(text)}
    surprise = [-log_probs[run] for run in runs(text)]
    assert model.cross_entropy(text) == pytest.approx(sum(surprise) / len(surprise), rel=1e-9)
    for run, log_prob in log_probs.items():
        assert model.log_probs(run[:-1])[run[-1]] == pytest.approx(log_prob, rel=1e-9)


@given(texts, st.integers(1, 4), st.lists(st.integers(0, 4), min_size=3, max_size=6))
def test_probabilities_sum_to_one_after_any_history(train: np.ndarray, order: int, history: list[int]) -> None:
    model = NGram(order, add_k=0.3).fit(train, vocab_size=5)
    assert np.exp(model.log_probs(history)).sum() == pytest.approx(1, abs=1e-12)


def test_large_k_tends_to_the_uniform_model() -> None:
    ids = np.array([0, 1, 0, 1, 0, 1])
    assert NGram(2, add_k=1e9).fit(ids, 27).cross_entropy(ids) == pytest.approx(math.log(27), rel=1e-6)


def test_sample_follows_the_probabilities() -> None:
    model = NGram(2, add_k=0.5).fit(np.array([0, 1, 0, 2, 1, 0, 1, 1]), vocab_size=3)
    drawn = model.sample(20_000, seed=4)
    for history in range(3):
        following = drawn[1:][drawn[:-1] == history]
        share = np.bincount(following, minlength=3) / len(following)
        np.testing.assert_allclose(share, np.exp(model.log_probs([history])), atol=0.02)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_sample_has_its_length_and_repeats_with_its_seed(order: int) -> None:
    model = NGram(order).fit(np.arange(30) % 7, vocab_size=7)
    assert model.sample(12, seed=1).shape == (12,)
    assert model.sample(12, seed=1).dtype == np.int32
    np.testing.assert_array_equal(model.sample(12, seed=1), model.sample(12, seed=1))
    assert not np.array_equal(model.sample(50, seed=1), model.sample(50, seed=2))


def test_prompt_is_continued() -> None:
    model = NGram(3, add_k=1e-9).fit(np.arange(70) % 7, vocab_size=7)
    np.testing.assert_array_equal(model.sample(4, prompt=[3, 4, 5]), [6, 0, 1, 2])


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="got order=0"):
        NGram(0)
    with pytest.raises(InputError, match=r"got add_k=0\."):
        NGram(2, add_k=0)
    with pytest.raises(InputError, match=r"cross_entropy: the model must be fitted; got no counts"):
        NGram().cross_entropy(np.arange(5))
    with pytest.raises(EmptyCorpus, match=r"NGram.fit: the text must hold at least 3 tokens; got 2"):
        NGram(3).fit(np.arange(2), 5)
    with pytest.raises(VocabularyError, match=r"NGram.fit: ids must lie in 0 … 3; got 4"):
        NGram().fit(np.arange(5), 4)
    with pytest.raises(InputError, match=r"got vocab_size=50000, order=5"):
        NGram(5).fit(np.arange(9), 50_000)
