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
from greenlm_edu.notebook.chart import colour_of, svg
from greenlm_edu.notebook.picture import png
from greenlm_edu.notebook.wording import CardText, amount, basis_text, card_text, how_known

__all__ = ["bundle", "html", "text"]


def bundle(measurement: Measurement) -> dict[str, Any]:
    """The card as a MIME bundle for `IPython.display.display(..., raw=True)`."""
    words = card_text(measurement)
    picture = png(measurement, words)
    kept = {"image/png": base64.b64encode(picture).decode("ascii")} if picture else {}
    return {"text/html": html(measurement, words), **kept, "text/plain": text(measurement, words)}


def html(measurement: Measurement, words: CardText | None = None) -> str:
    """The card as a self-contained piece of html."""
    words = words or card_text(measurement)
    spoken = f"Energy of this cell: {words.energy} {words.energy_unit}, {words.energy_range}."
    lines = [
        f'<div class="glm-big" style="{_BIG}">{words.energy} <small>{words.energy_unit}</small></div>',
        f'<div class="glm-sub">{escape(words.energy_range)}</div>',
        f'<div class="glm-big" style="{_SECOND}">{words.emissions} <small>{words.emissions_unit}</small></div>',
        f'<div class="glm-sub">{escape(words.emissions_range)}</div>',
        *(
            f'<div class="glm-sub">{escape(line)}</div>'
            for line in (words.replayed, words.equivalent, words.outcome, words.training, words.repeats)
            if line
        ),
    ]
    notices = "".join(
        f'<div class="glm-notice" style="{_NOTICE}" role="note">{escape(notice)}</div>' for notice in words.notices
    )
    return (
        f"<style>{_CSS}</style>"
        f'<div class="greenlm-card" style="{_FRAME}" role="group" aria-label="{escape(spoken, quote=True)}">'
        f'<div class="glm-head" style="{_HEAD}"><b>Energy of this cell</b> '
        f'<span class="glm-place" style="margin:0 14px">{escape(words.place)}</span> '
        f'<span class="glm-grid">{escape(words.grid)}</span></div>'
        f'<div style="{_BODY}"><div style="{_FIGURES}">{"".join(lines)}</div>{_image(measurement, words)}</div>'
        f'<div style="{_FOOT}">{"".join(_chip(part) for part in measurement.components)}</div>'
        f"{notices}{_details(measurement)}</div>"
    )


def text(measurement: Measurement, words: CardText | None = None) -> str:
    """The card in plain words, for a terminal and for screen readers."""
    words = words or card_text(measurement)
    lines = [
        f"Energy of this cell: {words.energy} {words.energy_unit} ({words.energy_range})",
        f"Emissions: {words.emissions} {words.emissions_unit} ({words.emissions_range}) · {words.grid}",
        " · ".join(line for line in (words.equivalent, words.outcome, words.training) if line),
        *(line for line in (words.replayed, words.repeats) if line),
        *(f"  {part.label}: {how_known(part)}" for part in measurement.components),
        *(f"Note: {notice}" for notice in words.notices),
    ]
    return "\n".join(lines)


def _image(measurement: Measurement, words: CardText) -> str:
    picture = svg(measurement)
    if not picture:
        return ""
    data = base64.b64encode(picture.encode()).decode("ascii")
    parts = ", ".join(part.label for part in measurement.components if part.energy_j is not None)
    alt = f"Power over time of {parts}, in watts, {words.outcome}"
    source = f"data:image/svg+xml;base64,{data}"
    return f'<img class="glm-chart" style="{_CHART}" alt="{escape(alt, quote=True)}" src="{source}">'


def _chip(part: Component) -> str:
    if part.energy_j is None:
        edge = "border:1px dashed rgba(128,128,128,.6)"
    else:
        edge = f"border:{_LINE};border-left:8px solid {colour_of(part.component)}"
    return (
        f'<span style="{_PART}"><span style="{edge};border-radius:10px;padding:1px 9px">{escape(part.label)}</span> '
        f'<span class="glm-basis">{escape(basis_text(part))}</span></span> '
    )


def _details(measurement: Measurement) -> str:
    """Every component with its joules, range, idle part and how it is known: the picture's twin in words."""
    rows = []
    for part in measurement.components:
        energy = part.energy_j.text("J") if part.energy_j else "not measured"
        idle = "–" if part.idle_j is None or part.energy_j is None else amount(Interval.exactly(part.idle_j))
        how = " · ".join(escape(words) for words in (part.reason, part.note) if words)
        cells = (escape(part.label), escape(str(part.basis)), escape(energy), idle, how)
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("component", "basis", "energy and range", "of it idle", "how it is known")
    )
    return (
        '<details class="glm-details"><summary>How this is known</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></details>"
    )


# Styles that stand beside their element survive in an untrusted notebook, where a style sheet is stripped: so the
# frame, the sizes and the colours of the parts are inline, and only what needs the theme's colours is in the sheet.
_LINE: Final = "1px solid rgba(128,128,128,.35)"
_FRAME: Final = f"border:{_LINE};border-radius:8px;padding:10px 14px;margin:6px 0;max-width:880px"
_HEAD: Final = f"display:flex;flex-wrap:wrap;border-bottom:{_LINE};padding-bottom:6px"
_BODY: Final = "display:flex;flex-wrap:wrap;padding:8px 0"
_FIGURES: Final = "flex:1 1 230px;min-width:0;margin-right:20px"
_BIG: Final = "font-size:28px;font-weight:bold;line-height:1.2"
_SECOND: Final = "font-size:21px;font-weight:bold;line-height:1.2;margin-top:6px"
_CHART: Final = "flex:2 1 420px;width:100%;max-width:580px;min-width:0;height:auto"
_FOOT: Final = f"display:flex;flex-wrap:wrap;border-top:{_LINE};padding-top:8px"
_PART: Final = "display:inline-block;margin:0 14px 6px 0"
_NOTICE: Final = "margin-top:8px;padding:5px 9px;border-left:4px solid #D55E00"

# Jupyter's own colours where there are any, VS Code's next, plain ones last.
_CSS: Final = """
.greenlm-card{--glm-ink:var(--jp-ui-font-color1,var(--vscode-foreground,#1b1f24));
--glm-soft:var(--jp-ui-font-color2,var(--vscode-descriptionForeground,#5b6570));
font:13px/1.45 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;color:var(--glm-ink);
background:var(--jp-layout-color1,transparent)}
.greenlm-card .glm-head{gap:2px 14px}
.greenlm-card .glm-grid{margin-left:auto}
.greenlm-card .glm-place,.greenlm-card .glm-grid,.greenlm-card .glm-sub,.greenlm-card .glm-basis,
.greenlm-card .glm-details{color:var(--glm-soft)}
.greenlm-card .glm-big small{font-size:14px;font-weight:400}
.greenlm-card img.glm-chart{margin:0;align-self:flex-start}
.greenlm-card .glm-details summary{cursor:pointer}
.greenlm-card .glm-details table{border-collapse:collapse;margin:6px 0 0;font-size:12px;display:block;overflow-x:auto}
.greenlm-card .glm-details th,.greenlm-card .glm-details td{text-align:left;padding:3px 12px 3px 0;
vertical-align:top;white-space:normal}
""".replace("\n", "")


def hidden(measurement: Measurement) -> dict[str, Any]:
    return {
        "text/html": "<details><summary>Show the result without guessing</summary>" + html(measurement) + "</details>",
        "text/plain": "the result waits for your guess",
    }
