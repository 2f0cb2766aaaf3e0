"""The n-gram sampler: what it draws, counts and tells, against counts made in another way."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest

from greenlm_edu.corpora import load
from greenlm_edu.errors import InputError
from greenlm_edu.explorers import Explorer, ngram_sampler

TEXT = "the cat sees the dog. the dog sees the bird. the bird sleeps. " * 4


def written(explorer: Explorer) -> str:
    return re.search(r"then the model writes: '(.*)'$", explorer.view().text, re.MULTILINE)[1]


def test_it_works_by_itself_on_a_small_default_text():
    explorer = ngram_sampler(length=20)
    assert "Counted: 100,000 characters" in repr(explorer)
    assert 'src="data:image/svg+xml' in explorer.view().html


def test_the_bars_are_the_relative_counts():
    explorer = ngram_sampler(TEXT, order=2, start="t", add_k=1e-6)
    after = Counter(second for first, second in pairwise(TEXT) if first == "t")
    for letter, times in after.items():
        assert f"{letter!r} {times / after.total():.3g}" in explorer.view().text


def test_with_a_very_small_k_everything_written_was_seen():
    explorer = ngram_sampler(TEXT, order=4, start="the ", add_k=1e-6, length=100)
    text = "the " + written(explorer)
    assert all(text[at : at + 4] in TEXT for at in range(len(text) - 3))
    assert "Histories never seen in the training text: 0 of 100 (0%)." in explorer.view().text


def test_strange_contexts_are_counted_and_named():
    explorer = ngram_sampler(TEXT, order=3, start="zz", length=20, add_k=10.0)
    text = "zz" + written(explorer)  # z is in no text, so the unknown symbol stands for it
    contexts = {TEXT[at : at + 2] for at in range(len(TEXT) - 2)}
    strange = [place for place in range(1, 21) if place <= 2 or text[place - 1 : place + 1] not in contexts]
    told = re.search(r"never seen in the training text: (\d+) of 20", explorer.view().text)
    assert int(told[1]) == len(strange) >= 2
    assert "add k alone decides" in explorer.view().text


def test_a_start_may_be_empty_or_shorter_than_the_look():
    assert "with nothing before it" in ngram_sampler(TEXT, order=5, start="").view().text
    assert "after 't'" in ngram_sampler(TEXT, order=5, start="t").view().text


@pytest.mark.parametrize(
    ("text", "start"), [(TEXT, "the "), ("\n ab\ncd\n" * 3, "ab"), (" \n" * 9, ""), ("A cat. The dog.", "The ")]
)
def test_without_a_start_it_begins_with_what_the_text_holds(text: str, start: str):
    explorer = ngram_sampler(text, order=5)
    assert explorer.settings["start"] == start
    # the first character has no history that the text lacks
    assert "add k alone decides" not in explorer.view().text


def test_the_toy_language_is_copied_at_the_longest_look():
    explorer = ngram_sampler(load("toy_language").train, order=8)
    assert "Histories never seen in the training text: 0 of 120 (0%)." in explorer.view().text


def test_the_same_seed_draws_the_same_text_and_another_another():
    explorer = ngram_sampler(TEXT, order=2, seed=3)
    first = written(explorer)
    assert written(explorer.set(seed=4)) != first
    assert written(explorer.set(seed=3)) == first


def test_a_text_of_one_symbol_and_marks_of_every_kind():
    assert "different ones: 1." in ngram_sampler("aaaa", order=2, start="a").view().text
    assert ngram_sampler("$x_1$ <b>&\n\t" * 5, order=2, start="$").view().html.startswith("<img")


def test_every_setting_can_be_set_by_name_and_a_wrong_one_is_refused():
    explorer = ngram_sampler(TEXT)
    assert explorer.set(order=5, add_k=0.1, start="a", seed=7, place=9).settings == {
        "order": 5, "add_k": 0.1, "start": "a", "seed": 7, "place": 9,
    }  # fmt: skip
    with pytest.raises(InputError, match="add_k does not take this value; got -1"):
        explorer.set(add_k=-1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "a"}, r"text must hold at least 2 characters; got 1\. Take a longer one"),
        ({"text": 7}, r"text must be a str; got int\. Of a corpus, give one split"),
        ({"text": TEXT, "order": 0}, r"order must lie in 1 … 8 for this text; got order=0\. Take 2"),
        ({"text": "abc", "order": 3}, r"order must lie in 1 … 2 for this text; got order=3"),
        ({"text": TEXT, "add_k": 0.0}, r"add_k must be above 0 and finite; got add_k=0\.0"),
        ({"text": TEXT, "add_k": float("nan")}, r"add_k must be above 0 and finite; got add_k=nan"),
        ({"text": TEXT, "seed": -1}, r"seed must lie in 0 … 99; got seed=-1"),
        ({"text": TEXT, "length": 9}, r"length must lie in 20 … 240; got length=9"),
    ],
)
def test_bad_input_is_named(options: dict, message: str):
    with pytest.raises(InputError, match=message):
        ngram_sampler(**options)


def test_many_different_characters_leave_room_for_shorter_runs_only():
    many = "".join(chr(0x4E00 + number) for number in range(3000))
    assert ngram_sampler(many, order=2).controls["order"].max == 5  # 3001 to the power of 5 fits 63 bits, of 6 not
