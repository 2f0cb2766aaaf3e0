"""One of several workers that train one model; `distributed` starts it on this machine, and on a cluster you do.

    python -m greenlm_edu.training.distributed_worker FOLDER [--worker N] [--cluster host:port,host:port,…]

FOLDER holds the job that `prepare_job` wrote. Which worker this is, is told by --worker, TF_CONFIG, SLURM_PROCID or
JOB_COMPLETION_INDEX (Kubernetes), the first that is there; the cluster by --cluster, TF_CONFIG or the job itself.
Its part is written to FOLDER: losses, weights, and the joules of this process from before TensorFlow is loaded.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import socket
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from greenlm_edu.errors import GreenLMError, InputError, WorkerFailed
from greenlm_edu.training.distributed_job import (
    Job,
    Part,
    check_cluster,
    part_file,
    read_job,
    slice_of,
    tf_config,
    write_file,
)
from greenlm_edu.training.meeting import meet
from greenlm_edu.training.worker_meter import measure_worker, travelling

__all__ = ["LOST_OTHERS", "main", "place_of"]

# Exit status of a worker that ends because another has: what went wrong is told there.
LOST_OTHERS: Final = 3
PLACES: Final = ("SLURM_PROCID", "JOB_COMPLETION_INDEX")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and write the part; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m greenlm_edu.training.distributed_worker")
    parser.add_argument("folder", type=Path, help="holds the job, and gets this worker's part")
    parser.add_argument("--worker", type=int, help="which of the workers this is, from 0")
    parser.add_argument("--cluster", help="the addresses of all workers, host:port, with commas between them")
    parser.add_argument("--timeout-s", type=float, default=600.0, help="how long to wait for other workers at most")
    parser.add_argument("--until-input-ends", action="store_true", help="end when standard input does")
    options = parser.parse_args(arguments)
    if options.until_input_ends:
        threading.Thread(target=_end_with_input, daemon=True).start()
    os.environ["KERAS_BACKEND"] = "tensorflow"
    worker: int | None = None
    try:
        job = read_job(options.folder)
        worker, cluster = place_of(options.worker, options.cluster, job, os.environ)
        write_file(part_file(options.folder, worker, "began"), socket.gethostname())
        part = run(options.folder, job, worker, cluster, options.timeout_s)
    except BaseException as err:
        told = str(err) if isinstance(err, GreenLMError) else traceback.format_exc().strip()
        print(told, file=sys.stderr, flush=True)
        if worker is not None:
            part_file(options.folder, worker, "failed").write_text(told, encoding="utf-8")
        return LOST_OTHERS if isinstance(err, WorkerFailed) else 1
    write_file(part_file(options.folder, worker), part)
    return 0


def place_of(
    worker: int | None, cluster: str | None, job: Job, environment: Mapping[str, str]
) -> tuple[int, tuple[str, ...]]:
    """This worker's number and the addresses of all, from the first of the places named above that tells them.

    Raises:
        InputError: nothing tells them, or they do not fit the job.
    """
    told = json.loads(environment.get("TF_CONFIG") or "{}")
    if worker is None:
        worker = told.get("task", {}).get("index")
    if worker is None:
        worker = next((int(environment[name]) for name in PLACES if name in environment), None)
    addresses = tuple(cluster.split(",")) if cluster else tuple(told.get("cluster", {}).get("worker", job.cluster))
    if worker is None or not 0 <= worker < job.workers:
        raise InputError(
            f"worker: its number must lie in 0 … {job.workers - 1}; got {worker}. Tell it with --worker, TF_CONFIG, "
            f"{' or '.join(PLACES)}."
        )
    check_cluster(addresses, job.workers)
    return worker, addresses


def run(folder: Path, job: Job, worker: int, cluster: tuple[str, ...], timeout_s: float) -> Part:
    """Meter this process, meet the others, train."""
    os.environ["TF_CONFIG"] = tf_config(cluster, worker)
    here = _on_this_host(cluster, worker)
    name = f"worker {worker}"
    with measure_worker(name, workers_on_host=here[1], region=job.region, pue=job.pue) as measurement:
        from greenlm_edu.training import worker_run  # loads TensorFlow: its joules count too

        if job.workers > 1:
            print(f"worker {worker}: waiting for the others, {timeout_s:g} s at most", file=sys.stderr, flush=True)
            meet(cluster, worker, timeout_s)
        # TensorFlow holds Python back while it forms the cluster; only this clock can end that.
        faulthandler.dump_traceback_later(timeout_s, exit=True)
        strategy = worker_run.strategy_for(here, timeout_s)
        faulthandler.cancel_dump_traceback_later()
        progress = part_file(folder, worker, "progress")
        done = worker_run.train(job, worker, strategy, measurement, progress)
    own = slice_of(job.batch, worker, job.workers)
    return Part(
        worker=worker,
        host=socket.gethostname(),
        tokens=job.steps * (own.stop - own.start) * done.context,
        measurement=travelling(measurement),
        **done.for_part(),
    )


def _on_this_host(cluster: Sequence[str], worker: int) -> tuple[int, int]:
    """Which of the workers on this worker's host it is, from 0, and how many there are, by the names in the list."""
    hosts = [address.rpartition(":")[0] for address in cluster]
    return hosts[:worker].count(hosts[worker]), hosts.count(hosts[worker])


def _end_with_input() -> None:
    """A client that is gone, however it ended, leaves no worker behind: the pipe to it closes."""
    while os.read(0, 4096):  # not sys.stdin, whose lock a thread that waits holds, and Python's own end then fails
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
