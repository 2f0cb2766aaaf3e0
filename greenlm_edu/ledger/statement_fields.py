"""The fields of an emission statement, each from rows of the ledger and from what its author told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from greenlm_edu import carbon
from greenlm_edu.errors import UnknownRegion
from greenlm_edu.interval import Interval, sum_independent, sum_shared
from greenlm_edu.ledger.told import Told
from greenlm_edu.ledger.totals import Total, interval_of, sum_by_error
from greenlm_edu.units import JOULES_PER_KWH, JOULES_PER_WH

__all__ = ["Counted", "Field", "fields_of", "headline_of"]

WORLD_AVERAGE: Final = "no region named: the world's average"
NOT_KNOWN: Final = "not known without the energy"


@dataclass(frozen=True)
class Field:
    """One line of a statement.

    Args:
        name: what it tells.
        lines: what is known; empty where nothing is.
        missing: what is not known and why, or what the author must tell; empty where nothing is missing.
    """

    name: str
    lines: tuple[str, ...]
    missing: str = ""


@dataclass(frozen=True)
class Counted:
    """What a statement is about.

    Args:
        rows: that count: used joules only, none of them inside another.
        total: of them.
        replayed: how many measurements hold replayed joules.
        told: what the author says.
    """

    rows: Sequence[Mapping[str, Any]]
    total: Total
    replayed: int
    told: Told

    @property
    def parts(self) -> list[Mapping[str, Any]]:
        """The components of all rows."""
        return [part for row in self.rows for part in row["components"]]

    @property
    def labels(self) -> str:
        """The components that have joules, as the meter calls them."""
        return "; ".join(sorted({part["label"] for part in self.parts if part["energy_j"] is not None})) or "nothing"


def fields_of(counted: Counted) -> tuple[Field, ...]:
    """Every field of an honest report, in its order."""
    makers = (
        _energy, _emissions, _market, _boundary, _methods, _hardware, _idle, _grid, _making, _runs, _score, _water,
        _software, _comparison, _who,
    )  # fmt: skip
    return tuple(make(counted) for make in makers)


def headline_of(total: Total) -> str:
    """Energy and emissions in one line."""
    if total.energy_j is None or total.emissions_g is None:
        return "Energy and emissions are not known: no measurement in the record has joules."
    energy = f"{_kwh(total.energy_j)}, {' + '.join(total.bases)}"
    return f"{energy}; {total.emissions_g.text('g')} CO2e, location-based"


def _energy(counted: Counted) -> Field:
    total = counted.total
    if total.energy_j is None:
        return Field("Energy", (), "not measured in any row of the record")
    lines = [f"{_kwh(total.energy_j)} = {total.energy_j.text('J')}"]
    parts = _by_basis(counted)
    whole = sum(part.best for part in parts.values())
    for basis, part in parts.items():
        kind = "estimated" if basis == "modelled" else "measured"
        lines.append(f"{kind}, {basis}: {part.text('J')}" + (f", {part.best / whole:.0%} of it" if whole else ""))
    return Field(
        "Energy",
        tuple(lines),
        f"{total.unknown} measurements have no joules and are not in the sum" * bool(total.unknown),
    )


def _emissions(counted: Counted) -> Field:
    name, emissions_g = "Emissions, location-based", counted.total.emissions_g
    if emissions_g is None:
        return Field(name, (), NOT_KNOWN)
    return Field(name, (f"{emissions_g.text('g')} CO2e; operation only; no contract or offset is netted",))


def _market(counted: Counted) -> Field:
    name, told, building_j = "Emissions, market-based", counted.told, counted.total.building_j
    if told.market_g_per_kwh is None:
        return Field(name, (), "no contract told; the location-based figure holds without one")
    if building_j is None:
        return Field(name, (), NOT_KNOWN)
    grams = building_j.scaled_by(told.market_g_per_kwh / JOULES_PER_KWH)
    figure = f"{grams.text('g')} CO2e at {told.market_g_per_kwh:g} g/kWh by contract ({told.market_source})"
    return Field(name, (figure, "what flowed was the grid's electricity: the location-based figure stands beside this"))


def _boundary(counted: Counted) -> Field:
    told = counted.told
    lost = {part["label"]: part["reason"] for part in counted.parts if part["energy_j"] is None}
    in_part = {
        part["label"]: part["reason"] for part in counted.parts if part["energy_j"] is not None and part["reason"]
    }
    pues = sorted({row["pue"] for row in counted.rows})
    lines = [f"counted: {counted.labels}"]
    lines += [f"not measured: {label}: {reason}" for label, reason in sorted(lost.items())]
    lines += [f"{label}: {reason}" for label, reason in sorted(in_part.items())]
    lines.append("PUE " + ", ".join(f"{pue:g}" for pue in pues) + f" ({told.site})" * bool(told.site))
    if told.site:
        return Field("Boundary", tuple(lines))
    place = "where the machines stand, and what the PUE rests on"
    if pues == [1.0]:
        place = "where the machines stand: a PUE of 1 leaves cooling out, which is the custom for a laptop only"
    return Field("Boundary", tuple(lines), place)


def _methods(counted: Counted) -> Field:
    # A note may tell more as a run goes on; the newest of each part is shown.
    notes = {(part["label"], part["basis"]): part["note"] for part in counted.parts if part["energy_j"] is not None}
    lines = [f"{label}: {basis}" + f"; {note}" * bool(note) for (label, basis), note in sorted(notes.items())]
    return Field("How each part is known", tuple(lines), "" if lines else "no part has joules")


def _hardware(counted: Counted) -> Field:
    seconds = sum(row["duration_s"] for row in counted.rows)
    lines = (
        *filter(None, [counted.told.hardware]),
        f"as the meter calls it: {counted.labels}",
        f"{seconds:,.0f} s of wall time ({seconds / 3600:.2g} h) in {len(counted.rows)} measurements",
    )
    return Field("Hardware and time", lines, "" if counted.told.hardware else "models and number of the devices")


def _idle(counted: Counted) -> Field:
    name, rows = "Power at rest", counted.rows
    known = [row for row in rows if row["idle_j"] is not None and row["energy_j"] is not None]
    if not known:
        return Field(name, ("the energy is gross: what idling would have used is in it",), "not measured")
    idle_j, gross_j = sum(row["idle_j"] for row in known), sum(row["energy_j"] for row in known)
    amount, _, _, unit = Interval.exactly(idle_j).figures("J")
    share = f", {idle_j / gross_j:.0%} of it" if gross_j else ""
    line = f"the energy is gross; at rest the same parts would have used {amount} {unit}{share}"
    rest = len(rows) - len(known)
    return Field(name, (line,), f"not measured for {rest} of {len(rows)} measurements" if rest else "")


def _grid(counted: Counted) -> Field:
    used: dict[str, float] = {}
    for row in counted.rows:
        place = _place(row["region"]) if row["region"] else WORLD_AVERAGE
        grid = f"{place}, {row['intensity_g_per_kwh']:g} g/kWh, {row['intensity_year']}, {row['intensity_source']}"
        used[grid] = used.get(grid, 0.0) + (row["energy_j"] or 0.0)
    whole = sum(used.values())
    lines = [grid + (f": {energy / whole:.0%} of the energy" if whole else "") for grid, energy in used.items()]
    lines.append("yearly averages where the electricity is made, life cycle included; not marginal, not hourly")
    unnamed = sum(1 for row in counted.rows if not row["region"])
    return Field("Grid", tuple(lines), f"{unnamed} of {len(counted.rows)} measurements name no region" * bool(unnamed))


def _making(counted: Counted) -> Field:
    name, embodied = "Making the hardware (embodied)", counted.told.embodied
    if embodied is None:
        return Field(name, (), "not included")
    return Field(name, (embodied.text() + "; not in the figures above",))


def _runs(counted: Counted) -> Field:
    rows, total = counted.rows, counted.total
    ends: dict[str, int] = {}
    for row in rows:
        end = row["status"].partition(":")[0]
        ends[end] = ends.get(end, 0) + 1
    lines = []
    if rows:
        first, last = min(row["started_at"] for row in rows), max(row["started_at"] for row in rows)
        told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
        lines.append(f"{len(rows)} measurements from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC: {told}")
        lines.append("what failed or was interrupted is counted with the joules that it used")
        lines.append("only metered code is counted: not the cells without a meter, nor the time between cells")
    if total.nested:
        lines.append(f"{total.nested} more lie inside these and are not counted twice")
    if counted.replayed:
        lines.append(f"{counted.replayed} measurements hold replayed joules, which nobody used: those are left out")
    if notebooks := sorted({row["notebook"] for row in rows if row["notebook"]}):
        lines.append("notebooks: " + ", ".join(notebooks))
    if counted.told.covers:
        return Field("Which runs are counted", (*lines, counted.told.covers))
    return Field("Which runs are counted", tuple(lines), "whether other runs, searches or machines belong to this work")


def _score(counted: Counted) -> Field:
    name, told, emissions_g = "Software carbon intensity (ISO/IEC 21031)", counted.told, counted.total.emissions_g
    if emissions_g is None:
        return Field(name, (), NOT_KNOWN)
    if not told.functional_unit or told.embodied is None:
        return Field(name, (), "needs a functional unit and the embodied share")
    score_g = sum_independent([emissions_g, told.embodied.emissions_g]).scaled_by(1 / told.units)
    return Field(name, (f"{score_g.text('g')} CO2e a {told.functional_unit}, for {told.units:g} of them",))


def _water(counted: Counted) -> Field:
    told, total = counted.told, counted.total
    if told.onsite_l_per_kwh is None or told.offsite_l_per_kwh is None:
        return Field("Water", (), "not included: the site's and the grid's litres a kilowatt-hour are needed")
    if total.energy_j is None or total.building_j is None:
        return Field("Water", (), NOT_KNOWN)
    onsite = carbon.water_l(total.energy_j, onsite_l_per_kwh=told.onsite_l_per_kwh, offsite_l_per_kwh=0)
    offsite = carbon.water_l(total.building_j, onsite_l_per_kwh=0, offsite_l_per_kwh=told.offsite_l_per_kwh)
    return Field("Water", (f"{sum_shared([onsite, offsite]).text('l')} ({told.water_source})",))


def _software(counted: Counted) -> Field:
    versions: dict[str, set[str]] = {}
    for row in counted.rows:
        for package, number in row["versions"].items():
            versions.setdefault(package, set()).add(str(number))
    line = "; ".join(f"{package} {', '.join(sorted(numbers))}" for package, numbers in sorted(versions.items()))
    return Field("Software", (line,) if line else (), "" if line else "no version was recorded")


def _comparison(counted: Counted) -> Field:
    energy_j = counted.total.energy_j
    if energy_j is None or energy_j.best <= 0:
        return Field("For comparison", (), NOT_KNOWN)
    return Field("For comparison", (f"{carbon.everyday(energy_j.best)} (by physics and definition)",))


def _who(counted: Counted) -> Field:
    told = counted.told
    missing = " and ".join(name for name in ("author", "contact") if not getattr(told, name))
    return Field("Stated by", tuple(filter(None, (told.author, told.contact))), missing)


def _by_basis(counted: Counted) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for basis in ("counter", "sampled", "modelled"):
        parts = [
            (part["error_group"] or f"{basis} {part['label']}", joules)
            for part in counted.parts
            if part["basis"] == basis and (joules := interval_of(part, "energy", "j"))
        ]
        if (whole := sum_by_error(parts)) is not None:
            found[basis] = whole
    return found


def _place(region: str) -> str:
    """A country's name and code; the code alone where today's table does not know it."""
    with suppress(UnknownRegion):
        return f"{carbon.intensity(region).name} ({region})"
    return region


def _kwh(energy_j: Interval) -> str:
    return energy_j.scaled_by(1 / JOULES_PER_WH).text("Wh")
