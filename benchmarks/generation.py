"""How fast `generate` writes, beside the same model in PyTorch: a plain GPT, eager, with a key-value cache.

    python benchmarks/generation.py [--torch PYTHON] [--rounds N] [--seconds S]

PYTHON is an interpreter with PyTorch (by default that of `make oracles`). Each program is a process of its own that
stays alive; in each round they take turns, so that all meet the same neighbours on the machine, and the ratio is taken
round by round. PyTorch runs as it comes and with one thread, as its threads wait for each other where a neighbour is
busy: in each round the faster of the two counts. Texts of one token and 63 drawn after it fill the context of 64.
Before anything is timed, PyTorch takes over the other's weights, and all must write the same likeliest text.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
ORACLES = Path(os.environ.get("GREENLM_ORACLES", ROOT / "build" / "oracles"))
VOCAB, CONTEXT = 103, 64
BARS = {1: 3.8, 16: 1.9}  # tokens a second, as a multiple of PyTorch's, by rows


# --- in the workers --------------------------------------------------------------------------------------------------


def ours(weights: Path) -> Callable[[int, float], Any]:
    """A function that writes so many rows at a temperature; the weights are drawn, and saved."""
    import keras

    from greenlm_edu import lm

    keras.utils.set_random_seed(0)
    model = lm.Transformer(VOCAB, CONTEXT, positions="learned")
    for weight in model.weights:
        if "kernel" in weight.path:
            weight.assign(np.asarray(weight) * 15)  # as they start, they are so small that a text repeats one token
    np.savez(weights, *(np.asarray(weight) for weight in model.weights))
    return lambda rows, temperature: lm.generate(model, prompts(rows), CONTEXT - 1, temperature)


def torch_as_it_comes(weights: Path) -> Callable[[int, float], Any]:
    """The same in PyTorch, with the weights that were saved."""
    from torch import from_numpy
    from torch_gpt import GPT

    model = GPT(VOCAB, CONTEXT).load(list(np.load(weights).values()))
    return lambda rows, temperature: model.generate(from_numpy(prompts(rows)), CONTEXT - 1, temperature).numpy()


def torch_one_thread(weights: Path) -> Callable[[int, float], Any]:
    """PyTorch with a single thread."""
    import torch

    torch.set_num_threads(1)
    return torch_as_it_comes(weights)


def prompts(rows: int) -> np.ndarray:
    """A token to start with for each row, (rows, 1)."""
    return np.arange(rows)[:, np.newaxis]


def work(write: Callable[[int, float], Any]) -> None:
    """Answer each line [rows, seconds] with tokens a second at temperature 1, or with the greedy text for 0 seconds."""
    for line in sys.stdin:
        rows, seconds = json.loads(line)
        if seconds:
            texts, began = 0, time.perf_counter()
            while (took_s := time.perf_counter() - began) < seconds:
                write(rows, 1.0)
                texts += 1
            answer: Any = texts * rows * (CONTEXT - 1) / took_s
        else:
            write(rows, 1.0)  # compiles what will be timed
            answer = np.asarray(write(rows, 0.0)).tolist()
        print(json.dumps(answer), flush=True)


WRITERS = {writer.__name__: writer for writer in (ours, torch_as_it_comes, torch_one_thread)}

# --- at the head -----------------------------------------------------------------------------------------------------


class Worker:
    """A process that does `work`."""

    def __init__(self, python: str | Path, name: str, weights: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [python, __file__, "--worker", name, "--weights", weights]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, rows: int, seconds: float) -> Any:
        print(json.dumps([rows, seconds]), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.process.args} ended with {self.process.wait()}; run it by hand to see why")
        return json.loads(answer)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def middle(values: list[float], form: str) -> str:
    """Median (smallest – largest)."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} – {max(values):{form}})"


def compare(python: Path, rounds: int, seconds: float, weights: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("rows", "generate / tokens/s", "PyTorch / tokens/s", "ratio", "bar", "")
    mine = Worker(sys.executable, "ours", weights)
    first = {rows: mine.ask(rows, 0) for rows in BARS}  # the weights are on disk when this is answered
    theirs = [Worker(python, name, weights) for name in WRITERS if name != "ours"]
    for rows, bar in BARS.items():
        for worker in theirs:
            same = np.array(first[rows]) == np.array(worker.ask(rows, 0))
            if not same.all():
                raise SystemExit(f"the greedy texts of {rows} rows differ from place {int(np.argmin(same.all(0)))} on")
        speeds, theirs_speeds = [], []
        for _ in range(rounds):
            speeds.append(mine.ask(rows, seconds))
            theirs_speeds.append(max(worker.ask(rows, seconds) for worker in theirs))
        ratios = [a / b for a, b in zip(speeds, theirs_speeds, strict=True)]
        met = "met" if statistics.median(ratios) >= bar else "NOT met"
        table.add_row(
            str(rows), middle(speeds, ",.0f"), middle(theirs_speeds, ",.0f"), middle(ratios, ".2f"), f"≥ {bar}", met
        )
    for worker in (mine, *theirs):
        worker.end()
    Console(width=120).print(table)
    print(f"Median (smallest – largest) of {rounds} rounds of {seconds:g} s each; the greedy texts are the same.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", type=Path, default=ORACLES / "bin" / "python", help="an interpreter with PyTorch")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--worker", choices=WRITERS, help=argparse.SUPPRESS)
    parser.add_argument("--weights", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(WRITERS[options.worker](options.weights))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(options.torch, options.rounds, options.seconds, Path(folder) / "weights.npz")


if __name__ == "__main__":
    main()
