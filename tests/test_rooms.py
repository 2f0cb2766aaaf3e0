"""The floors of the house, drawn and enforced: who may import whom.

A room is a module or a package directly inside greenlm_edu. The imports are read from the source, those inside
functions and under TYPE_CHECKING too, so nothing needs to be installed or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "greenlm_edu"

# From the roof down. A room imports from lower floors only, and rooms of one floor never meet.
FLOORS = (
    ("the front door", ("__main__",)),  # python -m greenlm_edu
    ("floor 6", ("cli",)),
    ("floor 5", ("explorers", "checks", "classroom")),
    ("floor 4", ("notebook", "training")),
    ("floor 3", ("ledger",)),
    ("floor 2", ("metering",)),
    ("floor 1", ("energy", "carbon", "lm", "corpora")),
    ("floor 0, upper step", ("interval",)),  # the ground floor has one step: interval stands on units and errors
    ("floor 0", ("units", "errors", "imports")),
)

# Third-party package -> the only rooms (or the one module) that may import it.
KEPT_IN = {
    "pynvml": ("energy.nvml",),
    "keras": ("lm", "training", "checks", "explorers"),
    "tensorflow": ("lm", "training", "checks", "explorers"),
    "anywidget": ("notebook", "explorers"),
    "sqlalchemy": ("ledger",),
    "distributed": ("training",),
    "dask": ("training",),
    "cloudpickle": ("training",),
}

# What a room may take from the package itself; any other public name would reach its room past the floors.
FROM_THE_PACKAGE = {"__version__"}

LEVEL = {room: level for level, (_, rooms) in enumerate(reversed(FLOORS)) for room in rooms}
FLOOR_NAME = {room: name for name, rooms in FLOORS for room in rooms}


def imports(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of each import: `from a import b` gives a.b, as b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")
                parents = parents[: len(parents) - node.level + is_package]
                base = ".".join([*parents, *filter(None, [base])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def broken_rule(importer: str, imported: str, package: str) -> str | None:
    """The rule that `imported` breaks in the module `importer` (named from inside the package), or None."""
    room = importer.split(".")[0]
    top, _, inside = imported.partition(".")
    if top != package:
        allowed = KEPT_IN.get(top)
        if allowed and not any(importer == place or importer.startswith(f"{place}.") for place in allowed):
            return f"{top} is kept in {', '.join(allowed)}"
        return None
    target = inside.split(".")[0]
    if target == room or target in FROM_THE_PACKAGE:
        return None
    if room not in LEVEL:
        return f"{room} stands on no floor: draw it in FLOORS"
    if target not in LEVEL:
        return f"{target or 'the package itself'} stands on no floor: import from the room that holds it"
    if LEVEL[target] < LEVEL[room]:
        return None
    if LEVEL[target] == LEVEL[room]:
        return f"{room} and {target} are both on {FLOOR_NAME[room]}, and rooms of one floor never meet"
    return f"{room} is on {FLOOR_NAME[room]}, {target} above it on {FLOOR_NAME[target]}: import only from a lower floor"


def violations(package: Path) -> list[str]:
    """`file:line imports what: rule` of each import that breaks the floors. The package's own __init__ may name all."""
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        if is_package and len(parts) == 1:
            continue
        importer = ".".join(parts[:-1] if is_package else parts)
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        if importer.split(".")[0] not in LEVEL:
            found.append(f"{path.relative_to(package.parent)}:1: {importer} stands on no floor: draw it in FLOORS")
        for line, imported in imports(tree, f"{package.name}.{importer}", is_package):
            rule = broken_rule(importer, imported, package.name)
            if rule:
                found.append(f"{path.relative_to(package.parent)}:{line} imports {imported}: {rule}")
    return found


def test_rooms_import_only_from_lower_floors():
    found = violations(PACKAGE)
    assert not found, "\n" + "\n".join(found)


