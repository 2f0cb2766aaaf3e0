"""The benchmark runs and prints every bar; whether a bar is met depends on the machine and is not judged here."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT, unavailable


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


@pytest.mark.slow
def test_the_benchmark_of_two_workers_prints_its_bars():
    run = subprocess.run(
        [sys.executable, "benchmarks/two_workers.py"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for what in (
        "one process",
        "between the workers",
        "share of the time",
        "share of the joules",
        "a ring's arithmetic",
    ):
        assert what in run.stdout
    assert "MISSED" not in run.stdout  # unlike speeds, these bars do not depend on the machine


@pytest.mark.slow
def test_both_training_recipes_of_the_joules_benchmark_learn_and_are_metered(tmp_path):
    sys.path.insert(0, str(ROOT))
    from benchmarks import training

    training.prepare(tmp_path)
    for variant in ("ours", "miniature_gpt"):
        worker = training.Worker(variant, tmp_path)
        try:
            found = worker.ask(do="joules", goal=4.5, at_most_s=60)
        finally:
            worker.end()
        assert found["loss"] <= 4.5, variant
        assert 0 < found["low_j"] <= found["best_j"] <= found["high_j"], variant


@pytest.mark.slow
def test_the_sweeps_benchmark_prints_its_bars():
    run = subprocess.run(
        [sys.executable, "benchmarks/sweep.py", "--steps", "64"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert run.returncode in (0, 1), run.stderr[-2000:]
    for what in ("losses as of one after", "runs + rest", "a killed worker's joules", "by sweep with the start"):
        assert what in run.stdout


@pytest.mark.slow
@pytest.mark.oracle
def test_the_generation_benchmark_prints_its_ratios():
    python = ROOT / "build" / "oracles" / "bin" / "python"
    if not python.exists():
        unavailable("build/oracles has no PyTorch to compare with: make oracles")
    run = subprocess.run(
        [sys.executable, "benchmarks/generation.py", "--rounds", "1", "--seconds", "0.2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "PyTorch" in run.stdout
    assert "the greedy texts are the same" in run.stdout
