"""The reference by topic: clear labels, whole topics held out, nothing of one split or family in another."""

import re
import sys
from collections import Counter
from types import ModuleType

import pytest

from greenlm_edu import corpora
from greenlm_edu.corpora import Collection, Labelled, docs_topics
from greenlm_edu.corpora.help_topics import paragraphs_of, spans_of
from greenlm_edu.errors import CorpusUnavailable

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def collection() -> Collection[Labelled]:
    return corpora.load("docs_topics")


def runs(text: str) -> set[str]:
    """Every 40 characters in a row; written anew here, not taken from the package."""
    return {text[start : start + 40] for start in range(len(text) - 39)}


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (1, 2)])
def test_no_40_characters_stand_in_two_splits(collection: Collection[Labelled], first: int, second: int) -> None:
    one, other = (
        {run for example in getattr(collection, SPLITS[number]) for run in runs(example.text)}
        for number in (first, second)
    )
    assert not {run for run in one & other if not re.search(r"([^\w\s])\1", run)}


def test_no_40_characters_stand_in_two_topics(collection: Collection[Labelled]) -> None:
    owners: dict[str, set[str]] = {}
    for topic, example in zip(docs_topics.training_topics(), collection.train, strict=True):
        for run in runs(example.text):
            owners.setdefault(run, set()).add(topic)
    assert not {run for run, topics in owners.items() if len(topics) > 1 and not re.search(r"([^\w\s])\1", run)}


def test_each_training_example_has_its_topic(collection: Collection[Labelled]) -> None:
    topics = pytest.importorskip("pydoc_data.topics").topics
    flat = {name: " ".join(text.split()) for name, text in topics.items()}
    for topic, example in zip(docs_topics.training_topics(), collection.train, strict=True):
        assert example.text in flat[topic]
        assert topic in docs_topics._FAMILIES[example.label][0].split()


def test_no_paragraph_stands_twice(collection: Collection[Labelled]) -> None:
    texts = [example.text.casefold() for split in SPLITS for example in getattr(collection, split)]
    assert len(set(texts)) == len(texts)


def test_a_label_is_the_family_of_a_topic_in_which_the_paragraph_stands(collection: Collection[Labelled]) -> None:
    topics = pytest.importorskip("pydoc_data.topics").topics
    flat = {name: " ".join(text.split()) for name, text in topics.items()}
    for number, split in enumerate(SPLITS):
        for example in getattr(collection, split):
            names = docs_topics._FAMILIES[example.label][number].split()
            assert any(example.text in flat[name] for name in names), example.text


def test_known_paragraphs_have_the_label_that_a_reader_would_give(collection: Collection[Labelled]) -> None:
    label_of = {example.text: example.label for split in SPLITS for example in getattr(collection, split)}

    def labels(start: str) -> set[str]:
        return {label for text, label in label_of.items() if text.startswith(start)}

    # Read in the reference by hand; the words are the same in Python 3.11, 3.12 and 3.13.
    assert labels("Deletion of a target list recursively deletes each target") == {"statements"}
    assert labels("The for-loop makes assignments to the variables") == {"statements"}
    assert labels("A call always returns some value") == {"expressions"}
    assert labels("Most built-in types support a common formatting mini-language") == {"notation"}
    assert labels("Called to implement assignment to") == {"special_methods"}


def test_every_family_stands_in_every_split_and_the_classes_are_unbalanced(collection: Collection[Labelled]) -> None:
    for split in SPLITS:
        assert {example.label for example in getattr(collection, split)} == set(docs_topics.LABELS)
    counts = Counter(example.label for example in collection.train)
    assert counts.most_common(1)[0][0] == "types"
    assert counts["types"] > 4 * counts["notation"]


def test_paragraphs_are_prose_on_one_line(collection: Collection[Labelled]) -> None:
    for split in SPLITS:
        for example in getattr(collection, split):
            assert example.text == " ".join(example.text.split())
            assert len(example.text) >= 60
            assert example.true_label is None
            assert not example.is_noisy
            assert "::=" not in example.text
            assert ">>>" not in example.text


def test_sizes_are_those_of_the_datasheet(collection: Collection[Labelled]) -> None:
    total = sum(collection.sizes.values())
    stated = [int(number) for number in re.findall(r"\b\d{3}\b", collection.datasheet.composition)]
    assert min(stated[:3]) <= total <= max(stated[:3]) + 5
    if sys.version_info[:2] == (3, 11):
        counts = Counter(example.label for split in SPLITS for example in getattr(collection, split))
        told = dict(re.findall(r"(\w+) (\d+)[,.]", collection.datasheet.composition))
        assert {label: abs(int(told[label]) - count) < 5 for label, count in counts.items()} == dict.fromkeys(
            docs_topics.LABELS, True
        )


def test_each_topic_has_one_place() -> None:
    names = [name for splits in docs_topics._FAMILIES.values() for split in splits for name in split.split()]
    assert len(names) == len(set(names))
    topics = pytest.importorskip("pydoc_data.topics").topics
    assert set(names) <= set(topics)


def test_the_same_text_each_time(collection: Collection[Labelled]) -> None:
    assert docs_topics.read().fingerprint == collection.fingerprint


def test_a_python_without_its_help_texts_is_told_of_another_text() -> None:
    with pytest.raises(CorpusUnavailable, match=r"'docs_topics'.*must carry its help texts.*'intents'"):
        docs_topics.read(module="no_such_module")
    stripped = ModuleType("stripped_topics_too")
    stripped.topics = {}  # type: ignore[attr-defined]
    sys.modules["stripped_topics_too"] = stripped
    try:
        with pytest.raises(CorpusUnavailable, match=r"got 0 topics.*'intents'"):
            docs_topics.read(module="stripped_topics_too")
    finally:
        del sys.modules["stripped_topics_too"]


def test_paragraphs_and_what_they_share() -> None:
    assert paragraphs_of("\none\n\ntwo\n  \nthree\n") == ["one", "two", "three"]
    assert spans_of("x" * 39) == set()
    assert spans_of("ab " * 20) == spans_of("ab\n" * 20)
