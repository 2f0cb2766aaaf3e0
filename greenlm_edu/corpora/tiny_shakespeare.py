"""Scenes from Shakespeare's plays, a usual text for small language models. Optional: 1.1 MB are downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.download import Download, cached
from greenlm_edu.corpora.text import Text

__all__ = ["DOWNLOAD", "read"]

_COMMIT: Final = "6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e"
DOWNLOAD: Final = Download(
    name="tiny_shakespeare",
    address=f"https://raw.githubusercontent.com/karpathy/char-rnn/{_COMMIT}/data/tinyshakespeare/input.txt",
    size_bytes=1_115_394,
    sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    checksum_source=f"worked out from a copy of the repository karpathy/char-rnn at commit {_COMMIT[:7]}",
    stand_in="python_docs",
)
_DATASHEET: Final = Datasheet(
    motivation="Collected by Andrej Karpathy in 2015 to show what character models can do; a common yardstick since.",
    composition="Some 40,000 lines of dialogue, 1,115,394 characters, 65 different ones.",
    making="Scenes from several plays one after the other; split here in order, at empty lines, so that validation and "
    "test come from the last plays.",
    label_noise="No labels.",
    limits="English of about 1600, verse mostly. Large models have read it: their scores on it mean little.",
    uses="Character models, compared with figures that others published.",
)


def read(path: Path | None = None) -> Text:
    """The text, split 90 : 5 : 5 in its own order, between two speeches.

    Args:
        path: the file; the one in the cache if left out.
    Raises:
        CorpusUnavailable: it was not downloaded yet; the message says how.
    """
    whole = (path or cached(DOWNLOAD)).read_text(encoding="utf-8")
    first, second = (whole.index("\n\n", len(whole) * percent // 100) + 2 for percent in (90, 95))
    return Text(
        name=DOWNLOAD.name,
        train=whole[:first],
        validation=whole[first:second],
        test=whole[second:],
        licence="public domain (the plays); the selection carries no licence of its own",
        source=DOWNLOAD.address,
        description="Dialogue from several plays by Shakespeare, split in order at empty lines between speeches.",
        datasheet=_DATASHEET,
    )
