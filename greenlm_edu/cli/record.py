"""Opening the ledger to read it, without making one where there is none yet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from greenlm_edu.errors import InputError

if TYPE_CHECKING:
    from greenlm_edu.ledger import Ledger

__all__ = ["cannot_write", "chosen_rows", "existing_ledger", "shown", "write_text"]


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


def chosen_rows(ledger: Ledger, last: int | None, notebook: str | None, command: str) -> list[dict[str, Any]]:
    """The rows that were asked for; the ledger is closed.

    Args:
        ledger: to read.
        last: only the newest so many.
        notebook: only this one: its file name, stem or number.
        command: who asks, for the error.

    Raises:
        InputError: the ledger knows no such notebook.
    """
    try:
        if notebook is None:
            return ledger.rows(last=last)
        for name in (notebook, f"{notebook}.ipynb"):
            if rows := ledger.rows(last=last, notebook=name):
                return rows
        everything = ledger.rows()
    finally:
        ledger.close()
    rows = [row for row in everything if row["notebook"] and _is_numbered(row["notebook"], notebook)]
    if not rows and everything:
        there = sorted({row["notebook"] for row in everything if row["notebook"]})
        raise InputError(
            f"{command} --notebook: a notebook in the ledger must be named; got “{notebook}”. "
            f"It holds: {', '.join(there) or 'measurements outside notebooks only'}."
        )
    return rows[-last:] if last else rows


def _is_numbered(file_name: str, number: str) -> bool:
    head = file_name.partition("_")[0]
    return head.isdecimal() and number.isdecimal() and int(head) == int(number)


def write_text(out: Path, text: str, command: str) -> None:
    """Writes a file and tells where.

    Raises:
        InputError: it cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as err:
        raise InputError(f"{command} --out: the file must be writable; got “{out}” ({err.strerror}).") from err
    typer.echo(f"Written to {out}", err=True)
