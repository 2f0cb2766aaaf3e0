"""A meter: the sources of one machine with their sampler and their power at rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from greenlm_edu.energy import (
    Basis,
    EnergySource,
    GpuSearch,
    Missing,
    PowerTrace,
    Sample,
    Sampler,
    detect,
    energy_between,
)
from greenlm_edu.energy.counter import beside, gap_between
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.interval import Interval
from greenlm_edu.metering.measurement import Component

__all__ = ["Meter", "default_meter", "use_meter"]

IDLE_WINDOW_S: Final = 0.5


class Meter:
    """Sources, the thread that reads them, and what they draw at rest.

    Args:
        sources: what yields joules; None finds this machine's own.
        missing: what does not, with reasons.
        gpu_search: a search for GPUs that is under way already.
    """

    def __init__(
        self,
        sources: Sequence[EnergySource] | None = None,
        missing: Sequence[Missing] = (),
        gpu_search: GpuSearch | None = None,
    ) -> None:
        self._gpu_search: GpuSearch | None = None
        if sources is None:
            found = detect(gpu_search=gpu_search)
            sources, missing = found.sources, found.missing
            if found.gpu_search is not None and not found.gpu_search.ended:
                self._gpu_search = found.gpu_search
        self.sampler = Sampler(sources)
        self.missing = tuple(missing)
        self.idle_power_w: dict[str, Interval] = {}

    def completed(self) -> Meter:
        """This meter, or a new one with the GPU whose driver has answered only now."""
        if self._gpu_search is None or not self._gpu_search.ended:
            return self
        meter = Meter(gpu_search=self._gpu_search)
        meter.idle_power_w = self.idle_power_w
        return meter

    def measure_idle(self, window_s: float = IDLE_WINDOW_S) -> dict[str, Interval]:
        """The power of each component in a quiet moment, in watts; the caller waits for it.

        What else runs on the machine is part of it: idle is what would be drawn without this cell, as things are.

        Args:
            window_s: how long to watch, above 0; counters that move in steps want a second or more.
        """
        if not window_s > 0:
            raise InputError(f"measure_idle: window_s must be above 0 seconds; got {window_s}.")
        with self.sampler as sampler:
            first = sampler.sample_now()
            time.sleep(window_s)
            last = sampler.sample_now()
        power: dict[str, Interval] = {}
        for part in self.components(first, last):
            # What was lost in part, or lies below the source's resolution, says nothing of the power at rest.
            if part.energy_j is not None and not part.reason:
                length_s = last.readings[part.component].t_s - first.readings[part.component].t_s
                power[part.component] = part.energy_j.scaled_by(1 / length_s)
        self.idle_power_w = power
        return power

    def components(self, first: Sample, last: Sample) -> tuple[Component, ...]:
        """What each component used between two samples, the missing ones too."""
        # A source that joined the sampler after the first sample belongs to a measurement inside this one.
        known = {*first.readings, *first.failures}
        parts = [self._component(source, first, last) for source in self.sampler.sources if source.component in known]
        gone = [
            Component(lost.component, lost.label, Basis.UNAVAILABLE, None, reason=lost.reason, note=lost.remedy)
            for lost in self.missing
        ]
        return (*parts, *gone)

    def trace(self, first: Sample) -> PowerTrace:
        """A power trace that begins with this sample."""
        trace = PowerTrace(first.t_s)
        trace.add(first)
        return trace

    def _component(self, source: EnergySource, first: Sample, last: Sample) -> Component:
        key = source.component
        before, after = first.readings.get(key), last.readings.get(key)
        meters = str(getattr(source, "meters", ""))  # a source of the caller's own need not have it
        lost = partial(Component, key, source.label, Basis.UNAVAILABLE, None, note=source.note, meters=meters)
        if before is None or after is None:
            return lost(reason=last.failures.get(key) or first.failures.get(key) or "it could not be read")
        try:
            energy_j, below = energy_between(before, after, source.gain)
        except EnergyUnavailable as err:
            return lost(reason=str(err))
        idle_w = self.idle_power_w.get(key)
        return Component(
            component=key,
            label=source.label,
            basis=source.basis,
            energy_j=energy_j,
            # Idle is a part of what was used, so the figure never says more than that.
            idle_j=None if idle_w is None else min(idle_w.best * (after.t_s - before.t_s), energy_j.best),
            reason="below resolution: the source moves in larger steps" if below else gap_between(before, after),
            note="; ".join(filter(None, (source.note, beside(before, after, source.gain)))),
            below_resolution=below,
            error_group=source.error_group,
            meters=meters,
        )


_default: Meter | None = None
_in_use: list[Meter] = []  # in place of it, the innermost last
_default_lock = threading.Lock()


def default_meter() -> Meter:
    """This process's own meter, made on first use with the sources that `detect` finds."""
    global _default
    with _default_lock:
        if _in_use:
            return _in_use[-1]
        if _default is None:
            _default = Meter()
        _default = _default.completed()
        return _default


@contextmanager
def use_meter(meter: Meter) -> Iterator[Meter]:
    """Makes `meter` the default of this process for a block: measurements that begin in it read its sources."""
    with _default_lock:
        _in_use.append(meter)
    try:
        yield meter
    finally:
        with _default_lock:
            _in_use.remove(meter)
