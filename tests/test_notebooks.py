"""Each lesson: clean as committed, and running top to bottom in a fresh kernel, offline, within its memory and time.

It runs as a learner finds it, its exercises unsolved, at full length; and with every solution put in, for few steps.
One kernel at a time: each loads TensorFlow.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from greenlm_edu.checks import exercises, predictions, quizzes
from greenlm_edu.cli.lesson_run import SETTLE_S
from greenlm_edu.energy import Basis, detect
from greenlm_edu.metering import Measurement, measure
from tests.conftest import ROOT, without_step_limit
from tests.slowness import MOST, slowness

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LANDED = {"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"}  # the lessons that must be here

LARGEST_FILE = 300_000  # bytes
PEAK_MEMORY_GB = 1.6
LONGEST_CELL_S = 60
LONGEST_LESSON_S = 180
STATED_MEMORY_SLACK = 1.15  # the peak varies by some tens of MB from run to run
STATED_SECONDS_SLACK = 2.5  # a header's seconds are those of a machine that does nothing else

MINUTES = re.compile(r"\b\d+\s*min", re.IGNORECASE)
MEMORY = re.compile(r"\b(\d+(?:\.\d+)?)\s*(GB|MB)\b")
SECONDS = re.compile(r"\babout (\d+) seconds of computing")
ENERGY = re.compile(r"\babout \d+ J \((\d+) – (\d+) J\), \*modelled\*")

# The tag of a stub's cell, beside the plain `exercise`.
EXERCISE = re.compile(r"\d\d\.\w+")
CALLED = re.compile(r"\b(check|quiz|predict|outcome)\(\s*[\"'](\d\d\.\w+)[\"']")

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@dataclass
class Run:
    """How one lesson ran."""

    name: str
    cell_seconds: list[float] = field(default_factory=list)
    peak_gb: float | None = None
    energy: Measurement | None = None
    said: list[str] = field(default_factory=list)
    slowness: float = 1.0

    @property
    def longest_s(self) -> float:
        return max(self.cell_seconds, default=0.0)

    def __str__(self) -> str:
        memory = "not measured on this system" if self.peak_gb is None else f"{self.peak_gb:.2f} GB"
        return (
            f"{self.name}: {sum(self.cell_seconds):.0f} s in {len(self.cell_seconds)} code cells, "
            f"the longest {self.longest_s:.0f} s; peak memory {memory}; {self.energy.energy_j.text()}, "
            f"{' + '.join(self.energy.bases)}; this machine is {self.slowness:.1f} times slower than a quiet one"
        )


class CellFailed(Exception):
    """A cell of a lesson raised, or ran for too long."""


def peak_memory_gb(pid: int) -> float | None:
    """The most memory that a process has held, where the system keeps count of it."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) * 1024 / 1e9
    peak = getattr(psutil.Process(pid).memory_info(), "peak_wset", None)
    return None if peak is None else peak / 1e9


class NothingToSolve(Exception):
    """A solution did not find the cell that it belongs in."""


def solve(notebook: nbformat.NotebookNode, lesson: str) -> None:
    """Put the solution of each of a lesson's exercises in the place of its stub.

    Args:
        notebook: changed in place.
        lesson: its two digits.
    Raises:
        NothingToSolve: not one cell has the exercise's tag, or its stub is the solution already.
    """
    for exercise in exercises(lesson):
        stubs = [cell for cell in notebook.cells if exercise.name in cell.metadata.get("tags", ())]
        if len(stubs) != 1:
            raise NothingToSolve(f"{exercise.name}: {len(stubs)} cells have this tag, where one stub must have it.")
        if stubs[0].source.strip() == exercise.solution.strip():
            raise NothingToSolve(f"{exercise.name}: the cell holds the solution as it is.")
        stubs[0].source = exercise.solution


