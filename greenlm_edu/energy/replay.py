"""Replay: a recorded device drives the same path as hardware, from the sampler to the ledger, and always says so.

How a recording becomes as long as a cell whose length nobody knows beforehand: the lead-in plays once, then the steady
part over and over. Only recorded stretches are played, in the order in which they were recorded, at their own speed and
power. The tail is not reached. With `duration_s` the whole recording, lead-in and tail included, is stretched to that
length, and starts over when it has ended; the power stays as recorded, so the energy is stretched with the time.

How far a replayed figure may be off: as far as the recording was. Its gain, its counter's steps and its doubt come
with it; replay itself adds no error of gain. Two limits are the recording's own and are told as such: between two
recorded times nobody knows where the joules fell, so a reading is fine to one such stretch (its `step_j`); and each
repetition of the steady part carries the doubt of where that part begins and ends (`doubt_j`). A synthetic curve has
neither: it is known at every moment.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Final

from greenlm_edu.energy.source import Basis, Reading
from greenlm_edu.energy.trace_file import DeviceTrace, TraceFile, load_trace
from greenlm_edu.errors import EnergyUnavailable, InputError

__all__ = ["REPLAYED_PREFIX", "ReplaySource", "replay_sources"]

# Beside this machine's own "gpu0" a replayed one needs a key of its own.
REPLAYED_PREFIX: Final = "replayed-"


class ReplaySource:
    """Joules of one device of a trace, as if it worked now; time runs from the source's first reading.

    Args:
        trace: the trace.
        device: the component key of one of its devices; the first one if left out.
        duration_s: stretch the whole recording to this many seconds, above 0; else it plays at its own speed.
        clock: the monotonic clock, in seconds.
    Raises:
        InputError: no such device, or a duration that is not above 0.

    >>> trace = load_trace("gpu-synthetic-bursts")
    >>> ticks = iter([0.0, trace.length_s])
    >>> source = ReplaySource(trace, duration_s=trace.length_s, clock=lambda: next(ticks))
    >>> first, last = source.read(), source.read()
    >>> last.energy_j - first.energy_j == trace.devices[0].total_j().best
    True
    """

    def __init__(
        self,
        trace: TraceFile,
        device: str | None = None,
        *,
        duration_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if duration_s is not None and not (0 < duration_s < math.inf):
            raise InputError(f"replay {trace.name}: duration_s must be above 0 seconds; got {duration_s}.")
        keys = [one.component for one in trace.devices]
        if device is not None and device not in keys:
            raise InputError(f"replay {trace.name}: it must name a device; got “{device}”. It holds {', '.join(keys)}.")
        self._device = trace.devices[keys.index(device) if device else 0]
        self._trace, self._clock = trace, clock
        self._stretch = duration_s / trace.length_s if duration_s else 1.0
        self._steady_s = (0.0, trace.length_s) if duration_s else trace.steady_s
        self._start_s: float | None = None
        self._last_j = self._last_doubt_j = 0.0
        word = "synthetic, replayed" if trace.is_synthetic else "replayed"
        self.component = REPLAYED_PREFIX + self._device.component
        self.label = f"{self._device.label} · {word}"
        self.basis = Basis.REPLAYED
        self.gain = self._device.gain
        # Cells that replay one recording are off together, as its meter was; so are one machine's models.
        meter = "models" if self._device.basis == Basis.MODELLED else self._device.component
        self.error_group = f"replay {trace.name} {meter}"
        self.note = _note(trace, self._device, duration_s)

    def read(self) -> Reading:
        now = self._clock()
        if self._start_s is None:
            self._start_s = now
        elapsed_s = max(0.0, now - self._start_s) / self._stretch
        begin_s, end_s = self._steady_s
        repeats, at_s, repeated_j = 0, elapsed_s, 0.0
        if elapsed_s > end_s:
            length_s = end_s - begin_s
            repeats = math.ceil((elapsed_s - end_s) / length_s)
            at_s = begin_s + min(max(0.0, elapsed_s - end_s - (repeats - 1) * length_s), length_s)
            repeated_j = repeats * (self._energy_j(end_s) - self._energy_j(begin_s))
        # A float's rounding at a repetition may not look like a counter that goes backwards.
        energy_j = repeated_j + self._energy_j(at_s)
        self._last_j = max(self._last_j, energy_j * self._stretch)
        self._last_doubt_j = max(self._last_doubt_j, self._doubt_j(repeats, at_s) * self._stretch)
        return Reading(
            t_s=now,
            energy_j=self._last_j,
            # Both ends of a cell may lie inside a recorded stretch.
            step_j=(self._device.step_j(self._index(at_s)) + 2 * self._blur_j(at_s)) * self._stretch,
            doubt_j=self._last_doubt_j,
            power_w=self._device.power_w[self._index(at_s) + 1],
        )

    def close(self) -> None:
        """Nothing to give back."""

    def _index(self, at_s: float) -> int:
        """The recorded stretch that holds this moment: the one between the times at index and index + 1.

        Raises:
            EnergyUnavailable: the recording of this device ended before.
        """
        times = self._device.t_s
        # The others' last readings were taken a moment after this device's.
        if at_s > times[-1] + 1e-9:
            raise EnergyUnavailable(
                f"replay {self._trace.name}: {self._device.label} must be recorded up to {at_s:.1f} s; its recording "
                f"ends at {times[-1]:.1f} s: {self._device.lost or 'nobody noted why'}. Replay another trace."
            )
        return min(bisect_right(times, at_s) - 1, len(times) - 2)

    def _energy_j(self, at_s: float) -> float:
        """Recorded joules up to a moment; within a recorded stretch its mean power is taken."""
        index, joules = self._index(at_s), self._device.energy_j
        return joules[index] + self._share(index, at_s) * (joules[index + 1] - joules[index])

    def _share(self, index: int, at_s: float) -> float:
        begin_s, end_s = self._device.t_s[index : index + 2]
        return min(1.0, (at_s - begin_s) / (end_s - begin_s))

    def _blur_j(self, at_s: float) -> float:
        """How far the true joules up to a moment may lie from those that the recording's nearest times allow."""
        index, joules = self._index(at_s), self._device.energy_j
        is_known = self._trace.is_synthetic or self._share(index, at_s) in (0.0, 1.0)
        return 0.0 if is_known else joules[index + 1] - joules[index]

    def _doubt_j(self, repeats: int, at_s: float) -> float:
        """The doubt of the recording up to a moment, and of where the steady part begins and ends."""
        doubt_j = self._recorded_doubt_j(at_s)
        if repeats:
            begin_s, end_s = self._steady_s
            edge_j = max(self._device.step_j(self._index(edge)) for edge in self._steady_s)
            edge_j += self._blur_j(begin_s) + self._blur_j(end_s)
            once_j = self._recorded_doubt_j(end_s) - self._recorded_doubt_j(begin_s)
            doubt_j += repeats * (once_j + edge_j)
        return doubt_j

    def _recorded_doubt_j(self, at_s: float) -> float:
        index = self._index(at_s)
        before_j, after_j = self._device.doubt_j(index), self._device.doubt_j(index + 1)
        return before_j + self._share(index, at_s) * (after_j - before_j)


