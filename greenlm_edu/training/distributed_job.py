"""What several workers are to train together: one file that each of them reads, and one that each of them writes."""

from __future__ import annotations

import json
import os
import pickle
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from greenlm_edu.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from greenlm_edu.metering import Measurement

__all__ = [
    "Job",
    "Part",
    "Round",
    "checked_job",
    "part_file",
    "read_job",
    "slice_of",
    "tf_config",
    "write_file",
    "write_job",
]

JOB: Final = "job.pkl"
# Code is pickled as byte code, which another Python cannot run; weights and losses follow from the other two.
SAME_VERSIONS: Final = ("greenlm-edu", "keras", "tensorflow", "tensorflow-cpu")


@dataclass(frozen=True)
class Job:
    """A training run for several workers; arguments as in `distributed`.

    Args:
        cluster: the workers' addresses, "host:port" each; empty where they are told to each worker at its start.
    """

    build: Callable[[], Any]
    ids: np.ndarray
    workers: int
    steps: int
    batch: int
    seed: int = 0
    optimizer: Callable[[], Any] | None = None
    cluster: tuple[str, ...] = ()
    communication_rounds: int = 0
    region: str | None = None
    pue: float = 1.0


@dataclass(frozen=True)
class Sent:
    """A function that came from another process, not looked at until it is called: what it needs may be TensorFlow,
    and a worker loads nothing before it meters itself."""

    body: bytes

    def __call__(self) -> Any:
        return pickle.loads(self.body)()


@dataclass(frozen=True)
class Round:
    """The same number of steps with the all-reduce and without it, on one worker, in seconds and joules."""

    steps: int
    with_s: float
    without_s: float
    with_j: float | None
    without_j: float | None


@dataclass(frozen=True)
class Part:
    """What one worker did.

    Args:
        worker, host: its number, from 0, and the machine that it ran on.
        losses: of the whole batch, one a step.
        weights: of the model after training, from worker 0; None from the others, whose weights are the same.
        difference: by how much any weight here differs from worker 0's, at most.
        seconds: for each step, those of the gradients, the all-reduce (waiting included) and the update, (steps, 3).
        tokens: that this worker trained on.
        bytes_per_step: size of the vector that is summed over the workers.
        rounds: steps with and without the all-reduce, where that was asked for.
        measurement: of everything that this process did, from before TensorFlow was loaded.
    """

    worker: int
    host: str
    losses: tuple[float, ...]
    weights: tuple[np.ndarray, ...] | None
    difference: float
    seconds: np.ndarray
    tokens: int
    bytes_per_step: int
    rounds: tuple[Round, ...]
    measurement: Measurement


def checked_job(build: Callable[[], Any], ids: Any, *, cluster: Sequence[str] | None = None, **options: Any) -> Job:
    """The job, its arguments looked at as far as that goes without the model.

    Raises:
        InputError: what cannot be done, and what to do instead.
    """
    import numpy as np

    job = Job(build, np.asarray(ids), cluster=tuple(cluster or ()), **options)
    for name in ("workers", "steps", "batch"):
        value = getattr(job, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"distributed: {name} must be a whole number, 1 or more; got {name}={value!r}.")
    slice_of(job.batch, 0, job.workers)
    if job.communication_rounds < 0:
        raise InputError(
            f"distributed: communication_rounds must be 0 or more; got {job.communication_rounds}. Take 6, or 0 to "
            "leave out the comparison."
        )
    for name in ("build", "optimizer"):
        value = getattr(job, name)
        if not callable(value) and not (name == "optimizer" and value is None):
            raise InputError(
                f"distributed: {name} must be a function without arguments, as each worker makes its own; got "
                f"{type(value).__name__}. Wrap it: {name}=lambda: …"
            )
    if job.ids.ndim != 1 or job.ids.dtype.kind not in "iu":
        raise InputError(
            f"distributed: ids must be one row of whole numbers, (time,); got shape {job.ids.shape} of "
            f"{job.ids.dtype}. Encode the text with a tokenizer first."
        )
    if cluster is not None:
        check_cluster(job.cluster, job.workers)
    return job


