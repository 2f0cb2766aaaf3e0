"""What it costs that workers agree on their gradients: measured on this run, or foretold for another cluster."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.training.distributed_job import Part

__all__ = ["Communication", "RingEstimate", "communication", "measured_communication"]

BYTES_PER_PARAMETER: Final = 4  # gradients are summed in float32
BITS_PER_GBIT: Final = 1e9


@dataclass(frozen=True)
class Communication:
    """The share of the all-reduce in a step, measured.

    time_share and energy_share compare the same steps with and without it, in turn: median, least and most of all
    rounds. They leave out the time that one worker waits for a slower one. None: not measured, for this `reason`.

    Args:
        time_share: of the seconds, 0 … 1.
        energy_share: of the joules of all workers.
        in_sum: by the workers' clocks, the share of all steps but the first that was spent in the sum, waiting
            included: median, least and most of the workers. None where there was but one step.
        bytes_per_step: what each worker's vector holds.
        reason: why something is None; else empty.
    """

    time_share: Interval | None
    energy_share: Interval | None
    in_sum: Interval | None
    bytes_per_step: int
    reason: str = ""

    def __str__(self) -> str:
        time, energy = (_percent(share) for share in (self.time_share, self.energy_share))
        return f"{time} of the time, {energy} of the joules" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True)
class RingEstimate:
    """What an all-reduce would take elsewhere.

    Args:
        bytes_sent: by each worker in each step.
        seconds: of one all-reduce.
        share: of a step, 0 … 1, where nothing else is done meanwhile.
    """

    bytes_sent: float
    seconds: float
    share: float


def communication(
    parameters: int, workers: int, bandwidth_gbit_s: float, latency_s: float, step_s: float
) -> RingEstimate:
    """Foretells what the all-reduce would cost with other workers and another network.

    In a ring each worker sends 2(n − 1)/n of the gradient in 2(n − 1) messages, one after another. The figure is what
    this arithmetic gives, not a measurement: real networks reach less than their bandwidth, and frameworks that send
    while they still compute hide a part of it.

    Args:
        parameters: that are trained; float32 each.
        workers: 1 or more.
        bandwidth_gbit_s: of each worker's connection, in gigabits (10⁹) a second.
        latency_s: of one message.
        step_s: one step's seconds without communication, on one worker.
    Raises:
        InputError: a number out of its range.

    >>> communication(parameters=125_000_000, workers=4, bandwidth_gbit_s=10, latency_s=0, step_s=0.6)
    RingEstimate(bytes_sent=750000000.0, seconds=0.6, share=0.5)

    Source: Patarasuk and Yuan 2009, “Bandwidth optimal all-reduce algorithms for clusters of workstations”; the cost
        model of Thakur, Rabenseifner and Gropp 2005.
    """
    for name, count in (("parameters", parameters), ("workers", workers)):
        if count < 1:
            raise InputError(f"communication: {name} must be 1 or more; got {name}={count}. Take at least one.")
    for name, number in (("bandwidth_gbit_s", bandwidth_gbit_s), ("step_s", step_s)):
        if not (math.isfinite(number) and number > 0):
            raise InputError(f"communication: {name} must be above 0; got {name}={number}. Take for example 1.")
    if not (math.isfinite(latency_s) and latency_s >= 0):
        raise InputError(f"communication: latency_s must be 0 or more; got latency_s={latency_s}. Take 0.")
    bytes_sent = 2 * (workers - 1) / workers * parameters * BYTES_PER_PARAMETER
    seconds = bytes_sent * 8 / (bandwidth_gbit_s * BITS_PER_GBIT) + 2 * (workers - 1) * latency_s
    return RingEstimate(bytes_sent, seconds, seconds / (seconds + step_s))


def measured_communication(parts: Sequence[Part]) -> Communication:
    """The share of the all-reduce, from all workers' parts of one run."""
    time_share = energy_share = None
    if len(parts) == 1:
        reason = "not measured: one worker has nobody to agree with"
    elif not parts[0].rounds:
        reason = "not measured: ask for it with communication_rounds=6"
    else:
        rounds = list(zip(*(part.rounds for part in parts), strict=True))
        time_share = _shares([(max(one.with_s for one in all_), max(one.without_s for one in all_)) for all_ in rounds])
        joules = [(_sum(one.with_j for one in all_), _sum(one.without_j for one in all_)) for all_ in rounds]
        known = [(with_j, without_j) for with_j, without_j in joules if with_j and without_j is not None]
        complete = len(known) == len(joules)
        energy_share = _shares(known) if complete else None
        reason = "" if complete else "joules not measured on all workers: `greenlm doctor` says why"
    return Communication(time_share, energy_share, _in_sum(parts), parts[0].bytes_per_step, reason)


def _shares(pairs: Sequence[tuple[float, float]]) -> Interval:
    """What is more with the sum than without; below 0 it can only be the noise of the two."""
    shares = [max(0.0, 1 - without / with_) for with_, without in pairs]
    return Interval(min(shares), statistics.median(shares), max(shares))


def _sum(values: Iterable[float | None]) -> float | None:
    found = list(values)
    return None if None in found else math.fsum(one for one in found if one is not None)


def _in_sum(parts: Sequence[Part]) -> Interval | None:
    if len(parts[0].seconds) < 2 or len(parts) == 1:
        return None
    shares = [float(part.seconds[1:, 1].sum() / part.seconds[1:].sum()) for part in parts]
    return Interval(min(shares), statistics.median(shares), max(shares))


def _percent(share: Interval | None) -> str:
    return "an unknown share" if share is None else f"{share.best:.0%} ({share.low:.0%} – {share.high:.0%})"
