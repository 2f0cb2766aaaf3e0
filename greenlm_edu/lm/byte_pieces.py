"""Where both byte-pair tokenizers begin: bytes as ids, and a text cut into the pieces that merges stay inside.

The 256 bytes come first in the vocabulary, in the order that GPT-2 made usual: first those that print as a character of
Latin-1, then the others. It only matters for being equal, id by id, to Hugging Face's `tokenizers`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from greenlm_edu.errors import VocabularyError

__all__ = ["BYTES_IN_ORDER", "ID_OF_BYTE", "PIECE_PATTERN", "checked_merges", "pieces", "utf8"]

_PRINTABLE: Final = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
BYTES_IN_ORDER: Final = (*_PRINTABLE, *(byte for byte in range(256) if byte not in _PRINTABLE))  # id -> byte
ID_OF_BYTE: Final = tuple(BYTES_IN_ORDER.index(byte) for byte in range(256))  # byte -> id

# A word with the space before it; a number; a run of other marks; white space, whose last space goes to the next word.
# Every character that is not ASCII counts as a letter. The classes are spelled out, because \w and \s do not mean
# quite the same to Python and to Rust.
_SPACES: Final = r"\x00-\x20\x7f"
_BEYOND_ASCII: Final = f"{chr(0x80)}-{chr(0x10FFFF)}"
PIECE_PATTERN: Final = (
    rf" ?[A-Za-z{_BEYOND_ASCII}]+| ?[0-9]+| ?[!-/:-@\[-`{{-~]+|[{_SPACES}]+(?![^{_SPACES}])|[{_SPACES}]+"
)
_PIECE: Final = re.compile(PIECE_PATTERN)


def pieces(text: str) -> list[str]:
    """The text cut where no merge may reach across; joined, they are the text.

    >>> pieces("for i in  range(10):")
    ['for', ' i', ' in', ' ', ' range', '(', '10', '):']
    """
    return _PIECE.findall(text)


def utf8(where: str, text: str) -> bytes:
    """The text in UTF-8.

    Raises:
        VocabularyError: the text holds half of a surrogate pair, which is no Unicode character.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as err:
        raise VocabularyError(
            f"{where}: the text must be valid Unicode; got half a surrogate pair, U+{ord(text[err.start]):04X}, at "
            f"position {err.start}. Read the text again with its right encoding, or replace it with '\\ufffd'."
        ) from err


def checked_merges(merges: Any) -> list[tuple[int, int]]:
    """Merges as they were read from a file: the k-th may join only ids below 256 + k.

    Raises:
        ValueError: they are no such list.
    """
    pairs = [(left, right) for left, right in merges]
    tokens = [bytes([byte]) for byte in BYTES_IN_ORDER]
    for number, (left, right) in enumerate(pairs):
        if not all(type(part) is int and 0 <= part < 256 + number for part in (left, right)):
            raise ValueError(f"merge {number} of {left} and {right}")
        tokens.append(tokens[left] + tokens[right])
    if len(set(tokens)) < len(tokens):
        raise ValueError("two merges that make the same token")
    return pairs