def replay_sources(name: str | Path, *, duration_s: float | None = None) -> list[ReplaySource]:
    """A source for each device of a trace.

    Args:
        name: of a trace that comes with this package, or a file.
        duration_s: as in `ReplaySource`.
    Raises:
        InputError: there is no such trace, or it cannot be used.
    """
    trace = load_trace(name)
    return [ReplaySource(trace, device.component, duration_s=duration_s) for device in trace.devices]


def _note(trace: TraceFile, device: DeviceTrace, duration_s: float | None) -> str:
    """Where the joules come from, by which basis, and how they were made as long as the cell."""
    begin_s, end_s = trace.steady_s
    if trace.is_synthetic:
        origin = f"a synthetic trace, “{trace.name}”: {device.meter}; no device ever drew this"
    else:
        origin = (
            f"recorded on {device.hardware} ({device.driver}) by {device.meter} ({device.basis}), "
            f"{trace.recorded_at[:10]}, running {trace.what_ran}; not drawn here and now"
        )
    if duration_s is None:
        whole = begin_s == 0 and end_s >= trace.length_s
        part = "the recording" if whole else f"its steady part, {begin_s:g} to {end_s:g} s,"
        length = f"{part} repeats as long as the cell runs"
    else:
        length = (
            f"stretched from {trace.length_s:.3g} s to {duration_s:.3g} s at the recorded power, so its energy is "
            f"{duration_s / trace.length_s:.3g} times the recorded one; then it starts over"
        )
    return f"{origin}. {length[0].upper()}{length[1:]}. The range is the recording's own"
