"""Joules an epoch, a step and a token of a Keras `fit`."""

from __future__ import annotations

import math
from typing import Any

import keras

from greenlm_edu import metering
from greenlm_edu.errors import InputError
from greenlm_edu.metering import Mark, Measurement

__all__ = ["EnergyCallback"]


class EnergyCallback(keras.callbacks.Callback):
    """Reports each epoch, with its losses and joules, to the measurement that runs around `fit`.

    In a metered cell the card shows what is reported beside the power curve. Without one, the callback measures `fit`
    by itself and keeps the result in `measurement`.

    Args:
        tokens_per_step: tokens that the model is trained on in one step (batch × time), for joules a token; found
            from the model's input, if that is token ids, where left out.
        region, pue: for the footprint, where no measurement runs around `fit`; as in `measure`.

    Attributes:
        measurement: where the epochs are reported to.
        history: {"energy_j": […], "energy_j_per_step": […], "energy_j_per_token": […]}, a figure an epoch; None where
            nothing is known.

    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> energy = EnergyCallback()
    >>> _ = model.fit(keras.ops.ones((8, 2)), keras.ops.ones((8, 1)), epochs=3, verbose=0, callbacks=[energy])
    >>> len(energy.history["energy_j"]), energy.measurement.status
    (3, 'finished')
    """

    def __init__(self, tokens_per_step: int | None = None, *, region: str | None = None, pue: float = 1.0) -> None:
        super().__init__()
        if tokens_per_step is not None and tokens_per_step < 1:
            raise InputError(f"EnergyCallback: tokens_per_step must be 1 or more; got {tokens_per_step}.")
        self.tokens_per_step = tokens_per_step
        self.measurement: Measurement | None = None
        self.history: dict[str, list[float | None]] = {}
        self._region, self._pue = region, pue
        self._owns_measurement = False
        self._last: Mark | None = None
        self._steps = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        around = metering.running()
        self._owns_measurement = around is None
        self.measurement = around or metering.start("fit", region=self._region, pue=self._pue)
        self.history = {"energy_j": [], "energy_j_per_step": [], "energy_j_per_token": []}
        self._last = metering.mark(self.measurement, "train_begin", epochs=(self.params or {}).get("epochs"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps = batch + 1  # with steps_per_execution, Keras tells only of the last step of each execution

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.measurement is None:
            return
        tokens = self._steps * self.tokens_per_step if self.tokens_per_step else None
        losses = {key: float(value) for key, value in (logs or {}).items() if _is_number(value)}
        mark = metering.mark(self.measurement, "epoch", epoch=epoch + 1, steps=self._steps, tokens=tokens, **losses)
        before = self._last.energy_j if self._last else None
        used_j = None if mark.energy_j is None or before is None else mark.energy_j - before
        if used_j is not None and used_j <= 0:
            used_j = None  # an epoch below the sources' resolution is not known, and not free
        self.history["energy_j"].append(used_j)
        self.history["energy_j_per_step"].append(_share(used_j, self._steps))
        self.history["energy_j_per_token"].append(_share(used_j, tokens))
        self._last = mark

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._owns_measurement and self.measurement is not None:
            metering.finish(self.measurement)


def _share(energy_j: float | None, count: int | None) -> float | None:
    return None if energy_j is None or not count else energy_j / count


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False
