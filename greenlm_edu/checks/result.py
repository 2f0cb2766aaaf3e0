"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

from greenlm_edu.notebook.look import FRAME, sheet

__all__ = ["Hint", "Passed", "Rejected", "box"]

# Okabe and Ito's colours; a mark and a word stand beside each, so that colour is not needed.
GREEN: Final = "#009E73"
AMBER: Final = "#E69F00"


@dataclass(frozen=True)
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

    def _repr_html_(self) -> str:
        return box(GREEN, f"✓ {self.exercise} passed", self.text)


@dataclass(frozen=True)
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
    lines = "".join(f'<div style="white-space:pre-wrap">{escape(line)}</div>' for line in text.split("\n"))
    return (
        f'{sheet("greenlm-check")}<div class="greenlm-check" role="status" '
        f'style="{FRAME};border-left:6px solid {colour}"><b>{escape(head)}</b>{lines}</div>'
    )
