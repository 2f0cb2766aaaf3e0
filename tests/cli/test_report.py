"""`greenlm report`: the ledger as it stands, and totals that are neither too narrow nor counted twice."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from greenlm_edu import Basis, Interval, Measurement, ScriptedSource, measure
from greenlm_edu.cli import app
from greenlm_edu.ledger import Ledger, listen
from greenlm_edu.ledger.totals import part_of, total_of
from greenlm_edu.metering import Component

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CPU = Component("cpu", "CPU", Basis.MODELLED, Interval(50, 100, 200), error_group="machine model")
MEMORY = Component("memory", "memory", Basis.MODELLED, Interval(5, 10, 20), error_group="machine model")
GPU = Component("gpu0", "GPU 0", Basis.COUNTER, Interval(285, 300, 315), error_group="uuid")
LOST = Component("gpu0", "GPU 0", Basis.UNAVAILABLE, None, reason="lost")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def add(ledger: Ledger, name: str, *components: Component, minute: int = 0, **fields: object) -> Measurement:
    """One row: 2 s long, begun so many minutes after noon."""
    measurement = Measurement(
        name=name,
        started_at=NOON + timedelta(minutes=minute),
        duration_s=2.0,
        components=components,
        status="finished",
        **fields,  # type: ignore[arg-type]
    )
    ledger.append(measurement)
    return measurement


def run(ledger: Ledger | Path, *arguments: str) -> Result:
    where = ledger.where if isinstance(ledger, Ledger) else str(ledger)
    return CliRunner().invoke(app, ["report", *arguments], env={"GREENLM_LEDGER": where, "COLUMNS": "200"})


def test_one_models_errors_add_linearly_over_rows_and_independent_ones_in_quadrature(ledger: Ledger):
    add(ledger, "first", CPU, MEMORY, GPU)
    add(ledger, "second", CPU, MEMORY, GPU, minute=1)
    energy_j = total_of(ledger.rows()).energy_j
    # By hand: models 2 × 110 (55 to 220) = 220 (110 to 440); board 600 (570 to 630).
    assert energy_j is not None
    assert energy_j.best == pytest.approx(820)
    assert energy_j.low == pytest.approx(820 - math.hypot(220 - 110, 30))
    assert energy_j.high == pytest.approx(820 + math.hypot(440 - 220, 30))


def test_a_row_inside_another_is_not_counted_twice(ledger: Ledger):
    outer = add(ledger, "outer", CPU)
    add(ledger, "inner", CPU, minute=1, around=outer)
    total = total_of(ledger.rows())
    assert (total.rows, total.nested, total.duration_s) == (1, 1, 2.0)
    assert total.energy_j == Interval(50, 100, 200)
    assert "1 measurement; 1 inside others, not counted twice" in run(ledger).stdout


def test_a_row_inside_one_that_is_not_shown_is_counted(ledger: Ledger):
    outer = Measurement(started_at=NOON)
    add(ledger, "inner", CPU, minute=1, around=outer)
    assert total_of(ledger.rows()).energy_j == Interval(50, 100, 200)
    assert "(in another)" not in run(ledger).stdout


def test_a_row_inside_one_that_is_shown_says_so(ledger: Ledger):
    outer = add(ledger, "outer", CPU)
    add(ledger, "inner", CPU, minute=1, around=outer)
    (line,) = (line for line in run(ledger).stdout.splitlines() if "(in another)" in line)
    assert "inner" in line


def test_guesses_have_a_column_where_there_are_any(ledger: Ledger):
    add(ledger, "plain", CPU)
    assert "┃ guess" not in run(ledger).stdout
    add(ledger, "guessed", CPU, minute=1, guess_j=1234.0)
    text = run(ledger).stdout
    assert "┃ guess" in text
    (line,) = (line for line in text.splitlines() if " guessed " in line)
    assert "1.2 kJ" in line
    plain, guessed = csv.DictReader(io.StringIO(run(ledger, "--format", "csv").stdout))
    assert (plain["guess_j"], guessed["guess_j"]) == ("", "1234.0")


def test_unknown_joules_are_not_measured_and_never_zero(ledger: Ledger):
    add(ledger, "lost", LOST)
    text = run(ledger).stdout
    assert text.count("not measured") >= 4  # energy, basis and emissions of the row, and in the total
    assert "0 J" not in text
    assert total_of(ledger.rows()).energy_j is None


def test_an_unknown_row_is_named_beside_the_total(ledger: Ledger):
    add(ledger, "lost", LOST)
    add(ledger, "known", CPU, minute=1)
    text = run(ledger).stdout
    assert "1 measurement; 1 not measured, not in the sum" in text
    assert "100 J (50 – 200 J)" in text


def test_emissions_of_all_rows_share_the_grids_error(ledger: Ledger):
    first, second = (add(ledger, name, GPU, region="FRA", minute=i) for i, name in enumerate(("a", "b")))
    parts = [first.footprint().emissions_g, second.footprint().emissions_g]
    emissions_g = total_of(ledger.rows()).emissions_g
    assert emissions_g is not None
    assert emissions_g.low == pytest.approx(sum(part.low for part in parts))
    assert emissions_g.high == pytest.approx(sum(part.high for part in parts))


def test_the_table_tells_region_or_world_average_and_basis(ledger: Ledger):
    add(ledger, "here", CPU, region="FRA", context={"notebook": "09_keras_transformer.ipynb"})
    add(ledger, "there", GPU, minute=1)
    text = run(ledger).stdout
    for words in ("09_keras_transformer.ipynb · here", "FRA", "world average", "○ modelled", "● counter", "finished"):
        assert words in text
    assert "● counter + ○ modelled" in text  # the total


def test_a_name_is_shown_as_it_is_not_as_markup(ledger: Ledger):
    add(ledger, "[bold]loud[/bold]", CPU)
    assert "[bold]loud[/bold]" in run(ledger).stdout


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_scripted_joules_are_totalled_apart_as_replays(ledger: Ledger):
    clock, off = Clock(), Interval(0.5, 1.0, 2.0)
    stop = listen(ledger.where)
    try:
        with measure("one", sources=[ScriptedSource(100.0, clock=clock, gain=off)]):
            clock.now_s += 10
        with measure("two", sources=[ScriptedSource([(0, 0), (4, 100)], clock=clock, gain=off)]):
            clock.now_s += 4
    finally:
        stop()
    add(ledger, "own", CPU)
    text = run(ledger).stdout
    own, replayed = (line for line in text.splitlines() if "│ total" in line)
    assert "100 J (50 – 200 J)" in own
    # By hand: 100 W × 10 s and the triangle 4 s × 100 W ÷ 2, off by ×/÷ 2 both in the same way.
    assert "2 measurements; replayed, not used here" in replayed
    assert "1.2 kJ (0.60 – 2.4 kJ)" in replayed


def test_csv_comes_back_as_it_was_recorded(ledger: Ledger):
    add(ledger, "a, b", CPU, GPU, region="FRA")
    add(ledger, "lost", LOST, minute=1)
    known, lost = csv.DictReader(io.StringIO(run(ledger, "--format", "csv").stdout))
    row = ledger.rows()[0]
    assert (known["name"], known["basis"], known["region"]) == ("a, b", "counter+modelled", "FRA")
    for column in ("energy_low_j", "energy_j", "energy_high_j", "emissions_g", "duration_s"):
        assert float(known[column]) == row[column]
    assert datetime.fromisoformat(known["started_at"]) == NOON
    assert (lost["energy_j"], lost["emissions_g"]) == ("", "")


def test_json_holds_the_components(ledger: Ledger):
    add(ledger, "a", CPU, LOST)
    (row,) = json.loads(run(ledger, "--format", "json").stdout)
    assert {part["component"]: part["energy_j"] for part in row["components"]} == {"cpu": 100, "gpu0": None}


def test_last_takes_the_newest(ledger: Ledger):
    for minute, name in enumerate(("first", "second", "third")):
        add(ledger, name, CPU, minute=minute)
    names = [row["name"] for row in json.loads(run(ledger, "--format", "json", "--last", "2").stdout)]
    assert names == ["second", "third"]


@pytest.mark.parametrize("name", ["09_keras_transformer.ipynb", "09_keras_transformer", "9", "09"])
def test_a_notebook_is_found_by_file_stem_or_number(ledger: Ledger, name: str):
    add(ledger, "mine", CPU, context={"notebook": "09_keras_transformer.ipynb"})
    add(ledger, "other", CPU, minute=1, context={"notebook": "00_start_here.ipynb"})
    (row,) = json.loads(run(ledger, "--format", "json", "--notebook", name).stdout)
    assert row["name"] == "mine"


def test_an_unknown_notebook_is_an_error_that_lists_those_in_the_ledger(ledger: Ledger):
    add(ledger, "mine", CPU, context={"notebook": "09_keras_transformer.ipynb"})
    result = run(ledger, "--notebook", "nine")
    assert result.exit_code == 2
    assert "got “nine”. It holds: 09_keras_transformer.ipynb." in result.stderr


def test_an_empty_ledger_is_a_friendly_line_and_is_not_made(tmp_path: Path):
    result = run(tmp_path / "none.db")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Nothing is recorded yet in {tmp_path / 'none.db'}. Run a lesson")
    assert not (tmp_path / "none.db").exists()


def test_an_empty_ledger_is_an_empty_list_in_json(tmp_path: Path):
    assert json.loads(run(tmp_path / "none.db", "--format", "json").stdout) == []


def test_a_ledger_that_is_named_must_exist(tmp_path: Path):
    result = run(tmp_path / "own.db", "--ledger", str(tmp_path / "none.db"))
    assert result.exit_code == 2
    assert result.stderr.startswith("greenlm report --ledger: it must name a ledger that exists; got")


def test_a_file_is_written_and_said_on_stderr(ledger: Ledger, tmp_path: Path):
    add(ledger, "a", CPU)
    result = run(ledger, "--out", str(tmp_path / "new" / "report.txt"))
    assert result.stdout == ""
    assert result.stderr == f"Written to {tmp_path / 'new' / 'report.txt'}\n"
    assert "100 J (50 – 200 J)" in (tmp_path / "new" / "report.txt").read_text(encoding="utf-8")


def test_a_row_that_is_replayed_in_part_is_split_between_the_totals(ledger: Ledger):
    cpu = Component("cpu", "CPU", Basis.MODELLED, Interval(5, 10, 20), error_group="machine model")
    film = Component("replayed-gpu0", "film", Basis.REPLAYED, Interval(90, 100, 110), error_group="film")
    add(ledger, "mixed", cpu, film)
    add(ledger, "own", cpu, minute=1)
    rows = ledger.rows()
    used = total_of(part for row in rows if (part := part_of(row, replayed=False)))
    replayed = total_of(part for row in rows if (part := part_of(row, replayed=True)))
    assert used.energy_j == Interval(10, 20, 40)  # one model's error, so it adds linearly
    assert replayed.energy_j == Interval(90, 100, 110)
    assert used.bases == (Basis.MODELLED,)
    mixed, own = (row["emissions_g"] for row in rows)
    assert used.emissions_g.best == pytest.approx(mixed / 11 + own)
    assert replayed.emissions_g.best == pytest.approx(mixed * 10 / 11)
