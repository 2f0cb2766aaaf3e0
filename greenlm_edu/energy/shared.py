"""The part of a whole-machine counter that falls to this container or process.

RAPL counts the joules of the whole processor, whoever used it. Of those that were counted between two readings, the
part

    own busy time + r · own part of the idle time
    ---------------------------------------------
         all busy time + r · all idle time

is ours: an idle hardware thread weighs r = 0.15 of a busy one, and idle time is shared out by the threads that we may
use. Alone on a laptop that is all of it; in a container with two of sixty-four threads, little. Which instructions the
others ran is not known: a factor of 1.3 is allowed for that beside the counter's own doubt. That factor is our
judgement, and nobody has measured it. The whole figure is told in the note.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from greenlm_edu.energy.container import Share
from greenlm_edu.energy.cpu_model import IDLE_SHARE, classify_cpu, cpu_name
from greenlm_edu.energy.place import metered_at
from greenlm_edu.energy.source import EnergySource, Reading
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.interval import Interval, product

__all__ = ["MemoryPart", "ProcessorPart"]

STAT: Final = Path("/proc/stat")
MEMINFO: Final = Path("/proc/meminfo")
PART_DOUBT: Final = Interval.times_over(1.0, 1.3)


class _Part:
    """What parts of a counter share: the running sum of our part, and of the whole."""

    def __init__(self, whole: EnergySource, share: Share) -> None:
        self._whole, self._share = whole, share
        self.component, self.basis, self.error_group = whole.component, whole.basis, whole.error_group
        self.label = whole.label.replace("whole machine", share.scope)
        self.meters = metered_at(whole.component, share.place)
        self.gain = product([whole.gain, PART_DOUBT])
        self._whole_j = self._own_j = 0.0
        self._last: Reading | None = None

    @property
    def note(self) -> str:
        """How the figure is made, with the whole machine's figure since the source was first read."""
        own = self._own_j / self._whole_j if self._whole_j > 0 else 0.0
        return (
            f"{own:.0%} of what the counter says of the whole machine ({self._whole_j:.3g} J since metering began), "
            f"{self._how()}"
        )

    def read(self) -> Reading:
        whole = self._whole.read()
        part = self._part()
        if self._last is not None and whole.continuity == self._last.continuity:
            counted_j = whole.energy_j - self._last.energy_j
            self._whole_j += counted_j
            self._own_j += counted_j * part
        self._last = whole
        return Reading(t_s=whole.t_s, energy_j=self._own_j, step_j=whole.step_j, continuity=whole.continuity)

    def close(self) -> None:
        self._whole.close()

    def _part(self) -> float:
        raise NotImplementedError

    def _how(self) -> str:
        raise NotImplementedError


class ProcessorPart(_Part):
    """Our part of a processor's joules, by CPU time.

    Args:
        whole: a counter of the whole processor.
        share: whose CPU time is ours.
        stat: Linux's count of the machine's CPU time, in ticks.
    """

    def __init__(self, whole: EnergySource, share: Share, stat: Path = STAT) -> None:
        super().__init__(whole, share)
        self._stat = stat
        self._times = self._now()

    @property
    def most_power_w(self) -> float:
        """The most that our part may draw: every CPU that is ours busy, at the upper end of its class."""
        cpu = classify_cpu(cpu_name())
        return cpu.watts_per_cpu * self._share.cpus * cpu.factor

    def _part(self) -> float:
        before, self._times = self._times, self._now()
        own, busy, idle = (after - earlier for after, earlier in zip(self._times, before, strict=True))
        threads = os.cpu_count() or 1
        own_idle = max(0.0, idle) * min(1.0, self._share.resting_cpus / threads)
        whole = max(busy, own) + IDLE_SHARE * max(0.0, idle)
        return min(1.0, (max(0.0, own) + IDLE_SHARE * own_idle) / whole) if whole > 0 else 0.0

    def _how(self) -> str:
        return f"by the CPU time of {self._share.scope}"

    def _now(self) -> tuple[float, float, float]:
        """(own busy, all busy, all idle) CPU seconds so far."""
        try:
            fields = self._stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
            own_s = self._share.cpu_seconds()
        except OSError as err:
            raise EnergyUnavailable(f"{self._stat}: the machine's CPU time must be readable; got “{err}”.") from err
        user, nice, system, idle, iowait, irq, softirq = (int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[:7])
        # What a hypervisor withheld (steal) was used by somebody else's machine and belongs to nobody here.
        return own_s, user + nice + system + irq + softirq, idle + iowait


class MemoryPart(_Part):
    """Our part of the memory's joules, by the memory held for us.

    Args:
        whole: a counter of all memory.
        share: whose memory is ours.
        meminfo: Linux's description of the memory.
    """

    def __init__(self, whole: EnergySource, share: Share, meminfo: Path = MEMINFO) -> None:
        super().__init__(whole, share)
        self._total_bytes = _total_bytes(meminfo)

    def _part(self) -> float:
        return min(1.0, self._share.memory_bytes() / self._total_bytes)

    def _how(self) -> str:
        return f"by the memory held for {self._share.scope}"


def _total_bytes(meminfo: Path) -> float:
    try:
        for line in meminfo.read_text(encoding="ascii").splitlines():
            if line.startswith("MemTotal:"):
                return int(line.split()[1]) * 1024.0
    except OSError as err:
        raise EnergyUnavailable(f"{meminfo}: the machine's memory must be readable; got “{err}”.") from err
    raise EnergyUnavailable(f"{meminfo}: it must tell MemTotal; got no such line.")
