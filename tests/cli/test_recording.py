"""`greenlm record`: a trace of this machine, whatever becomes of the command."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from greenlm_edu.cli.recording import record
from greenlm_edu.energy import load_trace
from greenlm_edu.errors import InputError

pytestmark = pytest.mark.process

app = typer.Typer()
app.command()(record)
BUSY = "import time\nuntil = time.monotonic() + 0.8\nwhile time.monotonic() < until: sum(range(1000))"


def run(*arguments: str):
    return CliRunner().invoke(app, arguments)


def test_a_commands_joules_are_recorded_and_told_with_range_and_basis(tmp_path: Path):
    out = tmp_path / "busy.trace.json"
    result = run("--out", str(out), "--period", "0.05", "--note", "a busy loop", "--", sys.executable, "-c", BUSY)
    assert result.exit_code == 0, result.output
    trace = load_trace(out)
    cpu = next(device for device in trace.devices if device.component == "cpu")
    assert (trace.name, trace.note) == ("busy", "a busy loop")
    assert trace.what_ran == f"{Path(sys.executable).name}, with 2 arguments not kept"
    assert "monotonic" not in trace.text()
    assert str(tmp_path) not in trace.text()
    assert len(cpu.t_s) > 8
    assert f"  {cpu.label}: {cpu.total_j().text('J')} · {cpu.basis}" in result.output
    assert f"Replay it with %%meter --replay {out}" in result.output
    # A busy child shows in every stretch, not in one lump of a second.
    stretches_j = [after - before for before, after in itertools.pairwise(cpu.energy_j)]
    assert max(stretches_j) < 0.5 * sum(stretches_j)


def test_seconds_of_the_machine_as_it_is(tmp_path: Path):
    out = tmp_path / "quiet.json"
    result = run("--seconds", "0.4", "--out", str(out), "--name", "quiet")
    assert result.exit_code == 0
    assert load_trace(out).name == "quiet"
    assert load_trace(out).length_s == pytest.approx(0.4, abs=0.2)


def test_a_failing_commands_exit_code_is_passed_on_and_the_trace_kept(tmp_path: Path):
    out = tmp_path / "failed.trace.json.gz"
    result = run("--out", str(out), "--", sys.executable, "-c", "import time; time.sleep(0.3); raise SystemExit(7)")
    assert result.exit_code == 7
    assert "The command ended with exit code 7." in result.output
    assert load_trace(out).devices


@pytest.mark.skipif(os.name != "posix", reason="signals as a terminal sends them")
@pytest.mark.parametrize("what", [["--seconds", "60"], ["--", sys.executable, "-c", "import time; time.sleep(60)"]])
def test_ctrl_c_keeps_what_was_recorded(tmp_path: Path, what: list[str]):
    out = tmp_path / "stopped.trace.json"
    code = "import typer; from greenlm_edu.cli.recording import record; typer.run(record)"
    # A session of its own, whose whole group is interrupted, as a terminal does it.
    command = [sys.executable, "-c", code, "--out", str(out), *what]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert "It was stopped with Ctrl-C." in told
    assert 0.2 < load_trace(out).length_s < 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "record: it needs either --seconds or a command; got neither"),
        (["--seconds", "1", "--", "true"], "got both"),
        (["--seconds", "1", "--period", "0"], "record --period: it must be 0.01 to 60 seconds; got 0"),
        (["--seconds", "1", "--period", "nan"], "record --period: it must be"),
        (["--seconds", "0.1"], "record --seconds: at this period it must be 0.2 to 3600; got 0.1"),
        (["--seconds", "1e9"], "Choose another --period"),
        (["--seconds", "1", "--name", "../x"], "record --name: it must be words without slashes"),
        (["--seconds", "1", "--out", "there.trace.json"], "“there.trace.json” is there already"),
        (["--seconds", "1", "--out", "x.csv"], "the file must end in .trace.json or .trace.json.gz; got “x.csv”"),
        (["--seconds", "1", "--out", "none/x.json"], "the folder must be there and writable; got “none”"),
        (["--", "no-such-program"], "record: the command must be one that runs; got “no-such-program” (No such file"),
    ],
)
def test_what_cannot_be_is_told_before_anything_runs(tmp_path: Path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.trace.json").write_text("mine")
    result = run(*arguments)
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["there.trace.json"]
