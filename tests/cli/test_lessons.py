"""`greenlm lessons`: on tiny notebooks, each in a kernel of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner, Result

from greenlm_edu import Basis
from greenlm_edu.cli import app
from greenlm_edu.cli.lesson_run import LessonRun, run_lesson
from greenlm_edu.cli.notebooks import choose_lessons, find_notebooks
from greenlm_edu.energy.container import find_share
from greenlm_edu.energy.cpu_model import IDLE_SHARE, classify_cpu, cpu_name
from greenlm_edu.errors import InputError

pytestmark = pytest.mark.process

GOOD = (
    "import os, time\nfrom pathlib import Path",
    "print('steps', os.environ['GREENLM_STEPS'])\nprint(Path('beside.txt').read_text())\nPath('litter.txt').touch()",
    "from greenlm_edu import ScriptedSource\n"
    "from greenlm_edu.ledger import listen\n"
    "from greenlm_edu.metering import finish, start\n"
    "listen()\n"
    "cell = start('cell', sources=[ScriptedSource(100.0)], context={'notebook': os.environ['GREENLM_NOTEBOOK']})\n"
    "cell = finish(cell)",
)
BAD = ("wanted = 7", "# what follows is wrong\n[1, 2][wanted]  # <b>bold</b> [red]", "print('never reached')")


def write_notebook(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {path.stem}\n\nEnergy is $E=Pt$.")])
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lessons' folder: one that fails, then one that is well."""
    folder = tmp_path_factory.mktemp("course") / "notebooks"
    write_notebook(folder / "01_bad.ipynb", *BAD)
    write_notebook(folder / "02_good_one.ipynb", *GOOD)
    (folder / "beside.txt").write_text("what stands beside", encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Both:
    """What running both lessons left behind."""

    result: Result
    out: Path
    before: dict[str, bytes]
    after: dict[str, bytes]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def both(folder: Path, offline_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Both:
    out, before = tmp_path_factory.mktemp("out"), contents(folder)
    environment = offline_environment | {
        "GREENLM_LEDGER": str(out / "ledger.db"),
        "GREENLM_REGION": "FRA",
        "COLUMNS": "200",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder.parent)
        result = CliRunner().invoke(app, ["lessons", "--steps", "3", "--out", str(out / "run")], env=environment)
    return Both(result, out / "run", before, contents(folder))


def test_a_failing_lesson_gives_exit_code_1_and_the_others_still_run(both: Both):
    assert both.result.exit_code == 1
    assert re.search(r"│ 01_bad +│ failed", both.result.stdout)
    assert re.search(r"│ 02_good_one +│ passed", both.result.stdout)


def test_the_failing_cell_is_shown_with_its_source_and_the_errors_end(both: Both):
    assert "01_bad, cell 3 of the notebook: IndexError: list index out of range" in both.result.stdout
    assert "[1, 2][wanted]  # <b>bold</b> [red]" in both.result.stdout
    assert "  IndexError: list index out of range" in both.result.stdout


def test_without_a_terminal_each_cell_is_a_plain_line(both: Both):
    assert re.search(r"^  2/3 +\d+\.\d s  # what follows is wrong$", both.result.stdout, re.MULTILINE)


def test_the_table_tells_energy_basis_emissions_and_rows(both: Both):
    row = next(line for line in both.result.stdout.splitlines() if "│ 02_good_one" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    lesson, result, minutes, memory, energy, basis, emissions, rows = cells
    assert (lesson, result, rows) == ("02_good_one", "passed", "1")
    assert float(minutes) < 2
    assert re.fullmatch(r"\d[\d,]* MB", memory)
    assert int(memory.removesuffix(" MB").replace(",", "")) > 30  # a kernel alone holds more
    assert re.fullmatch(r"\S+ m?J \(.+ – .+ m?J\)", energy)
    assert basis[2:].split(" + ")[0] in [str(b) for b in Basis]
    assert re.fullmatch(r"\S+ [mµ]?g \(.+ – .+ [mµ]?g\)", emissions)
    assert "Emissions: France 44 g/kWh · 2024 · Ember." in both.result.stdout


def test_the_executed_notebook_is_written_and_the_lesson_got_its_steps_and_its_neighbours(both: Both):
    executed = nbformat.read(both.out / "02_good_one.ipynb", as_version=4)
    assert executed.cells[2].outputs[0].text == "steps 3\nwhat stands beside\n"


def test_the_lessons_folder_is_left_as_it_was(both: Both):
    assert both.after == both.before


def test_the_page_holds_both_lessons_with_the_failure_before_them(both: Both):
    page = (both.out / "report.html").read_text(encoding="utf-8")
    failure = page.index('<section class="failure"><h2>01_bad failed, cell 3 of the notebook</h2>')
    assert page.index("[1, 2][wanted]  # &lt;b&gt;bold&lt;/b&gt; [red]") > failure
    assert failure < page.index('<details id="lesson-01-bad">') < page.index('<details id="lesson-02-good-one">')
    assert "what stands beside" in page[page.index('<details id="lesson-02-good-one">') :]
    assert "<b>bold</b>" not in page


def test_the_page_needs_no_network_and_no_file_beside_it(both: Both):
    page = (both.out / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert not re.search(r"url\((?!\s*[\"']?data:)[^)]*\)|@import", page)


@dataclass
class Heard:
    """A progress that remembers what it was told."""

    lines: list[str] = field(default_factory=list)

    def begin(self, lesson: str, cells: int) -> None:
        self.lines.append(f"{lesson} {cells}")

    def cell(self, done: int, line: str) -> None:
        self.lines.append(f"{done} {line}")

    def end(self, run: LessonRun) -> None:
        self.lines.append(run.result)


def test_the_kernels_work_and_memory_are_in_the_figures(tmp_path: Path):
    lesson = write_notebook(
        tmp_path / "work.ipynb",
        "import time\nheld = b'1' * 200_000_000\nwhile time.process_time() < 3.1:\n    pass",
    )
    heard = Heard()
    run = run_lesson(lesson, steps=None, timeout_s=60, progress=heard)
    assert heard.lines == ["work 1", "0 import time", "1 ", "passed"]
    assert run.kernel_cpu_s >= 3
    assert run.peak_memory_bytes > 200_000_000
    cpu = next(part for part in run.measurement.components if part.component == "cpu")
    assert cpu.energy_j is not None
    if cpu.basis is Basis.MODELLED:
        busy_w = classify_cpu(cpu_name()).watts_per_cpu * (1 - IDLE_SHARE)
        assert cpu.energy_j.best >= busy_w * 3
        if cpu.label.endswith("this process"):  # a container's CPU time holds its other programs' too
            idle_w = busy_w / (1 - IDLE_SHARE) * IDLE_SHARE * find_share().cpus
            assert cpu.energy_j.best <= busy_w * (run.kernel_cpu_s + 2) + idle_w * run.measurement.duration_s


def test_a_dead_kernel_is_told_in_words_with_the_memory_seen(tmp_path: Path):
    lesson = write_notebook(tmp_path / "dies.ipynb", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "1")
    failure = run_lesson(lesson, steps=None, timeout_s=60, progress=Heard()).failure
    assert failure is not None
    assert failure.index == 1
    assert re.fullmatch(
        r"the kernel died while this cell ran: killed \(signal 9\), as a system does that runs out of memory; "
        r"the most memory seen: \d+ MB",
        failure.summary,
    )


def test_a_cell_that_takes_too_long_is_told_in_words(tmp_path: Path):
    lesson = write_notebook(tmp_path / "slow.ipynb", "import time\ntime.sleep(60)")
    failure = run_lesson(lesson, steps=None, timeout_s=1, progress=Heard()).failure
    assert failure is not None
    assert failure.source == "import time\ntime.sleep(60)"
    assert failure.summary == "the cell did not end within 1 s; --timeout gives each cell more"


@pytest.mark.parametrize("name", ["2", "02", "02_good_one", "good_one", "02_good_one.ipynb"])
def test_a_lesson_is_meant_by_number_stem_or_file_name(folder: Path, name: str):
    assert choose_lessons([name], folder) == [folder / "02_good_one.ipynb"]


def test_a_lesson_is_meant_by_its_path(folder: Path):
    path = folder / "02_good_one.ipynb"
    assert choose_lessons([str(path), "02"], folder) == [path]


def test_no_name_means_all_in_order(folder: Path):
    assert [path.stem for path in choose_lessons([], folder)] == ["01_bad", "02_good_one"]


def test_an_unknown_lesson_is_an_error_that_lists_what_there_is(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder.parent)
    result = CliRunner().invoke(app, ["lessons", "01", "77"])
    assert result.exit_code == 2
    assert result.stderr == (
        "greenlm lessons: a lesson's number, stem or path must be given; got “77”. There is: 01_bad, 02_good_one.\n"
    )


def test_without_lessons_the_error_tells_where_they_come_from(tmp_path: Path):
    with pytest.raises(InputError, match="clone the GreenLM-edu repository"):
        find_notebooks(tmp_path, checkout=tmp_path / "site-packages")


def test_the_lessons_beside_the_package_are_found_from_anywhere(folder: Path, tmp_path: Path):
    assert find_notebooks(tmp_path, checkout=folder.parent) == folder


def test_the_lessons_own_folder_is_no_place_for_the_results(folder: Path):
    result = CliRunner().invoke(app, ["lessons", str(folder / "01_bad.ipynb"), "--out", str(folder)])
    assert result.exit_code == 2
    assert "it must be another folder than the lessons' own" in result.stderr


def test_a_file_that_is_no_notebook_is_an_error(tmp_path: Path):
    (tmp_path / "no.ipynb").write_text("nothing of the kind")
    result = CliRunner().invoke(app, ["lessons", str(tmp_path / "no.ipynb"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "no.ipynb must be a Jupyter notebook; got" in result.stderr
