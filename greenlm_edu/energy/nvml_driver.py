"""Calls of the NVIDIA driver: every way of not answering becomes one error with a reason and what mends it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Final

import psutil

from greenlm_edu.errors import EnergyUnavailable

__all__ = ["INSTALL", "Refused", "call", "others_on"]

INSTALL: Final = "install the NVIDIA driver, if this machine has such a GPU"
ASK: Final = "ask whoever runs the machine for a working driver"
# By the number of the error, which NVML's interface fixes.
REMEDIES: Final = {
    4: "ask whoever runs the machine for leave to read the GPU",  # no permission
    9: INSTALL,  # driver not loaded
    12: INSTALL,  # library not found
    13: "update the NVIDIA driver",  # function not found
    15: "restart the machine",  # GPU is lost
    16: "sudo nvidia-smi --gpu-reset",  # reset required
    18: "restart the machine: its driver was updated while it ran",  # versions of library and driver differ
}


class Refused(EnergyUnavailable):
    """The driver gave no answer; `remedy` is what mends it."""

    def __init__(self, function: str, error: Exception) -> None:
        super().__init__(f"NVML {function}: the driver must answer; got “{error}”.")
        self.remedy = REMEDIES.get(getattr(error, "value", None) or 0, ASK)


def call(nvml: Any, function: str, *args: object) -> Any:
    """What a function of pynvml gives.

    Raises:
        Refused: it raised an error, or this pynvml lacks it.
    """
    try:
        return getattr(nvml, function)(*args)
    except (nvml.NVMLError, UnicodeError, AttributeError) as err:  # also bytes that are no text, and an old pynvml
        raise Refused(function, err) from err


def others_on(nvml: Any, handle: Any) -> list[str]:
    """Who else is on the board, as “name (pid)”, as far as the driver tells; not this process and its children."""
    pids: set[int] = set()
    for kind in ("Compute", "Graphics"):
        with suppress(Refused):
            pids |= {int(on.pid) for on in call(nvml, f"nvmlDeviceGet{kind}RunningProcesses_v3", handle)}
    return [_name(nvml, pid) for pid in sorted(pids) if not _is_ours(pid)]


def _is_ours(pid: int) -> bool:
    try:
        return pid == os.getpid() or any(parent.pid == os.getpid() for parent in psutil.Process(pid).parents())
    except psutil.Error:
        return False  # it ended, or is not seen from this container


def _name(nvml: Any, pid: int) -> str:
    try:
        name = str(call(nvml, "nvmlSystemGetProcessName", pid))
    except Refused:
        return f"a process (pid {pid})"
    return f"{name.split()[0].rpartition('/')[2] if name.strip() else 'a process'} (pid {pid})"
