"""The compiled half of generation: reading a prompt, and writing token after token in one loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from greenlm_edu.lm.compiled import compiled
from greenlm_edu.lm.draw import draw
from greenlm_edu.lm.token_probabilities import penalise, token_probabilities

__all__ = ["SHORT", "Choice", "Decoding", "choose"]

# A prompt of so many tokens is read by the loop about as fast as at once, and needs no compilation of its own.
SHORT = 16


class Choice(NamedTuple):
    """How the next token is chosen. None leaves a step out; the numbers may change without a new compilation."""

    temperature: Any  # None: the likeliest token
    top_k: Any
    top_p: Any
    penalty: Any
    stop: Any  # ids, (number of stop tokens,)


def choose(choice: Choice, logits: Any, uniform: Any, seen: Any, done: Any) -> tuple[Any, Any, Any]:
    """The next token of each row, and what is seen and done with it.

    Args:
        choice: how to choose.
        logits: (batch, vocab).
        uniform: in 0 ≤ u < 1, (batch,).
        seen: booleans, (batch, vocab), for the repetition penalty.
        done: booleans, (batch,): rows that have had a stop token get the first stop token again.
    Returns:
        int32 (batch,); seen; done.
    """
    if choice.penalty is not None:
        logits = penalise(logits, seen, choice.penalty)
    if choice.temperature is None:
        token = ops.cast(ops.argmax(logits, axis=-1), "int32")
    else:
        token = draw(token_probabilities(logits, choice.temperature, choice.top_k, choice.top_p), uniform)
    if choice.stop is not None:
        token = ops.where(done, choice.stop[0], token)
        done = ops.logical_or(done, ops.any(ops.expand_dims(token, 1) == choice.stop, axis=1))
    if choice.penalty is not None:
        seen = ops.logical_or(seen, ops.one_hot(token, ops.shape(logits)[1], dtype="bool"))
    return token, seen, done


class Decoding:
    """Compiled functions of one model, kept with it: the first text takes a second or two to compile, others do not.

    A cache has one of a few lengths (16, 32, 48 … places, or quarters of the context), the shortest that holds the text
    to come: shapes that the compiler knows, few to compile. One loop writes the whole text, and reads a short prompt
    too; a long one is filled up to one of these lengths and read at once.

    Args:
        model: has `decoder`, a Stack, and `scores`, as Transformer and EncoderDecoder do.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        step = max(SHORT, -(-model.context // 4))
        self.lengths: list[int] = [*range(step, model.context, step), model.context]
        self.read = compiled(self._read, model)
        self._compiled: dict[Any, Callable[..., Any]] = {}

    @classmethod
    def of(cls, model: Any) -> Decoding:
        """The model's own Decoding, made when it is first asked for."""
        if getattr(model, "_decoding", None) is None:
            model._decoding = cls(model)
        return model._decoding  # type: ignore[no-any-return]

    def length_for(self, places: int) -> int:
        """The shortest of the lengths that holds so many places."""
        return next(length for length in self.lengths if length >= places)

    def _read(self, ids: Any, count: Any, cache: Any, memory: list[Any]) -> tuple[Any, Any]:
        """A prompt (batch, length), of which the first `count` places are filled: the next logits, and the cache.

        What stands behind them is hidden from them by the causal mask, and overwritten as the text grows.
        """
        x, cache = self.model.decoder(ids, cache=cache, start=0, **named(memory))  # (batch, length, features)
        last = ops.take(x, ops.reshape(count - 1, (1,)), axis=1)  # (batch, 1, features)
        return self._scores(last), cache

    def _scores(self, x: Any) -> Any:
        """The logits, (batch, vocab), of one place, (batch, 1, features), in 32 bits."""
        return ops.cast(self.model.scores(x)[:, 0], "float32")

    def choose(self, choice: Choice, *state: Any) -> Any:
        """`choose`, compiled; state and result as there."""
        return self._run(choose, "choose", choice, *state)

    def write(self, choice: Choice, *state: Any) -> Any:
        """`_write`, compiled; state and result as there."""
        return self._run(self._write, "write", choice, *state)

    def _run(self, function: Callable[..., Any], name: str, choice: Choice, *state: Any) -> Any:
        """Compiled once for each set of steps that are in use: compiled functions take tensors, and no None."""
        used = tuple(value is not None for value in choice)
        if (name, used) not in self._compiled:

            def with_values(values: list[Any], *state: Any) -> Any:
                given = iter(values)
                return function(Choice(*(next(given) if use else None for use in used)), *state)

            self._compiled[name, used] = compiled(with_values, self.model)
        return self._compiled[name, used]([value for value in choice if value is not None], *state)

    def _write(
        self,
        choice: Choice,
        places: Any,
        tokens: Any,
        logits: Any,
        cache: Any,
        seen: Any,
        done: Any,
        uniform: Any,
        memory: Any,
    ) -> Any:
        """One loop: choose a token or take the prompt's, note it, take one step of the model.

        Args:
            places: (3,): start, given and stop. The loop runs from start to before stop; tokens before `given` are
                there already, and none is chosen.
            tokens: (batch, length).
            logits: of place `start`, (batch, vocab); of no matter where a token is given.
            cache: see Stack; of the same length.
            seen, done: see choose.
            uniform: a random number for each row and place, (batch, length).
            memory: [] or [memory, mask], what an encoder has read. XLA sees that its keys and values are always the
                same, and takes them out of the loop.
        Returns:
            place, tokens, logits, cache, seen, done.
        """
        start, given, stop = ops.unstack(places, 3)

        def goes_on(place: Any, tokens: Any, logits: Any, cache: Any, seen: Any, done: Any) -> Any:
            return ops.logical_and(place < stop, ops.logical_not(ops.all(done)))

        def step(place: Any, tokens: Any, logits: Any, cache: Any, seen: Any, done: Any) -> Any:
            chosen = choose(choice, logits, at(uniform, place), seen, done)
            prompted = (at(tokens, place), seen, done)
            token, seen, done = (ops.where(place < given, *pair) for pair in zip(prompted, chosen, strict=True))
            token = ops.expand_dims(token, 1)  # (batch, 1)
            tokens = ops.slice_update(tokens, [ops.zeros((), "int32"), place], token)
            x, cache = self.model.decoder(token, cache=cache, start=place, **named(memory))  # (batch, 1, features)
            return place + 1, tokens, self._scores(x), cache, seen, done

        return ops.while_loop(goes_on, step, (start, tokens, logits, cache, seen, done))


def at(rows: Any, place: Any) -> Any:
    """One place of each row: (batch, length) to (batch,)."""
    return ops.take(rows, ops.reshape(place, (1,)), axis=1)[:, 0]


def named(memory: list[Any]) -> dict[str, Any]:
    """The encoder's memory as the decoder's arguments."""
    return dict(zip(("memory", "memory_mask"), memory, strict=False))


def as_numpy(x: Any) -> np.ndarray:
    """The values of a tensor."""
    return np.asarray(ops.convert_to_numpy(x))
