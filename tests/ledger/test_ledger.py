"""The ledger: append-only, complete, shared by several processes, and never in a learner's way."""

import csv
import io
import json
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sql

from greenlm_edu import ledger, metering
from greenlm_edu.energy import Basis, ScriptedSource, replay_sources
from greenlm_edu.errors import LedgerUnavailable
from greenlm_edu.interval import Interval
from greenlm_edu.ledger import Ledger
from greenlm_edu.metering import measure


def a_measurement(name="cell", region="FRA"):
    source = ScriptedSource(100.0, component="gpu0", label="GPU 0", gain=Interval(0.9, 1, 1.1))
    with measure(name, region=region, sources=[source]) as m:
        time.sleep(0.05)
        metering.mark(m, "epoch", epoch=1, loss=2.5)
    m.context.update(notebook="09_keras_transformer.ipynb", cell_id="abc")
    return m


def test_a_row_holds_what_the_measurement_says(tmp_path):
    m, store = a_measurement(), Ledger(tmp_path / "deep" / "ledger.db")
    number = store.append(m)
    (row,) = store.rows()
    assert row["id"] == number
    assert (row["energy_low_j"], row["energy_j"], row["energy_high_j"]) == (
        m.energy_j.low,
        m.energy_j.best,
        m.energy_j.high,
    )
    assert (row["notebook"], row["cell_id"], row["region"], row["basis"]) == (
        "09_keras_transformer.ipynb",
        "abc",
        "FRA",
        "replayed",
    )
    assert (row["intensity_g_per_kwh"], row["intensity_year"], row["intensity_source"]) == (44.18, 2024, "Ember")
    assert row["emissions_g"] == pytest.approx(m.energy_j.best / 3.6e6 * 44.18)
    assert row["marks"][0]["values"] == {"epoch": 1, "loss": 2.5}
    assert row["components"][0]["component"] == "gpu0"
    assert "python" in row["versions"]


def test_unknown_stays_unknown_and_is_never_zero(tmp_path):
    store = Ledger(tmp_path / "ledger.db")
    with measure("dark", sources=[]) as m:
        pass
    store.append(m)
    (row,) = store.rows()
    assert (row["energy_j"], row["emissions_g"], row["basis"], row["region"]) == (None, None, "unavailable", None)
    line = next(csv.DictReader(io.StringIO(ledger.to_csv([row]))))
    assert line["energy_j"] == ""


@pytest.mark.parametrize("table", ["measurements", "components"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET energy_j = 0"])
def test_rows_can_be_neither_changed_nor_deleted(tmp_path, table, verb):
    store = Ledger(tmp_path / "ledger.db")
    store.append(a_measurement())
    engine = sql.create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    with pytest.raises(sql.exc.IntegrityError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(verb.format(table))


def test_finished_measurements_are_recorded_while_it_listens(tmp_path):
    stop = ledger.listen(tmp_path / "ledger.db")
    a_measurement("first")
    stop()
    a_measurement("second")
    assert [row["name"] for row in Ledger(tmp_path / "ledger.db").rows()] == ["first"]


def test_a_path_that_cannot_be_written_is_told_and_the_block_goes_on(tmp_path):
    (tmp_path / "file").write_text("in the way")
    stop = ledger.listen(tmp_path / "file" / "ledger.db")
    try:
        m = a_measurement()
    finally:
        stop()
    assert m.status == "finished"
    (notice,) = m.notices
    assert notice.startswith(f"ledger {tmp_path}/file/ledger.db: it must be possible to open it; got “")
    assert notice.endswith("Set GREENLM_LEDGER to a file that you can write. Until then nothing is recorded.")


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "ledger.db").write_text("not a database, but long enough to be looked at " * 40)
    with pytest.raises(LedgerUnavailable, match="file is not a database"):
        Ledger(tmp_path / "ledger.db")


def test_a_password_is_never_shown():
    with pytest.raises(LedgerUnavailable) as caught:
        Ledger("postgresql+nosuchdriver://me:secret@localhost/class")
    assert "secret" not in str(caught.value)


def test_it_is_a_write_ahead_log(tmp_path):
    Ledger(tmp_path / "ledger.db")
    engine = sql.create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_new_file_that_another_kernel_is_preparing_is_waited_for(tmp_path):
    path = tmp_path / "ledger.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # here SQLite refuses the write-ahead log at once, whatever patience it was given
    done = threading.Timer(0.3, other.execute, ["COMMIT"])
    done.start()
    Ledger(path).close()
    done.join()
    other.close()


@pytest.mark.process
def test_several_processes_write_at_once_and_lose_nothing(tmp_path):
    code = (
        "import sys\nfrom greenlm_edu import ledger\nfrom greenlm_edu.energy import ScriptedSource\n"
        "from greenlm_edu.metering import measure\nledger.listen(sys.argv[1])\n"
        "for n in range(20):\n"
        "    with measure(f'{sys.argv[2]}-{n}', sources=[ScriptedSource(1.0)]) as m: pass\n"
        "    assert not m.notices, m.notices\n"
    )
    path = tmp_path / "ledger.db"
    workers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "abc"]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    rows = Ledger(path).rows()
    assert {row["name"] for row in rows} == {f"{name}-{n}" for name in "abc" for n in range(20)}
    assert len({row["session"] for row in rows}) == 3


def test_the_place_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "mine.db"))
    assert ledger.location() == str(tmp_path / "mine.db")
    assert Ledger().where == str(tmp_path / "mine.db")


def test_json_gives_everything_back(tmp_path):
    store = Ledger(tmp_path / "ledger.db")
    store.append(a_measurement())
    (row,) = json.loads(ledger.to_json(store.rows()))
    assert row["components"][0]["label"] == "GPU 0"
    assert row["started_at"].endswith("+00:00")
    assert row["trace"]["gpu0"]


def test_a_replayed_part_is_marked_in_the_row_and_in_every_export(tmp_path):
    own = ScriptedSource(10.0, component="cpu", label="CPU", basis=Basis.MODELLED)
    with measure("mixed", sources=[own], beside=replay_sources("gpu-synthetic-bursts")) as m:
        time.sleep(0.05)
    store = Ledger(tmp_path / "ledger.db")
    store.append(a_measurement("film"))
    store.append(m)
    film, mixed = store.rows()
    assert mixed["basis"] == "modelled+replayed"
    (part,) = (part for part in mixed["components"] if part["basis"] == "replayed")
    assert part["label"] == "GPU 0 · synthetic, replayed"
    assert "synthetic" in part["note"]
    lines = list(csv.DictReader(io.StringIO(ledger.to_csv([film, mixed]))))
    assert float(lines[0]["replayed_j"]) == pytest.approx(float(lines[0]["energy_j"]))
    assert float(lines[1]["replayed_j"]) == pytest.approx(m.replayed_j.best)
    assert float(lines[1]["energy_j"]) - float(lines[1]["replayed_j"]) == pytest.approx(m.own_energy_j.best)
    (_, row) = json.loads(ledger.to_json([film, mixed]))
    assert [part["basis"] for part in row["components"]].count("replayed") == 1
    assert "replayed-gpu0" in row["trace"]


def test_only_the_newest_or_one_notebook(tmp_path):
    store = Ledger(tmp_path / "ledger.db")
    for name in "abc":
        store.append(a_measurement(name))
    assert [row["name"] for row in store.rows(last=2)] == ["b", "c"]
    assert store.rows(notebook="other.ipynb") == []
