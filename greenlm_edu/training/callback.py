"""Joules an epoch, a step and a token of a Keras `fit`, its progress while it runs, and its end at a budget."""

from __future__ import annotations

import math
import threading
import time
from typing import Any

import keras

from greenlm_edu import metering
from greenlm_edu.errors import InputError
from greenlm_edu.metering import Budget, Mark, Measurement
from greenlm_edu.training.budget import BestWeights, BudgetGuard

__all__ = ["EnergyCallback"]


class EnergyCallback(keras.callbacks.Callback):
    """Reports each epoch, with its losses and joules, to the measurement that runs around `fit`.

    In a metered cell the card shows what is reported beside the power curve. Without one, the callback measures `fit`
    by itself and keeps the result in `measurement`.

    A few times a second it also reports progress and loss, and looks at the budgets: its own and those of every
    measurement around it. Where one is used up, `fit` ends after that step: Keras validates and ends the epoch as it
    always does (that costs something too), and the model gets the weights of the best epoch end so far, by val_loss or
    else by loss; where no epoch has ended, it keeps the weights that it has. Optimizer state is not turned back.

    Args:
        tokens_per_step: tokens that the model is trained on in one step (batch × time), for joules a token; found
            from the model's input, if that is token ids, where left out.
        region, pue: for the footprint, where no measurement runs around `fit`; as in `measure`.
        budget: how much may be used, such as "500 J", "2 Wh" or "5 gCO2e", counted from the start of the measurement:
            of the cell, where there is one around `fit`.

    Attributes:
        measurement: where the epochs are reported to.
        history: {"energy_j": […], "energy_j_per_step": […], "energy_j_per_token": […]}, a figure an epoch; None where
            nothing is known.
        report_period_s: how far reports and looks at the budget lie apart at least. They cost about half a millisecond
            together; all other steps pay for a look at the clock only.
    Raises:
        InputError: tokens_per_step is below 1, or the budget is none.
    Warns:
        BudgetWarning: the budget is near (80 %) or used up, and no measurement runs around `fit` that could show it.

    >>> model = keras.Sequential([keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> energy = EnergyCallback(budget="5 kJ")
    >>> _ = model.fit(keras.ops.ones((8, 2)), keras.ops.ones((8, 1)), epochs=3, verbose=0, callbacks=[energy])
    >>> len(energy.history["energy_j"]), energy.measurement.status
    (3, 'finished')
    """

    # Lets Keras, on JAX and PyTorch, go on with the next step without waiting for this one's losses; it then calls
    # `on_train_batch_end` in threads of its own.
    async_safe = True
    report_period_s = 0.2

    def __init__(
        self,
        tokens_per_step: int | None = None,
        *,
        region: str | None = None,
        pue: float = 1.0,
        budget: str | Budget | None = None,
    ) -> None:
        super().__init__()
        if tokens_per_step is not None and tokens_per_step < 1:
            raise InputError(f"EnergyCallback: tokens_per_step must be 1 or more; got {tokens_per_step}.")
        self.tokens_per_step = tokens_per_step
        self.measurement: Measurement | None = None
        self.history: dict[str, list[float | None]] = {}
        self._region, self._pue = region, pue
        self._budget = None if budget is None else Budget.parse(budget)
        self._owns_measurement = False
        self._last: Mark | None = None
        self._epoch = self._first_epoch = self._steps = 0
        self._epochs: int | None = None
        self._steps_an_epoch: int | None = None
        self._next_report_s = math.inf
        self._reporting = threading.Lock()
        self._guard: BudgetGuard | None = None
        self._best: BestWeights | None = None
        self._stopped = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        around = metering.running()
        self._owns_measurement = around is None
        if around is None:
            self.measurement = metering.start("fit", region=self._region, pue=self._pue, budget=self._budget)
        else:
            self.measurement = around
            _keep_all_around(around)
        params = self.params or {}
        self._epochs, self._steps_an_epoch = params.get("epochs"), params.get("steps")
        self._first_epoch = -1
        self._guard = BudgetGuard(self.measurement, self._budget, aloud=self._owns_measurement)
        self._best, self._stopped = BestWeights() if self._guard else None, False
        self.history = {"energy_j": [], "energy_j_per_step": [], "energy_j_per_token": []}
        self._last = metering.mark(self.measurement, "train_begin", epochs=self._epochs)
        self._next_report_s = 0.0  # the first step is reported at once: the pace of the rest is counted from there

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch, self._steps = epoch, 0
        if self._first_epoch < 0:
            self._first_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if batch >= self._steps:  # threads may come out of order
            self._steps = batch + 1  # with steps_per_execution, Keras tells only of the last step of each execution
        if time.monotonic() < self._next_report_s or not self._reporting.acquire(blocking=False):
            return
        try:
            self._next_report_s = time.monotonic() + self.report_period_s
            self._report_step(logs or {})
        finally:
            self._reporting.release()

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
        self._report_epoch(epoch, losses)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._next_report_s = math.inf
        if self._stopped and self._guard is not None and self._best is not None:
            where = f"after step {self._steps} of epoch {self._epoch + 1}"
            self._guard.tell_stop(where, self._best.restore(self.model, self._epoch + 1))
        self._best = None  # a second set of weights is heavy
        if self._owns_measurement and self.measurement is not None:
            metering.finish(self.measurement)

    def _report_step(self, logs: dict[str, Any]) -> None:
        """Progress, loss and a look at the budgets; not more often than every `report_period_s`."""
        measurement = self.measurement
        if measurement is None:
            return
        share = self._share_done(self._epoch, self._steps)
        metering.report_progress(measurement, self._epoch + 1, self._epochs, share)
        if _is_number(logs.get("loss")):
            metering.report_value(measurement, "loss", float(logs["loss"]))
        self._stop_at_budget(share)

    def _report_epoch(self, epoch: int, losses: dict[str, float]) -> None:
        if self.measurement is None:
            return
        if not self._stopped:
            self._steps_an_epoch = self._steps_an_epoch or self._steps or None
            share = self._share_done(epoch + 1, 0)
            metering.report_progress(self.measurement, epoch + 1, self._epochs, share)
        for key in ("loss", "val_loss"):
            if key in losses:
                metering.report_value(self.measurement, key, losses[key])
        if self._best is not None:
            self._best.take(self.model, epoch + 1, losses, whole=not self._stopped)
        # Epochs of a few steps may all fall between two reports, so here too the clock decides.
        if time.monotonic() >= self._next_report_s:
            self._next_report_s = time.monotonic() + self.report_period_s
            self._stop_at_budget(self._share_done(epoch + 1, 0))

    def _share_done(self, epochs: int, steps: int) -> float | None:
        """The share of the planned epochs that is done; None where their number or length is not known (yet)."""
        planned = (self._epochs or 0) - self._first_epoch
        if planned <= 0 or (steps and not self._steps_an_epoch):
            return None
        part = min(1.0, steps / self._steps_an_epoch) if self._steps_an_epoch else 0.0
        return min(1.0, (epochs - self._first_epoch + part) / planned)

    def _stop_at_budget(self, share: float | None) -> None:
        """Ends `fit` after this step where a budget is used up, unless this was its last step anyhow."""
        if not self._guard or self._stopped or not self._guard.reached() or share == 1:
            return
        self._stopped = True
        self._guard.mark_stop(self._epoch + 1, self._steps)
        # Not `self.model`, which on JAX gathers all weights first.
        self._model.stop_training = True


def _keep_all_around(measurement: Measurement) -> None:
    """A cell that trains is worth its card, and so is a block in it that trains."""
    outer: Measurement | None = measurement
    while outer is not None:
        if outer.provisional:
            metering.keep(outer)
        outer = outer.around


def _share(energy_j: float | None, count: int | None) -> float | None:
    return None if energy_j is None or not count else energy_j / count


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False
