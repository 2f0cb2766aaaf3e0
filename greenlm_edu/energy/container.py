"""What of this machine belongs to the learner: CPU time, CPUs and memory of this container, or of this process.

A container's joules may not depend on its neighbours, so its own CPU time is read, from its control group (cgroup v2
`cpu.stat`, v1 `cpuacct.usage`). On a machine of one's own there is no such group, or it holds the whole desktop: there
the process and its children are taken.

Source: the Linux kernel's documentation, admin-guide/cgroup-v2 and admin-guide/cgroup-v1.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from greenlm_edu.energy.place import CGROUP_ROOT, container_place, process_place
from greenlm_edu.errors import InputError

__all__ = ["Share", "find_share", "find_worker_share"]

CHILDREN_EVERY_S: Final = 1.0
STEADY_TRIES: Final = 3
# Version 1 writes “no limit” as the largest multiple of the page size that fits 63 bits.
NO_LIMIT_BYTES: Final = 1 << 60


@dataclass(frozen=True)
class Share:
    """What the learner's work may use and has used.

    Args:
        scope: "this container" or "this process".
        cpus: how many logical CPUs it may keep busy, a fraction if there is a quota.
        cpu_seconds: gives the CPU time used so far, in seconds; only grows.
        memory_bytes: gives the memory held for it now: the limit, where there is one, else what is in use.
        memory_limited: whether memory_bytes is a limit.
        place: which container or process, as a path (see `place`); empty where that is not known.
        rest_part: the part of those CPUs' power at rest that is counted here: 1/n for each of n workers that share
            them, so that together they count it once.
    """

    scope: str
    cpus: float
    cpu_seconds: Callable[[], float]
    memory_bytes: Callable[[], float]
    memory_limited: bool
    place: str = ""
    rest_part: float = 1.0

    @property
    def resting_cpus(self) -> float:
        """How many CPUs' power at rest is counted here."""
        return self.cpus * self.rest_part


def find_share(root: Path = CGROUP_ROOT, *, children_every_s: float = CHILDREN_EVERY_S) -> Share:
    """This container's share of the machine, or this process's where there is no container of one's own.

    Args:
        root: where the control groups are mounted.
        children_every_s: how often the process's children are looked for, at most; that takes a millisecond.
    """
    process = _ProcessTree(children_every_s)
    cpu_seconds: Callable[[], float] = process.cpu_seconds
    scope = "this process"
    if (root / "cgroup.type").exists() and (root / "cpu.stat").exists():  # v2; the machine's own root has no type
        scope, cpu_seconds = "this container", lambda: _v2_cpu_seconds(root / "cpu.stat")
    elif _is_v1_container(root / "cpuacct"):
        scope, cpu_seconds = "this container", lambda: _v1_cpu_seconds(root / "cpuacct/cpuacct.usage")
    limit = _memory_limit(root)
    return Share(
        scope=scope,
        cpus=_allowed_cpus(root),
        cpu_seconds=cpu_seconds,
        memory_bytes=(lambda: limit) if limit else process.memory_bytes,
        memory_limited=limit is not None,
        place=process_place(root) if scope == "this process" else container_place(root),
    )


def find_worker_share(
    workers_on_host: int = 1, root: Path = CGROUP_ROOT, *, children_every_s: float = CHILDREN_EVERY_S
) -> Share:
    """The share of this process and its children, for one of several workers whose joules will be added up.

    Never the container's: each of the workers would count all of them. The CPUs' power at rest is shared out evenly.

    Args:
        workers_on_host: how many workers share this machine or container, 1 or more.
        root, children_every_s: as in `find_share`.
    Raises:
        InputError: workers_on_host is below 1.
    """
    if workers_on_host < 1:
        raise InputError(f"worker meter: workers_on_host must be 1 or more; got {workers_on_host}. This one counts.")
    process = _ProcessTree(children_every_s)
    return Share(
        scope="this process",
        cpus=_allowed_cpus(root),
        cpu_seconds=process.cpu_seconds,
        memory_bytes=process.memory_bytes,
        memory_limited=False,
        place=process_place(root),
        rest_part=1 / workers_on_host,
    )


