"""An emission statement made from the record: every field of an honest report, and what is missing stays missing.

The fields are those that the SCI standard, the GHG Protocol's Scope 2 guidance and the papers on reporting ask for.

Source: ISO/IEC 21031:2024 (SCI); GHG Protocol Scope 2 Guidance 2015; Strubell et al. 2019; Patterson et al. 2021;
Luccioni et al. 2023; Morrison et al. 2025.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from greenlm_edu.errors import InputError
from greenlm_edu.ledger.export import to_csv
from greenlm_edu.ledger.statement_fields import Counted, Field, fields_of, headline_of
from greenlm_edu.ledger.statement_page import as_html, as_markdown
from greenlm_edu.ledger.told import Told
from greenlm_edu.ledger.totals import counted_rows, part_of, total_of

__all__ = ["Field", "Statement", "Told", "statement"]


@dataclass(frozen=True)
class Statement:
    """A statement of energy and emissions; shows itself in a notebook.

    Args:
        title: what was computed.
        headline: energy and emissions in one line, each with its range and how it is known.
        fields: in the order of the report.
        made_at: when it was made, UTC.
        fingerprint: SHA-256 of the counted measurements as CSV, by which an auditor holds it to the ledger.
    """

    title: str
    headline: str
    fields: tuple[Field, ...]
    made_at: datetime
    fingerprint: str

    @property
    def missing(self) -> tuple[Field, ...]:
        """The fields in which something is not known."""
        return tuple(field for field in self.fields if field.missing)

    def markdown(self) -> str:
        """The statement as Markdown."""
        return as_markdown(self)

    def html(self) -> str:
        """The statement as one self-contained page."""
        return as_html(self, page=True)

    def _repr_html_(self) -> str:
        return as_html(self, page=False)


def statement(
    rows: Iterable[Mapping[str, Any]], told: Told | None = None, *, made_at: datetime | None = None
) -> Statement:
    """An emission statement from rows of the ledger.

    Replayed joules, which nobody used, are left out and said to be; rows inside others are counted once.

    Args:
        rows: as `Ledger.rows` gives them.
        told: what no meter knows.
        made_at: the time to print; now, if left out.
    Raises:
        InputError: there is no row.
    Lesson: notebooks/16.

    >>> statement([])
    Traceback (most recent call last):
    greenlm_edu.errors.InputError: statement: the ledger must hold a measurement; got none. Run a metered cell first.
    """
    rows, told = list(rows), told or Told()
    if not rows:
        raise InputError("statement: the ledger must hold a measurement; got none. Run a metered cell first.")
    used = [part for row in rows if (part := part_of(row, replayed=False)) is not None]
    replayed = sum("replayed" in row["basis"].split("+") for row in rows)
    counted = Counted(counted_rows(used), total_of(used), replayed, told)
    return Statement(
        title=told.title or "untitled computation",
        headline=headline_of(counted.total),
        fields=fields_of(counted),
        made_at=made_at or datetime.now(UTC),
        fingerprint=hashlib.sha256(to_csv(counted.rows).encode()).hexdigest(),
    )
