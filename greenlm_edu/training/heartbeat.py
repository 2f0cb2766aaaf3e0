"""What a worker tells of its running measurement about once a second, so that its joules outlive its death."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from greenlm_edu.energy import Basis, EnergySource
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Glance, Measurement, Origin

__all__ = ["HEARTBEAT_S", "Heart", "spent_unheard", "spent_until_lost"]

HEARTBEAT_S: Final = 1.0
# Where a source does not tell the most that it may draw, as memory does not: twice the highest power that it was seen
# to draw. This is our judgement.
MOST_ABOVE_SEEN: Final = 2.0


class Heart:
    """Tells the joules of a running measurement; give it to `metering.follow`.

    It works in the sampler's thread, so it beats while the training keeps Python busy.

    Args:
        measurement: the running one.
        sources: what its meter reads.
        tell: called with plain data: text, numbers, lists and dicts.
        every_s: seconds between beats.
    """

    def __init__(
        self,
        measurement: Measurement,
        sources: tuple[EnergySource, ...],
        tell: Callable[[dict[str, Any]], None],
        every_s: float = HEARTBEAT_S,
    ) -> None:
        self._measurement, self._tell, self._every_s = measurement, tell, every_s
        self._sources = {source.component: source for source in sources}
        self._highest_w: dict[str, float] = {}
        self._next_s = 0.0

    def __call__(self, glance: Glance) -> None:
        for component, (_, _, watts) in glance.steps.items():
            self._highest_w[component] = max(watts, self._highest_w.get(component, 0.0))
        if glance.t_s < self._next_s:
            return
        self._next_s = glance.t_s + self._every_s
        origin = self._measurement.origin
        self._tell(
            {
                "name": self._measurement.name,
                "origin": [origin.host, origin.process, origin.start_s] if origin else None,
                "started_at": self._measurement.started_at.isoformat(),
                "t_s": glance.t_s,
                "every_s": self._every_s,
                "components": [self._told(part) for part in glance.components],
            }
        )

    def _told(self, part: Component) -> dict[str, Any]:
        energy_j = part.energy_j
        return {
            **{name: str(getattr(part, name)) for name in _WORDS},
            "energy_j": [energy_j.low, energy_j.best, energy_j.high] if energy_j else None,
            "below_resolution": part.below_resolution,
            "most_w": self._most_w(part.component),
        }

    def _most_w(self, component: str) -> float:
        told = getattr(self._sources.get(component), "most_power_w", None)
        return float(told) if told is not None else MOST_ABOVE_SEEN * self._highest_w.get(component, 0.0)


_WORDS: Final = ("component", "label", "basis", "reason", "note", "error_group", "meters")


def spent_until_lost(
    beat: Mapping[str, Any], unheard_s: float, why: str, *, region: str | None, pue: float
) -> Measurement:
    """What a worker used that was never heard of again: as far as it told, and what may have been since.

    Had it lived on, it would have told of it after a beat's time; so the best figure goes on at the mean power for half
    of that, or of the time without news where that is shorter. The low end is what it told; the high end is as if it
    had drawn the most that it could all the time until its death was noticed.

    Args:
        beat: the last that a Heart told.
        unheard_s: from that moment until it was known to be dead, 0 or more.
        why: what happened, for the status.
        region, pue: as of all its measurements.
    """
    return Measurement(
        name=beat["name"],
        region=region,
        pue=pue,
        started_at=datetime.fromisoformat(beat["started_at"]),
        duration_s=beat["t_s"] + unheard_s,
        components=tuple(_component(told, beat["t_s"], unheard_s, beat["every_s"]) for told in beat["components"]),
        status=f"failed: {why}",
        origin=Origin(*beat["origin"]) if beat["origin"] else None,
    )


def spent_unheard(begun_at: datetime, duration_s: float, why: str, *, region: str | None, pue: float) -> Measurement:
    """What a worker used that was never heard of at all: unknown, and not zero.

    Args:
        begun_at, duration_s: when it was sent its task, and how long until it was known to be dead.
        why, region, pue: as for `spent_until_lost`.
    """
    reason = "the worker died before it told of its joules"
    unknown = Component("cpu", "worker that died", Basis.UNAVAILABLE, None, reason=reason)
    return Measurement(
        name="sweep: one run",
        region=region,
        pue=pue,
        started_at=begun_at,
        duration_s=duration_s,
        components=(unknown,),
        status=f"failed: {why}",
    )


def _component(told: Mapping[str, Any], t_s: float, unheard_s: float, every_s: float) -> Component:
    words = {name: told[name] for name in _WORDS}
    basis = Basis(words.pop("basis"))
    if told["energy_j"] is None or told["most_w"] <= 0 or t_s <= 0:
        reason = words.pop("reason") or "the worker died before it was known what this can draw"
        return Component(**words, basis=Basis.UNAVAILABLE, energy_j=None, reason=reason)
    low, best, high = told["energy_j"]
    likely_j = best / t_s * min(unheard_s, every_s) / 2
    energy_j = Interval(low, min(best + likely_j, high + told["most_w"] * unheard_s), high + told["most_w"] * unheard_s)
    lost = f"as told {unheard_s:.1f} s before the worker was known to be dead, and what it may have used since"
    words["note"] = "; ".join(filter(None, (words["note"], lost)))
    return Component(**words, basis=basis, energy_j=energy_j, below_resolution=told["below_resolution"])
