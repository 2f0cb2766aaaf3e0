"""Which boards CUDA_VISIBLE_DEVICES lets this process see. Strings in, indices out; no driver.

As CUDA reads the variable: a list that begins with `GPU-` or `MIG-` holds UUIDs, whole or shortened, any other holds
ordinals, of which the leading digits count (`1gpu` is 1); the list ends at the first entry that names no board; an
entry that is there twice leaves nothing visible.

Source: NVIDIA, CUDA C++ Programming Guide, environment variables; PyTorch 2, torch.cuda._parse_visible_devices and
_transform_uuid_to_ordinals, for duplicates and leading digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Seen", "visible_boards"]

_ORDINAL = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 6  # no machine has a million GPUs, and int() refuses thousands of digits


@dataclass(frozen=True)
class Seen:
    """A board that this process may use.

    Args:
        index: the driver's index of it.
        mig: the UUID of the MIG device by which it is seen; empty where the whole board is.
    """

    index: int
    mig: str = ""


def visible_boards(visible: str | None, uuids: Sequence[str], migs: Sequence[Sequence[str]] = ()) -> list[Seen]:
    """The boards that a process may use, in its own order; each once, however many MIG devices of it are named.

    Args:
        visible: the variable's value, or None where it is not set.
        uuids: the boards' UUIDs in the driver's order; empty for one that does not tell.
        migs: the UUIDs of each board's MIG devices, in the same order.

    >>> visible_boards("GPU-b,GPU-a", ["GPU-aa", "GPU-bb"])
    [Seen(index=1, mig=''), Seen(index=0, mig='')]
    """
    if visible is None:
        return [Seen(index) for index in range(len(uuids))]
    entries = [entry.strip() for entry in visible.split(",")]
    if entries[0].startswith("GPU-"):
        named = [(uuid, Seen(index)) for index, uuid in enumerate(uuids)]
        found = _by_uuid(entries, "GPU-", named)
    elif entries[0].startswith("MIG-"):
        named = [(mig, Seen(index, mig)) for index, of_board in enumerate(migs) for mig in of_board]
        found = _by_uuid(entries, "MIG-", named)
    else:
        found = _by_ordinal(entries, len(uuids))
    boards: dict[int, Seen] = {}
    for seen in found:
        boards.setdefault(seen.index, seen)
    return list(boards.values())


def _by_uuid(entries: list[str], prefix: str, named: list[tuple[str, Seen]]) -> list[Seen]:
    found: list[Seen] = []
    for entry in entries:
        matches = [seen for name, seen in named if entry.startswith(prefix) and name.startswith(entry)]
        exact = [seen for name, seen in named if name == entry]
        if len(exact or matches) != 1:
            break
        (seen,) = exact or matches
        if seen in found:
            return []
        found.append(seen)
    return found


def _by_ordinal(entries: list[str], count: int) -> list[Seen]:
    found: list[Seen] = []
    for entry in entries:
        match = _ORDINAL.match(entry)
        if match is None or len(match[0]) > _MOST_DIGITS or not 0 <= int(match[0]) < count:
            break
        seen = Seen(int(match[0]))
        if seen in found:
            return []
        found.append(seen)
    return found
