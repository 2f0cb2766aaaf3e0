"""The run of one of several workers: the same windows as one process takes, a slice of them here, and the clock.

Importing this loads TensorFlow, so that a worker can begin to meter before it does.
"""

from __future__ import annotations

import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from greenlm_edu import metering
from greenlm_edu.errors import EmptyCorpus, InputError
from greenlm_edu.lm import training_optimizer
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.windows import random_starts
from greenlm_edu.metering import Measurement
from greenlm_edu.training.data_parallel_steps import DataParallelSteps
from greenlm_edu.training.distributed_job import Job, Round, slice_of, write_file

__all__ = ["Run", "strategy_for", "train"]

PROGRESS_EVERY_S: Final = 0.5
ROUND_S: Final = 1.0  # what a round's half should take, at least: the CPU's clock moves in steps of up to 10 ms
ROUND_STEPS: Final = (4, 200)


@dataclass(frozen=True)
class Run:
    """What one worker found; fields as in `Part`, and the context of the model that was trained."""

    context: int
    losses: tuple[float, ...]
    weights: tuple[np.ndarray, ...] | None
    difference: float
    seconds: np.ndarray
    bytes_per_step: int
    rounds: tuple[Round, ...]

    def for_part(self) -> dict[str, Any]:
        """All that a Part takes over as it is."""
        return {name: value for name, value in vars(self).items() if name != "context"}


def strategy_for(here: tuple[int, int], timeout_s: float) -> Any:
    """TensorFlow's strategy over the cluster in TF_CONFIG, one device in each worker; a plain one for one worker.

    Args:
        here: which of the workers on this host this is, from 0, and how many there are.
        timeout_s: how long a sum may wait for another worker.
    """
    gpus = tf.config.list_physical_devices("GPU")
    own, count = here
    apart = len(gpus) >= count or bool(os.environ.get("CUDA_VISIBLE_DEVICES"))
    if gpus:
        # A scheduler that gives each task a board shows it that board alone; otherwise the workers take one in turn.
        tf.config.set_visible_devices(gpus[own % len(gpus)], "GPU")
        tf.config.experimental.set_memory_growth(gpus[own % len(gpus)], True)
    if len(json.loads(os.environ["TF_CONFIG"])["cluster"]["worker"]) == 1:
        return tf.distribute.get_strategy()
    kinds = tf.distribute.experimental.CommunicationImplementation
    options = tf.distribute.experimental.CommunicationOptions(
        timeout_seconds=timeout_s,
        implementation=kinds.AUTO if apart else kinds.RING,  # NCCL refuses two workers on one board
    )
    return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)


def train(job: Job, worker: int, strategy: Any, measurement: Measurement, progress: Path) -> Run:
    """Train this worker's slice of each batch, in step with all others.

    Args:
        job: what to train.
        worker: this one's number.
        strategy: of `strategy_for`.
        measurement: running; the joules of the rounds are read from it.
        progress: a file that gets the losses so far, and is written anew as long as the worker comes forward.
    Raises:
        InputError, EmptyCorpus, VocabularyError: the model cannot train on the ids, or its loss is not finite.
        WorkerFailed: another worker has ended.
    """
    model = _model(job, worker)
    steps = DataParallelSteps(model, job.ids.astype(np.int32), strategy, worker)
    steps.broadcast()
    own = slice_of(job.batch, worker, job.workers)
    places = random_starts(len(job.ids), model.context, job.batch, job.seed).as_numpy_iterator()
    losses: list[float] = []
    seconds = np.empty((job.steps, 3))
    told_s = time.perf_counter()
    for number in range(job.steps):
        loss, seconds[number] = _step(steps, next(places)[own])
        losses.append(loss)
        if not math.isfinite(loss):  # the same on all workers, so that all of them end here
            raise InputError(
                f"distributed: the loss must stay finite; got {loss} at step {number + 1} of {job.steps}. "
                "Lower the learning rate, or clip the gradients: optimizer=lambda: …(global_clipnorm=1.0)."
            )
        if time.perf_counter() - told_s > PROGRESS_EVERY_S or number + 1 == job.steps:
            told_s = time.perf_counter()
            write_file(progress, tuple(losses))
    model.optimizer.finalize_variable_values(model.trainable_variables)
    difference = steps.broadcast()
    weights = tuple(model.get_weights()) if worker == 0 else None
    rounds = []
    if job.workers > 1 and job.communication_rounds:
        starts = next(places)[own]
        count = _steps_in_a_round(steps, seconds)
        for number in range(job.communication_rounds):
            rounds.append(_round(steps, starts, count, measurement, with_first=number % 2 == 0))
            write_file(progress, tuple(losses))
    return Run(
        context=model.context,
        losses=tuple(losses),
        weights=weights,
        difference=difference,
        seconds=seconds,
        bytes_per_step=steps.bytes_per_step,
        rounds=tuple(rounds),
    )


