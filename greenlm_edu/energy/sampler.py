"""One thread that reads every source a few times a second, on the monotonic clock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from greenlm_edu.energy.source import EnergySource, Reading
from greenlm_edu.errors import EnergyUnavailable, InputError

__all__ = ["Sample", "Sampler"]

# Not 0.1 s: read in step with a counter that moves every 0.1 s, one would never find where in its step it is.
PERIOD_S: Final = 0.093
# A driver call that hangs holds up the learner's cell for less than a second: so long until its source is given up for
# the time being, and so long for the answer of the others.
PATIENCE_S: Final = 0.7
PATIENCE_WITH_OTHERS_S: Final = 0.25

_log = logging.getLogger("greenlm_edu")


@dataclass(frozen=True)
class Sample:
    """What all sources said at about one moment.

    Args:
        t_s: when the reading of the sources began, in seconds of the monotonic clock.
        readings: by component, of those that answered.
        failures: by component, why the others did not.
    """

    t_s: float
    readings: Mapping[str, Reading] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)


class Sampler:
    """Reads its sources in a thread of its own, every period and whenever asked.

    A context manager: the thread runs while at least one caller is inside. A source whose driver hangs is given up
    until it answers: its thread is left waiting, and another one goes on with the other sources.

    Args:
        sources: what to read, in this order; one that may hang belongs last.
        period_s: seconds between readings, above 0.
        clock: the monotonic clock, in seconds.
    Raises:
        InputError: period_s is not above 0, or two sources share a component's key.
    """

    def __init__(
        self, sources: Sequence[EnergySource], period_s: float = PERIOD_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not period_s > 0:
            raise InputError(f"Sampler: period_s must be above 0 seconds; got {period_s}. 0.1 is usual.")
        self.sources = _with_own_keys(sources)
        self.period_s = period_s
        self._clock = clock
        self._listeners: list[Callable[[Sample], None]] = []
        self._changed = threading.Condition()
        self._users = 0
        self._asked = 0  # how many readings were asked for, and
        self._answered = 0  # up to which of them there is an answer
        self._latest = Sample(clock())
        # Released when there is something to do before the period is over. A bare lock, because a thread that waits
        # for a condition ten times a second costs half as much again.
        self._bell = threading.Lock()
        self._bell.acquire()
        self._thread: threading.Thread | None = None
        self._reading: str | None = None  # the component whose driver is being asked
        self._hung: set[str] = set()

    def __enter__(self) -> Sampler:
        with self._changed:
            self._users += 1
            if self._thread is None:
                self._start_thread()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._users -= 1
        self._ring()

    def listen(self, listener: Callable[[Sample], None]) -> Callable[[], None]:
        """Hands every sample to `listener`, in the sampler's thread; the result stops that."""
        with self._changed:
            self._listeners.append(listener)

        def stop() -> None:
            with self._changed:
                self._listeners.remove(listener)

        return stop

    def beside(self, sources: Sequence[EnergySource]) -> Callable[[], None]:
        """Reads these too from now on, after its own; the result stops that.

        Raises:
            InputError: one of them shares a component's key.
        """
        with self._changed:
            self.sources = _with_own_keys([*self.sources, *sources])

        def stop() -> None:
            with self._changed:
                self.sources = tuple(one for one in self.sources if not any(one is gone for gone in sources))

        return stop

    def now_s(self) -> float:
        """The time on the clock of its samples, in seconds."""
        return self._clock()

    def sample_now(self) -> Sample:
        """A sample taken after this call; it takes less than a second, whatever a driver does.

        Sources that did not answer in time stand among its failures.
        """
        asked_at_s = self._clock()
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._ring()
            if self._changed.wait_for(lambda: self._answered >= mine, timeout=PATIENCE_S):
                return self._latest
            if self._reading is not None:
                self._hung.add(self._reading)
                self._start_thread()
            if self._changed.wait_for(lambda: self._answered >= mine, timeout=PATIENCE_WITH_OTHERS_S):
                return self._latest
        return Sample(asked_at_s, {}, {source.component: _late() for source in self.sources})

    def _ring(self) -> None:
        with suppress(RuntimeError):  # it was rung already and not heard yet
            self._bell.release()

    def _start_thread(self) -> None:
        """Puts a fresh thread in charge; the one before it, if there is one, ends as soon as it notices."""
        self._thread = threading.Thread(target=self._run, name="greenlm-sampler", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            self._bell.acquire(timeout=self.period_s)
            with self._changed:
                if self._thread is not me:
                    return
                if self._users == 0 and self._asked == self._answered:
                    self._thread = None
                    return
                asked = self._asked
            sample = self._read_all(me)
            with self._changed:
                if self._thread is not me:
                    return
                self._latest, self._answered = sample, asked
                listeners = tuple(self._listeners)
                self._changed.notify_all()
            for listener in listeners:
                listener(sample)

    def _read_all(self, me: threading.Thread) -> Sample:
        began_s = self._clock()
        readings: dict[str, Reading] = {}
        failures: dict[str, str] = {}
        for source in self.sources:
            component = source.component
            if component in self._hung:
                failures[component] = _late()
                continue
            self._reading = component
            try:
                readings[component] = source.read()
            except EnergyUnavailable as err:
                failures[component] = str(err)
            except Exception as err:  # a fault in one source may not cost the others their figures; it is told instead
                _log.exception("reading %s failed", component)
                failures[component] = f"reading it failed: {type(err).__name__}: {err}"
            if self._thread is not me:  # given up while its driver hung; now it has answered, so it may be asked again
                self._hung.discard(component)
                break
            self._reading = None
        return Sample(began_s, readings, failures)


def _late() -> str:
    return f"its driver did not answer within {PATIENCE_S:g} s"


def _with_own_keys(sources: Sequence[EnergySource]) -> tuple[EnergySource, ...]:
    keys = [source.component for source in sources]
    if len(set(keys)) != len(keys):
        raise InputError(f"Sampler: each source needs a component key of its own; got {keys}.")
    return tuple(sources)
