"""`greenlm lab`: the command that it builds, and one real start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from greenlm_edu.cli.lab import address, has_browser, jupyter_arguments

LINUX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="ends it with SIGINT, which Windows does not send")


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "00_start_here.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    return folder


def test_it_starts_this_pythons_jupyterlab_on_the_first_lesson(notebooks: Path):
    arguments = jupyter_arguments(notebooks, port=None, browser=True, is_root=False)
    assert arguments[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={notebooks}" in arguments
    assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in arguments
    assert not any(part.startswith(("--no-browser", "--allow-root", "--ServerApp.port")) for part in arguments)


def test_port_no_browser_and_root_are_told(notebooks: Path):
    arguments = jupyter_arguments(notebooks, port=8899, browser=False, is_root=True)
    assert {"--ServerApp.port=8899", "--no-browser", "--allow-root"} <= set(arguments)


def test_what_a_person_adds_stands_last_so_it_wins(notebooks: Path):
    arguments = jupyter_arguments(notebooks, port=8899, browser=True, is_root=False, extra=["--ServerApp.port=1234"])
    assert arguments[-1] == "--ServerApp.port=1234"


def test_a_token_never_stands_among_the_arguments(notebooks: Path):
    assert not any("token=" in part for part in jupyter_arguments(notebooks, port=None, browser=True, is_root=False))


def test_the_address_is_the_servers_own(notebooks: Path):
    server = {"url": "http://localhost:8890/", "token": "abc", "port": 8890}
    assert address(server, notebooks) == "http://localhost:8890/lab/tree/00_start_here.ipynb?token=abc"
    assert address({**server, "token": ""}, notebooks) == "http://localhost:8890/lab/tree/00_start_here.ipynb"


def test_linux_without_a_display_has_no_browser():
    assert not has_browser({}, "linux")


@pytest.mark.process
@LINUX_ONLY
def test_a_server_starts_on_the_next_free_port_answers_and_ends_with_ctrl_c(
    notebooks: Path, offline_environment: dict[str, str]
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        lab = subprocess.Popen(
            [sys.executable, "-m", "greenlm_edu", "lab", "--no-browser", "--port", str(port)],
            cwd=notebooks.parent,
            env=offline_environment
            | {"JUPYTER_RUNTIME_DIR": str(notebooks.parent / "runtime"), "JUPYTER_CONFIG_DIR": str(notebooks.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        patience = threading.Timer(60, lab.kill)
        patience.start()
        try:
            assert lab.stdout is not None
            said = ""
            while "Ctrl-C ends it." not in said:
                line = lab.stdout.readline()
                assert line, f"it ended early: {said}"
                said += line
            shown = re.search(r"http://\S+", said)
            assert shown, said
            assert f"localhost:{port}/" not in shown[0]
            assert f"Port {port} is taken" in said
            with urllib.request.urlopen(shown[0], timeout=30) as answer:
                assert answer.status == 200
                assert "/lab/tree/00_start_here.ipynb" in answer.geturl()
            os.kill(lab.pid, signal.SIGINT)
            rest = lab.stdout.read()
            assert lab.wait(20) == 0
            assert rest.rstrip().endswith("JupyterLab has ended.")
            assert "Traceback" not in rest
        finally:
            patience.cancel()
            lab.terminate()
            lab.wait(20)
