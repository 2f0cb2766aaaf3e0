"""Texts to learn from, each with its licence, fingerprint, datasheet, and splits that share nothing.

    load(name)              one text: a Text of characters, or a Collection of examples
    names()                 what comes with the package
    download(name)          fetch one of optional_names(), when asked and not before

    python_docs             English prose and code            Text
    toy_language            a language of known entropy       Text
    reviews                 sentiment                         Collection of Labelled
    intents                 customer service                  Collection of Labelled
    docs_topics             Python's reference, by topic      Collection of Labelled
    dates_and_numbers       English and Chinese               Collection of Pair
    energy_reports          reports and summaries             Collection of Pair
    questions               passages, questions, answers      Collection of Question
    tiny_shakespeare, imdb  optional: 1.1 MB, 84 MB           Text, Collection of Labelled

One file a text; a file of its own needs a `read()`, and a line in the table below.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, overload

from greenlm_edu.corpora import (
    dates_and_numbers,
    docs_topics,
    energy_reports,
    imdb,
    intents,
    python_docs,
    questions,
    reviews,
    tiny_shakespeare,
    toy_language,
)
from greenlm_edu.corpora.collection import Collection
from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.download import Download, fetch
from greenlm_edu.corpora.labelled import Labelled
from greenlm_edu.corpora.pair import Pair
from greenlm_edu.corpora.questions import Question
from greenlm_edu.corpora.text import Text
from greenlm_edu.errors import InputError

__all__ = [
    "Collection",
    "Datasheet",
    "Labelled",
    "Pair",
    "Question",
    "Text",
    "download",
    "load",
    "names",
    "optional_names",
]

_READERS: Final[dict[str, Callable[[], Any]]] = {
    "python_docs": python_docs.read,
    "toy_language": toy_language.read,
    "reviews": reviews.read,
    "intents": intents.read,
    "docs_topics": docs_topics.read,
    "dates_and_numbers": dates_and_numbers.read,
    "energy_reports": energy_reports.read,
    "questions": questions.read,
}
_OPTIONAL: Final[dict[str, tuple[Download, Callable[[], Any]]]] = {
    "tiny_shakespeare": (tiny_shakespeare.DOWNLOAD, tiny_shakespeare.read),
    "imdb": (imdb.DOWNLOAD, imdb.read),
}


def names() -> tuple[str, ...]:
    """The texts that come with the package, or with Python.

    >>> names()[:4]
    ('python_docs', 'toy_language', 'reviews', 'intents')
    >>> names()[4:]
    ('docs_topics', 'dates_and_numbers', 'energy_reports', 'questions')
    """
    return tuple(_READERS)


def optional_names() -> tuple[str, ...]:
    """The texts that `download` can fetch.

    >>> optional_names()
    ('tiny_shakespeare', 'imdb')
    """
    return tuple(_OPTIONAL)


@overload
def load(name: Literal["python_docs", "toy_language", "tiny_shakespeare"]) -> Text: ...
@overload
def load(name: Literal["reviews", "intents", "docs_topics", "imdb"]) -> Collection[Labelled]: ...
@overload
def load(name: Literal["dates_and_numbers", "energy_reports"]) -> Collection[Pair]: ...
@overload
def load(name: Literal["questions"]) -> Collection[Question]: ...
@overload
def load(name: str) -> Any: ...


def load(name: str) -> Any:
    """One text with its splits, licence, fingerprint and datasheet. Never touches the network.

    Args:
        name: one of `names()`, or of `optional_names()` once it was downloaded.
    Returns:
        a Text, or a Collection of examples.
    Raises:
        InputError: no text has this name.
        CorpusUnavailable: the text is not on this machine.

    >>> text = load("toy_language")
    >>> text.name, text.licence
    ('toy_language', 'BSD-3-Clause')
    >>> load("dates_and_numbers").train[1]
    Pair(source='10 September 2038', target='2038年9月10日', kind='date')
    """
    _check_name("load", name, (*_READERS, *_OPTIONAL))
    return _READERS[name]() if name in _READERS else _OPTIONAL[name][1]()


def download(name: str, folder: Path | None = None) -> Path:
    """Fetch an optional text, unless it is there already; `load` then finds it. Says beforehand how large it is.

    Args:
        name: one of `optional_names()`.
        folder: where to keep it; the cache (GREENLM_CACHE) if left out. `load` looks in the cache only.
    Returns:
        the file.
    Raises:
        InputError: no optional text has this name.
        CorpusUnavailable: off line, or the file is not the one whose checksum is known; names an embedded stand-in.
    """
    _check_name("download", name, tuple(_OPTIONAL))
    return fetch(_OPTIONAL[name][0], folder)


def _check_name(where: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)[0]
        raise InputError(
            f"corpora.{where}: name must be one of {', '.join(map(repr, known))}; got {name!r}. "
            f"Did you mean {nearest!r}?"
        )
