"""Texts to learn from, each with its licence, fingerprint and splits that share nothing.

    load(name) -> Text      one text
    names()                 what there is

One file a text; a file of its own needs a `read()` that returns a Text, and a line in the table below.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Final

from greenlm_edu.corpora import python_docs, toy_language
from greenlm_edu.corpora.text import Text
from greenlm_edu.errors import InputError

__all__ = ["Text", "load", "names"]

_READERS: Final[dict[str, Callable[[], Text]]] = {
    "python_docs": python_docs.read,
    "toy_language": toy_language.read,
}


def names() -> tuple[str, ...]:
    """The names that `load` knows.

    >>> names()
    ('python_docs', 'toy_language')
    """
    return tuple(_READERS)


def load(name: str) -> Text:
    """One text with its splits, licence and fingerprint.

    Args:
        name: one of `names()`.
    Raises:
        InputError: no text has this name.
        CorpusUnavailable: the text is not on this machine.

    >>> text = load("toy_language")
    >>> text.name, text.licence
    ('toy_language', 'BSD-3-Clause')
    """
    if name not in _READERS:
        nearest = difflib.get_close_matches(str(name), _READERS, n=1, cutoff=0.0)[0]
        raise InputError(
            f"corpora.load: name must be one of {', '.join(map(repr, _READERS))}; got {name!r}. "
            f"Did you mean {nearest!r}?"
        )
    return _READERS[name]()