def run_lesson(
    path: Path, folder: Path, environment: dict[str, str], cell_timeout_s: float, solved: bool = False
) -> Run:
    """Run a lesson top to bottom in a kernel of its own, in a copy of the notebooks' folder."""
    copy = folder / "notebooks"
    shutil.copytree(path.parent, copy, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    notebook = nbformat.read(path, as_version=4)
    if solved:
        solve(notebook, number(path))
    client = NotebookClient(
        notebook, timeout=cell_timeout_s, kernel_name="python3", resources={"metadata": {"path": str(copy)}}
    )
    run = Run(path.stem, slowness=slowness())
    # Sources of its own, as `greenlm lessons` has them: this lesson's CPU time may not depend on what ran before.
    with client.setup_kernel(env=environment), measure(path.stem, sources=detect().sources) as run.energy:
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            started = time.monotonic()
            try:
                client.execute_cell(cell, index)
            except (CellExecutionError, TimeoutError) as error:
                raise CellFailed(
                    f"{path.name}, cell {index}:\n{cell.source}\n\n{without_colours(str(error))}"
                ) from None
            run.cell_seconds.append(time.monotonic() - started)
            run.said += [words(output) for output in cell.outputs]
        run.peak_gb = peak_memory_gb(client.km.provisioner.pid)
        time.sleep(SETTLE_S)
    run.slowness = max(run.slowness, slowness())
    return run


def ruff_complaints(path: Path, folder: Path) -> str:
    """What ruff says of a lesson once it also reads the cells under %%meter, which it would skip.

    Its list of cell magics that hold Python is fixed, and has %%time in it.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = re.sub(r"\A%%meter.*", "%%time", cell.source)
    copy = folder / path.name
    nbformat.write(notebook, copy)
    rules = next(file for file in (path.parent / "ruff.toml", ROOT / "pyproject.toml") if file.exists())
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--no-cache", "--config", str(rules), str(copy)]
    # F401: ruff does not see that `!{sys.executable} …` uses sys.
    commands = [[*ruff, "check", "--ignore", "B018,E402,F401", *options], [*ruff, "format", "--check", *options]]
    # From the folder of the rules, against which ruff resolves the paths in them.
    runs = [subprocess.run(command, capture_output=True, text=True, cwd=rules.parent) for command in commands]
    return "".join(run.stdout + run.stderr for run in runs if run.returncode != 0)


def number(lesson: Path) -> str:
    """A lesson's two digits, the same that its exercises begin with."""
    return lesson.stem[:2]


def words(output: nbformat.NotebookNode) -> str:
    """An output as text."""
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def stated_memory_gb(header: str) -> float:
    """The peak memory that a lesson's first cell promises: the largest that it names."""
    return max(float(number) / (1 if unit == "GB" else 1000) for number, unit in MEMORY.findall(header))


@each_lesson
class TestAsCommitted:
    def test_it_is_a_valid_notebook_with_the_python_kernel(self, lesson: Path):
        notebook = nbformat.read(lesson, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5), "cells have ids from nbformat 4.5 on"
        assert notebook.metadata.kernelspec.name == "python3"

    def test_it_holds_no_outputs_and_keeps_its_cell_ids(self, lesson: Path):
        notebook = nbformat.read(lesson, as_version=nbformat.NO_CONVERT)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
        ids = [cell.id for cell in notebook.cells]
        assert len(ids) == len(set(ids))
        verify = [sys.executable, "-m", "nbstripout", "--keep-id", "--verify", str(lesson)]
        assert subprocess.run(verify, capture_output=True).returncode == 0, (
            f"nbstripout --keep-id {lesson.name} mends it"
        )

    def test_it_is_small(self, lesson: Path):
        assert lesson.stat().st_size <= LARGEST_FILE

    def test_its_code_is_clean_and_formatted_in_metered_cells_too(self, lesson: Path, tmp_path: Path):
        complaints = ruff_complaints(lesson, tmp_path)
        if complaints:
            pytest.fail(complaints, pytrace=False)

    def test_its_header_tells_title_minutes_seconds_memory_and_energy(self, lesson: Path):
        header = nbformat.read(lesson, as_version=4).cells[0]
        assert header.cell_type == "markdown"
        assert re.match(r"# \S", header.source), "the first line is the title"
        assert MINUTES.search(header.source), "the header tells the minutes"
        assert SECONDS.search(header.source), "the header tells “about N seconds of computing”"
        assert MEMORY.search(header.source), "the header tells the peak memory in MB or GB"
        assert ENERGY.search(header.source), "the header tells “about N J (low – high J), *modelled*”"

    def test_its_exercises_quizzes_and_predictions_are_those_of_its_checks(self, lesson: Path):
        notebook = nbformat.read(lesson, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        named = [tag for cell in code for tag in cell.metadata.get("tags", ()) if EXERCISE.fullmatch(tag)]
        called: dict[str, set[str]] = {"check": set(), "quiz": set(), "predict": set(), "outcome": set()}
        for cell in code:
            for function, name in CALLED.findall(cell.source):
                called[function].add(name)
        assert sorted(named) == sorted({exercise.name for exercise in exercises(number(lesson))})
        assert called["check"] == set(named)
        assert called["quiz"] == {quiz.name for quiz in quizzes(number(lesson))}
        assert called["predict"] == called["outcome"] == {one.name for one in predictions(number(lesson))}

    def test_a_solution_finds_its_stub(self, lesson: Path):
        solve(nbformat.read(lesson, as_version=4), number(lesson))


@pytest.mark.notebook
@each_lesson
class TestRuns:
    def test_it_runs_solved_with_few_steps(
        self, lesson: Path, tmp_path: Path, few_steps: dict[str, str], record_property
    ):
        run = run_lesson(lesson, tmp_path, few_steps, MOST * LONGEST_CELL_S, solved=True)
        record_property("lesson", f"{run} (solved, GREENLM_STEPS={few_steps['GREENLM_STEPS']})")
        assert run.peak_gb is None or run.peak_gb <= PEAK_MEMORY_GB
        said = "\n".join(run.said)
        assert [one.name for one in exercises(number(lesson)) if f"✓ {one.name} passed" not in said] == []

    @pytest.mark.slow
    def test_it_runs_unsolved_at_full_length(
        self, lesson: Path, tmp_path: Path, full_length: dict[str, str], record_property
    ):
        run = run_lesson(lesson, tmp_path, full_length, MOST * LONGEST_CELL_S)
        record_property("lesson", f"{run} (unsolved, full length)")
        header = nbformat.read(lesson, as_version=4).cells[0].source
        assert run.longest_s <= run.slowness * LONGEST_CELL_S
        assert sum(run.cell_seconds) <= run.slowness * STATED_SECONDS_SLACK * int(SECONDS.search(header)[1])
        if set(run.energy.bases) == {Basis.MODELLED}:  # as in the header; a counter may find more
            assert run.energy.energy_j.best <= run.slowness * float(ENERGY.search(header)[2])
        said = "\n".join(run.said)
        assert [one.name for one in exercises(number(lesson)) if f"→ {one.name} not yet" not in said] == []
        assert sum(run.cell_seconds) <= run.slowness * LONGEST_LESSON_S
        if run.peak_gb is not None:
            assert run.peak_gb <= PEAK_MEMORY_GB
            stated_gb = stated_memory_gb(header)
            assert run.peak_gb <= stated_gb * STATED_MEMORY_SLACK, (
                "the header promises less memory than the lesson takes"
            )


def test_the_lessons_that_landed_are_here():
    assert {number(path) for path in LESSONS} >= LANDED


@pytest.mark.parametrize(
    ("header", "gb"), [("25 min · 1.2 GB", 1.2), ("10 minutes, 640 MB", 0.64), ("peak 900 MB of 2 GB", 2.0)]
)
def test_the_stated_memory_is_read(header: str, gb: float):
    assert stated_memory_gb(header) == pytest.approx(gb)


def test_ruff_reads_metered_cells(tmp_path: Path):
    cells = ["import os", "%%meter --region FRA\nused = os.name", "used", "%%meter\nnever_made  +  1"]
    path = tmp_path / "tiny.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    (tmp_path / "copy").mkdir()
    complaints = ruff_complaints(path, tmp_path / "copy")
    assert "Undefined name `never_made`" in complaints
    assert re.search(r"\+ ?never_made \+ 1", complaints)  # what the formatter would write
    assert "`used`" not in complaints
    assert "`os`" not in complaints


@pytest.mark.notebook
class TestThisHarness:
    """The checks above find what they look for: tiny lessons made here."""

    def lesson(self, folder: Path, *cells: str) -> Path:
        (folder / "lessons").mkdir()
        path = folder / "lessons" / "tiny.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, path)
        return path

    def test_a_solution_without_a_stub_and_a_stub_that_is_solved_are_found(self, tmp_path: Path):
        bits = next(one for one in exercises("09") if one.name == "09.bits")
        for cells, complaint in [
            ([], "0 cells have this tag"),
            ([(bits.name, "def bits(nats): ...")] * 2, "2 cells have this tag"),
            ([(bits.name, bits.solution)], "holds the solution as it is"),
        ]:
            made = [nbformat.v4.new_code_cell(source, metadata={"tags": ["exercise", tag]}) for tag, source in cells]
            others = [one for one in exercises("09") if one is not bits]
            made += [nbformat.v4.new_code_cell("", metadata={"tags": ["exercise", one.name]}) for one in others]
            with pytest.raises(NothingToSolve, match=complaint):
                solve(nbformat.v4.new_notebook(cells=made), "09")

    def test_a_lesson_is_timed_weighed_and_left_as_it_was(self, tmp_path: Path, few_steps: dict[str, str]):
        path = self.lesson(
            tmp_path,
            "import os, time\nassert os.environ['GREENLM_STEPS'] and os.environ['GREENLM_LEDGER']",
            "time.sleep(0.3)",
            "held = bytearray(b'x') * 300_000_000\ndel held",
            "assert os.listdir() == ['tiny.ipynb']",
        )
        before = path.read_bytes()
        run = run_lesson(path, tmp_path, few_steps, 30)
        assert len(run.cell_seconds) == 4
        assert 0.3 <= run.cell_seconds[1] < 5
        assert run.peak_gb is None or 0.3 <= run.peak_gb < 0.6
        assert path.read_bytes() == before

    def test_a_failing_cell_is_shown_with_its_source_and_traceback(self, tmp_path: Path, few_steps: dict[str, str]):
        path = self.lesson(tmp_path, "tokens = 3", "tokens / 0  # the culprit")
        with pytest.raises(
            CellFailed, match=r"(?s)tiny.ipynb, cell 1:\ntokens / 0  # the culprit\n.*ZeroDivisionError"
        ):
            run_lesson(path, tmp_path, few_steps, 30)

    def test_a_cell_that_takes_too_long_is_named(self, tmp_path: Path, few_steps: dict[str, str]):
        path = self.lesson(tmp_path, "import time\ntime.sleep(30)")
        with pytest.raises(CellFailed, match=r"tiny.ipynb, cell 0"):
            run_lesson(path, tmp_path, few_steps, 1)

    @pytest.mark.parametrize(
        "reach",
        [
            "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)",
            "import socket; socket.getaddrinfo('example.org', 443)",
            "import subprocess, sys; subprocess.run([sys.executable, '-c', "
            "'import socket; socket.create_connection((\"192.0.2.1\", 80), timeout=2)'], check=True)",
        ],
        ids=["connect", "look-up", "child process"],
    )
    def test_reaching_for_the_network_fails(self, tmp_path: Path, few_steps: dict[str, str], reach: str):
        path = self.lesson(tmp_path, reach)
        with pytest.raises(CellFailed, match=r"offline guard|CalledProcessError"):
            run_lesson(path, tmp_path, few_steps, 30)

    def test_a_full_length_run_has_no_step_limit(self, tmp_path: Path, few_steps: dict[str, str]):
        path = self.lesson(tmp_path, "import os\nassert 'GREENLM_STEPS' not in os.environ")
        run_lesson(path, tmp_path, without_step_limit(few_steps), 30)
