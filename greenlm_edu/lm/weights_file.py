"""Loading weights with plain words for what is wrong with a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras import ops

from greenlm_edu.errors import CheckpointError

__all__ = ["WeightsFile", "check_finite", "load_model"]


class WeightsFile:
    """What a model adds to Keras' own `load_weights`: it refuses what does not fit, and stays as it was then."""

    def load_weights(self, filepath: str | Path, **options: Any) -> None:
        """Read weights that `save_weights` wrote.

        Args:
            filepath: a .weights.h5 or .keras file.
            options: see keras.Model.load_weights.
        Raises:
            CheckpointError: the file is damaged, belongs to a model of another size, or holds NaN. The model keeps the
                weights that it had. (Options that have no weights, such as num_heads, are in a .keras file alone.)
        """
        before = self.get_weights()  # type: ignore[attr-defined]
        try:
            _check_shapes(filepath, self)
            super().load_weights(filepath, **options)  # type: ignore[misc]
            check_finite("load_weights", self)
        except CheckpointError:
            self.set_weights(before)  # type: ignore[attr-defined]
            raise
        except Exception as err:  # h5py, zipfile and Keras have a dozen kinds between them
            self.set_weights(before)  # type: ignore[attr-defined]
            raise CheckpointError(
                f"load_weights: {filepath} must hold the weights of a model with these options; got {_brief(err)} "
                "Build the model with the options that it was saved with; if they are the same, the file is damaged: "
                "save it again."
            ) from err


def load_model(path: str | Path) -> Any:
    """The model that `model.save` wrote, weights and options.

    Args:
        path: a .keras file.
    Raises:
        CheckpointError: the file is missing, truncated or no .keras file, or it holds NaN.
    """
    try:
        model = keras.models.load_model(path)
    except Exception as err:  # as above
        raise CheckpointError(
            f"load_model: {path} must be a whole .keras file; got {_brief(err)} "
            "Check the path; if it is right, the file is damaged: save the model again."
        ) from err
    check_finite("load_model", model)
    return model


def check_finite(where: str, model: Any) -> None:
    """Raise CheckpointError where a weight of the model is NaN or infinite."""
    for weight in model.weights:
        values = np.asarray(ops.convert_to_numpy(weight))
        if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
            strange = values[~np.isfinite(values)]
            raise CheckpointError(
                f"{where}: every weight must be a finite number; got {strange[0]} at {strange.size} of {values.size} "
                f"places in {weight.path}. Training went astray before this was saved: take an earlier checkpoint, "
                "and train with a lower learning rate or clipped gradients."
            )


def _check_shapes(path: str | Path, model: Any) -> None:
    """Raise CheckpointError unless file and model hold equally many weights of each shape.

    Keras itself reads the weights of a deeper model into a shallower one without a word.
    """
    if not str(path).endswith(".h5"):
        return
    found: Counter[tuple[int, ...]] = Counter()

    def count(name: str, item: Any) -> None:
        parts = name.split("/")
        if isinstance(item, h5py.Dataset) and parts[0] != "optimizer" and "seed_generator" not in parts:
            found[tuple(item.shape)] += 1

    with h5py.File(path) as file:
        file.visititems(count)
    expected = Counter(tuple(weight.shape) for weight in model.weights)
    if found != expected:
        extra, missing = found - expected, expected - found
        raise CheckpointError(
            f"load_weights: {path} must hold the weights of a model with these options; got "
            f"{_shapes(extra)} that this model lacks, and not {_shapes(missing)} that it needs. "
            "Build the model with the options that it was saved with."
        )


def _shapes(counts: Counter[tuple[int, ...]]) -> str:
    return ", ".join(f"{number} of shape {shape}" for shape, number in sorted(counts.items())) or "none"


def _brief(err: Exception) -> str:
    """The first line of an error's text, cut short."""
    line = (str(err).strip().splitlines() or [""])[0][:200].rstrip(" .")
    return f"{type(err).__name__}: {line}."
