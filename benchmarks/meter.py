"""What the meter costs and how right it is, beside the bars that it must meet: `make benchmark`.

Each row is measured here and now; figures that depend on the machine are compared within one run, in interleaved
pairs. `--quick` takes few repetitions, to see that the benchmark itself works.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from greenlm_edu.energy import PowerTrace, Reading, Sample
from greenlm_edu.energy.sampler import PERIOD_S
from greenlm_edu.metering import default_meter, measure


@dataclass(frozen=True)
class Row:
    """One bar: what was measured, what it had to be, what it was."""

    what: str
    bar: str
    found: str
    met: bool


ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for the tests' stand-in library

# --- how right it is -------------------------------------------------------------------------------------------------


def scripted_gpus(quick: bool) -> Iterator[Row]:
    """Random curves through the whole NVML path, on the clock of the tests' stand-in for NVIDIA's library."""
    from tests.nvml_stand_in.sampled_curves import simulate_counter, simulate_sampled

    curves = 100 if quick else 1000
    counter = simulate_counter(curves, period_s=PERIOD_S)
    sampled = simulate_sampled(curves, period_s=PERIOD_S)
    yield Row("counter: truth inside the interval", "always", f"{counter.coverage:.1%}", counter.coverage == 1)
    found = f"{counter.within_1_percent:.1%} of windows"
    yield Row("counter, over 20 steps: best within 1 %", "always", found, counter.within_1_percent == 1)
    yield Row("sampled 25 of 100 ms: truth inside", "≥ 95 %", f"{sampled.coverage:.1%}", sampled.coverage >= 0.95)
    found = f"{sampled.width_ratio:.2f} (meter's own ±5 % in play)"
    yield Row("sampled: full width ÷ median error", "≤ 4", found, sampled.width_ratio <= 4)


def neighbour(quick: bool) -> Iterator[Row]:
    """The same work, alone and beside a busy process that is no child of this one."""
    idle_w = default_meter().measure_idle()["cpu"].best

    def work() -> float:
        with measure() as m:
            until = time.thread_time() + (0.3 if quick else 1.5)
            while time.thread_time() < until:
                sum(range(2000))
        part = next(part for part in m.components if part.component == "cpu")
        return part.energy_j.best - idle_w * m.duration_s if part.energy_j else math.nan

    ratios = []
    for _ in range(3 if quick else 9):
        alone = work()
        # The shell ends at once, so the loop belongs to nobody here: a child's work would count as ours.
        command = [sys.executable, "-c", "while True: pass"]
        shell = f"{shlex.join(command)} > /dev/null 2>&1 & echo $!"
        pid = int(subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout)
        try:
            ratios.append(work() / alone)
        finally:
            os.kill(pid, signal.SIGKILL)
    ratio = statistics.median(ratios)
    yield Row("CPU model above idle, beside a busy neighbour ÷ alone", "0.9 – 1.1", f"{ratio:.3f}", 0.9 <= ratio <= 1.1)


def day_of_trace(quick: bool) -> Iterator[Row]:
    """A day of readings at 10 Hz goes into one trace."""
    trace, readings, energy_j = PowerTrace(0.0), 86_400 if quick else 864_000, 0.0
    for number in range(readings):
        if number:
            energy_j += 0.1 * (100 + number % 13)
        trace.add(Sample(number * 0.1, {"gpu0": Reading(number * 0.1, energy_j)}))
    steps = trace.steps("gpu0")
    area_j = math.fsum((b - a) * watts for a, b, watts in steps)
    covered_j = energy_j * steps[-1][1] / ((readings - 1) * 0.1)
    off = abs(area_j - covered_j) / covered_j
    found = f"{len(steps)} steps, integral off by {off:.1e}"
    yield Row(
        f"trace of {readings:,} readings", "bounded, integral unchanged", found, len(steps) <= 1025 and off < 1e-3
    )


# --- what it costs ---------------------------------------------------------------------------------------------------


def enter_and_exit(quick: bool) -> Iterator[Row]:
    """measure() around nothing: the first time in a process, and warm."""
    code = (
        "import time, greenlm_edu\n"
        "began = time.perf_counter()\n"
        "from greenlm_edu.metering import measure\n"
        "loaded = time.perf_counter()\n"
        "with measure(): pass\n"
        "print(time.perf_counter() - loaded, loaded - began)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    first_s = statistics.median(float(run.stdout.split()[0]) for run in runs)
    load_s = statistics.median(float(run.stdout.split()[1]) for run in runs)
    found = f"{first_s * 1e3:.1f} ms (import {load_s * 1e3:.0f} ms)"
    yield Row("first measure() in a process", "≤ 50 ms", found, first_s <= 0.05)
    with measure():
        pass
    took = []
    for _ in range(50 if quick else 500):
        began = time.perf_counter()
        with measure():
            pass
        took.append(time.perf_counter() - began)
    warm_s = statistics.median(took)
    yield Row("measure(), enter and exit, warm", "≤ 1 ms", f"{warm_s * 1e3:.2f} ms", warm_s <= 1e-3)


def idle_cost(quick: bool) -> Iterator[Row]:
    """The sampler at 10 Hz while the cell sleeps, beside a thread that wakes as often and does nothing."""
    with measure():
        time.sleep(0.5)

    def sampled() -> None:
        with measure():
            time.sleep(2 if quick else 10)

    def only_waking() -> None:
        for _ in range(20 if quick else 100):
            time.sleep(0.1)

    def share_of_core(run: Callable[[], None]) -> float:
        began_s, began = time.process_time(), time.monotonic()
        run()
        return (time.process_time() - began_s) / (time.monotonic() - began)

    rounds = [(share_of_core(sampled), share_of_core(only_waking)) for _ in range(1 if quick else 3)]
    share, floor = (statistics.median(column) for column in zip(*rounds, strict=True))
    found = f"{share:.3%} (waking alone {floor:.3%})"
    yield Row("sampler at 10 Hz, of one core", "≤ 0.1 %", found, share <= 1e-3)


def ratio_of(metered: Callable[[], float], bare: Callable[[], float], pairs: int) -> float:
    """Median over interleaved pairs of metered ÷ bare, the order turned round in every other pair."""
    ratios = []
    for number in range(pairs):
        if number % 2:
            with_s, without_s = metered(), bare()
        else:
            without_s, with_s = bare(), metered()
        ratios.append(with_s / without_s)
    return statistics.median(ratios)


def slow_down(quick: bool) -> Iterator[Row]:
    """A busy Python loop, metered against bare."""
    loops = 200_000 if quick else 4_000_000

    def bare() -> float:
        began = time.perf_counter()
        total = 0
        for number in range(loops):
            total += number * number
        return time.perf_counter() - began

    def metered() -> float:
        with measure():
            return bare()

    ratio = ratio_of(metered, bare, 3 if quick else 15)
    yield Row("Python loop, metered ÷ bare", "≤ 1.01", f"{ratio:.4f}", ratio <= 1.01)


def keras_slow_down(quick: bool) -> Iterator[Row]:
    """A Keras fit of many short steps, metered with its callback against bare."""
    import keras
    import numpy as np

    from greenlm_edu.training import EnergyCallback

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(256, "relu"), keras.layers.Dense(256, "relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse", jit_compile=True, steps_per_execution=32)
    x = np.random.default_rng(0).normal(size=(8 * 32 * 64, 64)).astype("float32")
    y = x[:, :1] ** 2
    epochs = 2 if quick else 12

    def fit(*callbacks: object) -> float:
        began = time.perf_counter()
        model.fit(x, y, batch_size=64, epochs=epochs, verbose=0, callbacks=list(callbacks))
        return time.perf_counter() - began

    def metered() -> float:
        with measure():
            return fit(EnergyCallback())

    fit()
    ratio = ratio_of(metered, fit, 3 if quick else 15)
    yield Row("Keras fit with EnergyCallback, metered ÷ bare", "≤ 1.01", f"{ratio:.4f}", ratio <= 1.01)


def side_effects(quick: bool) -> Iterator[Row]:
    """Sockets, processes and lines of output, seen by Python's own audit hook."""
    code = """
import json, sys, time
seen = {"sockets": 0, "processes": 0}
def hook(event, args):
    if event.startswith("socket."): seen["sockets"] += 1
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system", "os.exec"): seen["processes"] += 1
sys.addaudithook(hook)
import greenlm_edu
with greenlm_edu.measure(region="FRA") as m:
    time.sleep(1.5)
m.footprint()
print(json.dumps(seen))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *printed, last = run.stdout.splitlines()
    seen = json.loads(last)
    lines = len(printed) + len(run.stderr.splitlines())
    found = f"{seen['sockets']} sockets, {lines} lines, {seen['processes']} processes"
    yield Row("sockets opened, lines printed, processes spawned", "0", found, not (lines or any(seen.values())))


BENCHMARKS = (
    scripted_gpus, neighbour, day_of_trace, enter_and_exit, idle_cost, slow_down, keras_slow_down, side_effects,
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions: does the benchmark work?")
    parser.add_argument("--only", nargs="*", default=[], help="names of benchmarks, such as idle_cost")
    options = parser.parse_args()
    table = Table("what", "bar", "found", "", title="The meter: how right it is and what it costs")
    for benchmark in BENCHMARKS:
        if options.only and benchmark.__name__ not in options.only:
            continue
        for row in benchmark(options.quick):
            table.add_row(row.what, row.bar, row.found, "met" if row.met else "NOT MET")
    Console(width=130).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
