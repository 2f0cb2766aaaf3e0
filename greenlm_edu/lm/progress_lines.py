"""A line for each epoch of a training run."""

from __future__ import annotations

import time
from typing import Any

import keras

__all__ = ["ProgressLines"]


class ProgressLines(keras.callbacks.Callback):
    """Prints after each epoch how far the run is, its losses, its speed, and about how long the rest takes.

    Args:
        tokens_per_step: tokens that the model is trained on in one step (batch × time).
    """

    async_safe = True  # see Checkpoint

    def __init__(self, tokens_per_step: int) -> None:
        super().__init__()
        self.tokens_per_step = tokens_per_step
        self._began_s = self._trained_s = 0.0
        self._first: int | None = None
        self._steps = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._first = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._first = epoch if self._first is None else self._first
        self._began_s, self._steps = time.monotonic(), 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps, self._trained_s = max(self._steps, batch + 1), time.monotonic() - self._began_s

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        epoch_s = time.monotonic() - self._began_s  # with its validation
        epochs = self.params["epochs"]
        speed = self._steps * self.tokens_per_step / max(self._trained_s, 1e-9)
        parts = [f"epoch {epoch + 1}/{epochs}"]
        parts += [f"{name} {value:.3f}" for name, value in (logs or {}).items()]
        parts.append(f"{speed:,.0f} tokens/s with compiling" if epoch == self._first else f"{speed:,.0f} tokens/s")
        left = epochs - epoch - 1
        if left and not self.model.stop_training:
            parts.append(f"about {left * epoch_s:.0f} s left")
        print(" · ".join(parts), flush=True)
