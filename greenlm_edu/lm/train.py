"""Training a language model on a text: the whole recipe in one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.check_options import check_choice
from greenlm_edu.lm.checkpoint import Checkpoint
from greenlm_edu.lm.fast_fit import fast_fit
from greenlm_edu.lm.progress_lines import ProgressLines
from greenlm_edu.lm.windows import every_window, random_windows

__all__ = ["TrainingHistory", "train", "training_optimizer"]


@dataclass(frozen=True)
class TrainingHistory:
    """What a training run did.

    loss, val_loss: nats a token, for each epoch; val_loss is empty where nothing was validated. The loss of an epoch
        is the mean over its steps while the model still changed, so it lags behind.
    best_epoch: the epoch, counted from 1, whose weights the model has now; the last one where no patience was given.
    ended_early: whether the validation loss had improved no more for `patience` epochs.
    """

    loss: tuple[float, ...]
    val_loss: tuple[float, ...]
    best_epoch: int
    ended_early: bool


def train(
    model: Any,
    ids: np.ndarray | Sequence[int],
    epochs: int = 10,
    steps_per_epoch: int = 96,
    batch: int = 16,
    *,
    optimizer: Any = None,
    seed: int = 0,
    starts: np.ndarray | None = None,
    validation: np.ndarray | Sequence[int] | None = None,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    loop: str = "fit",
    callbacks: Sequence[Any] = (),
    progress: bool = True,
) -> TrainingHistory:
    """Train a model to predict the next token, on windows from random places of a text.

    loop="fit" is Keras' own `fit`, set up for speed: the step is compiled, many steps run in one call, and batches are
    gathered from one array. loop="fast" takes the same steps on the same windows in a loop of its own, which is faster
    still; without dropout the losses are the same but for rounding.

    Args:
        model: turns ids (batch, time) into logits (batch, time, vocab), causally; has `context` and `vocab_size`.
        ids: token ids of the training text, (time,).
        epochs: how often losses are noted, validated and saved.
        steps_per_epoch: batches in an epoch. Multiples of 32 are the fastest.
        batch: windows in a batch.
        optimizer: a Keras optimizer; None for `training_optimizer` with as many steps.
        seed: another seed takes windows from other places. (The model's first weights come from
            `keras.utils.set_random_seed`, before it is made.)
        starts: places where a window may begin; None for anywhere.
        validation: token ids of a text that is not trained on, (time,). Its whole windows are evaluated after each
            epoch, in batches of one size; up to a batch of them at its end may be left out. `evaluate` counts all.
        patience: end the run when the validation loss has not improved for so many epochs, and take the weights of
            the best one; None for neither.
        checkpoint: a file that each epoch is saved to. Where it is there already, the run goes on from it, with the
            losses that it would have had without the break.
        loop: "fit", on every engine; or "fast", on TensorFlow and JAX.
        callbacks: Keras callbacks, such as EnergyCallback.
        progress: whether a line is printed for each epoch.
    Raises:
        InputError: a number below 1, patience without validation, another loop, fast on PyTorch; or the loss became
            NaN or infinite, after the epoch in which it did.
        EmptyCorpus: a text with no whole window.
        VocabularyError: an id that the model has no vector for.
        CheckpointError: the file is damaged, or belongs to a run with other options.

    >>> from greenlm_edu.lm import Transformer
    >>> model = Transformer(vocab_size=3, context=4, width=8, num_layers=1, num_heads=1)
    >>> history = train(model, np.arange(60) % 3, epochs=3, steps_per_epoch=32, loop="fast", progress=False)
    >>> history.loss[0] > history.loss[1] > history.loss[2]
    True

    Lesson: notebooks/09, notebooks/13.
    """
    check_choice("train", "loop", loop, ("fit", "fast"))
    for name, value in {
        "epochs": epochs,
        "steps_per_epoch": steps_per_epoch,
        "patience": 1 if patience is None else patience,
    }.items():
        if value < 1:
            raise InputError(f"train: {name} must be 1 or more; got {name}={value}. Take at least one.")
    if patience is not None and validation is None:
        raise InputError(
            f"train: patience needs a validation text to judge by; got patience={patience}, validation=None. Give "
            "token ids that are not trained on, or leave patience out."
        )
    ids = _checked("train", ids, model)
    windows = random_windows(ids, model.context, batch, seed, starts)  # looks at the rest of the arguments
    validation_data = (
        None if validation is None else _whole_windows(_checked("train, validation", validation, model), model)
    )
    optimizer = training_optimizer(epochs * steps_per_epoch) if optimizer is None else optimizer
    if not model.built:
        model(keras.ops.zeros((1, model.context), "int32"))
    on_torch = keras.backend.backend() == "torch"
    model.compile(
        optimizer,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=not on_torch,  # torch.compile would take longer than a lesson's run
        steps_per_execution=1 if on_torch else max(n for n in range(1, 33) if steps_per_epoch % n == 0),
    )
    run = _description(model, ids, batch, seed, starts, steps_per_epoch, patience)
    state = Checkpoint(checkpoint, run, patience, steps_per_epoch)
    state.resume(model)
    done = state.epochs
    if done < epochs and not state.ended_early:
        lines = [ProgressLines(batch * model.context)] if progress else []
        options: dict[str, Any] = {
            "epochs": epochs,
            "steps_per_epoch": steps_per_epoch,
            "validation_data": validation_data,
            "callbacks": [*callbacks, state, *lines],
            "initial_epoch": done,
        }
        if loop == "fast":
            fast_fit(model, ids, batch, seed=seed, starts=starts, **options)
        else:
            if done:
                windows = random_windows(ids, model.context, batch, seed, starts, first=done * steps_per_epoch)
            model.fit(windows, shuffle=False, verbose=0, **options)
    state.restore_best(model)
    return TrainingHistory(
        loss=tuple(state.history.get("loss", ())),
        val_loss=tuple(state.history.get("val_loss", ())),
        best_epoch=state.best_epoch or state.epochs,
        ended_early=state.ended_early,
    )


def training_optimizer(steps: int, learning_rate: float = 4e-3) -> keras.optimizers.Optimizer:
    """AdamW as small language models like it: short warm-up, cosine decline, clipped gradients.

    Args:
        steps: of the whole run.
        learning_rate: the highest, reached after a twelfth of the steps.
    Source: Loshchilov and Hutter 2019 (AdamW); Loshchilov and Hutter 2017 (cosine); Pascanu et al. 2013 (clipping).
    Lesson: notebooks/09.
    """
    warm_up = max(1, steps // 12)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm_up), alpha=0.05, warmup_target=learning_rate, warmup_steps=warm_up
    )
    return keras.optimizers.AdamW(schedule, beta_2=0.99, weight_decay=0.1, global_clipnorm=1.0)


def _checked(where: str, ids: Any, model: Any) -> np.ndarray:
    checked: np.ndarray = np.asarray(ids)
    check_ids(where, checked, model.vocab_size)
    return checked.astype(np.int32)


def _whole_windows(ids: np.ndarray, model: Any, most: int = 64) -> Any:
    """The whole windows of a text in batches of one size, so that Keras' mean over batches is that over tokens."""
    count = max(1, (len(ids) - 1) // model.context)
    # Of all sizes from half of `most` on, the one that leaves the fewest windows over.
    batch = min(range(min(count, most), min(count, most // 2) - 1, -1), key=lambda size: count % size)
    return every_window(ids[: (count - count % batch) * model.context + 1], model.context, batch)


def _description(
    model: Any, ids: np.ndarray, batch: int, seed: int, starts: np.ndarray | None, steps_per_epoch: int, patience: Any
) -> dict[str, Any]:
    """All that decides what a run does, but for the number of epochs: more of them may be asked for later."""
    described: dict[str, Any] = {
        "model": {"kind": type(model).__name__, **_without_names(model.get_config())},
        "optimizer": {"kind": type(model.optimizer).__name__, **_without_names(model.optimizer.get_config())},
        "text": hashlib.sha256(ids.tobytes()).hexdigest()[:16],
        "starts": None if starts is None else hashlib.sha256(np.asarray(starts, np.int64).tobytes()).hexdigest()[:16],
        "batch": batch,
        "seed": seed,
        "steps_per_epoch": steps_per_epoch,
        "patience": patience,
    }
    return json.loads(json.dumps(described, default=str))  # type: ignore[no-any-return]


def _without_names(config: Any) -> Any:
    """A configuration without the names that Keras counts up: `dense_3` is the next process's `dense`."""
    if isinstance(config, dict):
        return {key: _without_names(value) for key, value in config.items() if key != "name"}
    return [_without_names(value) for value in config] if isinstance(config, list | tuple) else config
