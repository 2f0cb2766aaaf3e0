"""What the meter and the language-model room do on a real NVIDIA GPU, which no CPU can show.

    KERAS_BACKEND=jax python benchmarks/gpu.py [--seconds S] [--trace FILE] [--policy POLICY] [--only meter|model]

1. How often the board's energy counter moves, and how large its steps are, at rest and at work.
2. The counter beside the board's sampled power, integrated: two ways to know the same joules, window by window.
3. Training and generation of `lm.Transformer` on the GPU: tokens a second, joules a token, each with its range.

With --trace everything is recorded too, with rests between the parts, as a trace for `%%meter --replay`.
It wants a JAX or a PyTorch that was built for that GPU (those of `make oracles` are not), and no TensorFlow. Where
there is no GPU it says so and ends with 1.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import keras
import numpy as np
from keras import ops

from greenlm_edu import corpora, lm, measure
from greenlm_edu.energy import Basis, EnergySource, Recorder, detect, save_trace

CONTEXT, BATCH = 256, 32
WINDOWS_S = (0.2, 0.5, 1.0, 2.0, 6.0)
REST_S = 4.0


def main() -> int:
    """Print the three parts; 1 where there is no GPU."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--seconds", type=float, default=25.0, help="of training, and of the other loads in proportion"
    )
    options.add_argument("--trace", type=Path, help="record everything into this file")
    options.add_argument("--policy", default="mixed_bfloat16", help="of the Transformer's numbers: Keras' name for it")
    options.add_argument("--only", choices=("meter", "model"), help="leave the other parts out")
    given = options.parse_args()
    keras.config.set_dtype_policy(given.policy)
    found = detect()
    gpus = [source for source in found.sources if source.component.startswith("gpu")]
    if not gpus:
        print("no GPU here:", *(gone.reason for gone in (*found.absent, *found.missing) if "gpu" in gone.component))
        return 1
    gpu = gpus[0]
    print(f"{gpu.label}: {gpu.basis}, {gpu.note}")
    print(f"Keras {keras.__version__} on {keras.backend.backend()}, {keras.config.dtype_policy().name}")
    recorder = Recorder(found.sources) if given.trace else nullcontext()
    with recorder:
        time.sleep(REST_S)
        if gpu.basis is Basis.COUNTER and given.only != "model":
            steps(gpu)
            windows(gpu)
        if given.only != "meter":
            time.sleep(REST_S)
            language_model(given.seconds)
            time.sleep(REST_S)
    if given.trace:
        note = "Rest; a loop of matrix products; rest; training of a Transformer; rest; generation; rest."
        trace = recorder.trace(given.trace.name.partition(".")[0], "benchmarks/gpu.py", note)
        save_trace(trace, given.trace)
        print(f"recorded {trace.length_s:.0f} s into {given.trace.name}")
    return 0


# --- the meter -------------------------------------------------------------------------------------------------------


@contextmanager
def at_work() -> Iterator[None]:
    """Large matrix products, one after the other, on the GPU while the block runs."""
    ended = threading.Event()

    def multiply() -> None:
        matrix = ops.cast(keras.random.normal((8192, 8192), seed=0), "bfloat16")
        while not ended.is_set():
            for _ in range(8):
                product = ops.matmul(matrix, matrix)
            float(ops.cast(product[0, 0], "float32"))  # waits for it

    thread = threading.Thread(target=multiply)
    thread.start()
    try:
        time.sleep(2.0)  # until it is warm
        yield
    finally:
        ended.set()
        thread.join()


def steps(gpu: EnergySource, seconds: float = 3.0) -> None:
    """How often the counter moves, seen by asking it as fast as it answers."""
    for what, load in (("at rest", nullcontext), ("at work", at_work)):
        with load():
            moved: list[tuple[float, float]] = []
            asked, began = 0, time.monotonic()
            while time.monotonic() - began < seconds:
                reading = gpu.read()
                asked += 1
                if not moved or reading.energy_j != moved[-1][1]:
                    moved.append((reading.t_s, reading.energy_j))
        apart_s = [after[0] - before[0] for before, after in itertools.pairwise(moved)]
        joules = [after[1] - before[1] for before, after in itertools.pairwise(moved)]
        print(
            f"counter {what}: asked {asked / seconds:,.0f} times a second; moves every "
            f"{statistics.median(apart_s):.3f} s (median; {min(apart_s):.3f} – {max(apart_s):.3f} s), "
            f"by {statistics.median(joules):.2f} J ({min(joules):.3f} – {max(joules):.2f} J)"
        )


