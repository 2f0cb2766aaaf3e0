"""Hooks on the import of one module: nothing is imported for them, and the module is as it would be without."""

import importlib
import sys
from contextlib import contextmanager

import pytest

from greenlm_edu.imports import AroundImport, after_import

NAME = "greenlm_hooked"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that can be imported and has not been."""
    (tmp_path / f"{NAME}.py").write_text("import sys\nvalue = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    importlib.invalidate_caches()
    yield tmp_path / f"{NAME}.py"
    sys.modules.pop(NAME, None)


def test_it_is_called_with_the_complete_module_when_somebody_imports_it(module):
    heard = []
    after_import(NAME, lambda found: heard.append((found, found.value)))
    assert (heard, NAME in sys.modules) == ([], False)
    imported = importlib.import_module(NAME)
    assert heard == [(imported, 1)]


def test_it_is_called_at_once_where_the_module_is_there_already(module):
    imported, heard = importlib.import_module(NAME), []
    after_import(NAME, heard.append)
    assert heard == [imported]


def test_it_is_called_again_for_a_module_that_is_imported_anew(module):
    heard = []
    after_import(NAME, heard.append)
    importlib.import_module(NAME)
    del sys.modules[NAME]
    importlib.import_module(NAME)
    assert len(heard) == 2


def test_it_is_not_called_where_the_import_fails(module):
    module.write_text("raise ImportError('half')")
    heard = []
    after_import(NAME, heard.append)
    with pytest.raises(ImportError, match="half"):
        importlib.import_module(NAME)
    assert heard == []


def test_stopping_leaves_the_finders_as_they_were(module):
    before, heard = list(sys.meta_path), []
    stop = after_import(NAME, heard.append)
    stop()
    stop()
    assert sys.meta_path == before
    importlib.import_module(NAME)
    assert heard == []


def test_two_hooks_on_one_module_both_run(module):
    order = []

    @contextmanager
    def around():
        order.append("in")
        yield
        order.append("out")

    sys.meta_path.insert(0, AroundImport(NAME, around))
    after_import(NAME, lambda found: order.append("after"))
    importlib.import_module(NAME)
    assert order == ["in", "out", "after"]


def test_the_module_keeps_its_own_loader(module):
    plain = importlib.import_module(NAME)
    kind = type(plain.__loader__)
    del sys.modules[NAME]
    after_import(NAME, lambda found: None)
    hooked = importlib.import_module(NAME)
    assert (type(hooked.__loader__), type(hooked.__spec__.loader)) == (kind, kind)


def test_other_modules_and_missing_ones_are_left_alone(module):
    hook = AroundImport(NAME)
    assert hook.find_spec("json", None) is None
    module.unlink()
    importlib.invalidate_caches()
    sys.meta_path.insert(0, hook)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)
