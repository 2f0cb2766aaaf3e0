"""Write binder/environment.yml and environment.yml: what Binder and conda users install, pinned as the lock pins it.

`make lock` calls this after it has renewed the lock. Both files hold the direct dependencies of the base package and of
its `cpu` extra. tensorflow-cpu is released together with tensorflow, and takes its pin.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "3.11"  # repo2docker carries a frozen base environment for it
TARGET = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0", "sys_platform": "linux"}
SAME_RELEASE = {"tensorflow-cpu": "tensorflow"}

HEADER = """\
# Written by binder/write_environment.py from requirements/lessons.lock; `make lock` renews it.
# It holds what the package needs. The package itself: python -m pip install --no-deps .
"""


def direct_requirements(pyproject: dict[str, Any]) -> Iterator[Requirement]:
    """The base dependencies, then those of the `cpu` extra, with references to our own extras followed."""
    project = pyproject["project"]

    def followed(lines: list[str]) -> Iterator[Requirement]:
        for line in lines:
            requirement = Requirement(line)
            if canonicalize_name(requirement.name) == canonicalize_name(project["name"]):
                for extra in requirement.extras:
                    yield from followed(project["optional-dependencies"][extra])
            else:
                yield requirement

    yield from followed(project["dependencies"])
    yield from followed(project["optional-dependencies"]["cpu"])


def pins(lock: str) -> dict[str, str]:
    """Name -> version for the target platform; a universal lock may hold several versions, told apart by markers."""
    found = {}
    for line in re.findall(r"^[A-Za-z0-9][^\\\n]*==[^\\\n]*", lock, flags=re.MULTILINE):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate(TARGET):
            found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


def environment(pyproject: dict[str, Any], lock: str) -> str:
    """The text of both environment files."""
    versions = pins(lock)
    lines = []
    for requirement in direct_requirements(pyproject):
        name = canonicalize_name(requirement.name)
        version = versions.get(SAME_RELEASE.get(name, name))
        if version is None:
            sys.exit(f"write_environment: the lock pins no {name}. Renew it with: make lock")
        marker = f"; {requirement.marker}" if requirement.marker else ""
        lines.append(f"{name}=={version}{marker}")
    pip_section = "".join(f"      - {line}\n" for line in lines)
    return (
        f"{HEADER}name: greenlm-edu\nchannels:\n  - conda-forge\ndependencies:\n"
        f"  - python={PYTHON}\n  - pip\n  - pip:\n{pip_section}"
    )


if __name__ == "__main__":
    text = environment(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")),
        (ROOT / "requirements" / "lessons.lock").read_text(encoding="utf-8"),
    )
    for target in (ROOT / "binder" / "environment.yml", ROOT / "environment.yml"):
        target.write_text(text, encoding="utf-8")
