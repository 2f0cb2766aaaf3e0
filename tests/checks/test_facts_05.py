"""The mathematics of lesson 05 against closed forms, arithmetic by hand, finite differences and other libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest

from greenlm_edu.checks import exercises
from greenlm_edu.corpora import toy_language

EXERCISES = {one.name: one for one in exercises("05")}


def solved(name: str):
    """The function that the solution of an exercise makes."""
    names: dict[str, object] = {}
    exercise = EXERCISES[name]
    exec(exercise.given, names)
    exec(exercise.solution, names)
    return names[exercise.wants[0]]


def random_vectors(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


# Cosine


@pytest.mark.parametrize("degrees", [0, 30, 45, 60, 90, 120, 180])
def test_the_cosine_is_that_of_the_angle_whatever_the_lengths(degrees: int):
    angle = math.radians(degrees)
    found = solved("05.cosine")(np.array([5.0, 0.0]), 0.01 * np.array([math.cos(angle), math.sin(angle)]))
    assert found == pytest.approx(math.cos(angle), abs=1e-12)


def test_the_cosine_equals_keras():
    import keras

    a, b = random_vectors(2, 6, 4)
    # Keras gives the loss: minus the similarity on versions 3, one for each row.
    theirs = -np.asarray(keras.losses.cosine_similarity(a.astype("float32"), b.astype("float32")))
    assert np.allclose(solved("05.cosine")(a, b), theirs, atol=1e-5)


def test_squared_distance_of_unit_vectors_is_two_minus_two_cosines():
    a, b = random_vectors(2, 20, 5)
    unit_a, unit_b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    assert np.allclose(((unit_a - unit_b) ** 2).sum(axis=1), 2 - 2 * solved("05.cosine")(a, b))


def test_one_hot_vectors_are_root_two_apart():
    # A closed form of the same claim: cosine 0 between unit vectors gives distance √2.
    assert np.allclose(solved("05.cosine")(np.eye(5)[[0, 1, 2]], np.eye(5)[[1, 2, 4]]), 0)


# Counts


def test_co_occurrences_sum_to_the_closed_form_and_are_symmetric():
    ids = np.random.default_rng(1).integers(0, 7, size=50)
    for window in (1, 2, 5):
        table = solved("05.cooccurrence")(ids, 7, window)
        assert table.sum() == 2 * sum(50 - m for m in range(1, window + 1))  # N − m pairs at distance m, both ways
        assert np.array_equal(table, table.T)


def test_the_lessons_table_of_ada_sees_the_cat():
    by_hand = [[0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 0]]
    assert np.array_equal(solved("05.cooccurrence")(np.arange(4), 4, 2), by_hand)


# PMI


def test_the_lessons_worked_example():
    found = solved("05.ppmi")(np.array([[40.0, 10.0], [50.0, 0.0]]))
    assert np.allclose(found, [[0, math.log(2)], [math.log(10 / 9), 0]])  # 0.5 / (0.5 · 0.9) = 10/9


def test_independent_words_have_no_pmi():
    counts = np.outer([3.0, 5.0, 2.0], [7.0, 1.0, 4.0, 4.0])
    assert np.allclose(solved("05.ppmi")(counts), 0, atol=1e-12)


def test_ppmi_does_not_change_with_the_length_of_the_text_and_turns_with_the_table():
    counts = np.random.default_rng(2).integers(0, 20, size=(6, 5)).astype(float)
    ppmi = solved("05.ppmi")
    assert np.allclose(ppmi(counts), ppmi(1000 * counts))
    assert np.allclose(ppmi(counts), ppmi(counts.T).T)


def test_the_mean_pmi_is_the_mutual_information_by_entropies():
    joint = np.array([[4.0, 1.0], [1.0, 2.0]]) / 8

    def entropy(p):
        return -np.sum(p * np.log(p))

    pmi = np.log(joint / np.outer(joint.sum(axis=1), joint.sum(axis=0)))
    assert np.sum(joint * pmi) == pytest.approx(
        entropy(joint.sum(axis=1)) + entropy(joint.sum(axis=0)) - entropy(joint)
    )
    # Where PMI is positive the solution gives the same.
    found = solved("05.ppmi")(8 * joint)
    assert np.allclose(found, np.maximum(pmi, 0))


# Skip-gram with negative sampling


def test_the_best_score_of_a_pair_is_its_pmi_less_the_logarithm_of_k():
    p_pair, p_word, p_context, k = 0.02, 0.1, 0.05, 5
    score = np.linspace(-5, 5, 200_001)
    # The mean loss that depends on this pair: as a true one, and as a false one.
    loss = p_pair * np.log1p(np.exp(-score)) + k * p_word * p_context * np.log1p(np.exp(score))
    best = score[np.argmin(loss)]
    assert best == pytest.approx(math.log(p_pair / (p_word * p_context)) - math.log(k), abs=1e-4)


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_the_gradient_of_one_pair_by_finite_differences(answer: float):
    w, c = random_vectors(2, 6)

    def loss(vector):
        return math.log1p(math.exp(-(vector @ c))) if answer else math.log1p(math.exp(vector @ c))

    by_hand = (1 / (1 + math.exp(-(w @ c))) - answer) * c
    step = 1e-6 * np.eye(6)
    assert np.allclose(by_hand, [(loss(w + s) - loss(w - s)) / 2e-6 for s in step], atol=1e-6)


# Singular values


def test_turning_keeps_cosines_and_the_error_is_what_was_left_out():
    table = random_vectors(9, 6)
    u, s, wt = np.linalg.svd(table, full_matrices=False)
    cosine = solved("05.cosine")
    assert np.allclose(cosine((u * s)[:8], (u * s)[1:]), cosine(table[:8], table[1:]))
    for rank in range(1, 6):
        kept = (u[:, :rank] * s[:rank]) @ wt[:rank]
        assert np.sum((table - kept) ** 2) == pytest.approx(np.sum(s[rank:] ** 2))
        # No table of this rank comes nearer: the best one in the plane of other directions does not.
        other = np.linalg.qr(np.random.default_rng(rank).normal(size=(9, rank)))[0]
        assert np.sum((table - other @ (other.T @ table)) ** 2) >= np.sum(s[rank:] ** 2)


# The toy language


def test_words_of_one_class_are_exchangeable():
    # Swapping two words of a class changes the surprise of a sentence by the difference of their own alone.
    cat, dog = math.log2(0.3), math.log2(0.25)
    for line in toy_language.sample(300, seed=3):
        words = line.split()
        if "cat" in words and "dog" not in words:
            swapped = " ".join("dog" if word == "cat" else word for word in words)
            expected = toy_language.surprise_bits(line) + words.count("cat") * (cat - dog)
            assert toy_language.surprise_bits(swapped) == pytest.approx(expected)


def next_words(stack: tuple[str, ...]) -> dict[str, tuple[float, tuple[str, ...]]]:
    """What may come next when these symbols are still to be grown: word -> (probability, symbols left then)."""
    if stack[0] not in toy_language.GRAMMAR:
        return {stack[0]: (1.0, stack[1:])}
    found: dict[str, tuple[float, tuple[str, ...]]] = {}
    for share, parts in toy_language.GRAMMAR[stack[0]]:
        for word, (p, left) in next_words((*parts.split(), *stack[1:])).items():
            assert word not in found, "the grammar is unambiguous"
            found[word] = share * p, left
    return found


def histories_that_leave_it_open(length: int) -> set[tuple[str, ...]]:
    """Those of this many words, or fewer at a sentence's beginning, after which there is more than one distribution."""
    settled: dict[tuple[str, ...], dict[str, float]] = {}
    still_open, seen, waiting = set(), set(), [((".",), ("sentence",))]
    while waiting:
        history, stack = waiting.pop()
        if (history, stack) in seen or not stack:
            continue
        seen.add((history, stack))
        following = next_words(stack)
        shares = {word: round(p, 12) for word, (p, _) in following.items()}
        if settled.setdefault(history, shares) != shares:
            still_open.add(history)
        waiting += [((*history, word)[-length:], left) for word, (_, left) in following.items()]
    return still_open


def test_five_words_back_are_enough_and_four_are_not():
    assert histories_that_leave_it_open(5) == set()
    assert ("the", "very", "small", "cat") in histories_that_leave_it_open(4)


def test_the_mean_of_vectors_forgets_the_order():
    vectors = random_vectors(3, 4)
    row_of = {"dog": 0, "bites": 1, "man": 2}
    mean = solved("05.sentence_vector")
    assert np.allclose(mean(["dog", "bites", "man"], row_of, vectors), mean(["man", "bites", "dog"], row_of, vectors))


def test_nearest_agrees_with_a_sort_of_the_cosines_one_by_one():
    vectors = random_vectors(12, 3)
    cosine, nearest = solved("05.cosine"), solved("05.nearest")
    for word in range(12):
        others = sorted((n for n in range(12) if n != word), key=lambda n: -cosine(vectors[word], vectors[n]))
        assert list(nearest(vectors, word, 5)) == others[:5]
