"""One NVIDIA board's joules: from its energy counter, with its power beside it, or from its power alone.

The counter holds millijoules since the driver was loaded and exists from Volta on; it moves about every 100 ms. Power
is in milliwatts; on Ampere without GA100, and on newer boards, the plain call averages over a second and a field tells
it as it is. All are of the whole board, whoever else uses it.

Source: NVIDIA, NVML API reference; Yang, Adamek and Armour 2024 (SC24), "Accurate and Convenient Energy Measurements
for GPUs", for the ±5 % of the board's own meter.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from greenlm_edu.energy.counter_watch import DOCUMENTED_STEP_S, CounterWatch
from greenlm_edu.energy.nvml_driver import Refused, call, others_on
from greenlm_edu.energy.place import metered_at
from greenlm_edu.energy.sampled_power import AVERAGED, PART_TIME, PowerIntegral, Sensor
from greenlm_edu.energy.source import Basis, Reading
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.interval import Interval
from greenlm_edu.units import JOULES_PER_MILLIJOULE, WATTS_PER_MILLIWATT

__all__ = ["NvmlSource"]

# The board's meter is off by up to ±5 % of its figure, throughout (Yang et al. 2024).
GAIN: Final = Interval(0.95, 1.0, 1.05)
DESCRIBE_EVERY_S: Final = 5.0
LOOK_UP_EVERY_S: Final = 1.0
# A board that does not tell its limit may draw more than it was ever seen to; one that tells nothing, as much as any.
MOST_ABOVE_SEEN: Final = 2.0
MOST_OF_ANY_W: Final = 1000.0
GA100: Final = re.compile(r"\bA(100|800|30)X?\b")


class NvmlSource:
    """One board's joules: from its counter, with its sampled power beside it, or from its power alone.

    What was known stays known: where the driver stops answering after a first reading, the energy stands still, and
    what may have been used since is told in `unseen_j`, the reason in `lost`. The board is looked up again by UUID.

    Args:
        nvml: the pynvml module.
        uuid: the board's.
        number: its place among the visible boards.
        mig: the MIG device by which this process sees it; empty where it sees all of it.
        clock: the monotonic clock, in seconds.
        caution: what else a reader must know of it, for its note.
    Raises:
        EnergyUnavailable: the board tells neither a counter nor its power.
    """

    def __init__(
        self,
        nvml: Any,
        uuid: str,
        number: int,
        mig: str = "",
        clock: Callable[[], float] = time.monotonic,
        caution: str = "",
    ) -> None:
        self._nvml, self._clock, self._mig, self._caution = nvml, clock, mig, caution
        self.error_group = uuid
        self.meters = metered_at("gpu", uuid)
        self.component = f"gpu{number}"
        self.gain = GAIN
        self._handle = call(nvml, "nvmlDeviceGetHandleByUUID", uuid)
        name = str(call(nvml, "nvmlDeviceGetName", self._handle)).removeprefix("NVIDIA ")
        self.label = f"GPU {number} · {name}"
        self._instant = self._field_w() is not None
        sensor = PART_TIME if self._instant else self._plain_sensor(name)
        self._power, self._power_note = PowerIntegral(sensor), self._told(sensor)
        self._watch: CounterWatch | None = CounterWatch()
        self._without_counter = ""
        try:
            self._counter_j()
        except Refused as err:
            self._watch, self._without_counter = None, str(err)
            self._power_w()
        self.basis = Basis.COUNTER if self._watch else Basis.SAMPLED
        self._highest_w = 0.0
        self._limit_w = self._read_limit_w()
        self._last: Reading | None = None
        self._settled_unseen_j = 0.0
        self._looked_up_s = self._described_s = float("-inf")
        self.note = ""
        self._describe(clock())

    def read(self) -> Reading:
        now = self._clock()
        learned = self._watch is not None and self._watch.watched and not self._told_watched
        if learned or now - self._described_s >= DESCRIBE_EVERY_S:
            self._describe(now)
        try:
            self._last = self._read(now)
        except Refused as err:
            if self._last is None or not self._looked_up(now):
                self._last = self._stand_still(now, err)
            else:
                try:
                    self._last = self._read(now)
                except Refused as again:
                    self._last = self._stand_still(now, again)
        return self._last

    @property
    def most_power_w(self) -> float:
        """The most that the board may draw, as far as anybody knows."""
        return self._most_w()

    def close(self) -> None:
        """NVML stays open for the process: opening it takes longer than anything that it would free."""

    def _read(self, now: float) -> Reading:
        counter_j = self._counter_j() if self._watch else 0.0
        try:
            sampled = self._sampled(now)
        except Refused:
            if self._watch is None:
                raise
            self._power.break_off()
            sampled = None
        power_w = sampled.power_w if sampled else None
        if self._watch is None and sampled is not None:
            if self._last is not None and self._last.unseen_j > self._settled_unseen_j:
                self._settled_unseen_j = self._last.unseen_j  # the time without answers stays unknown
            return replace(sampled, unseen_j=self._settled_unseen_j, lost=self._last.lost if self._last else "")
        return self._counted(now, counter_j, power_w, sampled)

    def _counted(self, now: float, counter_j: float, power_w: float | None, sampled: Reading | None) -> Reading:
        assert self._watch is not None
        energy_j, restarted = self._watch.look(now, counter_j)
        lost = self._last.lost if self._last else ""
        if restarted and self._last is not None:
            since_s = now - self._last.t_s
            self._settled_unseen_j = self._last.unseen_j + since_s * self._most_w()
            lost = "the GPU's energy counter started again: its driver was reloaded"
        step_s = self._watch.step_s(now)
        # What it counted while it did not answer is known once it answers, unless it started again.
        return Reading(
            t_s=now, energy_j=energy_j, power_w=power_w, step_j=step_s * (power_w or self._most_w()),
            behind_j=step_s * self._most_w(), beat=self._watch.beat(), also=sampled,
            unseen_j=self._settled_unseen_j, lost=lost,
        )  # fmt: skip

    def _sampled(self, now: float) -> Reading:
        power_w = self._power_w()
        self._highest_w = max(self._highest_w, power_w)
        return self._power.add(now, power_w)

    def _stand_still(self, now: float, err: EnergyUnavailable) -> Reading:
        if self._last is None:
            raise err
        self._power.break_off()
        unseen_j = self._last.unseen_j + (now - self._last.t_s) * self._most_w()
        return replace(self._last, t_s=now, power_w=None, also=None, beat=None, unseen_j=unseen_j, lost=str(err))

    def _most_w(self) -> float:
        """The most that the board may draw, as far as anybody knows."""
        seen_w = max(self._limit_w, self._highest_w) if self._limit_w else MOST_ABOVE_SEEN * self._highest_w
        return seen_w or MOST_OF_ANY_W

    def _looked_up(self, now: float) -> bool:
        if now - self._looked_up_s < LOOK_UP_EVERY_S:
            return False
        self._looked_up_s = now
        try:
            call(self._nvml, "nvmlInit")
            self._handle = call(self._nvml, "nvmlDeviceGetHandleByUUID", self.error_group)
        except Refused:
            return False
        return True

    def _counter_j(self) -> float:
        return float(call(self._nvml, "nvmlDeviceGetTotalEnergyConsumption", self._handle)) * JOULES_PER_MILLIJOULE

    def _power_w(self) -> float:
        if self._instant:
            field_w = self._field_w()
            if field_w is None:
                raise Refused("nvmlDeviceGetFieldValues", RuntimeError("the instant power is not told any more"))
            return field_w
        return float(call(self._nvml, "nvmlDeviceGetPowerUsage", self._handle)) * WATTS_PER_MILLIWATT

    def _field_w(self) -> float | None:
        try:
            (field,) = call(
                self._nvml, "nvmlDeviceGetFieldValues", self._handle, [self._nvml.NVML_FI_DEV_POWER_INSTANT]
            )
        except Refused:
            return None
        told = field.nvmlReturn == self._nvml.NVML_SUCCESS and field.value.uiVal > 0
        return float(field.value.uiVal) * WATTS_PER_MILLIWATT if told else None

    def _plain_sensor(self, name: str) -> Sensor:
        try:
            architecture = call(self._nvml, "nvmlDeviceGetArchitecture", self._handle)
        except Refused:
            return AVERAGED  # the wider doubt, where the driver does not say
        return PART_TIME if architecture < self._nvml.NVML_DEVICE_ARCH_AMPERE or GA100.search(name) else AVERAGED

    def _told(self, sensor: Sensor) -> str:
        return "power averaged over 1 s" if sensor is AVERAGED else "power of the moment"

    def _read_limit_w(self) -> float:
        with suppress(Refused):
            return float(call(self._nvml, "nvmlDeviceGetEnforcedPowerLimit", self._handle)) * WATTS_PER_MILLIWATT
        return 0.0

    def _describe(self, now: float) -> None:
        """Brings the note up to date: how the figure is made, and who else is on the board."""
        self._described_s = now
        self._told_watched = self._watch is not None and self._watch.watched
        if self._watch is None:
            note = f"NVML {self._power_note}, sampled and integrated here ({self._without_counter.rstrip('.')})"
        elif self._watch.watched:
            note = f"NVML energy counter of the board; seen to move every {self._watch.step_s(now):.2g} s or faster"
        else:
            note = (
                f"NVML energy counter of the board; not watched yet, documented to move every {DOCUMENTED_STEP_S:g} s"
            )
        shared = []
        if self._mig:
            shared.append(f"seen as {self._mig}, a part of it")
        others = others_on(self._nvml, self._handle)
        if others:
            shared.append(f"used by {', '.join(others)} too")
        if shared:
            note += f"; shared: the figure is of the whole board, {' and '.join(shared)}"
        self.note = f"{note}; {self._caution}" if self._caution else note
