"""How often a running cell's view is renewed: often where a core is free for the browser, less often where none is."""

from __future__ import annotations

import os
import time
from typing import Final

__all__ = ["Pace"]

# One renewal a sample, and no second one for samples asked for in between; or one for every second sample.
QUICK_S: Final = 0.09
CALM_S: Final = 0.17
# From here on the cell keeps all cores at work. Where the browser runs on the same machine, and on two cores, each
# renewal then takes as long from the cell as it lasts: the message, the server, the drawing.
BUSY: Final = 0.6
WINDOW_S: Final = 1.0


class Pace:
    """Says when it is time for the next renewal.

    Args:
        least_s: renew at most so often; 0 for as often as the machine's load lets it.
    """

    def __init__(self, least_s: float = 0.0) -> None:
        self._least_s = least_s
        self._period_s = QUICK_S
        self._renewed_at_s = 0.0
        self._window = (time.monotonic(), time.process_time())

    def is_due(self) -> bool:
        """Whether so much time has passed; if it has, the next period begins."""
        now_s = time.monotonic()
        if now_s - self._renewed_at_s < max(self._period_s, self._least_s):
            return False
        self._renewed_at_s = now_s
        began_s, worked_s = self._window
        if now_s - began_s > WINDOW_S:
            share = (time.process_time() - worked_s) / (now_s - began_s) / _cores()
            self._period_s = CALM_S if share > BUSY else QUICK_S
            self._window = (now_s, time.process_time())
        return True


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
