"""What lesson 09 asks."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS"]


def _judge_parameters(count: Any) -> None:
    # No two of the sizes are equal, nor a simple multiple of each other.
    for vocab, width, num_layers in ((103, 128, 2), (1000, 96, 5), (50_257, 768, 12)):
        table, block, norm = vocab * width, 12 * width**2 + 2 * width, width
        right = table + num_layers * block + norm
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
    for places, context in (([0, 4, 9], 4), ([2], 5), ([10, 0], 3)):
        told = call(mended_windows, ids, np.array(places), context)
        if not isinstance(told, (tuple, list)) or len(told) != 2:
            raise Rejected("pair", "It must give two arrays: the inputs and the targets.")
        inputs = np.stack([ids[p : p + context] for p in places])
        targets = np.stack([ids[p + 1 : p + 1 + context] for p in places])
        of = f"for places {places} and context {context}"
        try:
            found = np.asarray(told[1])
        except ValueError:
            raise Rejected("ragged", "The targets have different lengths. What does the last window lack?") from None
        if found.shape == (len(places), context - 1) and np.array_equal(found, inputs[:, 1:]):
            raise Rejected(
                "shortened",
                "Shifted, but a place is lost: a window of `context` inputs has `context` targets. So how many ids "
                "must be taken from the text for one window?",
            )
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


def _judge_bits(bits: Any) -> None:
    # None of these is a whole number of bits but the first, and none is the same in two wrong ideas.
    for choices in (8, 10, 100):
        nats = math.log(choices)
        expect_close(
            call(bits, nats),
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
            ],
            of=f"bits(ln {choices})",
        )


EXERCISES: Final = (
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

PREDICTIONS: Final = (
    Prediction(
        name="09.loss",
        question="How many nats a character will a Transformer reach on the validation text, if it trains for less "
        "than a minute on two cores?",
        low=0.5,
        high=4.5,
        unit="nats",
    ),
)
