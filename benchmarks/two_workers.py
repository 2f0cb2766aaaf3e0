"""Two workers beside one process: the same losses and weights, and what agreeing on the gradients costs.

    python benchmarks/two_workers.py

Two processes on this machine, over loopback: on two CPUs they are no faster than one process, which has both CPUs.
What is shown is that they do the same, and what share of time and of joules the all-reduce takes. About a minute.
"""

from __future__ import annotations

import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
from rich.console import Console
from rich.table import Table

from greenlm_edu import corpora, lm, training
from greenlm_edu.interval import Interval

STEPS, BATCH, SEED, ROUNDS = 30, 16, 0, 6
MOST_APART = 1e-3
# (workers, gigabits a second, seconds of latency): a home network, a data centre, a training cluster
NETWORKS = ((2, 1.0, 2e-4), (8, 25.0, 5e-5), (64, 400.0, 1e-5))


def main() -> None:
    console = Console(width=150)
    text = corpora.load("python_docs").train
    tokenizer = lm.CharacterTokenizer.fit(text)
    ids, vocab_size = tokenizer.encode(text), tokenizer.vocab_size

    def build():
        return lm.Transformer(vocab_size=vocab_size, context=64, width=128, num_layers=4, num_heads=4)

    began_s = time.monotonic()
    options = {"steps": STEPS, "batch": BATCH, "seed": SEED, "timeout_s": 150}
    two = training.distributed(build, ids, workers=2, communication_rounds=ROUNDS, **options)
    losses = _alone(build, ids)
    apart = max(abs(ours - theirs) for ours, theirs in zip(two.losses, losses, strict=True))
    parameters = sum(weight.size for weight in two.weights)
    part = two.parts[0]
    step_s = statistics.median(round_.without_s / round_.steps for one in two.parts for round_ in one.rounds)
    found = two.communication

    table = Table(
        title=f"Two workers, {parameters:,} parameters, {STEPS} steps of {BATCH} windows", title_justify="left"
    )
    for heading in ("what", "aim", "found", ""):
        table.add_column(heading)
    table.add_row(
        "largest difference of a loss from lm.train in one process",
        f"≤ {MOST_APART:g}",
        f"{apart:.2g}",
        _met(apart <= MOST_APART),
    )
    table.add_row(
        "loss, first and last step", "", f"{two.losses[0]:.3f} → {two.losses[-1]:.3f}; alone {losses[-1]:.3f}", ""
    )
    table.add_row(
        "largest difference of a weight between the workers", "equal", f"{two.difference:.2g}", _met(two.equal_weights)
    )
    known = found.time_share is not None and found.energy_share is not None
    table.add_row("communication: share of the time", "measured", _share(found.time_share), _met(known))
    table.add_row("communication: share of the joules", "measured", _share(found.energy_share), found.reason)
    table.add_row("in the sum by the workers' clocks, waiting included", "", _share(found.in_sum), "")
    table.add_row(
        "one step without communication", "", f"{step_s * 1e3:.1f} ms; {part.bytes_per_step / 1e6:.2f} MB summed", ""
    )
    energy_j = two.measurement.energy_j
    bases = ", ".join(two.measurement.bases)
    shown = f"{energy_j.text()}, {bases}" if energy_j else "not measured"
    table.add_row("both workers, from their start, rounds included", "", shown, "")
    console.print(table)

    table = Table(title="The same model elsewhere: a ring's arithmetic, not measured", title_justify="left")
    for heading in ("workers", "network", "latency", "all-reduce", "share of a step, on workers as fast as these"):
        table.add_column(heading)
    for workers, gigabits, latency_s in NETWORKS:
        ring = training.communication(parameters, workers, gigabits, latency_s, step_s)
        table.add_row(
            str(workers),
            f"{gigabits:g} Gbit/s",
            f"{latency_s * 1e6:g} µs",
            f"{ring.seconds * 1e3:.2f} ms",
            f"{ring.share:.0%}",
        )
    console.print(table)
    console.print(f"{time.monotonic() - began_s:.0f} s")


def _alone(build, ids) -> tuple[float, ...]:
    """The losses of the same steps in this process."""
    keras.utils.set_random_seed(SEED)
    model = build()
    optimizer = lm.training_optimizer(STEPS)
    return lm.train(
        model, ids, epochs=STEPS, steps_per_epoch=1, batch=BATCH, seed=SEED, optimizer=optimizer, progress=False
    ).loss


def _share(share: Interval | None) -> str:
    return "not measured" if share is None else f"{share.best:.0%} ({share.low:.0%} – {share.high:.0%})"


def _met(met: bool) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    main()
