"""Run with the oracles' Python: ROUGE beside the library rouge-score, on random texts."""

import random

import pytest
from rouge_score.rouge_scorer import RougeScorer

from greenlm_edu.lm import rouge

KINDS = {"1": "rouge1", "2": "rouge2", "L": "rougeL"}
WORDS = ["the", "Oak", "library", "used", "3,547", "kWh", "in", "May;", "more", "than", "April", "—", "é", "it's"]


def text(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=draw.randrange(0, 14)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(60))
def test_rouge_is_that_of_rouge_score(kind: str, seed: int) -> None:
    draw = random.Random(seed)
    found, wanted = text(draw), text(draw)
    theirs = RougeScorer([KINDS[kind]]).score(wanted, found)[KINDS[kind]].fmeasure
    assert rouge([found], [wanted], kind) == pytest.approx(theirs, abs=1e-12)
