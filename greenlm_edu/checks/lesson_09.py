"""The exercises of lesson 09 that a check can judge."""

from __future__ import annotations

import math
from typing import Any, Final

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close

__all__ = ["EXERCISES"]


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
