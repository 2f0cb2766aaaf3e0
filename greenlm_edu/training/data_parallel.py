"""Training one model with several workers, each of which takes a slice of every batch.

`distributed` starts them on this machine. On a cluster, `prepare_job` writes what they need into a folder, the
scheduler starts `python -m greenlm_edu.training.distributed_worker FOLDER` on each node, and `collect_job` reads what
they found (docs/several_workers.md).
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from greenlm_edu import metering
from greenlm_edu.errors import InputError, WorkerFailed
from greenlm_edu.training.communication_cost import Communication, measured_communication
from greenlm_edu.training.distributed_job import Job, Part, checked_job, part_file, read_job, write_job
from greenlm_edu.training.local_workers import check_local, run_workers

if TYPE_CHECKING:
    import numpy as np

    from greenlm_edu.metering import Measurement

__all__ = ["DistributedResult", "collect_job", "distributed", "prepare_job"]

# Sums of float32 are the same on all workers; their updates might differ by rounding where processors differ.
EQUAL: Final = 1e-6


@dataclass(frozen=True)
class DistributedResult:
    """What several workers found together.

    Args:
        build: makes the model.
        parts: what each worker did, in order.
        measurement: the joules of all of them, each counted once: of everything that they did from their start, so
            with the loading of TensorFlow, compiling, and the rounds that were asked for.
    """

    build: Callable[[], Any]
    parts: tuple[Part, ...]
    measurement: Measurement

    @property
    def losses(self) -> tuple[float, ...]:
        """Of the whole batch, in nats a token, one a step."""
        return self.parts[0].losses

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """Of the trained model, in the order of `model.get_weights()`."""
        return self.parts[0].weights or ()

    @property
    def difference(self) -> float:
        """By how much any weight of any worker differed from worker 0's after the last step, at most."""
        return max(part.difference for part in self.parts)

    @property
    def equal_weights(self) -> bool:
        """Whether all workers ended with the same weights, to 1e-6."""
        return self.difference <= EQUAL

    @cached_property
    def communication(self) -> Communication:
        """The share of time and of joules that went into agreeing on the gradients."""
        return measured_communication(self.parts)

    @property
    def tokens(self) -> int:
        """That all workers trained on."""
        return sum(part.tokens for part in self.parts)

    @property
    def seconds(self) -> float:
        """Of all training steps, on the worker that took longest; the first of them compiles."""
        return max(float(part.seconds.sum()) for part in self.parts)

    def model(self) -> Any:
        """A model of this process with the trained weights."""
        model = self.build()
        if not model.built:
            import keras

            model(keras.ops.zeros((1, model.context), "int32"))
        model.set_weights(list(self.weights))
        return model

    def __repr__(self) -> str:
        return (
            f"<DistributedResult: {len(self.parts)} workers, {len(self.losses)} steps, loss {self.losses[0]:.3f} → "
            f"{self.losses[-1]:.3f}, {self.seconds:.1f} s, {self.measurement!r}; communication {self.communication}>"
        )


