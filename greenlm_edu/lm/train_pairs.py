"""Training a model that reads one sequence and writes another: the whole recipe in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.lm.check_ids import check_ids
from greenlm_edu.lm.train import training_optimizer
from greenlm_edu.lm.windows import untuned

__all__ = ["train_pairs"]


def train_pairs(
    model: Any,
    sources: np.ndarray,
    read: np.ndarray,
    say: np.ndarray,
    steps: int,
    batch: int = 64,
    *,
    epochs: int = 5,
    learning_rate: float = 4e-3,
    seed: int = 0,
    callbacks: Sequence[Any] = (),
) -> tuple[float, ...]:
    """Train an EncoderDecoder with teacher forcing, by Keras' own `fit`, compiled.

    Each step takes `batch` pairs; all pairs are gone through, in an order that the seed gives, before one comes again.
    Padding counts nowhere: it is masked in the attention, and left out of the loss.

    Args:
        model: an EncoderDecoder.
        sources: ids, (pairs, source), filled up with the model's padding.
        read, say: what teacher_forced gives, (pairs, time) each.
        steps: in all.
        batch: pairs in a step.
        epochs: how often in the run the loss is noted; as many as there are steps at most.
        learning_rate: see training_optimizer.
        seed: of the order; the first weights come from `keras.utils.set_random_seed`, before the model is made.
        callbacks: Keras callbacks, such as EnergyCallback.
    Returns:
        the mean loss of each epoch, nats a token.
    Raises:
        InputError: steps, batch or epochs below 1, or a loss that became NaN or infinite.
        ShapeError: not as many sources as targets, or read and say of two shapes.
        VocabularyError: an id that the model has no vector for.

    Lesson: notebooks/11.
    """
    for name, value in {"steps": steps, "batch": batch, "epochs": epochs}.items():
        if value < 1:
            raise InputError(f"train_pairs: {name} must be 1 or more; got {name}={value}. Take at least one.")
    if len(sources) != len(read) or read.shape != say.shape:
        raise ShapeError(
            f"train_pairs: there must be as many sources as targets, and read and say of one shape; got "
            f"{np.shape(sources)}, {np.shape(read)} and {np.shape(say)}. Make them from the same pairs."
        )
    check_ids("train_pairs, sources", sources, model.options["source_vocab_size"])
    check_ids("train_pairs, targets", read, model.vocab_size)
    check_ids("train_pairs, targets", say, model.vocab_size)
    epochs = min(epochs, steps)
    an_epoch = steps // epochs
    on_torch = keras.backend.backend() == "torch"
    model.compile(
        training_optimizer(epochs * an_epoch, learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),  # weighed by the mask that the model passes on
        # A lesson's run is short: XLA takes some 3 s longer to compile a step than it saves in 400 of them, and keeps
        # 0.2 GB a model for good (2 cores, width 64). JAX has nothing else.
        jit_compile=keras.backend.backend() == "jax",
        steps_per_execution=1 if on_torch else max(n for n in range(1, 33) if an_epoch % n == 0),
    )
    batches = _batches(sources, read, say, epochs * an_epoch, batch, seed)
    ended = keras.callbacks.TerminateOnNaN()
    history = model.fit(
        batches, epochs=epochs, steps_per_epoch=an_epoch, shuffle=False, verbose=0, callbacks=[*callbacks, ended]
    )
    loss = tuple(float(value) for value in history.history["loss"])
    if not np.isfinite(loss).all():
        raise InputError(f"train_pairs: the loss became {loss[-1]}. Take a smaller learning_rate than {learning_rate}.")
    return loss


def _batches(sources: np.ndarray, read: np.ndarray, say: np.ndarray, steps: int, batch: int, seed: int) -> Any:
    """A dataset of ((source, read), say): the arrays stay in memory once, and each batch is gathered from them."""
    import tensorflow as tf  # for tf.data alone

    random = np.random.default_rng(seed)
    rounds = -(-steps * batch // len(sources))  # rounded up
    order = np.concatenate([random.permutation(len(sources)) for _ in range(rounds)])[: steps * batch]
    x, y, after = (tf.constant(part, tf.int32) for part in (sources, read, say))

    def gather(chosen: Any) -> Any:
        return (tf.gather(x, chosen), tf.gather(y, chosen)), tf.gather(after, chosen)

    dataset = tf.data.Dataset.from_tensor_slices(order.reshape(steps, batch).astype(np.int32))
    return untuned(dataset.map(gather).prefetch(8))
