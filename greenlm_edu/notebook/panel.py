"""The kernel half of the live panel: it sends the browser what the sampler saw, in numbers, and hears what is chosen.

The browser half, panel.js, draws them. It holds every joule-to-gram rule that a what-if needs, so that a region chosen
while the kernel is busy counts at once; the kernel hears of it as soon as it listens again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

import anywidget
import traitlets

from greenlm_edu import carbon
from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Glance, Measurement, total
from greenlm_edu.notebook.chart import colour_of, stack_order

__all__ = ["Panel"]

VIEW: Final = "application/vnd.jupyter.widget-view+json"
STEPS_FOR_A_NEW_PAGE: Final = 240
RELOADED: Final = (
    "This page was loaded while the cell ran, so the notebook has no card of it. `%meter card` in a new cell shows it."
)


@cache
def _shipped(name: str) -> str:
    return files("greenlm_edu.notebook").joinpath(name).read_text(encoding="utf-8")


class PanelWidget(anywidget.AnyWidget):
    """What anywidget needs to know of the panel.

    Its one synced trait is small and does not change: what moves goes as messages, which no saved notebook keeps.
    """

    _esm = traitlets.Unicode(_shipped("panel.js")).tag(sync=True)
    _css = traitlets.Unicode(_shipped("panel.css")).tag(sync=True)
    run = traitlets.Dict().tag(sync=True)


class Panel:
    """The panel of one measurement.

    Args:
        measurement: what it shows.
        title: where the cell stands, in words.
        mode: "panel", or "guess": only the question for the joules, under a cell that has ended.
        asks_guess: whether the figures are hidden until the learner has guessed.
        heard: called with what the browser says, in whichever thread hears it.
    """

    def __init__(
        self,
        measurement: Measurement,
        title: str,
        *,
        mode: str = "panel",
        asks_guess: bool = False,
        heard: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._measurement = measurement
        self._heard = heard
        self._sent_until_s: dict[str, float] = {}  # by curve, the last point that the browser has
        self._lock = threading.Lock()  # the sampler's thread sends, and another one answers a page that asks for all
        self._latest: dict[str, Any] | None = None
        self._ended = ""
        self.was_drawn = False
        self._widget = PanelWidget(run=_description(measurement, title, mode, asks_guess))
        self._widget.on_msg(self._hear)
        _hear_beside_the_cell(self._widget)

    def bundle(self) -> dict[str, Any]:
        """What shows the panel; where no widget can be shown, one line that says so."""
        line = "Metering this cell. The live panel needs a running kernel; run the cell again to see its energy."
        return {
            VIEW: {"version_major": 2, "version_minor": 1, "model_id": self._widget.model_id},
            "text/html": f'<div class="greenlm-metering">{line}</div>',
            "text/plain": line,
        }

    def show(self, glance: Glance, steps: dict[str, list[tuple[float, float, float]]]) -> None:
        """Sends the state of this moment, and the steps and losses that are new."""
        with self._lock:
            self._latest = self._state(glance)
            self._widget.send({"kind": "tick", **self._latest, "steps": steps, "losses": self._new_points()})

    def guessed(self, guess_j: float | None) -> None:
        """Lets the figures be seen: the learner has guessed, or does not want to."""
        self._widget.run = {**self._widget.run, "predict": False, "guess_j": guess_j}

    def end(self, status: str) -> None:
        """Tells the browser that the cell has ended."""
        self._ended = status
        self._widget.send({"kind": "end", "status": status})

    def close(self) -> None:
        """Takes the widget away; its views vanish."""
        self._widget.close()

    def _hear(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        kind = content.get("kind")
        if kind == "drawn":
            self.was_drawn = True
        elif kind == "hello":
            self._tell_all()
        if self._heard is not None:
            self._heard(content)

    def _tell_all(self) -> None:
        """Everything up to now, for a page that was opened or loaded again in mid-cell."""
        trace = self._measurement.trace
        with self._lock:
            if self._latest is None or trace is None:
                return
            curves = {name: curve.points for name, curve in self._measurement.curves.items()}
            steps = {key: trace.steps(key, STEPS_FOR_A_NEW_PAGE) for key in trace.components()}
            self._sent_until_s = {name: points[-1][0] for name, points in curves.items() if points}
            told = dict(self._latest)
            if self._ended:
                told["notices"] = [*told["notices"], RELOADED]
            self._widget.send({"kind": "all", **told, "steps": steps, "losses": curves})
            if self._ended:
                self._widget.send({"kind": "end", "status": self._ended})

    def _state(self, glance: Glance) -> dict[str, Any]:
        energy_j = total(glance.components)
        known = [part for part in glance.components if part.energy_j is not None]
        idle_known = known and all(part.idle_j is not None for part in known)
        progress = self._measurement.progress
        return {
            "t": glance.t_s,
            "parts": {part.component: _bounds(part.energy_j) for part in glance.components},
            "total": _bounds(energy_j),
            "idle_j": sum(part.idle_j or 0.0 for part in known) if idle_known else None,
            "progress": None
            if progress is None
            else {
                "epoch": progress.epoch,
                "epochs": progress.epochs,
                "share": progress.share,
                "left_s": progress.left_s(glance.t_s),
                "left_j": progress.left_j(glance.t_s, energy_j.best if energy_j else None),
            },
            "below_resolution": [part.component for part in glance.components if part.below_resolution],
            "notices": list(self._measurement.notices),
        }

    def _new_points(self) -> dict[str, list[tuple[float, float]]]:
        """The points of each curve that came since the last message."""
        new = {}
        for name, curve in tuple(self._measurement.curves.items()):
            sent_s = self._sent_until_s.get(name, -1.0)
            points = [point for point in curve.points if point[0] > sent_s]
            if points:
                new[name] = points
                self._sent_until_s[name] = points[-1][0]
        return new


def _hear_beside_the_cell(widget: PanelWidget) -> None:
    """Lets the browser's messages come in over a subshell, where front end and kernel have them.

    ipykernel routes what comes for a comm to the loop that wrote to it last, which for us is the one that is busy with
    the learner's cell: a guess would wait for the cell's end. So each message goes where the front end sent it.
    """
    comm: Any = widget.comm
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, sent_to: sent_to


def _description(measurement: Measurement, title: str, mode: str, asks_guess: bool) -> dict[str, Any]:
    """What does not change while the cell runs: who is metered, how that is known, where, and what was asked."""
    parts = stack_order(part for part in measurement.components if part.basis is not Basis.UNAVAILABLE)
    return {
        "id": f"{id(measurement):x}",
        "mode": mode,
        "place": title,
        "parts": [
            {
                "key": part.component,
                "label": part.label,
                "basis": str(part.basis),
                "colour": colour_of(part.component),
                "replayed": part.basis is Basis.REPLAYED,
                "reason": part.note,
            }
            for part in parts
        ],
        "missing": [{"label": part.label, "reason": part.reason} for part in measurement.unmeasured],
        "region": "" if measurement.region is None else carbon.intensity(measurement.region).region,
        "regions": _regions(),
        "pue": measurement.pue,
        "predict": asks_guess,
        "guess_j": measurement.guess_j,
        "budget": None,
    }


@cache
def _regions() -> list[tuple[str, str, float, int, str, float, float]]:
    """(code, name, g/kWh, year, source, low, high) of every region, first what is assumed where nobody names one."""
    assumed = carbon.intensity(None)
    rows = [("", "no region set: world average", assumed)]
    rows += [(grid.region, grid.name, grid) for grid in carbon.regions()]
    return [
        (code, name, grid.value_g_per_kwh, grid.year, grid.source, grid.g_per_kwh.low, grid.g_per_kwh.high)
        for code, name, grid in rows
    ]


def _bounds(interval: Interval | None) -> tuple[float, float, float] | None:
    return None if interval is None else (interval.low, interval.best, interval.high)
