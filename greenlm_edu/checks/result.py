"""What a check answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Final

from greenlm_edu.notebook.look import FRAME, sheet

__all__ = ["AMBER", "BLUE", "GREEN", "GREY", "Hint", "Passed", "Rejected", "box", "framed", "marked_up"]

# Okabe and Ito's colours; a mark and a word stand beside each, so that colour is not needed.
GREEN: Final = "#009E73"
AMBER: Final = "#E69F00"
BLUE: Final = "#0072B2"
GREY: Final = "rgba(128,128,128,.6)"

# A product is no emphasis: the stars must stand at the outside of words.
EMPHASIS: Final = re.compile(r"(?<![\w*])\*(\w[^*]*\w|\w)\*(?![\w*])")


@dataclass(frozen=True, repr=False)
class Passed:
    """The answer is right.

    Args:
        exercise: its name, such as "09.bits".
        text: what to notice now.
    """

    exercise: str
    text: str

    def __str__(self) -> str:
        return f"✓ {self.exercise} passed. {self.text}"

    __repr__ = __str__  # what stands where no html is shown

    def _repr_html_(self) -> str:
        return box(GREEN, f"✓ {self.exercise} passed", self.text)


@dataclass(frozen=True, repr=False)
class Hint:
    """The answer is not right yet, and why.

    Args:
        key: the mistake's short name, the same in every wording.
        text: what it means, and the next question.
        exercise: the exercise's name.
    """

    key: str
    text: str
    exercise: str = ""

    def __str__(self) -> str:
        return f"→ {self.exercise} not yet: {self.text}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return box(AMBER, f"→ {self.exercise} not yet", self.text)


class Rejected(Exception):
    """Raised inside a judge, which ends it.

    Args:
        key: the mistake's short name.
        text: what the learner reads.
    """

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.hint = Hint(key, text)


def box(colour: str, head: str, text: str) -> str:
    """A framed answer with a coloured edge; `text` may have several lines."""
    lines = "".join(f'<div style="white-space:pre-wrap">{marked_up(line)}</div>' for line in text.split("\n"))
    return framed(colour, head, lines)


def framed(colour: str, head: str, html: str) -> str:
    """A frame with a coloured edge around a bold first line and html."""
    return (
        f'{sheet("greenlm-check")}<div class="greenlm-check" role="status" '
        f'style="{FRAME};border-left:6px solid {colour}"><b>{marked_up(head)}</b>{html}</div>'
    )


def marked_up(text: str) -> str:
    """The text as html: what stands between backticks as code, *words* between stars as emphasis.

    >>> marked_up("`a*b*c` is not *always* 4*d*e")
    '<code>a*b*c</code> is not <em>always</em> 4*d*e'
    """
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # one backtick without its partner
        return "`".join(parts)
    return "".join(
        f"<code>{part}</code>" if place % 2 else EMPHASIS.sub(r"<em>\1</em>", part) for place, part in enumerate(parts)
    )
