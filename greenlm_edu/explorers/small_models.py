"""Small trained models for explorers, where a learner has none of their own: trained once a process, and metered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.metering import Measurement, measure

if TYPE_CHECKING:
    from greenlm_edu.lm import Transformer, WordTokenizer

__all__ = ["SmallModel", "SmallTranslator", "small_language_model", "small_translator"]

STEPS, CONTEXT, BATCH = 384, 32, 32
DATES: Final = ("date", "weekday and date")  # the easier half of dates_and_numbers, learned in some seconds
PIECES: Final = re.compile(r"[A-Za-z]+|.")  # a word, a digit, a space, a Chinese character


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
        return _cost(self.measurement)


@dataclass(frozen=True)
class SmallTranslator:
    """A model that reads a date in English and writes it in Chinese.

    Args:
        model: an EncoderDecoder, trained.
        source_ids, target_ids: a token's id on either side.
        measurement: of its training.
        examples: unseen pairs of tokens.
    """

    model: Any
    source_ids: dict[str, int]
    target_ids: dict[str, int]
    measurement: Measurement
    examples: list[tuple[list[str], list[str]]]

    @property
    def cost(self) -> str:
        """What its training took, in words."""
        return _cost(self.measurement)


def _cost(measurement: Measurement) -> str:
    energy_j = measurement.energy_j
    known = "joules unknown" if energy_j is None else f"{energy_j.text('J')}, {' + '.join(measurement.bases)}"
    return f"A small model was trained for this picture, once: {measurement.duration_s:.0f} s, {known}."


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


@cache
def small_translator() -> SmallTranslator:
    """An encoder–decoder of one block a side that has translated dates from English into Chinese for some seconds.

    GREENLM_STEPS shortens its training, as in the lessons.
    """
    from greenlm_edu import corpora, lm

    pairs = corpora.load("dates_and_numbers")
    train, unseen = (
        [(PIECES.findall(pair.source), list(pair.target)) for pair in split if pair.kind in DATES]
        for split in (pairs.train, pairs.validation)
    )
    source_ids, target_ids = (
        {token: number for number, token in enumerate(sorted({t for pair in train for t in pair[side]}), 3)}
        for side in (0, 1)
    )
    sources = lm.padded([[source_ids[token] for token in source] for source, _ in train])
    read, say = lm.teacher_forced([[target_ids[token] for token in target] for _, target in train])
    with measure("a small translator for an explorer") as measurement:
        model = lm.EncoderDecoder(
            len(source_ids) + 3, len(target_ids) + 3, context=24, width=64, num_layers=1, positions="rotary",
            initial_std=0.1,
        )  # fmt: skip
        lm.train_pairs(model, sources, read, say, lm.planned_steps(256), epochs=1)
    known = [pair for pair in unseen if all(map(source_ids.__contains__, pair[0]))]
    return SmallTranslator(model, source_ids, target_ids, measurement, known[:6])
