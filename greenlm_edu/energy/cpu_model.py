"""Joules of CPU and memory where no counter can be read: a model, and always called one.

    CPU power    = idle share × watts a CPU × CPUs  +  (1 − idle share) × watts a CPU × CPUs' worth of work
    memory power = watts a gigabyte × gigabytes

The work is this container's or process's own CPU time, never the machine's load, so a neighbour's work cannot change
a learner's figure. A “CPU” is what the operating system counts, a hardware thread.

Watts a CPU: the rated power of typical processors of a class, divided by their threads. The rated power is not what a
processor draws, and it knows nothing of the rest of the machine: hence factors of two and more.
Watts a gigabyte: 5 W a module of 8 to 32 GB, with 0.3725 W as the best figure (Lannelongue et al. 2021, Green
Algorithms; CodeCarbon 3.3.2 for the watts a module).
"""

from __future__ import annotations

import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from greenlm_edu.energy.container import Share, find_share
from greenlm_edu.energy.place import metered_at
from greenlm_edu.energy.source import Basis, Reading
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.interval import Interval
from greenlm_edu.units import BYTES_PER_GB

__all__ = ["CpuClass", "CpuModelSource", "MemoryModelSource", "classify_cpu", "cpu_name"]

# A processor with nothing to do still draws about a tenth of its rated power (CodeCarbon 3.3.2, load mode), more where
# its memory controllers and links stay awake (40 W of 171 W on a Threadripper, CodeCarbon's own comparison).
IDLE_SHARE: Final = 0.15
WATTS_PER_GB: Final = Interval(5 / 32, 0.3725, 5 / 8)
# The operating system counts CPU time in steps of its scheduler, 1 to 10 ms.
CPU_TIME_STEP_S: Final = 0.01
# Memory comes and goes slowly, and asking for it costs more than all the rest of a reading.
MEMORY_EVERY_S: Final = 0.5


@dataclass(frozen=True)
class CpuClass:
    """A class of processors that draw about the same power a hardware thread.

    Args:
        name: what the class is called.
        watts_per_cpu: one hardware thread, busy, with the package's share; ×/÷ `factor`.
        factor: how far a processor of this class may be off.
        examples: rated power ÷ threads of processors of the class, from their makers' data sheets.
        pattern: what the processor's name looks like.
    """

    name: str
    watts_per_cpu: float
    factor: float
    examples: str
    pattern: str


CPU_CLASSES: Final = (
    CpuClass("Apple silicon", 2.5, 2.0, "M1 20 W ÷ 8", r"Apple M\d"),
    CpuClass(
        "ARM server", 1.8, 2.0, "Altra Q80-30 210 W ÷ 80", r"Neoverse|Graviton|Ampere|Altra|Cortex-[AX]\d|ThunderX"
    ),
    CpuClass("ARM board", 1.2, 2.0, "Raspberry Pi 4 6 W ÷ 4", r"Raspberry|BCM2\d|Cortex-A5\d|Cortex-A7\d"),
    CpuClass(
        "x86 server", 3.2, 2.0,
        "EPYC 9654 360 W ÷ 192, EPYC 7763 280 W ÷ 128, Xeon 8375C 300 W ÷ 64, E5-2686 v4 145 W ÷ 36",
        r"EPYC|Xeon|Opteron",
    ),
    CpuClass(
        "x86 laptop", 2.8, 2.0,
        "i5-8250U 15 W ÷ 8, Ryzen 7 4800U 15 W ÷ 16, i7-1165G7 28 W ÷ 8, i7-10750H 45 W ÷ 12",
        r"\d{3,5}(U|Y|H|HS|HX|HK|HQ|G\d|P)\b|Ultra \d \d{3}[UHV]|N\d{2,3}\b|Celeron|Pentium Silver",
    ),
    CpuClass(
        "x86 desktop", 6.0, 2.0,
        "i5-8400 65 W ÷ 6, i7-12700K 190 W ÷ 20, Ryzen 9 5950X 105 W ÷ 32",
        r"Core|Ryzen|Threadripper|Pentium|Athlon",
    ),
)  # fmt: skip
# CodeCarbon 3.3.2 takes 4 W a thread for a processor that it does not know; the range spans all classes above.
UNKNOWN_CPU: Final = CpuClass("unknown processor", 4.0, 3.0, "all the classes", r"")


