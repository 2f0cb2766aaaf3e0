"""The look that the card, the session strip and the guesses share.

Styles that stand beside their element survive in an untrusted notebook, where a style sheet is stripped: so frames,
sizes and the colours of bars are inline, and only what needs the theme's colours is in a sheet. Pictures are `<img>`
elements, because JupyterLab takes svg elements out of outputs.
"""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import quote

__all__ = ["BIG", "BODY", "FRAME", "HEAD", "LINE", "SMALL_TABLE", "SUMMARY", "clipped", "picture", "sheet"]

LINE: Final = "1px solid rgba(128,128,128,.35)"
FRAME: Final = f"border:{LINE};border-radius:8px;padding:10px 14px;margin:6px 0;max-width:880px"
HEAD: Final = f"display:flex;flex-wrap:wrap;border-bottom:{LINE};padding-bottom:6px"
BODY: Final = "display:flex;flex-wrap:wrap;padding:8px 0"
BIG: Final = "font-size:28px;font-weight:bold;line-height:1.2"
SUMMARY: Final = "cursor:pointer"
SMALL_TABLE: Final = "border-collapse:collapse;margin:6px 0 0;font-size:12px;width:100%"

# Jupyter's own colours where there are any, VS Code's next, plain ones last.
_CSS: Final = """
{it}{--glm-ink:var(--jp-ui-font-color1,var(--vscode-foreground,#1b1f24));
--glm-soft:var(--jp-ui-font-color2,var(--vscode-descriptionForeground,#5b6570));
font:13px/1.45 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;color:var(--glm-ink);
background:var(--jp-layout-color1,transparent)}
{it} .glm-place,{it} .glm-grid,{it} .glm-sub,{it} .glm-basis,{it} .glm-details{color:var(--glm-soft)}
{it} .glm-big small{font-size:14px;font-weight:400}
{it} img{margin:0}
{it} img.glm-chart{align-self:flex-start}
{it} .glm-details th,{it} .glm-details td{text-align:left;padding:3px 12px 3px 0;
vertical-align:top;white-space:normal;color:inherit}
{it} .glm-details tr{background:none}
""".replace("\n", "")


def sheet(css_class: str) -> str:
    """The style sheet of one kind of output, in the theme's colours."""
    return f"<style>{_CSS.replace('{it}', f'.{css_class}')}</style>"


def picture(svg: str, alternative: str, style: str, size: str = "") -> str:
    """An svg as an `<img>` that needs nothing from outside; percent signs cost less room than base64.

    Args:
        svg: one svg element.
        alternative: what it shows, in words; empty where the words stand beside it.
        style: inline css of the image.
        size: its `width` and `height` attributes, for viewers that strip styles.
    """
    source = "data:image/svg+xml," + quote(svg, safe="/:;=,'()+-*!~")
    return f'<img class="glm-chart" {size} style="{style}" alt="{escape(alternative, quote=True)}" src="{source}">'


def clipped(text: str, most: int) -> str:
    """The text, cut to about `most` letters at the end of a word."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0].rstrip(' ,;.:')} …"
