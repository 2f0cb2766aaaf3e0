"""Keeps TensorFlow's start-up chatter out of a lesson's first screen.

TensorFlow 2.17 and later write a dozen information lines to standard error while they are imported, whatever
TF_CPP_MIN_LOG_LEVEL says (tensorflow issue 100442). Here those lines are taken out while the module loads; every
other line, and everything where the import fails, is passed on.

On a machine with no NVIDIA driver its first look for a GPU ends in an error line about cuInit, in the middle of a
lesson, though nothing is wrong. There it is made to look at once, and that one line goes too.
"""

from __future__ import annotations

import ctypes.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Final

from greenlm_edu.imports import AroundImport

__all__ = ["QuietTensorFlow"]

CHATTER: Final = (
    b"I0000 ",
    b"WARNING: All log messages before absl::InitializeLog",
    b"To enable the following instructions",
)
NO_DRIVER: Final = b"failed call to cuInit"
STDERR_FD: Final = 2


class QuietTensorFlow(AroundImport):
    """An import hook for the one module `tensorflow`; put it first in `sys.meta_path`."""

    def __init__(self) -> None:
        super().__init__("tensorflow", without_chatter, look_for_gpus)


def look_for_gpus(tensorflow: ModuleType) -> None:
    """Let TensorFlow find out now that there is no GPU, where no driver could give it one.

    Where there is a driver nothing is done: CUDA_VISIBLE_DEVICES may still be set between import and first use.
    """
    look = getattr(getattr(tensorflow, "config", None), "list_physical_devices", None)
    if look is not None and ctypes.util.find_library("cuda") is None:
        with without(lambda line: NO_DRIVER in line):
            look("GPU")


def without_chatter() -> AbstractContextManager[None]:
    """Holds back what TensorFlow's import has to say, and passes on all but the chatter afterwards."""
    return without(lambda line: line.startswith(CHATTER))


@contextmanager
def without(is_chatter: Callable[[bytes], bool]) -> Iterator[None]:
    """Holds back what is written to standard error inside; then passes on all but the chatter, or all after a fault."""
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
                if failed or not is_chatter(line):
                    os.write(STDERR_FD, line)
