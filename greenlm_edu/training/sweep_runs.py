"""The same training in many configurations, on several workers, each run metered, and nothing counted twice."""

from __future__ import annotations

import inspect
import itertools
import math
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from greenlm_edu import metering
from greenlm_edu.errors import ClusterUnavailable, InputError
from greenlm_edu.metering import Measurement
from greenlm_edu.training.sweep_result import SweepResult, SweepRow, held_by, joules, merged, words_of

if TYPE_CHECKING:
    from distributed import Client

    from greenlm_edu.training.sweep_dispatch import Run

__all__ = ["sweep"]

# Modules that take seconds to load; if they are loaded here, each worker loads them before its first run.
SLOW_TO_LOAD = ("keras", "jax", "torch")


def sweep(
    train: Callable[[Any, int], float | Mapping[str, float]],
    configurations: Iterable[Any],
    *,
    workers: int | str | Client = 2,
    seeds: Iterable[int] = (0,),
    retries: int = 1,
    timeout_s: float = 30.0,
    region: str | None = None,
    pue: float = 1.0,
    progress: bool = False,
    allow_mixed_versions: bool = False,
) -> SweepResult:
    """Trains every configuration with every seed on several worker processes, and meters each run.

    Python's, NumPy's and Keras' seeds are set before each run. If `train` raises, its row says so and the others go
    on. If a worker dies, its run begins anew on another, and the joules of the lost attempt count as spent. What all
    attempts used is announced once, as one measurement: the ledger has one row for the sweep.

    Args:
        train: called with a configuration and a seed in a worker; gives a number, or numbers by name.
        configurations: whatever `train` understands; it must pickle.
        workers: how many processes to start on this machine, a Dask scheduler's address, or a `distributed.Client`.
        seeds: each configuration is trained with each of them.
        retries: how often a run is begun anew after its worker died.
        timeout_s: how long to wait for the scheduler, for a first worker, and for another where all have died.
        region, pue: of all measurements, as for `measure`.
        progress: whether a line is printed for each run that ends.
        allow_mixed_versions: use workers whose Keras, TensorFlow and others are not of the versions here.
    Returns:
        the rows in the order asked for, and the joules of the runs, of the rest and of the whole.
    Raises:
        InputError: an argument that cannot be used; workers of other versions, by name.
        UnknownRegion: no such country.
        ClusterUnavailable: no scheduler or no worker within timeout_s; or Dask is not installed.

    Lesson: notebooks/14.
    """
    wanted = _wanted(train, configurations, seeds, retries, timeout_s)
    try:
        from greenlm_edu.training.sweep_cluster import check_workers, open_client, wait_for_workers
        from greenlm_edu.training.sweep_dispatch import Dispatch, Run
    except ModuleNotFoundError as err:
        if err.name not in ("distributed", "dask", "cloudpickle"):
            raise
        raise ClusterUnavailable(
            f"sweep: Dask must be installed for workers; got no package “{err.name}”. "
            'Install it: pip install "greenlm-edu[notebooks]"'
        ) from err
    runs = [Run(configuration, seed) for configuration, seed in wanted]
    pickled = _pickled(train, runs)
    around, whole = metering.running(), None
    try:
        with (
            metering.unannounced(),
            metering.measure("sweep, all around", region=region, pue=pue) as whole,
            open_client(workers, timeout_s) as client,
        ):
            hosts = check_workers(
                client, wait_for_workers(client, timeout_s), allow_mixed_versions=allow_mixed_versions
            )
            dispatch = Dispatch(
                client,
                hosts,
                pickled,
                [module for module in SLOW_TO_LOAD if module in sys.modules],
                retries=retries,
                timeout_s=timeout_s,
                region=whole.region,
                pue=whole.pue,
                allow_mixed_versions=allow_mixed_versions,
                tell=_Lines(len(runs)) if progress else _say_nothing,
            )
            dispatch.run_all(runs)
    finally:  # whatever breaks it off, what was spent until then is told to those who listen
        measurement = _announced(runs, whole, around) if whole is not None else None
    return SweepResult(tuple(_row(run, whole) for run in runs), measurement, whole, tuple(dispatch.notices))


