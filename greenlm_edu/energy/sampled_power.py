"""Joules from a board's power, told now and then and each time of a part of the time only. Pure, no hardware.

A board's meter does not see all the time: an A100 or H100 tells every 100 ms what it drew in the last 25 ms. So
between two readings the power is taken to run straight from one to the other (trapezoids, however irregular the
readings), and two things stay unknown, both written into the reading:

- What happened between. A jump from one reading to the next may have come at any moment between them, and what a
  meter sees in a quarter of the time tells the rest only as well as its readings agree. Each interval adds
  (SPREAD × jump × length)² to a variance: such errors fall either way, so they add in quadrature. SPREAD was fitted
  on simulated curves (tests/nvml_stand_in/sampled_curves.py), so that 95 of 100 windows hold the truth.
- The lag. What is told is half the seen stretch and, on average, half a period old. A window's energy is moved on by
  the lag times the change of power from its first reading to its last, and may be off by as much.

Source: Yang, Adamek and Armour 2024 (SC24), for periods and windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from greenlm_edu.energy.source import Reading

__all__ = ["AVERAGED", "PART_TIME", "PowerIntegral", "Sensor"]


@dataclass(frozen=True)
class Sensor:
    """How a board tells its power.

    Args:
        every_s: how often the figure changes.
        seen_s: how much of the time before it is the mean of.
    """

    every_s: float
    seen_s: float

    @property
    def lag_s(self) -> float:
        """How old the figure is, on average."""
        return (self.every_s + self.seen_s) / 2


# The least that is seen on any board of Volta or newer that was examined; those that see more are off by less.
PART_TIME: Final = Sensor(every_s=0.1, seen_s=0.025)
# Ampere without GA100, and newer, where the driver does not offer the instant field.
AVERAGED: Final = Sensor(every_s=0.1, seen_s=1.0)

SPREAD: Final = 0.8


class PowerIntegral:
    """Integrates power readings.

    Args:
        sensor: how the power is told.
    """

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self._last: Reading | None = None
        self._broken = False

    def add(self, t_s: float, power_w: float) -> Reading:
        """The joules so far; `power_w` was told at `t_s`."""
        last = self._last
        energy_j, spread_j2, unseen_j = (last.energy_j, last.spread_j2, last.unseen_j) if last else (0.0, 0.0, 0.0)
        if last is not None and last.power_w is not None:
            length_s = max(0.0, t_s - last.t_s)
            if self._broken:
                unseen_j += length_s * max(last.power_w, power_w)
            else:
                energy_j += length_s * (last.power_w + power_w) / 2
                # However fast it is read, the meter's figure is a period old.
                spread_j2 += (SPREAD * (power_w - last.power_w) * max(length_s, self._sensor.every_s)) ** 2
        self._broken = False
        lag_s = self._sensor.lag_s
        self._last = Reading(t_s, energy_j, power_w=power_w, spread_j2=spread_j2, lag_s=lag_s, unseen_j=unseen_j)
        return self._last

    def break_off(self) -> None:
        """Nothing is known from the last reading to the next."""
        self._broken = True
