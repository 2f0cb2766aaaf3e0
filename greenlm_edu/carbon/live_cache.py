"""Answers of live sources kept for some minutes, and the waits that a source asked for: in memory and in small files.

A file holds checked figures with the time of their fetching, never a key. A file that cannot be read or is damaged is
no answer, and a folder that cannot be written leaves the memory alone to remember: neither is worth stopping for.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from greenlm_edu.carbon.period import IntensityPeriod
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["Kept", "cache_folder", "keep", "keep_wait", "kept", "wait_until"]


@dataclass(frozen=True)
class Kept:
    """An answer and when it came.

    Args:
        fetched_at: in UTC.
        name: the place, as the source calls it for people.
        periods: what it said.
    """

    fetched_at: datetime
    name: str
    periods: tuple[IntensityPeriod, ...]


_memory: dict[Path, dict[str, Any]] = {}


def cache_folder() -> Path:
    """Where answers are kept: GREENLM_CACHE, or a folder in the user's cache."""
    given = os.environ.get("GREENLM_CACHE")
    if given:
        return Path(given).expanduser() / "live_intensity"
    import platformdirs

    return platformdirs.user_cache_path("greenlm-edu") / "live_intensity"


def kept(question: str) -> Kept | None:
    """The answer that was kept for a question, of whatever age."""
    found = _read(_path("answer", question))
    try:
        if found is None or found["question"] != question:
            return None
        periods = tuple(
            IntensityPeriod(_moment(start), _moment(end), Interval(low, best, high), str(kind))
            for start, end, low, best, high, kind in found["periods"]
        )
        fetched_at = _moment(found["fetched_at"]).astimezone(UTC)
        return Kept(fetched_at, str(found["name"]), periods) if periods else None
    except (KeyError, TypeError, ValueError, InputError):  # damaged, or written by another version
        return None


def keep(question: str, answer: Kept) -> None:
    """Keep an answer; what was kept for this question before is replaced."""
    rows = [
        [p.start.isoformat(), p.end.isoformat(), p.g_per_kwh.low, p.g_per_kwh.best, p.g_per_kwh.high, p.kind]
        for p in answer.periods
    ]
    content = {"question": question, "fetched_at": answer.fetched_at.isoformat(), "name": answer.name, "periods": rows}
    _write(_path("answer", question), content)


def wait_until(origin: str) -> datetime | None:
    """The moment before which this source wants no request, if it said so, even to another process."""
    found = _read(_path("wait", origin))
    try:
        return _moment(found["until"]).astimezone(UTC) if found is not None else None
    except (KeyError, TypeError, ValueError):
        return None


def keep_wait(origin: str, until: datetime) -> None:
    """Remember that this source wants no request before a moment."""
    _write(_path("wait", origin), {"origin": origin, "until": until.isoformat()})


def forget() -> None:
    """Let go of what this process remembers; the files stay."""
    _memory.clear()


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a kept moment has no time zone")
    return found


def _path(kind: str, question: str) -> Path:
    return cache_folder() / f"{kind}-{hashlib.sha256(question.encode()).hexdigest()[:16]}.json"


def _read(path: Path) -> dict[str, Any] | None:
    # The file first: another process may have asked since.
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return _memory.get(path)


def _write(path: Path, content: dict[str, Any]) -> None:
    _memory[path] = content
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and moved there whole, so that a reader never sees half of it.
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file)
            os.replace(part, path)
        finally:
            Path(part).unlink(missing_ok=True)
