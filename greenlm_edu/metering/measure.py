"""Start and stop a measurement: `with measure() as m:` for people, `start` and `finish` for the notebook's hooks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from greenlm_edu import carbon
from greenlm_edu.energy import EnergySource
from greenlm_edu.energy.place import host_id, process_place
from greenlm_edu.metering.announcements import tell_ended
from greenlm_edu.metering.budget import Budget
from greenlm_edu.metering.budget_watch import tell_outcome
from greenlm_edu.metering.measurement import Measurement, Origin
from greenlm_edu.metering.meter import Meter, default_meter
from greenlm_edu.metering.runs import RUNS, Run, run_of

__all__ = ["drop", "finish", "keep", "measure", "running", "set_place", "start"]

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
    budget: str | Budget | None = None,
) -> Iterator[Measurement]:
    """Measures the energy of a block of code.

    Args:
        name: what to call it in the record.
        region: the country whose electricity it used, for the footprint; GREENLM_REGION if left out, else the world.
        pue: what the building draws for each joule of its computers, 1 or more.
        sources: what to read instead of this machine's own sources.
        beside: what to read beside them, such as `energy.replay_sources("gpu-synthetic-bursts")`.
        budget: how much it may use, such as "500 J" or "5 gCO2e": its notices tell when that is near and when it is
            reached, and an EnergyCallback inside ends its `fit` there; any other code goes on.
    Yields:
        A Measurement, complete when the block has ended, also where it ended by an error, which goes on unchanged.
    Raises:
        UnknownRegion: no such country (before the block runs).
        InputError: pue is below 1, the budget is none, or a source beside the others has the key of one of them.

    >>> from greenlm_edu.energy import ScriptedSource
    >>> with measure("squares", sources=[ScriptedSource(100.0)]) as m:
    ...     squares = [n * n for n in range(1000)]
    >>> m.components[0].basis, m.status
    (<Basis.REPLAYED: 'replayed'>, 'finished')
    """
    measurement = start(name, region=region, pue=pue, sources=sources, beside=beside, budget=budget)
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
    budget: str | Budget | None = None,
    context: dict[str, str] | None = None,
    provisional: bool = False,
) -> Measurement:
    """Begins a measurement that `finish` ends; arguments as for `measure`, context as in Measurement.

    A provisional one is decided on later: `keep` or `finish` make it one like all others, `drop` ends it without a
    trace. Nobody knows beforehand which cell will train or take long, and what it uses counts from its first moment.
    """
    region = region or os.environ.get("GREENLM_REGION") or None
    carbon.intensity(region)
    carbon.checked_pue(pue)
    limit = None if budget is None else Budget.parse(budget)
    meter = default_meter() if sources is None else Meter(sources)
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
        around=RUNS[-1].measurement if RUNS else None,
        provisional=provisional,
        budget=limit,
        origin=Origin(host_id(), process_place(), first.t_s),
    )
    run = Run(measurement, meter, first, trace, stop_reading)
    run.stop_listening = sampler.listen(run.take)
    RUNS.append(run)
    return measurement


def keep(measurement: Measurement) -> None:
    """Makes a provisional measurement one like all others."""
    measurement.provisional = False


def drop(measurement: Measurement) -> None:
    """Ends a provisional measurement without a trace: nobody hears of it, and those inside it stand on their own."""
    if run_of(measurement) is not None:
        _finish_those_inside(measurement, None)
        RUNS[-1].end()
        measurement.dropped, measurement.status = True, "dropped"


def finish(measurement: Measurement, error: BaseException | None = None) -> Measurement:
    """Ends a measurement, announces it, and gives it back; an error, if there was one, is told in its status.

    A measurement that has ended is given back as it is. Those started inside it and never ended end with it.
    """
    if run_of(measurement) is None:
        return measurement
    _finish_those_inside(measurement, error)
    keep(measurement)
    run = RUNS[-1]
    run.end()
    measurement.status = _status(error)
    tell_outcome(run)
    tell_ended(measurement)
    return measurement


def running() -> Measurement | None:
    """The innermost measurement under way, or None."""
    return RUNS[-1].measurement if RUNS else None


def set_place(place: Mapping[str, str]) -> None:
    """Tells where the code that runs from now on stands; measurements that begin have it in their context."""
    _place.clear()
    _place.update(place)


def _finish_those_inside(measurement: Measurement, error: BaseException | None) -> None:
    while RUNS[-1].measurement is not measurement:
        finish(RUNS[-1].measurement, error)


def _status(error: BaseException | None) -> str:
    if error is None:
        return "finished"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else f"failed: {type(error).__name__}"
