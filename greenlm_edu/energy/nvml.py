"""Which NVIDIA boards this process may use, and what each of them tells. The one module that imports pynvml."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pynvml

from greenlm_edu.energy.nvml_driver import INSTALL, Refused, call
from greenlm_edu.energy.nvml_source import NvmlSource
from greenlm_edu.energy.source import EnergySource, Missing
from greenlm_edu.energy.visible_devices import visible_boards

__all__ = ["NvmlSource", "find_nvml"]


def find_nvml(
    nvml: Any = pynvml, visible: str | None = None, clock: Callable[[], float] = time.monotonic
) -> tuple[list[EnergySource], list[Missing]]:
    """The NVIDIA boards that this process may use, each with the best source that it offers.

    Args:
        nvml: the pynvml module.
        visible: the value of CUDA_VISIBLE_DEVICES; read from the environment if left out.
        clock: the monotonic clock, in seconds.
    Returns:
        (sources, what is missing and why).
    """
    if visible is None:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    try:
        call(nvml, "nvmlInit")
        count = int(call(nvml, "nvmlDeviceGetCount"))
    except Refused as err:
        return [], [Missing("gpu", "NVIDIA GPU", str(err), err.remedy)]
    if count == 0:
        return [], [Missing("gpu", "NVIDIA GPU", "NVML: the driver shows no GPU", INSTALL)]
    uuids, migs, names, failures = _boards(nvml, count)
    seen = visible_boards(visible, uuids, migs)
    if not seen:
        reason = f"CUDA_VISIBLE_DEVICES={visible!r} hides all GPUs from this process"
        return [], [Missing("gpu", "NVIDIA GPU", reason, "unset CUDA_VISIBLE_DEVICES", present=False)]
    caution = _caution(visible, names)
    sources: list[EnergySource] = []
    missing: list[Missing] = []
    for number, board in enumerate(seen):
        parts = len(migs[board.index])
        mig = board.mig or (f"one of its {parts} MIG devices" if parts else "")
        try:
            if board.index in failures:
                raise failures[board.index]
            sources.append(NvmlSource(nvml, uuids[board.index], number, mig, clock, caution))
        except Refused as err:
            missing.append(Missing(f"gpu{number}", f"GPU {number}", str(err), err.remedy))
    return sources, missing


def _boards(nvml: Any, count: int) -> tuple[list[str], list[list[str]], list[str], dict[int, Refused]]:
    """UUIDs, MIG devices' UUIDs, names, and why a board does not tell them, all by the driver's index."""
    uuids, names = [""] * count, [""] * count
    migs: list[list[str]] = [[] for _ in range(count)]
    failures: dict[int, Refused] = {}
    for index in range(count):
        try:
            handle = call(nvml, "nvmlDeviceGetHandleByIndex", index)
            uuids[index] = str(call(nvml, "nvmlDeviceGetUUID", handle))
            names[index] = str(call(nvml, "nvmlDeviceGetName", handle))
            migs[index] = _mig_uuids(nvml, handle)
        except Refused as err:
            failures[index] = err
    return uuids, migs, names, failures


def _caution(visible: str | None, names: list[str]) -> str:
    """What to know where ordinals may mean other boards to CUDA, which counts the fastest first, than to the driver."""
    ordinals = visible is not None and not visible.strip().startswith(("GPU-", "MIG-"))
    if not ordinals or len(set(names)) < 2 or os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        return ""
    return "CUDA may count these unlike boards in another order: set CUDA_DEVICE_ORDER=PCI_BUS_ID"


def _mig_uuids(nvml: Any, handle: Any) -> list[str]:
    uuids: list[str] = []
    with suppress(Refused):  # a board, or a driver, without MIG
        if call(nvml, "nvmlDeviceGetMigMode", handle)[0]:
            for index in range(call(nvml, "nvmlDeviceGetMaxMigDeviceCount", handle)):
                with suppress(Refused):  # a place without a device
                    mig = call(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", handle, index)
                    uuids.append(str(call(nvml, "nvmlDeviceGetUUID", mig)))
    return uuids
