"""An emission statement: every field of an honest report, from rows of known truth; what is missing stays missing."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from greenlm_edu import Basis, Interval, Measurement, carbon
from greenlm_edu.cli import app
from greenlm_edu.errors import InputError
from greenlm_edu.ledger import Ledger, Told, statement, to_csv
from greenlm_edu.metering import Component

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
GPU = Component("gpu0", "GPU 0 · H100", Basis.COUNTER, Interval(3.42e6, 3.6e6, 3.78e6), idle_j=0.9e6, error_group="u")
CPU = Component("cpu", "CPU", Basis.MODELLED, Interval(0.2e6, 0.4e6, 0.8e6), idle_j=0.1e6, note="CPU time × 3 W")
LOST = Component("rest", "fans", Basis.UNAVAILABLE, None, reason="nothing here measures fans")
PLAYED = Component("gpu1", "GPU from a trace", Basis.REPLAYED, Interval(9e6, 9e6, 9e6))
ALL_TOLD = Told(
    title="A <small> model",
    author="A. Author",
    contact="author@example.org",
    covers="every run of this model, the failed ones too",
    hardware="one H100 SXM",
    site="a hall in Paris; PUE as its operator published it for 2025",
    functional_unit="trained model",
    units=2,
    embodied=carbon.embodied(device_hours=2),
    market_g_per_kwh=0.0,
    market_source="guarantees of origin, lot 7",
    onsite_l_per_kwh=0.5,
    offsite_l_per_kwh=2.0,
    water_source="the operator's report",
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def add(ledger: Ledger, *components: Component, minute: int = 0, **fields: object) -> Measurement:
    told = {"status": "finished", "region": "FRA", "pue": 1.25, "duration_s": 3600.0, **fields}
    measurement = Measurement(name="run", started_at=NOON + timedelta(minutes=minute), components=components, **told)  # type: ignore[arg-type]
    ledger.append(measurement)
    return measurement


def field(made, name: str):
    (found,) = (one for one in made.fields if one.name.startswith(name))
    return found


def test_every_figure_by_hand(ledger: Ledger):
    add(ledger, GPU, CPU, LOST)
    made = statement(ledger.rows(), ALL_TOLD, made_at=LATER)
    # 3.6 MJ + 0.4 MJ = 4 MJ = 1111 Wh; × 1.25 = 5 MJ with the building = 1.389 kWh × 44.18 g = 61.4 g.
    assert made.headline.startswith("1.11 kWh")
    assert "; 61 g" in made.headline
    assert ", counter + modelled;" in made.headline
    energy = field(made, "Energy").lines
    assert any(line.startswith("measured, counter: 3.6 MJ") and line.endswith("90% of it") for line in energy)
    assert any(line.startswith("estimated, modelled: 400 kJ") and line.endswith("10% of it") for line in energy)
    assert "25% of it" in field(made, "Power at rest").lines[0]  # 1 MJ of 4 MJ
    assert field(made, "Grid").lines[0] == "France (FRA), 44.18 g/kWh, 2024, Ember: 100% of the energy"
    # 4 MJ × 0.5 l/kWh + 5 MJ × 2 l/kWh = 0.556 + 2.778 l
    assert field(made, "Water").lines[0].startswith("3.3 l")
    # (61.4 g + 2 h × 463 kg / 4 years = 26.4 g) / 2 models
    assert field(made, "Software carbon").lines[0].startswith("44 g")
    assert "0 g" in field(made, "Emissions, market").lines[0]
    assert "guarantees of origin, lot 7" in field(made, "Emissions, market").lines[0]
    assert made.made_at == LATER


def test_a_statement_with_all_told_misses_nothing(ledger: Ledger):
    add(ledger, GPU, CPU, LOST)
    made = statement(ledger.rows(), ALL_TOLD)
    assert made.missing == ()
    assert "not measured: fans: nothing here measures fans" in field(made, "Boundary").lines


def test_what_nobody_told_stays_visibly_missing(ledger: Ledger):
    add(ledger, GPU, region=None, pue=1.0)
    made = statement(ledger.rows())
    missing = {one.name: one.missing for one in made.missing}
    assert missing["Emissions, market-based"].startswith("no contract told")
    assert "a PUE of 1 leaves cooling out" in missing["Boundary"]
    assert missing["Grid"] == "1 of 1 measurements name no region"
    assert missing["Making the hardware (embodied)"] == "not included"
    assert missing["Stated by"] == "author and contact"
    assert "Water" in missing
    for page in (made.markdown(), made.html()):
        assert len(re.findall("Missing: ", page)) == len(made.missing)
        assert f"{len(made.missing)} of {len(made.fields)} fields have something missing" in page


def test_nothing_known_is_not_zero(ledger: Ledger):
    add(ledger, LOST)
    made = statement(ledger.rows(), ALL_TOLD)
    assert made.headline == "Energy and emissions are not known: no measurement in the record has joules."
    for name in ("Energy", "Emissions, location", "Emissions, market", "Water", "Software carbon", "For comparison"):
        assert field(made, name).missing
        assert not field(made, name).lines
    assert not re.search(r"\b0(\.0+)? (J|g|Wh)\b", made.markdown())


def test_what_failed_is_counted_and_what_lies_inside_is_not_counted_twice(ledger: Ledger):
    whole = add(ledger, GPU, status="failed: ValueError")
    add(ledger, GPU, minute=1, around=whole)
    made = statement(ledger.rows(), ALL_TOLD)
    runs = field(made, "Which runs").lines
    assert runs[0] == "1 measurements from 2026-03-01 12:00 to 2026-03-01 12:00 UTC: 1 failed"
    assert "1 more lie inside these and are not counted twice" in runs
    assert field(made, "Energy").lines[0].startswith("1.00 kWh")


def test_replayed_joules_are_left_out_and_said_to_be(ledger: Ledger):
    add(ledger, GPU, PLAYED)
    add(ledger, PLAYED, minute=1)
    made = statement(ledger.rows(), ALL_TOLD)
    assert field(made, "Energy").lines[0].startswith("1.00 kWh")
    assert "2 measurements hold replayed joules, which nobody used: those are left out" in field(made, "Which").lines
    only = statement([row for row in ledger.rows() if row["basis"] == "replayed"], ALL_TOLD)
    assert "not known" in only.headline


def test_rows_without_joules_are_told(ledger: Ledger):
    add(ledger, GPU)
    add(ledger, LOST, minute=1)
    made = statement(ledger.rows(), ALL_TOLD)
    assert field(made, "Energy").missing == "1 measurements have no joules and are not in the sum"


def test_two_grids_share_the_energy_and_each_has_its_emissions(ledger: Ledger):
    add(ledger, GPU, pue=1.0)
    add(ledger, GPU, minute=1, region="POL", pue=1.0)
    made = statement(ledger.rows(), ALL_TOLD)
    grid = field(made, "Grid").lines
    assert any("France" in line and "50% of the energy" in line for line in grid)
    assert any("Poland" in line and "50% of the energy" in line for line in grid)
    assert "660 g" in made.headline or "659 g" in made.headline  # 44.18 + 614.98


def test_an_auditor_finds_the_counted_rows_again(ledger: Ledger):
    add(ledger, GPU)
    made = statement(ledger.rows(), ALL_TOLD)
    assert made.fingerprint == hashlib.sha256(to_csv(ledger.rows()).encode()).hexdigest()
    add(ledger, GPU, minute=1)
    assert statement(ledger.rows(), ALL_TOLD).fingerprint != made.fingerprint
    assert made.fingerprint in made.html()


def test_what_an_author_writes_is_text_and_not_markup(ledger: Ledger):
    add(ledger, GPU)
    made = statement(ledger.rows(), ALL_TOLD)
    assert "A &lt;small&gt; model" in made.html()
    assert "<small>" not in made.html()
    assert "A \\<small\\> model" in made.markdown()
    assert "glm-statement" in made._repr_html_()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"market_g_per_kwh": 0.0}, "market_g_per_kwh=0 needs market_source"),
        ({"market_g_per_kwh": -1.0, "market_source": "x"}, "must be 0 or more; got -1.0"),
        ({"onsite_l_per_kwh": 1.0}, "needs water_source"),
        ({"units": 0}, "units must be a number above 0"),
    ],
)
def test_a_figure_without_its_source_is_refused(told, message):
    with pytest.raises(InputError) as caught:
        Told(**told)
    assert message in str(caught.value)


def run(ledger: Ledger | Path, *arguments: str):
    where = ledger.where if isinstance(ledger, Ledger) else str(ledger)
    return CliRunner().invoke(app, ["statement", *arguments], env={"GREENLM_LEDGER": where})


def test_the_command_prints_markdown_and_writes_a_page(ledger: Ledger, tmp_path: Path):
    add(ledger, GPU, CPU)
    shown = run(ledger, "--title", "My model", "--device-kg", "463", "--functional-unit", "model")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("# Emission statement: My model")
    assert "1 device-hours: 463 kg a device (463 – 463)" in shown.stdout
    page = tmp_path / "deep" / "statement.html"
    assert run(ledger, "--out", str(page)).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_tells_that_there_is_no_ledger_and_that_it_is_empty(ledger: Ledger, tmp_path: Path):
    nothing = run(tmp_path / "none.db")
    assert nothing.exit_code == 2
    assert "there must be a ledger" in nothing.stderr
    empty = run(ledger)
    assert empty.exit_code == 2
    assert "the ledger must hold a measurement; got none" in empty.stderr