def distributed(
    build: Callable[[], Any],
    ids: Any,
    *,
    workers: int = 2,
    steps: int,
    batch: int,
    seed: int = 0,
    optimizer: Callable[[], Any] | None = None,
    cluster: Sequence[str] | None = None,
    timeout_s: float = 600.0,
    communication_rounds: int = 0,
    region: str | None = None,
    pue: float = 1.0,
    progress: bool = False,
) -> DistributedResult:
    """Train a language model with several processes on this machine, and meter them as one.

    Each worker has the whole model and takes its slice of every batch; gradients are summed over all of them, and all
    make the same update. The losses are those of `lm.train` in one process with the same seed, but for rounding (and
    for dropout). The workers run TensorFlow, whatever engine this process has.

    Args:
        build: makes the model, without arguments: ids (batch, time) to logits, with `context` and `vocab_size`.
        ids: token ids of the text, (time,).
        workers: processes.
        steps: of the whole run.
        batch: windows in a step, of all workers together; a multiple of workers.
        seed: of the first weights and the windows.
        optimizer: makes it, without arguments; None for `lm.training_optimizer(steps)`.
        cluster: addresses on this machine, "127.0.0.1:2222" each; None for free ones.
        timeout_s: how long the workers may show no progress, loading and compiling included.
        communication_rounds: how often the same steps are done with and without the sum, after training, about two
            seconds each, to find what it costs; 6 is enough.
        region, pue: as for `measure`.
        progress: whether a line is printed now and then.
    Raises:
        InputError: arguments that cannot be used.
        WorkerFailed: a worker ended too early or hangs; which one, and its last words. All others are ended.
    """
    job = checked_job(
        build,
        ids,
        workers=workers,
        steps=steps,
        batch=batch,
        seed=seed,
        optimizer=optimizer,
        cluster=cluster,
        communication_rounds=communication_rounds,
        region=region,
        pue=pue,
    )
    if not timeout_s > 0:
        raise InputError(f"distributed: timeout_s must be above 0; got timeout_s={timeout_s}. Take 600.")
    check_local(job.cluster)
    with tempfile.TemporaryDirectory(prefix="greenlm-distributed-") as name:
        folder = Path(name)
        write_job(folder, job)
        run_workers(folder, job, timeout_s, progress)
        # A cell's meter counts its child processes, and so holds these joules: the record must not add them to it.
        return _result(build, _parts(folder, job), metering.running())


def prepare_job(
    folder: str | Path,
    build: Callable[[], Any],
    ids: Any,
    *,
    workers: int,
    steps: int,
    batch: int,
    cluster: Sequence[str] | None = None,
    seed: int = 0,
    optimizer: Callable[[], Any] | None = None,
    communication_rounds: int = 0,
    region: str | None = None,
    pue: float = 1.0,
) -> Path:
    """Write a job that workers on several machines run; arguments as for `distributed`.

    Args:
        folder: that all of them can read and write. It gets code that they run: only you may write to it.
        cluster: all workers' addresses, "host:port" each, where they are known beforehand.
    Returns:
        the folder.
    Raises:
        InputError: arguments that cannot be used, or the folder has the parts of an earlier run.
    """
    job = checked_job(
        build,
        ids,
        workers=workers,
        steps=steps,
        batch=batch,
        seed=seed,
        optimizer=optimizer,
        cluster=cluster,
        communication_rounds=communication_rounds,
        region=region,
        pue=pue,
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("worker-*")):
        raise InputError(f"prepare_job: the folder must hold no earlier run; got {folder}. Take a new one.")
    write_job(folder, job)
    return folder


def collect_job(folder: str | Path) -> DistributedResult:
    """What the workers of a prepared job found, once all of them have ended; its joules are announced each time.

    Args:
        folder: as given to `prepare_job`. What is in it is code: read no folder that others could write to.
    Raises:
        InputError: no job is there.
        WorkerFailed: a worker has failed, or has not ended yet.
    """
    folder = Path(folder)
    job = read_job(folder)
    return _result(job.build, _parts(folder, job), None)  # they ran elsewhere, or before: no cell here holds them


def _parts(folder: Path, job: Job) -> tuple[Part, ...]:
    missing = [number for number in range(job.workers) if not part_file(folder, number).exists()]
    if missing:
        told = {number: part_file(folder, number, "failed") for number in missing}
        failed = [
            f"worker {number} failed: {file.read_text('utf-8')}" for number, file in told.items() if file.exists()
        ]
        waiting = ", ".join(str(number) for number, file in told.items() if not file.exists())
        raise WorkerFailed(
            f"collect_job: every worker must have written its part to {folder}; got none from worker "
            f"{', '.join(map(str, missing))}. "
            + "\n".join(failed or [f"Wait for worker {waiting}, or read its output."])
        )
    return tuple(pickle.loads(part_file(folder, number).read_bytes()) for number in range(job.workers))


def _result(build: Callable[[], Any], parts: tuple[Part, ...], around: Measurement | None) -> DistributedResult:
    """The parts together, announced as one measurement."""
    whole = metering.merge([part.measurement for part in parts], "distributed training")
    whole.around = around
    return DistributedResult(build, parts, metering.announce(whole))
