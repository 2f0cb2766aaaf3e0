"""Lesson 01's mathematics, against sums by hand, exact fractions and other ways to the same numbers."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu import lm
from greenlm_edu.checks import exercises, predictions

EXERCISES = {one.name: one for one in exercises("01")}
EIGHT = [
    tuple(line.split())
    for line in (
        "cats see dogs", "cats see dogs", "cats see birds", "cats chase birds",
        "dogs see cats", "dogs chase cats", "dogs chase cats", "dogs chase birds",
    )
]  # fmt: skip
small_texts = st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=30)


def solved(name: str):
    exercise = EXERCISES[name]
    names: dict[str, object] = {}
    exec(exercise.given, names)
    exec(exercise.solution, names)
    return names[exercise.wants[0]]


def conditional(texts: list[tuple], run: tuple) -> Fraction:
    whole = sum(one[: len(run) - 1] == run[:-1] for one in texts)
    return Fraction(sum(one[: len(run)] == run for one in texts), whole) if whole else Fraction(0)


@given(small_texts)
def test_the_chain_rule_gives_each_text_its_share_and_all_texts_sum_to_one(texts: list[tuple]):
    chain = {one: math.prod(conditional(texts, one[:end]) for end in (1, 2, 3)) for one in product(range(3), repeat=3)}
    assert all(chain[one] == Fraction(texts.count(one), len(texts)) for one in chain)
    assert sum(chain.values()) == 1


def test_the_counter_example_by_hand():
    # after dogs: see in 1 of 4, then cats for sure; chase in 3 of 4, then cats in 2 of 3
    assert Fraction(1, 4) * 1 + Fraction(3, 4) * Fraction(2, 3) == Fraction(3, 4)
    assert conditional(EIGHT, ("dogs", "see")) == Fraction(1, 4)
    assert conditional(EIGHT, ("dogs", "see", "cats")) == 1
    assert conditional(EIGHT, ("dogs", "chase", "cats")) == Fraction(2, 3)
    second = Counter(one[1] for one in EIGHT)
    published = sum(Fraction(second[word], 8) * conditional(EIGHT, ("dogs", word, "cats")) for word in second)
    assert published == Fraction(5, 6)


@given(small_texts)
def test_total_probability_equals_counting_without_the_second_token(texts: list[tuple]):
    counts = np.zeros((3, 3, 3))
    np.add.at(counts, tuple(np.array(texts).T), 1)
    function = solved("01.total_probability")
    for first in range(3):
        thirds = [third for one, _, third in texts if one == first]
        if not thirds:
            with pytest.raises(ValueError, match="no text begins"):
                function(counts, first)
        else:
            expected = [Fraction(thirds.count(third), len(thirds)) for third in range(3)]
            np.testing.assert_allclose(function(counts, first), [float(one) for one in expected], atol=1e-12)


def test_bigrams_of_the_worked_example():
    tokens = ["the", "cat", "sees", "the", "dog", ".", "the", "dog", "sees", "ada", ".", "ada", "sleeps"]
    found = solved("01.bigram")(tokens)
    assert len(tokens) == 13
    assert found["the", "cat"] == pytest.approx(1 / 3)
    assert found["the", "dog"] == pytest.approx(2 / 3)
    assert found["ada", "."] == found["ada", "sleeps"] == 0.5
    assert not any(first == "sleeps" for first, _ in found)


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=40))
def test_the_bigrams_of_one_history_sum_to_one(tokens: list[str]):
    found = solved("01.bigram")(tokens)
    for history in {first for first, _ in found}:
        assert sum(found[pair] for pair in found if pair[0] == history) == pytest.approx(1)


def test_picks_are_those_of_the_package_and_as_frequent_as_their_shares():
    pick, probabilities = solved("01.sample"), np.array([0.125, 0.0, 0.5, 0.25, 0.125])
    uniform = (np.arange(2000) + 0.5) / 2000  # evenly spread, none on a border
    drawn = [pick(probabilities, u) for u in uniform]
    np.testing.assert_allclose(np.bincount(drawn, minlength=5) / 2000, probabilities, atol=1e-12)
    packages = lm.draw(np.tile(probabilities, (2000, 1)), uniform)
    np.testing.assert_array_equal(drawn, np.asarray(packages))


@given(st.lists(st.integers(0, 1), max_size=12))
def test_log_likelihood_is_the_logarithm_of_the_exact_product(ids: list[int]):
    start, table = (
        [Fraction(1, 4), Fraction(3, 4)],
        [[Fraction(1, 3), Fraction(2, 3)], [Fraction(1, 5), Fraction(4, 5)]],
    )
    exact = math.prod([start[ids[0]]] if ids else [Fraction(1)]) * math.prod(table[a][b] for a, b in pairwise(ids))
    found = solved("01.log_likelihood")(np.array(ids, int), np.array(start, float), np.array(table, float))
    assert found == pytest.approx(math.log(exact), abs=1e-12)


def test_log_likelihood_of_a_long_text_is_finite_where_the_product_is_not():
    ids, table = np.zeros(5000, int), np.full((10, 10), 0.1)
    assert np.prod(table[ids[:-1], ids[1:]]) == 0.0
    assert solved("01.log_likelihood")(ids, np.full(10, 0.1), table) == pytest.approx(-5000 * math.log(10))


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=5), st.floats(0.01, 50))
def test_add_k_sums_to_one_and_keeps_the_order_of_the_counts(rows: list[list[int]], k: float):
    found = solved("01.add_k")(np.array(rows), k)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    for counts, probabilities in zip(rows, found, strict=True):
        assert all((a < b) == (p < q) for (a, p), (b, q) in product(zip(counts, probabilities, strict=True), repeat=2))


def test_add_k_equals_the_package_and_tends_to_even_bets():
    ids = np.array([0, 1, 0, 2, 1, 0, 0, 1, 2])
    counts = np.zeros((4, 4))
    np.add.at(counts, (ids[:-1], ids[1:]), 1)  # token 3 is never seen
    model = lm.NGram(2, add_k=0.7).fit(ids, 4)
    packages = np.exp([model.log_probs([history]) for history in range(4)])
    np.testing.assert_allclose(solved("01.add_k")(counts, 0.7), packages)
    np.testing.assert_allclose(solved("01.add_k")(counts, 1e12), 0.25, atol=1e-9)
    np.testing.assert_allclose(solved("01.add_k")(np.array([[4, 0, 1]]), 0.5), [[4.5 / 6.5, 0.5 / 6.5, 1.5 / 6.5]])


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.data())
def test_no_rival_is_likelier_than_the_relative_counts(counts: list[int], data: st.DataObject):
    weights = data.draw(st.lists(st.integers(1, 9), min_size=len(counts), max_size=len(counts)))
    total, all_weights = sum(counts), sum(weights)
    best = math.prod(Fraction(c, total) ** c for c in counts)
    rival = math.prod(Fraction(w, all_weights) ** c for c, w in zip(counts, weights, strict=True))
    assert rival <= best
    assert (rival == best) == all(w * total == c * all_weights for c, w in zip(counts, weights, strict=True))


def test_the_gradient_of_the_loss_is_prediction_minus_truth():
    z = np.array([1.0, 2.0, 3.0])
    probabilities = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(probabilities, [0.09003057, 0.24472847, 0.66524096], atol=1e-8)

    def loss(z: np.ndarray) -> float:
        return math.log(np.exp(z).sum()) - z[2]

    assert loss(z) == pytest.approx(0.40760596, abs=1e-8)
    slopes = [(loss(z + step) - loss(z - step)) / 2e-6 for step in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(slopes, probabilities - [0, 0, 1], atol=1e-8)


def test_descent_ends_at_the_relative_counts():
    counts, z = np.array([1.0, 3.0, 2.0]), np.zeros(3)
    for _ in range(200):
        z -= np.exp(z) / np.exp(z).sum() - counts / 6
    np.testing.assert_allclose(np.exp(z) / np.exp(z).sum(), counts / 6, atol=1e-9)


def test_with_an_end_mark_texts_of_all_lengths_sum_to_one():
    sentences = ["the cat sees ada", "ada sees the dog", "the dog sees the cat"]
    pairs = Counter(pair for one in sentences for pair in pairwise(["<s>", *one.split(), "</s>"]))
    after = {first: {b: n for (a, b), n in pairs.items() if a == first} for first, _ in pairs}
    alive, ended = {"<s>": 1.0}, []
    for _ in range(200):
        now: Counter[str] = Counter()
        for word, share in alive.items():
            for following, times in after[word].items():
                now[following] += share * times / sum(after[word].values())
        ended.append(now.pop("</s>", 0.0))
        alive = dict(now)
    assert ended[1] == pytest.approx(1 / 6)  # the text of one word, ada: 1/3 at the beginning, 1/2 at the end
    assert sum(ended) == pytest.approx(1)


def test_the_frequent_word_after_one_neighbour_only_by_hand():
    line = 4 * "san francisco . " + "the cat . a cat . my cat . hungry bird ."
    words = lm.WordTokenizer.fit(line)
    ids = words.encode(line)
    hungry, cat, francisco = (words.id_of(word) for word in ("hungry", "cat", "francisco"))
    mixed = np.exp(lm.InterpolatedNGram(2, weight=0.7).fit(ids, words.vocab_size).log_probs([hungry]))
    discounted = np.exp(lm.KneserNey(2, discount=0.75).fit(ids, words.vocab_size).log_probs([hungry]))
    # 24 tokens, 9 different; 13 different pairs, 3 end in cat and 1 in francisco; hungry hands on three quarters
    assert mixed[francisco] == pytest.approx(0.3 * (0.7 * 4 / 24 + 0.3 / 9))
    assert mixed[cat] == pytest.approx(0.3 * (0.7 * 3 / 24 + 0.3 / 9))
    assert discounted[cat] == pytest.approx(0.75 * ((3 - 0.75) / 13 + 0.75 * 9 / 13 / 9))
    assert discounted[francisco] == pytest.approx(0.75 * 1 / 13)


def test_a_product_underflows_about_where_its_logarithm_reaches_that_of_the_smallest_number():
    smallest = math.log(np.nextafter(0, 1))  # −744.4 nats
    steps = np.cumprod(np.full(2000, math.exp(-2.45)))
    assert int(np.argmax(steps == 0)) + 1 == pytest.approx(-smallest / 2.45, abs=2)


def test_the_puzzle_is_shuffled_as_the_quiz_says():
    assert np.random.default_rng(60).permutation([1, 2, 3, 5, 8]).tolist() == [5, 1, 8, 3, 2]  # C looks back furthest


def test_no_slider_gives_its_answer_away():
    found = {"01.unseen": 22.9, "01.underflow": 303, "01.ratio": 650}  # on Python 3.11, a 2-core cloud machine
    for one in predictions("01"):
        assert abs(found[one.name] - (one.low + one.high) / 2) > 0.1 * (one.high - one.low)
