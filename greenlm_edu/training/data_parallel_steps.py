"""One training step of several workers: gradients of one's own slice, their sum over all workers, the same update.

The engine is TensorFlow's MultiWorkerMirroredStrategy: it forms the cluster and sums a vector over it (over the
network, or with NCCL where each worker has a GPU of its own). The model stays an ordinary Keras model, for two reasons:
XLA compiles the gradients and the update, which a sum over the network would prevent; and under the strategy Keras'
optimizers clip each worker's own gradient before the sum, so that the losses would not be those of one process.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from greenlm_edu.errors import WorkerFailed

__all__ = ["DataParallelSteps"]


class DataParallelSteps:
    """The parts of a step, each compiled and each waited for, so that they can be timed one by one.

    Args:
        model: built and compiled; its optimizer and loss are used. Has a `context`.
        ids: token ids of the text, int32, (time,).
        strategy: TensorFlow's, with one device in each worker.
        worker: this one's number.
    """

    def __init__(self, model: Any, ids: np.ndarray, strategy: Any, worker: int) -> None:
        model.optimizer.build(model.trainable_variables)
        self._model, self._strategy, self._worker = model, strategy, worker
        self._text = tf.constant(ids)
        self._weights = model.trainable_weights
        self._sizes = [math.prod(weight.shape) for weight in self._weights]
        self.bytes_per_step = 4 * (sum(self._sizes) + 2)
        self._gradients = tf.function(self._gradients_of, jit_compile=True, autograph=False)
        self._sum = tf.function(self._sum_over_workers, autograph=False)
        self._update = tf.function(self._update_by, jit_compile=True, autograph=False)

    def gradients(self, starts: np.ndarray) -> Any:
        """One vector for the windows that begin at these places, (windows,): the gradient, the loss, the tokens."""
        return _done(self._gradients(tf.constant(starts)))  # (parameters + 2,)

    def sum_over_workers(self, vector: Any) -> Any:
        """The sum of all workers' vectors; every worker must call this, and waits for the last of them.

        Raises:
            WorkerFailed: another worker has ended, or does not take part in time.
        """
        try:
            return _done(self._sum(vector))
        except tf.errors.OpError as err:
            last = [line for line in str(err.message).splitlines() if line.strip()][-1:]
            raise WorkerFailed(
                f"worker {self._worker}: all workers must take part in each sum; got {type(err).__name__} "
                f"({' '.join(last)[:200]}). Another worker has ended or hangs: its own output says why."
            ) from err

    def update(self, vector: Any) -> float:
        """Change the weights by a (summed) vector, and give the loss in it: the mean over its tokens."""
        return float(self._update(vector))

    def broadcast(self) -> float:
        """Give all workers worker 0's weights, and tell by how much any of them differed here."""
        weights = self._model.weights
        own = tf.concat([tf.reshape(tf.cast(weight.value, tf.float32), [-1]) for weight in weights], axis=0)
        first = self.sum_over_workers(own if self._worker == 0 else tf.zeros_like(own))
        parts = tf.split(first, [math.prod(weight.shape) for weight in weights])
        for weight, part in zip(weights, parts, strict=True):
            weight.assign(tf.cast(tf.reshape(part, weight.shape), weight.dtype))
        return float(tf.reduce_max(tf.abs(first - own)))

    def _gradients_of(self, starts: Any) -> Any:
        model = self._model
        windows = tf.gather(self._text, starts[:, None] + tf.range(model.context + 1))
        x, y = windows[:, :-1], windows[:, 1:]  # (windows, time) each
        with tf.GradientTape() as tape:
            logits = model(x, training=True)  # (windows, time, vocab)
            mask = model.compute_mask(x, None)
            tokens = tf.cast(tf.size(x) if mask is None else tf.math.count_nonzero(mask), tf.float32)
            # The sum over tokens, not their mean: where some are padding, a worker counts by those that are not.
            loss = tokens * tf.cast(model.compute_loss(x=x, y=y, y_pred=logits, training=True), tf.float32)
            scaled = model.optimizer.scale_loss(loss)  # by 1, but for 16-bit floats
        found = tape.gradient(scaled, self._weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return tf.concat([*(tf.reshape(tf.cast(one, tf.float32), [-1]) for one in found), [loss, tokens]], axis=0)

    def _sum_over_workers(self, vector: Any) -> Any:
        def on_this_device(own: Any) -> Any:
            # Without `identity`, the vector has no device of its own inside the function, and the sum is refused.
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(own))

        return self._strategy.run(on_this_device, args=(vector,))

    def _update_by(self, vector: Any) -> Any:
        *parts, loss, tokens = tf.split(vector, [*self._sizes, 1, 1])
        means = [
            tf.cast(tf.reshape(part / tokens, weight.shape), weight.dtype)
            for part, weight in zip(parts, self._weights, strict=True)
        ]
        self._model.optimizer.apply(means, self._weights)
        return (loss / tokens)[0]


def _done(vector: Any) -> Any:
    """The vector, computed: a GPU gives it back before that, and the clock would see nothing."""
    vector[-1].numpy()
    return vector
