"""Which machine, container and process this is: names by which measurements of several processes are merged.

A place is a path, from the machine down: `machine/container/process/child process`. What is metered at a place holds
all that is metered at the places below it, and places side by side have nothing in common. What is metered there is
written before it, as in `cpu@machine/container`. A GPU's board has a name of its own wherever it is: `gpu@UUID`.
"""

from __future__ import annotations

import os
import platform
import subprocess
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import psutil

__all__ = ["container_place", "holds", "host_id", "metered_at", "process_place", "thing", "things_around"]

CGROUP_ROOT: Final = Path("/sys/fs/cgroup")
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@cache
def host_id() -> str:
    """One name for this machine since it was started: processes in which it is the same share a monotonic clock.

    Containers on one machine have the same name, as they have the same kernel; a sandbox with a kernel of its own
    (gVisor, a virtual machine) counts as a machine.
    """
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        pass
    if platform.system() == "Darwin":
        asked = subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=False)
        if asked.stdout.strip():
            return asked.stdout.strip()
    return f"{platform.node()}-{uuid.getnode():x}-{psutil.boot_time():.0f}"


def container_place(root: Path = CGROUP_ROOT) -> str:
    """The path of this container, by the number of its control group's folder, which no two groups share."""
    group = root / "cpuacct" if (root / "cpuacct").is_dir() else root
    try:
        told = group.stat()
    except OSError:
        return f"{host_id()}/-"
    return f"{host_id()}/{told.st_dev}.{told.st_ino}"


def process_place(root: Path = CGROUP_ROOT) -> str:
    """The path of this process, through those that started it, each by its number and the time of its start."""
    return _process_place(root, os.getpid())


def metered_at(what: str, place: str) -> str:
    """The name of what is metered at a place; empty where the place is not known."""
    return f"{what}@{place}" if place else ""


def thing(meters: str) -> tuple[str, str]:
    """(kind, place) of what is metered, without the number of a processor.

    >>> thing("cpu1@machine/container")
    ('cpu', 'machine/container')
    """
    what, _, place = meters.partition("@")
    kind = what.rstrip("0123456789")
    return "memory" if kind == "dram" else kind, _short(place.split("/"))


def things_around(meters: str) -> list[tuple[str, str]]:
    """What would hold all that is metered here, from the next place outwards.

    >>> things_around("cpu@machine/container/1-5")
    [('cpu', 'machine/container'), ('cpu', 'machine')]
    """
    kind, _ = thing(meters)
    steps = meters.partition("@")[2].split("/")
    return [(kind, _short(steps[:count])) for count in range(len(steps) - 1, 0, -1)]


def _short(steps: Sequence[str]) -> str:
    """Machine, container and process alone: what started it may have ended, and it has another parent then."""
    return "/".join([*steps[:2], *steps[2:][-1:]])


def holds(outer: str, inner: str) -> bool:
    """Whether what `outer` meters holds all that `inner` meters; False where either is not known.

    >>> holds("cpu@machine/container", "cpu@machine/container/1-5"), holds("gpu@A", "gpu@B"), holds("", "")
    (True, False, False)
    """
    return bool(outer and inner) and (outer == inner or thing(outer) in things_around(inner))


@cache
def _process_place(root: Path, pid: int) -> str:
    """Kept for each process number, because a process that was forked has inherited what its parent kept."""
    process = psutil.Process(pid)
    try:
        line = [*reversed(process.parents()), process]
        # A number is used again some day, even within the second on a busy machine; with its start it is not.
        return "/".join([container_place(root), *map(_named, line)])
    except psutil.Error:  # a process of somebody else's is above it
        return f"{container_place(root)}/{_named(process)}"


def _named(process: psutil.Process) -> str:
    """Its number and the time of its start, the same whoever asks and when.

    On Linux in ticks since the machine was started: the time of day of that start moves as the clock is set, and two
    processes that were started a minute apart may then give one and the same process two times.
    """
    try:
        told = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
        return f"{process.pid}-{told.rpartition(')')[2].split()[19]}"
    except (OSError, IndexError):
        return f"{process.pid}-{process.create_time() * 100:.0f}"
