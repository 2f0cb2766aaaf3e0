"""Windows of a long text, as a model takes them: what it reads, and what comes one place later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from greenlm_edu.errors import EmptyCorpus, InputError

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["every_window", "random_starts", "random_windows", "untuned"]


def random_windows(
    ids: np.ndarray, context: int, batch: int, seed: int = 0, starts: np.ndarray | None = None, first: int = 0
) -> tf.data.Dataset:
    """Endless batches of windows from random places, for training.

    The text stays in memory once, and each batch is gathered from it. The places of a batch follow from the seed and
    the batch's number alone, so that a run can be repeated. Give `fit` shuffle=False: they come shuffled.

    Args:
        ids: token ids of the whole text, (time,).
        context: tokens in a window.
        batch: windows in a batch.
        seed: another seed gives other places.
        starts: places where a window may begin, such as the ends of sentences, (starts,); None for anywhere. Those
            with fewer than context + 1 ids left are not used.
        first: the number of the first batch, to go on where an earlier run ended.
    Returns:
        a dataset of (x, y), int32, (batch, time) each, where y[:, t] is the token that follows x[:, t].
    Raises:
        EmptyCorpus: fewer than context + 1 ids, or no start with as many.

    >>> x, y = next(iter(random_windows(np.arange(100), context=4, batch=2)))
    >>> bool((y == x + 1).numpy().all())
    True

    Lesson: notebooks/03, notebooks/09.
    """
    import tensorflow as tf  # for tf.data alone: models on JAX or PyTorch need no TensorFlow until here

    text = tf.constant(_checked("random_windows", ids, context, batch))

    def gather(places: Any) -> tuple[Any, Any]:
        windows = tf.gather(text, tf.expand_dims(places, 1) + tf.range(context + 1))  # (batch, time + 1)
        return windows[:, :-1], windows[:, 1:]  # (batch, time) each

    return untuned(random_starts(len(text), context, batch, seed, starts, first).map(gather).prefetch(8))


def random_starts(
    count: int, context: int, batch: int, seed: int = 0, starts: np.ndarray | None = None, first: int = 0
) -> tf.data.Dataset:
    """Where the windows of `random_windows` begin: an endless dataset of int32, (batch,).

    Args:
        count: number of ids in the text.
        The others: see random_windows.
    """
    import tensorflow as tf

    allowed = np.arange(count) if starts is None else np.asarray(starts)
    allowed = tf.constant(_with_room("random_windows", allowed, count - context - 1), tf.int32)

    def choose(number: Any) -> Any:
        chosen = tf.random.stateless_uniform(
            (batch,), seed=tf.stack([tf.cast(seed, tf.int64), number]), maxval=len(allowed), dtype=tf.int32
        )
        return tf.gather(allowed, chosen)  # (batch,)

    return untuned(tf.data.Dataset.counter(start=first).map(choose))


def every_window(ids: np.ndarray, context: int, batch: int) -> tf.data.Dataset:
    """Each next-token prediction of a text exactly once, for evaluation.

    Windows stand side by side, so the first predictions of a window have little to go by: the loss is that of a model
    that starts afresh every `context` tokens. Every batch has the same shape (one compiled function serves all); what
    fills up the last one has weight 0. Mind that Keras' own `val_loss` divides by the number of places, filled ones
    too; `evaluate` divides by the number of real predictions.

    Args:
        ids: token ids of the whole text, (time,).
        context: tokens in a window.
        batch: windows in a batch.
    Returns:
        a dataset of (x, y, weight), (batch, time) each; int32, int32, float32.
    Raises:
        EmptyCorpus: fewer than context + 1 ids.

    >>> sum(float(weight.numpy().sum()) for _, _, weight in every_window(np.arange(100), context=8, batch=5))
    99.0
    """
    import tensorflow as tf

    text = _checked("every_window", ids, context, batch)
    predictions = len(text) - 1
    batches = -(-predictions // (batch * context))  # rounded up
    shape = (batches, batch, context)
    filled = np.zeros((3, batches * batch * context), np.int32)
    filled[0, :predictions], filled[1, :predictions], filled[2, :predictions] = text[:-1], text[1:], 1
    x, y, weight = (part.reshape(shape) for part in filled)
    return untuned(tf.data.Dataset.from_tensor_slices((x, y, weight.astype(np.float32))))


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The dataset without tf.data's own tuner.

    With it, `fit` was seen to end at 2.56 s, 5.12 s or 10.24 s after it began, long after its last step, while the
    meter ran on; without it, `fit` ends with its last step. (It looks as if the dataset waits for a tuner that sleeps
    for 10 ms, 20 ms, 40 ms … in turn.)
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _with_room(where: str, starts: np.ndarray, last: int) -> np.ndarray:
    """The starts from which a whole window fits."""
    fitting = starts[(starts >= 0) & (starts <= last)]
    if not len(fitting):
        raise EmptyCorpus(
            f"{where}: a whole window must fit after at least one start; got {len(starts)} starts, the last possible "
            f"place being {last}. Take a longer text, or a shorter context."
        )
    return fitting


def _checked(where: str, ids: np.ndarray, context: int, batch: int) -> np.ndarray:
    if context < 1 or batch < 1:
        raise InputError(
            f"{where}: context and batch must be 1 or more; got context={context}, batch={batch}. Take at least one."
        )
    ids = np.asarray(ids)
    if ids.ndim != 1:
        raise InputError(f"{where}: ids must be one long row, (time,); got shape {ids.shape}. Flatten them first.")
    if len(ids) < context + 1:
        raise EmptyCorpus(
            f"{where}: the text must hold at least context + 1 tokens; got {len(ids)} tokens, context={context}. "
            "Take a longer text, or a shorter context."
        )
    return ids.astype(np.int32)
