"""What the texts made from Python's own help have in common: topics, paragraphs, and what two paragraphs share."""

from __future__ import annotations

import importlib
import re
from typing import Final

from greenlm_edu.errors import CorpusUnavailable

__all__ = ["LICENCE", "MODULE", "paragraphs_of", "spans_of", "topics_of"]

MODULE: Final = "pydoc_data.topics"
LICENCE: Final = "PSF-2.0 (© Python Software Foundation)"
SHARED_CHARACTERS: Final = 40


def topics_of(corpus: str, module: str, stand_in: str) -> dict[str, str]:
    """Name and text of each topic, in the order of the names.

    Args:
        corpus: the text that is made from them, as `corpora.load` calls it.
        module: the module whose `topics` maps a topic's name to its text.
        stand_in: the text to take where there are none.
    Raises:
        CorpusUnavailable: this Python was installed without its help texts.
    """
    try:
        topics = importlib.import_module(module).topics
    except (ImportError, AttributeError) as err:
        raise CorpusUnavailable(
            f"corpora.load({corpus!r}): this Python must carry its help texts ({module}); got {err}. Some "
            f"distributions leave them out: use a Python from python.org, conda or uv, or another text: {stand_in!r}."
        ) from err
    if len(topics) < 20:
        raise CorpusUnavailable(
            f"corpora.load({corpus!r}): {module} must hold the language reference; got {len(topics)} topics. "
            f"Use a Python from python.org, conda or uv, or another text: {stand_in!r}."
        )
    return {name: topics[name] for name in sorted(topics)}


def paragraphs_of(topic: str) -> list[str]:
    """The parts of a topic between empty lines."""
    return re.split(r"\n[ \t]*\n", topic.strip("\n"))


def spans_of(paragraph: str) -> set[str]:
    """Every run of 40 characters, where line breaks count as spaces, and a ruled line (`-----`) as one mark."""
    flat = re.sub(r"([^\w\s])\1+", r"\1", " ".join(paragraph.split()))
    return {flat[start : start + SHARED_CHARACTERS] for start in range(len(flat) - SHARED_CHARACTERS + 1)}
