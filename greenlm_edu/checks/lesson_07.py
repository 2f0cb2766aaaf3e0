"""Lesson 07, self-attention: exercises, quizzes and predictions.

Long, because each known mistake has words of its own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    e: np.ndarray = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _judge_lookup(lookup: Any) -> None:
    q, k = np.array([1.0, -0.5]), np.array([[0.6, 0.2], [-0.4, 1.0], [0.2, -0.8], [0.5, 0.5]])
    v = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, -1.0], [4.0, 1.0, 0.5], [-2.0, 2.0, 1.0]])
    scores = k @ q
    weights = _softmax(scores)
    found = call(lookup, q, k, v)
    expect_close(
        found,
        weights @ v,
        [
            Mistake(
                "hard",
                v[scores.argmax()],
                "It takes the value of the best key and forgets the others: a dictionary. The soft look-up mixes all "
                "values. What do the softmax weights do with them?",
            ),
            Mistake(
                "no_softmax",
                scores @ v,
                "The scores themselves were used as weights. They may be negative, and do not sum to 1. Which function "
                "of lesson 01 turns scores into shares?",
            ),
            Mistake(
                "divided_by_sum",
                scores / scores.sum() @ v,
                "Divided by their sum, scores sum to 1, but a negative score gives a negative share. What comes before "
                "the division?",
            ),
            Mistake(
                "not_normalised",
                np.exp(scores) @ v,
                "exp makes the scores positive, but they do not sum to 1 yet. Divide by what?",
            ),
            Mistake("plain_mean", v.mean(axis=0), "Every value got the same weight: the query was not used."),
            Mistake(
                "keys_fetched",
                weights @ k,
                "It fetched the keys. Keys are what the query is compared with; what comes out are the values.",
            ),
            Mistake(
                "divided_by_size",
                _softmax(scores / np.sqrt(2)) @ v,
                "You divide by √size already. That comes in section 3; here the scores are plain dot products.",
            ),
            Mistake(
                "by_distance",
                _softmax(-((k - q) ** 2).sum(axis=1)) @ v,
                "It compares by distance. Here the match is the dot product q · key: keys @ q.",
            ),
            Mistake("minus", _softmax(-scores) @ v, "The worst match got the largest weight. Look at the sign."),
            Mistake("weights_only", weights, "These are the weights. What do they do with the values?"),
            Mistake(
                "not_summed",
                weights[:, None] * v,
                "Each value carries its weight now, one row a key. What makes *one* answer of the rows?",
            ),
            Mistake(
                "summed_away",
                (weights @ v).sum(),
                "The sum ran over the features, too. The answer has the features of a value: sum over the keys alone.",
            ),
            Mistake(
                "mean_of_weighted",
                (weights[:, None] * v).mean(axis=0),
                "You take the mean of values that carry their weights already, so it is divided by the number of keys "
                "once too often. What do the weights sum to?",
            ),
        ],
        of="soft_lookup(q, keys, values)",
    )
    with np.errstate(all="ignore"):
        large = np.asarray(call(lookup, 5000 * q, k, v), np.float64)
    if not np.isfinite(large).all():
        raise Rejected(
            "overflow",
            "With large scores it gives nan or inf, because exp(1000) is no number of a computer. Which number can be "
            "subtracted from every score without changing the weights?",
        )
    expect_close(large, _softmax(5000 * scores) @ v, of="the look-up with a query 5000 times as long")
    low = np.asarray(call(lookup, q, k - 2000 * q, v), np.float64)
    expect_close(
        low,
        weights @ v,
        [Mistake("underflow", np.full(3, np.nan), "Where all scores are very low, exp makes each 0, and 0/0 is nan.")],
        of="the look-up with 2500 taken off each score, which changes no weight",
        tolerance=1e-5,
    )


_VISIBLE: Final = np.array(
    [[True, False, False, True], [True, True, False, False], [False, True, True, True]], dtype=bool
)


def _judge_attend(attend: Any) -> None:
    generator = np.random.default_rng(5)
    time, source, size = 3, 4, 9
    # Small scores: where the softmax is saturated, no divisor could be told from another.
    q, k = generator.normal(size=(time, size)), generator.normal(size=(source, size))
    v = generator.normal(size=(source, 5))
    _judge_one(attend, q, k, v, _VISIBLE, "my_attend(q, k, v, visible)")
    causal = np.tril(np.ones((4, 4), bool))
    square = generator.normal(size=(3, 4, 6))
    _judge_one(attend, square[0], square[1], square[2], causal, "my_attend under the causal mask")
    with np.errstate(all="ignore"):
        large = np.asarray(call(attend, 1e4 * q, k, v, _VISIBLE), np.float64)
    if not np.isfinite(large).all():
        raise Rejected(
            "overflow",
            "With large scores it gives nan or inf: exp overflows. Subtract each row's largest visible score first.",
        )
    low = np.asarray(call(attend, q, k - 1e3 * q.mean(axis=0), v, _VISIBLE), np.float64)
    scores = np.where(_VISIBLE, q @ (k - 1e3 * q.mean(axis=0)).T / 3.0, -np.inf)
    expect_close(low, _softmax(scores) @ v, of="my_attend with very low scores")


def _judge_one(attend: Any, q: np.ndarray, k: np.ndarray, v: np.ndarray, visible: np.ndarray, of: str) -> None:
    size = q.shape[-1]

    def out(divisor: float = 1.0, seen: np.ndarray = visible, axis: int = -1, instead: float = -np.inf) -> np.ndarray:
        return np.asarray(_softmax(np.where(seen, q @ k.T / divisor, instead), axis) @ v)

    root = np.sqrt(size)
    unmasked = _softmax(q @ k.T / root)
    hidden = np.where(visible, q @ k.T / root, -np.inf)
    shares = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    with np.errstate(all="ignore"):
        mistakes = [
            Mistake(
                "not_scaled",
                out(),
                "The scores are not divided. With this size their spread is √size: which divisor brings it to 1?",
            ),
            Mistake(
                "divided_by_size",
                out(size),
                "Divided by the size itself. The spread of a dot product is its root: see section 3.",
            ),
            Mistake("multiplied", out(1 / root), "Multiplied by √size: that makes the scores larger. Divide."),
            Mistake(
                "by_source",
                out(np.sqrt(len(k))),
                "Divided by the root of the number of keys. The spread comes from the number of *features* that a dot "
                "product sums over: q.shape[-1].",
            ),
            Mistake(
                "by_time",
                out(np.sqrt(len(q))),
                "Divided by the root of the number of queries: len(q) counts places. The spread comes from the number "
                "of *features*, q.shape[-1].",
            ),
            Mistake(
                "by_values",
                out(np.sqrt(v.shape[-1])),
                "Divided by the root of the features of the values. Which vectors does the dot product sum over?",
            ),
            Mistake("unmasked", unmasked @ v, "The mask was not used: every query looked everywhere."),
            Mistake(
                "hidden_after",
                np.where(visible, unmasked, 0) @ v,
                "The hidden weights were set to 0 after the softmax, so a row does not sum to 1 any more. Hide the "
                "*scores*, before it.",
            ),
            Mistake(
                "hidden_as_zero",
                out(root, instead=0.0),
                "Hidden scores were set to 0, and exp(0) = 1: they still take a share. Which score has e^score = 0?",
            ),
            Mistake(
                "inverted",
                out(root, ~visible),
                "It looks exactly where it must not. visible is True where a query *may* look.",
            ),
            Mistake(
                "down_the_columns",
                _softmax(np.where(visible, q @ k.T / root, -1e30), 0) @ v,
                "The softmax ran down the columns, over the queries. Each query shares out its own weights: over which "
                "axis must they sum to 1?",
            ),
            Mistake(
                "whole_table",
                np.exp(hidden) @ v / np.exp(hidden).sum(),
                "All weights of the table together sum to 1. Each query shares out a whole 1 of its own: sum along "
                "axis=1, with keepdims=True.",
            ),
            *(
                Mistake("not_normalised", weights @ v, "After exp the rows do not sum to 1 yet. Divide each by what?")
                for weights in (shares, np.exp(hidden))
            ),
            Mistake(
                "scaled_after",
                out() / root,
                "The division by √size came after the softmax, so a row sums to less than 1 and the softmax was as "
                "sharp as before. What is it that must be divided?",
            ),
            Mistake(
                "zero_times_infinity",
                np.full((len(q), v.shape[-1]), np.nan),
                "Everything is nan. Did you multiply a mask by −inf? 0 · ∞ is no number, so the visible places are "
                "spoilt, too. np.where(visible, scores, -np.inf) chooses and does not multiply.",
            ),
            Mistake("weights_only", _softmax(hidden), "These are the weights. What do they do with the values?"),
            Mistake(
                "keys_fetched",
                _softmax(hidden) @ k,
                "It fetched the keys. Keys are what queries are compared with; what comes out are the values.",
            ),
        ]  # fmt: skip
    right = out(root)
    far_apart = [one for one in mistakes if not _alike(one.gives, right)]
    expect_close(call(attend, q, k, v, visible), right, far_apart, of=of)


def _alike(found: np.ndarray, right: np.ndarray) -> bool:
    """Whether a mistake cannot be told here, as √size and √source of a square example."""
    return found.shape == right.shape and bool(np.allclose(found, right))


def _judge_split(split: Any) -> None:
    x = np.arange(24.0).reshape(3, 8)
    for heads in (2, 4, 1, 8):
        size = 8 // heads
        right = x.reshape(3, heads, size).transpose(1, 0, 2)
        mistakes = [
            Mistake(
                "cut_into_runs",
                x.reshape(heads, 3, size),
                "Head 0 holds all features of the first place and none of the last: reshape alone cuts the numbers "
                "into runs, in the order in which they lie in memory. First cut the *features*: (time, head, size). "
                "Which two axes must then change places?",
            ),
            Mistake(
                "not_moved",
                x.reshape(3, heads, size),
                "The features are cut rightly, but time still comes first. The shape must be (head, time, size).",
            ),
            Mistake(
                "interleaved",
                x.reshape(3, size, heads).transpose(2, 0, 1),
                "Each head got every so-many-th feature. Head 0 is to have the first ones, side by side.",
            ),
            Mistake(
                "sizes_moved",
                x.reshape(3, heads, size).transpose(1, 2, 0),
                "Head by head, but with the features before the places: (head, size, time). Keep time in the middle.",
            ),
            Mistake(
                "time_last",
                x.reshape(3, heads, size).transpose(2, 1, 0),
                "Cut rightly, but now the features come first: (size, head, time). Which two of the three axes are to "
                "change places, and which one stays the last?",
            ),
            Mistake(
                "cut_into_runs",
                x.reshape(heads, size, 3).transpose(0, 2, 1),
                "reshape alone cuts the numbers into runs, in the order in which they lie in memory, so features of "
                "several places meet in one head. First cut the *features*: (time, head, size).",
            ),
            Mistake(
                "transposed_first",
                x.T.reshape(heads, 3, size),
                "The table was turned before it was cut, so places and features are mixed.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(np.asarray(one.gives), right)]
        expect_close(call(split, x, heads), right, mistakes, of=f"split(x, {heads}) of 3 places with 8 features")


def _judge_cross(cross_mask: Any) -> None:
    for time, real in (
        (7, [True, True, True, True, False, False]),
        (4, [True, True, True, True, True, False, False]),
        (5, [True, True, False]),
        (1, [True, True, True]),
    ):
        source_is_real = np.array(real)
        source = len(real)
        right = np.repeat(source_is_real[None], time, axis=0).astype(float)
        causal = np.tril(np.ones((time, source)))
        mistakes = [
            Mistake(
                "still_causal",
                causal * source_is_real,
                "Target place 0 still sees the first source place alone. Is there a future in a source that has been "
                "read to its end?",
            ),
            Mistake("causal_alone", causal, "That is the decoder's mask, and the padding is visible now, too."),
            Mistake(
                "everything",
                np.ones((time, source)),
                "Everybody sees everything, the source's padding, too. What is in those places?",
            ),
            Mistake("inverted", 1 - right, "It shows the padding, and hides the words."),
            Mistake(
                "other_way_round",
                np.maximum(right, causal),
                "Joined with *or*: a place is now visible if either mask allows it, so padding is seen.",
            ),
            Mistake(
                "turned",
                right.T,
                "The shape is (source, time). A row must belong to the target place that looks.",
            ),
            Mistake(
                "reversed",
                np.triu(np.ones((time, source))) * source_is_real,
                "np.triu hides the beginning of the source. Which part of the source is hidden from nobody?",
            ),
            Mistake(
                "one_row",
                source_is_real.astype(float),
                "One row for all target places: NumPy would spread it, but the stub promises (time, source). "
                "np.repeat(…[None, :], time, axis=0) writes it out.",
            ),
            Mistake(
                "one_row",
                source_is_real[None, :].astype(float),
                "One row for all target places: NumPy would spread it, but the stub promises (time, source). "
                "np.repeat(…, time, axis=0) writes it out.",
            ),
            *(
                Mistake(
                    "flat",
                    flat.astype(float),
                    "That is one long row of time · source numbers. Give source_is_real a first axis, [None, :], and "
                    "repeat along it: axis=0.",
                )
                for flat in (np.repeat(source_is_real, time), np.tile(source_is_real, time))
            ),
            Mistake(
                "scrambled",
                np.repeat(source_is_real, time).reshape(time, source),
                "np.repeat without an axis repeats each *number*, so reshape cuts in the wrong places. Which axis is "
                "to be repeated, and has source_is_real got it yet?",
            ),
            Mistake(
                "both_ways",
                np.outer(source_is_real, source_is_real),
                "Both axes are the source now. In cross-attention the rows are *target* places: how many are there, "
                "and what does each see?",
            ),
            *(
                Mistake(
                    "shifted",
                    np.tril(np.ones((time, source)), by) * source_is_real,
                    "The staircase was moved, and is a staircase still. Which target place is to be kept from a real "
                    "source word at all?",
                )
                for by in (source - time, 1, -1)
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(np.asarray(one.gives, float), right)]
        found = call(cross_mask, time, source_is_real)
        expect_close(found, right, mistakes, of=f"cross_mask({time}, {real})")
        if np.asarray(found).dtype.kind != "b":
            raise Rejected("dtype", "The values fit, but a mask is made of booleans: np.where would take 0.0 and 1.0 "
                           "too, `&` would not. Give True and False.")  # fmt: skip


EXERCISES: Final = (
    Exercise(
        name="07.lookup",
        judge=_judge_lookup,
        hints=(
            "keys has the shape (source, size), q (size,). Which product gives one number a key?",
            "scores = keys @ q. For the softmax subtract scores.max() first, then exp, then divide by the sum.",
            "return weights @ values: (source,) times (source, features) gives (features,).",
        ),
        solution='''def soft_lookup(q, keys, values):
    """The mean of the values, weighted by softmax(q · key): (features,).

    q: (size,). keys: (source, size). values: (source, features).
    """
    scores = keys @ q
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum()
    return weights @ values''',
        wants=("soft_lookup",),
        seen="This is the whole of attention for one place. Now for many places, several heads, and masks.",
    ),
    Exercise(
        name="07.attend",
        judge=_judge_attend,
        hints=(
            "Four lines: scores, mask, softmax row by row, mean of the values. Write the shape behind each.",
            "time, size = q.shape; scores = q @ k.T / np.sqrt(size); then np.where(visible, scores, -np.inf).",
            "Subtract scores.max(axis=1, keepdims=True) before exp, and divide by sum(axis=1, keepdims=True).",
        ),
        solution='''def my_attend(q, k, v, visible):
    """Scaled and masked attention: (time, features).

    q: (time, size). k: (source, size). v: (source, features).
    visible: booleans (time, source), True where a query may look; each row has one at least.
    """
    time, size = q.shape
    scores = q @ k.T / np.sqrt(size)  # (time, source)
    scores = np.where(visible, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v  # (time, features)''',
        wants=("my_attend",),
        seen="Where scores are so large that the softmax is saturated either way, a check would accept it without the "
        "root. Here the wrong divisors would have been told.",
    ),
    Exercise(
        name="07.split",
        judge=_judge_split,
        hints=(
            "Look at head 0 as it is printed: whose features are they? They should be the first half of *each* place.",
            "Cut the last axis only: x.reshape(time, num_heads, size). Then which axis must come first?",
            ".transpose(1, 0, 2) brings head before time.",
        ),
        solution='''def split(x, num_heads):
    """(time, features) to (head, time, size): head 0 gets the first features of each place."""
    time, features = x.shape
    return x.reshape(time, num_heads, features // num_heads).transpose(1, 0, 2)''',
        wants=("split",),
        seen="The broken one had the right shape and raised no error, and a network with it still learns something. "
        "Shapes cannot show such a fault; numbers small enough to read can.",
    ),
    Exercise(
        name="07.cross",
        judge=_judge_cross,
        hints=(
            "Which source words may the first word of a translation look at?",
            "All real ones, for every target place: each row of the mask is source_is_real.",
            "np.repeat(source_is_real[None, :], time, axis=0) makes `time` equal rows.",
        ),
        solution='''def cross_mask(time, source_is_real):
    """visible (time, source): which source places each target place may look at.

    source_is_real: booleans (source,), False where the source is padding.
    """
    return np.repeat(source_is_real[None, :], time, axis=0)''',
        wants=("cross_mask",),
        seen="Now let the lab say the same, without a look at the code.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "07.rows",
        "In a table of attention weights (time, source): what sums to 1?",
        (
            Choice(
                "Each row.",
                "A row belongs to the place that looks, and it shares out all of its attention.",
                right=True,
            ),
            Choice(
                "Each column.",
                "A column says how much a place is looked at, by everybody together. A word that all need may get far "
                "more than 1. Over which axis does a query share out its weights?",
            ),
            Choice(
                "The whole table.",
                "Every place has a look-up of its own, and each gives a full mean. What would the table sum to?",
            ),
            Choice(
                "Each row and each column.",
                "Rows, yes. But if two places look at the third and nobody at the second, what do the columns sum to?",
            ),
        ),
    ),
    Quiz(
        "07.scale",
        "A layer with queries of 64 features works. Somebody makes them 256 wide and forgets the division by √size. "
        "What happens at the start of training?",
        (
            Choice(
                "Nothing: the softmax makes weights that sum to 1 anyway.",
                "They sum to 1, but how are they shared out? The scores are twice as widely spread as before, and e^z "
                "multiplies where z adds.",
            ),
            Choice(
                "Most places give nearly all weight to one other, by chance, and hardly any gradient comes back.",
                "Scores with a spread of 16 leave the softmax all but one-hot: a(1 − a) is near 0, and the layer "
                "learns slowly or not at all.",
                right=True,
            ),
            Choice(
                "All weights become even, and the layer gives the plain mean.",
                "That happens when one divides by too much: by the size, say. Here the scores are too *large*.",
            ),
            Choice(
                "The loss becomes nan at once.",
                "With the maximum subtracted nothing overflows. The numbers are all fine, which is why it is so quiet.",
            ),
        ),
    ),
    Quiz(
        "07.mask",
        "A model predicts the next token. You change the *last* of its ten tokens. Which outputs may move?",
        (
            Choice(
                "All ten.",
                "Then output 3 has seen a token from seven places later: it can read the answer. What is the causal "
                "mask for?",
            ),
            Choice(
                "None: the last token is only predicted, never read.",
                "It is read: by the last place, which predicts what comes after it.",
            ),
            Choice("The last one only.", "It sees itself; nobody before it may.", right=True),
            Choice(
                "The first one only.",
                "The first place sees itself alone, so nothing that comes later can move it. Which places see place 9?",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        "07.spread",
        "Queries and keys of 256 random features with variance 1: what is the standard deviation of `q·k`?",
        0,
        300,
    ),
    Prediction(
        "07.one_head",
        "One head, two questions: in how many of 100 new stories are both answers right, at the end of training?",
        0,
        100,
        "%",
    ),
    Prediction(
        "07.exponent",
        "From 1,024 to 2,048 tokens, the joules of one attention layer grow as length to the power …",
        0.5,
        3,
    ),
)
