"""Many training steps in one compiled function: the inner half of the fast loop, for TensorFlow and for JAX."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from greenlm_edu.errors import InputError

__all__ = ["fast_steps", "parts_of"]


def fast_steps(model: Any, text: np.ndarray, batch: int) -> Callable[[np.ndarray], np.ndarray]:
    """A function that takes as many training steps as it is given rows of places, without a look at Python.

    It gathers the windows of a step from the text, and cuts the batch into parts whose losses are summed before the
    gradient is taken. The parts do not depend on each other, so that the compiler can work on one of them with one
    core, on another with the next: the products of a small model alone do not keep two cores busy.

    Args:
        model: built and compiled, with a `context`; its optimizer and its loss are used.
        text: token ids, int32, (time,).
        batch: windows in a batch.
    Returns:
        a function of places, int32 (steps, batch), that gives each step's loss, (steps,). It is compiled for the
        shape of its first places, and anew for another.
    Raises:
        InputError: Keras runs on an engine that has no such loop.
    """
    model.optimizer.build(model.trainable_variables)
    match keras.backend.backend():
        case "tensorflow":
            return _on_tensorflow(model, text, parts_of(batch))
        case "jax":
            return _on_jax(model, text, parts_of(batch))
        case engine:
            raise InputError(
                f"train: the fast loop needs TensorFlow or JAX; got KERAS_BACKEND={engine}. Take loop='fit'."
            )


def parts_of(batch: int) -> int:
    """Into how many parts the fast loop cuts a batch: two on a processor with several cores, one on a GPU.

    On two cores two parts were the fastest (benchmarks/training.py); a GPU is kept busier by one large product.
    """
    on_cpu = all(device.startswith("cpu") for device in keras.distribution.list_devices())
    return 2 if batch % 2 == 0 and (os.cpu_count() or 1) > 1 and on_cpu else 1


def _on_tensorflow(model: Any, text: np.ndarray, parts: int) -> Callable[[np.ndarray], np.ndarray]:
    import tensorflow as tf

    weights, optimizer, text = model.trainable_weights, model.optimizer, tf.constant(text)

    @tf.function(jit_compile=True, autograph=False)
    def steps(places: Any) -> Any:
        count = places.shape[0]

        def step(number: Any, losses: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = _mean_loss(model, _windows(text, places[number], model.context), parts)
                scaled = optimizer.scale_loss(loss)  # by 1, but for 16-bit floats
            optimizer.apply(tape.gradient(scaled, weights), weights)
            return number + 1, tf.tensor_scatter_nd_update(losses, [[number]], [tf.cast(loss, tf.float32)])

        return tf.while_loop(lambda number, _: number < count, step, (0, tf.zeros(count)))[1]  # (steps,)

    return lambda places: steps(tf.constant(places)).numpy()


def _on_jax(model: Any, text: np.ndarray, parts: int) -> Callable[[np.ndarray], np.ndarray]:
    import jax

    optimizer, text = model.optimizer, jax.numpy.asarray(text)

    def loss_of(weights: Any, others: Any, windows: Any) -> Any:
        """The scaled loss, to differentiate; the loss itself; and what else the model changed (seeds of dropout)."""
        variables = [*model.trainable_variables, *model.non_trainable_variables]
        with keras.StatelessScope(state_mapping=list(zip(variables, [*weights, *others], strict=True))) as scope:
            loss = _mean_loss(model, windows, parts)
            scaled = optimizer.scale_loss(loss)
        others = [_value_in(scope, variable) for variable in model.non_trainable_variables]
        return scaled, (loss, others)

    @jax.jit
    def steps(state: Any, places: Any) -> Any:
        def step(state: Any, starts: Any) -> Any:
            weights, others, memory = state
            windows = _windows(text, starts, model.context)
            (_, (loss, others)), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, others, windows)
            weights, memory = optimizer.stateless_apply(memory, gradients, weights)
            return (weights, others, memory), loss

        return jax.lax.scan(step, state, places)

    def run(places: np.ndarray) -> np.ndarray:
        groups = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
        state, losses = steps(tuple([variable.value for variable in group] for group in groups), places)
        for group, values in zip(groups, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return np.asarray(losses)

    return run


def _windows(text: Any, starts: Any, context: int) -> Any:
    """The windows that begin at these places, (batch, time + 1)."""
    return ops.take(text, ops.expand_dims(starts, 1) + ops.arange(context + 1), axis=0)


def _mean_loss(model: Any, windows: Any, parts: int) -> Any:
    """The model's loss on windows (batch, time + 1), as `fit` computes it, part by part."""
    total, counted = 0.0, 0.0
    for part in ops.split(windows, parts, axis=0):
        x, y = part[:, :-1], part[:, 1:]  # (batch / parts, time) each
        logits = model(x, training=True)  # (batch / parts, time, vocab)
        # A part's loss is the mean over its tokens; where some of them are padding, parts count by those that are not.
        mask = model.compute_mask(x, None)
        tokens = 1.0 if mask is None else ops.sum(ops.cast(mask, "float32"))
        total = total + tokens * model.compute_loss(x=x, y=y, y_pred=logits, training=True)
        counted = counted + tokens
    return total / counted


def _value_in(scope: Any, variable: Any) -> Any:
    value = scope.get_current_value(variable)
    return variable.value if value is None else value
