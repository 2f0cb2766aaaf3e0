"""Byte-pair encoding: every text comes back, and the readable version equals Hugging Face's, merge by merge."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu import corpora
from greenlm_edu.errors import InputError, VocabularyError
from greenlm_edu.lm import BytePairTokenizer, PlainBytePairTokenizer
from greenlm_edu.lm.byte_pieces import BYTES_IN_ORDER, PIECE_PATTERN, pieces

both = pytest.mark.parametrize("kind", [BytePairTokenizer, PlainBytePairTokenizer], ids=lambda kind: kind.__name__)
# Two letters make ties and runs (aaaa) likely; the others touch each rule for pieces.
tangled = st.text("aab ab\n'1é慢🐌\t", max_size=60)
TEXTS = {
    "ties": "ab cd ef ab cd ef",
    "a tie between a run and a pair": "aab aab",
    "overlapping runs": "aaa aaaa aaaaa aaaaaaa baaab",
    "Chinese": "能量，单位是焦耳。功率的单位是瓦特。能量不是功率。" * 3,
    "marks and numbers": "don't; x = 3.14 * (y - 1.0e10)  # why?\n\n\tpass\n" * 3,
    "empty": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("vocab_size", [256, 259, 270, 400])
def test_merges_and_ids_equal_hugging_face(text: str, vocab_size: int) -> None:
    fast, plain = BytePairTokenizer.fit(text, vocab_size), PlainBytePairTokenizer.fit(text, vocab_size)
    assert fast.merges == plain.merges
    assert fast.vocab_size == plain.vocab_size <= vocab_size
    np.testing.assert_array_equal(fast.encode(text + "aaab other 文"), plain.encode(text + "aaab other 文"))


@given(tangled, tangled, st.integers(256, 300))
def test_merges_and_ids_equal_hugging_face_on_tangled_texts(fitted: str, text: str, vocab_size: int) -> None:
    fast, plain = BytePairTokenizer.fit(fitted, vocab_size), PlainBytePairTokenizer.fit(fitted, vocab_size)
    assert fast.merges == plain.merges
    np.testing.assert_array_equal(fast.encode(text), plain.encode(text))


def test_merges_and_ids_equal_hugging_face_on_a_corpus() -> None:
    text = corpora.load("python_docs").validation
    fast, plain = BytePairTokenizer.fit(text, 512), PlainBytePairTokenizer.fit(text, 512)
    assert fast.merges == plain.merges
    np.testing.assert_array_equal(fast.encode(text), plain.encode(text))


FITTED = {kind: kind.fit("to be, or not to be: Ü 慢慢", 280) for kind in (BytePairTokenizer, PlainBytePairTokenizer)}


@both
@given(text=st.text())
def test_every_unicode_text_survives_the_round_trip(kind: type, text: str) -> None:
    ids = FITTED[kind].encode(text)
    assert ids.dtype == np.int32
    assert FITTED[kind].decode(ids) == text


@given(st.lists(st.integers(0, 264), max_size=12))
def test_any_ids_decode_alike_also_where_they_are_no_whole_character(ids: list[int]) -> None:
    expected = b"".join(FITTED[PlainBytePairTokenizer].token(number) for number in ids).decode(errors="replace")
    assert FITTED[BytePairTokenizer].decode(ids) == FITTED[PlainBytePairTokenizer].decode(ids) == expected


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@given(st.text())
def test_pieces_equal_those_of_hugging_face(text: str) -> None:
    from tokenizers import Regex, pre_tokenizers

    split = pre_tokenizers.Split(Regex(PIECE_PATTERN), behavior="isolated")
    assert [piece for piece, _ in split.pre_tokenize_str(text)] == pieces(text)


def test_first_merges_by_hand() -> None:
    # "abab ab": pieces "abab", " ab". ab stands there 3 times; then abab and " ab" once each; " " has the higher id.
    tokenizer = PlainBytePairTokenizer.fit("abab ab", 300)
    assert [tokenizer.token(number) for number in range(256, tokenizer.vocab_size)] == [b"ab", b" ab", b"abab"]


def test_bytes_stand_in_the_order_of_gpt_2() -> None:
    from tokenizers import pre_tokenizers

    assert Counter(BYTES_IN_ORDER) == Counter(range(256))
    tokenizer = BytePairTokenizer([])
    assert [int(tokenizer.encode(c)[0]) for c in "!~\n "] == [0, 93, 198, 220]  # the same four in GPT-2's vocab.json
    assert len(pre_tokenizers.ByteLevel.alphabet()) == 256


@both
def test_saved_tokenizer_comes_back_equal_and_either_kind_reads_it(kind: type, tmp_path: Path) -> None:
    path = tmp_path / "merges.json"
    FITTED[kind].save(path)
    for other in FITTED:
        loaded = other.load(path)
        assert loaded.merges == FITTED[kind].merges
        np.testing.assert_array_equal(loaded.encode("not to be 慢"), FITTED[kind].encode("not to be 慢"))


DAMAGED = {
    "cut off": '{"tokenizer": "BytePairTokenizer", "merges": [[75,',
    "another kind": '{"tokenizer": "CharacterTokenizer", "characters": "ab", "unknown": null}',
    "Hugging Face's own": '{"version": "1.0", "model": {"type": "BPE"}}',
    "no merges": '{"tokenizer": "BytePairTokenizer"}',
    "a merge of what is not there yet": '{"tokenizer": "BytePairTokenizer", "merges": [[75, 256]]}',
    "negative": '{"tokenizer": "BytePairTokenizer", "merges": [[75, -1]]}',
    "not numbers": '{"tokenizer": "BytePairTokenizer", "merges": [["l", "o"]]}',
    "twice": '{"tokenizer": "BytePairTokenizer", "merges": [[75, 78], [75, 78]]}',
    "one token, two ways": '{"tokenizer": "BytePairTokenizer", "merges": [[1, 2], [256, 3], [2, 3], [1, 258]]}',
    "triples": '{"tokenizer": "BytePairTokenizer", "merges": [[75, 78, 79]]}',
    "a list": "[]",
    "nothing": "",
}


@both
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_or_foreign_file_is_refused(kind: type, content: str, tmp_path: Path) -> None:
    path = tmp_path / "merges.json"
    path.write_text(content)
    with pytest.raises(
        InputError, match=r"must be a file that BytePairTokenizer.save wrote; got .+ Save the tokenizer"
    ):
        kind.load(path)


@both
def test_missing_and_binary_files_are_refused(kind: type, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        kind.load(tmp_path / "none.json")
    (tmp_path / "binary").write_bytes(b"\xff\x00\xfe")
    with pytest.raises(InputError, match="must be a file that"):
        kind.load(tmp_path / "binary")


@both
def test_bad_input_is_named(kind: type) -> None:
    with pytest.raises(InputError, match="got vocab_size=255"):
        kind.fit("abc", 255)
    with pytest.raises(VocabularyError, match=r"ids must lie in 0 … \d+; got 999 at position 1"):
        FITTED[kind].decode([0, 999])
    with pytest.raises(VocabularyError, match="whole numbers; got float64"):
        FITTED[kind].decode([0.5])
    for call in (FITTED[kind].encode, lambda text: kind.fit(text, 300)):
        with pytest.raises(VocabularyError, match=r"half a surrogate pair, U\+D800, at position 2"):
            call("ab\ud800")


def test_file_holds_merges_and_nothing_that_runs(tmp_path: Path) -> None:
    path = tmp_path / "merges.json"
    BytePairTokenizer.fit("aaa", 257).save(path)
    assert json.loads(path.read_text()) == {"tokenizer": "BytePairTokenizer", "merges": [[64, 64]]}
