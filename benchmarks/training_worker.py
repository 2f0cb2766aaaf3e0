"""One variant of benchmarks/training.py in a process of its own: a line of JSON in, a line of JSON out.

python benchmarks/training_worker.py torch|fast|fit|as_it_comes|ours|miniature_gpt FOLDER
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CONTEXT, WIDTH, LAYERS, HEADS, BATCH = 64, 128, 4, 4, 12
RATE, BETAS, EPSILON, DECAY, CLIP = 1e-3, (0.9, 0.99), 1e-7, 0.1, 1.0


def torch_variant(folder: Path) -> dict[str, Callable[..., Any]]:
    """PyTorch: a plain training loop."""
    import torch
    from torch.nn import functional as F

    from benchmarks.torch_gpt import GPT

    text = np.load(folder / "text.npz")
    ids, validation = (torch.from_numpy(text[name]).long() for name in ("ids", "validation"))
    vocab = int(text["vocab"])
    places = torch.arange(CONTEXT + 1)

    def trainer(model: GPT) -> Callable[[np.ndarray], None]:
        optimizer = torch.optim.AdamW(
            model.parameters(), RATE, betas=BETAS, eps=EPSILON, weight_decay=DECAY, fused=True
        )

        def run(starts: np.ndarray) -> None:
            for row in torch.from_numpy(starts).long():
                windows = ids[row[:, None] + places]  # (batch, time + 1)
                logits = model(windows[:, :-1])  # (batch, time, vocab)
                loss = F.cross_entropy(logits.reshape(-1, vocab), windows[:, 1:].reshape(-1))
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
                optimizer.step()

        return run

    torch.manual_seed(0)
    run = trainer(GPT(vocab, CONTEXT, WIDTH, LAYERS, HEADS))
    random = np.random.default_rng(0)

    def segment(steps: int, threads: int = 2) -> dict[str, float]:
        torch.set_num_threads(threads)
        starts = random.integers(0, len(ids) - CONTEXT, (steps, BATCH))
        began = time.perf_counter()
        run(starts)
        return {"s": time.perf_counter() - began}

    def loss(seed: int) -> dict[str, float]:
        saved = np.load(folder / f"seed{seed}.npz")
        model = GPT(vocab, CONTEXT, WIDTH, LAYERS, HEADS)
        model.load([saved[name] for name in sorted(saved.files) if name.startswith("weight")])
        trainer(model)(saved["places"])
        x, y = validation[:-1].view(-1, CONTEXT), validation[1:].view(-1, CONTEXT)
        with torch.inference_mode():
            return {"loss": F.cross_entropy(model(x).reshape(-1, vocab), y.reshape(-1)).item()}

    return {"segment": segment, "loss": loss}


def keras_variant(kind: str, folder: Path) -> dict[str, Callable[..., Any]]:
    """This project's model: the fast loop, the teaching path, or Keras' `fit` without any option."""
    import keras

    from greenlm_edu import lm
    from greenlm_edu.lm.fast_steps import fast_steps

    text = np.load(folder / "text.npz")
    ids, validation, vocab = text["ids"], text["validation"], int(text["vocab"])
    random = np.random.default_rng(0)

    def optimizer() -> Any:
        return keras.optimizers.AdamW(
            RATE, beta_1=BETAS[0], beta_2=BETAS[1], epsilon=EPSILON, weight_decay=DECAY, global_clipnorm=CLIP
        )

    keras.utils.set_random_seed(0)
    model = lm.Transformer(vocab, CONTEXT, WIDTH, LAYERS, HEADS, positions="learned")
    options = {} if kind == "as_it_comes" else {"jit_compile": True, "steps_per_execution": 32}
    model.compile(optimizer(), keras.losses.SparseCategoricalCrossentropy(from_logits=True), **options)
    steps_of = fast_steps(model, ids, BATCH) if kind == "fast" else None
    windows = lm.random_windows(ids, CONTEXT, BATCH)

    def segment(steps: int) -> dict[str, float]:
        starts = random.integers(0, len(ids) - CONTEXT, (steps // 32, 32, BATCH), np.int32)
        began = time.perf_counter()
        if steps_of is None:
            model.fit(windows, steps_per_epoch=steps, shuffle=False, verbose=0)
        else:
            for rows in starts:
                steps_of(rows)
        return {"s": time.perf_counter() - began}

    def loss(seed: int) -> dict[str, float]:
        saved = np.load(folder / f"seed{seed}.npz")
        fresh = lm.Transformer(vocab, CONTEXT, WIDTH, LAYERS, HEADS, positions="learned")
        fresh.set_weights([saved[name] for name in sorted(saved.files) if name.startswith("weight")])
        steps = len(saved["places"])
        told = {"epochs": 1, "steps_per_epoch": steps, "batch": BATCH, "seed": seed, "progress": False}
        lm.train(fresh, ids, **told, optimizer=optimizer(), loop=kind)
        return {"loss": lm.evaluate(fresh, validation)}

    return {"segment": segment, "loss": loss}


def ours(folder: Path) -> dict[str, Callable[..., Any]]:
    """The fast loop with this project's own recipe, towards a loss."""
    import keras

    from greenlm_edu import lm
    from greenlm_edu.lm.fast_steps import fast_steps
    from greenlm_edu.lm.windows import random_starts

    text = np.load(folder / "text.npz")
    ids, vocab = text["ids"], int(text["vocab"])
    keras.utils.set_random_seed(0)
    model = lm.Transformer(vocab, CONTEXT, WIDTH, LAYERS, HEADS)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(lm.training_optimizer(800), loss, jit_compile=True)
    steps = fast_steps(model, ids, 16)
    places = random_starts(len(ids), CONTEXT, 16).as_numpy_iterator()

    def train(count: int) -> None:
        for _ in range(count // 32):
            steps(np.stack([next(places) for _ in range(32)]))

    return {"joules": towards(model, text["validation"], train, 64)}


def miniature_gpt(folder: Path) -> dict[str, Callable[..., Any]]:
    """Keras' example: one post-norm block, width 256, 2 heads each as wide as that, context 80, batch 128, Adam."""
    import keras
    import tensorflow as tf
    from keras import layers, ops

    text = np.load(folder / "text.npz")
    ids, vocab = text["ids"], int(text["vocab"])
    context, width, heads, hidden, batch = 80, 256, 2, 256, 128
    keras.utils.set_random_seed(0)

    @keras.saving.register_keras_serializable("benchmark")
    class TokensAndPlaces(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = layers.Embedding(vocab, width), layers.Embedding(context, width)

        def call(self, x: Any) -> Any:
            return self.tokens(x) + self.places(ops.arange(ops.shape(x)[-1]))

    inputs = keras.Input((context,), dtype="int32")
    x = TokensAndPlaces()(inputs)
    heard = layers.MultiHeadAttention(heads, width)(x, x, use_causal_mask=True)
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(heard))
    thought = layers.Dense(width)(layers.Dense(hidden, activation="relu")(x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(thought))
    model = keras.Model(inputs, layers.Dense(vocab)(x))
    model.context, model.vocab_size = context, vocab
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rows = ids[: (len(ids) - 1) // context * context + 1]
    x, y = rows[:-1].reshape(-1, context), rows[1:].reshape(-1, context)
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch(batch, drop_remainder=True)
    data = data.repeat().prefetch(tf.data.AUTOTUNE)
    batches = iter(data)

    def batches_of(count: int) -> Any:
        columns = zip(*(next(batches) for _ in range(count)), strict=True)
        return tf.data.Dataset.from_tensor_slices(tuple(map(tf.stack, columns)))

    def train(count: int) -> None:
        model.fit(batches_of(count), verbose=0)

    return {"joules": towards(model, text["validation"], train, 8)}


def towards(model: Any, validation: np.ndarray, train: Callable[[int], None], chunk: int) -> Callable[..., Any]:
    """Train in chunks of steps until the validation loss is there; what the chunks used."""
    from greenlm_edu import lm, measure

    def joules(goal: float, at_most_s: float) -> dict[str, Any]:
        loss, steps, spent_s, parts, basis = math.inf, 0, 0.0, [], set()
        while loss > goal and spent_s < at_most_s:
            with measure("chunk") as m:
                train(chunk)
            steps, spent_s = steps + chunk, spent_s + m.duration_s
            parts.append(m.energy_j)
            basis |= set(m.bases)
            loss = lm.evaluate(model, validation)
            print(f"{steps} steps, {spent_s:.0f} s, {loss:.3f} nats", file=sys.stderr, flush=True)
        figures = {f"{name}_j": sum(getattr(part, name) for part in parts) for name in ("low", "best", "high")}
        return {"loss": loss, "steps": steps, "s": spent_s, "basis": " + ".join(sorted(basis)), **figures}

    return joules


def memory() -> dict[str, float]:
    """The most that this process has held, in MB."""
    return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}


def main() -> None:
    """Answer requests until the pipe is closed."""
    variant, folder = sys.argv[1], Path(sys.argv[2])
    makers = {"torch": torch_variant, "ours": ours, "miniature_gpt": miniature_gpt}
    answers = makers[variant](folder) if variant in makers else keras_variant(variant, folder)
    answers["memory"] = memory
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answers[request.pop("do")](**request)), flush=True)


if __name__ == "__main__":
    main()
