"""A lesson counts as changed when anything that it stands on has changed, and only then."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.changed_lessons import ALWAYS, changed, fingerprint, reached, stems
from tests.conftest import ROOT

pytestmark = pytest.mark.process  # each change is looked at by a process of its own


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what lessons stand on."""
    for folder in ("greenlm_edu/lm", "greenlm_edu/corpora", "greenlm_edu/explorers", "greenlm_edu/checks", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "data"))
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lessons.lock").write_text("keras==3.12.0 \\\nrich==14.0\n")
    return tmp_path


@pytest.fixture
def record(project: Path) -> Path:
    path = project / "landed.json"
    path.write_text(json.dumps({stem: fingerprint(stem, project) for stem in stems(project)}))
    return path


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def changed_after(project: Path, record: Path, edit) -> set[str]:
    """In a process of its own, as files are read once a process."""
    edit(project)
    code = (
        "from pathlib import Path; from tests.changed_lessons import changed; "
        f"print('\\n'.join(changed(Path({str(project)!r}), Path({str(record)!r}))))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(run.stdout.split()) - {ALWAYS}


def test_nothing_changed_leaves_the_lesson_that_always_runs(project: Path, record: Path):
    assert changed(project, record) == [ALWAYS]


def test_without_a_record_every_lesson_counts_as_changed(project: Path):
    assert changed(project, project / "none.json") == stems(project)


@pytest.mark.parametrize(
    ("file", "text", "in_it", "not_in_it"),
    [
        ("greenlm_edu/checks/lesson_07.py", "\n# new\n", {"07"}, {"01", "06", "08", "09"}),
        ("greenlm_edu/lm/attend.py", "\n# new\n", {"07", "08", "09", "10"}, {"04", "06"}),
        ("greenlm_edu/explorers/position_view.py", "\n# new\n", {"08"}, {"01", "07", "09"}),
        ("greenlm_edu/corpora/toy_language.py", "\n# new\n", {"02", "04", "09"}, {"06"}),
        ("requirements/lessons.lock", "numpy==2.9\n", {"01", "06", "10"}, set()),
        ("requirements/lessons.lock", "ruff==9.9\n", set(), {"01", "06", "10"}),
    ],
)
def test_a_change_is_seen_by_the_lessons_that_stand_on_it(
    project: Path, record: Path, file: str, text: str, in_it: set[str], not_in_it: set[str]
):
    seen = {stem[:2] for stem in changed_after(project, record, lambda root: append(root / file, text))}
    assert in_it <= seen
    assert not not_in_it & seen


def test_a_changed_cell_is_seen(project: Path, record: Path):
    def edit(root: Path) -> None:
        path = root / "notebooks" / "03_text_to_tokens.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[1].source += " "
        nbformat.write(notebook, path)

    assert changed_after(project, record, edit) == {"03_text_to_tokens"}


def test_a_lesson_reaches_its_layers_and_their_layers_but_no_other_lessons_checks():
    names = {path.name for path in reached("09_keras_transformer")}
    assert {"transformer.py", "stack.py", "attend.py", "lesson_09.py", "python_docs.py"} <= names
    assert not {"lesson_08.py", "byte_pairs.py", "position_view.py"} & names


def test_ci_leaves_out_long_runs_of_unchanged_lessons_and_names_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GREENLM_CHANGED_ONLY", "1")
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "tests/test_notebooks.py", "-k", "TestRuns"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    now = changed()
    for stem in stems():
        assert f"solved_with_few_steps[{stem}]" in said
        assert (f"unsolved_at_full_length[{stem}]" in said) is (stem in now)
