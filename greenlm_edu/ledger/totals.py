"""The total of several measurements, with a range that is neither too narrow nor counted twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenlm_edu.interval import Interval

__all__ = ["Total", "counted_rows", "interval_of", "part_of", "sum_by_error", "total_of"]


@dataclass(frozen=True)
class Total:
    """What the rows of the ledger add up to.

    Args:
        rows: how many were added.
        nested: how many were left out because another row, which was added, holds their joules.
        unknown: how many were left out because nothing is known of their joules.
        duration_s: of the added rows and those of which nothing is known.
        energy_j, emissions_g: None where no row is known.
        building_j: the energy with each row's PUE.
        bases: how the joules are known, without repetition, best first.
    """

    rows: int
    nested: int
    unknown: int
    duration_s: float
    energy_j: Interval | None
    emissions_g: Interval | None
    bases: tuple[str, ...]
    building_j: Interval | None = None


def total_of(rows: Iterable[Mapping[str, Any]]) -> Total:
    """The total of these rows of the ledger.

    One model's error is the same in every row, and so is one counter's: their doubts add linearly from row to row.
    Those of different meters are independent and add in quadrature. All rows' emissions share the error of the grid's
    figure and of the meters, so they add linearly.

    Args:
        rows: as `Ledger.rows` gives them.
    """
    from greenlm_edu.energy import Basis
    from greenlm_edu.interval import sum_shared

    rows = list(rows)
    outer = counted_rows(rows)
    added = [row for row in outer if row["energy_j"] is not None]
    parts = [
        (_error_of(part), joules, row["pue"])
        for row in added
        for part in row["components"]
        if (joules := interval_of(part, "energy", "j"))
    ]
    emissions = [found for row in added if (found := interval_of(row, "emissions", "g"))]
    return Total(
        rows=len(added),
        nested=len(rows) - len(outer),
        unknown=len(outer) - len(added),
        duration_s=sum(row["duration_s"] for row in outer),
        energy_j=sum_by_error((error, joules) for error, joules, _ in parts),
        building_j=sum_by_error((error, joules.scaled_by(pue)) for error, joules, pue in parts),
        emissions_g=sum_shared(emissions) if emissions else None,
        bases=tuple(basis for basis in Basis if any(basis in row["basis"].split("+") for row in added)),
    )


def counted_rows(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows without those whose joules another of them holds.

    A row whose parent is not among them, or is not known itself, is counted: nothing else holds its joules.
    """
    rows = list(rows)
    known = {(row["session"], row["started_at"]) for row in rows if row["energy_j"] is not None}
    return [row for row in rows if (row["session"], row["parent_started_at"]) not in known]


def sum_by_error(parts: Iterable[tuple[str, Interval]]) -> Interval | None:
    """The sum of (source of error, quantity) pairs: linear within one source of error, in quadrature between them."""
    from greenlm_edu.interval import sum_independent, sum_shared

    groups: dict[str, list[Interval]] = defaultdict(list)
    for error, quantity in parts:
        groups[error].append(quantity)
    return sum_independent(sum_shared(group) for group in groups.values()) if groups else None


def interval_of(row: Mapping[str, Any], quantity: str, unit: str) -> Interval | None:
    """A row's `quantity_low_unit`, `quantity_unit` and `quantity_high_unit`, or None where they are unknown."""
    from greenlm_edu.interval import Interval

    best = row[f"{quantity}_{unit}"]
    return None if best is None else Interval(row[f"{quantity}_low_{unit}"], best, row[f"{quantity}_high_{unit}"])


def part_of(row: Mapping[str, Any], *, replayed: bool) -> Mapping[str, Any] | None:
    """The replayed or the used part of a row, as a row of its own; None where it has no such part.

    A row with nothing replayed is its own used part, also where none of its joules is known.
    """
    if "replayed" not in row["basis"].split("+"):
        return None if replayed else row
    parts = [part for part in row["components"] if (part["basis"] == "replayed") is replayed]
    joules = sum_by_error((_error_of(part), found) for part in parts if (found := interval_of(part, "energy", "j")))
    emissions = interval_of(row, "emissions", "g")
    if joules is None or emissions is None:
        return None
    # Each joule of a row has the same grid and PUE behind it.
    emissions = emissions.scaled_by(joules.best / row["energy_j"] if row["energy_j"] else 0.0)
    bases = dict.fromkeys(part["basis"] for part in parts if part["energy_j"] is not None)
    return {
        **row,
        "components": parts,
        "basis": "+".join(bases),
        "energy_low_j": joules.low, "energy_j": joules.best, "energy_high_j": joules.high,
        "emissions_low_g": emissions.low, "emissions_g": emissions.best, "emissions_high_g": emissions.high,
    }  # fmt: skip


def _error_of(part: Mapping[str, Any]) -> str:
    return part["error_group"] or f"{part['basis']} {part['component']} {part['label']}"
