"""Tells once when a running measurement comes near its budget, once when it reaches it, and how it ended."""

from __future__ import annotations

import math
import threading
from typing import Final

from greenlm_edu.metering.budget import Budget
from greenlm_edu.metering.measurement import Mark, Measurement
from greenlm_edu.metering.report import refresh
from greenlm_edu.metering.runs import Run, run_of

__all__ = ["BUDGET_STOP", "check_budget", "tell_outcome"]

NEAR: Final = 0.8
# The kind of the mark that whoever stops something at its budget leaves.
BUDGET_STOP: Final = "budget_stop"

_lock = threading.Lock()


def check_budget(measurement: Measurement, budget: Budget | None = None) -> float | None:
    """The share of the budget that a running measurement has used; tells in its notices at 80 % and at 100 %.

    Cheap enough for a few calls a second, from any thread.

    Args:
        budget: the measurement's own if left out.
    Returns:
        1.0 at the limit, by the best figure; None where there is no budget or no energy is known.
    """
    budget = budget or measurement.budget
    if budget is None:
        return None
    share = budget.share(refresh(measurement))
    if (run := run_of(measurement)) is not None:
        _tell_level(run, budget, share)
    return share


def tell_outcome(run: Run) -> None:
    """At the end of a measurement: says so where it went over its budget and nothing stopped it."""
    measurement, budget = run.measurement, run.measurement.budget
    if budget is None:
        return
    share = budget.share(measurement)
    if share is None or share < 1 or any(mark.kind == BUDGET_STOP for mark in measurement.marks):
        _tell_level(run, budget, share)
        return
    notice = (
        f"budget: it ended over “{budget.text}”, and nothing stopped it: the best figure is "
        f"{_figure(measurement, budget)}, {_percent(share)} of it."
    )
    told = run.budget_told.get((budget, "reached"))
    if told is None:
        _tell(run, budget, "reached", notice, share)
    else:  # one line that says how it ended is enough
        measurement.notices[:] = [notice if one == told else one for one in measurement.notices]


def _tell_level(run: Run, budget: Budget, share: float | None) -> None:
    level = "unknown" if share is None else "reached" if share >= 1 else "near" if share >= NEAR else ""
    if not level or (budget, level) in run.budget_told:
        return  # most calls end here, before any words are made
    if share is None:
        notice = f"“{budget.text}” cannot be watched: {_why_unknown(run.measurement)}"
    else:
        used = "is reached" if share >= 1 else "is near"
        notice = (
            f"“{budget.text}” {used}: the best figure is {_figure(run.measurement, budget)}, {_percent(share)} of it."
        )
    _tell(run, budget, level, f"budget: {notice}", share)


def _tell(run: Run, budget: Budget, level: str, notice: str, share: float | None) -> None:
    with _lock:  # the panel watches in another thread than `fit`
        if (budget, level) in run.budget_told:
            return
        run.budget_told[budget, level] = notice
    measurement = run.measurement
    measurement.notices.append(notice)
    if share is not None:
        energy_j = measurement.energy_j
        values = {"budget": budget.text, "share": share}
        measurement.marks.append(Mark(measurement.duration_s, "budget", energy_j.best if energy_j else None, values))


def _percent(share: float) -> str:
    return f"{math.floor(share * 100)} %"  # 99.7 % is not yet 100


def _figure(measurement: Measurement, budget: Budget) -> str:
    """`310 J (modelled; it may be 200 – 470 J)`."""
    used = budget.used(measurement)
    if used is None:
        return "?"
    best, low, high, unit = used.figures(budget.unit)
    of = unit if budget.limit_g is None else f"{unit} CO₂e"
    span = "" if low == high else f"; it may be {low} – {high} {of}"
    return f"{best} {of} ({' + '.join(measurement.bases)}{span})"


def _why_unknown(measurement: Measurement) -> str:
    reasons = "; ".join(f"{part.label}: {part.reason}" for part in measurement.unmeasured if part.reason)
    return f"no joules are known ({reasons or 'there is no source'}). `greenlm doctor` says what mends it."
