"""The generated collections as a whole: the same everywhere, nothing shared between splits, noise as promised."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple

import pytest

from greenlm_edu import corpora
from greenlm_edu.corpora import Collection, Datasheet, Labelled, dates_and_numbers, energy_reports, intents, questions
from greenlm_edu.corpora import reviews as reviews_module
from greenlm_edu.corpora.draw import Draw
from greenlm_edu.corpora.splitting import split_apart
from greenlm_edu.errors import EmptyCorpus, InputError

# Written down when the collections were last changed on purpose, and seen equal on CPython 3.11, 3.12 and 3.13; whoever
# changes one changes its line.
FINGERPRINTS = {
    "reviews": "a97037aadfeaf64236d980d9a5ab2e960f58f0dcb89bc569a9842d96856aa349",
    "intents": "2f2d2137a33a3872d0f5c927fe7af3d075d2ccd316b5bf952f44b66d07fd0d5d",
    "dates_and_numbers": "24ed25f630669aee9c422f360434d0adeacc9a5cdee42906bec924ef27e195a6",
    "energy_reports": "94f46e915239574b503ae69a19e5c5d62ac4235e68291f47bf8e124bacb4e115",
    "questions": "a0d5be3f86aaeb131c7838b7cfefa524728026f7a3877cacbfc83a0dc8c5fea0",
}
LABELLED = {"reviews": (reviews_module.LABELS, 0.05), "intents": (intents.LABELS, 0.04)}
READERS = {
    "reviews": reviews_module.read,
    "intents": intents.read,
    "dates_and_numbers": dates_and_numbers.read,
    "energy_reports": energy_reports.read,
    "questions": questions.read,
}
every = pytest.mark.parametrize("name", FINGERPRINTS)


@every
def test_collection_is_the_one_that_was_written_down(name: str) -> None:
    assert corpora.load(name).fingerprint == FINGERPRINTS[name]


@every
def test_other_seed_other_examples(name: str) -> None:
    first, second = (READERS[name](seed=seed, examples=90) for seed in (1, 2))
    assert first.fingerprint != second.fingerprint
    assert READERS[name](seed=1, examples=90) == first


def _texts(example: object) -> list[str]:
    return [value for value in astuple(example) if isinstance(value, str)]


@every
def test_no_sentence_of_a_held_out_split_stands_in_another(name: str) -> None:
    collection = corpora.load(name)

    def sentences(split: tuple) -> set[str]:
        if name == "questions":
            whole = [example.passage for example in split]
        elif name in LABELLED:
            whole = [example.text for example in split]
        else:
            whole = [text for example in split for text in (example.source, example.target)]
        return {part.strip().casefold() for text in whole for part in re.split(r"(?<=[.!?])\s+", text)}

    train, validation, test = (sentences(split) for split in (collection.train, collection.validation, collection.test))
    assert not test & train
    assert not test & validation
    assert not validation & train


@every
def test_no_example_stands_twice(name: str) -> None:
    collection = corpora.load(name)
    examples = [*collection.train, *collection.validation, *collection.test]
    assert len(set(examples)) == len(examples)


@every
def test_texts_are_clean(name: str) -> None:
    for example in corpora.load(name).train:
        for text in _texts(example):
            assert "{" not in text
            assert "  " not in text
            assert text == text.strip()


@pytest.mark.parametrize("name", LABELLED)
def test_labels_are_balanced_and_as_noisy_as_promised(name: str) -> None:
    labels, noise = LABELLED[name]
    collection: Collection[Labelled] = corpora.load(name)
    examples = [*collection.train, *collection.validation, *collection.test]
    counts = Counter(example.true_label for example in examples)
    assert set(counts) == set(labels)
    expected = len(examples) / len(labels)
    assert all(abs(count - expected) < 5 * math.sqrt(expected) for count in counts.values())
    wrong = sum(example.is_noisy for example in examples)
    spread = math.sqrt(len(examples) * noise * (1 - noise))
    assert abs(wrong - noise * len(examples)) < 4 * spread
    assert all(example.label in labels for example in examples)


def _naive_bayes_accuracy(collection: Collection[Labelled], longest: int) -> float:
    def runs(text: str) -> list[str]:
        words = re.findall(r"\w+", text.lower())
        return [" ".join(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words) - n + 1)]

    counts: dict[str, Counter[str]] = {}
    for example in collection.train:
        counts.setdefault(example.label, Counter()).update(runs(example.text))
    vocabulary = len({run for of_label in counts.values() for run in of_label})
    totals = {label: sum(of_label.values()) for label, of_label in counts.items()}
    held_out = collection.validation + collection.test

    def score(label: str, text: str) -> float:
        return sum(math.log((counts[label][run] + 0.3) / (totals[label] + 0.3 * vocabulary)) for run in runs(text))

    right = [max(counts, key=lambda label: score(label, example.text)) == example.true_label for example in held_out]
    return sum(right) / len(right)


@pytest.mark.parametrize(("name", "chance"), [("reviews", 1 / 2), ("intents", 1 / 9)])
def test_counting_words_helps_but_does_not_solve(name: str, chance: float) -> None:
    for longest in (1, 2):
        assert chance + 0.05 < _naive_bayes_accuracy(corpora.load(name), longest) < 0.88


def test_praise_by_denial_is_there() -> None:
    denials = [review for review in corpora.load("reviews").train if "anything but" in review.text]
    assert {review.true_label for review in denials} == {"negative", "positive"}


@every
def test_bad_sizes_are_named(name: str) -> None:
    with pytest.raises(InputError, match="examples must be 20 or more; got"):
        READERS[name](examples=19)


def test_generator_that_repeats_itself_ends_in_words() -> None:
    with pytest.raises(InputError, match=r"rich enough for the size; got examples=40, of which 7 were found"):
        split_apart(_seven_letters(), 40, lambda text: [text])


def _seven_letters() -> Iterator[str]:
    draw = Draw(1)
    while True:
        yield draw.one_of("abcdefg")


def test_empty_split_is_refused() -> None:
    sheet = Datasheet("a.", "b.", "c.", "d.", "e.", "f.")
    with pytest.raises(EmptyCorpus, match="got an empty test"):
        Collection("c", (1,), (2,), (), "", "", sheet)


def test_fingerprint_tells_splits_apart() -> None:
    sheet = Datasheet("a.", "b.", "c.", "d.", "e.", "f.")
    a, b, c = (Labelled(text, "x") for text in "abc")
    one = Collection("c", (a, b), (c,), (a,), "", "", sheet)
    other = Collection("c", (a,), (b, c), (a,), "", "", sheet)
    assert one.fingerprint != other.fingerprint


def test_draws_are_even_and_within_their_range() -> None:
    draw = Draw(3)
    counts = Counter(draw.integer(1, 6) for _ in range(6_000))
    assert set(counts) == {1, 2, 3, 4, 5, 6}
    assert all(abs(count - 1_000) < 150 for count in counts.values())
    assert sorted(draw.some_of("abcd", 4)) == list("abcd")
    assert abs(sum(draw.chance(0.3) for _ in range(5_000)) - 1_500) < 150
