"""The tables of the ledger. Rows are only ever added; in SQLite, triggers hold everyone to that."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, DateTime, Float, ForeignKey, Index, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateIndex, CreateTable

__all__ = [
    "CREATE",
    "SCHEMA_VERSION",
    "SQLITE_APPEND_ONLY",
    "attempts",
    "components",
    "guesses",
    "measurements",
    "predictions",
]

# 1: measurements and components. 2: guesses besides, in a table of their own, because a guess may come after its row
# was written, and rows are never changed. 3: attempts at exercises. 4: predictions. A file of an
# earlier version gains the tables that
# it lacks when it is opened.
SCHEMA_VERSION: Final = 4

metadata = MetaData()

measurements = Table(
    "measurements",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of recording"),
    Column("schema_version", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, comment="UTC"),
    Column("duration_s", Float, nullable=False),
    Column("name", String, nullable=False),
    Column("notebook", String, comment="file name; null outside a notebook"),
    Column("cell_id", String),
    Column("status", String, nullable=False, comment="finished, interrupted or failed: error"),
    Column(
        "parent_started_at",
        DateTime(timezone=True),
        comment="of the measurement around this one, whose joules hold these if it was recorded",
    ),
    Column(
        "basis", String, nullable=False, comment="bases of the total, joined by +; unavailable where nothing is known"
    ),
    Column("energy_low_j", Float, comment="null where nothing is known"),
    Column("energy_j", Float),
    Column("energy_high_j", Float),
    Column("idle_j", Float, comment="part of energy_j; null where idle was not measured"),
    Column("region", String, comment="null where nobody named one"),
    Column("intensity_g_per_kwh", Float, nullable=False),
    Column("intensity_year", Integer, nullable=False),
    Column("intensity_source", String, nullable=False),
    Column("pue", Float, nullable=False),
    Column("emissions_low_g", Float),
    Column("emissions_g", Float),
    Column("emissions_high_g", Float),
    Column("marks", JSON, nullable=False, comment="[{t_s, kind, energy_j, values}], such as epochs with their losses"),
    Column("trace", JSON, nullable=False, comment="{component: [[from s, to s, W], …]}"),
    Column("versions", JSON, nullable=False),
    Column("session", String, nullable=False, comment="one value for each process that recorded"),
)

components = Table(
    "components",
    metadata,
    Column("measurement_id", ForeignKey("measurements.id"), primary_key=True),
    Column("component", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("basis", String, nullable=False),
    Column("energy_low_j", Float, comment="null where not measured; reason says why"),
    Column("energy_j", Float),
    Column("energy_high_j", Float),
    Column("idle_j", Float),
    Column("below_resolution", Boolean, nullable=False),
    Column("error_group", String, nullable=False, comment="components with the same name here are off together"),
    Column("reason", String, nullable=False),
    Column("note", String, nullable=False),
)

guesses = Table(
    "guesses",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of recording: the newest of a measurement counts"),
    Column("measurement_id", ForeignKey("measurements.id"), nullable=False),
    Column("guess_j", Float, nullable=False, comment="the joules that the learner expected"),
    Column(
        "guessed_at",
        DateTime(timezone=True),
        nullable=False,
        comment="UTC, when it was recorded; one that was given while the cell ran is recorded at its end",
    ),
    Index("guesses_by_measurement", "measurement_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of recording"),
    Column("exercise", String, nullable=False, comment="lesson and task, such as 09.bits"),
    Column("tried_at", DateTime(timezone=True), nullable=False, comment="UTC"),
    Column("passed", Boolean, nullable=False),
    Column("hint", String, comment="the mistake's short name; null where it was passed"),
    Column("session", String, nullable=False, comment="one value for each process that recorded"),
    Index("attempts_by_exercise", "exercise"),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", Integer, primary_key=True, comment="in the order of recording"),
    Column("prediction", String, nullable=False, comment="lesson and guess, such as 02.coin"),
    Column("told_at", DateTime(timezone=True), nullable=False, comment="UTC, when the result was shown"),
    Column("guess", Float, nullable=False),
    Column("found", Float, nullable=False, comment="the result, in the same unit"),
    Column("session", String, nullable=False, comment="one value for each process that recorded"),
)

# What makes the tables; each line does nothing where its table or trigger is there already, so that several kernels may
# open a new ledger at the same moment.
CREATE: Final[tuple[CreateTable | CreateIndex, ...]] = (
    *(CreateTable(table, if_not_exists=True) for table in metadata.sorted_tables),
    *(CreateIndex(index, if_not_exists=True) for table in metadata.sorted_tables for index in table.indexes),
)
SQLITE_APPEND_ONLY: Final = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    for table in metadata.sorted_tables
    for verb in ("UPDATE", "DELETE")
)
