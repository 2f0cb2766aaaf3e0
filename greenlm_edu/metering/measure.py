"""Start and stop a measurement: `with measure() as m:` for people, `start` and `finish` for the notebook's hooks."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from greenlm_edu import carbon
from greenlm_edu.energy import EnergySource, PowerTrace, Sample
from greenlm_edu.errors import GreenLMError
from greenlm_edu.metering.measurement import Mark, Measurement
from greenlm_edu.metering.meter import Meter, default_meter

__all__ = ["announce_to", "finish", "mark", "measure", "refresh", "running", "set_place", "start"]

_log = logging.getLogger("greenlm_edu")


@dataclass(eq=False)
class _Run:
    """A measurement under way, and what it holds on to until it ends."""

    measurement: Measurement
    meter: Meter
    first: Sample
    trace: PowerTrace
    stop_listening: Callable[[], None]
    stop_reading: Callable[[], None]


# Those under way, the innermost last. A kernel runs its cells one after the other, in one thread.
_runs: list[_Run] = []
_listeners: list[Callable[[Measurement], None]] = []
# Where the code that runs now stands, as far as somebody has told: notebook and cell.
_place: dict[str, str] = {}


@contextmanager
def measure(
    name: str | None = None,
    *,
    region: str | None = None,
    pue: float = 1.0,
    sources: Sequence[EnergySource] | None = None,
    beside: Sequence[EnergySource] = (),
) -> Iterator[Measurement]:
    """Measures the energy of a block of code.

    Args:
        name: what to call it in the record.
        region: the country whose electricity it used, for the footprint; GREENLM_REGION if left out, else the world.
        pue: what the building draws for each joule of its computers, 1 or more.
        sources: what to read instead of this machine's own sources.
        beside: what to read beside them, such as `energy.replay_sources("gpu-synthetic-bursts")`.
    Yields:
        A Measurement, complete when the block has ended, also where it ended by an error, which goes on unchanged.
    Raises:
        UnknownRegion: no such country (before the block runs).
        InputError: pue is below 1, or a source beside the others has the key of one of them.

    >>> from greenlm_edu.energy import ScriptedSource
    >>> with measure("squares", sources=[ScriptedSource(100.0)]) as m:
    ...     squares = [n * n for n in range(1000)]
    >>> m.components[0].basis, m.status
    (<Basis.REPLAYED: 'replayed'>, 'finished')
    """
    measurement = start(name, region=region, pue=pue, sources=sources, beside=beside)
    try:
        yield measurement
    except BaseException as err:
        finish(measurement, err)
        raise
    finish(measurement)


def start(
    name: str | None = None,
    *,
    region: str | None = None,
    pue: float = 1.0,
    sources: Sequence[EnergySource] | None = None,
    beside: Sequence[EnergySource] = (),
    context: dict[str, str] | None = None,
) -> Measurement:
    """Begins a measurement that `finish` ends; arguments as for `measure`, context as in Measurement."""
    region = region or os.environ.get("GREENLM_REGION") or None
    carbon.intensity(region)
    carbon.checked_pue(pue)
    meter = default_meter() if sources is None else Meter(sources)
    parent = _runs[-1].measurement if _runs else None
    stop_reading = meter.sampler.beside(beside)
    sampler = meter.sampler.__enter__()
    first = sampler.sample_now()
    trace = meter.trace(first)
    measurement = Measurement(
        name=name or "",
        region=region,
        pue=float(pue),
        trace=trace,
        context={**_place, **(context or {})},
        parent=parent,
    )
    _runs.append(_Run(measurement, meter, first, trace, sampler.listen(trace.add), stop_reading))
    return measurement


def finish(measurement: Measurement, error: BaseException | None = None) -> Measurement:
    """Ends a measurement, announces it, and gives it back; an error, if there was one, is told in its status.

    A measurement that has ended is given back as it is. Those started inside it and never ended end with it.
    """
    if not any(run.measurement is measurement for run in _runs):
        return measurement
    while _runs[-1].measurement is not measurement:
        finish(_runs[-1].measurement, error)
    run = _runs[-1]
    last = run.meter.sampler.sample_now()
    _runs.pop()
    run.stop_listening()
    run.trace.add(last, final=True)
    run.meter.sampler.__exit__()
    _update(run, last)
    run.stop_reading()
    measurement.status = _status(error)
    for listener in tuple(_listeners):
        try:
            listener(measurement)
        except GreenLMError as err:
            measurement.notices.append(str(err))
        except (
            Exception
        ) as err:  # whatever a listener does, the learner's cell goes on; the failure is told on the card
            _log.exception("a listener to finished measurements failed")
            measurement.notices.append(f"{type(err).__name__}: {err}")
    return measurement


def running() -> Measurement | None:
    """The innermost measurement under way, or None."""
    return _runs[-1].measurement if _runs else None


def refresh(measurement: Measurement) -> Measurement:
    """Brings a running measurement's duration and components up to date."""
    for run in _runs:
        if run.measurement is measurement:
            _update(run, run.meter.sampler.sample_now())
    return measurement


def mark(measurement: Measurement, kind: str, **values: Any) -> Mark:
    """Reports that something happened in a running measurement, with the joules used up to now."""
    refresh(measurement)
    energy_j = measurement.energy_j
    mark = Mark(measurement.duration_s, kind, energy_j.best if energy_j else None, values)
    measurement.marks.append(mark)
    return mark


def set_place(place: Mapping[str, str]) -> None:
    """Tells where the code that runs from now on stands; measurements that begin have it in their context."""
    _place.clear()
    _place.update(place)


def announce_to(listener: Callable[[Measurement], None]) -> Callable[[], None]:
    """Calls `listener` with every measurement that ends; the result stops that."""
    _listeners.append(listener)

    def stop() -> None:
        with suppress(ValueError):
            _listeners.remove(listener)

    return stop


def _update(run: _Run, sample: Sample) -> None:
    run.measurement.components = run.meter.components(run.first, sample)
    run.measurement.duration_s = sample.t_s - run.first.t_s


def _status(error: BaseException | None) -> str:
    if error is None:
        return "finished"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else f"failed: {type(error).__name__}"
