"""Which joules can be had here, and why the rest cannot."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from greenlm_edu.energy.container import CHILDREN_EVERY_S, Share, find_share
from greenlm_edu.energy.cpu_model import CpuModelSource, MemoryModelSource
from greenlm_edu.energy.gpu_search import GpuSearch
from greenlm_edu.energy.rapl import POWERCAP_ROOT, find_rapl
from greenlm_edu.energy.shared import MemoryPart, ProcessorPart
from greenlm_edu.energy.source import EnergySource, Missing
from greenlm_edu.errors import EnergyUnavailable

__all__ = ["Detection", "detect"]

REST_OF_THE_MACHINE: Final = Missing(
    component="rest",
    label="fans, PSU, disks",
    reason="nothing here measures cooling, the power supply's loss, disks, network and screen",
    remedy="a plug-in power meter at the wall shows the whole machine",
)


@dataclass(frozen=True)
class Detection:
    """The sources that work here, and what is missing.

    Args:
        sources: one for each component that yields joules, measured or modelled.
        missing: components without joules: they belong in every total as “not measured: reason”.
        improvable: components that are modelled only, and why no counter could be read.
        absent: components that this machine does not have.
        gpu_search: ended, or still waiting for a driver that has not answered.
    """

    sources: tuple[EnergySource, ...]
    missing: tuple[Missing, ...]
    improvable: tuple[Missing, ...]
    absent: tuple[Missing, ...]
    gpu_search: GpuSearch | None = None


def detect(
    powercap_root: Path = POWERCAP_ROOT,
    device_root: Path = Path("/dev"),
    gpu_search: GpuSearch | None = None,
    *,
    children_every_s: float = CHILDREN_EVERY_S,
    share: Share | None = None,
) -> Detection:
    """Looks for every source of joules on this machine and takes the best for each component.

    Args:
        powercap_root: where RAPL's zones lie.
        device_root: where device files lie, by which a GPU without a driver is noticed.
        gpu_search: a search for GPUs that is under way already; a new one if left out.
        children_every_s: how often the models look for child processes, at most.
        share: whose work counts where a source is of the whole machine; found here if left out.
    """
    gpu_search = gpu_search or GpuSearch()
    rapl, rapl_missing = find_rapl(powercap_root)
    gpus, gpu_missing = gpu_search.result()
    share = share or find_share(children_every_s=children_every_s)
    sources: list[EnergySource] = [_part_of(zone, share) for zone in rapl]
    kinds = {_kind(source.component) for source in rapl}
    # A zone that cannot be read beside others that can is lost from the total; where none can, a model stands in.
    lost = [gone for gone in rapl_missing if _kind(gone.component) in kinds]
    improvable = [gone for gone in rapl_missing if gone not in lost]
    if "cpu" not in kinds:
        sources.append(CpuModelSource(share))
    if "dram" not in kinds:
        sources.append(MemoryModelSource(share))
    sources += gpus  # last, so that a driver that hangs holds up nothing else
    has_nvidia = bool(gpus) or not gpu_search.ended or any(device_root.glob("nvidia[0-9]*"))
    missing = [*lost, *(gone for gone in gpu_missing if gone.present and has_nvidia)]
    absent = [
        Missing(gone.component, gone.label, "this machine shows no NVIDIA GPU", present=False) if gone.present else gone
        for gone in gpu_missing
        if not (gone.present and has_nvidia)
    ]
    missing += _other_gpus(device_root)
    return Detection(tuple(sources), (*missing, REST_OF_THE_MACHINE), tuple(improvable), tuple(absent), gpu_search)


def _part_of(zone: EnergySource, share: Share) -> EnergySource:
    """Our part of a counter of the whole machine, or the whole where the machine does not tell what is ours."""
    try:
        return MemoryPart(zone, share) if _kind(zone.component) == "dram" else ProcessorPart(zone, share)
    except EnergyUnavailable:
        return zone  # its label says “whole machine”


def _kind(component: str) -> str:
    """The kind of a component by its key: "cpu" for "cpu1"."""
    return component.rstrip("0123456789")


def _other_gpus(device_root: Path) -> list[Missing]:
    if (device_root / "kfd").exists():
        return [Missing("gpu-amd", "AMD GPU", "greenlm_edu reads NVIDIA's boards only")]
    if sys.platform == "darwin":
        return [Missing("gpu-apple", "Apple GPU", "macOS shows its power to administrators only", "sudo powermetrics")]
    return []
