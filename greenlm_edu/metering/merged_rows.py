"""The components of a merged measurement: things of one kind in one row, each basis visible, each key once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval, sum_shared
from greenlm_edu.metering.measurement import Component, Measurement
from greenlm_edu.metering.union import Seen

__all__ = ["Item", "rows_of", "unmeasured_rows"]

MOST_NOTES = 3


@dataclass(frozen=True, eq=False)
class Item:
    """One thing's joules, counted once.

    Args:
        seen: those that saw it.
        basis: how its figure is known; the weaker one, where they differ.
        energy_j, idle_j: of all the time that was seen.
        notes: how the figure is made.
    """

    seen: Sequence[Seen]
    basis: Basis
    energy_j: Interval
    idle_j: float | None
    notes: frozenset[str]

    @property
    def part(self) -> Component:
        """The first that saw it."""
        return self.seen[0].part


def rows_of(items: Sequence[Item]) -> tuple[Component, ...]:
    """One row for things that are alike: of one kind, known in one way, and off together."""
    alike: dict[tuple[str, int, str], list[Item]] = defaultdict(list)
    for item in items:
        part = item.part
        key = _kind(part.component), list(Basis).index(item.basis), part.error_group or part.component
        alike[key].append(item)
    rows = [_row(alike[key]) for key in sorted(alike)]
    return tuple(_told_apart(rows, ()))


def unmeasured_rows(
    unmeasured: Sequence[tuple[Measurement, Component]], beside: Sequence[Component]
) -> tuple[Component, ...]:
    """One row for each component without joules and each reason, with how often that was so."""
    alike: dict[tuple[str, str, str], list[Component]] = defaultdict(list)
    for _, part in unmeasured:
        alike[_kind(part.component), part.label, part.reason].append(part)
    rows = []
    for key in sorted(alike):
        part, times = alike[key][0], len(alike[key])
        note = _joined([one.note for one in alike[key]])
        counted = f"in {times} measurements" if times > 1 else ""
        rows.append(
            Component(
                part.component, part.label, Basis.UNAVAILABLE, None, reason=part.reason,
                note="; ".join(filter(None, (note, counted))),
            )
        )  # fmt: skip
    return tuple(_told_apart(rows, beside))


def _row(items: Sequence[Item]) -> Component:
    parts = [one.part for item in items for one in item.seen]
    resting = [item.idle_j for item in items]
    return Component(
        component=min(part.component for part in parts),
        label=_label(items),
        basis=items[0].basis,
        energy_j=sum_shared(item.energy_j for item in items),
        idle_j=None if None in resting else math.fsum(one or 0.0 for one in resting),
        reason=_joined([part.reason for part in parts]),
        note=_joined([note for item in items for note in item.notes]),
        below_resolution=any(part.below_resolution for part in parts),
        error_group=items[0].part.error_group,
        meters=items[0].part.meters if len(items) == 1 else "",
    )


def _label(items: Sequence[Item]) -> str:
    label = min(item.part.label for item in items)
    if len(items) == 1:
        return label
    hosts = len({one.host for item in items for one in item.seen})
    where = f" on {hosts} machines" if hosts > 1 else ""
    for one, many in (("this process", "processes"), ("this container", "containers")):
        if one in label:
            return label.replace(one, f"{len(items)} {many}") + where
    return f"{label} · {len(items)} together{where}"


def _told_apart(rows: Iterable[Component], beside: Iterable[Component]) -> list[Component]:
    """The rows with a key of their own each: a second “cpu” is “cpu1”, as a second processor is."""
    taken = {row.component for row in beside}
    told: list[Component] = []
    for row in rows:
        key, number = row.component, 1
        while key in taken:
            key, number = f"{_kind(row.component)}{number}", number + 1
        taken.add(key)
        told.append(replace(row, component=key))
    return told


def _kind(component: str) -> str:
    return component.rstrip("0123456789")


def _joined(texts: Iterable[str]) -> str:
    """Different texts, each once, and no more than a reader takes in."""
    told = sorted({text for text in texts if text})
    more = [f"and {len(told) - MOST_NOTES} more like these"] if len(told) > MOST_NOTES else []
    return "; ".join([*told[:MOST_NOTES], *more])
