"""RAPL: the energy counters of Intel and AMD processors, through Linux's powercap files.

Only top zones are read, the packages and the separate DRAM zones: a package holds its cores and its graphics, and
"psys" holds the packages, so adding them would count the same joule twice. Since the PLATYPUS attack (CVE-2020-8694)
the counters can be read by root only unless an administrator says otherwise.

Source: the Linux kernel's ABI, Documentation/ABI/testing/sysfs-class-powercap; Khan et al. 2018, "RAPL in Action".
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from greenlm_edu.energy.counter import WrappingCounter
from greenlm_edu.energy.place import host_id, metered_at
from greenlm_edu.energy.source import Basis, Missing, Reading
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_MICROJOULE

__all__ = ["RaplSource", "find_rapl"]

POWERCAP_ROOT: Final = Path("/sys/class/powercap")
# The unit of most processors' registers, 2^-14 J; finer ones are 2^-16 J.
REGISTER_UNIT_J: Final = 2.0**-14
# Package counters follow plug power within a few per cent (Khan et al. 2018; Desrochers et al. 2016 for DRAM).
GAIN: Final = Interval(0.95, 1.0, 1.05)
REMEDY: Final = "sudo chmod -R a+r /sys/class/powercap/intel-rapl*   # until the next boot; ask an administrator"


class RaplSource:
    """The joules that one RAPL zone has counted, for the whole processor and everything that runs on it.

    Args:
        zone: a powercap zone's folder, holding `name`, `energy_uj` and `max_energy_range_uj`.
        component: its key in a measurement.
        label: its name on a card.
    Raises:
        EnergyUnavailable: the zone's files cannot be read.
    """

    def __init__(self, zone: Path, component: str, label: str) -> None:
        self.component, self.label = component, label
        self.basis, self.gain, self.error_group = Basis.COUNTER, GAIN, component
        self.meters = metered_at(component, host_id())
        self.note = "RAPL counter of the whole processor, other programs' work included"
        self._energy_file = zone / "energy_uj"
        range_j = _read_microjoules(zone / "max_energy_range_uj")
        self._counter = WrappingCounter(range_j)
        self.read()

    def read(self) -> Reading:
        now = time.monotonic()
        total_j = self._counter.total(_read_microjoules(self._energy_file), now)
        return Reading(t_s=now, energy_j=total_j, step_j=REGISTER_UNIT_J, continuity=self._counter.continuity)

    def close(self) -> None:
        """Nothing is held between readings."""


def find_rapl(root: Path = POWERCAP_ROOT) -> tuple[list[RaplSource], list[Missing]]:
    """The RAPL zones that can be read here, and why the others cannot.

    Args:
        root: where powercap's zones lie.
    Returns:
        (sources for packages and DRAM, what is missing and the line that mends it).
    """
    sources: list[RaplSource] = []
    missing: list[Missing] = []
    zones = sorted(root.glob("intel-rapl:*")) if root.is_dir() else []
    counts = {"cpu": 0, "dram": 0}
    for zone in zones:
        kind = _kind_of(zone)
        if kind is None:
            continue
        number = counts[kind]
        counts[kind] += 1
        component = kind if number == 0 else f"{kind}{number}"
        label = f"{'CPU package' if kind == 'cpu' else 'memory (DRAM)'} {number} · whole machine"
        try:
            sources.append(RaplSource(zone, component, label))
        except EnergyUnavailable as err:
            missing.append(Missing(component, label, str(err), REMEDY))
    if not zones:
        missing.append(
            Missing("cpu", "CPU counter (RAPL)", f"{root} holds no RAPL zone: no such processor, or a virtual machine")
        )
    return sources, missing


def _kind_of(zone: Path) -> str | None:
    """ "cpu" for a package, "dram" for separate memory, None for zones that another zone already holds."""
    try:
        name = (zone / "name").read_text(encoding="ascii").strip()
    except OSError:
        return None
    if name.startswith("package"):
        return "cpu"
    return "dram" if name == "dram" else None


def _read_microjoules(file: Path) -> float:
    try:
        return int(file.read_text(encoding="ascii")) * JOULES_PER_MICROJOULE
    except OSError as err:
        raise EnergyUnavailable(
            f"RAPL {file}: it must be readable; got “{err.strerror}”. Since 2020 Linux lets only root read it: "
            "ask an administrator for read access, or meter with the CPU model."
        ) from err
    except ValueError as err:
        raise EnergyUnavailable(f"RAPL {file}: it must hold a whole number; got something else.") from err