def windows(gpu: EnergySource) -> None:
    """The counter and the integrated power over the same windows."""
    for what, load in (("at rest", nullcontext), ("at work", at_work)):
        with load():
            for window_s in WINDOWS_S:
                repeats = max(1, min(10, round(6 / window_s)))
                pairs = [window(gpu, window_s) for _ in range(repeats)]
                counted, sampled = (np.array(column) for column in zip(*pairs, strict=True))
                apart = 100 * (sampled / np.maximum(counted, 1e-9) - 1)
                spread = f"median of {repeats}; {apart.min():+.1f} to {apart.max():+.1f} %"
                print(
                    f"{window_s:5.1f} s {what}: counter {counted.mean():9.2f} J, sampled {sampled.mean():9.2f} J; "
                    f"apart by {np.median(apart):+6.1f} % ({spread})"
                )


def window(gpu: EnergySource, seconds: float, period_s: float = 0.1) -> tuple[float, float]:
    """(joules of the counter, joules of the sampled power) in a window that is read ten times a second."""
    first = last = gpu.read()
    while last.t_s - first.t_s < seconds:
        time.sleep(max(0.0, min(period_s, first.t_s + seconds - time.monotonic())))
        last = gpu.read()
    if first.also is None or last.also is None:
        raise SystemExit("the board tells no power beside its counter")
    return last.energy_j - first.energy_j, last.also.energy_j - first.also.energy_j


# --- the language model ----------------------------------------------------------------------------------------------


def language_model(seconds: float) -> None:
    """GPT-2's smallest size on python_docs: trained for so long, then made to write."""
    keras.utils.set_random_seed(0)
    text = corpora.load("python_docs")
    tokenizer = lm.CharacterTokenizer.fit(text.train, unknown="\ufffd")
    ids, validation = tokenizer.encode(text.train), tokenizer.encode(text.validation)[: 64 * CONTEXT]
    model = lm.Transformer.gpt2(vocab_size=tokenizer.vocab_size, context=CONTEXT, dropout=0.0)
    print(f"Transformer of GPT-2's smallest size: {model.count_params():,} parameters, {CONTEXT} characters of context")
    model.compile(
        keras.optimizers.AdamW(3e-4, beta_2=0.99, weight_decay=0.1, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=keras.backend.backend() != "torch",
    )
    generator = np.random.default_rng(0)
    before = lm.evaluate(model, validation)

    def train(steps: int) -> None:
        places = generator.integers(0, len(ids) - CONTEXT - 1, size=(steps * BATCH, 1))
        rows = ids[places + np.arange(CONTEXT + 1)]  # (windows, time + 1)
        model.fit(rows[:, :-1], rows[:, 1:], batch_size=BATCH, shuffle=False, verbose=0)

    with measure("the first steps, compilation included") as m:
        train(8)
    told("compile and 8 steps", m, 8 * BATCH * CONTEXT)
    began = time.perf_counter()
    train(32)
    a_second = 32 / (time.perf_counter() - began)
    steps = max(32, int(seconds * a_second))
    with measure("train") as m:
        train(steps)
    told(f"train, {steps} steps of {BATCH} windows", m, steps * BATCH * CONTEXT)
    flops = 6 * model.count_params() * steps * BATCH * CONTEXT
    print(f"  6·N·tokens: {flops / m.duration_s / 1e12:.1f} TFLOP/s")
    print(f"  loss on {len(validation):,} characters: {before:.3f} before, {lm.evaluate(model, validation):.3f} after")
    time.sleep(REST_S)
    for rows in (1, 64):
        write(model, tokenizer.encode("The "), rows, at_least_s=seconds / 5)


def write(model: Any, prompt: np.ndarray, rows: int, at_least_s: float) -> None:
    """Texts from the model, as many as take some seconds, metered."""
    prompts = np.tile(prompt, (rows, 1))
    length = CONTEXT - len(prompt)
    wrote: Callable[[], Any] = lambda: lm.generate(model, prompts, length, seed=0)  # noqa: E731
    wrote()  # compiles
    with measure(f"write {rows}") as m:
        texts, began = 0, time.perf_counter()
        while texts == 0 or time.perf_counter() - began < at_least_s:
            wrote()
            texts += 1
    told(f"write, {rows} at a time", m, texts * rows * length)


def told(what: str, m: Any, tokens: int) -> None:
    """One line on what was measured, and a line a component."""
    print(f"{what}: {m.duration_s:.1f} s, {tokens / m.duration_s:,.0f} tokens/s, {m.energy_j.text('J')}")
    for part in m.components:
        if part.energy_j is not None:
            doubt = ", below the counter's resolution" if part.below_resolution else ""
            doubt += f"; {part.reason}" if part.reason else ""
            print(
                f"  {part.label}: {part.energy_j.text('J')} · {part.basis}, {part.energy_j.best / m.duration_s:.0f} W, "
                f"{part.energy_j.best / tokens:.2e} J a token{doubt}"
            )


if __name__ == "__main__":
    sys.exit(main())