class CpuModelSource:
    """Modelled joules of the CPU time of this container or process.

    Args:
        share: whose CPU time counts; found here if left out.
        cpu: the processor's class; found by its name if left out.
    """

    component = "cpu"
    basis = Basis.MODELLED
    error_group = "machine model"

    def __init__(self, share: Share | None = None, cpu: CpuClass | None = None) -> None:
        self._share = share or find_share()
        self._cpu = cpu or classify_cpu(cpu_name())
        self.label = f"CPU · {self._share.scope}"
        self.meters = metered_at(self.component, self._share.place)
        self.gain = Interval.times_over(1.0, self._cpu.factor)
        part = "each of" if self._share.rest_part == 1 else f"{self._share.rest_part:.2g} ×"
        self.note = (
            f"CPU time of {self._share.scope} × {self._cpu.watts_per_cpu:g} W a hardware thread ({self._cpu.name}), "
            f"and {IDLE_SHARE:.0%} of that for {part} {self._share.cpus:g} threads at rest"
        )
        self._start_s = time.monotonic()
        self._last: Reading | None = None

    @property
    def idle_power_w(self) -> float:
        """What the model says of this share of the machine with nothing to do."""
        return self._cpu.watts_per_cpu * IDLE_SHARE * self._share.resting_cpus

    @property
    def most_power_w(self) -> float:
        """The most that the model allows for: every CPU busy, at the upper end of its class."""
        return self._cpu.watts_per_cpu * self._share.cpus * self.gain.high

    def read(self) -> Reading:
        try:
            busy_s = self._share.cpu_seconds()
        except OSError as err:
            raise EnergyUnavailable(
                f"CPU model: the CPU time of {self._share.scope} must be readable; got “{err}”."
            ) from err
        # After the CPU time, which is of this moment: looking for child processes under a busy cell took up to 0.4 s.
        now = time.monotonic()
        busy_w = self._cpu.watts_per_cpu * (1 - IDLE_SHARE)
        energy_j = self.idle_power_w * (now - self._start_s) + busy_w * busy_s
        return Reading(t_s=now, energy_j=energy_j, step_j=busy_w * CPU_TIME_STEP_S)

    def close(self) -> None:
        """Nothing to give back."""


class MemoryModelSource:
    """Modelled joules of the memory held for this container or process: its limit, else what is in use.

    Args:
        share: whose memory counts; found here if left out.
    """

    component = "memory"
    basis = Basis.MODELLED
    error_group = "machine model"

    def __init__(self, share: Share | None = None) -> None:
        self._share = share or find_share()
        self.label = f"memory · {self._share.scope}"
        self.meters = metered_at(self.component, self._share.place)
        self.gain = WATTS_PER_GB.scaled_by(1 / WATTS_PER_GB.best)
        held = "its memory limit" if self._share.memory_limited else f"the memory that {self._share.scope} holds"
        self.note = f"{held} × {WATTS_PER_GB.best:g} W a gigabyte, whatever is done with it"
        self._last = Reading(t_s=time.monotonic(), energy_j=0.0)
        self._power_w, self._looked_at_s = 0.0, float("-inf")

    def read(self) -> Reading:
        now = time.monotonic()
        if now - self._looked_at_s >= MEMORY_EVERY_S:
            self._power_w = self._share.memory_bytes() / BYTES_PER_GB * WATTS_PER_GB.best
            self._looked_at_s = now
        energy_j = self._last.energy_j + self._power_w * (now - self._last.t_s)
        self._last = Reading(t_s=now, energy_j=energy_j, power_w=self._power_w)
        return self._last

    def close(self) -> None:
        """Nothing to give back."""


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name as the operating system tells it; empty where it does not.

    Args:
        cpuinfo: Linux's description of the processors.
    """
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    for key in ("model name", "Model", "Hardware"):
        found = re.search(rf"^{key}\s*:\s*(.+)$", text, re.MULTILINE)
        if found:
            return found.group(1).strip()
    return platform.processor()


def classify_cpu(name: str) -> CpuClass:
    """The class of a processor by its name.

    >>> classify_cpu("AMD EPYC 7B13").name, classify_cpu("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz").name
    ('x86 server', 'x86 laptop')
    >>> classify_cpu("").name
    'unknown processor'
    """
    for cpu in CPU_CLASSES:
        if re.search(cpu.pattern, name):
            return cpu
    return UNKNOWN_CPU
