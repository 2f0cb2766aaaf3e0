"""Measurements with a known course, made without waiting for it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from greenlm_edu.energy import Basis, PowerTrace, Reading, Sample
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Mark, Measurement

MODELLED = Interval.times_over(1, 2)
COUNTED = Interval(0.95, 1, 1.05)


def part(key: str, joules: float, basis: Basis = Basis.MODELLED, gain: Interval = MODELLED, **fields) -> Component:
    """A component that used so many joules."""
    fields.setdefault("label", {"cpu": "CPU", "memory": "memory"}.get(key, key.replace("gpu", "GPU ")))
    return Component(key, basis=basis, energy_j=gain.scaled_by(joules), error_group=key, **fields)


def measured(name: str, *parts: Component, cell: str = "", count: int | None = None, **fields) -> Measurement:
    """A finished cell of ten seconds."""
    context = {"cell_id": cell, "execution_count": str(count or "")}
    fields.setdefault("region", "FRA")
    fields.setdefault("duration_s", 10.0)
    return Measurement(
        name=name,
        components=parts,
        status=fields.pop("status", "finished"),
        context={key: value for key, value in context.items() if value} | fields.pop("context", {}),
        **fields,
    )


def traced(duration_s: float, watts: dict[str, Sequence[float]]) -> PowerTrace:
    """A trace in which each component draws these powers one after the other, in equal stretches."""
    trace = PowerTrace(0.0)
    steps = max(len(powers) for powers in watts.values())
    joules = dict.fromkeys(watts, 0.0)
    for index in range(steps + 1):
        t_s = duration_s * index / steps
        for key, powers in watts.items():
            joules[key] += powers[index - 1] * duration_s / steps if index else 0.0
        trace.add(Sample(t_s, {key: Reading(t_s, total_j) for key, total_j in joules.items()}, {}))
    return trace


def trained(guess_j: float | None = None) -> Measurement:
    """The minute of the design's picture: a GPU by counter, CPU and memory modelled, fans unknown, eleven epochs."""
    seconds = [index / 10 for index in range(600)]
    gpu = [300 + 10 * math.sin(t / 3) if 4 < t < 55 and not 27 < t < 29 else 80.0 for t in seconds]
    cpu = [22 + 3 * math.sin(t / 2) if 2 < t < 57 else 10.0 for t in seconds]
    watts = {"gpu0": gpu, "cpu": cpu, "memory": [3.0] * 600}
    joules = {key: math.fsum(powers) / 10 for key, powers in watts.items()}
    note = "read from the board's own counter"
    marks = [Mark(2.0, "train_begin", 170.0)]
    for epoch in range(1, 12):
        t_s = 2 + epoch * 5
        loss = 1.8 + 2.4 / epoch
        values = {"epoch": epoch, "loss": loss, "val_loss": loss + 0.1, "steps": 100, "tokens": 1000}
        marks.append(Mark(float(t_s), "epoch", 170.0 + 280.0 * (t_s - 2), values))
    return measured(
        "",
        part("gpu0", joules["gpu0"], Basis.COUNTER, COUNTED, label="GPU 0 · H100", idle_j=2000.0, note=note),
        part("cpu", joules["cpu"], gain=Interval.times_over(1, 1.6), label="CPU share", idle_j=90.0),
        part("memory", joules["memory"], idle_j=30.0),
        Component("fans", "fans, PSU", Basis.UNAVAILABLE, None, reason="nothing here reads them"),
        count=14,
        cell="ab12cd34",
        duration_s=60.0,
        marks=marks,
        trace=traced(60.0, watts),
        guess_j=guess_j,
        context={"notebook": "09_keras_transformer.ipynb"},
    )


def largest() -> Measurement:
    """More than a lesson will ever show: six components over five minutes, 500 epochs, 40 notices, long notes."""
    note = "Read every 100 ms; the board's counter moves in steps of about 2 J and covers board, memory and fans. " * 5
    notice = "the record could not be written, because the disk is full and nothing more fits on it; free some. " * 4
    noise = [abs(math.sin(index * 12.9898) * 43758.5453) % 1 for index in range(4000)]
    keys = {"gpu0": 350.0, "gpu1": 350.0, "gpu2": 300.0, "gpu3": 250.0, "cpu": 90.0, "memory": 20.0}
    watts = {
        key: [base * (0.6 + 0.4 * noise[row * 600 + step]) for step in range(600)]
        for row, (key, base) in enumerate(keys.items())
    }
    losses = [1.2 + 3 / epoch + 0.2 * noise[epoch] for epoch in range(1, 501)]
    marks = [Mark(0.1, "train_begin", 10.0)] + [
        Mark(0.6 * i, "epoch", 500.0 * i, {"loss": loss, "val_loss": loss + 0.2 * noise[-i], "steps": 9, "tokens": 99})
        for i, loss in enumerate(losses, 1)
    ]
    label = "{} · NVIDIA H100 80GB HBM3, multi-instance 3g.40gb"
    return measured(
        "fine-tune the small model on the whole corpus, second attempt with more patience",
        *(
            part(key, math.fsum(powers) / 2, Basis.COUNTER, COUNTED, label=label.format(key), note=note, idle_j=9e3)
            for key, powers in watts.items()
        ),
        duration_s=300.0,
        count=114,
        cell="ab12cd34",
        marks=marks,
        trace=traced(300.0, watts),
        guess_j=1e6,
        notices=[f"notice {number}: {notice}" for number in range(40)],
        context={"notebook": "09_keras_transformer.ipynb"},
    )