def _model(job: Job, worker: int) -> Any:
    """The learner's model, built and compiled as `lm.train` does it."""
    keras.utils.set_random_seed(job.seed)
    model = job.build()
    for name in ("context", "vocab_size"):
        if not isinstance(getattr(model, name, None), int):
            raise InputError(
                f"distributed: build must give a language model with a {name}, such as lm.Transformer; got "
                f"{type(model).__name__}. Give it one: model.{name} = …"
            )
    check_ids("distributed", job.ids, model.vocab_size)
    if len(job.ids) < model.context + 1:
        raise EmptyCorpus(
            f"distributed: the text must hold at least context + 1 tokens; got {len(job.ids)} tokens, "
            f"context={model.context}. Take a longer text, or a shorter context."
        )
    if not model.built:
        model(keras.ops.zeros((1, model.context), "int32"))
    model.compile(
        training_optimizer(job.steps) if job.optimizer is None else job.optimizer(),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
    )
    for variable in model.variables:
        if variable.name == "seed_generator_state":  # of dropout: the same mask on all workers would be half as many
            variable.assign(variable.value + tf.constant([worker, 0], variable.dtype))
    return model


def _step(steps: DataParallelSteps, starts: np.ndarray) -> tuple[float, tuple[float, float, float]]:
    """The loss, and the seconds of the gradients, the sum and the update."""
    times_s = [time.perf_counter()]
    vector = steps.gradients(starts)
    times_s.append(time.perf_counter())
    vector = steps.sum_over_workers(vector)
    times_s.append(time.perf_counter())
    loss = steps.update(vector)
    times_s.append(time.perf_counter())
    first, second, third = np.diff(times_s)
    return loss, (float(first), float(second), float(third))


def _steps_in_a_round(steps: DataParallelSteps, seconds: np.ndarray) -> int:
    """As many as take a second, the same number on all workers, as each of them must take part in each sum."""
    own_s = float(np.median(seconds.sum(axis=1)))
    summed_s, workers = map(float, steps.sum_over_workers(tf.constant([own_s, 1.0], tf.float32)).numpy())
    least, most = ROUND_STEPS
    return min(most, max(least, math.ceil(ROUND_S * workers / max(1e-6, summed_s))))


def _round(
    steps: DataParallelSteps, starts: np.ndarray, count: int, measurement: Measurement, with_first: bool
) -> Round:
    """The same steps with and without the sum. The weights drift apart in it, and are not used any more."""
    found: dict[bool, tuple[float, float | None]] = {}
    for summed in (with_first, not with_first):
        # All begin together: else the first sum would hold the time that a worker is late from what came before.
        steps.sum_over_workers(tf.zeros(2))
        before_j, before_s = _joules(measurement), time.perf_counter()
        for _ in range(count):
            vector = steps.gradients(starts)
            steps.update(steps.sum_over_workers(vector) if summed else vector)
        took_s, after_j = time.perf_counter() - before_s, _joules(measurement)
        found[summed] = took_s, None if before_j is None or after_j is None else max(0.0, after_j - before_j)
    (with_s, with_j), (without_s, without_j) = found[True], found[False]
    return Round(count, with_s, without_s, with_j, without_j)


def _joules(measurement: Measurement) -> float | None:
    energy_j = metering.refresh(measurement).energy_j
    return None if energy_j is None else energy_j.best
