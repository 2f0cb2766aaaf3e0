"""The append-only record of measurements."""

from greenlm_edu.ledger.export import to_csv, to_json
from greenlm_edu.ledger.store import SESSION, Ledger, listen, location

__all__ = ["SESSION", "Ledger", "listen", "location", "to_csv", "to_json"]
