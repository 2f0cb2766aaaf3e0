"""The card that stays under a metered cell: one static bundle of html, png and text.

It holds no widget and asks for nothing from outside, so it survives a saved notebook, nbconvert, and a viewer with no
kernel. Where a viewer strips styles (an untrusted notebook, a code host), the words and the picture remain.
"""

from __future__ import annotations

import base64
from html import escape
from typing import Any, Final

from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Measurement
from greenlm_edu.notebook.chart import colour_of, reading_order, svg
from greenlm_edu.notebook.elsewhere import elsewhere_html
from greenlm_edu.notebook.look import BIG, BODY, FRAME, HEAD, LINE, SMALL_TABLE, SUMMARY, clipped, picture, sheet
from greenlm_edu.notebook.picture import png
from greenlm_edu.notebook.wording import CardText, amount, basis_text, card_text, how_known

__all__ = ["bundle", "hidden", "html", "text"]

# A card stays in a saved notebook, so what may grow without end is cut: this keeps the largest one below 60 kB.
MOST_NOTICES: Final = 5
NOTICE_LETTERS: Final = 240
PLACE_LETTERS: Final = 120
NOTE_LETTERS: Final = 360


def bundle(measurement: Measurement) -> dict[str, Any]:
    """The card as a MIME bundle for `IPython.display.display(..., raw=True)`."""
    words = card_text(measurement)
    drawn = png(measurement, words)
    kept = {"image/png": base64.b64encode(drawn).decode("ascii")} if drawn else {}
    return {"text/html": html(measurement, words), **kept, "text/plain": text(measurement, words)}


def html(measurement: Measurement, words: CardText | None = None) -> str:
    """The card as a self-contained piece of html."""
    words = words or card_text(measurement)
    spoken = f"Energy of this cell: {words.energy} {words.energy_unit}, {words.energy_range}."
    return _framed(spoken, _head(words) + _result(measurement, words))


def hidden(measurement: Measurement) -> dict[str, Any]:
    """The bundle of a finished measurement while a guess is still awaited: the result is there, and folded away.

    It has no picture, because a viewer may show that in place of the html.
    """
    words = card_text(measurement)
    inside = (
        f'{_head(words)}<div class="glm-sub" style="padding:8px 0">{escape(words.outcome)} · {_WAITS}</div>'
        f'<details class="glm-hidden"><summary style="{SUMMARY}">Show the result without guessing</summary>'
        f"{_result(measurement, words)}</details>"
    )
    place = f" · {words.place}" if words.place else ""
    return {
        "text/html": _framed(f"Energy of this cell: {_WAITS}.", inside),
        "text/plain": f"Energy of this cell{place}: {_WAITS} · {words.outcome}",
    }


def text(measurement: Measurement, words: CardText | None = None) -> str:
    """The card in plain words, for a terminal and for screen readers."""
    words = words or card_text(measurement)
    lines = [
        f"Energy of this cell: {words.energy} {words.energy_unit} ({words.energy_range})",
        f"Emissions: {words.emissions} {words.emissions_unit} ({words.emissions_range}) · {words.grid}",
        *([words.guess[0].upper() + words.guess[1:]] if words.guess else []),
        " · ".join(line for line in (words.equivalent, words.outcome, words.training) if line),
        *(line for line in (words.replayed, words.repeats) if line),
        *(f"  {part.label}: {how_known(part)}" for part in reading_order(measurement.components)),
        *(f"Note: {notice}" for notice in _notices(words)),
    ]
    return "\n".join(lines)


_WAITS: Final = "the result waits for your guess"


def _framed(spoken: str, inside: str) -> str:
    return (
        f'{sheet("greenlm-card")}<div class="greenlm-card" style="{FRAME}" role="group" '
        f'aria-label="{escape(spoken, quote=True)}">{inside}</div>'
    )


def _head(words: CardText) -> str:
    place = escape(clipped(words.place, PLACE_LETTERS))
    return (
        f'<div class="glm-head" style="{HEAD}"><b style="margin-right:14px">Energy of this cell</b> '
        f'<span class="glm-place" style="flex:1 1 auto;margin-right:14px">{place}</span> '
        f'<span class="glm-grid">{escape(words.grid)}</span></div>'
    )


