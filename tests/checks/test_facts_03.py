"""Lesson 03's mathematics, held to closed forms, to counting by hand and to other libraries."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlm_edu import corpora, lm
from greenlm_edu.checks import exercises, predictions, quizzes
from greenlm_edu.explorers import tokenizer_view
from greenlm_edu.lm.byte_pieces import ID_OF_BYTE, pieces

UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def solved() -> dict:
    """Every function of the solutions, in one namespace."""
    names: dict = {}
    for exercise in exercises("03"):
        exec(exercise.given, names)
        exec(exercise.solution, names)
    return names


@pytest.fixture(scope="module")
def text() -> corpora.Text:
    return corpora.load("python_docs")


class TestUnicode:
    @pytest.mark.parametrize(("point", "size"), [
        (0x7F, 1), (0x80, 2), (0x7FF, 2), (0x800, 3), (0xFFFF, 3), (0x10000, 4), (0x10FFFF, 4),
    ])  # fmt: skip
    def test_utf8_takes_one_to_four_bytes(self, point: int, size: int):
        assert len(chr(point).encode()) == size

    def test_what_the_normal_forms_do(self):
        assert unicodedata.normalize("NFC", "e\u0301") == "é" != "e\u0301"
        assert unicodedata.normalize("NFC", "\u212b") == "\u00c5"
        assert unicodedata.normalize("NFKC", "10⁶ x² ﬁ") == "106 x2 fi"
        assert unicodedata.normalize("NFC", "10⁶ x² ﬁ") == "10⁶ x² ﬁ"


class TestMinHash:
    def test_equal_minima_are_as_likely_as_the_jaccard_similarity(self):
        a, b = {0, 1, 2, 3}, {2, 3, 4}  # 2 of 5 in common
        orders = list(itertools.permutations(range(5)))
        equal = sum(min(order[i] for i in a) == min(order[i] for i in b) for order in orders)
        assert equal / len(orders) == len(a & b) / len(a | b) == 0.4

    def test_the_lessons_numberings_estimate_it(self):
        rng, prime, many = np.random.default_rng(0), 2**31 - 1, 20_000
        factor, shift = rng.integers(1, prime, many), rng.integers(0, prime, many)
        a, b = rng.choice(2**31, 60), rng.choice(2**31, 30)
        a[:20] = b[:20]  # 20 in common, of 70
        minima = [((one[:, None] * factor + shift) % prime).min(axis=0) for one in (a, b)]
        j = 20 / 70
        assert (minima[0] == minima[1]).mean() == pytest.approx(j, abs=4 * math.sqrt(j * (1 - j) / many))

    def test_the_chance_to_meet_in_a_band(self):
        rng, j = np.random.default_rng(1), 0.5
        agree = rng.random((40_000, 16, 4)) < j
        met = agree.all(axis=2).any(axis=1).mean()
        assert 1 - (1 - j**4) ** 16 == pytest.approx(met, abs=0.01)


class TestBytePairs:
    def learned(self, solved: dict, sample: str, count: int) -> list:
        """Merges from the learners' two functions alone."""
        words = {tuple(ID_OF_BYTE[b] for b in p.encode()): n for p, n in Counter(pieces(sample)).items()}
        merges = []
        for new_id in range(256, 256 + count):
            counts = solved["count_pairs"](words)
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            words = {tuple(solved["merge"](list(word), best, new_id)): n for word, n in words.items()}
            merges.append(best)
        return merges

    def test_the_solutions_learn_what_hugging_face_learns(self, solved: dict, text: corpora.Text):
        sample = text.train[:20_000]
        merges = self.learned(solved, sample, 60)
        assert merges == list(lm.BytePairTokenizer.fit(sample, 256 + 60).merges)
        assert merges == list(lm.PlainBytePairTokenizer.fit(sample, 256 + 60).merges)

    def test_three_merges_by_hand(self, solved: dict):
        tokenizer = lm.PlainBytePairTokenizer(self.learned(solved, "low lower lowest", 3))
        assert [tokenizer.token(n) for n in (256, 257, 258)] == [b"lo", b"low", b" low"]

    def test_pairs_are_those_of_the_written_out_text(self, solved: dict):
        words = {(1, 1, 1): 2, (1, 2): 3, (2,): 4, (1, 1): 1}
        by_hand = Counter(pair for word, n in words.items() for _ in range(n) for pair in itertools.pairwise(word))
        assert dict(solved["count_pairs"](words)) == dict(by_hand) == {(1, 1): 5, (1, 2): 3}

    @given(st.lists(st.integers(1, 3), max_size=12))
    def test_merging_is_the_replacement_of_strings(self, solved: dict, ids: list[int]):
        for pair in ((1, 1), (1, 2)):
            replaced = "".join(map(str, ids)).replace("".join(map(str, pair)), "9")
            assert solved["merge"](ids, pair, 9) == [int(one) for one in replaced]

    @settings(deadline=None, max_examples=60)
    @given(word=st.text("abcd", max_size=14))
    def test_the_order_of_merges_encodes_as_the_package_does(self, solved: dict, word: str):
        tokenizer = lm.PlainBytePairTokenizer.fit("abcd bcda abab cdcd abc dab " * 3, 256 + 12)
        byte_of = {ID_OF_BYTE[byte]: byte for byte in range(256)}
        merges = [tuple(byte_of.get(part, part) for part in pair) for pair in tokenizer.merges]
        found = [ID_OF_BYTE[n] if n < 256 else n for n in solved["encode"](word, merges)]
        assert found == tokenizer.encode(word).tolist()

    @settings(deadline=None)
    @given(UNICODE)
    def test_every_unicode_text_comes_back_and_both_agree(self, content: str):
        plain, fast = _tokenizers()
        assert plain.decode(plain.encode(content)) == content
        assert np.array_equal(plain.encode(content), fast.encode(content))

    def test_even_bets_on_bytes_cost_eight_bits_a_character_of_ascii(self):
        ids = lm.PlainBytePairTokenizer([]).encode("x" + "ascii")
        model = lm.NGram(order=1, add_k=1e9).fit(np.arange(256), 256)  # each byte once, and k without end
        assert lm.scores(model, ids, characters=5).bits_per_character == pytest.approx(8)


