"""Guesses in the ledger: kept beside the row, whenever they come, in new files and in those of version 1."""

import csv
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sql

from greenlm_edu import ledger, metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.ledger import Ledger
from greenlm_edu.metering import Measurement

# As `sqlite3 ledger.db .schema` shows a file that version 1 made.
VERSION_1 = """
CREATE TABLE measurements (
    id INTEGER NOT NULL, schema_version INTEGER NOT NULL, started_at DATETIME NOT NULL, duration_s FLOAT NOT NULL,
    name VARCHAR NOT NULL, notebook VARCHAR, cell_id VARCHAR, status VARCHAR NOT NULL, parent_started_at DATETIME,
    basis VARCHAR NOT NULL, energy_low_j FLOAT, energy_j FLOAT, energy_high_j FLOAT, idle_j FLOAT, region VARCHAR,
    intensity_g_per_kwh FLOAT NOT NULL, intensity_year INTEGER NOT NULL, intensity_source VARCHAR NOT NULL,
    pue FLOAT NOT NULL, emissions_low_g FLOAT, emissions_g FLOAT, emissions_high_g FLOAT, marks JSON NOT NULL,
    trace JSON NOT NULL, versions JSON NOT NULL, session VARCHAR NOT NULL, PRIMARY KEY (id));
CREATE TABLE components (
    measurement_id INTEGER NOT NULL, component VARCHAR NOT NULL, label VARCHAR NOT NULL, basis VARCHAR NOT NULL,
    energy_low_j FLOAT, energy_j FLOAT, energy_high_j FLOAT, idle_j FLOAT, below_resolution BOOLEAN NOT NULL,
    error_group VARCHAR NOT NULL, reason VARCHAR NOT NULL, note VARCHAR NOT NULL,
    PRIMARY KEY (measurement_id, component), FOREIGN KEY(measurement_id) REFERENCES measurements (id));
CREATE TRIGGER components_no_update BEFORE UPDATE ON components
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER components_no_delete BEFORE DELETE ON components
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER measurements_no_update BEFORE UPDATE ON measurements
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER measurements_no_delete BEFORE DELETE ON measurements
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
INSERT INTO measurements (id, schema_version, started_at, duration_s, name, status, basis, energy_low_j, energy_j,
    energy_high_j, intensity_g_per_kwh, intensity_year, intensity_source, pue, marks, trace, versions, session)
    VALUES (1, 1, '2026-01-02 03:04:05.000000', 2.0, 'old', 'finished', 'modelled', 50, 100, 200, 472.94, 2024, 'Ember',
    1.0, '[]', '{}', '{}', 'then');
INSERT INTO components VALUES (1, 'cpu', 'CPU', 'modelled', 50, 100, 200, NULL, 0, 'model', '', '');
"""


def finished(name="cell", guess_j=None):
    measurement = metering.start(name, sources=[ScriptedSource(100.0)])
    if guess_j is not None:
        metering.set_guess(measurement, guess_j)
    return metering.finish(measurement)


@pytest.fixture
def listening(tmp_path):
    """A ledger that listens; gives its rows anew each time."""
    path = tmp_path / "ledger.db"
    stop = ledger.listen(path)
    yield lambda: Ledger(path).rows()
    stop()


def test_a_guess_of_before_the_end_is_recorded_with_the_row(listening):
    finished(guess_j=500.0)
    (row,) = listening()
    assert row["guess_j"] == 500.0
    assert row["schema_version"] == 4


def test_who_did_not_guess_has_none(listening):
    finished()
    assert listening()[0]["guess_j"] is None


def test_a_guess_after_the_end_finds_its_row_and_the_newest_counts(listening):
    first, second = finished("first"), finished("second", guess_j=1.0)
    metering.set_guess(first, 70.0)
    metering.set_guess(second, 2.0)
    metering.set_guess(second, 3.0)
    assert {row["name"]: row["guess_j"] for row in listening()} == {"first": 70.0, "second": 3.0}


def test_every_guess_is_kept_with_its_time_of_day(listening, tmp_path):
    measurement = finished(guess_j=1.0)
    metering.set_guess(measurement, 2.0)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        kept = connection.execute("SELECT guess_j, guessed_at FROM guesses ORDER BY id").fetchall()
    assert [guess_j for guess_j, _ in kept] == [1.0, 2.0]
    for _, told in kept:
        assert abs(datetime.now(UTC) - datetime.fromisoformat(told).replace(tzinfo=UTC)) < timedelta(minutes=1)


def test_a_guess_on_what_was_never_recorded_is_nobodys_row(listening):
    metering.set_guess(Measurement(status="finished"), 5.0)
    finished()
    assert [row["guess_j"] for row in listening()] == [None]


def test_it_stops_listening_to_guesses_too(tmp_path):
    stop = ledger.listen(tmp_path / "ledger.db")
    measurement = finished()
    stop()
    metering.set_guess(measurement, 5.0)
    assert Ledger(tmp_path / "ledger.db").rows()[0]["guess_j"] is None


@pytest.mark.parametrize("statement", ["DELETE FROM guesses", "UPDATE guesses SET guess_j = 0"])
def test_a_guess_can_be_neither_changed_nor_deleted(listening, tmp_path, statement):
    finished(guess_j=5.0)
    engine = sql.create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    with pytest.raises(sql.exc.IntegrityError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_a_file_of_version_1_opens_and_takes_guesses(tmp_path):
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(VERSION_1)
    store = Ledger(path)
    (old,) = store.rows()
    assert (old["name"], old["schema_version"], old["guess_j"]) == ("old", 1, None)
    assert old["components"][0]["label"] == "CPU"
    store.append_guess(old["id"], 30.0)
    store.append(finished("new", guess_j=500.0))
    assert [row["guess_j"] for row in store.rows()] == [30.0, 500.0]
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM guesses")


def test_exports_hold_the_guess(listening):
    finished(guess_j=500.0)
    finished()
    rows = listening()
    assert [line["guess_j"] for line in csv.DictReader(io.StringIO(ledger.to_csv(rows)))] == ["500.0", ""]
    assert [row["guess_j"] for row in json.loads(ledger.to_json(rows))] == [500.0, None]


def test_a_row_inside_a_provisional_one_names_it_so_that_neither_sum_counts_twice(listening):
    outer = metering.start("cell", sources=[ScriptedSource(100.0)], provisional=True)
    finished("block")
    metering.finish(outer)
    block, cell = listening()
    assert block["parent_started_at"] == cell["started_at"]


def test_a_row_inside_one_that_was_dropped_names_no_row(listening):
    outer = metering.start("cell", sources=[ScriptedSource(100.0)], provisional=True)
    finished("block")
    metering.drop(outer)
    (block,) = listening()
    assert block["parent_started_at"] not in {None, block["started_at"]}
