"""What a fresh machine, Binder and a conda user get: the lock, the environment files, make and the citation."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import greenlm_edu
from tests.conftest import ROOT, unavailable

LOCK = ROOT / "requirements" / "lessons.lock"
BINDER = ROOT / "binder"
ENVIRONMENTS = (BINDER / "environment.yml", ROOT / "environment.yml")


def without_leading_comment(path: Path) -> str:
    return re.sub(r"\A(#.*\n)+", "", path.read_text(encoding="utf-8"))


def pip_section(path: Path) -> dict[str, str]:
    """Name -> the rest of the line (`==version`, and a marker where there is one)."""
    (pip,) = (
        entry["pip"]
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
        if isinstance(entry, dict)
    )
    return {re.match(r"[a-z0-9-]+", line)[0]: re.sub(r"^[a-z0-9-]+", "", line) for line in pip}


class TestLock:
    def test_it_names_no_address_and_no_folder(self):
        text = LOCK.read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^\s*(-i|--index|--extra-index|--find-links|-e)\b", text, flags=re.MULTILINE)
        assert not re.search(r"@ (file|/)", text)

    def test_each_pin_has_a_hash(self):
        blocks = re.split(r"^(?=[a-zA-Z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
        pins = [block for block in blocks if re.match(r"[a-zA-Z0-9]", block)]
        assert len(pins) > 50
        assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


class TestEnvironmentFiles:
    def test_binder_and_conda_users_get_the_same(self):
        binder, conda = map(without_leading_comment, ENVIRONMENTS)
        assert binder == conda

    def test_they_pin_what_the_lock_pins(self):
        lock = LOCK.read_text(encoding="utf-8")
        for name, rest in pip_section(ENVIRONMENTS[0]).items():
            version = re.match(r"==([^; ]+)", rest)[1]
            locked = "tensorflow" if name == "tensorflow-cpu" else name  # released together, under one version
            assert re.search(rf"^{re.escape(locked)}=={re.escape(version)}( |$)", lock, flags=re.MULTILINE), (
                f"{name}{rest}"
            )

    def test_they_hold_each_direct_dependency_of_the_base_and_of_cpu(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        extras = project["optional-dependencies"]
        lines = [*project["dependencies"], *extras["notebooks"], *extras["cpu"]]
        wanted = {re.match(r"[a-z0-9-]+", line)[0] for line in lines} - {"greenlm-edu"}
        assert set(pip_section(ENVIRONMENTS[0])) == wanted

    def test_there_is_one_tensorflow_on_each_system(self):
        lines = pip_section(ENVIRONMENTS[0])
        assert lines["tensorflow-cpu"].endswith('; platform_system != "Darwin"')
        assert lines["tensorflow"].endswith('; platform_system == "Darwin"')

    def test_they_are_what_the_writer_writes(self):
        writer = runpy.run_path(str(BINDER / "write_environment.py"))
        written = writer["environment"](
            tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")), LOCK.read_text(encoding="utf-8")
        )
        for path in ENVIRONMENTS:
            assert path.read_text(encoding="utf-8") == written, f"{path.name} is out of date; renew it with: make lock"

    def test_the_writer_says_what_the_lock_lacks(self):
        writer = runpy.run_path(str(BINDER / "write_environment.py"))
        pyproject = {
            "project": {"name": "p", "dependencies": ["rich>=1"], "optional-dependencies": {"cpu": ["p[x]"], "x": []}}
        }
        with pytest.raises(SystemExit, match=r"the lock pins no rich.*make lock"):
            writer["environment"](pyproject, "typer==1.0 \\\n    --hash=sha256:0\n")

    def test_the_writer_takes_the_pin_that_holds_on_its_python(self):
        writer = runpy.run_path(str(BINDER / "write_environment.py"))
        lock = (
            "numpy==2.4 ; python_full_version < '3.12' \\\n    --hash=sha256:0\nnumpy==2.5 ; python_version >= '3.12'\n"
        )
        assert writer["pins"](lock) == {"numpy": "2.4"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that decide, without the 2 GB of a .venv beside them."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(BINDER, folder / "binder", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("environment.yml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def picked(repository: Path) -> SimpleNamespace:
    """What the build pack that repo2docker picks would do. It picks the first that detects its files."""
    try:
        from repo2docker.app import Repo2Docker
    except ImportError as error:
        unavailable(f"repo2docker cannot be imported here: {error}")
    app = Repo2Docker()
    with contextlib.chdir(repository):
        packs = (kind(base_image=app.base_image) for kind in app.buildpacks)
        pack = next(pack for pack in packs if pack.detect())
        pack.platform = "linux/amd64"
        return SimpleNamespace(
            name=type(pack).__name__,
            environment=pack.environment_yaml_path,
            python=pack.python_version,
            base_files=[Path(name).name for name in pack.get_build_script_files()],
            post_build=pack.get_post_build_scripts(),
            start=pack.get_start_script(),
        )


@pytest.fixture(scope="module")
def dockerfile(repository: Path) -> str:
    if not (Path(sys.executable).parent / "repo2docker").exists():
        unavailable("repo2docker is not installed here")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--user-id", "1000", "--user-name", "jovyan", "."]
    told = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    return told.stdout + told.stderr


class TestBinder:
    """What repo2docker makes of the repository. `--no-build` needs no Docker engine."""

    def test_the_conda_build_pack_is_picked(self, picked: SimpleNamespace):
        assert picked.name == "CondaBuildPack"
        assert picked.environment == "binder/environment.yml"

    def test_python_is_one_that_repo2docker_has_a_base_environment_for(self, picked: SimpleNamespace):
        assert picked.python == "3.11"
        assert "environment.py-3.11-linux-64.lock" in picked.base_files

    def test_post_build_and_start_come_from_binder(self, picked: SimpleNamespace):
        assert picked.post_build == ["binder/postBuild"]
        assert picked.start == "${REPO_DIR}/binder/start"

    def test_the_dockerfile_uses_them(self, dockerfile: str):
        assert 'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"' in dockerfile
        assert "RUN ./binder/postBuild" in dockerfile
        assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile

    @pytest.mark.parametrize("script", ["postBuild", "start"])
    @pytest.mark.skipif(os.name == "nt", reason="Windows keeps no executable bit")
    def test_the_scripts_are_executable_shell(self, script: str):
        path = BINDER / script
        assert path.stat().st_mode & stat.S_IXUSR
        subprocess.run(["bash", "-n", str(path)], check=True)

    @pytest.mark.skipif(not shutil.which("bash"), reason="bash is not on this machine")
    @pytest.mark.parametrize(("limit", "threads"), [("2.0", "2"), ("4", "4"), ("0.5", "1"), ("", "2"), ("much", "1")])
    def test_start_keeps_threads_to_the_session_s_cores_and_runs_the_server(self, limit: str, threads: str):
        command = [
            str(BINDER / "start"),
            "bash",
            "-c",
            'echo "$0 $1 $TF_CPP_MIN_LOG_LEVEL $OMP_NUM_THREADS"',
            "a b",
            "c",
        ]
        environment = {"PATH": os.environ["PATH"], "CPU_LIMIT": limit}
        told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        assert told.stdout == f"a b c 2 {threads}\n"


@pytest.mark.skipif(not shutil.which("make"), reason="make is not on this machine")
class TestMake:
    @pytest.fixture
    def clone(self, tmp_path: Path) -> Path:
        """What `make setup` reads, without a .venv."""
        (tmp_path / "requirements").mkdir()
        for name in ("Makefile", "pyproject.toml", "requirements/lessons.lock"):
            shutil.copy(ROOT / name, tmp_path / name)
        return tmp_path

    def make(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        return subprocess.run(
            ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
        )

    def fake_python(self, folder: Path, version: tuple[int, int, int]) -> Path:
        """A stand-in that answers as a Python of this version does, up to the check that refuses it."""
        path = folder / "python"
        path.write_text(
            f"#!{sys.executable}\nimport sys\nsys.version_info = {version}\n"
            f"sys.version = {'.'.join(map(str, version))!r}\nexec(sys.argv[2])\n"
        )
        path.chmod(0o755)
        return path

    def stamp(self, folder: Path) -> str:
        return re.search(r"\.venv/ready-\d+", self.make(folder, "-n", "setup").stdout)[0]

    def test_help_lists_every_command(self, clone: Path):
        phony = re.search(r"^\.PHONY: (.*)$", (clone / "Makefile").read_text(), flags=re.MULTILINE)[1].split()
        listed = re.findall(r"^  make ([a-z-]+) +\S", self.make(clone, "help").stdout, flags=re.MULTILINE)
        assert sorted(listed) == sorted(phony)

    @pytest.mark.parametrize("version", [(3, 10, 13), (3, 14, 0), (2, 7, 18)])
    def test_another_python_is_refused_before_anything_is_made(self, clone: Path, version: tuple[int, int, int]):
        told = self.make(clone, "lab", f"PYTHON={self.fake_python(clone, version)}")
        assert told.returncode != 0
        assert "Python 3.11, 3.12 or 3.13 is needed; this is " + ".".join(map(str, version)) in told.stderr
        assert "make lab PYTHON=python3.12" in told.stderr
        assert not (clone / ".venv").exists()

    def test_no_python_at_all_is_told(self, clone: Path):
        told = self.make(clone, "setup", "PYTHON=no-such-python")
        assert "no-such-python is not on this machine" in told.stderr
        assert not (clone / ".venv").exists()

    def test_a_changed_lock_or_pyproject_asks_for_a_new_set_up_and_nothing_else_does(self, clone: Path):
        first = self.stamp(clone)
        (clone / "notes.txt").write_text("anything")
        assert self.stamp(clone) == first
        with (clone / "requirements" / "lessons.lock").open("a") as lock:
            lock.write("# renewed\n")
        second = self.stamp(clone)
        assert second != first
        with (clone / "pyproject.toml").open("a") as pyproject:
            pyproject.write("# changed\n")
        assert self.stamp(clone) not in (first, second)

    def test_nothing_is_done_again_once_it_stands(self, clone: Path):
        (clone / self.stamp(clone)).parent.mkdir()
        (clone / self.stamp(clone)).touch()
        assert "Nothing to be done" in self.make(clone, "setup").stdout


def test_the_citation_can_be_read_and_tells_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["title"]
    assert citation["message"]
    assert citation["authors"] == [{"name": "The GreenLM-edu founders"}]
    assert str(citation["version"]) == greenlm_edu.__version__
    assert (
        citation["license"]
        == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"]
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no executable bit")
def test_ci_run_is_an_executable_script_that_asks_nothing():
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", str(path)], check=True)
    assert "make test\n" in path.read_text()
    assert "make test-rest" in path.read_text()  # what `make test` leaves out
