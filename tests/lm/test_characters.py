"""The character tokenizer: every text survives the round trip, or is refused in words."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm import CharacterTokenizer

any_text = st.text(st.characters(codec=None, exclude_categories=()), min_size=1)


@given(any_text)
def test_any_text_survives_the_round_trip(text: str) -> None:
    tokenizer = CharacterTokenizer.fit(text)
    ids = tokenizer.encode(text)
    assert ids.dtype == np.int32
    assert ids.shape == (len(text),)
    assert tokenizer.decode(ids) == text
    assert tokenizer.vocab_size == len(set(text)) == len(set(ids.tolist()))


@given(any_text, any_text)
def test_unknown_symbol_stands_for_what_fit_did_not_see(fitted: str, text: str) -> None:
    tokenizer = CharacterTokenizer.fit(fitted, unknown="?")
    expected = "".join(character if character in fitted else "?" for character in text)
    assert tokenizer.decode(tokenizer.encode(text)) == expected


def test_ids_follow_the_order_of_unicode() -> None:
    assert CharacterTokenizer.fit("bca").encode("abc").tolist() == [0, 1, 2]


def test_empty_text_encodes_to_nothing() -> None:
    tokenizer = CharacterTokenizer.fit("a")
    assert tokenizer.encode("").shape == (0,)
    assert tokenizer.decode([]) == ""


@pytest.mark.parametrize(("character", "shown"), [("é", r"'é' \(U\+00E9\)"), ("z", r"'z' \(U\+007A\)"), ("A", r"'A' ")])
def test_character_outside_the_vocabulary_is_named_with_its_place(character: str, shown: str) -> None:
    with pytest.raises(VocabularyError, match=rf"got {shown}.*at position 2. Fit on a text that holds it"):
        CharacterTokenizer.fit("abc").encode(f"ab{character}a")


@pytest.mark.parametrize("wrong", [3, -1])
def test_id_outside_the_vocabulary_is_named_with_its_place(wrong: int) -> None:
    with pytest.raises(VocabularyError, match=rf"ids must lie in 0 … 2; got {wrong} at position 1"):
        CharacterTokenizer.fit("abc").decode(np.array([0, wrong]))


def test_empty_corpus_is_refused() -> None:
    with pytest.raises(EmptyCorpus, match="got an empty text"):
        CharacterTokenizer.fit("")


def test_unknown_symbol_must_be_one_character() -> None:
    with pytest.raises(InputError, match="got unknown='<unk>'"):
        CharacterTokenizer.fit("abc", unknown="<unk>")


@given(any_text, st.sampled_from([None, "?"]))
def test_saved_tokenizer_comes_back_equal(tmp_path_factory: pytest.TempPathFactory, text: str, unknown: str) -> None:
    path = tmp_path_factory.mktemp("tokenizer") / "characters.json"
    tokenizer = CharacterTokenizer.fit(text, unknown)
    tokenizer.save(path)
    loaded = CharacterTokenizer.load(path)
    assert (loaded.characters, loaded.unknown) == (tokenizer.characters, tokenizer.unknown)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tokenizer": "Words", "characters": "ab", "unknown": null}'])
def test_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "characters.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"must be a file that CharacterTokenizer.save wrote"):
        CharacterTokenizer.load(path)
