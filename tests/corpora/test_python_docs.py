"""The Python reference: whole topics to one split, and nothing of a held-out split in the training text."""

import re
import sys
from types import ModuleType

import pytest

from greenlm_edu.corpora import Text, python_docs
from greenlm_edu.errors import CorpusUnavailable


@pytest.fixture(scope="module")
def text() -> Text:
    return python_docs.read()


def _paragraphs(split: str) -> set[str]:
    return {" ".join(part.split()) for part in re.split(r"\n\s*\n", split)}


@pytest.mark.parametrize(
    ("first", "second"), [("train", "validation"), ("train", "test"), ("validation", "test")], ids=lambda name: name
)
def test_no_paragraph_of_40_characters_stands_in_two_splits(text: Text, first: str, second: str) -> None:
    both = _paragraphs(getattr(text, first)) & _paragraphs(getattr(text, second))
    assert [paragraph for paragraph in both if len(paragraph) >= 40] == []


@pytest.mark.parametrize("held_out", ["validation", "test"])
def test_no_60_characters_of_a_held_out_split_stand_word_for_word_in_the_training_text(
    text: Text, held_out: str
) -> None:
    def spans(split: str) -> set[str]:
        flat = " ".join(split.split())
        found = {flat[start : start + 60] for start in range(len(flat) - 59)}
        return {span for span in found if sum(character.isalpha() for character in span) >= 20}  # no ruled lines

    assert spans(getattr(text, held_out)) & spans(text.train) == set()


def test_splits_hold_whole_topics(text: Text) -> None:
    topics = pytest.importorskip("pydoc_data.topics").topics
    # Python's own words for the topic, and a whole topic, chosen by reading them.
    assert 'The "import" statement' in text.validation
    assert " ".join(topics["global"].split()) in " ".join(text.validation.split())
    assert sum(text.characters.values()) > 0.9 * sum(map(len, topics.values()))


def test_the_same_text_each_time(text: Text) -> None:
    assert python_docs.read().fingerprint == text.fingerprint


def test_a_python_without_its_help_texts_is_told_of_another_text() -> None:
    with pytest.raises(CorpusUnavailable, match=r"must carry its help texts \(no_such_module\).*'toy_language'"):
        python_docs.read(module="no_such_module")


def test_a_python_with_emptied_help_texts_is_told_of_another_text() -> None:
    stripped = ModuleType("stripped_topics")
    stripped.topics = {}  # type: ignore[attr-defined]
    sys.modules["stripped_topics"] = stripped
    try:
        with pytest.raises(CorpusUnavailable, match=r"got 0 topics.*'toy_language'"):
            python_docs.read(module="stripped_topics")
    finally:
        del sys.modules["stripped_topics"]
