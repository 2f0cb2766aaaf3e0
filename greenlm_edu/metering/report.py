"""What is told to a running measurement, by a Keras callback or a learner, and what it shows to those who watch it."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from greenlm_edu.errors import InputError
from greenlm_edu.metering.announcements import tell_guess
from greenlm_edu.metering.curve import Curve
from greenlm_edu.metering.measurement import Mark, Measurement
from greenlm_edu.metering.progress import Progress
from greenlm_edu.metering.runs import Glance, run_of

__all__ = ["follow", "mark", "refresh", "report_progress", "report_value", "set_guess"]


def refresh(measurement: Measurement) -> Measurement:
    """Brings a running measurement's duration and components up to date."""
    run = run_of(measurement)
    if run is not None:
        run.refresh()
    return measurement


def mark(measurement: Measurement, kind: str, **values: Any) -> Mark:
    """Reports that something happened in a running measurement, with the joules used up to now."""
    refresh(measurement)
    energy_j = measurement.energy_j
    mark = Mark(measurement.duration_s, kind, energy_j.best if energy_j else None, values)
    measurement.marks.append(mark)
    return mark


def follow(measurement: Measurement, follower: Callable[[Glance], None]) -> Callable[[], None]:
    """Shows every sample of a running measurement to `follower`, in the sampler's thread; the result stops that."""
    run = run_of(measurement)
    followers = run.followers if run else []
    followers.append(follower)

    def stop() -> None:
        with suppress(ValueError):
            followers.remove(follower)

    return stop


def report_progress(
    measurement: Measurement, epoch: int, epochs: int | None = None, share: float | None = None
) -> None:
    """Tells how far a training run inside a running measurement has come; arguments as in Progress."""
    run = run_of(measurement)
    if run is None:
        return
    t_s = run.now_s()
    before = measurement.progress
    if before is None or (share is not None and before.share is not None and share < before.share):
        energy_j = refresh(measurement).energy_j  # the first report of this `fit`: its pace counts from here
        measurement.progress = Progress(
            t_s, epoch, epochs, share, t_s, share or 0.0, energy_j.best if energy_j else None
        )
    else:
        measurement.progress = replace(before, t_s=t_s, epoch=epoch, epochs=epochs, share=share)


def report_value(measurement: Measurement, name: str, value: float) -> None:
    """Adds a point to one of a running measurement's curves, such as "loss"."""
    run = run_of(measurement)
    if run is not None:
        measurement.curves.setdefault(name, Curve()).add(run.now_s(), value)


def set_guess(measurement: Measurement, energy_j: float) -> None:
    """Keeps what the learner expected, while the measurement runs or after its end.

    Raises:
        InputError: no finite number above 0.
    """
    if not (math.isfinite(energy_j) and energy_j > 0):
        raise InputError(
            f"guess: it must be a number of joules above 0; got {energy_j}. A 10 W lamp takes 600 a minute."
        )
    measurement.guess_j = float(energy_j)
    if measurement.status != "running":
        tell_guess(measurement)
