"""The append-only record of measurements; the database is loaded when a name that needs it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenlm_edu.ledger.emission_statement import Statement, Told, statement
    from greenlm_edu.ledger.export import to_csv, to_json
    from greenlm_edu.ledger.store import SESSION, Ledger, listen, location
    from greenlm_edu.ledger.totals import Total, total_of

__all__ = [
    "SESSION",
    "Ledger",
    "Statement",
    "Told",
    "Total",
    "listen",
    "location",
    "statement",
    "to_csv",
    "to_json",
    "total_of",
]

_HOMES = {
    "SESSION": "store",
    "Ledger": "store",
    "Statement": "emission_statement",
    "Told": "emission_statement",
    "Total": "totals",
    "listen": "store",
    "location": "store",
    "statement": "emission_statement",
    "to_csv": "export",
    "to_json": "export",
    "total_of": "totals",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
