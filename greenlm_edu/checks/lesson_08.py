"""Lesson 08, positional encoding: exercises, quizzes and predictions.

Long, because each known mistake has words of its own.
"""

from __future__ import annotations

import itertools
import re
from functools import partial
from typing import Any, Final

import keras
import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _frequencies(features: int, base: float = 10000.0) -> np.ndarray:
    return np.asarray(base ** (-np.arange(0, features, 2) / features))


def _interleaved(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(angles), -1)


def _stamps(places: np.ndarray, features: int, base: float = 10000.0) -> np.ndarray:
    return _interleaved(np.multiply.outer(places, _frequencies(features, base)))


def _judge_sinusoids(sinusoids: Any) -> None:
    for time, features, base in ((5, 8, 10000.0), (3, 6, 50.0), (1, 2, 10000.0)):
        places = np.arange(time)
        right = _stamps(places, features, base)
        angles = np.multiply.outer(places, _frequencies(features, base))
        each = np.multiply.outer(places, base ** (-np.arange(features) / features))  # a frequency a feature

        def in_columns(sines: np.ndarray, cosines: np.ndarray) -> np.ndarray:
            return np.stack([sines, cosines], axis=-1).reshape(len(sines), -1)

        mistakes = [
            Mistake("no_waves", np.zeros((time, features)), "All zeros: nothing was written into the table yet."),
            Mistake(
                "concatenated",
                np.concatenate([np.sin(angles), np.cos(angles)], axis=1),
                "All sines first, then all cosines: a good layout, too (section 4), but this one is interleaved: "
                "stamps[:, 0::2] for the sines.",
            ),
            Mistake(
                "cosine_first",
                in_columns(np.cos(angles), np.sin(angles)),
                "Sines and cosines have changed places: column 0 is a sine.",
            ),
            Mistake(
                "no_pairs",
                np.where(np.arange(features) % 2, np.cos(each), np.sin(each)),
                "Each column has a frequency of its own. A sine and its cosine must share one, or they are no point on "
                "a circle: np.arange(0, features, 2) / features.",
            ),
            Mistake(
                "twice_as_fast",
                _interleaved(np.multiply.outer(places, base ** (-2 * np.arange(0, features, 2) / features))),
                "The exponent is −2i/d with i the *pair*. Your 0, 2, 4 … is 2i already: it was doubled once more.",
            ),
            Mistake(
                "half_the_exponent",
                _interleaved(np.multiply.outer(places, base ** (-np.arange(features // 2) / features))),
                "The exponent is −2i/d; yours is −i/d.",
            ),
            Mistake(
                "growing",
                _interleaved(np.multiply.outer(places, 1 / _frequencies(features, base))),
                "The waves become faster from pair to pair: the sign of the exponent is turned round.",
            ),
            Mistake(
                "pair_from_one",
                _interleaved(angles * base ** (-2 / features)),
                "All waves are slower by one step: pairs count from 0, so the first one has the frequency base⁰ = 1.",
            ),
            Mistake(
                "two_pi",
                _interleaved(2 * np.pi * angles),
                "There is a 2π too many. ωᵢ is in radians a place already; 2π belongs to the wavelength, 2π / ωᵢ.",
            ),
            Mistake(
                "no_cosines",
                in_columns(np.sin(angles), 0 * angles),
                "The sines are right. The odd columns are still 0: what stands beside each sine?",
            ),
            Mistake(
                "sines_twice",
                in_columns(np.sin(angles), np.sin(angles)),
                "Both columns of a pair hold the sine. One sine takes each value twice in a wave: what must stand "
                "beside it to make a point on a circle?",
            ),
            Mistake(
                "from_one",
                _stamps(places + 1, features, base),
                "Places count from 0: at place 0 all sines are 0 and all cosines 1.",
            ),
            Mistake(
                "fixed_base",
                _stamps(places, features),
                "For base 50 it still gives the waves of 10000: use the argument.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, right)]
        expect_close(
            call(sinusoids, time, features, base), right, mistakes, of=f"sinusoids({time}, {features}, base={base:g})"
        )
    expect_close(call(sinusoids, 4, 6), _stamps(np.arange(4), 6), of="sinusoids(4, 6), with the base left out")


def _alike(found: Any, right: np.ndarray) -> bool:
    """Whether a mistake cannot be told here from what is right."""
    found = np.asarray(found, float)
    return found.shape == right.shape and bool(np.allclose(found, right))


def _judge_shift(shift: Any) -> None:
    for places, features, k in (
        (np.array([0, 1, 2, 3]), 8, 3),
        (np.array([40, 7, 19]), 6, 5),
        (np.array([12, 30]), 4, -7),
        (np.array([5]), 2, 0),
    ):
        stamps, right = _stamps(places, features), _stamps(places + k, features)
        turn = k * _frequencies(features)
        sines, cosines = stamps[:, 0::2], stamps[:, 1::2]
        moved = sines * np.cos(turn) + cosines * np.sin(turn)

        def turned(sine: np.ndarray, cosine: np.ndarray) -> np.ndarray:
            return np.stack([sine, cosine], axis=-1).reshape(len(sine), -1)

        half = features // 2
        first, second = stamps[:, :half], stamps[:, half:]
        mistakes = [
            Mistake("unchanged", stamps, "The stamps came back as they were: nothing was turned."),
            Mistake(
                "from_zero",
                _stamps(np.arange(len(places)) + k, features),
                "It made new stamps for places k, k + 1 …; the stamps that it is given may be of any places, in any "
                "order. Turn what you are given.",
            ),
            Mistake(
                "wrong_way",
                _stamps(places - k, features),
                f"It turned the wrong way for k = {k}. "
                + (
                    "Look at the signs of the two sin kω in the matrix."
                    if k > 0
                    else "A step back needs no case of its own: what do sine and cosine make of a negative angle?"
                ),
            ),
            Mistake(
                "one_angle",
                turned(sines * np.cos(k) + cosines * np.sin(k), cosines * np.cos(k) - sines * np.sin(k)),
                "Every pair was turned by k. Pair i turns by k·ωᵢ: the slow pairs hardly move.",
            ),
            Mistake(
                "one_step",
                _stamps(places + 1, features),
                "Every stamp went one place on, whatever k is: pair i turns by k·ωᵢ.",
            ),
            Mistake(
                "new_sines",
                turned(moved, cosines * np.cos(turn) - moved * np.sin(turn)),
                "The sines fit. The cosines were made from the *new* sines: they need the old ones, so keep those "
                "until both are made.",
            ),
            Mistake(
                "both_minus",
                turned(sines * np.cos(turn) - cosines * np.sin(turn), cosines * np.cos(turn) - sines * np.sin(turn)),
                "The cosines fit, the sines do not: sin(a + b) = sin a cos b + cos a sin b.",
            ),
            Mistake(
                "both_plus",
                turned(sines * np.cos(turn) + cosines * np.sin(turn), cosines * np.cos(turn) + sines * np.sin(turn)),
                "The sines fit, the cosines do not: cos(a + b) = cos a cos b − sin a sin b.",
            ),
            Mistake(
                "halves",
                np.concatenate(
                    [
                        first * np.cos(turn) + second * np.sin(turn),
                        second * np.cos(turn) - first * np.sin(turn),
                    ],
                    axis=1,
                ),
                "It took the first half for sines and the second for cosines. In this layout they alternate: "
                "stamps[:, 0::2] and stamps[:, 1::2].",
            ),
            Mistake(
                "added",
                stamps + _stamps(np.array([k]), features),
                "The stamp of place k was added. A step is a rotation, not a sum: the result must stay on its circles.",
            ),
            Mistake(
                "rolled",
                np.roll(stamps, -k, axis=0),
                "The rows were moved along the table. The last ones have nobody behind them to take their values from: "
                "turn each row by itself.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, right)]
        expect_close(
            call(shift, stamps, k), right, mistakes, of=f"shift of the stamps of places {places.tolist()}, k = {k}"
        )


# Faults of the published layer, in the order in which they are told: key -> what to say.
_FAULTS: Final[dict[str, str]] = {
    "whole_table": "It stops, or gives another shape, for {time} places: the whole table of {longest} rows was "
    "added. How "
    "many of its rows does this input need? (ops.shape(x)[1] tells how many places it has.)",
    "whole_numbers": "It runs. But the stamps are whole numbers, −1, 0 or 1, and a sine is seldom one: look at what "
    "kind "
    "of table the sines are written into.",
    "by_place": "The stamps are numbers now. But all columns of a row have the same frequency: the exponent was "
    "made from "
    "the *place*. Which of the two, place or dimension, numbers the pairs?",
    "in_rows": "Each column has its own frequency now. But sines stand in even *rows* and cosines in odd ones, so "
    "every "
    "second place has only sines. They belong into columns: table[:, 0::2].",
    "always_drops": "The stamps are right. But with training=False two runs differ: dropout is always on, so a "
    "finished "
    "model answers at random. What should be handed to self.dropout?",
}


def _table(places: int, features: int, whole: bool, by_place: bool, in_rows: bool) -> np.ndarray:
    """The stamps with some of the faults."""
    place, dimension = np.arange(places)[:, None], np.arange(features)[None, :]
    number = place if by_place else dimension
    angles = place / 10000.0 ** (2 * (number // 2) / features) + 0 * dimension
    even = (place if in_rows else dimension) % 2 == 0
    table = np.where(even, np.sin(angles), np.cos(angles))
    return np.trunc(table) if whole else table


def _judge_layer(layer_class: Any) -> None:
    if not (isinstance(layer_class, type) and issubclass(layer_class, keras.layers.Layer)):
        raise Rejected("no_layer", 'The check wants the class itself: check("08.layer", Positions).')
    features, longest = 8, 60
    layer = call(layer_class, features, 0.0, longest, limit_s=20)
    for time, batch in ((7, 2), (60, 1), (1, 3)):
        x = np.random.default_rng(time).normal(size=(batch, time, features)).astype("float32")
        table = _added(layer, x, longest)
        variants = {faults: _table(time, features, *faults) for faults in itertools.product((False, True), repeat=3)}
        if not np.allclose(table, variants[False, False, False], atol=1e-4):
            _tell(layer_class, table, variants, features)
    _judge_dropout(layer_class, features, longest)
    other = call(layer_class, 6, 0.0, 20, limit_s=20)
    expect_close(_added(other, np.zeros((1, 20, 6), "float32"), 20), _stamps(np.arange(20), 6), tolerance=1e-4,
                 of="what is added for width 6")  # fmt: skip
    whole = call(layer_class, 4, limit_s=20)  # as it comes: 5,000 places
    long = np.zeros((1, 5000, 4), "float32")
    expect_close(_added(whole, long, 5000)[4990:], _stamps(np.arange(4990, 5000), 4), tolerance=1e-2,
                 of="what is added at places 4990 to 4999, with rate and longest left out")  # fmt: skip


def _added(layer: Any, x: np.ndarray, longest: int) -> np.ndarray:
    """What the layer adds to x: the same table for every row of the batch, (time, features)."""
    try:
        found = np.asarray(call(partial(layer, training=False), x, limit_s=20), np.float64)
    except Rejected as rejected:
        words = rejected.hint.text
        if rejected.hint.key == "exception" and str(longest) in words and x.shape[1] != longest:
            raise Rejected(
                "whole_table", _left(_FAULTS["whole_table"].format(time=x.shape[1], longest=longest), 5)
            ) from (rejected)
        if rejected.hint.key == "exception" and re.search("incompatible shapes|broadcast", words, re.IGNORECASE):
            raise Rejected(
                "other_rows",
                f"It stops for x of shape {x.shape}: the rows that are added are not as many as x has places. "
                "ops.shape(x) is (batch, time, features): which of the three counts places?",
            ) from rejected
        raise
    if found.shape != x.shape:
        if x.ndim == found.ndim and found.shape[1] == longest:
            raise Rejected("whole_table", _left(_FAULTS["whole_table"].format(time=x.shape[1], longest=longest), 5))
        raise Rejected("shape", f"For x of shape {x.shape} it must give the same shape; yours has {found.shape}.")
    added: np.ndarray = found - x
    if not np.allclose(added, added[:1], atol=1e-5):
        raise Rejected("by_batch", "Rows of one batch get different stamps. A place's stamp is the same in each text.")
    return np.asarray(added[0])


def _tell(layer_class: Any, table: np.ndarray, variants: dict[Any, np.ndarray], features: int) -> None:
    """Raise Rejected with the first fault of the variant that the table is."""
    for faults, variant in variants.items():
        if any(faults) and np.allclose(table, variant, atol=1e-4):
            names = [name for name, has in zip(("whole_numbers", "by_place", "in_rows"), faults, strict=True) if has]
            left = len(names) + _always_drops(layer_class, features)
            raise Rejected(names[0], _left(_FAULTS[names[0]], left))
    expect_close(
        table,
        variants[False, False, False],
        [
            Mistake(
                "concatenated",
                table * 0 + _concatenated(len(table), features),
                "The stamps are right, in the other layout: all sines, then all cosines. This layer promises the "
                "interleaved one.",
            ),
            Mistake(
                "cosine_first",
                variants[False, False, False].reshape(len(table), -1, 2)[..., ::-1].reshape(table.shape),
                "Sines and cosines have changed places: column 0 is a sine.",
            ),
            Mistake(
                "no_pairs",
                _no_pairs(len(table), features),
                "Each column has a frequency of its own. Columns 2i and 2i + 1 are a pair and share one: what does "
                "dimension // 2 give for both?",
            ),
        ] if len(table) > 1 else (),
        of="the table that is added",
        tolerance=1e-4,
    )  # fmt: skip


def _concatenated(time: int, features: int) -> np.ndarray:
    angles = np.multiply.outer(np.arange(time), _frequencies(features))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def _no_pairs(time: int, features: int) -> np.ndarray:
    dimension = np.arange(features)
    angles = np.multiply.outer(np.arange(time), 10000.0 ** (-2 * dimension / features))
    return np.where(dimension % 2, np.cos(angles), np.sin(angles))


def _left(words: str, count: int) -> str:
    return f"{words} ({count} fault{'s' * (count != 1)} left, this one counted.)"


def _always_drops(layer_class: Any, features: int) -> bool:
    layer = call(layer_class, features, 0.5, 60, limit_s=20)
    x = np.full((4, 60, features), 10.0, "float32")
    found = np.asarray(call(partial(layer, training=False), x, limit_s=20))
    return bool((found == 0).any())


def _judge_dropout(layer_class: Any, features: int, longest: int) -> None:
    silent = call(layer_class, features, 0.5, longest, limit_s=20)
    if _always_drops(layer_class, features) or (np.asarray(silent(np.full((4, 60, features), 10.0))) == 0).any():
        raise Rejected("always_drops", _left(_FAULTS["always_drops"], 1))
    x = np.full((50, longest, features), 10.0, "float32")  # far from 0, whatever is added
    for rate in (0.5, None):
        options = (features,) if rate is None else (features, rate, longest)
        layer = call(layer_class, *options, limit_s=20)
        dropped = float((np.asarray(call(partial(layer, training=True), x, limit_s=20)) == 0).mean())
        wanted = 0.1 if rate is None else rate
        if dropped == 0:
            raise Rejected(
                "never_drops", "With training=True nothing is dropped any more. Hand on what call was given."
            )
        if not abs(dropped - wanted) < 0.03:
            raise Rejected(
                "rate", f"With training=True {dropped:.0%} are dropped, where the rate is {wanted:.0%}. Keep the rate."
            )


def _judge_suspect(two_tests: Any) -> None:
    found = []
    for attends in (False, True):
        for widens in (False, True):
            pair = call(two_tests, _builder(attends, widens), 9, limit_s=60)
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise Rejected("pair", f"It must return two answers, (arguments count, places talk); got {pair!r}.")
            if any(one is None for one in pair):
                raise Rejected("half_done", f"One of the two is None still: {tuple(pair)}. Fill in the other blank.")
            if not all(isinstance(one, bool | np.bool_) for one in pair):
                raise Rejected(
                    "kind", f"Both answers must be True or False; got {tuple(pair)}. Compare, or use .any()."
                )
            found.append((bool(pair[0]), bool(pair[1])))
    right = [(widens, attends) for attends in (False, True) for widens in (False, True)]
    if found == right:
        return
    counts, talks = [one[0] for one in found], [one[1] for one in found]
    right_counts, right_talks = [one[0] for one in right], [one[1] for one in right]
    if (counts, talks) == (right_talks, right_counts):
        raise Rejected("swapped", "Both tests work, and their answers have changed places: arguments first.")
    if counts == [not one for one in right_counts]:
        raise Rejected(
            "equal_counts", "It says True where the two counts are *equal*. The argument counts if they differ."
        )
    if counts == [True] * 4:
        raise Rejected(
            "other_argument",
            "It says True for a model that never uses ff_dim. Did you change another argument, which counts anyway? "
            "Two "
            "models, ff_dim=256 and ff_dim=512, all else left as it is.",
        )
    if counts == [False] * 4:
        raise Rejected(
            "never_counts",
            "It says False even for a model that uses ff_dim. Do your two models differ in ff_dim, and in that alone?",
        )
    if counts != right_counts:
        raise Rejected("counts", f"For four models ff_dim counts in {right_counts}; yours says {counts}.")
    if talks == [True] * 4:
        raise Rejected(
            "diagonal",
            "It says that places talk in a model without attention. Each place moves its *own* output: leave out the "
            "diagonal of what lm.reach gives.",
        )
    if talks == [not one for one in right_talks]:
        raise Rejected("negated", "It says that places talk exactly where they do not.")
    if talks == [False] * 4:
        raise Rejected(
            "past_only",
            "It never finds that places talk. In a model that predicts the next token, changing place s moves outputs "
            "t > s: on which side of the diagonal does lm.reach show that?",
        )
    raise Rejected("value", f"For four models places talk in {right_talks}; yours says {talks}.")


def _builder(attends: bool, widens: bool) -> Any:
    """A builder of tiny models, with or without attention, that use ff_dim or not."""

    def build(vocab_size: int, width: int = 8, num_heads: int = 2, ff_dim: int = 256, num_layers: int = 1) -> Any:
        ids = keras.Input((None,), dtype="int32")
        x = keras.layers.Embedding(vocab_size, width)(ids)
        for _ in range(num_layers):
            x = keras.layers.LayerNormalization()(x)
            if attends:
                x = x + keras.layers.MultiHeadAttention(num_heads, width // num_heads)(x, x, use_causal_mask=True)
            if widens:
                x = x + keras.layers.Dense(width)(keras.layers.Dense(ff_dim, activation="relu")(x))
        return keras.Model(ids, keras.layers.Dense(vocab_size)(x))

    return build


EXERCISES: Final = (
    Exercise(
        name="08.sinusoids",
        judge=_judge_sinusoids,
        hints=(
            "Three lines. The frequencies belong to the pairs, so there are features / 2 of them: write their shape "
            "first.",
            "frequencies = base ** (-np.arange(0, features, 2) / features); "
            "angles = np.arange(time)[:, None] * frequencies.",
            "stamps[:, 0::2] = np.sin(angles), and stamps[:, 1::2] = np.cos(angles).",
        ),
        solution='''def sinusoids(time, features, base=10000.0):
    """The stamps of places 0 … time − 1: (time, features), interleaved sin, cos, sin, cos …"""
    stamps = np.zeros((time, features))
    frequencies = base ** (-np.arange(0, features, 2) / features)
    angles = np.arange(time)[:, None] * frequencies
    stamps[:, ::2] = np.sin(angles)
    stamps[:, 1::2] = np.cos(angles)
    return stamps''',
        wants=("sinusoids",),
        seen="Nothing here was learned, and nothing limits the time: ask for place 1,000,000 if you like.",
    ),
    Exercise(
        name="08.shift",
        judge=_judge_shift,
        hints=(
            "Take the sines (columns 0, 2, 4 …) and the cosines (1, 3, 5 …) apart. What does the matrix do with them?",
            "Pair i turns by k·ωᵢ: turn = k * 10000.0 ** (-np.arange(0, features, 2) / features).",
            "The new sines are sines * cos(turn) + cosines * sin(turn), the new cosines cosines * cos(turn) − "
            "sines * sin(turn).",
        ),
        solution='''def shift(stamps, k):
    """The stamps k places further on: (time, features), interleaved, base 10000.

    stamps: (time, features), of any places. k: a whole number, negative for a step back.
    """
    features = stamps.shape[1]
    turn = k * 10000.0 ** (-np.arange(0, features, 2) / features)
    sines, cosines = stamps[:, ::2], stamps[:, 1::2]
    moved = np.empty_like(stamps)
    moved[:, ::2] = sines * np.cos(turn) + cosines * np.sin(turn)
    moved[:, 1::2] = cosines * np.cos(turn) - sines * np.sin(turn)
    return moved''',
        wants=("shift",),
        seen="No place was handed in, and none was needed: a step is the same step everywhere.",
    ),
    Exercise(
        name="08.layer",
        judge=_judge_layer,
        hints=(
            "Mend what the check names, and check again. In `call` first: x has `time` places, the table 5,000 rows.",
            "`place // 2` should be `dimension // 2`; dtype=int cuts the sines; table[0::2, :] are rows.",
            "time = ops.shape(x)[1]; x + self.table[None, :time, :]; self.dropout(x, training=training).",
        ),
        solution='''class Positions(layers.Layer):
    """Adds sinusoidal positions to (batch, time, features), then dropout while training."""

    def __init__(self, features, rate=0.1, longest=5000):
        super().__init__()
        place = np.arange(longest)[:, None]  # (longest, 1)
        dimension = np.arange(features)[None, :]  # (1, features)
        angles = place / 10000 ** (2 * (dimension // 2) / features)
        table = np.zeros((longest, features))
        table[:, ::2] = np.sin(angles[:, ::2])
        table[:, 1::2] = np.cos(angles[:, 1::2])
        self.table = ops.convert_to_tensor(table.astype("float32"))
        self.dropout = layers.Dropout(rate)

    def call(self, x, training=False):
        time = ops.shape(x)[1]
        x = x + self.table[None, :time, :]
        return self.dropout(x, training=training)''',
        wants=("Positions",),
        given="import keras\nimport numpy as np\nfrom keras import layers, ops",
        seen="Five faults: one stopped, one warned of something else, three were silent. Each was found by one "
        "property: a shape, a kind of number, a frequency, an axis, and the same answer twice.",
    ),
    Exercise(
        name="08.suspect",
        judge=_judge_suspect,
        hints=(
            "First test: build two models that differ in ff_dim alone. What must differ between them if it is used?",
            "Second test: moved = lm.reach(model, np.arange(8), vocab_size=vocab_size). Its diagonal is True in any "
            "model.",
            "places_talk = bool(moved[~np.eye(len(moved), dtype=bool)].any()).",
        ),
        solution='''def two_tests(build, vocab_size):
    """(arguments count, places talk), two booleans, for a builder of language models.

    arguments count: doubling ff_dim (256 to 512) changes the number of parameters.
    places talk: changing a token moves an output at *another* place; use lm.reach.
    """
    model = build(vocab_size)
    arguments_count = model.count_params() != build(vocab_size, ff_dim=512).count_params()
    moved = lm.reach(model, np.arange(8), vocab_size=vocab_size)
    places_talk = bool((moved & ~np.eye(8, dtype=bool)).any())
    return arguments_count, places_talk''',
        wants=("two_tests",),
        given="import numpy as np\nfrom greenlm_edu import lm",
        seen="Neither test reads a line of the model's code. They work on yours, too.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "08.wishes",
        "Somebody numbers the places 0 … 9 and then starts again at 0, as a one-hot vector of ten features. Which of "
        "these wishes is broken?",
        (
            Choice("Bounded.", "A one-hot vector has length 1 at every place. What do places 3 and 13 look like?"),
            Choice("Unique.", "Places 3, 13, 23 … have the same stamp, so a text of more than ten words has doubles. "
                   "(Wish 3 is broken, too: neighbours are as unlike as any two places from 0 to 9.)", right=True),
            Choice(
                "A step is the same step everywhere.",
                "Going one place on turns the ring by one: that is one permutation matrix, the same at every place. "
                "This "
                "wish is granted! What about a text of eleven words?",
            ),
            Choice("None: that is what the sinusoids do.", "One of their pairs alone does something like it, and is "
            "back "
                   "after one wave. What do the other pairs add?"),
        ),
    ),
    Quiz(
        "08.layout",
        "You load the weights of a model trained with interleaved positions into code that concatenates sines and "
        "cosines. What happens?",
        (
            Choice(
                "Nothing: the two layouts are equivalent.",
                "They are, for a model that is *trained* with either. These weights were learned for one order of "
                "columns: "
                "which row of W does the second sine meet now?",
            ),
            Choice(
                "It stops with an error of shapes.",
                "Both layouts have the same shape. Nothing stops. What did the printed line with W in the wrong "
                "order say?",
            ),
            Choice(
                "It runs, and its answers are worse, without a word.",
                "The rows of W meet other columns than those they were learned for. Equivalent up to a permutation "
                "means "
                "that the permutation must be applied to the weights, too.",
                right=True,
            ),
        ),
    ),
)  # fmt: skip

PREDICTIONS: Final = (
    Prediction(
        "08.overlap",
        "Width 512: two stamps ten places apart. What is their dot product? (One stamp with itself: 256.)",
        -256,
        256,
    ),
    Prediction(
        "08.beyond",
        "The sinusoidal model, trained on 32 places, at places 64 to 95: how many nats a character?",
        1.5,
        5,
        "nats",
    ),
)
