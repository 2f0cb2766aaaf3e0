"""Who hears of measurements that end, and of guesses that come after their end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from weakref import WeakSet

from greenlm_edu.errors import GreenLMError, InputError
from greenlm_edu.metering.measurement import Measurement

__all__ = ["announce", "announce_guesses_to", "announce_to", "tell_ended", "tell_guess", "unannounced"]

_log = logging.getLogger("greenlm_edu")

_listeners: list[Callable[[Measurement], None]] = []
_guess_listeners: list[Callable[[Measurement], None]] = []
_told: WeakSet[Measurement] = WeakSet()
_quiet: list[None] = []  # one entry for each block of `unannounced` that is open


def announce_to(listener: Callable[[Measurement], None]) -> Callable[[], None]:
    """Calls `listener` with every measurement that ends; the result stops that."""
    return _listen(_listeners, listener)


def announce_guesses_to(listener: Callable[[Measurement], None]) -> Callable[[], None]:
    """Calls `listener` with every measurement whose guess came after its end; the result stops that."""
    return _listen(_guess_listeners, listener)


def announce(measurement: Measurement) -> Measurement:
    """Announces a measurement that no meter here has ended, such as a merged one, and gives it back.

    Raises:
        InputError: it is still running, or it was announced before: its joules would be recorded twice.
    """
    if measurement.status == "running" or measurement in _told:
        state = "it was announced already" if measurement in _told else "it is still running"
        raise InputError(
            f"announce: a measurement must have ended, and is announced once; got “{measurement.name}”: {state}."
        )
    tell_ended(measurement)
    return measurement


@contextmanager
def unannounced() -> Iterator[None]:
    """Within it, measurements of this process end unheard: they are parts of one that is announced as a whole."""
    _quiet.append(None)
    try:
        yield
    finally:
        _quiet.pop()


def tell_ended(measurement: Measurement) -> None:
    """Announces a measurement that has ended."""
    if not _quiet:
        _told.add(measurement)
        _tell(_listeners, measurement)


def tell_guess(measurement: Measurement) -> None:
    """Announces a guess that came after the measurement's end."""
    _tell(_guess_listeners, measurement)


def _listen(
    listeners: list[Callable[[Measurement], None]], listener: Callable[[Measurement], None]
) -> Callable[[], None]:
    listeners.append(listener)

    def stop() -> None:
        with suppress(ValueError):
            listeners.remove(listener)

    return stop


def _tell(listeners: list[Callable[[Measurement], None]], measurement: Measurement) -> None:
    """Whatever a listener does, the learner's cell goes on; the failure is told on the card."""
    for listener in tuple(listeners):
        try:
            listener(measurement)
        except GreenLMError as err:
            measurement.notices.append(str(err))
        except Exception as err:
            _log.exception("a listener to finished measurements failed")
            measurement.notices.append(f"{type(err).__name__}: {err}")
