"""How fast a small GPT trains on this processor, beside PyTorch; how well; and what a loss of 1.9 costs in joules.

    python benchmarks/training.py [--rounds N] [--only speed|loss|joules]

The model is the small CPU configuration of GPT teaching code: 4 layers, 4 heads, width 128, context 64, batch 12, no
biases, tied head, exact GELU, AdamW, gradients clipped, on the characters of python_docs. PyTorch (`make oracles`) has
a plain eager GPT (benchmarks/torch_gpt.py) with fused attention and the fused AdamW, its fastest here, in each round
with two threads and with one; the faster counts. Every variant lives in a process of its own; segments of the same
number of steps take turns, and each round gives a ratio.

Joules are what this project's meter says of the training alone, compiling included, evaluation not. The recipe that
they are compared with is that of Keras' example “Text generation with a miniature GPT” (Nandan 2020), with its own
sizes and optimizer and its `fit` as it comes, on the same characters.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
WORKER = Path(__file__).with_name("training_worker.py")
TORCH = ROOT / "build" / "oracles" / "bin" / "python"
CONTEXT, WIDTH, LAYERS, HEADS, BATCH = 64, 128, 4, 4, 12
LOSS_STEPS, SEEDS = 480, (1, 2, 3)
GOAL = 1.9
NAMES = {
    "torch": "PyTorch, eager fp32",
    "fast": "lm.train, loop='fast'",
    "fit": "lm.train, loop='fit'",
    "as_it_comes": "the same model, Keras fit as it comes",
}


class Worker:
    """A process that holds one variant and answers a line of JSON with a line of JSON."""

    def __init__(self, variant: str, data: Path) -> None:
        python = TORCH if variant == "torch" else sys.executable
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [str(python), str(WORKER), variant, str(data)]
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)  # type: ignore[no-any-return]
        raise SystemExit("A worker ended without an answer; run it by hand to see why.")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


def prepare(folder: Path) -> int:
    """The text, and for each seed the first weights and the places of the windows: the same for every variant."""
    import keras

    from greenlm_edu import corpora, lm
    from greenlm_edu.lm.windows import random_starts

    text = corpora.load("python_docs")
    tokenizer = lm.CharacterTokenizer.fit(text.train, unknown="\ufffd")
    ids, validation = tokenizer.encode(text.train), tokenizer.encode(text.validation)
    np.savez(folder / "text.npz", ids=ids, validation=validation[: 320 * CONTEXT + 1], vocab=tokenizer.vocab_size)
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        model = lm.Transformer(tokenizer.vocab_size, CONTEXT, WIDTH, LAYERS, HEADS, positions="learned")
        rows = random_starts(len(ids), CONTEXT, BATCH, seed).take(LOSS_STEPS).as_numpy_iterator()
        weights = {f"weight{number:03}": value for number, value in enumerate(model.get_weights())}
        np.savez(folder / f"seed{seed}.npz", places=np.stack(list(rows)), **weights)
    return int(tokenizer.vocab_size)


def speed(folder: Path, rounds: int, console: Console) -> None:
    """Tokens a second, in turns."""
    workers = {}
    for variant in NAMES:
        workers[variant] = Worker(variant, folder)
        workers[variant].ask(do="memory")  # wait until it has loaded, so that the next starts alone
    ready_s = {variant: worker.ask(do="segment", steps=128)["s"] for variant, worker in workers.items()}
    found: dict[str, list[float]] = {variant: [] for variant in NAMES}
    for _ in range(rounds):
        for variant, worker in workers.items():
            s = worker.ask(do="segment", steps=128)["s"]
            if variant == "torch":  # its two threads wait for each other where a neighbour is busy: one may be faster
                s = min(s, worker.ask(do="segment", steps=128, threads=1)["s"])
            found[variant].append(128 * BATCH * CONTEXT / s)
    memory = {variant: worker.ask(do="memory")["mb"] for variant, worker in workers.items()}
    for worker in workers.values():
        worker.end()
    table = Table(title=f"training, {rounds} interleaved rounds of 128 steps")
    for column in (
        "variant",
        "tokens/s",
        "÷ PyTorch, median (range)",
        "bar",
        "first 128 steps / s",
        "peak memory / MB",
    ):
        table.add_column(column, justify="left" if column == "variant" else "right")
    bars = {"fast": 1.10, "fit": 0.95}
    for variant, name in NAMES.items():
        ratios = [own / torch for own, torch in zip(found[variant], found["torch"], strict=True)]
        middle = statistics.median(ratios)
        bar = bars.get(variant)
        verdict = "" if bar is None else f"≥ {bar:.2f} {'met' if middle >= bar else 'NOT met'}"
        table.add_row(
            name,
            f"{statistics.median(found[variant]):,.0f}",
            f"{middle:.3f} ({min(ratios):.2f} – {max(ratios):.2f})",
            verdict,
            f"{ready_s[variant]:.1f}",
            f"{memory[variant]:,.0f}",
        )
    console.print(table)
    largest = max(memory["fast"], memory["fit"])
    console.print(f"peak memory of ours: {largest:,.0f} MB; bar: ≤ 1,400: {'met' if largest <= 1400 else 'NOT met'}\n")


def loss(folder: Path, console: Console) -> None:
    """The validation loss after equally many steps, from equal first weights, on equal windows."""
    found = {}
    for variant in ("torch", "fast", "fit"):
        worker = Worker(variant, folder)
        found[variant] = [worker.ask(do="loss", seed=seed)["loss"] for seed in SEEDS]
        worker.end()
    table = Table(title=f"validation loss after {LOSS_STEPS} steps, nats a character")
    for column in ("variant", *(f"seed {seed}" for seed in SEEDS), "mean"):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for variant, losses in found.items():
        table.add_row(NAMES[variant], *(f"{one:.4f}" for one in losses), f"{statistics.mean(losses):.4f}")
    console.print(table)
    spread = max(found["torch"]) - min(found["torch"])
    apart = max(abs(statistics.mean(found[variant]) - statistics.mean(found["torch"])) for variant in ("fast", "fit"))
    verdict = "met" if apart <= spread else "NOT met"
    console.print(f"means apart by {apart:.4f}; bar: within PyTorch's spread over seeds, {spread:.4f}: {verdict}\n")


def joules(folder: Path, console: Console) -> None:
    """What the validation loss of 1.9 costs."""
    found = {}
    for variant in ("ours", "miniature_gpt"):
        worker = Worker(variant, folder)
        found[variant] = worker.ask(do="joules", goal=GOAL, at_most_s=480)
        worker.end()
    table = Table(title=f"to a validation loss of {GOAL} on python_docs")
    for column in ("recipe", "loss reached", "steps", "s", "energy / J", "known as"):
        table.add_column(column, justify="left" if column == "recipe" else "right")
    names = {"ours": "lm.train, loop='fast'", "miniature_gpt": "Keras' miniature GPT, fit as it comes"}
    for variant, one in found.items():
        energy = f"{one['best_j']:,.0f} ({one['low_j']:,.0f} – {one['high_j']:,.0f})"
        table.add_row(names[variant], f"{one['loss']:.3f}", f"{one['steps']}", f"{one['s']:.0f}", energy, one["basis"])
    console.print(table)
    ratio = found["ours"]["best_j"] / found["miniature_gpt"]["best_j"]
    reached = found["miniature_gpt"]["loss"] <= GOAL
    sign = "=" if reached else "< (the other was ended before it got there)"
    met = found["ours"]["loss"] <= GOAL and ratio <= 1 / 3
    console.print(f"ours ÷ theirs {sign} {ratio:.3f}; bar: ≤ 1/3: {'met' if met else 'NOT met'}\n")


def main() -> None:
    """Run what was asked for, print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--only", choices=("speed", "loss", "joules"))
    given = options.parse_args()
    if not TORCH.exists() and given.only != "joules":
        raise SystemExit("PyTorch is not here to compare with: make oracles")
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vocab = prepare(folder)
        console.print(f"python_docs, {vocab} characters; {os.cpu_count()} CPUs\n")
        if given.only in (None, "speed"):
            speed(folder, given.rounds, console)
        if given.only in (None, "loss"):
            loss(folder, console)
        if given.only in (None, "joules"):
            joules(folder, console)


if __name__ == "__main__":
    main()
