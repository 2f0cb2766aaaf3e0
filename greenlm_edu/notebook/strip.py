"""Bars of joules, coloured by how they are known; each basis has a pattern and a letter besides its colour.

The pictures have no viewBox and give lengths in percent, so a bar takes the width of its place in the page and its
letters keep their shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval
from greenlm_edu.notebook.chart import AXIS_COLOUR
from greenlm_edu.notebook.look import picture

__all__ = ["bar", "swatch"]

# A letter needs room: in a narrower part the pattern speaks alone.
LETTER_SHARE: Final = 9.0
# The mark at the end of a range must not be cut off by the picture's edge.
FULL: Final = 99.0


@dataclass(frozen=True)
class _Look:
    """How one basis is drawn: a fill, stripes over it, and a letter that reads on both."""

    colour: str
    letter: str
    letter_colour: str
    stripes: str


# Okabe and Ito's colours. Stripes lean one way for what was sampled, the other way for what was modelled.
_LOOKS: Final = {
    Basis.COUNTER: _Look("#0072B2", "C", "#fff", ""),
    Basis.SAMPLED: _Look("#009E73", "S", "#000", "rotate(45)"),
    Basis.MODELLED: _Look("#E69F00", "M", "#000", "rotate(-45)"),
}


def bar(joules: Mapping[Basis, float], alternative: str, most_j: float, energy_j: Interval | None = None) -> str:
    """A stacked bar to the best figure, with a line from low to high below it where there is a range.

    Args:
        joules: best figure by basis, counters first.
        alternative: what it shows, in words.
        most_j: the joules of a bar that fills the width.
        energy_j: the range to draw; None draws none.
    """
    height, full = (22, FULL) if energy_j else (16, 100.0)
    out, left = [], 0.0
    for basis, part_j in joules.items():
        width = full * part_j / most_j
        out.append(_part(_LOOKS[basis], left, width))
        left += width
    if energy_j is not None:
        low, high = (full * value / most_j for value in (energy_j.low, energy_j.high))
        lines = ((low, 18.0, high, 18.0), (low, 15.5, low, 20.5), (high, 15.5, high, 20.5))
        drawn = "".join(f'<line x1="{a:.2f}%" y1="{b}" x2="{c:.2f}%" y2="{d}"/>' for a, b, c, d in lines)
        out.append(f'<g stroke="{AXIS_COLOUR}" stroke-width="1.5">{drawn}</g>')
    style = f"width:100%;max-width:100%;height:{height}px;display:block"
    return picture(_svg(out, joules, height), alternative, style, f'width="240" height="{height}"')


def swatch(basis: Basis) -> str:
    """A small piece of the bar, for the legend."""
    drawn = _svg([_part(_LOOKS[basis], 0.0, 100.0)], {basis: 1.0}, 16)
    return picture(drawn, "", "width:22px;height:16px;vertical-align:-3px", 'width="22" height="16"')


def _part(look: _Look, left: float, width: float) -> str:
    fill = f"url(#{look.letter})" if look.stripes else look.colour
    drawn = f'<rect x="{left:.2f}%" y="1" width="{max(width, 0.3):.2f}%" height="13" fill="{fill}"/>'
    if width >= LETTER_SHARE:
        middle = f'x="{left + width / 2:.2f}%" y="11.5" text-anchor="middle"'
        drawn += f'<text {middle} fill="{look.letter_colour}">{look.letter}</text>'
    return drawn


def _svg(drawn: list[str], joules: Mapping[Basis, float], height: int) -> str:
    patterns = "".join(
        f'<pattern id="{look.letter}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="{look.stripes}"><rect width="6" height="6" fill="{look.colour}"/>'
        '<rect width="2" height="6" fill="#fff" fill-opacity=".4"/></pattern>'
        for basis in joules
        if (look := _LOOKS[basis]).stripes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}" font-size="10" font-weight="700" '
        f'font-family="system-ui,Helvetica,Arial,sans-serif">{patterns}{"".join(drawn)}</svg>'
    )
