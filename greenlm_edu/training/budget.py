"""Ends a Keras `fit` at its budget: which budgets hold, when one is reached, and which weights are kept."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from greenlm_edu import metering
from greenlm_edu.metering import Budget, Measurement

__all__ = ["BestWeights", "BudgetGuard", "BudgetWarning"]

_NOT_THE_LEARNERS: Final = ("greenlm_edu", "keras", "concurrent", "threading")


class BudgetWarning(UserWarning):
    """A training run outside a notebook is near its budget, or has reached it."""


class BudgetGuard:
    """Watches the budgets of one `fit`: its own, and those of every measurement around it.

    All count from the start of the measurement that they are compared with.

    Args:
        measurement: the innermost around `fit`.
        own: the budget that the callback was given, counted in that measurement.
        aloud: warn too, where no card will show the notices.
    """

    def __init__(self, measurement: Measurement, own: Budget | None = None, *, aloud: bool = False) -> None:
        self._watched: list[tuple[Measurement, Budget]] = [(measurement, own)] if own else []
        outer: Measurement | None = measurement
        while outer is not None:
            if outer.budget is not None and (outer, outer.budget) not in self._watched:
                self._watched.append((outer, outer.budget))
            outer = outer.around
        self._aloud = aloud
        self._stopped: list[tuple[Measurement, Budget]] = []

    def __bool__(self) -> bool:
        return bool(self._watched)

    def reached(self) -> bool:
        """Whether one of the budgets is used up now; those near it are told of in the measurements' notices."""
        self._stopped = []
        for measurement, budget in self._watched:
            count = len(measurement.notices)
            share = metering.check_budget(measurement, budget)
            over = share is not None and share >= 1
            if over:
                self._stopped.append((measurement, budget))
            for notice in measurement.notices[count:] if self._aloud else ():
                end = " `fit` ends after this step, with the best weights so far." if over else ""
                warnings.warn(notice + end, BudgetWarning, stacklevel=_learners_level())
        return bool(self._stopped)

    def mark_stop(self, epoch: int, steps: int) -> None:
        """Leaves a mark that `fit` was ended here, in each measurement whose budget is used up."""
        for measurement, budget in self._stopped:
            metering.mark(measurement, metering.BUDGET_STOP, budget=budget.text, epoch=epoch, steps=steps)

    def tell_stop(self, where: str, weights: str) -> None:
        """Says in the notices where `fit` was ended and which weights the model has."""
        for measurement, budget in self._stopped:
            measurement.notices.append(f"budget: `fit` was ended at “{budget.text}”, {where}; {weights}.")


@dataclass
class BestWeights:
    """The weights of the best epoch end so far: by val_loss, or by loss where nothing is validated.

    An epoch that was cut short counts by its val_loss only: its loss is the mean of other steps than a whole epoch's.
    """

    epoch: int = 0
    monitor: str = ""
    value: float = math.inf
    _weights: Any = None

    def take(self, model: Any, epoch: int, logs: Mapping[str, float], *, whole: bool) -> None:
        """Looks at the end of an epoch, counted from 1."""
        monitor = "val_loss" if "val_loss" in logs else "loss"
        value = logs.get(monitor, math.nan)
        if monitor == "loss" and (self.monitor == "val_loss" or not whole):
            return
        better = value < self.value or monitor != self.monitor
        if math.isfinite(value) and better:
            self.epoch, self.monitor, self.value = epoch, monitor, value
            self._weights = model.get_weights()

    def restore(self, model: Any, epoch: int) -> str:
        """Gives the model its best weights back, after `epoch`; says in words which they are."""
        if not self.epoch:
            return "no epoch had ended, so the model has the weights of that step"
        best = f"the best so far by {self.monitor} ({self.value:.4g})"
        if self.epoch == epoch:
            return f"the model has the weights of that step, {best}"
        model.set_weights(self._weights)
        return f"the model has the weights of the end of epoch {self.epoch}, {best}"


def _learners_level() -> int:
    """The `stacklevel`, for a warning in the function that asks, at which the learner's own code stands."""
    frame, level = sys._getframe(1), 1
    while frame.f_globals.get("__name__", "").split(".")[0] in _NOT_THE_LEARNERS:
        if frame.f_back is None:
            return 1
        frame, level = frame.f_back, level + 1
    return level
