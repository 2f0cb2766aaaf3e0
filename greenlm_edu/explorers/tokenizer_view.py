"""A text cut into tokens, side by side: by characters, by words, by byte pairs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any, Final

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View

__all__ = ["tokenizer_view"]

# Okabe and Ito's colours, pale, under dark letters: readable in both themes. A frame around each piece shows where it
# ends without them.
_PALE: Final = ("#cfe6f5", "#fbe3b3", "#c6eadf", "#f3d3e3")
_INK: Final = "#1b1f24"
_MOST_PIECES: Final = 160  # shown of one row; all are counted
_MOST_CHARACTERS: Final = 5_000
_LEARNED: Final = 1_000  # merges of the default tokenizer
_MARKS: Final = {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"}
_TEXT: Final = "Naïve tokenizers waste energy: 低碳 🌱"


def tokenizer_view(
    text: str | None = None, tokenizers: Mapping[str, Any] | None = None, merges: int | None = None
) -> Explorer:
    """Any text, cut into coloured pieces with their ids, by several tokenizers; and whether it comes back.

    Args:
        text: what to begin with; it can be changed. A short English text with Chinese and an emoji if left out.
        tokenizers: name of each row and its tokenizer. Characters, words and byte pairs, fitted on the training text of
            python_docs, if left out.
        merges: how many merges byte-pair tokenizers use to begin with, up to as many as they have learned; 100 if left
            out, or all where there are fewer.
    Raises:
        InputError: text is no Unicode text, or too long; tokenizers is no mapping of names to tokenizers; merges below
            0 or above what was learned.
    Lesson: notebooks/03.
    """
    import ipywidgets
    import traitlets

    class UnicodeText(ipywidgets.Textarea):
        """Refuses what is no Unicode text before it is shown anywhere."""

        @traitlets.validate("value")
        def _whole(self, proposal: Any) -> str:
            return _checked_text(proposal["value"])

    rows = _checked_tokenizers(tokenizers)
    learned = max((len(row.merges) for row in rows.values() if hasattr(row, "merges")), default=0)
    merges = min(100, learned) if merges is None else merges
    if type(merges) is not int or merges not in range(learned + 1):
        raise InputError(
            f"tokenizer_view: merges must be a whole number from 0 to {learned}, the merges learned; got "
            f"merges={merges!r}. Leave it out, or take fewer."
        )
    controls = {
        "text": UnicodeText(
            value=_checked_text(_TEXT if text is None else text),
            description="text",
            layout={"width": "640px", "height": "64px"},
        )
    }
    if learned:
        controls["merges"] = ipywidgets.IntSlider(
            value=merges, min=0, max=learned, description="merges", layout={"width": "480px"}
        )

    def draw(text: str, merges: int = 0) -> View:
        _checked_text(text)  # a page sends what was typed past the validator; the refusal then stands in the picture
        return _view(text, [_cut(name, _with_merges(row, merges), text) for name, row in rows.items()])

    return Explorer("One text, cut into tokens", controls, draw)


@dataclass(frozen=True)
class _Row:
    """What one tokenizer makes of the text."""

    name: str
    vocab_size: int
    pieces: tuple[str, ...]  # each as it is shown
    ids: tuple[int, ...]
    back: str | None  # what decode gives; None where encode refused the text
    refusal: str = ""

    def summary(self, text: str) -> str:
        """Its counts in a sentence."""
        if self.back is None:
            return f"refuses this text. {self.refusal}"
        count = f"{len(self.ids)} token{'s' * (len(self.ids) != 1)}"
        per_token = f", {len(text) / len(self.ids):.2f} characters a token" if self.ids else ""
        return f"{count}{per_token}; {_told_back(text, self.back)}"


def _told_back(text: str, back: str) -> str:
    if back == text:
        return "✓ decode gives the text back"
    shown = back if len(back) <= 60 else f"{back[:60]} …"
    return f"✗ decode does not give the text back, but “{shown}”"


def _cut(name: str, tokenizer: Any, text: str) -> _Row:
    try:
        ids = tuple(int(number) for number in tokenizer.encode(text))
    except InputError as err:
        return _Row(name, tokenizer.vocab_size, (), (), None, str(err))
    pieces = tuple(_shown(_piece(tokenizer, number)) for number in ids[:_MOST_PIECES])
    return _Row(name, tokenizer.vocab_size, pieces, ids, tokenizer.decode(ids))


def _piece(tokenizer: Any, number: int) -> bytes | str:
    found: bytes | str = tokenizer.token(number) if hasattr(tokenizer, "token") else tokenizer.decode([number])
    return found


def _shown(piece: bytes | str) -> str:
    """A piece with marks for white space, and numbers for what cannot be printed."""
    if isinstance(piece, str):
        return "".join(_letter(letter) for letter in piece)
    try:
        return _shown(piece.decode("utf-8"))
    except UnicodeDecodeError:  # part of a character
        return "".join(_letter(chr(value)) if value < 128 else f"⟨{value:02X}⟩" for value in piece)


def _letter(letter: str) -> str:
    if letter in _MARKS:
        return _MARKS[letter]
    kind = unicodedata.category(letter)
    if kind.startswith("M"):
        return f"◌{letter}"  # a combining mark needs something to stand on
    return f"⟨U+{ord(letter):04X}⟩" if kind[0] in "CZ" else letter


def _view(text: str, rows: list[_Row]) -> View:
    sizes = f"{len(text)} code point{'s' * (len(text) != 1)}, {len(text.encode())} bytes in UTF-8"
    html = [f'<div style="margin-top:6px">The text: <b>{sizes}</b></div>']
    words = [f"The text {text!r}: {sizes}."]
    for row in rows:
        head = f"{row.name} (vocabulary of {row.vocab_size:,})"
        label = escape(f"{row.name}: {len(row.ids)} pieces, told in words below", quote=True)
        left = len(row.ids) - len(row.pieces)
        more = f"<span> … and {left} more</span>" if left else ""
        html.append(
            f'<div style="margin-top:10px"><b>{escape(head)}</b>: {escape(row.summary(text))}</div>'
            f'<div role="img" aria-label="{label}" '
            f'style="line-height:1.25">{"".join(map(_box, range(len(row.pieces)), row.pieces, row.ids))}{more}</div>'
        )
        words.append(f"{head}: {row.summary(text)}.")
        if row.pieces:
            told = " | ".join(f"{piece} {number}" for piece, number in zip(row.pieces, row.ids, strict=False))
            words.append(f"  pieces and ids: {told}" + (f" … and {left} more" if left else ""))
    return View("".join(html), "\n".join(words))


def _box(place: int, piece: str, number: int) -> str:
    return (
        f'<span style="display:inline-block;vertical-align:top;text-align:center;margin:2px 1px;padding:1px 4px;'
        f"border:1px solid {_INK};border-radius:3px;background:{_PALE[place % len(_PALE)]};color:{_INK};"
        f'outline:1px solid rgba(128,128,128,.6)"><code style="background:none;color:{_INK};padding:0">{escape(piece)}'
        f'</code><br><small style="color:{_INK}">{number}</small></span>'
    )


def _with_merges(tokenizer: Any, merges: int) -> Any:
    if not hasattr(tokenizer, "merges"):
        return tokenizer
    from greenlm_edu.lm import PlainBytePairTokenizer

    return PlainBytePairTokenizer(tokenizer.merges[:merges])  # the plain one can tell the bytes of a token


def _checked_text(text: object) -> str:
    if not isinstance(text, str):
        raise InputError(f"tokenizer_view: text must be a string; got {type(text).__name__}. Put it into quotes.")
    if len(text) > _MOST_CHARACTERS:
        raise InputError(
            f"tokenizer_view: text must have at most {_MOST_CHARACTERS:,} characters; got {len(text):,}. "
            "Take a part of it."
        )
    half = next((place for place, letter in enumerate(text) if "\ud800" <= letter <= "\udfff"), None)
    if half is not None:
        raise InputError(
            f"tokenizer_view: text must be valid Unicode; got half a surrogate pair, U+{ord(text[half]):04X}, at "
            f"position {half}. Read the text again with its right encoding, or replace it with '\\ufffd'."
        )
    return text


def _checked_tokenizers(tokenizers: Any) -> dict[str, Any]:
    if tokenizers is None:
        return _default_tokenizers()
    wanted = ("encode", "decode", "vocab_size")
    if not isinstance(tokenizers, Mapping) or not tokenizers:
        raise InputError(
            f"tokenizer_view: tokenizers must map a name to a tokenizer, one or more; got {tokenizers!r}. "
            'Write for example {"mine": my_tokenizer}.'
        )
    for name, tokenizer in tokenizers.items():
        if not all(hasattr(tokenizer, one) for one in wanted):
            raise InputError(
                f"tokenizer_view: each tokenizer must have {', '.join(wanted)}; got {name!r} of type "
                f"{type(tokenizer).__name__}. Take one of greenlm_edu.lm."
            )
    return {str(name): tokenizer for name, tokenizer in tokenizers.items()}


@cache
def _default_tokenizers() -> dict[str, Any]:
    from greenlm_edu import corpora, lm

    train = corpora.load("python_docs").train
    return {
        "characters": lm.CharacterTokenizer.fit(train, unknown="\ufffd"),
        "words": lm.WordTokenizer.fit(train, max_words=3_000, unknown="<unk>"),
        "byte pairs": lm.BytePairTokenizer.fit(train, 256 + _LEARNED),
    }
