"""Lesson 05, word vectors: exercises, quizzes and predictions.

Long, because each known mistake has words of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


@contextmanager
def _instead_of(message: str, key: str, hint: str) -> Iterator[None]:
    """This hint where the learner's function stopped with an error that says `message`."""
    try:
        yield
    except Rejected as rejected:
        if message in rejected.hint.text.partition("\n")[0]:
            raise Rejected(key, hint) from rejected
        raise


def _judge_cosine(cosine: Any) -> None:
    _judge_two_vectors(cosine)
    zeros, some = np.zeros(3), np.array([1.0, -2.0, 2.0])
    for a, b in ((zeros, some), (some, zeros), (zeros, zeros)):
        found = np.asarray(call(cosine, a, b))
        if found.dtype.kind in "iuf" and np.isnan(found).any():
            raise Rejected(
                "zero_vector",
                "With a vector of zeros it gives nan, because 0/0 is no number. We agreed on 0: what could you divide "
                "by where the product of the lengths is 0?",
            )
        expect_close(
            found,
            0.0,
            [Mistake("zero_is_alike", 1.0, "A vector of zeros is like nothing: its similarity is 0, not 1.")],
            of="the similarity with a vector of zeros",
        )
    a = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0], [2.0, -1.0]])
    b = np.array([[4.0, 3.0], [-2.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
    right = [24 / 25, -1.0, 0.0, -1 / np.sqrt(50)]
    expect_close(
        call(cosine, a, b),
        right,
        [
            Mistake(
                "whole_table",
                (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b),
                "For two tables it gives one number: it took all rows as one long vector. Which axis holds the "
                "features of a row?",
            ),
            Mistake(
                "length_of_the_table",
                (a * b).sum(axis=1) / np.linalg.norm(a) / np.linalg.norm(b),
                "Each row was divided by the lengths of the whole tables. Which axis must the lengths sum over?",
            ),
            Mistake(
                "down_the_columns",
                (a * b).sum(axis=0) / np.linalg.norm(a, axis=0) / np.linalg.norm(b, axis=0),
                "It summed down the columns, over the words. One word's features stand in a row: which axis is that?",
            ),
        ],
        of="the cosine of two tables, row by row",
    )


def _judge_two_vectors(cosine: Any) -> None:
    a, b = np.array([3.0, 4.0, 0.0]), np.array([-2.0, 1.0, 2.0])  # lengths 5 and 3, dot product −2
    dot = -2.0
    expect_close(
        call(cosine, a, b),
        dot / 15,
        [
            Mistake(
                "dot_product",
                dot,
                "That is the dot product. A long vector gets more of it than a short one: what must it be divided by?",
            ),
            Mistake(
                "squared_lengths",
                dot / 225,
                "Divided by a·a and b·b: those are the squares of the lengths. Which root is missing?",
            ),
            Mistake(
                "one_length",
                dot / 5,
                "Only the length of a was divided out. Which vector still makes the result longer?",
            ),
            Mistake("one_length", dot / 3, "Only the length of b was divided out. What about a?"),
            Mistake("sum_of_lengths", dot / 8, "Divided by the sum of the lengths. The formula has their product."),
            Mistake(
                "absolute",
                2 / 15,
                "The sign is lost. These vectors point rather away from each other: what should the sign tell?",
            ),
            Mistake("clipped", 0.0, "Negative similarities became 0. The cosine goes from −1 to 1."),
            Mistake(
                "distance", float(np.linalg.norm(a - b)), "That is the distance of the points. We want the angle only."
            ),
            Mistake(
                "one_minus",
                1 - dot / 15,
                "That is one minus the cosine, which is a distance: large where words differ.",
            ),
            Mistake("mean", dot / 3 / 15, "A dot product is a sum over the features, not their mean."),
            Mistake(
                "sum_of_features",
                dot / abs(7.0 * 1.0),
                "The length is not the sum of the features: square them, sum, and take the root.",
            ),
        ],
        of="the cosine of (3, 4, 0) and (−2, 1, 2)",
    )
    for factor in (100.0, 1e-9):  # a small number added to the lengths would show
        expect_close(
            call(cosine, factor * a, b),
            dot / 15,
            of=f"the cosine with a made {factor:g} times as long",
        )


def _judge_counts(counts: Any) -> None:
    ids, vocab, window = np.array([0, 1, 2, 2, 3, 1]), 5, 2
    right = _counts(ids, vocab, window)
    with _instead_of(
        "IndexError",
        "past_the_end",
        "A window looks past the end of the text. The last of 6 words stands at place 5: what is the largest number "
        "that `last` may be?",
    ):
        table = call(counts, ids, vocab, window)
    one_sided = _counts(ids, vocab, window, after_only=True)
    itself = right + np.diag(np.bincount(ids, minlength=vocab))
    expect_close(
        table,
        right,
        [
            Mistake("nothing", np.zeros((vocab, vocab)), "No pair was counted. Where must a window begin and end?"),
            Mistake(
                "one_sided",
                one_sided,
                "Only what stands after the word was counted. The window reaches to both sides.",
            ),
            Mistake(
                "one_sided",
                one_sided.T,
                "Only what stands before the word was counted. The window reaches to both sides.",
            ),
            Mistake(
                "itself",
                itself,
                "Each word was counted as its own company, at distance 0. From which distance on do we count?",
            ),
            Mistake(
                "wrapped",
                _counts(ids, vocab, window, wrap=True),
                "At the beginning of the text it looks at its end: a negative index in Python counts from the back. "
                "What should the first place of a window be at least?",
            ),
            Mistake(
                "too_narrow",
                _counts(ids, vocab, window - 1),
                "The outermost words of each window are missing: range and slices leave out their end.",
            ),
            Mistake("too_wide", _counts(ids, vocab, window + 1), "The window reaches one place too far."),
            Mistake(
                "same_word",
                right - np.diag(np.diag(right)),
                "The same word at another place is company too: in `very very small` the two count for each other. "
                "Compare places, not words.",
            ),
            Mistake(
                "twice", 2 * right, "Every pair was counted twice. Does your loop come to each pair from both sides?"
            ),
            Mistake(
                "seen_or_not",
                np.minimum(right, 1),
                "It only notes whether two words met. How often they met is what the next step needs.",
            ),
            Mistake(
                "only_the_edge",
                _counts(ids, vocab, window) - _counts(ids, vocab, window - 1),
                "Only words exactly `window` places apart were counted; those nearer belong to it too.",
            ),
        ],
        of="my_counts([0, 1, 2, 2, 3, 1], 5, 2)",
    )
    for text, size in (([0, 1, 2], 3), ([1, 0, 1, 1, 2, 0, 2], 1), ([2, 2, 1, 0, 1], 3), ([1], 2), ([], 2)):
        given = np.array(text, dtype=np.int64)
        found = call(counts, given, 4, size)
        if not text and np.shape(found) != (4, 4):
            raise Rejected(
                "empty_text", "An empty text has no company to count: the table is all zeros, and still 4 × 4."
            )
        wrapped = _counts(given, 4, size, wrap=True)
        right = _counts(given, 4, size)
        mistakes = [Mistake("wrapped", wrapped, "A window that sticks out of a short text found something there.")]
        expect_close(
            found,
            right,
            mistakes if len(text) and not np.array_equal(wrapped, right) else [],
            of=f"my_counts({text}, 4, {size})",
        )


def _counts(ids: np.ndarray, vocab: int, window: int, after_only: bool = False, wrap: bool = False) -> np.ndarray:
    """Co-occurrences as the exercise wants them, or as a mistake makes them."""
    table = np.zeros((vocab, vocab))
    for place, word in enumerate(ids):
        for other in range(place - window, place + window + 1):
            if other == place or (after_only and other < place) or other >= len(ids) or (other < 0 and not wrap):
                continue
            if other >= -len(ids):
                table[word, ids[other]] += 1
    return table


def _judge_ppmi(ppmi: Any) -> None:
    counts = np.array([[40.0, 10.0, 5.0], [50.0, 0.0, 1.0], [6.0, 2.0, 0.0], [1.0, 7.0, 8.0]])
    total, rows, columns = counts.sum(), counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    with np.errstate(divide="ignore"):
        pmi = np.log(counts * total / (rows * columns))
    right = np.maximum(pmi, 0)
    with _instead_of(
        "broadcast",
        "sums_do_not_fit",
        "The sums of the rows and those of the columns do not fit together. P(w) has one number a row, P(c) one a "
        "column: which shapes must they have, so that row w is divided by its own P(w)? (keepdims=True keeps an axis.)",
    ):
        found = call(ppmi, counts)
    if np.shape(found) == counts.shape and np.asarray(found).dtype.kind == "f":
        values = np.asarray(found, np.float64)
        if np.isneginf(values).any():
            raise Rejected(
                "minus_infinity",
                "A pair that was never seen has ln 0 = −∞. Its positive PMI is 0: which function of NumPy keeps the "
                "larger of two numbers?",
            )
    expect_close(
        found,
        right,
        [
            Mistake(
                "negative",
                np.where(counts > 0, pmi, 0),
                "Negative values are left: that is PMI. What does the first P of PPMI ask for?",
            ),
            Mistake(
                "absolute", np.where(counts > 0, np.abs(pmi), 0), "Negative values became positive. They become 0."
            ),
            Mistake(
                "base_two", right / np.log(2), "These are bits. The lesson counts in nats: which logarithm is that?"
            ),
            Mistake("no_logarithm", np.where(pmi > 0, np.exp(pmi), 0), "The ratio is right. Its logarithm is missing."),
            Mistake("no_logarithm", counts * total / (rows * columns), "The ratio is right. Its logarithm is missing."),
            Mistake(
                "all_zero",
                np.zeros_like(counts),
                "All values are 0: the ratio never came above 1. Is it P(c | w) alone, compared to nothing? Or "
                "were counts divided where the formula has probabilities? For 8 of 16 beside c, and 14 of 130 in all, "
                "the ratio is (8/16) / (14/130).",
            ),
            Mistake(
                "mean_instead",
                np.maximum(np.log(np.maximum(counts / total / (rows / total * columns.mean()), 1e-300)), 0),
                "All contexts share one probability. Each column has its own P(c).",
            ),
            Mistake(
                "added_one",
                np.maximum(
                    np.log(
                        (counts + 1)
                        * (counts + 1).sum()
                        / ((counts + 1).sum(axis=1, keepdims=True) * (counts + 1).sum(axis=0))
                    ),
                    0,
                ),
                "Adding 1 to each count avoids ln 0, and changes all other values. Only the zeros need care.",
            ),
            Mistake(
                "upside_down",
                np.maximum(-pmi, 0),
                "The ratio stands on its head: surprise before minus surprise when w is known.",
            ),
        ],
        of="my_ppmi of a table of 4 words and 3 contexts",
    )
    if (np.asarray(found)[counts == 0] != 0).any():
        raise Rejected("zeros_moved", "A pair that was never seen must have exactly 0.")
    gaps = np.array([[8.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 5.0, 1.0]])
    wanted = np.zeros((3, 4))
    wanted[0, 0], wanted[2, 2], wanted[2, 3] = np.log(8 * 17 / 90), np.log(5 * 17 / 49), np.log(1 * 17 / 7)
    unseen = call(ppmi, gaps)
    if np.shape(unseen) == gaps.shape and not np.isfinite(np.asarray(unseen, np.float64)).all():
        raise Rejected(
            "unseen_word",
            "A word or a context that was never seen has sums of 0, and 0/0 is no number. Which entries can be "
            "computed safely? Start from a table of zeros and fill in those.",
        )
    expect_close(unseen, wanted, of="my_ppmi of a table with an empty row and an empty column")
    expect_close(call(ppmi, np.zeros((2, 3))), np.zeros((2, 3)), of="my_ppmi of a table of zeros")


def _judge_nearest(nearest: Any) -> None:
    # Row 1 points like row 0 and is short; row 2 is long and off; row 5 has the very vector of row 0.
    vectors = np.array(
        [[4.0, 1.0, 0.2], [0.8, 0.21, 0.0], [30.0, 40.0, 9.0], [-4.0, 1.0, 0.0], [1.0, 0.0, 2.0], [4.0, 1.0, 0.2],
         [1.0, 0.1, 0.6]]
    )  # fmt: skip
    for word, how_many in QUERIES:
        with _instead_of(
            "broadcast",
            "lengths_do_not_fit",
            "There is one length a word now, shape (7,), and NumPy lines it up with the 3 features. What shape must it "
            "have, so that each row is divided by its own? (keepdims=True keeps an axis.)",
        ):
            found = _rows(call(nearest, vectors, word, how_many))
        right = _nearest(vectors, word)[:how_many]
        if len(set(found)) < len(found):
            raise Rejected("repeated", f"my_nearest(vectors, {word}, {how_many}) names a row twice: {found}.")
        given, wanted = found, right
        if word not in (0, 5):  # rows 0 and 5 are the same vector: either may come first
            found, right = [0 if row == 5 else row for row in found], [0 if row == 5 else row for row in right]
        if found == right:
            continue
        told = f"my_nearest(vectors, {word}, {how_many})"
        for key, other, hint in _ways(vectors, word, how_many):
            if word not in (0, 5):
                other = [0 if row == 5 else row for row in other]
            if found == other:
                raise Rejected(key, f"{told} gives rows {given}. {hint}")
        if len(found) != how_many:
            raise Rejected("how_many", f"{told} must give {how_many} rows; yours gives {len(given)}: {given}.")
        if word in found:
            raise Rejected("itself", f"{told} gives rows {given}, and row {word} is the word itself. {_ITSELF}")
        raise Rejected("value", f"{told} must give rows {wanted}; yours gives {given}.")


# At the first, all known mistakes but one give rows of their own; at row 5 that one does too.
QUERIES: Final = ((6, 5), (4, 3), (2, 3), (0, 3), (5, 4), (4, 6), (3, 1))

_ITSELF: Final = "Every vector has cosine 1 with itself. How can it be kept out, whatever place it takes in the order?"


def _ways(vectors: np.ndarray, word: int, how_many: int) -> list[tuple[str, list[int], str]]:
    """The known mistakes: (key, the rows they give, hint)."""
    dot = vectors @ vectors[word]
    by_column = vectors / np.linalg.norm(vectors, axis=0)
    columns = by_column @ by_column[word]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = unit @ unit[word]
    order = [int(row) for row in np.argsort(-cosine, kind="stable")]
    distance = np.linalg.norm(vectors - vectors[word], axis=1)
    without = [row for row in order if row != word]
    axis = (
        "`lengths` holds one number for each feature; it should hold one for each word. Which axis must the norm "
        "sum over, and what must its shape be so that each row is divided by its own?"
    )
    product = "Long vectors come first: that is the order of the dot product. What must be divided out?"
    return [
        ("not_mended", _sorted(-columns)[:how_many], f"{axis} And is the word its own neighbour?"),
        ("wrong_axis", _without(-columns, word)[:how_many], axis),
        ("wrong_axis", _sorted(-columns)[1 : how_many + 1], axis),
        ("itself", order[:how_many], _ITSELF),
        ("dot_product", _without(-dot, word)[:how_many], product),
        ("dot_product", _sorted(-dot)[:how_many], product),
        ("farthest", without[::-1][:how_many], "These are the farthest: argsort puts the smallest first."),
        ("farthest", order[::-1][:how_many], "These are the farthest: argsort puts the smallest first."),
        ("upside_down", without[:how_many][::-1], "The right rows, the farthest of them first. Turn them round."),
        (
            "drops_the_first",
            order[1 : how_many + 1],
            "It drops whatever comes first in the order. Where another word has the very same vector, that may be the "
            "wrong one: leave out row `word`, and no other.",
        ),
        (
            "distance",
            _without(distance, word)[:how_many],
            "That is the order of the distances, in which length counts.",
        ),
        ("too_few", without[: how_many - 1], "One neighbour is missing: cut to length after the word was left out."),
    ]


def _nearest(vectors: np.ndarray, word: int) -> list[int]:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return _without(-(unit @ unit[word]), word)


def _without(values: np.ndarray, word: int) -> list[int]:
    return [row for row in _sorted(values) if row != word]


def _sorted(values: np.ndarray) -> list[int]:
    return [int(row) for row in np.argsort(values, kind="stable")]


def _rows(found: Any) -> list[int]:
    try:
        rows = np.asarray(found)
        if rows.ndim != 1 or rows.dtype.kind not in "iuf" or (rows != np.round(rows)).any():
            raise TypeError(f"shape {rows.shape}, {rows.dtype}")
    except (TypeError, ValueError) as err:
        raise Rejected("kind", f"my_nearest must give the numbers of rows, one after the other; yours: {err}.") from err
    return [int(row) for row in rows]


def _judge_sentence(sentence_vector: Any) -> None:
    vectors = np.array([[7.0, -3.0, 5.0], [1.0, 2.0, -4.0], [4.0, 8.0, 2.0], [-10.0, 6.0, 9.0]])
    row_of = {"first": 0, "cat": 1, "dog": 2, "last": 3}
    cat, dog = vectors[1], vectors[2]
    sentence = ["cat", "wug", "dog", "cat", "wug"]
    right = (2 * cat + dog) / 3
    with _instead_of(
        "KeyError",
        "unknown_word",
        "A word that has no vector stops it with KeyError. How can you ask first whether a word is known?",
    ):
        found = call(sentence_vector, sentence, row_of, vectors)
    expect_close(
        found,
        right,
        [
            Mistake(
                "unknown_counted",
                (2 * cat + dog) / 5,
                "Unknown words were counted in the divisor, as if each had a vector of zeros. Among how many "
                "vectors is "
                "the mean taken?",
            ),
            Mistake("sum", 2 * cat + dog, "That is the sum: a text of twice the length would be twice as long."),
            Mistake("each_once", (cat + dog) / 2, "Each word was taken once. A word that occurs twice counts twice."),
            Mistake(
                "unknown_is_first",
                (2 * cat + dog + 2 * vectors[0]) / 5,
                "Unknown words got row 0, which belongs to another word. Leave them out.",
            ),
            Mistake(
                "unknown_is_last",
                (2 * cat + dog + 2 * vectors[-1]) / 5,
                "Unknown words got row −1, which in Python is the last word's. Leave them out.",
            ),
            Mistake("over_features", right.mean(), "One number came out: the mean went over the features too."),
            Mistake(
                "over_features",
                np.array([cat.mean(), dog.mean(), cat.mean()]),
                "There is one number a word: the mean went over the features. Which axis holds the words?",
            ),
            Mistake("largest", np.maximum(cat, dog), "That is the largest value of each feature, not the mean."),
            Mistake(
                "length_one",
                right / np.linalg.norm(right),
                "The mean was scaled to length 1. Right for cosines, but the exercise asks for the mean itself.",
            ),
        ],
        of="my_sentence_vector(cat wug dog cat wug)",
    )
    for empty in ([], ["wug"]):
        found = call(sentence_vector, empty, row_of, vectors)
        shape = np.shape(found)
        if shape == (3,) and np.isnan(np.asarray(found, np.float64)).any():
            raise Rejected(
                "no_known_word",
                "With no known word it gives nan: a mean of nothing is 0/0. We agreed on zeros, one for each feature.",
            )
        if shape != (3,):
            raise Rejected(
                "no_known_word",
                f"With no known word it must still give one zero a feature, (3,); yours has shape {shape}.",
            )
        expect_close(found, np.zeros(3), of=f"my_sentence_vector({empty})")
    expect_close(call(sentence_vector, ["first"], row_of, vectors), vectors[0], of="my_sentence_vector(['first'])")
    order = [call(sentence_vector, words, row_of, vectors) for words in (["last", "cat"], ["cat", "last"])]
    expect_close(order[0], (vectors[3] + cat) / 2, of="my_sentence_vector(['last', 'cat'])")
    expect_close(order[1], (vectors[3] + cat) / 2, of="my_sentence_vector(['cat', 'last'])")


EXERCISES: Final = (
    Exercise(
        name="05.cosine",
        judge=_judge_cosine,
        hints=(
            "(3, 4, 0) has the length √(9 + 16 + 0) = 5. What is the length of (−2, 1, 2)?",
            "np.linalg.norm(a, axis=-1) gives the lengths along the last axis, for a vector as for a table. "
            "Where their "
            "product is 0, dot is 0 too.",
            "Divide by np.where(lengths > 0, lengths, 1): 0 / 1 is 0.",
        ),
        solution='''def my_cosine(a, b):
    """Cosine similarity along the last axis: (features,) → a number, (n, features) → (n,).

    Where a or b is all zeros, the similarity is 0.
    """
    dot = np.sum(np.multiply(a, b), axis=-1)
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return dot / np.where(lengths > 0, lengths, 1)''',
        wants=("my_cosine",),
        seen="Making a vector a hundred times as long changed nothing: only its direction counts.",
    ),
    Exercise(
        name="05.cooccurrence",
        judge=_judge_counts,
        hints=(
            "At place 5 with window 2 the places are 3, 4, 6 and 7. At place 1 they are 0, 2 and 3: place −1 does not "
            "exist.",
            "first is place − window, but at least 0: max(…, 0). What is the last place that a text of len(ids) has?",
            "last = min(place + window, len(ids) - 1), and do not forget to return counts.",
        ),
        solution='''def my_counts(ids, vocab_size, window):
    """counts[w, c]: how often c stood 1 … window places before or after w; (vocab, vocab)."""
    counts = np.zeros((vocab_size, vocab_size))
    for place, word in enumerate(ids):
        first = max(place - window, 0)
        last = min(place + window, len(ids) - 1)
        for other in range(first, last + 1):
            if other != place:
                counts[word, ids[other]] += 1
    return counts''',
        wants=("my_counts",),
        seen="The table is symmetric: if c is in w's window, then w is in c's. Half of the work would do.",
    ),
    Exercise(
        name="05.ppmi",
        judge=_judge_ppmi,
        hints=(
            "P(w, c) is the table divided by its total. P(w) are the sums of its rows divided by the same total, P(c) "
            "those of its columns. For near and river: ln(0.10 / (0.5 · 0.1)) = 0.693.",
            "counts * total / (rows * columns) is the ratio, with rows = counts.sum(axis=1, keepdims=True). Where "
            "counts is above 0, rows and columns are too: only those entries need the logarithm.",
            "Start with result = np.zeros(counts.shape) and seen = counts > 0; then result[seen] = np.maximum(np.log("
            "(counts * total)[seen] / (rows * columns)[seen]), 0).",
        ),
        solution='''def my_ppmi(counts):
    """Positive pointwise mutual information in nats: (words, contexts), like counts."""
    counts = np.asarray(counts, dtype=float)
    by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0))  # times the total
    seen = counts > 0
    result = np.zeros(counts.shape)
    result[seen] = np.maximum(np.log(counts[seen] * counts.sum() / by_chance[seen]), 0)
    return result''',
        wants=("my_ppmi",),
        seen="A pair of two rare words that met once gets a large value: luck counts much where counts are small.",
    ),
    Exercise(
        name="05.nearest",
        judge=_judge_nearest,
        hints=(
            "Print lengths.shape and vectors.shape. How many lengths should there be?",
            "With axis=1 there is one length a word; keepdims=True lets each row be divided by its own. And the word "
            "itself has cosine 1: where does it stand in `order`?",
            "similarity[word] = -np.inf before sorting puts the word last.",
        ),
        solution='''def my_nearest(vectors, word, how_many):
    """The how_many rows nearest to row `word` by cosine: nearest first, without itself."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / lengths
    similarity = unit @ unit[word]
    similarity[word] = -np.inf
    order = np.argsort(-similarity)
    return order[:how_many]''',
        wants=("my_nearest",),
        given="import numpy as np\n"
        "from types import SimpleNamespace\n"
        'toy_words = SimpleNamespace(words=("the", "cat", "dog", "sees"), id_of=lambda word: 1)\n'
        "toy_vectors = np.array([[5.0, 1.0], [1.0, 1.0], [2.0, 2.1], [0.0, 3.0]])",
        seen="NumPy divided without a complaint, because (vocab, features) / (features,) fits. Shapes in comments find "
        "such faults before they cost anything.",
    ),
    Exercise(
        name="05.sentence_vector",
        judge=_judge_sentence,
        hints=(
            "First collect the rows of the known words: for which words is `word in row_of` true?",
            "vectors[rows].mean(axis=0) is the mean of these rows, feature by feature. What if rows is empty?",
            "if not rows: return np.zeros(vectors.shape[1]).",
        ),
        solution='''def my_sentence_vector(sentence, row_of, vectors):
    """Mean of the vectors of a sentence's known words: (features,).

    sentence: list of words. row_of: {word: row} of the known ones. vectors: (vocab, features).
    A word that occurs twice counts twice. With no known word: zeros.
    """
    rows = [row_of[word] for word in sentence if word in row_of]
    if not rows:
        return np.zeros(vectors.shape[1])
    return vectors[rows].mean(axis=0)''',
        wants=("my_sentence_vector",),
        seen="`last cat` and `cat last` have the same vector. Keep that in mind for what comes next.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "05.one_hot",
        "A vocabulary grows from 1,000 words to 50,000. What happens to the distance of the one-hot vectors of "
        "`cat` and "
        "`dog`?",
        (
            Choice(
                "It grows, because there are more dimensions.",
                "In all the new dimensions both vectors have a 0, and equal features add nothing to a distance. At how "
                "many places do two one-hot vectors differ?",
            ),
            Choice("It stays √2.", "They differ at two places, by 1 each, however long they are.", right=True),
            Choice(
                "It depends on their numbers: words next to each other in the list are nearer.",
                "That would be so if a word were one number, 271 or 272. In the one-hot vector the number is "
                "only the "
                "place of the 1. What is the distance from (1,0,0) to (0,1,0), and to (0,0,1)?",
            ),
        ),
    ),
    Quiz(
        "05.pmi",
        "A word and a context have met 40 times, and their PMI is 0. What does that say?",
        (
            Choice(
                "They never stood together.",
                "They met 40 times. A pair that never met has ln 0 = −∞. What does the ratio have to be for ln "
                "to be 0?",
            ),
            Choice(
                "They are opposites.",
                "To avoid each other would give a negative PMI: fewer meetings than by chance. (And "
                "opposites such as "
                "`left` and `right` often keep the same company.)",
            ),
            Choice(
                "They met exactly as often as chance would have it.",
                "P(w, c) = P(w) · P(c), so the ratio is 1 and its logarithm 0: knowing w makes c no less surprising.",
                right=True,
            ),
            Choice(
                "They always stood together.",
                "If c stood wherever w stood, P(c | w) would be far above P(c), and the PMI positive. What if P(c | w) "
                "equals P(c)?",
            ),
        ),
    ),
    Quiz(
        "05.map",
        "Look at the map once more, and at its words. Two words lie on nearly the same spot. May you say that they are "
        "used alike?",
        (
            Choice(
                "No: they may differ in the features that the map leaves out. The list in the full space decides.",
                "And the other way round: of the neighbours in the full space some lie farther off on the map than "
                "words that are not. The words below it name both kinds.",
                right=True,
            ),
            Choice(
                "Yes: near is near.",
                "On the map only two directions of 16 can be seen. Two points on a photograph may be a bird and a "
                "mountain behind it. Where does the list give the full-space similarity?",
            ),
            Choice(
                "No: a map of word vectors tells nothing at all.",
                "Too hard: of all flat pictures it keeps the most spread, and how much that is stands on its "
                "axes. Nor does a map ever make a distance larger than it is. What does nearness on it tell?",
            ),
        ),
    ),
    Quiz(
        "05.order",
        "Which change to the mean of word vectors would tell `dog bites man` from `man bites dog`?",
        (
            Choice(
                "Weigh rare words more (idf).",
                "Both sentences hold the same three words, so they get the same three weights. The sums are "
                "still equal.",
            ),
            Choice(
                "Wider vectors, trained on more text.",
                "Better vectors for the words; but the same three are added in both cases, and a + b + c = c + b + a.",
            ),
            Choice(
                "Use the sum instead of the mean.",
                "The sum is three times the mean, here and there. Does a sum know in which order it was taken?",
            ),
            Choice(
                "Put the vectors side by side, so that each place has features of its own.",
                "(dog, bites, man) and (man, bites, dog) are different rows of 3·d numbers. That is what the neural "
                "n-gram of the next section does.",
                right=True,
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        "05.precision",
        "Nearest neighbours by the cosine of raw count rows: which share of them belongs to the word's class? "
        "(0 none, 1 "
        "all; by chance 0.05)",
        0,
        1,
    ),
    Prediction(
        "05.joules_ratio",
        "One training of skip-gram takes how many times the joules of counting, PPMI and SVD on the same text?",
        1,
        1000,
        "times",
    ),
    Prediction(
        "05.analogy",
        "PPMI vectors of the manual: in what share of the questions `a − b + c` is the first answer the right one?",
        0,
        100,
        "%",
    ),
    Prediction(
        "05.neural",
        "The neural 6-gram on unseen sentences of the toy language: how many bits a word? (floor 2.01, counting about "
        "2.2)",
        1.8,
        3.2,
        "bits",
    ),
)