@cache
def _tokenizers() -> tuple[lm.PlainBytePairTokenizer, lm.BytePairTokenizer]:
    fast = lm.BytePairTokenizer.fit(corpora.load("python_docs").train, 256 + 1000)
    return lm.PlainBytePairTokenizer(fast.merges), fast


class TestWindows:
    @given(st.integers(2, 60), st.integers(1, 12))
    def test_they_are_the_whole_windows_of_every_window(self, solved: dict, length: int, context: int):
        ids = np.arange(length)
        if length < context + 1:
            with pytest.raises(ValueError, match="hold no window"):
                solved["windows"](ids, context)
            return
        x, y = solved["windows"](ids, context)
        assert (y == x + 1).all()
        assert x.ravel().tolist() == list(range((length - 1) // context * context))

    def test_the_packages_windows_begin_with_them(self, solved: dict):
        ids = np.arange(30)
        x, y = solved["windows"](ids, 4)
        package = next(iter(lm.every_window(ids, context=4, batch=len(x))))
        assert np.array_equal(x, package[0])
        assert np.array_equal(y, package[1])


class TestSplits:
    def test_a_split_of_windows_promises_too_much_and_one_by_section_does_not(self, text: corpora.Text):
        """What the lesson concludes, measured anew with code of its own."""
        characters = lm.CharacterTokenizer.fit(text.train, unknown="\ufffd")
        new = characters.encode(text.validation)
        gaps = []
        for seed in range(3):
            windows = [text.train[i : i + 200] for i in range(0, len(text.train), 200)]
            np.random.default_rng(seed).shuffle(windows)
            cut = len(windows) // 20
            model = lm.InterpolatedNGram(7, 0.6).fit(characters.encode("".join(windows[cut:])), characters.vocab_size)
            promised = model.cross_entropy(characters.encode("".join(windows[:cut])))
            gaps.append(model.cross_entropy(new) - promised)
        assert min(gaps) > 0.15
        assert np.std(gaps) < min(gaps)  # all on one side, and alike
        prediction = next(one for one in predictions("03") if one.name == "03.leak")
        assert np.mean(gaps) < (prediction.low + prediction.high) / 2 - 0.15  # the slider's middle is not the answer

    def test_a_vocabulary_of_all_text_knows_every_word(self, text: corpora.Text):
        def unknown(fitted_on: str) -> float:
            words = lm.WordTokenizer.fit(fitted_on, unknown="<unk>")
            return float((words.encode(text.validation) == words.id_of("<unk>")).mean())

        assert unknown(text.train) > 0.01
        assert unknown(text.train + text.validation) == 0

    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(
            st.lists(st.sampled_from(["A.", "a.", "B.", "C  d.", "c D.", "E."]), max_size=4), min_size=2, max_size=8
        ),
        st.integers(0, 5),
    )
    def test_the_solution_never_leaks(self, solved: dict, documents: list[list[str]], seed: int):
        train, held_out = solved["split"](documents, 0.3, seed)
        assert {solved["normal"](s) for s in train}.isdisjoint(solved["normal"](s) for s in held_out)
        assert {solved["normal"](s) for s in [*train, *held_out]} == {
            solved["normal"](s) for document in documents for s in document
        }


class TestWords:
    @given(UNICODE)
    def test_the_lessons_cut_into_words_loses_nothing(self, content: str):
        assert "".join(re.findall(r"\w+|\s+|[^\w\s]", content)) == content


class TestQuizzes:
    def test_the_word_in_capitals_has_the_most_pieces(self):
        quiz = next(one for one in quizzes("03") if one.name == "03.pieces")
        explorer = tokenizer_view(merges=1000)

        def count(word: str) -> int:
            row = explorer.set(text=word).view().text.split("byte pairs (")[1]
            return int(re.search(r"\): (\d+) token", row)[1])

        counts = {choice.text.strip("`"): count(choice.text.strip("`")) for choice in quiz.choices}
        right = next(choice.text.strip("`") for choice in quiz.choices if choice.right)
        assert sorted(counts.values())[-2] < counts[right] == max(counts.values())

    def test_the_fair_figure(self):
        assert round(2.6 * 0.33, 2) == 0.86
        assert 2.6 * 0.33 < 1.4

    def test_chinese_takes_more_tokens_and_fewer_characters(self):
        tokenizer, pairs = _tokenizers()[1], corpora.load("dates_and_numbers").validation
        tokens = [
            sum(len(tokenizer.encode(s)) for s in side)
            for side in zip(*((p.source, p.target) for p in pairs), strict=True)
        ]
        letters = [sum(map(len, side)) for side in zip(*((p.source, p.target) for p in pairs), strict=True)]
        assert 1.1 < tokens[1] / tokens[0] < 1.8  # the slider's middle is 2
        assert letters[1] / letters[0] == pytest.approx(1 / 3, abs=0.05)
