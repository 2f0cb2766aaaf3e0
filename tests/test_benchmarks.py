"""The benchmark runs and prints every bar; whether a bar is met depends on the machine and is not judged here."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_the_toy_languages_benchmark_prints_its_ratio():
    run = subprocess.run(
        [sys.executable, "benchmarks/toy_language.py", "--steps", "64"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for what in ("exact entropy rate", "Kneser-Ney", "Transformer", "bar: ratio <= 1.03"):
        assert what in run.stdout


@pytest.mark.slow
def test_the_meters_benchmark_prints_its_table():
    run = subprocess.run(
        [sys.executable, "benchmarks/meter.py", "--quick"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for what in ("truth inside the interval", "busy neighbour", "sampler at 10 Hz", "Keras fit", "sockets opened"):
        assert what in run.stdout
