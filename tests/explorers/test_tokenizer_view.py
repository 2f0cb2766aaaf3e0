"""The tokenizer explorer: what it says is what the tokenizers do."""

from __future__ import annotations

import re

import pytest

from greenlm_edu import lm
from greenlm_edu.errors import InputError
from greenlm_edu.explorers import Explorer, tokenizer_view

SMALL = {
    "characters": lm.CharacterTokenizer.fit("low er", unknown="\ufffd"),
    "words": lm.WordTokenizer.fit("low lower", unknown="<unk>"),
    "byte pairs": lm.BytePairTokenizer.fit("low lower lowest", vocab_size=259),
}


def shown(text: str, **options) -> str:
    return tokenizer_view(text, SMALL, **options).view().text


def test_counts_are_those_of_the_text_and_the_tokenizers():
    told = shown("low low", merges=3)
    assert "7 code points, 7 bytes in UTF-8" in told
    assert "characters (vocabulary of 7): 7 tokens, 1.00 characters a token" in told
    assert "words (vocabulary of 3): 2 tokens" in told
    assert "byte pairs (vocabulary of 259): 2 tokens, 3.50 characters a token" in told  # low, ␣low
    assert "low 257 | ␣low 258" in told


def test_fewer_merges_cut_into_smaller_pieces():
    assert "byte pairs (vocabulary of 256): 7 tokens" in shown("low low", merges=0)
    assert "byte pairs (vocabulary of 257): 5 tokens" in shown("low low", merges=1)  # lo w ␣ lo w


def test_what_comes_back_is_told_for_each_row():
    told = shown("low  low", merges=3)
    rows = {row.split(" (")[0]: row for row in told.split("\n") if "vocabulary" in row}
    assert "✓" in rows["characters"]
    assert "✓" in rows["byte pairs"]
    assert "✗ decode does not give the text back, but “low low”" in rows["words"]


def test_an_unknown_character_does_not_come_back():
    assert "but “low \ufffd”" in shown("low é", merges=3)


@pytest.mark.parametrize("text", ["", "é", "e\u0301", "低碳", "👩\u200d🌾", "\x00\n\t\r", "\U0010ffff", "<b>&'\""])
def test_any_unicode_is_shown_and_byte_pairs_give_it_back(text: str):
    view = tokenizer_view(text, {"byte pairs": SMALL["byte pairs"]}, merges=3).view()
    assert "✓ decode gives the text back" in view.text
    assert f"{len(text.encode())} bytes" in view.text
    assert view.html.count("<code") == len(SMALL["byte pairs"].encode(text))
    assert "<b>&" not in view.html.replace("<b>&#", "")


def test_part_of_a_character_is_shown_as_its_bytes():
    assert "⟨C3⟩" in shown("é", merges=0)
    assert "◌\u0301" in tokenizer_view("e\u0301", {"c": lm.CharacterTokenizer.fit("e\u0301")}).view().text


def test_boundaries_do_not_need_colour():
    html = tokenizer_view("low low", SMALL, merges=3).view().html
    boxes = re.findall(r'<span style="([^"]*)"><code', html)
    assert len(boxes) == 7 + 2 + 2
    assert all("border:1px solid" in box and "color:#1b1f24" in box for box in boxes)


def test_pale_colours_stand_off_from_the_ink():
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    html = tokenizer_view("low low", SMALL).view().html
    for pale in set(re.findall(r"background:(#\w{6})", html)):
        assert (luminance(pale) + 0.05) / (luminance("#1b1f24") + 0.05) >= 7  # WCAG AAA


def test_the_slider_ends_at_what_was_learned():
    explorer = tokenizer_view("low", SMALL, merges=0)
    assert explorer.set(merges=3).settings["merges"] == 3
    with pytest.raises(InputError, match="from 0 to 3"):
        explorer.set(merges=4)
    assert set(tokenizer_view("low", {"c": SMALL["characters"]}).controls) == {"text"}


def test_a_tokenizer_that_refuses_the_text_says_so_in_its_row():
    strict = {"strict": lm.CharacterTokenizer.fit("low"), "bytes": SMALL["byte pairs"]}
    told = tokenizer_view("slow", strict, merges=0).view().text
    assert "strict (vocabulary of 3): refuses this text." in told
    assert "'s' (U+0073)" in told
    assert "✓ decode gives the text back" in told


def test_long_texts_are_counted_whole_and_shown_in_part():
    told = tokenizer_view("low" * 100, {"characters": SMALL["characters"]}).view().text
    assert "300 tokens" in told
    assert "… and 140 more" in told


def test_by_default_it_is_fitted_on_python_docs():
    explorer = tokenizer_view()
    assert isinstance(explorer, Explorer)
    assert explorer.controls["merges"].max == 1000
    assert explorer.view().text.count("vocabulary of") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": 3}, r"^tokenizer_view: text must be a string; got int\. Put it into quotes\.$"),
        ({"text": "a\ud800"}, r"half a surrogate pair, U\+D800, at position 1\. Read the text again"),
        ({"text": "a" * 5001}, r"at most 5,000 characters; got 5,001"),
        ({"tokenizers": {}}, r"^tokenizer_view: tokenizers must map a name to a tokenizer"),
        ({"tokenizers": {"x": 3}}, r"must have encode, decode, vocab_size; got 'x' of type int"),
        ({"merges": -1}, r"merges must be a whole number from 0 to 1000, the merges learned; got merges=-1"),
        ({"merges": 1.5}, r"got merges=1\.5"),
        ({"tokenizers": SMALL, "merges": 4}, r"from 0 to 3, the merges learned; got merges=4"),
    ],
)
def test_bad_input_is_told(arguments: dict, message: str):
    with pytest.raises(InputError, match=message):
        tokenizer_view(**arguments)


def test_half_a_surrogate_pair_cannot_be_set():
    explorer = tokenizer_view("low", SMALL, merges=0)
    with pytest.raises(InputError, match="half a surrogate pair"):
        explorer.set(text="\udc00")
    assert explorer.settings["text"] == "low"


@pytest.mark.parametrize(("typed", "told"), [("a" * 5001, "at most 5,000 characters"), ("\udc00", "half a surrogate")])
def test_what_a_page_sends_past_the_validator_is_refused_in_the_picture(typed: str, told: str):
    explorer = tokenizer_view("low", SMALL, merges=0)
    with pytest.raises(InputError):
        explorer.controls["text"].set_state({"value": typed})  # as the widget's page does
    assert explorer.settings["text"] == typed
    assert told in explorer.view().text
    assert explorer.view().html.startswith('<div role="alert">')
