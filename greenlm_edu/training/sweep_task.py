"""What a sweep runs on a worker: getting ready, and one training run with a meter around it."""

from __future__ import annotations

import math
import os
import platform
import random
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import cloudpickle
import numpy as np
from distributed import get_worker

from greenlm_edu import metering
from greenlm_edu.energy.container import find_worker_share
from greenlm_edu.energy.place import host_id, process_place
from greenlm_edu.errors import InputError
from greenlm_edu.metering import Measurement, default_meter
from greenlm_edu.training.heartbeat import Heart
from greenlm_edu.training.worker_meter import measure_worker, travelling, worker_meter

__all__ = ["Outcome", "Task", "get_ready", "run_once", "run_task", "thread_settings", "versions", "whereabouts"]

# Unlike losses are the least that unlike versions of these may lead to.
COMPARED: Final = ("keras", "tensorflow", "tensorflow-cpu", "jax", "torch", "numpy", "cloudpickle", "distributed")


@dataclass(frozen=True)
class Task:
    """One attempt at one training run.

    Args:
        attempt: its name, unlike all others.
        topic: where its heartbeats are told.
        train: the learner's function, pickled by value where a worker could not import it.
        configuration, seed: what it is called with.
        process: the worker process that was made ready for it.
        workers_on_host: how many workers share its machine.
        region, pue: for the footprint.
    """

    attempt: str
    topic: str
    train: bytes
    configuration: Any
    seed: int
    process: str
    workers_on_host: int
    region: str | None
    pue: float


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Args:
        measurement: what it used; None where it did not run, because the worker was not the one made ready.
        figures: what `train` gave, by name; empty where it failed.
        error: type and text of its error; empty where there was none.
        traceback: where that was raised.
    """

    measurement: Measurement | None
    figures: Mapping[str, float]
    error: str = ""
    traceback: str = ""


def whereabouts() -> tuple[str, str, int]:
    """The machine, the process and the process's number of the worker that is asked."""
    return host_id(), process_place(), os.getpid()


def versions() -> dict[str, str]:
    """What this process would train with: Python, greenlm_edu, and each engine's version, without loading any."""
    from greenlm_edu import __version__

    found = {"python": ".".join(platform.python_version_tuple()[:2]), "greenlm_edu": __version__}
    for package in COMPARED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def thread_settings(workers_on_host: int) -> dict[str, str]:
    """The environment in which TensorFlow takes this worker's part of the CPUs, so that workers do not fight."""
    threads = max(1, math.floor(find_worker_share(workers_on_host).cpus / workers_on_host))
    return {"TF_NUM_INTRAOP_THREADS": str(threads), "TF_NUM_INTEROP_THREADS": str(threads)}


def get_ready(train: bytes, imports: Iterable[str], workers_on_host: int) -> str:
    """Loads what the runs need, so that no run pays for it, and gives the process's name.

    Raises:
        Exception: whatever loading raises.
    """
    if "tensorflow" not in sys.modules:  # it looks at them once, when it starts
        for name, value in thread_settings(workers_on_host).items():
            os.environ.setdefault(name, value)
    for module in imports:
        import_module(module)
    cloudpickle.loads(train)
    worker_meter(workers_on_host)
    keep_dask_from_drawing()
    return process_place()


def keep_dask_from_drawing() -> None:
    """Gives Dask's modules random numbers of their own.

    Its thread draws from Python's common ones while a run is under way, some times a second, to weigh what it sends;
    and Keras draws the seeds of first weights from the same. Without this, a run's loss would depend on the moment.
    """
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("dask", "distributed", "tornado") and getattr(module, "random", None) is random:
            module.random = random.Random()  # type: ignore[attr-defined]


def run_task(task: Task) -> Outcome:
    """One metered training run; an error of `train` is a part of the outcome, as its joules were spent all the same."""
    if process_place() != task.process:  # the worker died, and was started again at the same address
        return Outcome(None, {})
    keep_dask_from_drawing()  # again, as modules of it may have been loaded since
    worker = get_worker()

    def tell(beat: dict[str, Any]) -> None:
        worker.log_event(task.topic, {"attempt": task.attempt, **beat})

    try:
        with measure_worker(
            "sweep: one run", workers_on_host=task.workers_on_host, region=task.region, pue=task.pue
        ) as m:
            stop = metering.follow(m, Heart(m, default_meter().sampler.sources, tell))
            try:
                figures = run_once(cloudpickle.loads(task.train), task.configuration, task.seed)
            finally:
                stop()
    except (Exception, SystemExit) as err:  # the learner's code may raise anything; it is told in its row
        return Outcome(travelling(m), {}, f"{type(err).__name__}: {err}", traceback.format_exc())
    return Outcome(travelling(m), figures)


def run_once(train: Callable[[Any, int], Any], configuration: Any, seed: int) -> dict[str, float]:
    """One run as a sweep makes it, without its meter: the seeds set, the result looked at.

    Raises:
        InputError: `train` gave something other than a number or numbers by name.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if keras := sys.modules.get("keras"):
        keras.utils.clear_session()  # what an earlier run left may not change this one
        keras.utils.set_random_seed(seed)
    return _figures(train(configuration, seed))


def _figures(result: Any) -> dict[str, float]:
    given = result if isinstance(result, Mapping) else {"value": result}
    try:
        if any(isinstance(value, str | bytes) for value in given.values()):
            raise TypeError
        return {str(name): float(value) for name, value in given.items()}
    except (TypeError, ValueError) as err:
        raise InputError(
            f"sweep: train must return a number, or a dict of numbers by name; got {result!r:.200}. "
            "Return, for example, {'loss': 1.9}."
        ) from err
