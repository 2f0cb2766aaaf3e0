"""What a training run needs to go on exactly where it stopped, in one file; and its early end."""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from greenlm_edu.errors import CheckpointError, InputError

__all__ = ["Checkpoint"]

FORMAT = 1


class Checkpoint(keras.callbacks.Callback):
    """Notes each whole epoch's losses, keeps the best weights, ends a run that improves no more, saves and resumes.

    Saved are weights, dropout seeds and the optimizer's memory, the losses so far and the best weights. Batches follow
    from the number of the step, so the losses of a run that was resumed are those of an unbroken one. An epoch that was
    cut short is not saved: it is run again.

    Args:
        path: the file, or None to keep everything in memory alone.
        run: what the run is (options of the model, text, batch …); a file of another run is refused.
        patience: epochs without a better validation loss before the run ends; None for no early end.
        steps_per_epoch: steps of a whole epoch.

    Attributes:
        history: {"loss": […], "val_loss": […]}, a figure an epoch.
        best_epoch: the epoch with the lowest val_loss, counted from 1; 0 where nothing is validated.
        ended_early: whether patience ran out.
    """

    # Lets Keras, on JAX and PyTorch, go on with the next step without waiting for this one's losses.
    async_safe = True

    def __init__(
        self, path: str | Path | None, run: dict[str, Any], patience: int | None, steps_per_epoch: int
    ) -> None:
        super().__init__()
        self.path = None if path is None else Path(path)
        self.run, self.patience, self.steps_per_epoch = run, patience, steps_per_epoch
        self.history: dict[str, list[float]] = {}
        self.best_epoch = 0
        self.ended_early = False
        self._best: list[np.ndarray] = []
        self._random: list[np.ndarray] = []
        self._steps = 0

    @property
    def epochs(self) -> int:
        """Whole epochs so far."""
        return len(self.history.get("loss", ()))

    def resume(self, model: Any) -> None:
        """Give a compiled model the state that the file holds; do nothing where there is no file.

        Raises:
            CheckpointError: the file is damaged, or belongs to another run; the message says what differs.
        """
        if self.path is None or not self.path.exists():
            return
        told, arrays = _read(self.path)
        for name, saved, now in _differences(told["run"], self.run):
            raise CheckpointError(
                f"train: {self.path} must be a checkpoint of this very run; got one with {name}={saved!r}, and this "
                f"run has {name}={now!r}. Go on with what it was begun with, or name another file (or delete this "
                "one) to begin anew."
            )
        model.optimizer.build(model.trainable_variables)
        for variable, value in zip(_variables(model), arrays["state"], strict=True):
            variable.assign(value)
        self.history, self.best_epoch, self.ended_early = told["history"], told["best_epoch"], told["ended_early"]
        self._best, self._random = arrays["best"], arrays["random"]

    def restore_best(self, model: Any) -> None:
        """Give the model its best weights, where they were asked for by a patience."""
        if self.patience is not None and self._best:
            model.set_weights(self._best)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps = 0

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        while self._random:  # not earlier: what makes ready for the epoch draws from them too
            _torch().set_rng_state(_torch().from_numpy(self._random.pop()))

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps = max(self._steps, batch + 1)  # calls may come out of order, as they may come from threads

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._steps < self.steps_per_epoch:
            return  # a callback has ended it early
        logs = logs or {}
        if not math.isfinite(logs.get("loss", 0.0)):
            kept = "" if self.path is None or not self.epochs else f" {self.path} has the state of epoch {self.epochs}."
            raise InputError(
                f"train: the loss must be a finite number; got {logs['loss']} in epoch {epoch + 1}. More steps would "
                f"be joules for nothing: take a lower learning rate, or clip the gradients.{kept}"
            )
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        losses = self.history.get("val_loss", [])
        if losses and self.patience is not None:
            if losses[-1] <= min((loss for loss in losses if not math.isnan(loss)), default=math.nan):
                self.best_epoch, self._best = len(losses), self.model.get_weights()
            self.ended_early = len(losses) - self.best_epoch >= self.patience
            if self.ended_early:
                self.model.stop_training = True
        if self.path is not None:
            self._write(self.path)

    def _write(self, path: Path) -> None:
        """The whole file or none: a run may be killed at any moment."""
        told = {
            "format": FORMAT,
            "run": self.run,
            "history": self.history,
            "best_epoch": self.best_epoch,
            "ended_early": self.ended_early,
        }
        groups = {"state": [_numpy(variable) for variable in _variables(self.model)], "best": self._best}
        groups["random"] = [_torch().get_rng_state().numpy()] if keras.backend.backend() == "torch" else []
        arrays = {f"{group}/{number:04}": array for group, own in groups.items() for number, array in enumerate(own)}
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
        with unfinished.open("wb") as file:
            np.savez(file, told=np.array(json.dumps(told)), **arrays)  # type: ignore[arg-type]
        unfinished.replace(path)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, list[np.ndarray]]]:
    """What `_write` wrote."""
    try:
        with np.load(path, allow_pickle=False) as file:
            told = json.loads(str(file["told"]))
            groups: dict[str, list[np.ndarray]] = {"state": [], "best": [], "random": []}
            for name in sorted(set(file.files) - {"told"}):
                groups[name.partition("/")[0]].append(file[name])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as err:
        raise CheckpointError(
            f"train: {path} must be a whole checkpoint of lm.train; got {type(err).__name__}: {err}. The file is "
            "damaged or another kind: delete it to begin anew, or name another one."
        ) from err
    if told.get("format") != FORMAT:
        raise CheckpointError(
            f"train: {path} must be a checkpoint of format {FORMAT}; got format {told.get('format')}. Begin anew with "
            "another file, or take the version of greenlm_edu that wrote it."
        )
    return told, groups


def _variables(model: Any) -> list[Any]:
    """All that a step changes: weights, seeds of dropout, the optimizer's memory."""
    return [*model.trainable_variables, *model.non_trainable_variables, *model.optimizer.variables]


def _numpy(variable: Any) -> np.ndarray:
    values = np.asarray(ops.convert_to_numpy(variable.value))
    return values if values.dtype.kind in "fiub" else values.astype(np.float32)  # bfloat16 is no kind of NumPy's own


def _torch() -> Any:
    """PyTorch, where Keras' dropout draws from the engine's own random numbers and from no seed of its own."""
    import torch

    return torch


def _differences(one: Any, other: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each entry that two nested dictionaries do not share: its name, such as optimizer.beta_1, and both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _differences(one.get(key), other.get(key), f"{name}.{key}" if name else key)
    elif one != other:
        yield name, one, other
