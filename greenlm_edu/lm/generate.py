"""New text from a model, one token at a time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from greenlm_edu.errors import InputError
from greenlm_edu.lm.check_generate import check_numbers, check_scores, checked_prompt, checked_source
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.decoding import SHORT, Choice, Decoding, as_numpy, choose

__all__ = ["generate"]


def generate(
    model: Any,
    ids: np.ndarray | Sequence[int],
    length: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int | None = None,
    *,
    top_p: float | None = None,
    repetition_penalty: float = 1.0,
    stop: int | Sequence[int] = (),
    stream: Callable[[np.ndarray], Any] | None = None,
    slide: int = 1,
    source: Any = None,
) -> np.ndarray:
    """Continue a prompt.

    Keys and values of earlier tokens are kept (the cache), and a compiled loop adds token after token. When the
    context is full, the window slides: positions shift, so what was kept is of no more use and the window is read
    again. With slide=1 every token sees the last `context` tokens, at the price of reading all of them for each;
    with slide=context // 2 that is paid once in so many tokens, and a token sees at least half a context.

    Args:
        model: a Transformer or an EncoderDecoder; or any model with `context`, `vocab_size` and `predict_on_batch`
            that turns ids (batch, time) into logits (batch, time, vocab), one full pass a token.
        ids: the prompt, (time,), or several of one length, (batch, time); the last `context` tokens count.
        length: how many tokens to add, 0 or more.
        temperature: 1 draws from the model's own distribution, less sharpens it, 0 always takes the likeliest token.
        top_k: draw from the k likeliest tokens only; None for all.
        seed: the same seed gives the same text; None draws a new one each time.
        top_p: draw from the fewest likeliest tokens that have this much probability between them; None for all.
        repetition_penalty: above 1 makes tokens that were already there less likely.
        stop: one or more ids that end a text; a row that has ended is filled with the first of them.
        stream: called with the new token of each row, (batch,), as soon as it is there.
        slide: by how many places the window moves on when the context is full, 1 … context.
        source: for an EncoderDecoder: what to read, ids (source,) or (batch, source).
    Returns:
        int32, (time + length,) or (batch, time + length): the prompt and what was added; less where all rows ended.
    Raises:
        InputError: an empty prompt, or a number that cannot be; the message names it.
        VocabularyError: an id of the prompt is not in 0 … vocab − 1.
        CheckpointError: the model's scores are NaN or infinite.
    Source: see token_probabilities.   Lesson: notebooks/09, notebooks/10.
    """
    prompt = checked_prompt(ids)
    check_ids("generate", prompt, model.vocab_size)
    stops = np.atleast_1d(np.asarray(stop, np.int32)) if np.size(stop) else None
    check_numbers(model, length, temperature, top_k, top_p, repetition_penalty, slide)
    if stops is not None:
        check_ids("generate, stop", stops, model.vocab_size)
    choice = Choice(
        temperature=None if temperature == 0 else _float(max(temperature, 1e-30)),
        top_k=None if top_k is None else ops.convert_to_tensor(min(top_k, model.vocab_size), "int32"),
        top_p=None if top_p is None else _float(top_p),
        penalty=None if repetition_penalty == 1 else _float(repetition_penalty),
        stop=None if stops is None else ops.convert_to_tensor(stops),
    )
    uniform = np.random.default_rng(seed).random((length, len(prompt)), np.float32).T  # (batch, length)
    run = _with_cache if hasattr(model, "decoder") else _window_by_window
    tokens = run(model, prompt, uniform, choice, stream, slide, source)  # (batch, time + length)
    return tokens[0] if np.ndim(ids) == 1 else tokens


def _with_cache(
    model: Any, prompt: np.ndarray, uniform: np.ndarray, choice: Choice, stream: Any, slide: int, source: Any
) -> np.ndarray:
    reads = hasattr(model, "encoder")
    if reads is (source is None):
        needed, given = ("a source", "none") if reads else ("no source", "one")
        raise InputError(
            f"generate: {type(model).__name__} takes {needed}; got {given}. Only an EncoderDecoder reads a source "
            "beside the prompt."
        )
    decoding = Decoding.of(model)
    memory = [part for part in model.read(checked_source(source, prompt)) if part is not None] if reads else []
    tokens, added, length, seen_next = prompt, 0, uniform.shape[1], model.context
    seen, done = _start(model, prompt)
    empty_cache = functools.cache(model.decoder.start_cache)
    cache: Any = None
    while added < length and not as_numpy(done).all():
        if cache is None:  # at first, and each time the window has slid
            window = tokens[:, -seen_next:]
            start = place = window.shape[1]
            room = decoding.length_for(min(place + length - added, model.context))
            cache = empty_cache(len(prompt), room)
            if place < model.context:
                written = _filled(window, room)
                numbers = _filled(uniform[:, added : added + room - place], room, place)
            if place <= SHORT and place < model.context:
                start, logits = 0, ops.zeros((len(prompt), model.vocab_size), "float32")  # the loop below reads it
            else:
                ids = _filled(window, decoding.length_for(place))
                logits, cache = decoding.read(ids, ops.convert_to_tensor(place, "int32"), cache, memory)
                check_scores(logits)
        if place < model.context:
            end = place + 1 if stream else min(room, place + length - added)
            places = ops.convert_to_tensor([start, place, end], "int32")
            place_now, written, logits, cache, seen, done = decoding.write(
                choice, places, written, logits, cache, seen, done, numbers, memory
            )
            check_scores(logits)
            new = as_numpy(written)[:, place : int(place_now)]
            start = place = int(place_now)
        else:  # full: the scores for one more token are there, but no room to write it into
            number = ops.convert_to_tensor(uniform[:, added])
            token, seen, done = decoding.choose(choice, logits, number, seen, done)
            new = as_numpy(token)[:, np.newaxis]  # (batch, 1)
            cache, seen_next = None, model.context - slide + 1
        tokens = np.concatenate([tokens, new], axis=1)
        added += new.shape[1]
        if stream:
            stream(new[:, 0])
    return tokens


def _window_by_window(
    model: Any, prompt: np.ndarray, uniform: np.ndarray, choice: Choice, stream: Any, slide: int, source: Any
) -> np.ndarray:
    """For models without a cache. The window always has the same shape, filled up on the right, where nobody looks."""
    if source is not None:
        raise InputError(
            "generate: source is for an EncoderDecoder; got a model that reads one sequence. Leave it out."
        )
    tokens = prompt
    seen, done = _start(model, prompt)
    for number in uniform.T:
        if as_numpy(done).all():
            break
        window = tokens[:, -model.context :]
        filled = as_numpy(_filled(window, model.context))
        scores = as_numpy(model.predict_on_batch(filled))  # (batch, context, vocab)
        logits = ops.convert_to_tensor(scores[:, window.shape[1] - 1])
        check_scores(logits)
        token, seen, done = choose(choice, logits, ops.convert_to_tensor(number), seen, done)
        tokens = np.concatenate([tokens, as_numpy(token)[:, np.newaxis]], axis=1)
        if stream:
            stream(tokens[:, -1])
    return tokens


def _filled(values: np.ndarray, length: int, start: int = 0) -> Any:
    """Values (batch, time) with zeros before `start` and behind them: a tensor (batch, length)."""
    return ops.convert_to_tensor(np.pad(values, ((0, 0), (start, length - start - values.shape[1]))))


def _start(model: Any, prompt: np.ndarray) -> tuple[Any, Any]:
    """Which tokens each row holds, (batch, vocab), and which rows have ended, (batch,)."""
    seen = np.zeros((len(prompt), model.vocab_size), bool)
    np.put_along_axis(seen, prompt, True, axis=1)
    return ops.convert_to_tensor(seen), ops.zeros(len(prompt), "bool")


def _float(number: float) -> Any:
    return ops.convert_to_tensor(number, "float32")
