"""The meter of one of several workers: figures that may be added up, as `metering.merge` does.

A process that trains beside others may not read what is common to all of them: its container's CPU time, its
container's memory limit, all CPUs' power at rest. So a worker counts the CPU time and the memory of its own process
and its children, its part of the processor's counter where there is one, and its part of the power at rest. A GPU is
always the whole board; `merge` counts a board that several workers saw once.

    with measure_worker("rank 1", workers_on_host=2, region="FRA") as m:      # in each worker
        train()
    send(pickle.dumps(m))
    whole = metering.merge(received)                                          # where all of them arrive

A measurement travels by pickle. It is not announced where it was made, so no ledger records a part beside the whole;
`metering.announce(whole)` tells those who listen where the parts were merged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from greenlm_edu import metering
from greenlm_edu.energy import GpuSearch, detect
from greenlm_edu.energy.container import find_worker_share
from greenlm_edu.metering import Measurement, Meter

__all__ = ["measure_worker", "travelling", "worker_meter"]

# A worker is not a learner's cell: it may wait for a GPU that was asleep, and be metered from its first step on.
GPU_PATIENCE_S = 10.0


def worker_meter(workers_on_host: int = 1) -> Meter:
    """The meter of this process as one of several workers; the same each time, as making it takes a moment.

    Args:
        workers_on_host: how many workers share this machine or container, this one included. It decides the part of
            the CPUs' power at rest that is counted here.
    Raises:
        InputError: workers_on_host is below 1.
    """
    return _worker_meter(workers_on_host, os.getpid())


@lru_cache(maxsize=4)
def _worker_meter(workers_on_host: int, pid: int) -> Meter:
    """Kept for each process number, because a forked process inherits what its parent kept."""
    share = find_worker_share(workers_on_host)
    search = GpuSearch()
    search.result(GPU_PATIENCE_S)
    found = detect(gpu_search=search, share=share)
    return Meter(found.sources, found.missing)


@contextmanager
def measure_worker(
    name: str = "",
    *,
    workers_on_host: int = 1,
    region: str | None = None,
    pue: float = 1.0,
    meter: Meter | None = None,
) -> Iterator[Measurement]:
    """Measures what this worker uses in a block, in figures that may be merged with those of other workers.

    All measurements that begin inside, such as an EnergyCallback's, read the same meter, and none of them is announced.

    Args:
        name: what to call it.
        workers_on_host: as for `worker_meter`.
        region, pue: as for `measure`; the same in all workers, if they are to be merged.
        meter: another meter than `worker_meter(workers_on_host)`.
    Yields:
        a Measurement, complete when the block has ended, also where it ended by an error, which goes on unchanged.
    Raises:
        UnknownRegion, InputError: as for `measure`.
    """
    with (
        metering.unannounced(),
        metering.use_meter(meter or worker_meter(workers_on_host)),
        metering.measure(name, region=region, pue=pue) as measurement,
    ):
        yield measurement


def travelling(measurement: Measurement) -> Measurement:
    """The same without the measurement around it, which stays where it is: what to pickle."""
    return replace(measurement, around=None)