def test_there_is_something_to_check():
    assert len(list(PACKAGE.rglob("*.py"))) > 3


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty copy of the house, to plant an import in."""
    package = tmp_path / "greenlm_edu"
    for room in ("energy", "carbon", "metering", "ledger", "notebook", "lm"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").write_text("import keras\nfrom greenlm_edu.notebook import card\n")
    return package


PLANTED = {
    "upwards": ("energy/nvml.py", "import greenlm_edu.metering", "import only from a lower floor"),
    "upwards, from": ("metering/measure.py", "from greenlm_edu.ledger.store import Store", "import only from a lower"),
    "upwards, room from package": ("metering/measure.py", "from greenlm_edu import ledger", "import only from a lower"),
    "relative": ("metering/measure.py", "from ..notebook import card", "import only from a lower floor"),
    "relative, from a room's __init__": ("metering/__init__.py", "from .. import notebook", "import only from a lower"),
    "relative, deeper": ("energy/vendor/amd.py", "from ...metering import measure", "import only from a lower floor"),
    "same floor": ("carbon/footprint.py", "from greenlm_edu.energy import source", "rooms of one floor never meet"),
    "same floor, ground": ("units.py", "from greenlm_edu.errors import InputError", "rooms of one floor never meet"),
    "ground looks up its step": ("errors.py", "from greenlm_edu.interval import Interval", "import only from a lower"),
    "in a function": (
        "energy/nvml.py",
        "def read():\n    from greenlm_edu import notebook",
        "import only from a lower",
    ),
    "for types": (
        "ledger/store.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from greenlm_edu.training import callback",
        "import only from a lower floor",
    ),
    "by name": ("energy/x.py", "import importlib\nimportlib.import_module('greenlm_edu.ledger')", "import only from a"),
    "public name": ("ledger/store.py", "from greenlm_edu import measure", "import from the room that holds it"),
    "whole package": ("ledger/store.py", "import greenlm_edu", "import from the room that holds it"),
    "new room": ("attic.py", "", "draw it in FLOORS"),
    "pynvml outside its module": ("energy/rapl.py", "import pynvml", "pynvml is kept in energy.nvml"),
    "keras outside its rooms": ("notebook/card.py", "from keras import ops", "keras is kept in lm, training"),
    "tensorflow, submodule": ("energy/x.py", "import tensorflow.math as tm", "tensorflow is kept in lm, training"),
    "anywidget": ("metering/measure.py", "import anywidget", "anywidget is kept in notebook, explorers"),
    "sqlalchemy": ("notebook/card.py", "def f():\n    import sqlalchemy.orm", "sqlalchemy is kept in ledger"),
}


@pytest.mark.parametrize(("file", "source", "rule"), PLANTED.values(), ids=PLANTED)
def test_a_planted_violation_is_found(house: Path, file: str, source: str, rule: str):
    path = house / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(source + "\n")
    line = max(1, len(source.splitlines()))
    (found,) = violations(house)
    assert found.startswith(f"greenlm_edu/{file}:{line}")
    assert rule in found


def test_the_message_tells_file_line_import_and_floors(house: Path):
    (house / "energy" / "detect.py").write_text("import os\n\nfrom greenlm_edu.ledger import store\n")
    assert violations(house) == [
        "greenlm_edu/energy/detect.py:3 imports greenlm_edu.ledger.store: "
        "energy is on floor 1, ledger above it on floor 3: import only from a lower floor"
    ]


def test_what_the_floors_allow_is_left_alone(house: Path):
    (house / "interval.py").write_text("from greenlm_edu.errors import InputError\nfrom .units import scaled\n")
    (house / "cli.py").write_text("from greenlm_edu import __version__, ledger\nimport greenlm_edu.energy.detect\n")
    (house / "__main__.py").write_text("from greenlm_edu.cli import main\n")
    (house / "energy" / "nvml.py").write_text("import pynvml\nfrom . import source\nfrom ..interval import Interval\n")
    (house / "lm" / "block.py").write_text("import keras\nimport tensorflow as tf\nfrom .attention import Attention\n")
    assert violations(house) == []
