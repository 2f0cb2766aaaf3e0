"""Opening the ledger to read it, without making one where there is none yet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greenlm_edu.ledger import Ledger

__all__ = ["cannot_write", "existing_ledger", "shown"]


def existing_ledger(where: str) -> Ledger | None:
    """The ledger at this place, or None where there is no such file.

    Raises:
        LedgerUnavailable: there is something, but no ledger that can be read.
    """
    from greenlm_edu.ledger import Ledger

    if "://" not in where and not Path(where).expanduser().exists():
        return None
    return Ledger(where)


def cannot_write(where: str) -> str:
    """Why nothing can be recorded at this place; empty where it can. A file that is not there yet is not made.

    Raises nothing: whatever is wrong is told.
    """
    from greenlm_edu.errors import LedgerUnavailable

    try:
        ledger = existing_ledger(where)
    except LedgerUnavailable as err:
        return str(err)
    if ledger is not None:
        ledger.close()
    if "://" in where:
        return ""
    file = Path(where).expanduser()
    # SQLite writes its log beside the file, so the folder must be writable too.
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if not folder.is_dir():
        return f"{folder} is a file, not a folder. Set GREENLM_LEDGER to a file that you can write."
    for place in (file, folder) if file.exists() else (folder,):
        if not os.access(place, os.W_OK):
            return f"{place} may not be written by this user. Set GREENLM_LEDGER to a file that you can write."
    return ""


def shown(where: str) -> str:
    """The ledger's place as it may be shown: without a password."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", where)
