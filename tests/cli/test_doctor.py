"""`greenlm doctor`: facts, words, JSON and exit code."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from greenlm_edu import Basis, Interval, ScriptedSource
from greenlm_edu.cli import app
from greenlm_edu.cli.doctor import show_examination
from greenlm_edu.cli.examination import Examination
from greenlm_edu.cli.examination import examine as examine_for
from greenlm_edu.energy import Detection, Missing

REMEDY = (
    "sudo chmod -R a+r /sys/class/powercap/intel-rapl*   # until the next boot; ask an administrator of this machine"
)


@pytest.fixture(autouse=True)
def own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ledger = tmp_path / "ledger.db"
    monkeypatch.setenv("GREENLM_LEDGER", str(ledger))
    monkeypatch.delenv("GREENLM_REGION", raising=False)
    return ledger


def metered_board() -> Detection:
    """A board with a counter that moves every 0.1 s at 100 W, beside a CPU whose counter may not be read."""
    board = ScriptedSource(
        100.0, component="gpu0", label="GPU 0 · Test", basis=Basis.COUNTER, step_s=0.1, gain=Interval(0.95, 1.0, 1.05)
    )
    model = ScriptedSource(3.0, component="cpu", label="CPU model", basis=Basis.MODELLED, gain=Interval(0.5, 1.0, 2.0))
    return Detection(
        sources=(model, board),
        missing=(Missing("rest", "fans", "nothing measures them"),),
        improvable=(Missing("cpu", "CPU package 0", "only root may read it", REMEDY),),
        absent=(Missing("gpu-amd", "AMD GPU", "this machine shows none", present=False),),
    )


def models_only() -> Detection:
    return Detection((ScriptedSource(3.0, component="cpu", basis=Basis.MODELLED),), (), (), ())


def examine(found: Detection, idle_window_s: float = 0.05) -> Examination:
    return examine_for(found, idle_window_s)


def shown(examination: Examination, width: int = 160) -> str:
    screen = io.StringIO()
    show_examination(examination, Console(file=screen, width=width, highlight=False))
    return screen.getvalue()


def test_a_counter_is_told_with_its_step_and_its_power_at_rest():
    board = next(part for part in examine(metered_board(), 0.5).components if part.component == "gpu0")
    assert (board.basis, board.why_not_better) == (Basis.COUNTER, "")
    assert board.resolution == "10 J (100 W × 0.1 s)"
    assert board.idle_power_w is not None
    assert board.idle_power_w.low < 100 < board.idle_power_w.high


def test_where_something_is_measured_the_exit_code_is_0_and_the_verdict_says_what():
    examination = examine(metered_board())
    assert examination.exit_code == 0
    assert examination.verdict == "Measured here: GPU 0 · Test (counter). Only modelled: CPU model."


def test_where_only_models_are_left_the_exit_code_is_3_and_it_is_said():
    examination = examine(models_only())
    assert examination.exit_code == 3
    assert "Nothing is measured on this machine: every joule is the figure of a model" in shown(examination).replace(
        "\n", " "
    )


def test_replayed_joules_are_no_measurement_of_this_machine():
    assert examine(Detection((ScriptedSource(3.0),), (), (), ())).exit_code == 3


def test_the_line_that_mends_it_stands_whole_on_a_narrow_screen():
    lines = [line.strip() for line in shown(examine(metered_board()), width=60).splitlines()]
    assert any(line.endswith(REMEDY) for line in lines)


def test_the_table_tells_every_basis_and_what_the_machine_lacks():
    text = shown(examine(metered_board()))
    for words in ("● counter", "○ modelled", "✕ not measured", "– not on this machine", "±5 %", "× 0.5 to 2"):
        assert words in text


def test_a_source_that_cannot_be_read_is_not_measured_and_says_why():
    from greenlm_edu.errors import EnergyUnavailable

    lost = ScriptedSource(
        5.0, component="gpu0", fails_after_s=0.0, failure=EnergyUnavailable("the board fell off the bus")
    )
    (part,) = examine(Detection((lost,), (), (), ())).components
    assert (part.basis, part.idle_power_w, part.why_not_better) == (
        Basis.UNAVAILABLE,
        None,
        "the board fell off the bus",
    )


def test_no_region_is_told_as_the_world_average():
    examination = examine(models_only())
    assert examination.region.assumed
    assert "no region set: world average" in shown(examination)


def test_an_unknown_region_is_told_and_does_not_end_the_doctor(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GREENLM_REGION", "Frankreich")
    region = examine(models_only()).region
    assert (region.set, region.code) == ("Frankreich", None)
    assert "got “Frankreich”" in region.problem


def test_looking_at_the_ledger_makes_none(own_ledger: Path):
    assert examine(models_only()).ledger.writable
    assert not own_ledger.exists()


def test_a_ledger_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "file" / "ledger.db"))
    ledger = examine(models_only()).ledger
    assert not ledger.writable
    assert (
        ledger.problem
        == f"{tmp_path / 'file'} is a file, not a folder. Set GREENLM_LEDGER to a file that you can write."
    )


def test_a_file_that_is_no_ledger_is_told(own_ledger: Path):
    own_ledger.write_text("no database " * 100)
    assert "not a database" in examine(models_only()).ledger.problem


def test_json_holds_the_schema_and_nothing_else(own_ledger: Path):
    result = CliRunner().invoke(app, ["doctor", "--json"])
    facts = json.loads(result.stdout)
    assert facts["schema"] == "greenlm-doctor/1"
    assert set(facts) == {"schema", "verdict", "components", "ledger", "region", "versions"}
    assert facts["ledger"] == {"where": str(own_ledger), "writable": True, "problem": None}
    assert set(facts["region"]) == {"set", "code", "name", "g_per_kwh", "year", "source", "assumed", "problem"}
    assert (facts["region"]["set"], facts["region"]["assumed"]) == (None, True)
    assert {"greenlm-edu", "python", "keras", "tensorflow"} <= set(facts["versions"])
    for part in facts["components"]:
        assert set(part) == {
            "component", "label", "basis", "present", "off_by", "resolution", "step_j", "idle_power_w", "how",
            "why_not_better", "remedy",
        }  # fmt: skip
    cpu = next(part for part in facts["components"] if part["component"] == "cpu")
    assert set(cpu["idle_power_w"]) == {"low", "best", "high"}
    measured = any(part["basis"] in ("counter", "sampled") for part in facts["components"])
    assert facts["verdict"]["measured"] is measured
    assert result.exit_code == facts["verdict"]["exit_code"] == (0 if measured else 3)
