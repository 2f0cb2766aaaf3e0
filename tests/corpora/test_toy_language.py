"""The toy language: its exact entropy against sampling, and against a parser that knows nothing of the formula."""

import itertools
import math
import statistics
from collections.abc import Iterator
from functools import cache

import pytest

from greenlm_edu.corpora import toy_language
from greenlm_edu.corpora.toy_language import GRAMMAR
from greenlm_edu.errors import InputError


def _parses(words: tuple[str, ...]) -> list[float]:
    """The probability of each derivation of these words."""

    @cache
    def ends(symbol: str, start: int) -> tuple[tuple[int, float], ...]:
        if symbol not in GRAMMAR:
            return ((start + 1, 1.0),) if words[start : start + 1] == (symbol,) else ()
        return tuple(found for p, parts in GRAMMAR[symbol] for found in through(tuple(parts.split()), start, p))

    def through(parts: tuple[str, ...], start: int, p: float) -> Iterator[tuple[int, float]]:
        if not parts:
            yield start, p
            return
        for end, q in ends(parts[0], start):
            yield from through(parts[1:], end, p * q)

    return [p for end, p in ends("sentence", 0) if end == len(words)]


def _language(symbol: str) -> dict[tuple[str, ...], float]:
    """Every string that a symbol stands for, with its probability."""
    if symbol not in GRAMMAR:
        return {(symbol,): 1.0}
    strings: dict[tuple[str, ...], float] = {}
    for p, parts in GRAMMAR[symbol]:
        for choice in itertools.product(*(_language(part).items() for part in parts.split())):
            string = tuple(itertools.chain.from_iterable(words for words, _ in choice))
            strings[string] = strings.get(string, 0.0) + p * math.prod(q for _, q in choice)
    return strings


@pytest.mark.parametrize("name", sorted(GRAMMAR))
def test_probabilities_of_the_alternatives_sum_to_one(name: str) -> None:
    assert math.fsum(p for p, _ in GRAMMAR[name]) == pytest.approx(1, abs=1e-12)
    assert all(p > 0 for p, _ in GRAMMAR[name])


@pytest.mark.parametrize("name", ["opening", "subject", "quality", "ending", "reason", "description"])
def test_entropy_and_length_equal_those_of_the_listed_language(name: str) -> None:
    language = _language(name)
    assert math.fsum(language.values()) == pytest.approx(1, abs=1e-12)
    entropy = -math.fsum(p * math.log2(p) for p in language.values())
    assert toy_language.entropy_bits_per_sentence(name) == pytest.approx(entropy, abs=1e-12)
    length = math.fsum(p * len(words) for words, p in language.items())
    assert toy_language.expected_words_per_sentence(name) == pytest.approx(length, abs=1e-12)


def test_sampled_surprise_and_length_come_out_as_computed() -> None:
    sentences = [tuple(sentence.split()) for sentence in toy_language.sample(20_000, seed=1)]
    parses = [_parses(words) for words in sentences]
    assert {len(found) for found in parses} == {1}  # unambiguous
    surprise = [-math.log2(found[0]) for found in parses]
    for words, bits in list(zip(sentences, surprise, strict=True))[:500]:
        assert toy_language.surprise_bits(" ".join(words)) == pytest.approx(bits, rel=1e-12)
    for sampled, exact in (
        (surprise, toy_language.entropy_bits_per_sentence()),
        ([len(words) for words in sentences], toy_language.expected_words_per_sentence()),
    ):
        standard_error = statistics.stdev(sampled) / math.sqrt(len(sampled))
        assert abs(statistics.fmean(sampled) - exact) < 4 * standard_error
    rate = math.fsum(surprise) / sum(map(len, sentences))
    assert toy_language.entropy_bits_per_word() == pytest.approx(rate, rel=0.01)


def test_alternatives_of_a_name_begin_with_different_words() -> None:
    for name in GRAMMAR:
        starts = []
        for _, parts in GRAMMAR[name]:
            strings = itertools.product(*(_language(part) for part in parts.split()[:3]))
            starts.append({next(itertools.chain.from_iterable(string), "") for string in strings})
        assert all(a.isdisjoint(b) for a, b in itertools.combinations(starts, 2)), name


def test_what_may_follow_an_empty_alternative_begins_none_of_the_others() -> None:
    first = {name: {next(iter(words), "") for words in _language(name)} for name in GRAMMAR if name != "sentence"}
    first["sentence"] = set()
    follow: dict[str, set[str]] = {name: set() for name in GRAMMAR}
    for _ in GRAMMAR:  # as often as there are names is often enough for the sets to stop growing
        for name, alternatives in GRAMMAR.items():
            for _, parts in alternatives:
                after = set(follow[name])
                for part in reversed(parts.split()):
                    if part in GRAMMAR:
                        follow[part] |= after
                    begins = first.get(part, {part})
                    after = (begins - {""}) | (after if "" in begins else set())
    with_empty = [name for name in GRAMMAR if any(parts == "" for _, parts in GRAMMAR[name])]
    assert with_empty == ["description", "ending"]
    for name in with_empty:
        assert follow[name]
        assert follow[name].isdisjoint(first[name] - {""}), name


def test_same_seed_same_text_and_another_seed_another() -> None:
    assert toy_language.read(seed=3).fingerprint == toy_language.read(seed=3).fingerprint
    assert toy_language.read(seed=3).fingerprint != toy_language.read(seed=4).fingerprint


def test_splits_hold_whole_sentences_in_the_promised_shares() -> None:
    text = toy_language.read(sentences=2_000)
    assert [split.count("\n") for split in (text.train, text.validation, text.test)] == [1_800, 100, 100]
    assert all(split.endswith(" .\n") for split in (text.train, text.validation, text.test))


def test_sentence_of_no_derivation_is_refused() -> None:
    for wrong in ("", "ada", "ada sleeps", "ada sleeps . .", "the cat sees dog ."):
        with pytest.raises(InputError, match="must belong to the language; got"):
            toy_language.surprise_bits(wrong)


def test_bad_counts_are_named() -> None:
    with pytest.raises(InputError, match=r"0 or more; got -1"):
        toy_language.sample(-1)
    with pytest.raises(InputError, match=r"20 or more; got 3"):
        toy_language.read(sentences=3)
