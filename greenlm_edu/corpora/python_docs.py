"""The Python language reference, which every CPython carries: real English prose with no download.

How it is split:

1. Whole topics go to one split, by a hash of the topic's name: the same on every machine and for every version.
2. Topics quote each other at length: a sixth of the text stands in more than one topic. Held-out topics stay whole,
   and every paragraph that shares 40 characters in a row with them leaves the training text (for validation: shares
   them with the test text). Without this step a model that had learned the training text by heart would look clever.

Inside the training text repetitions stay as they are.
"""

from __future__ import annotations

import hashlib
import platform
from typing import Final

from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.help_topics import LICENCE, MODULE, paragraphs_of, spans_of, topics_of
from greenlm_edu.corpora.text import Text

__all__ = ["read"]

_HELD_OUT_SHARE: Final = 0.1  # of the topics, for each held-out split; they are the shorter ones: 5 % of the characters
# The first whole number with which, on CPython 3.11, 3.12 and 3.13, each held-out split has at least six topics and
# 4 – 6 % of the characters. It was chosen before any model was trained.
_SALT: Final = 20

_DESCRIPTION: Final = (
    "The topics of Python's built-in help(): English technical prose with grammar rules, tables and code. Split by "
    "whole topics (a hash of the topic's name decides); paragraphs that share 40 characters in a row with a held-out "
    "split were taken out of the training text. Line breaks and indentation are kept. The wording, and with it the "
    "fingerprint, changes a little from one Python version to the next. Narrow in subject and style: a model trained "
    "on it knows nothing but how this manual is written."
)

_DATASHEET: Final = Datasheet(
    motivation="Real English prose on every machine that has Python, with no download and a clear licence.",
    composition="79 help topics in Python 3.11, some 430,000 characters after cleaning: prose, grammar rules, "
    "tables, code.",
    making="Written by the Python developers; taken from pydoc_data.topics, split by whole topics, and cleaned of "
    "paragraphs that share 40 characters in a row with a held-out split.",
    label_noise="No labels.",
    limits="One subject and one style; wording and fingerprint change from one Python version to the next, so compare "
    "losses on one version only.",
    uses="Language modelling in the lessons, by characters or byte pairs.",
)


def read(module: str = MODULE) -> Text:
    """The language reference of the running Python, split without leakage.

    Args:
        module: the module whose `topics` maps a topic's name to its text.
    Raises:
        CorpusUnavailable: this Python was installed without its help texts.
    """
    topics = topics_of("python_docs", module, "toy_language")
    test = [name for name in topics if _place(name) < _HELD_OUT_SHARE]
    validation = [name for name in topics if _HELD_OUT_SHARE <= _place(name) < 2 * _HELD_OUT_SHARE]
    train = [name for name in topics if _place(name) >= 2 * _HELD_OUT_SHARE]
    taken: set[str] = set()
    splits = []
    for names in (test, validation, train):
        kept = [[part for part in paragraphs_of(topics[name]) if taken.isdisjoint(spans_of(part))] for name in names]
        splits.append("\n\n\n".join("\n\n".join(parts) for parts in kept if parts) + "\n")
        taken.update(span for parts in kept for part in parts for span in spans_of(part))
    return Text(
        name="python_docs",
        train=splits[2],
        validation=splits[1],
        test=splits[0],
        licence=LICENCE,
        source=f"pydoc_data.topics of {platform.python_implementation()} {platform.python_version()}, docs.python.org",
        description=_DESCRIPTION,
        datasheet=_DATASHEET,
    )


def _place(topic: str) -> float:
    """A place in [0, 1) that depends on nothing but the topic's name."""
    return int(hashlib.sha256(f"{_SALT}{topic}".encode()).hexdigest()[:8], 16) / 2**32
