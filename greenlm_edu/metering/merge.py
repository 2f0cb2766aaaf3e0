"""One measurement from those of several processes and machines, in which nothing is counted twice.

Two processes on one GPU each read the joules of the whole board, and two in one container each read its CPU time. So
every component says what it meters (`Component.meters`), and what several of them meter is counted once, over all the
time that one of them was looking; different things add up. Clocks are compared on one machine only.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from greenlm_edu.energy import Basis
from greenlm_edu.energy.place import thing, things_around
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval, sum_shared
from greenlm_edu.metering.measurement import Measurement
from greenlm_edu.metering.merged_rows import Item, rows_of, unmeasured_rows
from greenlm_edu.metering.union import Seen, joules_once, length_s, resting_once

__all__ = ["merge"]

_Value = TypeVar("_Value")


def merge(
    parts: Iterable[Measurement], name: str = "", *, region: str | None = None, pue: float | None = None
) -> Measurement:
    """The joules of several finished measurements as one, each joule once; their order does not matter.

    - What only one of them meters adds up; components of one kind, one basis and one error stand in one row.
    - What several of them meter, such as a GPU that two processes share, is counted once: over the union of their
      windows, in each stretch the mean of those that cover it, with the widest doubt of them.
    - Where a GPU was seen from machines whose clocks cannot be compared, nobody knows whether they saw the same
      joules: it is at least what the largest of them saw, at most the sum, and the best figure lies in the middle.
    - What was not measured in one of them is not measured in the whole, with its reason.

    Nobody hears of the result; `announce` tells those who listen, such as the ledger. If they have heard of the parts
    already, they would count the joules twice.

    Args:
        parts: measurements that have ended; a merged one stands for its own parts.
        name: what to call the whole.
        region, pue: of the whole; those of the parts if left out.
    Returns:
        a Measurement with `parts`, and without a trace; its duration is the time that was covered, on one machine.
    Raises:
        InputError: no parts; one is still running, or holds another (a container's measurement holds that of each
            process in it); or they differ in region or PUE and none was given.
    """
    flat = [one for part in parts for one in (part.parts or (part,))]
    _check(flat)
    flat.sort(key=_order)
    seen = [Seen.of(one, part) for one in flat for part in one.components if part.energy_j is not None]
    _check_apart(seen)
    unmeasured = [(one, part) for one in flat for part in one.components if part.energy_j is None]
    known_rows = rows_of([_item(group) for group in _groups(seen)])
    return Measurement(
        name=name,
        region=_common("region", [one.region for one in flat]) if region is None else region,
        pue=_common("pue", [one.pue for one in flat]) if pue is None else pue,
        started_at=min(one.started_at for one in flat),
        duration_s=_duration_s(flat),
        components=(*known_rows, *unmeasured_rows(unmeasured, known_rows)),
        status=_status(flat),
        context=dict(set.intersection(*(set(one.context.items()) for one in flat))),
        notices=sorted({notice for one in flat for notice in one.notices}),
        parts=tuple(flat),
    )


def _check(parts: Sequence[Measurement]) -> None:
    if not parts:
        raise InputError("merge: at least one measurement is needed; got none.")
    for one in parts:
        if one.status == "running":
            raise InputError(f"merge: each part must have ended; got “{one.name}”, which is running. Finish it first.")


def _check_apart(seen: Sequence[Seen]) -> None:
    """Refuses parts of which one holds the other's joules: adding them would count those twice."""
    by_thing: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in seen:
        by_thing[thing(one.part.meters)].append(one)
    for inner in seen:
        for outer in (one for place in things_around(inner.part.meters) for one in by_thing.get(place, ())):
            if outer.host == inner.host and outer.from_s < inner.to_s and inner.from_s < outer.to_s:
                raise InputError(
                    f"merge: no part may hold another; got “{outer.measurement.name}”, whose {outer.part.label} holds "
                    f"that of “{inner.measurement.name}”. Leave one of the two out."
                )


def _groups(seen: Sequence[Seen]) -> list[list[Seen]]:
    """What meters one and the same thing; what nobody else can meter stands alone."""
    groups: dict[object, list[Seen]] = defaultdict(list)
    for one in seen:
        groups[one.part.meters or id(one)].append(one)
    return list(groups.values())


def _item(seen: Sequence[Seen]) -> Item:
    """One thing's joules, however many saw it."""
    by_host: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_host[one.host].append(one)
    figures = [joules_once(group) for group in by_host.values()]
    resting = [resting_once(group) for group in by_host.values()]
    notes = {one.part.note for one in seen if one.part.note}
    if _overlap(by_host.values()):
        notes.add("seen by several at once, counted once")
    if len(figures) > 1:
        notes.add(f"seen from {len(figures)} machines whose clocks cannot be compared: the range is from one to all")
    bases = [basis for basis in Basis if any(one.part.basis is basis for one in seen)]
    if len(bases) > 1:
        notes.add("known as " + " here, as ".join(bases) + " there")
    energy_j = figures[0] if len(figures) == 1 else _same_or_not(figures)
    idle_j = None if None in resting else min(math.fsum(one or 0.0 for one in resting), energy_j.best)
    return Item(seen, bases[-1], energy_j, idle_j, frozenset(notes))


def _same_or_not(figures: Sequence[Interval]) -> Interval:
    """What was used, where the figures may be of the same joules or of different ones."""
    whole = sum_shared(figures)
    best = (max(one.best for one in figures) + whole.best) / 2
    return Interval(max(one.low for one in figures), best, whole.high)


def _overlap(groups: Iterable[Sequence[Seen]]) -> bool:
    for group in groups:
        windows = [(one.from_s, one.to_s) for one in group]
        if length_s(windows) < math.fsum(to_s - from_s for from_s, to_s in windows) * (1 - 1e-9):
            return True
    return False


def _duration_s(parts: Sequence[Measurement]) -> float:
    """The time covered on the machine where that is the longest; machines are not compared by clock."""
    windows: dict[object, list[tuple[float, float]]] = defaultdict(list)
    for one in parts:
        start_s = one.origin.start_s if one.origin else 0.0
        windows[one.origin.host if one.origin else id(one)].append((start_s, start_s + one.duration_s))
    return max(length_s(those) for those in windows.values())


def _status(parts: Sequence[Measurement]) -> str:
    failed = sum(one.status != "finished" for one in parts)
    return f"failed: {failed} of {len(parts)} parts" if failed else "finished"


def _common(what: str, values: Sequence[_Value]) -> _Value:
    if any(value != values[0] for value in values):
        told = " and ".join(sorted({repr(value) for value in values}))
        raise InputError(f"merge: the parts must be of one {what}; got {told}. Give {what}= for the whole.")
    return values[0]


def _order(one: Measurement) -> tuple[str, float, str, str, str]:
    origin = one.origin
    host, start_s, process = (origin.host, origin.start_s, origin.process) if origin else ("", 0.0, "")
    return host, start_s, process, one.started_at.isoformat(), one.name
