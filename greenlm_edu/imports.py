"""Runs something around or after the import of one named module, whenever and by whomever it is imported.

    sys.meta_path.insert(0, AroundImport("tensorflow", without_chatter))
    stop = after_import("keras", follow)

Nothing is imported for it: where nobody imports the module, nothing happens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["AroundImport", "after_import"]


class AroundImport(MetaPathFinder):
    """An import hook for one module; put it first in `sys.meta_path`.

    The module is found and loaded by whoever would have done so without the hook.

    Args:
        name: the module's full name.
        around: makes the context in which the module's own code runs.
        after: called with the module when it is complete; not where the import fails.
    """

    def __init__(
        self,
        name: str,
        around: Callable[[], AbstractContextManager[object]] | None = None,
        after: Callable[[ModuleType], None] | None = None,
    ) -> None:
        self.name = name
        self._around, self._after = around, after

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = self._found_by_those_behind(path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _LoaderAround(spec.loader, self._around, self._after)
        return spec

    def _found_by_those_behind(self, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        finders = list(sys.meta_path)
        here = next((place for place, finder in enumerate(finders) if finder is self), -1)
        for finder in finders[here + 1 :]:
            find = getattr(finder, "find_spec", None)  # Python, too, passes by a finder of the old kind
            spec: ModuleSpec | None = find(self.name, path, target) if find else None
            if spec is not None:
                return spec
        return None


class _LoaderAround(Loader):
    """The module's own loader, with something around and after the run of the module's code."""

    def __init__(
        self,
        loader: Loader,
        around: Callable[[], AbstractContextManager[object]] | None,
        after: Callable[[ModuleType], None] | None,
    ) -> None:
        self._loader, self._around, self._after = loader, around, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # its resources and source, which others may ask the loader for

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # From here on the module knows its own loader, as it would without the hook.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        if self._around is None:
            self._loader.exec_module(module)
        else:
            with self._around():
                self._loader.exec_module(module)
        if self._after is not None:
            self._after(module)


def after_import(name: str, call: Callable[[ModuleType], None]) -> Callable[[], None]:
    """Calls `call` with the module once it is imported, at once if it is already; the result stops that.

    A module that is imported anew, because somebody took it out of `sys.modules`, is told of again.
    """
    hook = AroundImport(name, after=call)
    sys.meta_path.insert(0, hook)
    if name in sys.modules:
        call(import_module(name))  # waits for it, where another thread is importing it just now

    def stop() -> None:
        with suppress(ValueError):
            sys.meta_path.remove(hook)

    return stop
