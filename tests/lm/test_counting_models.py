"""Smoothed n-grams, against the same sums written with dictionaries."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm import InterpolatedNGram, KneserNey, NGram

VOCAB = 5
texts = st.lists(st.integers(0, VOCAB - 1), min_size=5, max_size=60)
orders = st.integers(1, 4)
kinds = pytest.mark.parametrize("kind", [NGram, InterpolatedNGram, KneserNey])


def _runs(text: list[int], length: int) -> list[tuple[int, ...]]:
    return [tuple(text[start : start + length]) for start in range(len(text) - length + 1)]


def _interpolated(train: list[int], run: tuple[int, ...], weight: float) -> float:
    if not run:
        return 1 / VOCAB
    counts = Counter(_runs(train, len(run)))
    seen = sum(counts[(*run[:-1], token)] for token in range(VOCAB))
    shorter = _interpolated(train, run[1:], weight)
    return weight * counts[run] / seen + (1 - weight) * shorter if seen else shorter


def _kneser_ney(train: list[int], run: tuple[int, ...], discount: float, longest: bool) -> float:
    if not run:
        return 1 / VOCAB
    if longest:
        counts = Counter(_runs(train, len(run)))
    else:
        counts = Counter(long[1:] for long in set(_runs(train, len(run) + 1)))
    after = [counts[(*run[:-1], token)] for token in range(VOCAB)]
    shorter = _kneser_ney(train, run[1:], discount, longest=False)
    if not sum(after):
        return shorter
    freed = discount * sum(count > 0 for count in after)
    return (max(counts[run] - discount, 0) + freed * shorter) / sum(after)


@given(texts, texts, orders, st.sampled_from([0.1, 0.5, 0.9]))
def test_interpolated_equals_counting_by_hand(train: list[int], text: list[int], order: int, weight: float) -> None:
    model = InterpolatedNGram(order, weight).fit(np.array(train), VOCAB)
    expected = [
        math.log(_interpolated(train, tuple(text[max(0, end - order) : end]), weight))
        for end in range(2, len(text) + 1)
    ]
    np.testing.assert_allclose(model.log_prob(text), expected, rtol=1e-9)


@given(texts, texts, orders, st.sampled_from([0.1, 0.75, 1.0]))
def test_kneser_ney_equals_counting_by_hand(train: list[int], text: list[int], order: int, discount: float) -> None:
    model = KneserNey(order, discount).fit(np.array(train), VOCAB)
    for end in range(2, len(text) + 1):
        run = tuple(text[max(0, end - order) : end])
        expected = _kneser_ney(train, run, discount, longest=len(run) == order)
        assert model.log_prob(text)[end - 2] == pytest.approx(math.log(expected), rel=1e-9)
        assert model.log_probs(run[:-1])[run[-1]] == pytest.approx(math.log(expected), rel=1e-9)


@kinds
@given(train=texts, order=orders, history=st.lists(st.integers(0, VOCAB - 1), max_size=6))
def test_probabilities_sum_to_one_after_any_history(
    kind: type, train: list[int], order: int, history: list[int]
) -> None:
    probabilities = np.exp(kind(order).fit(np.array(train), VOCAB).log_probs(history))
    assert probabilities.shape == (VOCAB,)
    assert probabilities.min() > 0
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)


@kinds
@given(train=texts, text=texts, order=orders)
def test_log_prob_of_a_text_is_that_of_its_tokens(kind: type, train: list[int], text: list[int], order: int) -> None:
    model = kind(order).fit(np.array(train), VOCAB)
    one_by_one = [model.log_probs(text[:end])[text[end]] for end in range(1, len(text))]
    np.testing.assert_allclose(model.log_prob(text), one_by_one, rtol=1e-12)
    if order == 2:
        assert model.cross_entropy(text) == pytest.approx(-model.log_prob(text).mean(), rel=1e-12)


def test_kneser_ney_knows_that_francisco_follows_only_san() -> None:
    text_of_it = "san francisco san francisco san francisco a glass the glass one glass of tea"
    words = text_of_it.split()
    ids = {word: number for number, word in enumerate(dict.fromkeys(words))}
    text = np.array([ids[word] for word in words])
    new_history = [ids["tea"]]  # nothing ever came after tea, so the single tokens decide
    counted = InterpolatedNGram(2, 0.7).fit(text, len(ids)).log_probs(new_history)
    by_variety = KneserNey(2).fit(text, len(ids)).log_probs(new_history)
    assert counted[ids["francisco"]] == counted[ids["glass"]]  # three times each
    assert by_variety[ids["francisco"]] < by_variety[ids["glass"]]


def test_smoothing_ranks_as_the_literature_says() -> None:
    generator = np.random.default_rng(0)
    # A Zipf-like text of 60 words in which each word prefers three others.
    shares = 1 / np.arange(1, 61)
    favourites = generator.integers(0, 60, (60, 3))
    text = [0]
    for _ in range(8_000):
        likes = generator.random() < 0.5
        text.append(
            int(generator.choice(favourites[text[-1]] if likes else 60, p=None if likes else shares / shares.sum()))
        )
    ids = np.array(text)
    losses = [
        model.fit(ids[:6_000], 60).cross_entropy(ids[6_000:])
        for model in (KneserNey(3), InterpolatedNGram(3, 0.5), NGram(3, add_k=0.1), NGram(3, add_k=1.0))
    ]
    assert losses == sorted(losses)


@kinds
def test_sample_follows_the_probabilities(kind: type) -> None:
    model = kind(2).fit(np.array([0, 1, 0, 2, 1, 0, 1, 1]), 3)
    drawn = model.sample(4_000, seed=4)
    for history, following in pairwise(range(3)):
        assert np.mean(drawn[1:][drawn[:-1] == history] == following) == pytest.approx(
            np.exp(model.log_probs([history])[following]), abs=0.05
        )


@kinds
def test_bad_input_is_named(kind: type) -> None:
    name = kind.__name__
    with pytest.raises(InputError, match=rf"{name}: order must be 1 or more; got order=0"):
        kind(0)
    with pytest.raises(InputError, match=rf"{name}.log_prob: the model must be fitted"):
        kind().log_prob([1, 2])
    model = kind(2).fit(np.arange(6), 6)
    with pytest.raises(EmptyCorpus, match=rf"{name}.log_prob: the text must hold at least 2 tokens; got 1"):
        model.log_prob([1])
    with pytest.raises(VocabularyError, match=rf"{name}.log_probs: ids must lie in 0 … 5; got 6"):
        model.log_probs([6])
    with pytest.raises(InputError, match=r"length must be 0 or more; got -1"):
        model.sample(-1)


def test_bad_shares_are_named() -> None:
    for weight in (0, 1, -1, math.nan):
        with pytest.raises(InputError, match=rf"weight must lie between 0 and 1; got weight={weight}"):
            InterpolatedNGram(2, weight)
    for discount in (0, 1.5, math.nan):
        with pytest.raises(InputError, match=rf"discount must be above 0 and at most 1; got discount={discount}"):
            KneserNey(2, discount)