def _wanted(train: Any, configurations: Any, seeds: Any, retries: Any, timeout_s: Any) -> list[tuple[Any, int]]:
    """Each configuration with each seed, in order, once everything was looked at."""
    if not callable(train):
        raise InputError(
            f"sweep: train must be a function of a configuration and a seed; got {train!r:.200}. "
            "Write, for example, def train(width, seed): …"
        )
    if isinstance(configurations, str | bytes | Mapping) or not isinstance(configurations, Iterable):
        raise InputError(
            f"sweep: configurations must be a list of them; got {configurations!r:.200}. Put a single one in brackets."
        )
    if isinstance(seeds, str | bytes) or not isinstance(seeds, Iterable):
        raise InputError(
            f"sweep: seeds must be a list of whole numbers; got {seeds!r:.200}. Write, for example, (0, 1)."
        )
    chosen, numbers = list(configurations), list(seeds)
    if not chosen or not numbers:
        what = "numbers in seeds" if chosen else "configurations"
        raise InputError(f"sweep: there must be something to train; got no {what}. Give at least one.")
    for seed in numbers:
        if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
            raise InputError(f"sweep: each seed must be a whole number, 0 or more; got {seed!r}. Take 0, 1, 2.")
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise InputError(f"sweep: retries must be a whole number, 0 or more; got {retries!r}. 1 is usual.")
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or not 0 < timeout_s < math.inf:
        raise InputError(f"sweep: timeout_s must be above 0 seconds, and finite; got {timeout_s!r}. 30 is usual.")
    return [(configuration, int(seed)) for configuration, seed in itertools.product(chosen, numbers)]


def _pickled(train: Callable[..., Any], runs: Sequence[Run]) -> bytes:
    """`train` for the way to the workers; by value, where it stands in a file that they may not have."""
    import cloudpickle

    module = inspect.getmodule(train)
    with ExitStack() as end:
        if module is not None and module.__name__ != "__main__" and not _installed(module):
            cloudpickle.register_pickle_by_value(module)
            end.callback(cloudpickle.unregister_pickle_by_value, module)
        try:
            pickled: bytes = cloudpickle.dumps(train)
            for configuration in {id(run.configuration): run.configuration for run in runs}.values():
                cloudpickle.dumps(configuration)
        except Exception as err:  # pickling asks any object of the learner's, and raises whatever that raises
            raise InputError(
                "sweep: train and the configurations must pickle, to reach the workers; got "
                f"{type(err).__name__}: {err}. Make models, data and locks inside train."
            ) from err
    return pickled


def _installed(module: ModuleType) -> bool:
    """Whether every worker with the same packages has it: ours, Python's own, and what pip installed."""
    file = getattr(module, "__file__", None)
    if file is None or module.__name__.split(".")[0] == "greenlm_edu":
        return True
    folders = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}
    return any(Path(file).resolve().is_relative_to(folder) for folder in folders)


def _row(run: Run, whole: Measurement) -> SweepRow:
    outcome, last = run.outcome, run.spent[-1] if run.spent else None
    failed = run.error.partition(":" if outcome else " (")[0]
    return SweepRow(
        configuration=run.configuration,
        seed=run.seed,
        figures=outcome.figures if outcome else {},
        duration_s=last.duration_s if last else 0.0,
        measurement=merged(run.spent, whole, words_of(run.configuration)),
        worker=run.worker,
        attempts=len(run.spent),
        status=f"failed: {failed}" if run.error else "finished",
        error=run.error,
        traceback=outcome.traceback if outcome else "",
    )


def _announced(runs: Sequence[Run], whole: Measurement, around: Measurement | None) -> Measurement | None:
    """What all attempts used, as one measurement, once those who listen have heard of it."""
    spent = [one for run in runs for one in run.spent]
    name = f"sweep of {len(runs)} runs"
    measurement = merged(spent, whole, name)
    if measurement is None or around is None:
        return measurement and metering.announce(measurement)
    # A cell that is metered itself holds its own workers' joules: it is the parent of those, and not of others'.
    metering.refresh(around)
    inside, outside = _split(measurement.parts, around)
    if inside and outside:
        for parts, outer in ((inside, around), (outside, None)):
            if (one := merged(parts, whole, name)) is not None:
                metering.announce(replace(one, around=outer))
        return measurement
    measurement.around = around if inside else None
    return metering.announce(measurement)


def _split(parts: Iterable[Measurement], around: Measurement) -> tuple[list[Measurement], list[Measurement]]:
    """The components of the parts whose joules `around` holds, and the others."""
    inside, outside = [], []
    for part in parts:
        held = [one for one in part.components if one.energy_j is not None and held_by(around, one)]
        others = [one for one in part.components if one not in held]
        if held and all(one.energy_j is None for one in others):
            inside.append(part)
        elif not held:
            outside.append(part)
        else:
            inside.append(replace(part, components=tuple(held)))
            outside.append(replace(part, components=tuple(others)))
    return inside, outside


class _Lines:
    """Prints a line for each run that ends."""

    def __init__(self, count: int) -> None:
        self._count, self._done = count, 0

    def __call__(self, run: Run) -> None:
        self._done += 1
        energy_j = metering.merge(run.spent).energy_j if run.spent else None
        figures = ", ".join(f"{name} {value:.6g}" for name, value in run.outcome.figures.items()) if run.outcome else ""
        told = run.error or figures
        print(
            f"{self._done}/{self._count}  {words_of(run.configuration)}, seed {run.seed}: {told}; {joules(energy_j)}",
            flush=True,
        )


def _say_nothing(run: Run) -> None:
    """Without progress."""
