"""What the equivalence tests need from whichever engine Keras runs on."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from tests.lm import oracle


def numpy(x: Any) -> np.ndarray:
    """The values of a tensor, cut from its gradient."""
    x = ops.stop_gradient(x.value if isinstance(x, keras.Variable) else x)
    return np.asarray(ops.convert_to_numpy(x), np.float64)


def randomise(layer: Any, generator: np.random.Generator) -> None:
    """Weights of a size at which a fault shows: as they start, biases are 0, gains 1 and the softmax nearly flat."""
    for weight in layer.weights:
        if "seed" not in weight.path:
            weight.assign((generator.normal(size=weight.shape) * 0.4 + 0.1).astype("float32"))


def gradients(loss: Callable[[], Any], variables: list[Any]) -> list[np.ndarray]:
    """The gradient of a scalar to each variable, by the engine's own automatic differentiation."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            with tf.GradientTape() as tape:
                value = loss()
            found = tape.gradient(value, [variable.value for variable in variables])
            found = [tf.convert_to_tensor(gradient) for gradient in found]  # a table's gradient comes as slices
        case "jax":
            import jax

            def of_values(values: list[Any]) -> Any:
                with keras.StatelessScope(state_mapping=zip(variables, values, strict=True)):
                    return loss()

            found = jax.jit(jax.grad(of_values))(  # as a whole: operation by operation takes minutes to compile
                [variable.value for variable in variables]
            )
        case "torch":
            import torch

            found = torch.autograd.grad(loss(), [variable.value for variable in variables])
    return [numpy(gradient) for gradient in found]


def check_gradients(
    layer: Any, run: Callable[[], Any], expected: Callable[[], np.ndarray], generator: np.random.Generator
) -> None:
    """Each weight's gradient against central differences of the oracle, along a random direction."""
    variables = [weight for weight in layer.trainable_weights]
    pull = generator.normal(size=expected().shape)  # the loss is the sum of outputs × pull
    found = gradients(lambda: ops.sum(ops.multiply(run(), pull.astype("float32"))), variables)
    step = 1e-5
    for variable, gradient in zip(variables, found, strict=True):
        direction = generator.normal(size=variable.shape)
        start = numpy(variable)
        losses = []
        for sign in (1, -1):
            oracle.changed[id(variable)] = start + sign * step * direction
            losses.append(float((expected() * pull).sum()))
        del oracle.changed[id(variable)]
        slope = (losses[0] - losses[1]) / (2 * step)
        size = np.linalg.norm(gradient) * np.linalg.norm(direction)
        assert abs(float((gradient * direction).sum()) - slope) <= 1e-4 * size + 1e-4, variable.path
