"""Writing the likeliest target, as far as a few beginnings kept side by side can find it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from greenlm_edu.errors import InputError
from greenlm_edu.lm.check_generate import check_scores
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.compiled import compiled

__all__ = ["Beam", "beam_search"]


class Beam(NamedTuple):
    """One target that was found.

    Args:
        ids: its tokens, (time,), without start and end.
        log_prob: of the tokens and, where it ended, the end: natural logarithm.
        score: log_prob over the length penalty; the best comes first.
        ended: whether it came to its end mark, or was cut off at the length asked for.
    """

    ids: np.ndarray
    log_prob: float
    score: float
    ended: bool


def beam_search(
    model: Any,
    source: np.ndarray | Sequence[int],
    length: int,
    width: int = 4,
    start_id: int = 1,
    end_id: int = 2,
    length_penalty: float = 0.0,
) -> list[Beam]:
    """The best targets for one source: after each token, the `width` best beginnings are kept, ended ones among them.

    width=1 is greedy. A wider beam may find a likelier target; none is sure to find the likeliest. Sums of logarithms
    fall with every token, so that short targets have an advantage; the length penalty, ((5 + length) / 6) to the power
    of length_penalty, takes some of it away.

    Args:
        model: an EncoderDecoder.
        source: ids, (source,).
        length: most tokens of a target, its end mark counted.
        width: beginnings that are kept.
        start_id, end_id: the marks that teacher_forced was given.
        length_penalty: 0 for none; 0.6 in the source below.
    Returns:
        `width` targets (fewer where there are not as many), the best first.
    Raises:
        InputError: width or length below 1, length above the model's context, or a length_penalty below 0.
        VocabularyError: an id that the model has no vector for.
        CheckpointError: the model's scores are NaN or infinite.
    Source: Graves 2012; Wu et al. 2016, section 7 (length penalty).   Lesson: notebooks/11.
    """
    _check(model, length, width, length_penalty)
    ids = np.asarray(source, np.int32)[None]  # (1, source)
    check_ids("beam_search, source", ids, model.options["source_vocab_size"])
    check_ids("beam_search, start and end", np.asarray([start_id, end_id]), model.vocab_size)
    memory, mask = model.read(np.repeat(ids, width, axis=0))  # (width, source, features): one source, width times
    read = np.zeros((width, length), np.int32)
    read[:, 0] = start_id
    beams = [Beam(np.zeros(0, np.int32), 0.0, 0.0, ended=False)]
    for place in range(length):
        for row, beam in enumerate(beams):
            read[row, 1 : 1 + len(beam.ids)] = beam.ids[: length - 1]
        logits = np.asarray(ops.convert_to_numpy(_scores_at(model)(read, np.int32(place), memory, mask)), float)
        check_scores(logits)
        found = [beam for beam in beams if beam.ended]
        for beam, row in zip(beams, logits, strict=False):
            if not beam.ended:
                found += _longer(beam, row - row.max() - np.log(np.exp(row - row.max()).sum()), width, end_id)
        found = [beam._replace(score=beam.log_prob / _penalty(beam, length_penalty)) for beam in found]
        beams = sorted(found, key=lambda beam: -beam.score)[:width]
        if all(beam.ended for beam in beams):
            break
    return beams


def _longer(beam: Beam, log_probs: np.ndarray, width: int, end_id: int) -> list[Beam]:
    """The beam with each of the `width` likeliest next tokens; log_probs: (vocab,)."""
    return [
        Beam(
            ids=beam.ids if token == end_id else np.append(beam.ids, np.int32(token)),
            log_prob=float(beam.log_prob + log_probs[token]),
            score=0.0,
            ended=bool(token == end_id),
        )
        for token in np.argsort(-log_probs, kind="stable")[:width]
    ]


def _penalty(beam: Beam, power: float) -> float:
    return float(((5 + len(beam.ids) + beam.ended) / 6) ** power)


def _scores_at(model: Any) -> Any:
    """The logits (width, vocab) of one place, compiled once a model and kept with it."""
    if getattr(model, "_scores_at", None) is None:

        def scores_at(read: Any, place: Any, memory: Any, mask: Any) -> Any:
            x = model.decoder(read, memory, memory_mask=mask)  # (width, length, features)
            x = ops.take(x, ops.reshape(place, (1,)), axis=1)  # (width, 1, features)
            return ops.cast(model.scores(x)[:, 0], "float32")

        model._scores_at = compiled(scores_at, model)
    return model._scores_at


def _check(model: Any, length: int, width: int, length_penalty: float) -> None:
    for name, value, holds, instead in (
        ("model", type(model).__name__, hasattr(model, "encoder"), "Give an EncoderDecoder."),
        ("width", width, width >= 1, "Take 4, or 1 for greedy."),
        ("length", length, length >= 1, "Take the longest target that you expect."),
        ("length_penalty", length_penalty, length_penalty >= 0, "Take 0 for none."),
    ):
        if not holds:
            raise InputError(f"beam_search: {name} does not fit; got {name}={value}. {instead}")
    if length > model.context:
        raise InputError(
            f"beam_search: length must be within the model's context; got length={length}, context={model.context}. "
            f"Take {model.context}."
        )
