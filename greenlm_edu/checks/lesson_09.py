"""Lesson 09, a Keras Transformer: exercises, quizzes and predictions.

Long, because each known mistake has words of its own.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _judge_normalise(normalise: Any) -> None:
    generator = np.random.default_rng(9)
    x = generator.normal(size=(3, 6)) * [[1.0], [3.0], [0.2]] + [[0.0], [5.0], [-1.0]]
    gain = np.array([1.0, 2.0, 0.5, 1.5, -1.0, 3.0])
    for epsilon in (1e-5, 0.3):
        mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        right = gain * (x - mean) / np.sqrt(variance + epsilon)
        over_time = gain * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
        over_all = gain * (x - x.mean()) / np.sqrt(x.var() + epsilon)
        mistakes = [
            Mistake(
                "over_time",
                over_time,
                "It normalised each *feature* over the places: a place now depends on all others, the later ones too. "
                "Which axis holds the features of one place?",
            ),
            Mistake(
                "over_all", over_all, "One mean for the whole table. Each place has a mean of its own: which axis?"
            ),
            Mistake("no_gain", right / gain, "Mean and spread fit. What is the gain for?"),
            Mistake(
                "not_shifted",
                gain * x / np.sqrt(variance + epsilon),
                "Divided, but not shifted: subtract the mean first.",
            ),
            Mistake("only_shifted", gain * (x - mean), "Shifted, but not divided by the standard deviation."),
            Mistake(
                "by_variance",
                gain * (x - mean) / (variance + epsilon),
                "Divided by the variance. Which root is missing?",
            ),
            Mistake(
                "by_variance_alone",
                gain * (x - mean) / variance,
                "Divided by the variance alone. Two things are missing under the fraction: the root, and inside it ε.",
            ),
            Mistake(
                "epsilon_typed",
                gain * (x - mean) / np.sqrt(variance + 1e-5),
                "It takes 1e-5 whatever ε is asked for. Which name does ε have in the first line of the function?",
            ),
            Mistake(
                "epsilon_last",
                gain * (x - mean) / np.sqrt(variance) + epsilon,
                "ε is added to the result, after the division. Which brackets put it beside the variance?",
            ),
            Mistake(
                "gain_added",
                (x - mean) / np.sqrt(variance + epsilon) + gain,
                "The gain is added. A gain says how much larger: what does it do to the normalised feature?",
            ),
            Mistake(
                "sum_of_squares",
                gain * (x - mean) / np.sqrt(variance * 6 + epsilon),
                "Divided by the root of the *sum* of the squares. The variance is their mean: which division is "
                "missing?",
            ),
            Mistake(
                "squares_of_x",
                gain * (x - mean) / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon),
                "The numerator fits. The variance was taken of x itself: what must be subtracted before squaring?",
            ),
            Mistake(
                "root_mean_square",
                gain * x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon),
                "The mean is subtracted nowhere. (That is RMSNorm, which newer models use.) In which two places does "
                "μ stand in the formula?",
            ),
            Mistake(
                "only_mean_divided",
                gain * (x - mean / np.sqrt(variance + epsilon)),
                "Only the mean is divided: a division comes before a difference. Where do brackets belong?",
            ),
            Mistake(
                "no_brackets",
                gain * x - mean / np.sqrt(variance + epsilon),
                "The gain takes x alone, and only the mean is divided: products and divisions come before a "
                "difference. Where do brackets belong?",
            ),
            Mistake(
                "epsilon_outside",
                gain * (x - mean) / (np.sqrt(variance) + epsilon),
                "Nearly: ε was added outside of the root. Inside, as in the formula, it is what Keras does; with ε = "
                f"{epsilon:g} one sees the difference.",
            ),
            Mistake(
                "no_epsilon",
                gain * (x - mean) / np.sqrt(variance),
                "Where is ε? A place whose features are all equal would divide by 0.",
            ),
            Mistake(
                "sample_variance",
                gain * (x - mean) / np.sqrt(variance * 6 / 5 + epsilon),
                "Divided by d − 1 in the variance. Here the mean of the squares is meant: divide by d.",
            ),
        ]
        mistakes = [one for one in mistakes if not np.allclose(one.gives, right, rtol=1e-7, atol=1e-9)]
        expect_close(call(normalise, x, gain, epsilon), right, mistakes, of=f"my_normalise with ε = {epsilon:g}")
    small = 0.003 * x  # so that ε is felt
    right = gain * (small - small.mean(axis=1, keepdims=True)) / np.sqrt(small.var(axis=1, keepdims=True) + 1e-5)
    expect_close(call(normalise, small, gain), right, of="my_normalise of small numbers, with ε left out")
    found = call(normalise, np.full((2, 6), 7.0), gain)
    expect_close(found, np.zeros((2, 6)), of="my_normalise where all features are equal")


def _judge_block(block: Any) -> None:
    def norm_1(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.tanh(x) + 0.1)

    def look(x: np.ndarray) -> np.ndarray:
        return np.cumsum(x**2, axis=0)

    def norm_2(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.cos(x) - 0.3)

    def think(x: np.ndarray) -> np.ndarray:
        return np.asarray(2 * x**3 - x)

    x = np.array([[0.3, -1.2], [0.8, 0.1], [-0.5, 2.0]])
    middle = x + look(norm_1(x))
    right = middle + think(norm_2(middle))
    inside = norm_1(x) + look(norm_1(x))
    both = norm_2(inside) + think(norm_2(inside))
    looked_late = x + think(norm_2(x))
    results = x + norm_1(look(x))
    mistakes = [
        Mistake(
            "as_it_was",
            think(norm_2(inside)),
            "Two things. The first line overwrites x itself with its normalised copy, so the sum that runs through is "
            "lost; and the last line does not add. What must be added to what, in each of the two?",
        ),
        Mistake(
            "stream_normalised",
            inside + think(norm_2(inside)),
            "Both parts add now. But x itself was overwritten by its normalised copy: only what the attention "
            "*reads* is "
            "normalised, and its result is added to the x from before.",
        ),
        Mistake(
            "both_overwritten",
            both,
            "x is overwritten by a normalised copy twice, so what came in is lost twice. Only what a part *reads* is "
            "normalised: where does the normalised copy belong, if not in x?",
        ),
        Mistake(
            "second_stream_normalised",
            norm_2(middle) + think(norm_2(middle)),
            "The first line is right. The second adds to the normalised copy: which x should the thoughts be added to?",
        ),
        Mistake(
            "second_not_added",
            think(norm_2(middle)),
            "The first line is right. The feed-forward part's result is returned alone: what should it be added to?",
        ),
        Mistake(
            "first_not_added",
            look(norm_1(x)) + think(norm_2(look(norm_1(x)))),
            "The attention's result takes the place of x instead of being added to it.",
        ),
        Mistake("nothing_added", think(norm_2(look(norm_1(x)))), "Neither result is added: nothing runs through."),
        Mistake(
            "post_norm",
            norm_2(norm_1(x + look(x)) + think(norm_1(x + look(x)))),
            "That is post-norm: the sums are normalised. Here each part reads a normalised copy, and the sum stays "
            "as it "
            "is. (Section 4 compares the two.)",
        ),
        Mistake(
            "second_reads_old",
            middle + think(norm_2(x)),
            "The feed-forward part reads the x from before the attention. What has the looking been good for?",
        ),
        Mistake(
            "second_reads_raw",
            middle + think(middle),
            "The feed-forward part reads x as it is, without its normalisation.",
        ),
        Mistake(
            "first_reads_raw",
            x + look(x) + think(norm_2(x + look(x))),
            "The attention reads x as it is, without its normalisation.",
        ),
        Mistake(
            "both_read_raw",
            x + look(x) + think(x + look(x)),
            "Both results are added, and nothing is normalised. What does each part read in the two lines above?",
        ),
        Mistake(
            "results_normalised",
            results + norm_2(think(results)),
            "You normalised what the parts *give*. Here it is what they *read*: what stands inside of what?",
        ),
        Mistake(
            "first_result_normalised",
            results + think(norm_2(results)),
            "The second line is right. In the first, the normalisation takes what the attention gives, not what it "
            "reads. What stands inside of what?",
        ),
        Mistake(
            "looking_lost",
            x + think(norm_2(middle)),
            "The feed-forward part reads the right thing, but its result is added to the x from before the "
            "attention: what was found by looking is not in the sum. To which x does it belong?",
        ),
        Mistake(
            "one_norm_twice",
            middle + think(norm_1(middle)),
            "norm_1 is used twice. Each part has a normalisation with gains of its own.",
        ),
        Mistake(
            "thinking_first",
            looked_late + look(norm_1(looked_late)),
            "It thinks before it looks. Which of the two lines comes first?",
        ),
        Mistake("no_thinking", middle, "The looking is right. What happened to the second line?"),
        Mistake(
            "norms_swapped",
            x + look(norm_2(x)) + think(norm_1(x + look(norm_2(x)))),
            "The two normalisations have changed places; each has gains of its own.",
        ),
    ]
    expect_close(call(block, x, norm_1, look, norm_2, think), right, mistakes, of="my_block of functions of the check")


def _judge_parameters(count: Any) -> None:
    # No two of the sizes are equal, nor a simple multiple of each other; no two layers in the first, for they would
    # not tell a table in each block from a second table.
    for vocab, width, num_layers in ((103, 128, 3), (1000, 96, 5), (50_257, 768, 12)):
        table, block, norm = vocab * width, 12 * width**2 + 2 * width, width
        right = table + num_layers * block + norm
        as_in_the_example = Mistake(
            "width_of_the_example",
            table + num_layers * 196_864 + norm,
            "196,864 is a block of width 128. The check asks for other widths too: which formula gives it?",
        )
        expect_close(
            call(count, vocab, width, num_layers),
            right,
            [
                Mistake(
                    "second_table",
                    right + table,
                    "The table is there once too often: the head is tied, it has no matrix of its own.",
                ),
                Mistake(
                    "no_table",
                    right - table,
                    "Something of V rows is missing. What turns a character's number into a vector?",
                ),
                Mistake("no_last_norm", right - norm, "Almost. One normalisation stands after the last block."),
                Mistake(
                    "last_norm_only",
                    right - 2 * num_layers * width,
                    "Each block normalises twice, with one gain a feature.",
                ),
                Mistake(
                    "no_norms",
                    right - (2 * num_layers + 1) * width,
                    "The matrices are all there. What about the normalisations?",
                ),
                Mistake(
                    "one_block", table + block + norm, "That is one block. How many of them stand one after the other?"
                ),
                Mistake(
                    "attention_only",
                    table + num_layers * (4 * width**2 + 2 * width) + norm,
                    "A block has attention, 4d², and something else that is twice as large. What comes after the "
                    "looking?",
                ),
                Mistake(
                    "four_d_squared_short",
                    table + num_layers * (8 * width**2 + 2 * width) + norm,
                    "A block has 4d² in its attention and 8d² in its feed-forward network. Which of them is short?",
                ),
                Mistake(
                    "table_in_each_block",
                    num_layers * (table + block) + norm,
                    "The table is counted once for each block. How many tables does the model have?",
                ),
                Mistake(
                    "rows_without_width",
                    vocab + num_layers * block + norm,
                    "A row of the table counts as one number here. How many numbers has a row?",
                ),
                Mistake(
                    "one_norm_a_block",
                    right - num_layers * width,
                    "The matrices fit. How many normalisations has a block?",
                ),
                Mistake(
                    "one_gain_a_norm",
                    table + num_layers * (12 * width**2 + 2) + 1,
                    "One gain for each normalisation. It has one for each *feature*: how many are these?",
                ),
                Mistake(
                    "gains_outside",
                    table + num_layers * 12 * width**2 + 3 * width,
                    "The 2d gains are counted for one block only. Which brackets take them into each of the L blocks?",
                ),
                Mistake(
                    "last_norm_twice",
                    right + norm,
                    "The last normalisation is counted with 2d. One normalisation has one gain a feature: a block "
                    "has 2d because it normalises twice.",
                ),
                Mistake(
                    "last_norm_in_each_block",
                    table + num_layers * (block + norm),
                    "The last normalisation is counted once for each block. How many times is there a last one?",
                ),
                *([] if width == 128 else [as_in_the_example]),
                Mistake(
                    "double_instead_of_square",
                    table + num_layers * (24 * width + 2 * width) + norm,
                    "12·d·2 instead of 12·d²: in Python the square of width is width**2.",
                ),
                Mistake(
                    "with_biases",
                    table + num_layers * (12 * width**2 + 13 * width) + 2 * norm,
                    "That is GPT-2, whose matrices and normalisations have biases too. This model has none.",
                ),
            ],
            of=f"count({vocab}, {width}, {num_layers})",
            tolerance=1e-12,
        )


def _judge_targets(mended_windows: Any) -> None:
    # Ids that are no simple function of their place, so that every shift shows.
    ids = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7])
    # The first places are so far from both ends that a wrong shift finds letters there.
    for places, context in (([1, 3, 5], 4), ([0, 4, 9], 4), ([2], 5), ([10, 0], 3)):
        told = call(mended_windows, ids, np.array(places), context)
        if not isinstance(told, (tuple, list)) or len(told) != 2:
            raise Rejected("pair", "It must give two arrays: the inputs and the targets.")
        inputs = np.stack([ids[p : p + context] for p in places])
        targets = np.stack([ids[p + 1 : p + 1 + context] for p in places])
        of = f"for places {places} and context {context}"
        try:
            first, found = np.asarray(told[0]), np.asarray(told[1])
        except ValueError:
            raise Rejected("ragged", "The windows have different lengths. What does the last one lack?") from None
        if found.shape == (len(places), context - 1) and np.array_equal(found, inputs[:, 1:]):
            raise Rejected(
                "shortened",
                "Shifted, but a place is lost: a window of `context` inputs has `context` targets. So how many ids "
                "must be taken from the text for one window?",
            )
        _judge_pair(first, found, inputs, targets)
        expect_close(
            told[1],
            targets,
            [
                Mistake(
                    "copies",
                    inputs,
                    "Inputs and targets are the same: the model is asked for the letter that it is looking at, and "
                    "learns to copy. What does it see at place t, and what should it be asked for there?",
                ),
                Mistake(
                    "backwards",
                    np.stack([ids[np.array(range(p - 1, p - 1 + context)) % len(ids)] for p in places]),
                    "Shifted the wrong way: the target is the letter *before*. Which way does text go?",
                ),
                Mistake(
                    "number_plus_one",
                    inputs + 1,
                    "1 was added to the letters' numbers: “a” became “b”. What must move by one is the place in the "
                    "text.",
                ),
                *_shifted_too_far(ids, places, context),
                Mistake(
                    "rolled",
                    np.roll(inputs, -1, axis=1),
                    "Almost: the last target is the first letter of its own window, which does not follow it. Which "
                    "letter does?",
                ),
                Mistake(
                    "rolled_back",
                    np.roll(inputs, 1, axis=1),
                    "Shifted the wrong way, and the window's end put at its beginning. Which letter follows place t in "
                    "the text?",
                ),
            ],
            of=f"the targets {of}",
        )
        expect_close(
            told[0],
            inputs,
            [
                Mistake(
                    "swapped", targets, "The inputs moved as well, so that again nothing lies between them. Which one "
                    "of the two begins at the place itself?",
                )
            ],
            of=f"the inputs {of}",
        )  # fmt: skip


def _shifted_too_far(ids: np.ndarray, places: list[int], context: int) -> list[Mistake]:
    """The mistakes that read beyond the next letter, where the text goes on for long enough."""
    if max(places) + 2 * context > len(ids):
        return []
    return [
        Mistake(
            "two_places",
            np.stack([ids[p + 2 : p + 2 + context] for p in places]),
            "The targets begin two places later: the next letter is skipped. By how much does “next” move?",
        ),
        Mistake(
            "next_window",
            np.stack([ids[p + context : p + 2 * context] for p in places]),
            "The targets are the window that comes afterwards. At place t the model is asked for the very next "
            "letter: by how many places do the targets move?",
        ),
    ]


def _judge_pair(first: np.ndarray, found: np.ndarray, inputs: np.ndarray, targets: np.ndarray) -> None:
    """What only inputs and targets together, or a part of the targets, can tell."""
    if np.array_equal(first, targets) and np.array_equal(found, inputs):
        raise Rejected(
            "exchanged",
            "The two arrays have changed places: the model would be asked for the letter *before*. Which of them does "
            "it read, and in which order are they returned?",
        )
    if found.shape == (len(inputs), inputs.shape[1] + 1):
        raise Rejected(
            "too_long",
            "The targets are one place longer than the inputs. A slice a : b has b − a letters: where must it end if "
            "it begins at p + 1?",
        )
    if np.array_equal(found, targets[:, -1]) or np.array_equal(found, targets[:, -1:]):
        raise Rejected(
            "last_only",
            "One target for each window, the letter after its end. The model guesses at *every* place of the window: "
            "what follows the first place, the second …?",
        )
    if found.shape == targets.shape and inputs.shape[1] > 1:
        rolled = np.array_equal(found[:, -1], inputs[:, 0])
        if np.array_equal(found[:, :-1], targets[:, :-1]) and not np.array_equal(found, targets) and not rolled:
            raise Rejected(
                "last_made_up",
                "All targets fit but the last of each window: that one does not come from the text. Which letter "
                "stands there, at p + context?",
            )


def _judge_bits(bits: Any) -> None:
    # None of these is a whole number of bits but the first, and none is the same in two wrong ideas.
    for choices in (8, 10, 100):
        nats = math.log(choices)
        found = call(bits, nats)
        if isinstance(found, (int, float, np.number)) and 1e-6 < abs(float(found) / math.log2(choices) - 1) < 0.005:
            raise Rejected(
                "rounded",
                f"Nearly: bits(ln {choices}) must be {math.log2(choices):.7g}, and yours is {float(found):.7g}. The "
                "way is right and the factor was rounded. Which function of NumPy gives it in full?",
            )
        expect_close(
            found,
            math.log2(choices),
            [
                Mistake(
                    "wrong_way",
                    nats * math.log(2),
                    "Turned the wrong way round: a bit is the smaller unit, so there must be more of them than nats.",
                ),
                Mistake(
                    "unchanged", nats, "These are still nats. How many bits are in one nat, if a bit is ln 2 nats?"
                ),
                Mistake("perplexity", choices, "That is the perplexity, e^H: the number of choices, not of questions."),
                Mistake(
                    "logarithm_again",
                    math.log2(nats),
                    "nats is a logarithm already: another one is not needed. Which factor turns one base into another?",
                ),
                Mistake(
                    "digits",
                    math.log10(choices),
                    "That counts decimal digits: questions with ten answers. A bit is a question with two.",
                ),
                Mistake("powers_of_two", 2**nats, "2 to the nats counts choices again. Which way does a logarithm go?"),
                Mistake(
                    "base_ten",
                    nats / math.log10(2),
                    "log10(2) belongs to logarithms of base 10. Nats are natural logarithms: which one of 2 is that?",
                ),
                Mistake(
                    "doubled",
                    2 * nats,
                    "Twice as many? A nat is more than one bit and less than two. What is ln 2, and which way does it "
                    "go in?",
                ),
                Mistake(
                    "halved",
                    nats / 2,
                    "A bit is ln 2 of a nat, not 2 nats. Which number of nats must give one bit?",
                ),
                Mistake("upside_down", math.log(2) / nats, "The fraction stands on its head: what is divided by what?"),
                Mistake(
                    "subtracted",
                    nats - math.log(2),
                    "ln 2 was subtracted. Going from one unit to another, as from inches to metres, needs a factor.",
                ),
                Mistake(
                    "bytes",
                    8 * math.log2(choices),
                    "That is eight times too much. Eight bits are a byte; here one bit is asked for.",
                ),
            ],
            of=f"bits(ln {choices})",
        )


EXERCISES: Final = (
    Exercise(
        name="09.normalise",
        judge=_judge_normalise,
        hints=(
            "The features of one place stand in a row: axis=-1, with keepdims=True so that the shapes fit.",
            "mean = x.mean(axis=-1, keepdims=True); variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True).",
            "return gain * (x - mean) / np.sqrt(variance + epsilon).",
        ),
        solution='''def my_normalise(x, gain, epsilon=1e-5):
    """Layer normalisation over the features of each place: (time, features).

    x: (time, features). gain: (features,).
    """
    mean = x.mean(axis=1, keepdims=True)
    variance = x.var(axis=1, keepdims=True)
    return gain * (x - mean) / np.sqrt(variance + epsilon)''',
        wants=("my_normalise",),
        seen="Every place is normalised by itself: no place learns anything of another here. Only attention may tell.",
    ),
    Exercise(
        name="09.block",
        judge=_judge_block,
        hints=(
            "Compare with the two lines above. What stands on the left of the first `+` there, and here?",
            "The sum that runs through is never overwritten by a normalised copy: x = x + attention(norm_1(x)).",
            "And the second line in the same way, with norm_2 and feed_forward; then return x.",
        ),
        solution='''def my_block(x, norm_1, attention, norm_2, feed_forward):
    """One block: each part reads a normalised copy, and its result is added to the sum."""
    x = x + attention(norm_1(x))
    return x + feed_forward(norm_2(x))''',
        wants=("my_block",),
        seen="No shape and no error gave the broken one away; only a comparison of values did. That the sum runs "
        "through unchanged helps deep models to learn: see section 4.",
    ),
    Exercise(
        name="09.parameters",
        judge=_judge_parameters,
        hints=(
            "Three kinds of parts: the table, the blocks, the last normalisation. How large is the table?",
            "The table has V rows of d numbers. A block has 12·d² in its matrices and 2·d in its normalisations.",
            "V·d + L·(12·d² + 2·d) + d.",
        ),
        solution=(
            "def count(vocab, width, num_layers):\n"
            '    """Parameters of the whole model."""\n'
            "    block = 12 * width**2 + 2 * width\n"
            "    return vocab * width + num_layers * block + width"
        ),
        wants=("count",),
        seen="The blocks hold most of them, and grow with d²: twice the width is four times the work.",
    ),
    Exercise(
        name="09.targets",
        judge=_judge_targets,
        hints=(
            "What does the model see at place t, and what is it asked for at place t?",
            "What would you answer if somebody showed you a letter and asked: which letter is this?",
            "The targets are the same windows, one place later: ids[p + 1 : p + 1 + context].",
        ),
        solution=(
            "def mended_windows(ids, places, context):\n"
            '    """Inputs and targets, (windows, context) each: one window begins at each place."""\n'
            "    inputs = np.stack([ids[p : p + context] for p in places])\n"
            "    targets = np.stack([ids[p + 1 : p + 1 + context] for p in places])\n"
            "    return inputs, targets"
        ),
        wants=("mended_windows",),
        seen="The friend's low loss was real and worthless; the text that it wrote gave it away.",
    ),
    Exercise(
        name="09.bits",
        judge=_judge_bits,
        hints=(
            "Choosing among 8 equally likely characters takes three yes/no questions: bits(ln 8) must be 3.",
            "ln 8 = 3 · ln 2. What must be done with ln 8 so that 3 is left?",
            "Divide by ln 2, which is np.log(2).",
        ),
        solution='def bits(nats):\n    """Nats turned into bits."""\n    return nats / np.log(2)',
        wants=("bits",),
        seen="A plain text file spends 8 bits a character. Try bits(losses['Transformer']).",
    ),
)

QUIZZES: Final = (
    Quiz(
        "09.norm",
        "A post-norm model learns nothing at the learning rate at which a pre-norm model learns well. What do you "
        "conclude?",
        (
            Choice(
                "Post-norm is wrong: it cannot learn.",
                "The third curve is post-norm as well. What was different there?",
            ),
            Choice(
                "At this rate and depth. It learns at a smaller one; a comparison must let each have a rate that "
                "suits it.",
                "And the search for that rate belongs into the joules (lesson 04).",
                right=True,
            ),
            Choice(
                "It had bad luck with its first weights.",
                "One run cannot tell. But with three seeds it stayed at the bar of single words each time. What else "
                "was the same in all three?",
            ),
            Choice(
                "It needs more steps.",
                "A curve that has been flat since the first steps, at a large rate, will hardly turn. Which other "
                "number "
                "would you change first?",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        name="09.loss",
        question="How many nats a character will a Transformer reach on the validation text, if it trains for less "
        "than a minute on two cores?",
        low=0.5,
        high=4.5,
        unit="nats",
    ),
    Prediction(
        name="09.post",
        question="Post-norm, four blocks, learning rate 0.008: how many bits a word on unseen sentences?",
        low=1.5,
        high=6,
        unit="bits",
    ),
)
