"""The benchmark runs and prints every bar; whether a bar is met depends on the machine and is not judged here."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_the_meters_benchmark_prints_its_table():
    run = subprocess.run(
        [sys.executable, "benchmarks/meter.py", "--quick"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for what in ("truth inside the interval", "busy neighbour", "sampler at 10 Hz", "Keras fit", "sockets opened"):
        assert what in run.stdout
