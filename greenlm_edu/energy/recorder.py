"""Recording a trace: what this machine's sources say, several times a second, kept in the form of a trace file."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from greenlm_edu import __version__
from greenlm_edu.energy.counter import energy_between
from greenlm_edu.energy.cpu_model import cpu_name
from greenlm_edu.energy.sampler import PERIOD_S, Sample, Sampler
from greenlm_edu.energy.source import Basis, EnergySource, Reading
from greenlm_edu.energy.trace_file import DeviceTrace, TraceFile
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.units import JOULES_PER_MILLIJOULE

__all__ = ["MOST_RECORDED", "Recorder", "nvidia_driver"]

# An hour at ten readings a second; a trace is to be small.
MOST_RECORDED: Final = 36_000
LICENCE: Final = "CC0-1.0"
NVIDIA_VERSION: Final = Path("/proc/driver/nvidia/version")
_THIS: Final = re.compile(r"\bthis(?= process| container)")
CLOCK_DIGITS: Final = 4  # tenths of a millisecond


class Recorder:
    """Records sources while a block runs; `trace` then gives what was recorded, also where the block failed.

    Args:
        sources: what to record, as `detect` finds it.
        period_s: seconds between readings, above 0.
        most_points: the most readings kept of a device; those after it are not recorded.
    Raises:
        InputError: a source is a replay itself, or period_s is not above 0.

    >>> import time
    >>> from greenlm_edu.energy import ScriptedSource
    >>> with Recorder([ScriptedSource(5.0, basis=Basis.MODELLED)]) as recorder:
    ...     time.sleep(0.01)
    >>> recorder.trace("sleep", "nothing").devices[0].basis
    'modelled'
    """

    def __init__(
        self, sources: Sequence[EnergySource], period_s: float = PERIOD_S, most_points: int = MOST_RECORDED
    ) -> None:
        replayed = [source.label for source in sources if source.basis is Basis.REPLAYED]
        if replayed:
            raise InputError(f"record: only a machine's own sources are recorded; got the replay “{replayed[0]}”.")
        self._sampler = Sampler(sources, period_s)
        self._most_points = most_points
        self._readings: dict[str, list[Reading]] = {source.component: [] for source in sources}
        self._lost: dict[str, str] = {}
        self._lock = threading.Lock()
        self._began_at = datetime.now(UTC)
        self.is_full = False

    def __enter__(self) -> Recorder:
        self._began_at = datetime.now(UTC)
        self._sampler.__enter__()
        self._add(self._sampler.sample_now())
        self._stop_listening = self._sampler.listen(self._add)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._add(self._sampler.sample_now())
        finally:
            self._stop_listening()
            self._sampler.__exit__()

    @property
    def sources(self) -> tuple[EnergySource, ...]:
        """What is recorded."""
        return self._sampler.sources

    @property
    def lost(self) -> dict[str, str]:
        """Why the recording of a component ended early, by component."""
        with self._lock:
            return dict(self._lost)

    def trace(self, name: str, what_ran: str, note: str = "", licence: str = LICENCE) -> TraceFile:
        """What was recorded.

        Args:
            name: what the trace is to be called.
            what_ran: the program or a description, without paths.
            note: what a reader should know.
            licence: who may use it how.
        Raises:
            EnergyUnavailable: no source gave two readings.
        """
        with self._lock:
            kept = {key: tuple(readings) for key, readings in self._readings.items() if len(readings) > 1}
        lost = self.lost
        sources = [source for source in self._sampler.sources if source.component in kept]
        if not sources:
            why = "; ".join(f"{key}: {reason}" for key, reason in lost.items()) or "it was too short"
            raise EnergyUnavailable(f"record: two readings of a source are needed; got none ({why}). Record longer.")
        devices = tuple(_device(source, kept[source.component], lost.get(source.component, "")) for source in sources)
        began_at = self._began_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        return TraceFile(name, "recorded", what_ran, began_at, self._sampler.period_s, licence, devices, note)

    def _add(self, sample: Sample) -> None:
        with self._lock:
            for key, reason in sample.failures.items():
                # A device that comes back has counted on from elsewhere; its recording ends where it was lost.
                self._lost.setdefault(key, _without_paths(reason))
            for source in self._sampler.sources:
                reading, kept = sample.readings.get(source.component), self._readings[source.component]
                if reading is None or source.component in self._lost:
                    continue
                if len(kept) >= self._most_points:
                    self.is_full = True
                elif not kept or round(reading.t_s - kept[-1].t_s, CLOCK_DIGITS - 1) > 0:
                    self._keep(source, kept, reading)

    def _keep(self, source: EnergySource, kept: list[Reading], reading: Reading) -> None:
        if kept:
            try:
                energy_between(kept[-1], reading, source.gain)
            except EnergyUnavailable as err:
                self._lost[source.component] = _without_paths(str(err))
                return
        kept.append(reading)


def nvidia_driver(file: Path = NVIDIA_VERSION) -> str:
    """The NVIDIA driver's version as its kernel module tells it, without asking the driver; empty where it does not.

    Args:
        file: where the module tells it.
    """
    try:
        found = re.search(r"\b\d{3}\.\d+(\.\d+)?\b", file.read_text(encoding="ascii", errors="replace"))
    except OSError:
        return ""
    return found.group() if found else ""


def _device(source: EnergySource, readings: Sequence[Reading], lost: str) -> DeviceTrace:
    is_counter = source.basis is Basis.COUNTER
    t_s = tuple(round(reading.t_s - readings[0].t_s, CLOCK_DIGITS) for reading in readings)
    energy_j = [reading.energy_j - readings[0].energy_j for reading in readings]
    mean_w = _mean_power(t_s, energy_j)
    told_w = [round(r.power_w, 3) if r.power_w is not None else mean for r, mean in zip(readings, mean_w, strict=True)]
    steps = tuple(_millijoules(reading.step_j) for reading in readings)
    doubts = tuple(_millijoules(reading.doubt_j - readings[0].doubt_j) for reading in readings)
    hardware, driver, meter = _facts(source)
    is_gpu = source.component.startswith("gpu")
    return DeviceTrace(
        component=source.component,
        # “this process” would be the learner's where it is replayed.
        label=source.label if is_gpu else f"{source.label.partition(' · ')[0]} · {hardware}",
        hardware=hardware,
        driver=driver,
        meter=meter,
        basis=str(source.basis),
        gain=source.gain,
        t_s=t_s,
        power_w=tuple(told_w if is_counter else mean_w),
        counter_mj=tuple(_millijoules(joules) for joules in energy_j) if is_counter else (),
        step_mj=steps if len(set(steps)) > 1 else steps[:1],
        doubt_mj=doubts if doubts[-1] > 0 else (),
        lost=lost,
    )


def _mean_power(t_s: Sequence[float], energy_j: Sequence[float]) -> list[float]:
    """Mean power up to each time, in whole milliwatts, whose sum keeps to the joules: no rounding adds up."""
    means, written_j = [0.0], 0.0
    for index in range(1, len(t_s)):
        length_s = t_s[index] - t_s[index - 1]
        means.append(max(0.0, round((energy_j[index] - written_j) / length_s, 3)))
        written_j += means[-1] * length_s
    return means


def _facts(source: EnergySource) -> tuple[str, str, str]:
    """(hardware, driver, meter) in words that name nobody."""
    kind = source.component.rstrip("0123456789")
    basis, ours = source.basis, f"greenlm-edu {__version__}"
    if kind == "gpu":
        version = nvidia_driver()
        meter = "its NVML energy counter" if basis is Basis.COUNTER else "its NVML power"
        return source.label.partition(" · ")[2] or source.label, f"NVIDIA driver {version or 'not told'}", meter
    hardware = cpu_name() or "an unnamed processor"
    if basis is Basis.COUNTER:
        return hardware, "Linux powercap", "its RAPL counter"
    return hardware, ours, f"a model: {_without_paths(_THIS.sub('the recorded', source.note))}"


def _millijoules(joules: float) -> float:
    return round(joules / JOULES_PER_MILLIJOULE, 3)


def _without_paths(words: str) -> str:
    """The words with each path cut down to its last name: a path may tell whose machine it was."""
    return re.sub(r"(?<![\w.])(?:~|[A-Za-z]:)?[\\/][^\s:;,“”]*[\\/]([^\s:;,“”\\/]+)", r"\1", words)
