"""The map of word vectors: neighbours of the full space, the variance that it keeps, and where it misleads."""

from __future__ import annotations

from urllib.parse import unquote

import numpy as np
import pytest

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.explorers import embedding_map

WORDS = ("north", "north-east", "east", "south", "far north")
# Two features, so that the map loses nothing.
COMPASS = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, -1.0], [0.0, 9.0]])


def listed(text: str) -> list[str]:
    """The words of the neighbours' lines, the nearest first."""
    return [line.split("  ")[1] for line in text.split("\n") if line.startswith("  ")]


def drawn(view) -> str:
    """The picture, which stands in an address of its own."""
    return unquote(view.html)


def test_cosine_sees_directions_and_the_dot_product_lengths_too():
    explorer = embedding_map(WORDS, COMPASS, word="north-east", neighbours=2)
    # By hand: cos to north, east and far north is 1/√2 each; the earlier row stands first among equals.
    assert listed(explorer.view().text) == ["north", "east"]
    explorer.set(similarity="dot product")  # 1, 1, −1, 9
    assert listed(explorer.view().text) == ["far north", "north"]
    assert "far north  9.00" in explorer.view().text


def test_a_word_is_not_its_own_neighbour_but_a_word_with_the_same_vector_is():
    twins = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    explorer = embedding_map(["a", "b", "c", "d"], twins, word="a", neighbours=1)
    assert listed(explorer.view().text) == ["b"]
    assert "b  1.00" in explorer.view().text


def test_two_features_lose_nothing_and_the_words_say_so():
    told = embedding_map(WORDS, COMPASS, neighbours=2).view().text
    assert "5 words with 2 features each" in told
    assert "0% of it cannot be seen here" in told


def test_the_variance_that_the_axes_carry_is_that_of_the_singular_values():
    vectors = np.random.default_rng(0).normal(size=(40, 6)) * [5, 4, 3, 2, 1, 1]
    told = embedding_map([f"w{n}" for n in range(40)], vectors).view().text
    # Another route to the same figures: the eigenvalues of the covariance.
    variances = np.sort(np.linalg.eigvalsh(np.cov(vectors.T)))[::-1]
    shares = variances / variances.sum()
    assert f"carry {shares[0]:.0%} and {shares[1]:.0%} of the variance" in told


def test_it_says_where_the_map_misleads():
    # Forty words in a plane, and two that stick out of it, alike in direction and far from each other on the map.
    generator = np.random.default_rng(1)
    vectors = np.zeros((42, 3))
    vectors[:40, :2] = generator.normal(size=(40, 2)) * 10
    vectors[40], vectors[41] = [3, 3, 30], [-3, -3, 30]
    words = [f"w{n}" for n in range(40)] + ["up", "also up"]
    told = embedding_map(words, vectors, word="up", neighbours=1).view().text
    assert listed(told) == ["also up"]
    assert "The map misleads: it shows “also up” far from up, though near in truth." in told
    assert "Near on the map only" in told


def test_an_analogy_leaves_its_own_words_out():
    vectors = np.array([[2.0, 1, 0], [2, 0, 0], [0, 0, 1], [0, 1, 1], [0, 0, -1], [-1, 0, 0]])
    words = ["queen", "king", "man", "woman", "table", "river"]  # a feature for royal, one for female, one for person
    explorer = embedding_map(words, vectors, word="queen", neighbours=1, similarity="dot product")
    explorer.set(minus="king", plus="man")
    # (2,1,0) − (2,0,0) + (0,0,1) = (0,1,1): the row of woman, whose product with itself is 2
    assert listed(explorer.view().text) == ["woman"]
    assert "Nearest to queen − king + man" in explorer.view().text
    assert "woman  2.00" in explorer.view().text


def test_a_vector_of_zeros_is_like_nothing():
    vectors = np.vstack([COMPASS, [[0.0, 0.0]]])
    told = embedding_map([*WORDS, "silent"], vectors, word="silent", neighbours=2).view().text
    assert told.count("  0.00  ") == 2


def test_one_feature_and_equal_vectors_have_a_map_too():
    assert "4 words with 1 feature each" in embedding_map(list("abcd"), [[1], [2], [3], [4]], neighbours=1).view().text
    same = embedding_map(list("abcd"), np.ones((4, 3)), neighbours=1).view()
    assert "All vectors are the same" in same.text
    assert "<svg" in drawn(same)


def test_the_picture_names_the_words_and_carries_its_text():
    view = embedding_map(WORDS, COMPASS, word="east", neighbours=2).view()
    assert "north-east" in drawn(view)
    assert "neighbours in the full space" in drawn(view)


def test_dollars_and_brackets_are_words_like_others():
    marks = ["$", "$x$", "{", "\\", "_", "&lt;"]
    assert "<svg" in drawn(embedding_map(marks, np.eye(6), neighbours=2).view())


def test_an_unknown_word_is_answered_with_the_nearest_spelling():
    with pytest.raises(InputError, match=r"one of the 5 that have a vector; got 'nort'. Did you mean 'north'\?"):
        embedding_map(WORDS, COMPASS, word="nort", neighbours=1)
    explorer = embedding_map(WORDS, COMPASS, neighbours=1).set(word="eats")
    assert "Did you mean 'east'?" in explorer.view().text
    assert "got ''" in explorer.set(word="").view().text


@pytest.mark.parametrize(
    ("words", "vectors", "options", "error", "told"),
    [
        (WORDS, COMPASS[:3], {}, ShapeError, "got shape (3, 2) for 5 words"),
        (WORDS, COMPASS[:, 0], {}, ShapeError, "got shape (5,) for 5 words"),
        (WORDS, COMPASS * [1, np.nan], {}, ShapeError, "got nan or inf in row 0, 'north'"),
        (["a", "a", "b", "c"], COMPASS[:4], {}, InputError, "3 of them different"),
        (WORDS, COMPASS, {"neighbours": 0}, InputError, "neighbours must be from 1 to 2"),
        (WORDS, COMPASS, {"neighbours": 3}, InputError, "got 3. Take 2."),
        (
            WORDS,
            COMPASS,
            {"neighbours": 1, "similarity": "euclid"},
            InputError,
            "got 'euclid'. Take 'cosine'",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(words, vectors, options, error, told):
    with pytest.raises(error) as caught:
        embedding_map(words, vectors, **{"neighbours": 1, **options})
    assert told in str(caught.value)


def test_few_words_need_no_number_of_neighbours():
    assert embedding_map(WORDS, COMPASS).settings["neighbours"] == len(WORDS) - 3
