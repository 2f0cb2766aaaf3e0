"""A text to learn from: three splits that share nothing, and where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.errors import EmptyCorpus

__all__ = ["Text"]


@dataclass(frozen=True)
class Text:
    """A corpus, split for training, for choosing between models, and for the last judgement.

    Args:
        name: what `corpora.load` calls it.
        train: the text to fit models on.
        validation: the text to compare models on, as often as you like.
        test: the text to judge the chosen model on, once.
        licence: the terms under which it may be used and passed on.
        source: where the text comes from, with its version.
        description: what it is, how it was split, what is known to be wrong with it, in a few sentences.
        datasheet: the same by the questions of a datasheet; every text that `corpora.load` knows has one.
    Raises:
        EmptyCorpus: a split holds no text.

    >>> text = Text("song", "la la la", "la", "lo", "public domain", "made here", "Three syllables.")
    >>> text
    Text('song': train 8, validation 2, test 2 characters; public domain; sha256 0cb6cc15c387…)
    >>> text.characters["train"]
    8
    """

    name: str
    train: str
    validation: str
    test: str
    licence: str
    source: str
    description: str
    datasheet: Datasheet | None = None

    def __post_init__(self) -> None:
        for split in ("train", "validation", "test"):
            if not getattr(self, split):
                raise EmptyCorpus(
                    f"Text {self.name!r}: each split must hold some text; got an empty {split}. "
                    "Start from a longer text, or give this split a larger share."
                )

    @property
    def characters(self) -> dict[str, int]:
        """The number of characters in each split."""
        return {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the three splits: two machines that show the same one trained on the same text."""
        digest = hashlib.sha256()
        for split in (self.train, self.validation, self.test):
            data = split.encode("utf-8", errors="surrogatepass")
            # The length goes first, so that no text can move over a border and leave the fingerprint as it was.
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.hexdigest()

    def __repr__(self) -> str:
        sizes = ", ".join(f"{split} {size:,}" for split, size in self.characters.items())
        return f"Text({self.name!r}: {sizes} characters; {self.licence}; sha256 {self.fingerprint[:12]}…)"
