"""Which lessons changed since they last landed: `.ci/run` runs these at full length and in a browser, the rest briefly.

    python -m tests.changed_lessons             their names, and what each stands on that changed
    python -m tests.changed_lessons --record    once they have landed: notes them as they are now

A lesson's fingerprint is that of its notebook, of its checks, and of the files of lm, corpora and explorers that it
reaches by name, with the versions of the libraries that train and draw. What all lessons share (meter, panel, checks'
frame) is not in it: the tests of those rooms cover it, and the first lesson, which always runs.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat

from tests.conftest import ROOT

__all__ = ["ALWAYS", "changed", "fingerprint", "reached"]

RECORD = ROOT / "tests" / "landed_lessons.json"
ALWAYS = "00_start_here"
ROOMS = ("lm", "corpora", "explorers")
LIBRARIES = ("keras", "tensorflow", "numpy", "matplotlib", "ipywidgets")
MAGIC = re.compile(r"^\s*%", re.MULTILINE)


def changed(root: Path = ROOT, record: Path = RECORD) -> list[str]:
    """The stems of the lessons that are not as they landed, and of the one that always runs."""
    landed = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return [stem for stem in stems(root) if stem == ALWAYS or landed.get(stem) != fingerprint(stem, root)]


def stems(root: Path = ROOT) -> list[str]:
    return sorted(path.stem for path in (root / "notebooks").glob("*.ipynb"))


def fingerprint(stem: str, root: Path = ROOT) -> str:
    """Sixteen hexadecimal digits that change with anything a lesson stands on."""
    digest = hashlib.sha256(" ".join(_versions(root)).encode())
    for path in reached(stem, root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def reached(stem: str, root: Path = ROOT) -> list[Path]:
    """The files that a lesson stands on, in order: itself, its checks, and what both reach by name in ROOMS."""
    notebook = root / "notebooks" / f"{stem}.ipynb"
    checks = root / "greenlm_edu" / "checks" / f"lesson_{stem[:2]}.py"
    found = {notebook} | ({checks} if checks.exists() else set())
    code = [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    trees = [_tree("\n".join(line for line in source.splitlines() if not MAGIC.match(line))) for source in code]
    waiting = [path for path in _named(_whole(trees), root)] + ([checks] if checks.exists() else [])
    while waiting:
        path = waiting.pop()
        if path in found and path != checks:
            continue
        found.add(path)
        waiting += [other for other in _named_in(path, root) if other not in found]
    return sorted(found)


def _versions(root: Path) -> list[str]:
    lock = (root / "requirements" / "lessons.lock").read_text(encoding="utf-8")
    return re.findall(rf"(?m)^(?:{'|'.join(LIBRARIES)})==[^\s\\]+", lock)


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:  # a cell that only a learner completes
        return ast.Module([], [])


def _whole(trees: list[ast.Module]) -> ast.Module:
    return ast.Module([statement for tree in trees for statement in tree.body], [])


@cache
def _named_in(path: Path, root: Path) -> tuple[Path, ...]:
    return tuple(_named(ast.parse(path.read_text(encoding="utf-8")), root))


def _named(tree: ast.Module, root: Path) -> Iterator[Path]:
    """The files of ROOMS that a program names: imported, as an attribute of a room, or as a corpus to load."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("greenlm_edu."):
            _, room, *rest = node.module.split(".")
            for alias in node.names:
                yield from _files(root, room, rest[0] if rest else alias.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from _files(root, node.value.id, node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield from _files(root, "corpora", node.value)


def _files(root: Path, room: str, name: str) -> Iterator[Path]:
    """The file of a room that is called so, or that its public name comes from."""
    if room in ROOMS:
        path = root / "greenlm_edu" / room / f"{_homes(root, room).get(name, name)}.py"
        if path.exists():
            yield path


@cache
def _homes(root: Path, room: str) -> dict[str, str]:
    """Public name -> file, from a room's own __init__."""
    tree = ast.parse((root / "greenlm_edu" / room / "__init__.py").read_text(encoding="utf-8"))
    prefix = f"greenlm_edu.{room}."
    return {
        alias.asname or alias.name: node.module.removeprefix(prefix)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(prefix)
        for alias in node.names
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Lessons that changed since they last landed.")
    parser.add_argument("--record", action="store_true", help="note all lessons as they are now")
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout of the project, to note its lessons")
    options = parser.parse_args()
    if options.record:
        noted = {stem: fingerprint(stem, options.root.resolve()) for stem in stems(options.root)}
        RECORD.write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
    print("\n".join(changed()))


if __name__ == "__main__":
    main()
