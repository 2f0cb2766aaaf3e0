"""`fit` for windows of a text, with its steps in one compiled loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from greenlm_edu.lm.fast_steps import fast_steps
from greenlm_edu.lm.windows import random_starts

__all__ = ["fast_fit", "followers"]

# Called with the callbacks of a run that begins, and the model; each gives the callbacks that the run then has. Here
# `greenlm_edu.training.follow_fit` adds its meter. (It reaches Keras' own `fit` by itself.)
followers: list[Callable[[list[Any], Any], list[Any]]] = []

TOGETHER = 32  # steps in one compiled call: so often Python has its turn, to report and to stop


def fast_fit(
    model: Any,
    ids: np.ndarray,
    batch: int,
    *,
    epochs: int,
    steps_per_epoch: int,
    seed: int = 0,
    starts: np.ndarray | None = None,
    validation_data: Any = None,
    callbacks: Sequence[Any] = (),
    initial_epoch: int = 0,
) -> None:
    """Train a compiled model as `model.fit(random_windows(…))` does: the same windows, losses and calls of callbacks.

    Args:
        model: compiled, its input being token ids (batch, time); has a `context`.
        ids: token ids of the text, int32, (time,).
        batch, seed, starts: see random_windows.
        epochs, steps_per_epoch, validation_data, callbacks, initial_epoch: see keras.Model.fit.
    Raises:
        InputError: Keras runs on PyTorch.
    """
    together = min(TOGETHER, steps_per_epoch)
    steps = fast_steps(model, ids, batch)
    first = initial_epoch * steps_per_epoch
    places = random_starts(len(ids), model.context, batch, seed, starts, first).as_numpy_iterator()
    called = list(callbacks)
    for follow in followers:
        called = follow(called, model)
    call = keras.callbacks.CallbackList(called, model=model, epochs=epochs, steps=steps_per_epoch)
    logs: dict[str, float] = {}
    model.stop_training = False
    call.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        call.on_epoch_begin(epoch)
        losses = np.empty(0, np.float32)
        while len(losses) < steps_per_epoch and not model.stop_training:
            call.on_train_batch_begin(len(losses))
            rows = [next(places) for _ in range(min(together, steps_per_epoch - len(losses)))]
            losses = np.concatenate([losses, steps(np.stack(rows))])
            call.on_train_batch_end(len(losses) - 1, {"loss": float(losses.mean())})
        logs = {"loss": float(losses.mean())}
        if validation_data is not None:
            found = model.evaluate(validation_data, verbose=0, return_dict=True)
            logs.update({f"val_{name}": value for name, value in found.items()})
        call.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_variables)
    call.on_train_end(logs)
