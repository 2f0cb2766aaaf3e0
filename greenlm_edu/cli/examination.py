"""What `greenlm doctor` finds out, as plain values; the screen and the JSON are made from them.

The JSON, schema "greenlm-doctor/1" (keys are only ever added within a number; what is unknown is null):

    schema        "greenlm-doctor/1"
    verdict       {measured: bool, text, exit_code: 0 | 3}
    components    [{component, label, basis, present, off_by: {low, high} | null, resolution, step_j,
                    idle_power_w: {low, best, high} | null, how, why_not_better, remedy}]
    ledger        {where, writable, problem}
    region        {set, code, name, g_per_kwh, year, source, assumed, problem}
    versions      {"greenlm-edu", "python", "system", "keras", "tensorflow", "jupyterlab"}
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from greenlm_edu import __version__
from greenlm_edu.carbon import intensity
from greenlm_edu.cli.record import cannot_write, shown
from greenlm_edu.energy import Basis, Detection, EnergySource, Missing, Reading, detect
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.ledger import location
from greenlm_edu.metering import Meter
from greenlm_edu.units import scaled

__all__ = ["ComponentFacts", "Examination", "LedgerFacts", "RegionFacts", "examine"]

SCHEMA: Final = "greenlm-doctor/1"
# A counter that moves every 0.1 s needs some of its steps; a model needs next to no time.
IDLE_WINDOW_S: Final = {True: 1.5, False: 0.5}
# What detect() calls the missing counter of a component that is modelled under another name.
MODELLED_AS: Final = {"dram": "memory"}
# Either package may carry a module's version.
PACKAGES: Final = {"keras": ("keras",), "tensorflow": ("tensorflow", "tensorflow-cpu"), "jupyterlab": ("jupyterlab",)}


@dataclass(frozen=True)
class ComponentFacts:
    """How one component's joules are known here.

    Args:
        component, label, basis: as in a measurement.
        present: False where the machine has no such component.
        off_by: the factors by which its figures may be off throughout, with best = 1.
        resolution: the least that it can show, in words; step_j: the same in joules, where it moves in steps.
        idle_power_w: what it draws at rest, in watts.
        how: one line on how the figure is made.
        why_not_better: why it is not known better; empty where nothing is better.
        remedy: the exact line that mends it; empty where nothing does.
    """

    component: str
    label: str
    basis: Basis
    present: bool
    off_by: Interval | None
    resolution: str | None
    step_j: float | None
    idle_power_w: Interval | None
    how: str
    why_not_better: str
    remedy: str


@dataclass(frozen=True)
class LedgerFacts:
    """Where measurements are recorded, and what keeps them from it; no problem: empty."""

    where: str
    writable: bool
    problem: str


@dataclass(frozen=True)
class RegionFacts:
    """The electricity that emissions are counted with; `set` is the value of GREENLM_REGION, `text` a line on it."""

    set: str | None
    text: str
    code: str | None
    name: str | None
    g_per_kwh: float | None
    year: int | None
    source: str | None
    assumed: bool
    problem: str


@dataclass(frozen=True)
class Examination:
    """Everything that the doctor found out."""

    components: tuple[ComponentFacts, ...]
    ledger: LedgerFacts
    region: RegionFacts
    versions: Mapping[str, str | None]

    @property
    def measured(self) -> tuple[ComponentFacts, ...]:
        """The components that hardware measures, by a counter or by its power."""
        return tuple(part for part in self.components if part.basis in (Basis.COUNTER, Basis.SAMPLED))

    @property
    def exit_code(self) -> int:
        return 0 if self.measured else 3

    @property
    def verdict(self) -> str:
        """In words, what the figures of this machine are worth."""
        modelled = [part.label for part in self.components if part.basis is Basis.MODELLED]
        if self.measured:
            by_meter = ", ".join(f"{part.label} ({part.basis})" for part in self.measured)
            return f"Measured here: {by_meter}." + (f" Only modelled: {', '.join(modelled)}." if modelled else "")
        if modelled:
            return (
                "Nothing is measured on this machine: every joule is the figure of a model, good for comparing "
                "one cell with another here, and no measurement."
            )
        return "Nothing is known of this machine's energy: no component is measured or modelled."

    def as_json(self) -> dict[str, Any]:
        """The facts in the schema at the top of this file."""
        region = asdict(self.region)
        del region["text"]
        return {
            "schema": SCHEMA,
            "verdict": {"measured": bool(self.measured), "text": self.verdict, "exit_code": self.exit_code},
            "components": [_component_json(part) for part in self.components],
            "ledger": {**asdict(self.ledger), "problem": self.ledger.problem or None},
            "region": {**region, "problem": region["problem"] or None},
            "versions": dict(self.versions),
        }


def examine(found: Detection | None = None, idle_window_s: float | None = None) -> Examination:
    """Looks at this machine; takes a second or two, in which idle power is measured.

    Args:
        found: what yields joules; detected here if left out.
        idle_window_s: how long to watch for idle power, above 0; as long as the sources need if left out.
    """
    found = found or detect()
    window_s = idle_window_s or IDLE_WINDOW_S[any(source.basis is not Basis.MODELLED for source in found.sources)]
    return Examination(_components(found, window_s), _ledger(), _region(), _versions())


def _components(found: Detection, idle_window_s: float) -> tuple[ComponentFacts, ...]:
    meter = Meter(found.sources, found.missing)
    with meter.sampler as sampler:
        sample = sampler.sample_now()
        idle_w = meter.measure_idle(idle_window_s)
    better = {MODELLED_AS.get(gone.component, gone.component): gone for gone in found.improvable}
    parts = [
        _metered(source, sample.readings.get(source.component), sample.failures.get(source.component), idle_w, better)
        for source in found.sources
    ]
    metered = {source.component for source in found.sources}
    unmetered = [gone for key, gone in better.items() if key not in metered]
    return (*parts, *(_lacking(gone) for gone in (*unmetered, *found.missing, *found.absent)))


def _metered(
    source: EnergySource,
    reading: Reading | None,
    failure: str | None,
    idle_power_w: Mapping[str, Interval],
    better: Mapping[str, Missing],
) -> ComponentFacts:
    if reading is None:
        reason = failure or "it could not be read"
        return _lacking(Missing(source.component, source.label, reason))
    gone = better.get(source.component)
    why = "" if source.basis is Basis.COUNTER else "no energy counter was found for it on this machine"
    return ComponentFacts(
        component=source.component,
        label=source.label,
        basis=source.basis,
        present=True,
        off_by=source.gain,
        resolution=_resolution(source, reading),
        step_j=reading.step_j or None,
        idle_power_w=idle_power_w.get(source.component),
        how=source.note,
        why_not_better=gone.reason if gone else why,
        remedy=gone.remedy if gone else "",
    )


def _lacking(gone: Missing) -> ComponentFacts:
    return ComponentFacts(
        component=gone.component,
        label=gone.label,
        basis=Basis.UNAVAILABLE,
        present=gone.present,
        off_by=None,
        resolution=None,
        step_j=None,
        idle_power_w=None,
        how="",
        why_not_better=gone.reason,
        remedy=gone.remedy,
    )


def _resolution(source: EnergySource, reading: Reading) -> str:
    """The least difference that shows: `7.0 J (70 W × 0.1 s)`."""
    if reading.step_j > 0:
        factor, unit = scaled(reading.step_j, "J")
        step = f"{reading.step_j / factor:.2g} {unit}"
        return (
            f"{step} ({reading.power_w:.0f} W × {reading.step_j / reading.power_w:.2g} s)" if reading.power_w else step
        )
    return "its power, several times a second" if source.basis is Basis.SAMPLED else "no step"


def _ledger() -> LedgerFacts:
    where = location()
    problem = cannot_write(where)
    return LedgerFacts(shown(where), not problem, problem)


def _region() -> RegionFacts:
    name = os.environ.get("GREENLM_REGION") or None
    try:
        grid = intensity(name)
    except InputError as err:
        text = "GREENLM_REGION cannot be used; every measurement will say so"
        return RegionFacts(name, text, None, None, None, None, None, False, str(err))
    return RegionFacts(
        name, grid.text(), grid.region, grid.name, grid.value_g_per_kwh, grid.year, grid.source, grid.assumed, ""
    )


def _versions() -> dict[str, str | None]:
    versions: dict[str, str | None] = {
        "greenlm-edu": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    return versions | {name: _installed(packages) for name, packages in PACKAGES.items()}


def _installed(packages: Sequence[str]) -> str | None:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def _component_json(part: ComponentFacts) -> dict[str, Any]:
    off_by = {"low": part.off_by.low, "high": part.off_by.high} if part.off_by else None
    idle = asdict(part.idle_power_w) if part.idle_power_w else None
    return {
        **asdict(part),
        "basis": str(part.basis),
        "off_by": off_by,
        "idle_power_w": idle,
        "why_not_better": part.why_not_better or None,
        "remedy": part.remedy or None,
    }
