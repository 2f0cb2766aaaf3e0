"""ROUGE: how much of a reference summary's words a summary shares, one by one, in pairs, or in order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from greenlm_edu.errors import EmptyCorpus, InputError, ShapeError

__all__ = ["rouge"]

_WORD: Final = re.compile(r"[a-z0-9]+")


def rouge(found: Sequence[str], wanted: Sequence[str], kind: str = "L") -> float:
    """The mean ROUGE F1 of texts against their references.

    Words are runs of letters a–z and digits, lower case, without stemming: those of the library rouge-score, whose
    figures these are.

    Args:
        found, wanted: texts and their references.
        kind: "1" counts shared words, "2" shared pairs of neighbours, "L" the longest run of shared words in order,
            with gaps.
    Raises:
        InputError: another kind.
        EmptyCorpus: no texts.
        ShapeError: not as many references as texts.

    >>> rouge(["the cat sat"], ["the cat sat down"], "L")
    0.857...
    >>> rouge(["sat the cat"], ["the cat sat"], "2")
    0.5

    Source: Lin 2004.   Lesson: notebooks/11.
    """
    if kind not in ("1", "2", "L"):
        raise InputError(f'rouge: kind must be "1", "2" or "L"; got {kind!r}. Take "L".')
    if len(found) != len(wanted):
        raise ShapeError(f"rouge: there must be a reference for each text; got {len(found)} and {len(wanted)}.")
    if len(found) == 0:
        raise EmptyCorpus("rouge: there must be at least one text; got none.")
    return sum(_f1(_words(one), _words(other), kind) for one, other in zip(found, wanted, strict=True)) / len(found)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _f1(found: list[str], wanted: list[str], kind: str) -> float:
    if kind == "L":
        shared, sizes = _longest_in_order(found, wanted), (len(found), len(wanted))
    else:
        length = int(kind)
        grams = [Counter(zip(*(words[n:] for n in range(length)), strict=False)) for words in (found, wanted)]
        shared, sizes = (grams[0] & grams[1]).total(), (grams[0].total(), grams[1].total())
    return 2 * shared / sum(sizes) if shared else 0.0


def _longest_in_order(found: list[str], wanted: list[str]) -> int:
    """The length of the longest common subsequence."""
    best = [0] * (len(wanted) + 1)
    for word in found:
        before = best.copy()
        for place, other in enumerate(wanted):
            best[place + 1] = before[place] + 1 if word == other else max(before[place + 1], best[place])
    return best[-1]