class _ProcessTree:
    """CPU time and memory of this process and its children.

    Looking for new children takes up to a millisecond, so it is done once a second if nobody asks for more; those that
    are known are read each time. A child's time moves, when it ends, from its own count into this process's count of
    reaped children.
    """

    def __init__(self, children_every_s: float) -> None:
        self._every_s = children_every_s
        self._process = psutil.Process()
        self._children: list[psutil.Process] = []
        self._looked_at_s = float("-inf")
        self._family_s = 0.0  # live and reaped children, at the last reading
        self._orphaned_s = 0.0  # children that ended elsewhere: started here, reaped by another process

    def cpu_seconds(self) -> float:
        if time.monotonic() - self._looked_at_s >= self._every_s:
            self._looked_at_s = time.monotonic()
            self._children = _descendants(self._process, self._children)
        for _ in range(STEADY_TRIES if self._children else 1):
            reaped_s = _reaped_s()
            family_s = reaped_s + sum(_cpu_seconds_of(child) for child in self._children)
            if self._children and _reaped_s() == reaped_s:
                break  # no child ended in between, so none was counted twice or not at all
        self._orphaned_s += max(0.0, self._family_s - family_s)
        self._family_s = family_s
        return time.process_time() + family_s + self._orphaned_s

    def memory_bytes(self) -> float:
        held = self._process.memory_info().rss
        for child in self._children:
            try:
                held += child.memory_info().rss
            except psutil.Error:
                continue  # it ended since the last look
        return float(held)


def _descendants(process: psutil.Process, known: list[psutil.Process]) -> list[psutil.Process]:
    """The children of a process and theirs; those that are known already are kept as they are.

    Linux lists a thread's children in a file; psutil has to look at every process of the machine instead, which takes
    a hundred times as long on a large one.
    """
    try:
        found, waiting = [], [process.pid]
        while waiting:
            pids = _children_of(waiting.pop())
            found += pids
            waiting += pids
        kept = {child.pid: child for child in known}
        return [kept[pid] if pid in kept else psutil.Process(pid) for pid in found]
    except (OSError, psutil.Error):
        return process.children(recursive=True)


def _children_of(pid: int) -> list[int]:
    pids: list[int] = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
            pids += map(int, file.read().split())
    return pids


def _reaped_s() -> float:
    """CPU time of this process's children that have ended and were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def _cpu_seconds_of(child: psutil.Process) -> float:
    """A live child's own CPU time and that of the children that it reaped; 0 once it is gone."""
    try:
        return float(sum(child.cpu_times()[:4]))
    except psutil.Error:
        return 0.0


def _is_v1_container(cpuacct: Path) -> bool:
    # The machine's own root group has a release_agent, a container's group has none.
    return (cpuacct / "cpuacct.usage").exists() and not (cpuacct / "release_agent").exists()


def _v2_cpu_seconds(file: Path) -> float:
    for line in file.read_text(encoding="ascii", errors="replace").splitlines():
        key, _, value = line.partition(" ")
        if key == "usage_usec" and value.strip().isdecimal():
            return int(value) / 1e6
    raise OSError(f"{file} holds no usage_usec")


def _v1_cpu_seconds(file: Path) -> float:
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdecimal():
        raise OSError(f"{file} holds no count of nanoseconds")
    return int(text) / 1e9


def _allowed_cpus(root: Path) -> float:
    allowed, quota = float(_affinity()), None
    if (root / "cgroup.type").exists() and (root / "cpu.stat").exists():
        quota = _v2_quota(root / "cpu.max")
    elif _is_v1_container(root / "cpuacct"):
        quota = _v1_quota(root / "cpu")
    return min(allowed, quota) if quota else allowed


def _v2_quota(file: Path) -> float | None:
    quota, _, period = (_text(file) or "max").partition(" ")
    return _cpus(quota, period or "100000")


def _v1_quota(folder: Path) -> float | None:
    return _cpus(_text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us"))


def _cpus(quota_us: str | None, period_us: str | None) -> float | None:
    """CPUs' worth of time that a quota allows; None where there is none, or none that can be understood."""
    quota, period = _whole(quota_us), _whole(period_us)
    return quota / period if quota and period else None


def _memory_limit(root: Path) -> float | None:
    limit = _whole(_text(root / "memory.max") or _text(root / "memory/memory.limit_in_bytes"))
    return float(limit) if limit and limit < NO_LIMIT_BYTES else None


def _whole(text: str | None) -> int | None:
    """A whole number above zero; None for “max”, “-1” and whatever else means that there is no limit."""
    return int(text) if text and text.isdecimal() and text.isascii() else None


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS and Windows have no affinity to ask for


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
