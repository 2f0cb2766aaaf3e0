"""Importing the package stays light: a learner's first cell must not wait for TensorFlow."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

HEAVY = ("keras", "tensorflow", "pynvml", "matplotlib", "anywidget", "sqlalchemy", "IPython", "numpy", "distributed")
LIMIT_S = 0.100
ROUNDS = 5


def run(code: str) -> str:
    """What a fresh interpreter prints. -I keeps the user's environment and the current folder out of it."""
    return subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout


def seconds(code: str) -> float:
    started = time.perf_counter()
    run(code)
    return time.perf_counter() - started


def test_importing_the_package_loads_nothing_heavy():
    loaded = json.loads(run("import greenlm_edu, json, sys; print(json.dumps(sorted(sys.modules)))"))
    assert "greenlm_edu" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_importing_the_package_takes_under_100_ms():
    seconds("import greenlm_edu")  # writes the byte code
    pairs = [(seconds("pass"), seconds("import greenlm_edu")) for _ in range(ROUNDS)]
    added_s = statistics.median(full - bare for bare, full in pairs)
    assert added_s < LIMIT_S, (
        f"import greenlm_edu adds {added_s * 1000:.0f} ms to a bare interpreter; the limit is 100 ms."
    )


def test_following_keras_loads_nothing_heavy():
    code = (
        "import json, sys; from greenlm_edu.training import follow_fit; follow_fit(); print(json.dumps([*sys.modules]))"
    )
    loaded = json.loads(run(code))
    assert "greenlm_edu.training.follow" in loaded
    assert [name for name in HEAVY if name in loaded] == []
