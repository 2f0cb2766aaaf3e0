"""Small trained models for explorers, where a learner has none of their own: trained once a process, and metered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from greenlm_edu.metering import Measurement, measure

if TYPE_CHECKING:
    from greenlm_edu.lm import Transformer, WordTokenizer

__all__ = ["SmallModel", "small_language_model"]

STEPS, CONTEXT, BATCH = 384, 32, 32


@dataclass(frozen=True)
class SmallModel:
    """A model, what turns text into its ids, and what training it took.

    Args:
        model: trained.
        tokenizer: of its ids.
        measurement: of its training.
        example: a text that it can read.
    """

    model: Any
    tokenizer: Any
    measurement: Measurement
    example: str

    @property
    def cost(self) -> str:
        """What its training took, in words."""
        energy_j = self.measurement.energy_j
        known = "joules unknown" if energy_j is None else f"{energy_j.text('J')}, {' + '.join(self.measurement.bases)}"
        return f"A small model was trained for this picture, once: {self.measurement.duration_s:.0f} s, {known}."


@cache
def small_language_model() -> SmallModel:
    """A Transformer of two blocks that has read the toy language for some seconds.

    GREENLM_STEPS shortens its training, as in the lessons.
    """

    from greenlm_edu import corpora, lm

    text = corpora.load("toy_language")
    tokenizer: WordTokenizer = lm.WordTokenizer.fit(text.train)
    ids = np.concatenate([tokenizer.encode("."), tokenizer.encode(text.train)])
    with measure("a small model for an explorer") as measurement:
        model: Transformer = lm.Transformer(tokenizer.vocab_size, CONTEXT, width=64, num_layers=2, num_heads=4)
        steps = lm.planned_steps(STEPS)
        starts = np.flatnonzero(ids == tokenizer.id_of("."))
        lm.train(model, ids, epochs=1, steps_per_epoch=steps, batch=BATCH, starts=starts, progress=False)
    return SmallModel(model, tokenizer, measurement, text.validation.splitlines()[0])