def check_cluster(cluster: Sequence[str], workers: int) -> None:
    """Raise InputError unless there is one "host:port" for each worker, no two alike."""
    for address in cluster:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise InputError(f"distributed: an address must be host:port; got {address!r}. Write for example a:2222.")
    if len(set(cluster)) != workers:
        raise InputError(
            f"distributed: there must be one address for each of {workers} workers, no two alike; got "
            f"{', '.join(cluster) or 'none'}. Name as many, or ask for as many workers as there are."
        )


def slice_of(batch: int, worker: int, workers: int) -> slice:
    """Which windows of the whole batch are this worker's.

    >>> slice_of(16, 1, 4)
    slice(4, 8, None)
    """
    if batch % workers:
        fits = max(workers, batch - batch % workers)
        raise InputError(
            f"distributed: batch, the windows of all workers together, must be a multiple of workers; got "
            f"batch={batch}, workers={workers}. Take batch={fits}."
        )
    own = batch // workers
    return slice(worker * own, (worker + 1) * own)


def tf_config(cluster: Sequence[str], worker: int) -> str:
    """The environment variable TF_CONFIG, by which TensorFlow learns of the cluster and of a worker's place in it.

    >>> tf_config(["a:2222", "b:2222"], 1)
    '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 1}}'
    """
    return json.dumps({"cluster": {"worker": list(cluster)}, "task": {"type": "worker", "index": worker}})


def write_job(folder: Path, job: Job) -> None:
    """Put a job into a folder, for the workers to read.

    Raises:
        InputError: the learner's functions cannot be sent to another process.
    """
    import cloudpickle

    try:
        sent = replace(
            job,
            build=Sent(cloudpickle.dumps(job.build)),
            optimizer=None if job.optimizer is None else Sent(cloudpickle.dumps(job.optimizer)),
        )
    except Exception as err:  # whatever an object says that cannot be pickled
        raise InputError(
            f"distributed: build and optimizer must be sendable to another process; got {type(err).__name__}: {err}. "
            "Make everything that they need inside them: files, locks and connections cannot be sent."
        ) from err
    # Before the job can be read, a worker must know where the learner's modules are, and that it has the same versions.
    write_file(folder / JOB, {"sys_path": sys.path, "versions": versions(), "job": pickle.dumps(sent)})


def read_job(folder: Path) -> Job:
    """The job in a folder. It holds code that is run: read none that others could have written.

    Raises:
        InputError: there is none, or it was written with other versions.
    """
    try:
        told = pickle.loads((folder / JOB).read_bytes())
    except OSError as err:
        raise InputError(
            f"worker: {folder / JOB} must be readable here; got “{err.strerror}”. Write it with "
            "training.prepare_job, and share or copy its folder to every node."
        ) from err
    for name, wanted in told["versions"].items():
        here = versions().get(name)
        if here != wanted:
            raise InputError(
                f"worker: {name} must be {wanted}, as where the job was written; got {here}. "
                "Install the same locked environment on every node."
            )
    sys.path += [path for path in told["sys_path"] if path not in sys.path]
    return pickle.loads(told["job"])  # type: ignore[no-any-return]


def versions() -> dict[str, str]:
    """What must be the same on every worker."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for package in SAME_VERSIONS:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def part_file(folder: Path, worker: int, kind: str = "pkl") -> Path:
    """The file of one worker: "pkl" its part, "progress" its losses so far, "log" its output, "failed" its error."""
    return folder / f"worker-{worker}.{kind}"


def write_file(path: Path, value: Any) -> None:
    """The whole file or none: whoever waits for it may look at any moment."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.write_bytes(pickle.dumps(value))
    unfinished.replace(path)
