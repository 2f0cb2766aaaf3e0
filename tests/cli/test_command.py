"""The command itself: help, version, exit codes, and that it starts quickly."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from greenlm_edu import __version__
from greenlm_edu.cli import app
from greenlm_edu.cli.app import _Commands
from greenlm_edu.errors import InputError

HEAVY = ("IPython", "jupyterlab", "keras", "matplotlib", "nbclient", "nbconvert", "psutil", "pynvml", "sqlalchemy")


def test_version_names_the_package():
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"greenlm-edu {__version__}\n")


def test_help_lists_every_command():
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for command in ("doctor", "lab", "lessons", "report"):
        assert f"\n  {command} " in result.stdout


def test_loading_the_commands_loads_nothing_heavy():
    code = f"import sys, greenlm_edu.cli; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not tell a child's CPU time")
def test_help_takes_less_than_half_a_second_of_cpu():
    def cpu_s() -> float:
        child = subprocess.Popen([sys.executable, "-m", "greenlm_edu", "--help"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        return used.ru_utime + used.ru_stime

    assert min(cpu_s() for _ in range(3)) < 0.5


def commands_raising(error: BaseException) -> typer.Typer:
    failing = typer.Typer(cls=_Commands)

    @failing.callback()
    def _root() -> None: ...

    @failing.command()
    def fail() -> None:
        raise error

    return failing


def test_an_error_of_ours_is_one_line_on_stderr_and_exit_code_2():
    result = CliRunner().invoke(commands_raising(InputError("there: a thing must hold;\ngot none.")), ["fail"])
    assert result.exit_code == 2
    assert result.stderr == "greenlm there: a thing must hold; got none.\n"
    assert result.stdout == ""


def test_ctrl_c_ends_quietly_with_130():
    result = CliRunner().invoke(commands_raising(KeyboardInterrupt()), ["fail"])
    assert (result.exit_code, result.output) == (130, "")
