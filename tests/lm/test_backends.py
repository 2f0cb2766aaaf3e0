"""The same tests on JAX and PyTorch, and beside Hugging Face and rouge-score: each in its own process of build/oracles.

The files that are run name no engine. KERAS_BACKEND chooses one before Keras is imported, hence the processes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, unavailable

ORACLES = Path(os.environ.get("GREENLM_ORACLES", ROOT / "build" / "oracles"))
PYTHON = ORACLES / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

NEUTRAL = [
    f"tests/lm/test_{what}.py"
    for what in ("equivalence", "generate", "train", "encoder_decoder", "networks", "pairs", "beam_search")
]
RUNS = {
    "torch": ("torch", [*NEUTRAL, "tests/lm/test_hugging_face.py"]),
    "jax": ("jax", NEUTRAL),
    "transformers": ("torch", ["tests/lm/oracle_transformers.py", "tests/lm/oracle_rouge.py"]),
}


@pytest.fixture(scope="module")
def oracles() -> Path:
    if not PYTHON.exists():
        unavailable(f"{ORACLES} is not there, so nothing is compared with PyTorch, JAX and transformers: make oracles")
    return PYTHON


@pytest.mark.oracle
@pytest.mark.parametrize(("backend", "files"), RUNS.values(), ids=RUNS)
def test_the_same_tests_pass(
    oracles: Path, backend: str, files: list[str], offline_environment: dict[str, str], record_property
) -> None:
    environment = {**offline_environment, "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    chosen = []
    if backend == "jax":
        # JAX compiles each operation of a layer that is called by itself, which takes nearly all of the time: compile
        # without optimising, and leave the longest runs to the other two engines.
        environment["XLA_FLAGS"] = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
        chosen = ["-m", "not process"]
    command = [str(oracles), "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen, *files]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout[-2_000:]
    assert int(passed[1]) >= 20, "the run must have found its tests"
    assert "skipped" not in done.stdout
    record_property("lesson", f"{backend}: {passed[1]} tests of {', '.join(Path(f).stem for f in files)} passed")


@pytest.mark.oracle
def test_the_engine_is_the_one_asked_for_and_brings_no_tensorflow(oracles: Path) -> None:
    for backend in ("torch", "jax"):
        code = "import sys, keras, greenlm_edu.lm; print(keras.backend.backend(), 'tensorflow' in sys.modules)"
        environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
        told = subprocess.run([str(oracles), "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert told.stdout.split() == [backend, "False"]


def test_the_list_pins_everything_names_no_address_and_repeats_nothing_of_the_lock() -> None:
    lines = (ROOT / "requirements" / "oracles.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", line) for line in pins)
    lock = (ROOT / "requirements" / "lessons.lock").read_text(encoding="utf-8")
    for pin in pins:
        name = pin.partition("==")[0]
        assert not re.search(rf"^{name}==", lock, flags=re.MULTILINE), f"{name} is in the lessons' lock"


@pytest.mark.process
def test_without_the_oracles_a_run_says_what_was_left_out_and_ci_fails(tmp_path: Path) -> None:
    for no_skip, expected, code in (("", "make oracles", 0), ("1", "GREENLM_NO_SKIP is set, so this is a failure", 1)):
        environment = {**os.environ, "GREENLM_ORACLES": str(tmp_path / "none"), "GREENLM_NO_SKIP": no_skip}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "oracle", __file__]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert expected in done.stdout
        assert bool(done.returncode) == bool(code)
