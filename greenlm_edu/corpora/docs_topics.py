"""Paragraphs of Python's language reference, each with the family of topics that it stands in: real text to classify.

How it is made:

1. Only topics whose family is clear; the debugger's manual, naming and the execution model, for instance, are left out.
2. Whole topics are held out, named below; chosen for their number of paragraphs, before any model was trained.
3. Paragraphs of prose only: no headings, grammar rules, tables, code and notes on versions, and none below 60
   characters.
4. Topics quote each other at length. A paragraph that shares 40 characters in a row with one of another topic is left
   out of the later one (test goes first, then validation), and so is one that stood before.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from typing import Final

from greenlm_edu.corpora.collection import Collection
from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.help_topics import LICENCE, MODULE, paragraphs_of, spans_of, topics_of
from greenlm_edu.corpora.labelled import Labelled

__all__ = ["LABELS", "read", "training_topics"]

SHORTEST: Final = 60

# family -> (topics to train on, for validation, for the test)
_FAMILIES: Final[dict[str, tuple[str, str, str]]] = {
    "expressions": (
        "atom-identifiers atom-literals attribute-references await bitwise booleans comparisons conversions dict "
        "exprlists in lambda lists operator-summary power shifting slicings unary",
        "binary",
        "calls",
    ),
    "notation": ("formatstrings strings id-classes numbers imaginary", "integers floating", "identifiers"),
    "special_methods": (
        "attribute-access context-managers customization specialnames",
        "numeric-types callable-types",
        "sequence-types",
    ),
    "statements": (
        "assert assignment async augassign break class continue del else for function global if import nonlocal pass "
        "return while with yield compound",  # which quotes many of the others: the last
        "try",
        "raise",
    ),
    "types": (
        "string-methods types typesmapping typesseq typesseq-mutable",
        "typesfunctions typesmethods typesmodules bltin-code-objects bltin-ellipsis-object bltin-null-object",
        "specialattrs bltin-type-objects",
    ),
}
LABELS: Final = tuple(_FAMILIES)

_NO_PROSE: Final = re.compile(r"::=|>>>|^\s*[+|]|^\s*#", re.MULTILINE)
_RULED: Final = re.compile(r"\s*([^\w\s])\1+\s*")
_VERSION_NOTE: Final = re.compile(r"(Changed|New|Added|Deprecated)\b.{0,12}\bversion|Deprecated since")

_DATASHEET: Final = Datasheet(
    motivation="Real text to classify, on every machine that has Python, with no download and a clear licence.",
    composition="797 paragraphs in Python 3.11 (about 815 in 3.12, 835 in 3.13), some 37 words each: types 266, "
    "statements 202, special_methods 155, expressions 118, notation 56. The classes are unbalanced, as they are there.",
    making="Written by the Python developers; taken from pydoc_data.topics, prose only. Whole topics are held out, and "
    "no paragraph shares 40 characters in a row with one of another topic.",
    label_noise="Unknown, and not zero: the label is the family of the topic, which some paragraphs would fit that "
    "stand elsewhere. `true_label` is None.",
    limits="Few paragraphs, and held-out topics that speak of other things than those to train on: figures from so "
    "small a test are off by several points. One subject and one style; the wording, and with it the fingerprint, "
    "changes a little from one Python version to the next.",
    # Measured: naive Bayes 76 % in five folds of paragraphs, 37 – 46 % in folds of whole topics (three seeds).
    uses="Lesson 06: real, unbalanced classes; cross-validation by paragraph and by topic, which differ widely.",
)


def read(module: str = MODULE) -> Collection[Labelled]:
    """Paragraphs labelled with one of five families of topics.

    Args:
        module: the module whose `topics` maps a topic's name to its text.
    Raises:
        CorpusUnavailable: this Python was installed without its help texts.
    """
    splits: tuple[list[Labelled], ...] = ([], [], [])
    for split, _, example in _kept(module):
        splits[split].append(example)
    source = f"{module} of {platform.python_implementation()} {platform.python_version()}, docs.python.org"
    train, validation, test = map(tuple, splits)
    return Collection("docs_topics", train, validation, test, LICENCE, source, _DATASHEET)


def training_topics(module: str = MODULE) -> tuple[str, ...]:
    """The topic of each training example, in their order: for folds that hold out whole topics.

    Args:
        module: as for `read`.
    Raises:
        CorpusUnavailable: this Python was installed without its help texts.
    """
    return tuple(topic for split, topic, _ in _kept(module) if split == 0)


def _kept(module: str) -> Iterator[tuple[int, str, Labelled]]:
    """Number of the split, topic and paragraph of all that stays, the test first."""
    topics = topics_of("docs_topics", module, "intents")
    owner: dict[str, str] = {}  # a run of 40 characters -> the topic in which it stands
    taken: set[str] = set()
    for split in (2, 1, 0):
        for family, names in _FAMILIES.items():
            for topic, paragraph in ((name, part) for name in names[split].split() for part in _prose(topics, name)):
                spans = spans_of(paragraph)
                if paragraph.casefold() in taken or any(owner.get(span, topic) != topic for span in spans):
                    continue
                taken.add(paragraph.casefold())
                owner.update(dict.fromkeys(spans, topic))
                yield split, topic, Labelled(paragraph, family)


def _prose(topics: dict[str, str], name: str) -> list[str]:
    """The paragraphs of a topic that are sentences, each on one line; none where this Python has no such topic."""
    found = []
    for part in paragraphs_of(topics.get(name, "")):
        lines = part.split("\n")
        is_heading = len(lines) == 2 and _RULED.fullmatch(lines[1])
        flat = " ".join(part.split()).removeprefix("* ")
        if is_heading or _NO_PROSE.search(part) or _VERSION_NOTE.match(flat) or len(flat) < SHORTEST:
            continue
        if flat[0].isupper() and flat.rstrip(")”\"’'")[-1:] in {".", ":"}:  # code and signatures end otherwise
            found.append(flat)
    return found
