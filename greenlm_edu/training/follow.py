"""Every Keras `fit` in a metered cell reports by itself: no edit of the learner's code is needed.

From `follow_fit()` on, `keras.Model.fit` and the fast loop of `lm.train` look whether a measurement is under way, and
add an EnergyCallback to the callbacks of that one call. Keras itself is loaded by the learner or not at all.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any, Final

from greenlm_edu import metering
from greenlm_edu.imports import after_import

__all__ = ["follow_fit"]

_CALLBACKS: Final = "callbacks"


class _Following:
    """Keras' `fit`, followed until `stop`."""

    def __init__(self) -> None:
        self.active = True
        self._restores: list[Callable[[], None]] = []
        self._stop_waiting = [
            after_import("keras", self._patch),
            after_import("greenlm_edu.lm.fast_fit", self._join_fast_fit),
        ]

    def stop(self) -> None:
        """Puts back exactly what was there."""
        global _following
        self.active = False
        for stop in self._stop_waiting:
            stop()
        while self._restores:
            self._restores.pop()()
        if _following is self:
            _following = None

    def _patch(self, keras: ModuleType) -> None:
        model = keras.Model
        had_its_own = "fit" in vars(model)  # Keras' Model inherits it from the trainer of its backend
        original = model.fit
        followed = self._followed(original)
        model.fit = followed

        def restore() -> None:
            if vars(model).get("fit") is not followed:
                return  # somebody has wrapped it since; ours, inside theirs, now only hands on
            if had_its_own:
                model.fit = original
            else:
                del model.fit

        self._restores.append(restore)

    def _join_fast_fit(self, home: ModuleType) -> None:
        """The fast loop of `lm.train` is no `fit` of Keras', but asks here for callbacks."""

        def with_energy(callbacks: list[Any], model: Any) -> list[Any]:
            if metering.running() is None:
                return callbacks
            found: list[Any] = _with_energy(callbacks, model)[0]
            return found

        home.followers.append(with_energy)
        self._restores.append(lambda: home.followers.remove(with_energy))

    def _followed(self, original: Callable[..., Any]) -> Callable[..., Any]:
        place = list(inspect.signature(original).parameters).index(_CALLBACKS) - 1  # without self

        @functools.wraps(original)
        def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
            if not following.active or metering.running() is None:
                return original(self, *args, **kwargs)
            given = args[place] if len(args) > place else kwargs.get(_CALLBACKS)
            callbacks, take_out = _with_energy(given, self)
            if len(args) > place:
                args = (*args[:place], callbacks, *args[place + 1 :])
            else:
                kwargs[_CALLBACKS] = callbacks
            try:
                return original(self, *args, **kwargs)
            finally:
                take_out()

        following = self
        return fit


_following: _Following | None = None


def follow_fit() -> Callable[[], None]:
    """From now on, every `keras.Model.fit` inside a running measurement gets an EnergyCallback, unless it has one.

    Keras may be imported before or after. `fit` outside a measurement is left alone. Called again, it changes nothing.

    Returns:
        What stops that and puts back exactly what was there.
    """
    global _following
    if _following is None:
        _following = _Following()
    return _following.stop


def _with_energy(given: Any, model: Any) -> tuple[Any, Callable[[], None]]:
    """The callbacks with an EnergyCallback first, so that another's best weights have the last word; and its undoing.

    The learner's own list stays as it is. A CallbackList, which Keras takes as it stands, has it while `fit` runs.
    """
    import keras

    from greenlm_edu.training.callback import EnergyCallback

    is_list = isinstance(given, keras.callbacks.CallbackList)
    present = given.callbacks if is_list else keras.tree.flatten(given) if given else []
    if any(isinstance(one, EnergyCallback) for one in present):
        return given, lambda: None
    energy = EnergyCallback()
    if not is_list:
        rest = [] if not given else given if isinstance(given, list | tuple) else [given]
        return [energy, *rest], lambda: None
    energy.set_model(model)
    energy.set_params(given.params)
    given.callbacks.insert(0, energy)

    def take_out() -> None:
        with suppress(ValueError):
            given.callbacks.remove(energy)

    return given, take_out
