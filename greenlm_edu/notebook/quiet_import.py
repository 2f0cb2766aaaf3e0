"""Keeps TensorFlow's start-up chatter out of a lesson's first screen.

TensorFlow 2.17 and later write a dozen information lines to standard error while they are imported, whatever
TF_CPP_MIN_LOG_LEVEL says (tensorflow issue 100442). Here those lines are taken out while the module loads; every
other line, and everything where the import fails, is passed on.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

__all__ = ["QuietTensorFlow"]

CHATTER: Final = (
    b"I0000 ",
    b"WARNING: All log messages before absl::InitializeLog",
    b"To enable the following instructions",
)
STDERR_FD: Final = 2


class QuietTensorFlow(MetaPathFinder):
    """An import hook for the one module `tensorflow`; put it first in `sys.meta_path`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader)
        return spec


class _QuietLoader(Loader):
    """The module's own loader, with standard error held back while it runs."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)  # its resources and source, which others may ask the loader for

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with without_chatter():
            self._loader.exec_module(module)


@contextmanager
def without_chatter() -> Iterator[None]:
    """Holds back what is written to standard error inside, and passes on all but the chatter afterwards."""
    sys.stderr.flush()
    kept_fd = os.dup(STDERR_FD)
    failed = True
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), STDERR_FD)
        try:
            yield
            failed = False
        finally:
            os.dup2(kept_fd, STDERR_FD)
            os.close(kept_fd)
            held.seek(0)
            for line in held:
                if failed or not line.startswith(CHATTER):
                    os.write(STDERR_FD, line)
