"""A statement as Markdown and as a self-contained page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from greenlm_edu.ledger.emission_statement import Statement

__all__ = ["as_html", "as_markdown"]

MISSING: Final = "Missing"
STYLE: Final = """
.glm-statement{font:15px/1.5 system-ui,sans-serif;max-width:56rem;color:#1d2a22;background:#fff;padding:1rem}
.glm-statement h1{font-size:1.4rem;margin:0 0 .25rem}
.glm-statement .head{font-size:1.1rem;font-weight:600;margin:.25rem 0 1rem}
.glm-statement table{border-collapse:collapse;width:100%}
.glm-statement th,.glm-statement td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-top:1px solid #c9d5cd}
.glm-statement th{width:13rem;font-weight:600}
.glm-statement .missing{color:#8a2b06}
.glm-statement .missing::before{content:"\\25B3\\00A0"}
.glm-statement .foot{color:#4b5a51;font-size:.85rem;margin-top:1rem;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){
.glm-statement{color:#e4ece7;background:#141a17}
.glm-statement th,.glm-statement td{border-color:#37433c}
.glm-statement .missing{color:#ffb38a}
.glm-statement .foot{color:#a9b8af}}
"""


def as_markdown(statement: Statement) -> str:
    """The statement as Markdown, with its missing fields listed at its end once more."""
    lines = [f"# Emission statement: {_plain(statement.title)}", "", f"**{statement.headline}**", ""]
    for field in statement.fields:
        lines += [f"## {field.name}", ""]
        lines += [f"- {_plain(line)}" for line in field.lines]
        lines += [f"- {MISSING}: {_plain(field.missing)}"] if field.missing else []
        lines.append("")
    lines += [_foot(statement), ""]
    return "\n".join(lines)


def as_html(statement: Statement, *, page: bool) -> str:
    """The statement as html: a whole page, or a piece for a notebook's output."""
    rows = []
    for field in statement.fields:
        said = "".join(f"<div>{escape(line)}</div>" for line in field.lines)
        lost = f'<div class="missing">{MISSING}: {escape(field.missing)}</div>' if field.missing else ""
        rows.append(f'<tr><th scope="row">{escape(field.name)}</th><td>{said}{lost}</td></tr>')
    body = (
        f'<article class="glm-statement"><h1>Emission statement: {escape(statement.title)}</h1>'
        f'<p class="head">{escape(statement.headline)}</p><table>{"".join(rows)}</table>'
        f'<p class="foot">{escape(_foot(statement))}</p></article>'
    )
    if not page:
        return f"<style>{STYLE}</style>{body}"
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    )
    title = f"<title>Emission statement: {escape(statement.title)}</title>"
    return f"{head}{title}<style>{STYLE}</style></head><body>{body}</body></html>\n"


def _foot(statement: Statement) -> str:
    from greenlm_edu import __version__

    missing = len(statement.missing)
    holes = f"{missing} of {len(statement.fields)} fields have something missing. " if missing else ""
    return (
        f"{holes}Made on {statement.made_at:%Y-%m-%d %H:%M} UTC by greenlm-edu {__version__} from its ledger. Ranges "
        f"tell how far the figures may be off. SHA-256 of the counted measurements as CSV: {statement.fingerprint}"
    )


def _plain(text: str) -> str:
    """Text in which nothing is taken for Markdown."""
    for sign in "\\`*_<>#|":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")
