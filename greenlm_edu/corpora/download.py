"""Texts that are fetched only when asked for: size said beforehand, checksum checked, kept in a cache."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from greenlm_edu.errors import CorpusUnavailable

__all__ = ["Download", "cache_folder", "cached", "fetch"]

TIMEOUT_S: Final = 30
_CHUNK: Final = 1 << 16


@dataclass(frozen=True)
class Download:
    """A file on the network, and how to know that it is the right one.

    Args:
        name: what `corpora.load` calls the text.
        address: where it lies.
        size_bytes: its exact size.
        sha256: its checksum.
        checksum_source: where the checksum was taken from.
        stand_in: the embedded text for those who are off line.
    """

    name: str
    address: str
    size_bytes: int
    sha256: str
    checksum_source: str
    stand_in: str

    @property
    def file_name(self) -> str:
        """What the file is called in the cache."""
        return f"{self.name}-{self.address.rsplit('/', 1)[-1]}"


def cache_folder() -> Path:
    """Where downloads are kept: GREENLM_CACHE, or a folder in the user's cache."""
    given = os.environ.get("GREENLM_CACHE")
    if given:
        return Path(given).expanduser()
    import platformdirs  # here, so that the embedded texts need nothing but Python

    return platformdirs.user_cache_path("greenlm-edu")


def fetch(item: Download, folder: Path | None = None) -> Path:
    """Fetch a file, unless the cache holds it already. Says what it is about to fetch, and how much that is.

    Args:
        item: what to fetch.
        folder: where to keep it; `cache_folder()` if left out.
    Returns:
        the file.
    Raises:
        CorpusUnavailable: there is no network, no such file, not all of it, or another one.
    """
    path = (folder or cache_folder()) / item.file_name
    if path.is_file() and _fault(path, item) is None:
        return path
    print(f"Downloading {item.name}: {item.size_bytes / 1e6:.1f} MB from {item.address} to {path}", flush=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and moved there whole, so that a break leaves no half of a file behind.
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{item.file_name}.")
        try:
            with os.fdopen(handle, "wb") as file, urllib.request.urlopen(item.address, timeout=TIMEOUT_S) as answer:
                left = item.size_bytes + 1  # one byte more tells a file that is too long
                while left > 0 and (chunk := answer.read(min(_CHUNK, left))):
                    file.write(chunk)
                    left -= len(chunk)
            fault = _fault(Path(part), item)
            if fault is None:
                os.replace(part, path)
                return path
        finally:
            Path(part).unlink(missing_ok=True)
    except (OSError, http.client.HTTPException) as err:  # URLError and HTTPError are OSErrors
        reason = getattr(err, "reason", None) or err
        status = f"{err.code} " if isinstance(err, urllib.error.HTTPError) else ""
        raise CorpusUnavailable(
            f"corpora.download({item.name!r}): {item.address} must be reachable; got {status}{reason}. Try again on "
            f"line, or take the text that comes with the package: corpora.load({item.stand_in!r})."
        ) from err
    raise CorpusUnavailable(
        f"corpora.download({item.name!r}): the file must be the one whose checksum is known; got {fault}. Nothing was "
        f"kept. Try again later, or take the text that comes with the package: corpora.load({item.stand_in!r})."
    )


def cached(item: Download, folder: Path | None = None) -> Path:
    """The file in the cache; nothing is fetched.

    Raises:
        CorpusUnavailable: it is not there, or damaged.
    """
    path = (folder or cache_folder()) / item.file_name
    fault = _fault(path, item) if path.is_file() else "no such file"
    if fault is not None:
        raise CorpusUnavailable(
            f"corpora.load({item.name!r}): {path} must hold the text; got {fault}. Fetch it once with "
            f"corpora.download({item.name!r}), {item.size_bytes / 1e6:.1f} MB, or take the text that comes with the "
            f"package: corpora.load({item.stand_in!r})."
        )
    return path


def _fault(path: Path, item: Download) -> str | None:
    """What is wrong with a file, or None."""
    size = path.stat().st_size
    if size < item.size_bytes:
        return f"{size:,} of {item.size_bytes:,} bytes"
    if size > item.size_bytes:
        return f"more than {item.size_bytes:,} bytes"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return None if found == item.sha256 else f"sha256 {found} instead of {item.sha256}"