def _result(measurement: Measurement, words: CardText) -> str:
    """Everything below the head: figures, picture, components, notices and what unfolds."""
    guess = f'<div class="glm-guess" style="font-weight:bold">{escape(words.guess)}</div>' if words.guess else ""
    lines = [
        f'<div class="glm-big" style="{BIG}">{words.energy} <small>{words.energy_unit}</small></div>',
        f'<div class="glm-sub">{escape(words.energy_range)}</div>',
        f'<div class="glm-big" style="{_SECOND}">{words.emissions} <small>{words.emissions_unit}</small></div>',
        f'<div class="glm-sub">{escape(words.emissions_range)}</div>',
        *(
            f'<div class="glm-sub">{escape(line)}</div>'
            for line in (words.replayed, words.equivalent, words.outcome, words.training, words.repeats)
            if line
        ),
        guess,
    ]
    notices = "".join(
        f'<div class="glm-notice" style="{_NOTICE}" role="note">{escape(notice)}</div>' for notice in _notices(words)
    )
    return (
        f'<div style="{BODY}"><div style="{_FIGURES}">{"".join(lines)}</div>{_image(measurement, words)}</div>'
        f'<div style="{_FOOT}">{"".join(_chip(part) for part in reading_order(measurement.components))}</div>'
        f"{notices}{_details(measurement)}{elsewhere_html(measurement)}"
    )


def _image(measurement: Measurement, words: CardText) -> str:
    drawn = svg(measurement)
    if not drawn:
        return ""
    parts = ", ".join(part.label for part in reading_order(measurement.components) if part.energy_j is not None)
    alt = f"Power over time of {parts}, in watts, {words.outcome}"
    return picture(drawn, alt, _CHART)


def _notices(words: CardText) -> list[str]:
    """What the reader must know, in bounds; the rest is in the measurement."""
    shown = [clipped(notice, NOTICE_LETTERS) for notice in words.notices[:MOST_NOTICES]]
    left = len(words.notices) - len(shown)
    return [*shown, f"… and {left} more in greenlm_edu.session().measurements"] if left else shown


def _chip(part: Component) -> str:
    if part.energy_j is None:
        edge = "border:1px dashed rgba(128,128,128,.6)"
    else:
        edge = f"border:{LINE};border-left:8px solid {colour_of(part.component)}"
    return (
        f'<span style="{_PART}"><span style="{edge};border-radius:10px;padding:1px 9px">{escape(part.label)}</span> '
        f'<span class="glm-basis">{escape(basis_text(part))}</span></span> '
    )


def _details(measurement: Measurement) -> str:
    """Every component with its joules, range, idle part and how it is known: the picture's twin in words."""
    rows = []
    for part in reading_order(measurement.components):
        energy = part.energy_j.text("J") if part.energy_j else "not measured"
        idle = "–" if part.idle_j is None or part.energy_j is None else amount(Interval.exactly(part.idle_j))
        how = " · ".join(
            escape(words) for words in (clipped(part.reason, NOTE_LETTERS), clipped(part.note, NOTE_LETTERS)) if words
        )
        cells = (escape(part.label), escape(str(part.basis)), escape(energy), idle, how)
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("component", "basis", "energy and range", "of it idle", "how it is known")
    )
    return (
        f'<details class="glm-details"><summary style="{SUMMARY}">How this is known</summary>'
        f'<div style="overflow-x:auto"><table style="{SMALL_TABLE}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></details>"
    )


_FIGURES: Final = "flex:1 1 230px;min-width:0;margin-right:20px"
_SECOND: Final = "font-size:21px;font-weight:bold;line-height:1.2;margin-top:6px"
_CHART: Final = "flex:2 1 420px;width:100%;max-width:580px;min-width:0;height:auto"
_FOOT: Final = f"display:flex;flex-wrap:wrap;border-top:{LINE};padding-top:8px"
_PART: Final = "display:inline-block;margin:0 14px 6px 0"
_NOTICE: Final = "margin-top:8px;padding:5px 9px;border-left:4px solid #D55E00"
