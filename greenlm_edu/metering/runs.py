"""The measurements under way, and what each holds on to until it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from greenlm_edu.energy import PowerTrace, Sample
from greenlm_edu.metering.budget import Budget
from greenlm_edu.metering.measurement import Component, Measurement
from greenlm_edu.metering.meter import Meter

__all__ = ["RUNS", "Glance", "Run", "run_of"]

_log = logging.getLogger("greenlm_edu")


@dataclass(frozen=True)
class Glance:
    """What is known of a running measurement at one moment.

    Args:
        t_s: seconds since its start.
        components: what each component has used up to now, the unmeasured ones too.
        steps: by component, the (from s, to s, watts) step that is new since the last sample.
    """

    t_s: float
    components: tuple[Component, ...]
    steps: Mapping[str, tuple[float, float, float]]


@dataclass(eq=False)
class Run:
    """A measurement under way, and what it holds on to until it ends."""

    measurement: Measurement
    meter: Meter
    first: Sample
    trace: PowerTrace
    stop_reading: Callable[[], None]
    stop_listening: Callable[[], None] = lambda: None
    followers: list[Callable[[Glance], None]] = field(default_factory=list)
    # By budget and what was told of it, the notice.
    budget_told: dict[tuple[Budget, str], str] = field(default_factory=dict)
    _latest: Sample | None = None
    _reader: int | None = None  # the thread that brings the samples

    def take(self, sample: Sample) -> None:
        """Draws a sample into the trace and shows it to those who follow, in the sampler's thread."""
        self._latest, self._reader = sample, threading.get_ident()
        steps = self.trace.add(sample)
        if self.followers:
            glance = Glance(sample.t_s - self.first.t_s, self.meter.components(self.first, sample), steps)
            for follower in tuple(self.followers):
                self._show(glance, follower)

    def _show(self, glance: Glance, follower: Callable[[Glance], None]) -> None:
        try:
            follower(glance)
        except Exception as err:  # whatever a watcher does, the reading goes on; the failure is told on the card
            _log.exception("a follower of a running measurement failed")
            self.followers.remove(follower)
            self.measurement.notices.append(f"what is shown while it runs failed: {type(err).__name__}: {err}")

    def now_s(self) -> float:
        """Seconds since the start."""
        return self.meter.sampler.now_s() - self.first.t_s

    def refresh(self) -> None:
        """Brings the measurement up to date; a follower, in the sampler's thread, cannot wait for the next sample."""
        if self._latest is not None and self._reader == threading.get_ident():
            self.update(self._latest)
        else:
            self.update(self.meter.sampler.sample_now())

    def update(self, sample: Sample) -> None:
        """Brings the measurement up to a sample."""
        self.measurement.components = self.meter.components(self.first, sample)
        self.measurement.duration_s = sample.t_s - self.first.t_s

    def end(self) -> None:
        """Takes the last sample; from here on nothing is read for this run."""
        last = self.meter.sampler.sample_now()
        RUNS.remove(self)
        self.stop_listening()
        self.trace.add(last, final=True)
        self.meter.sampler.__exit__()
        self.update(last)
        self.stop_reading()


# Those under way, the innermost last. A kernel runs its cells one after the other, in one thread.
RUNS: Final[list[Run]] = []


def run_of(measurement: Measurement) -> Run | None:
    """The run of a measurement that is under way; None once it has ended."""
    return next((run for run in RUNS if run.measurement is measurement), None)
