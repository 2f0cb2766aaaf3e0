"""Watching a lesson's kernel from outside: the most memory that it held, and its CPU time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import psutil

__all__ = ["ProcessWatch"]

PERIOD_S: Final = 0.2
BYTES_PER_KIB: Final = 1024


class ProcessWatch:
    """Peak memory and CPU time of a process and its children, looked at a few times a second in a thread.

    A context manager. What a child takes and gives back between two looks is missed; of the process itself Linux
    keeps the peak, so that is exact.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="greenlm-process-watch", daemon=True)
        self.peak_bytes = 0
        self.cpu_s = 0.0

    def __enter__(self) -> ProcessWatch:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            self._look()

    def _look(self) -> None:
        held, busy_s = 0, 0.0
        try:
            root = psutil.Process(self._pid)
            family = [root, *root.children(recursive=True)]
        except psutil.Error:
            return  # it has ended; what was seen before stands
        for process in family:
            try:
                held += process.memory_info().rss
                # Own user and system time, and that of the children that it has outlived.
                busy_s += sum(process.cpu_times()[:4])
            except psutil.Error:
                continue  # a child that ended while we looked
        self.peak_bytes = max(self.peak_bytes, held, self._high_water_bytes())
        self.cpu_s = max(self.cpu_s, busy_s)

    def _high_water_bytes(self) -> int:
        try:
            status = Path(f"/proc/{self._pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0  # another system than Linux, or it has ended
        line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
        return int(line.split()[1]) * BYTES_PER_KIB
