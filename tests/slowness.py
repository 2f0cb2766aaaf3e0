"""How slow this machine is now, beside the one on which the lessons' limits in seconds are stated.

A machine that others use too was seen to take three times as long for one and the same lesson as an hour before, and
its CPU time, from which joules are modelled, grew as much. Limits that a quiet machine keeps with room to spare say
nothing there. So a fixed piece of work is timed beside each lesson, and the limits are multiplied by what it took more.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

__all__ = ["MOST", "slowness"]

# What one round of the work below took on a quiet machine with two cores (Python 3.11, OpenBLAS), in seconds.
QUIET_S = 0.08
# Beyond this the machine is no place to time anything, and the limit holds.
MOST = 4.0
ROUNDS = 7


def slowness() -> float:
    """By how much longer the work takes now than on a quiet machine: 1 (as long, or quicker) to MOST."""
    return min(MOST, max(1.0, statistics.median(_round_s() for _ in range(ROUNDS)) / QUIET_S))


def _round_s() -> float:
    """Matrix products, as training does them on all cores, and plain Python, as the rest of a lesson is."""
    square = np.full((768, 768), 1e-3, np.float32)
    started = time.perf_counter()
    for _ in range(16):
        square = square @ square
        square /= np.abs(square).max()
    total = 0
    for number in range(400_000):
        total += number % 7
    return time.perf_counter() - started
