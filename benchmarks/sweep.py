"""Six trainings on two workers: the losses of one after the other, and every joule counted once.

    python benchmarks/sweep.py [--steps N]

Three sizes of Transformer × two seeds on the toy language, with `lm.train`, first one after the other in this process,
then by `sweep` on two worker processes that it starts; then once more with one training in which its worker is killed.
Which bars are met is printed, and is the exit status. About two minutes on two CPUs.

- Losses: to the last bit those of one after the other.
- Joules: where the CPU is modelled, the rest (the whole without the runs) has an oracle: the CPU times that the
  processes told of themselves, times the model's watts. Elsewhere the whole must lie in the range of runs + rest.
- The killed worker's joules are in the sum, with a range that holds what the same training used when it was let live.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from greenlm_edu.energy import CpuModelSource
from greenlm_edu.energy.container import find_worker_share
from greenlm_edu.energy.cpu_model import IDLE_SHARE, classify_cpu, cpu_name
from greenlm_edu.metering import Component, Measurement
from greenlm_edu.training import SweepResult, sweep
from greenlm_edu.training.sweep_task import run_once, thread_settings

SIZES = ({"width": 16, "num_layers": 1}, {"width": 32, "num_layers": 1}, {"width": 48, "num_layers": 2})
SEEDS = (0, 1)
# How far the oracle's rest may be from the meter's: CPU time is counted in steps, and read at other moments.
NEAR = 0.05


def training(steps: int, killed: Path | None = None) -> Callable[[dict[str, int], int], dict[str, float]]:
    """What a worker runs: a small Transformer on the toy language.

    Args:
        steps: of 32 windows each.
        killed: the worker dies at the end of the first training that finds no such file.
    """

    def train(size: dict[str, int], seed: int) -> dict[str, float]:
        began_cpu_s = time.process_time()
        import keras
        import numpy as np

        from greenlm_edu import corpora, lm

        keras.utils.set_random_seed(seed)
        text = corpora.load("toy_language")
        tokenizer = lm.WordTokenizer.fit(text.train)
        ids, validation = tokenizer.encode(text.train), np.asarray(tokenizer.encode(text.validation))[: 32 * 16 + 1]
        model = lm.Transformer(tokenizer.vocab_size, 16, num_heads=2, **size)
        options = {"epochs": 2, "steps_per_epoch": steps // 2, "seed": seed, "loop": "fast", "progress": False}
        history = lm.train(model, ids, validation=validation, **options)
        if killed is not None and not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {
            "loss": history.loss[-1],
            "val_loss": history.val_loss[-1],
            "cpu_s": time.process_time() - began_cpu_s,
        }

    return train


def main() -> None:
    """Run both ways, print the tables, judge."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--steps", type=int, default=192)
    steps = options.parse_args().steps

    os.environ.update(thread_settings(2))  # as the workers have; TensorFlow looks at them once, when it is loaded
    console = Console(width=150)
    train = training(steps)
    began_s = time.monotonic()
    alone = [run_once(train, size, seed) for size in SIZES for seed in SEEDS]
    alone_s = time.monotonic() - began_s
    before = _cpu_of_family_s()
    began_s = time.monotonic()
    result = sweep(train, SIZES, seeds=SEEDS, workers=2)
    together_s, family_cpu_s = time.monotonic() - began_s, _cpu_of_family_s() - before
    print(result.table(), "\n")
    with tempfile.TemporaryDirectory() as folder:
        lost = sweep(training(steps, Path(folder) / "killed"), SIZES[2:], seeds=SEEDS[:1], workers=2)
    print(lost.table(), "\n")

    bars = [
        _losses(alone, result),
        _adds_up(result, family_cpu_s, together_s),
        _killed(lost),
    ]
    table = Table(title="sweep of 6 trainings, 2 workers", title_justify="left")
    for heading in ("what", "aim", "found", "bar"):
        table.add_column(heading)
    for what, aim, found, met in bars:
        table.add_row(what, aim, found, "met" if met else "NOT met")
    console.print(table)
    print(f"one after the other {alone_s:.0f} s, by sweep with the start of its workers {together_s:.0f} s")
    sys.exit(0 if all(met for *_, met in bars) else 1)


def _losses(alone: list[dict[str, float]], result: SweepResult) -> tuple[str, str, str, bool]:
    names = ("loss", "val_loss")
    same = sum(
        all(row.figures.get(name) == one[name] for name in names) for row, one in zip(result.rows, alone, strict=True)
    )
    different = len({one["loss"] for one in alone})
    aim = "6 of 6, to the last bit"
    return "losses as of one after the other", aim, f"{same} of 6; {different} of them unlike", same == different == 6


def _adds_up(result: SweepResult, family_cpu_s: float, wall_s: float) -> tuple[str, str, str, bool]:
    """Runs and rest beside what the processes' own CPU times say."""
    whole, runs = (_cpu(m) for m in (result.whole, result.measurement))
    whole_j, runs_j = result.whole.energy_j, result.parts_j
    rest_j = result.rest_j
    kept = rest_j is not None and rest_j.best > 0
    kept = kept and runs_j.low + rest_j.low <= whole_j.best <= runs_j.high + rest_j.high
    if {part.basis.value for part in (whole, runs)} != {"modelled"}:
        found = f"{runs_j.text()} + {rest_j.text()}; whole {whole_j.text()}" if rest_j else "rest not known"
        return "joules: runs + rest, beside the whole", "the whole is in their range", found, kept
    source = CpuModelSource(find_worker_share())
    busy_w = classify_cpu(cpu_name()).watts_per_cpu * (1 - IDLE_SHARE)
    rows = result.rows
    expected_whole_j = source.idle_power_w * wall_s + busy_w * family_cpu_s
    expected_runs_j = sum(source.idle_power_w / 2 * row.duration_s + busy_w * row.figures["cpu_s"] for row in rows)
    expected_rest_j, found_rest_j = expected_whole_j - expected_runs_j, whole.energy_j.best - runs.energy_j.best
    apart = abs(found_rest_j - expected_rest_j) / expected_whole_j
    found = (
        f"CPU: runs {runs.energy_j.best:.0f} + rest {found_rest_j:.0f} = whole {whole.energy_j.best:.0f} J; by the "
        f"processes' own CPU times {expected_runs_j:.0f} + {expected_rest_j:.0f} = {expected_whole_j:.0f} J"
    )
    return (
        "joules: runs + rest = whole",
        f"rest as by CPU times, ± {NEAR:.0%} of the whole",
        found,
        kept and apart <= NEAR,
    )


def _killed(lost: SweepResult) -> tuple[str, str, str, bool]:
    (row,) = lost.rows
    parts = {part.status.partition(":")[0]: part.energy_j for part in row.measurement.parts}
    gone, lived = parts.get("failed"), parts.get("finished")
    what, aim = "a killed worker's joules", "counted; range holds what the same run used when it lived"
    if gone is None or lived is None or row.attempts != 2:
        return what, aim, f"{row.attempts} attempts, {row.status}", False
    found = f"{gone.text()}; lived {lived.text()}; both {row.energy_j.text()}"
    counted = row.energy_j.best > lived.best and lost.parts_j.best >= row.energy_j.best * 0.999
    return what, aim, found, counted and 0 < gone.low <= lived.best <= gone.high


def _cpu(measurement: Measurement) -> Component:
    return next(part for part in measurement.components if part.component == "cpu")


def _cpu_of_family_s() -> float:
    """CPU time of this process and of its children that have ended, as Linux counts it."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
