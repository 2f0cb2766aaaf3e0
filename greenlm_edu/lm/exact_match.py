"""How often an answer is the reference, word for word; and how many of its words are."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Final

from greenlm_edu.errors import EmptyCorpus, ShapeError

__all__ = ["exact_match", "token_f1"]

_ARTICLES: Final = re.compile(r"\b(a|an|the)\b")
_MARKS: Final = str.maketrans("", "", string.punctuation)


def exact_match(found: Sequence[str], wanted: Sequence[str]) -> float:
    """The share of texts that equal their references, white space at the ends apart.

    Raises:
        EmptyCorpus: no texts.
        ShapeError: not as many references as texts.

    >>> exact_match(["二十", "三 "], ["二十", "四"])
    0.5

    Lesson: notebooks/11.
    """
    _check("exact_match", found, wanted)
    return sum(one.strip() == other.strip() for one, other in zip(found, wanted, strict=True)) / len(found)


def token_f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    """The mean F1 of the words of answers against those of references, as SQuAD counts them.

    Upper case, punctuation and articles count for nothing. Two empty answers agree; an empty one and another do not.

    Raises:
        EmptyCorpus, ShapeError: see exact_match.

    >>> token_f1(["the Ada Abel mill", ""], ["Ada Abel", ""])
    0.9

    Source: Rajpurkar et al. 2016, section 6.1; Rajpurkar et al. 2018 (no answer).   Lesson: notebooks/11.
    """
    _check("token_f1", found, wanted)
    return sum(_f1(_words(one), _words(other)) for one, other in zip(found, wanted, strict=True)) / len(found)


def _words(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_MARKS)).split()


def _f1(found: list[str], wanted: list[str]) -> float:
    if not found or not wanted:
        return float(found == wanted)
    shared = (Counter(found) & Counter(wanted)).total()
    return 2 * shared / (len(found) + len(wanted))


def _check(where: str, found: Sequence[str], wanted: Sequence[str]) -> None:
    if len(found) != len(wanted):
        raise ShapeError(f"{where}: there must be a reference for each text; got {len(found)} and {len(wanted)}.")
    if len(found) == 0:
        raise EmptyCorpus(f"{where}: there must be at least one text; got none.")
