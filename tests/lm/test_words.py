"""The word tokenizer: words come back with single spaces between them, and what it cannot represent is said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm import BytePairTokenizer, CharacterTokenizer, PlainBytePairTokenizer, Tokenizer, WordTokenizer

texts = st.text().filter(WordTokenizer.split)


@given(texts)
def test_words_come_back_with_one_space_between_them(text: str) -> None:
    tokenizer = WordTokenizer.fit(text)
    words = WordTokenizer.split(text)
    assert tokenizer.decode(tokenizer.encode(text)) == " ".join(words)
    assert tokenizer.vocab_size == len(set(words))


@given(st.text())
def test_only_white_space_is_lost(text: str) -> None:
    assert "".join(WordTokenizer.split(text)) == "".join(text.split())


@given(texts, st.text())
def test_unknown_word_stands_for_what_fit_did_not_see(fitted: str, text: str) -> None:
    tokenizer = WordTokenizer.fit(fitted, unknown="<unk>")
    known = set(WordTokenizer.split(fitted))
    expected = [word if word in known else "<unk>" for word in WordTokenizer.split(text)]
    assert tokenizer.decode(tokenizer.encode(text)) == " ".join(expected)


def test_frequent_words_come_first_and_equals_in_unicode_order() -> None:
    assert WordTokenizer.fit("b a c b . a b").words == ("b", "a", ".", "c")
    assert WordTokenizer.fit("b a c b . a b", max_words=2, unknown="<?>", special=["<pad>"]).words == (
        "<pad>",
        "<?>",
        "b",
        "a",
    )


def test_special_marks_come_first_and_no_text_encodes_to_them() -> None:
    tokenizer = WordTokenizer.fit("< pad > end", special=["<pad>", "<end>"])
    assert (tokenizer.id_of("<pad>"), tokenizer.id_of("<end>")) == (0, 1)
    assert tokenizer.encode("<pad>").min() > 1


@pytest.mark.parametrize(("text", "shown"), [("the cow", "'cow', word 1"), ("The cat", "'The', word 0")])
def test_word_outside_the_vocabulary_is_named_with_its_place(text: str, shown: str) -> None:
    with pytest.raises(VocabularyError, match=rf"got {shown} of the text. Fit on a text that holds it"):
        WordTokenizer.fit("the cat").encode(text)


def test_bad_input_is_named() -> None:
    with pytest.raises(EmptyCorpus, match="at least one word; got none"):
        WordTokenizer.fit(" \n")
    with pytest.raises(InputError, match="must be 1 or more, or None; got 0"):
        WordTokenizer.fit("a", max_words=0)
    for bad in ({"unknown": "a"}, {"unknown": "zebra"}, {"special": ["<p>", "<p>"]}, {"special": ["."]}):
        with pytest.raises(InputError, match="must look like no word of a text; got"):
            WordTokenizer.fit("a b .", **bad)
    with pytest.raises(VocabularyError, match="id_of: the word must be in the vocabulary; got 'c'"):
        WordTokenizer.fit("a b").id_of("c")
    with pytest.raises(VocabularyError, match=r"ids must lie in 0 … 1; got 2 at position 0"):
        WordTokenizer.fit("a b").decode([2])


@given(texts, st.sampled_from([None, "<unk>"]), st.sampled_from([(), ("<pad>", "<end>")]))
def test_saved_tokenizer_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, text: str, unknown: str | None, special: tuple[str, ...]
) -> None:
    path = tmp_path_factory.mktemp("tokenizer") / "words.json"
    tokenizer = WordTokenizer.fit(text, unknown=unknown, special=special)
    tokenizer.save(path)
    loaded = WordTokenizer.load(path)
    assert (loaded.words, loaded.unknown, loaded.special) == (tokenizer.words, tokenizer.unknown, tokenizer.special)


DAMAGED = (
    "",
    "7",
    '{"tokenizer": "WordTokenizer", "words": "ab", "unknown": null, "special": []}',
    '{"tokenizer": "WordTokenizer", "words": [1, 2], "unknown": null, "special": []}',
    '{"tokenizer": "WordTokenizer", "words": [], "unknown": null, "special": []}',
    '{"tokenizer": "WordTokenizer", "words": ["a"], "unknown": null}',
    '{"tokenizer": "CharacterTokenizer", "characters": "ab", "unknown": null}',
)


@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_or_foreign_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "words.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"must be a file that WordTokenizer.save wrote; got .+ Save the tokenizer"):
        WordTokenizer.load(path)


@pytest.mark.parametrize(
    "tokenizer",
    [
        CharacterTokenizer.fit("to be"),
        WordTokenizer.fit("to be"),
        BytePairTokenizer.fit("to be", 258),
        PlainBytePairTokenizer.fit("to be", 258),
    ],
    ids=lambda tokenizer: type(tokenizer).__name__,
)
def test_all_tokenizers_share_one_interface(tokenizer: Tokenizer, tmp_path: Path) -> None:
    assert isinstance(tokenizer, Tokenizer)
    ids = tokenizer.encode("to be")
    assert (ids.dtype, ids.ndim) == (np.int32, 1)
    assert ids.max() < tokenizer.vocab_size
    assert tokenizer.decode(ids) == tokenizer.decode(ids.tolist()) == "to be"
    assert tokenizer.encode("").shape == (0,)
    assert tokenizer.decode([]) == ""
    tokenizer.save(tmp_path / "saved.json")
    np.testing.assert_array_equal(type(tokenizer).load(tmp_path / "saved.json").encode("to be"), ids)
