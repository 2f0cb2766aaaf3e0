"""What was tried, in this session and, through the ledger, in those before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, TypeVar

from greenlm_edu.errors import LedgerUnavailable
from greenlm_edu.ledger import SESSION, Ledger

__all__ = ["record", "record_prediction", "tried"]

T = TypeVar("T")

# exercise -> how often it was tried, and whether it was passed, since this process began
_tries: Final[Counter[str]] = Counter()
_passed: Final[set[str]] = set()


def record(exercise: str, passed: bool, hint: str | None) -> None:
    """Keep one attempt; where no ledger can be written, for this session only (cards say what is wrong with it)."""
    _tries[exercise] += 1
    if passed:
        _passed.add(exercise)
    _with_ledger(lambda ledger: ledger.append_attempt(exercise, passed, hint), None)


def record_prediction(name: str, guess: float, found: float) -> None:
    """Keep a guess and what was found, where a ledger can be written."""
    _with_ledger(lambda ledger: ledger.append_prediction(name, guess, found), None)


def tried(exercise: str) -> tuple[int, bool]:
    """How often an exercise was tried on this machine, and whether it was ever passed."""
    rows: list[dict[str, Any]] = _with_ledger(lambda ledger: ledger.attempts(exercise), [])
    earlier = [row for row in rows if row["session"] != SESSION]
    return len(earlier) + _tries[exercise], exercise in _passed or any(row["passed"] for row in earlier)


def _with_ledger(use: Callable[[Ledger], T], otherwise: T) -> T:
    try:
        ledger = Ledger()
        try:
            return use(ledger)
        finally:
            ledger.close()
    except LedgerUnavailable:
        return otherwise
