"""What all commands share on the screen: the console, the badge of a basis, figures that may be unknown."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from greenlm_edu.energy import Basis
    from greenlm_edu.interval import Interval

__all__ = ["NOT_MEASURED", "WIDE", "WIDTH_WITHOUT_TERMINAL", "badge", "badges", "console", "figure"]

NOT_MEASURED: Final = "not measured"
# Where there is no terminal, nothing says how wide a line may be; rich's 80 columns would break every figure.
WIDTH_WITHOUT_TERMINAL: Final = 160
# A narrower screen breaks the tables’ ranges in the middle.
WIDE: Final = 130

# A shape beside each colour, so that the badge is read without the colour too.
_BADGES: Final = {
    "counter": ("●", "green", "counter"),
    "sampled": ("◐", "cyan", "sampled"),
    "modelled": ("○", "yellow", "modelled"),
    "replayed": ("▷", "magenta", "replayed"),
    "unavailable": ("✕", "red", NOT_MEASURED),
}


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr, as wide as its terminal."""
    from rich.console import Console

    screen = Console(stderr=stderr, highlight=False, emoji=False)
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        screen.width = WIDTH_WITHOUT_TERMINAL
    return screen


def badge(basis: Basis | str) -> Text:
    """How a figure is known, as a coloured sign with its word."""
    from rich.text import Text

    sign, colour, word = _BADGES[str(basis)]
    return Text(f"{sign} {word}", style=colour)


def badges(bases: Iterable[Basis | str]) -> Text:
    """The badges of a total, joined; “not measured” where there is none."""
    from rich.text import Text

    return Text(" + ").join([badge(basis) for basis in bases] or [badge("unavailable")])


def figure(value: Interval | None, unit: str, *, stacked: bool = False) -> str:
    """Best figure and range, or that nothing is known: never 0 for unknown.

    Args:
        value: None where nothing is known.
        unit: "J" or "g".
        stacked: the range on a line of its own, for narrow tables.
    """
    if value is None:
        return NOT_MEASURED
    return value.text(unit).replace(" (", "\n(") if stacked else value.text(unit)
