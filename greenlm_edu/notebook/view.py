"""What stands under one metered cell: the live panel while it runs, and its card from then on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from greenlm_edu import carbon, metering
from greenlm_edu.errors import GreenLMError
from greenlm_edu.metering import Glance, Measurement
from greenlm_edu.notebook import card
from greenlm_edu.notebook.outlet import Outlet
from greenlm_edu.notebook.pace import Pace
from greenlm_edu.notebook.panel import Panel
from greenlm_edu.notebook.surface import Surface, Surfaces
from greenlm_edu.notebook.wording import place_of

__all__ = ["CellView", "card_of"]

HTML_PERIOD_S: Final = 0.5
NOTHING: Final = {"text/html": "", "text/plain": ""}

_log = logging.getLogger("greenlm_edu")

Step = tuple[float, float, float]


class CellView:
    """The view of one measurement; `take` follows it in the sampler's thread, the rest is called by the cell's hooks.

    Args:
        shell: the IPython shell, in whose main thread this is made.
        measurement: what it shows.
        surfaces: which surface to use.
        asks_guess: whether the learner is to guess the joules before they show.
        region_chosen: called with a region that the learner chose in the panel.
    """

    def __init__(
        self,
        shell: Any,
        measurement: Measurement,
        surfaces: Surfaces,
        *,
        asks_guess: bool = False,
        region_chosen: Callable[[str | None], None] = lambda region: None,
    ) -> None:
        self._shell, self._measurement, self._surfaces = shell, measurement, surfaces
        self._surface = surfaces.choose()
        self._asks_guess = asks_guess
        self._region_chosen = region_chosen
        self._outlet = Outlet(shell)
        self._question: Outlet | None = None
        self._asking: Panel | None = None
        self._panel: Panel | None = None
        self._steps: dict[str, list[Step]] = {}
        self._pace = Pace(HTML_PERIOD_S if self._surface is Surface.HTML else 0.0)
        self._lock = threading.RLock()
        self._has_ended = False

    @property
    def is_open(self) -> bool:
        """Whether it shows something already."""
        return self._panel is not None or not self._outlet.is_empty

    def open(self) -> None:
        """Shows the panel, where the front end can show one."""
        with self._lock:
            if self._has_ended or self._surface is Surface.OFF:
                return
            if self._surface is Surface.WIDGET:
                self._panel = Panel(
                    self._measurement, place_of(self._measurement), asks_guess=self._asks_guess, heard=self._hear
                )
                self._surfaces.opened(self._panel)
                self._outlet.put(self._panel.bundle())

    def take(self, glance: Glance) -> None:
        """Shows what is new, at most as often as the surface can bear."""
        if self._surface is Surface.OFF:
            return
        if self._panel is not None:  # what a card draws stands in the trace
            for component, step in glance.steps.items():
                self._steps.setdefault(component, []).append(step)
        if not self._pace.is_due():
            return
        with self._lock:
            if self._has_ended:
                return
            if self._panel is not None:
                if self._outlet.is_empty:
                    self._outlet.put(self._panel.bundle())  # `clear_output` has erased it
                steps, self._steps = self._steps, {}
                self._panel.show(glance, steps)
            elif not self._asks_guess:
                self._measurement.components, self._measurement.duration_s = glance.components, glance.t_s
                self._outlet.put({"text/html": card.html(self._measurement), "text/plain": "metering …"})

    def close(self) -> None:
        """Puts the card in the panel's place; the measurement has ended."""
        with self._lock:
            self._has_ended = True
            if self._panel is not None:
                self._panel.end(self._measurement.status)
                self._surfaces.ended()
            waits = self._asks_guess and self._panel is not None and self._measurement.guess_j is None
            self._outlet.put_last(card.hidden(self._measurement) if waits else card_of(self._measurement))
            if waits:
                self._question = Outlet(self._shell)
                self._asking = Panel(self._measurement, "", mode="guess", asks_guess=True, heard=self._hear)
                self._surfaces.asked(self._asking)
                self._question.put(self._asking.bundle())
                self._question.close()
            self._outlet.close()

    def discard(self) -> None:
        """Ends without a trace."""
        with self._lock:
            self._has_ended = True
            self._outlet.close()

    def _hear(self, said: dict[str, Any]) -> None:
        """What the learner chose; it may come while the cell runs, or when it has long ended."""
        try:
            if said.get("kind") == "region":
                self._set_region(str(said.get("region") or ""))
            elif said.get("kind") == "guess":
                self._set_guess(said.get("energy_j"))
        except GreenLMError:
            _log.exception("the panel sent what cannot be")

    def _set_region(self, code: str) -> None:
        region = carbon.intensity(code).region if code else None
        with self._lock:
            self._measurement.region = region
            if self._has_ended and self._question is None:
                self._outlet.put(card_of(self._measurement))
        self._region_chosen(region)

    def _set_guess(self, energy_j: float | None) -> None:
        if energy_j is not None:
            metering.set_guess(self._measurement, float(energy_j))
        with self._lock:
            self._asks_guess = False
            if self._panel is not None:
                self._panel.guessed(self._measurement.guess_j)
            if self._has_ended:
                self._outlet.put(card_of(self._measurement))
            if self._question is not None:
                self._question.put(NOTHING)
                self._question = None
            if self._asking is not None:
                self._surfaces.answered(self._asking)
                self._asking = None


def card_of(measurement: Measurement) -> dict[str, Any]:
    """The card's bundle; a card that cannot be drawn may not look like a failure of the learner's cell."""
    try:
        return card.bundle(measurement)
    except Exception as err:
        _log.exception("drawing the card failed")
        return {"text/plain": f"{measurement!r}\n(its card could not be drawn: {type(err).__name__}: {err})"}
