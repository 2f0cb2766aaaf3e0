"""Keeps TensorFlow's start-up chatter out of a lesson's first screen.

TensorFlow 2.17 and later write a dozen information lines to standard error while they are imported, whatever
TF_CPP_MIN_LOG_LEVEL says (tensorflow issue 100442). Here those lines are taken out while the module loads; every
other line, and everything where the import fails, is passed on.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from greenlm_edu.imports import AroundImport

__all__ = ["QuietTensorFlow"]

CHATTER: Final = (
    b"I0000 ",
    b"WARNING: All log messages before absl::InitializeLog",
    b"To enable the following instructions",
)
STDERR_FD: Final = 2


class QuietTensorFlow(AroundImport):
    """An import hook for the one module `tensorflow`; put it first in `sys.meta_path`."""

    def __init__(self) -> None:
        super().__init__("tensorflow", without_chatter)


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
