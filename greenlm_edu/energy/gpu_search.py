"""Looks for GPUs without waiting for a driver that does not answer.

Opening a driver takes milliseconds, some seconds where the GPU was asleep, and for ever where it hangs. So it is
opened in a thread of its own; whoever asks waits for less than a second, and the search goes on behind.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from typing import Final

from greenlm_edu.energy.source import EnergySource, Missing
from greenlm_edu.errors import EnergyUnavailable

__all__ = ["GpuSearch", "search_gpus"]

PATIENCE_S: Final = 0.9
LIBRARY: Final = "libnvidia-ml.so.1"

Found = tuple[list[EnergySource], list[Missing]]


def search_gpus() -> Found:
    """The GPUs of this machine, as `nvml.find_nvml` gives them."""
    if sys.platform == "linux":
        # Loading pynvml takes a tenth of a second; where there is no driver, the loader says so in no time.
        try:
            ctypes.CDLL(LIBRARY)
        except OSError as err:
            return [], [
                Missing("gpu", "NVIDIA GPU", f"its driver is not installed ({err})", "install the NVIDIA driver")
            ]
    from greenlm_edu.energy.nvml import find_nvml  # here, so that a machine without GPU loads no pynvml

    return find_nvml()


class GpuSearch:
    """One search under way, or ended.

    Args:
        search: finds the GPUs; it may take long, and may never come back.
    """

    def __init__(self, search: Callable[[], Found] = search_gpus) -> None:
        self._search = search
        self._ended = threading.Event()
        self._found: Found = ([], [])
        threading.Thread(target=self._run, name="greenlm-gpu-search", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the driver has answered."""
        return self._ended.is_set()

    def result(self, patience_s: float = PATIENCE_S) -> Found:
        """What was found; where the driver has not answered yet, that the GPU is missing and why."""
        if self._ended.wait(patience_s):
            return self._found
        reason = f"its driver did not answer within {patience_s:g} s; the next measurement looks again"
        return [], [Missing("gpu", "NVIDIA GPU", reason, "run nvidia-smi: if it hangs too, restart the machine")]

    def _run(self) -> None:
        try:
            self._found = self._search()
        except EnergyUnavailable as err:
            self._found = [], [Missing("gpu", "NVIDIA GPU", str(err))]
        except (
            Exception
        ) as err:  # a driver's surprises may cost the GPU's figure, told here, but never the learner's cell
            self._found = [], [Missing("gpu", "NVIDIA GPU", f"looking for it failed: {type(err).__name__}: {err}")]
        finally:
            self._ended.set()
