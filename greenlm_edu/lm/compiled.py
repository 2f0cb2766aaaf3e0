"""One compiled function from an ordinary one, on whichever engine Keras runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

__all__ = ["compiled"]


def compiled(function: Callable[..., Any], model: Any) -> Callable[..., Any]:
    """The function, compiled as a whole where the engine can; one compilation for each combination of shapes.

    On TensorFlow and JAX that is XLA. On PyTorch it runs as it is, without gradients: torch.compile would take longer
    than a lesson's text.

    Args:
        function: takes and returns tensors, in lists and tuples, and uses the model's weights.
        model: whose weights it uses: changed weights need no new compilation.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)  # type: ignore[no-any-return]
    if backend == "jax":
        import jax

        @jax.jit
        def with_weights(values: list[Any], *arguments: Any) -> Any:
            with keras.StatelessScope(state_mapping=list(zip(model.variables, values, strict=True))):
                return function(*arguments)

        return lambda *arguments: with_weights([variable.value for variable in model.variables], *arguments)
    if backend == "torch":
        import torch

        return torch.no_grad()(function)  # type: ignore[no-any-return]
    return function
