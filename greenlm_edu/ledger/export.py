"""The ledger's rows as CSV and JSON, for a spreadsheet or another program."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["COLUMNS", "to_csv", "to_json"]

# The flat columns, one line a measurement; joules in J, emissions in g of CO2e. Where another row of the same session
# started at this row's parent_started_at, that row holds these joules: leave this one out of a sum. Where none did,
# what was around it was not kept, and this row counts by itself.
COLUMNS: Final = (
    "id",
    "started_at",
    "duration_s",
    "name",
    "notebook",
    "cell_id",
    "status",
    "session",
    "parent_started_at",
    "basis",
    "energy_low_j",
    "energy_j",
    "energy_high_j",
    "idle_j",
    "region",
    "intensity_g_per_kwh",
    "intensity_year",
    "intensity_source",
    "pue",
    "emissions_low_g",
    "emissions_g",
    "emissions_high_g",
    "replayed_j",
    "guess_j",
)


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """One line a measurement, with what is unknown left empty; components stand in `basis` only.

    `replayed_j` is the part of `energy_j` that nobody used here and now: a sum over cells subtracts it. `guess_j` is
    what the learner expected `energy_j` to be.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        parent = row.get("parent_started_at")
        line = {
            **row,
            "started_at": _iso(row["started_at"]),
            "parent_started_at": _iso(parent) if parent else None,
            "replayed_j": _replayed_j(row),
        }
        writer.writerow(line)
    return out.getvalue()


def to_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Everything that is recorded, components, marks and trace included; what is unknown is null."""
    return json.dumps([dict(row) for row in rows], default=_iso, indent=2, ensure_ascii=False)


def _replayed_j(row: Mapping[str, Any]) -> float | None:
    if row["energy_j"] is None:
        return None
    parts = (part for part in row.get("components", ()) if part["basis"] == "replayed")
    return math.fsum(part["energy_j"] for part in parts if part["energy_j"] is not None)


def _iso(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"to_json: {type(value).__name__} has no place in the ledger")
    # SQLite keeps no time zone; what was written was UTC.
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat(timespec="milliseconds")
