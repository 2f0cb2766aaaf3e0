"""One self-contained page of all lessons that were run: needs no network, and none of the notebooks beside it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbconvert import HTMLExporter
from nbconvert.filters import ansi2html

from greenlm_edu import __version__
from greenlm_edu.cli.outcome import Outcome, totals
from greenlm_edu.cli.screen import NOT_MEASURED, figure

if TYPE_CHECKING:
    from greenlm_edu.carbon import Intensity
    from greenlm_edu.interval import Interval

__all__ = ["write_page"]

# Only the cells of nbconvert's “lab” page: the page around them would load scripts from the network.
CELLS: Final = "{%- extends 'lab/base.html.j2' -%}"
STYLE_OF_CELLS: Final = (
    "{{ resources.include_css('static/index.css') }}{{ resources.include_css('static/theme-light.css') }}"
    "{% for css in resources.inlining.css %}<style>{{ css }}</style>{% endfor %}"
)
STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1b1b1b;
  background: #fff; }
table.lessons { border-collapse: collapse; width: 100%; margin: 1rem 0; }
table.lessons caption { text-align: left; color: #444; }
table.lessons th, table.lessons td { border-bottom: 1px solid #ccc; padding: .35rem .6rem; text-align: left; }
table.lessons td { white-space: nowrap; }
table.lessons .number { text-align: right; font-variant-numeric: tabular-nums; }
.passed { color: #14622a; font-weight: 600; }
.failed { color: #a1160a; font-weight: 600; }
section.failure { border-left: .4rem solid #a1160a; background: #fdf0ee; padding: .5rem 1rem; margin: 1rem 0; }
section.failure pre { background: #fff; border: 1px solid #e3c4c0; padding: .6rem; overflow-x: auto; }
details { border: 1px solid #ccc; border-radius: .4rem; margin: 1rem 0; padding: .4rem 1rem; }
a.anchor-link { display: none; }
summary { cursor: pointer; font-weight: 600; }
"""


def write_page(outcomes: Sequence[Outcome], grid: Intensity, page: Path) -> None:
    """Writes the page: the table, each failure with its cell and traceback, then every executed notebook.

    Args:
        outcomes: the lessons that were run.
        grid: the electricity that the emissions are counted with.
        page: the file to write.
    """
    failures = "".join(map(_failure, outcomes))
    notebooks = "".join(map(_notebook, outcomes))
    style_of_cells = _rendered(STYLE_OF_CELLS, outcomes[0].run.notebook)
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    page.write_text(
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>GreenLM-edu: lessons, {now}</title>{style_of_cells}<style>{STYLE}</style></head><body><main>"
        f"<h1>GreenLM-edu: the lessons, run from top to bottom</h1>"
        f"<p>{now} · greenlm-edu {__version__} · Python {platform.python_version()} · {escape(platform.platform())}</p>"
        f"{failures}{_table(outcomes, grid)}<p>This page needs no network, so formulas stand as LaTeX.</p>{notebooks}"
        "</main></body></html>\n",
        encoding="utf-8",
    )


def _table(outcomes: Sequence[Outcome], grid: Intensity) -> str:
    headings = "".join(
        f'<th scope="col">{heading}</th>'
        for heading in (
            "lesson", "result", "minutes", "kernel’s CPU time", "peak memory", "energy", "known by", "emissions (CO2e)",
            "ledger rows",
        )
    )  # fmt: skip
    energy_j, emissions_g = totals(outcomes)
    minutes = sum(outcome.run.measurement.duration_s for outcome in outcomes) / 60
    last = (
        f'<tr><th scope="row">all</th><td></td>{_number(f"{minutes:.1f}")}<td></td><td></td>'
        f"{_figure(energy_j, 'J')}<td></td>{_figure(emissions_g, 'g')}<td></td></tr>"
    )
    return (
        f'<table class="lessons"><caption>Emissions: {escape(grid.text())}. '
        "Energy: the runner and its kernel, from the kernel’s start to the last cell.</caption>"
        f"<thead><tr>{headings}</tr></thead><tbody>{''.join(map(_row, outcomes))}</tbody><tfoot>{last}</tfoot></table>"
    )


def _row(outcome: Outcome) -> str:
    run = outcome.run
    rows = "unknown" if outcome.ledger_rows is None else str(outcome.ledger_rows)
    bases = " + ".join(run.measurement.bases) or NOT_MEASURED
    return (
        f'<tr><th scope="row"><a href="#{_anchor(outcome)}">{escape(run.path.stem)}</a></th>'
        f'<td class="{run.result}">{run.result}</td>'
        f"{_number(f'{run.measurement.duration_s / 60:.1f}')}{_number(f'{run.kernel_cpu_s:.0f} s')}"
        f"{_number(f'{run.peak_memory_bytes / 1e6:,.0f} MB')}{_figure(run.measurement.energy_j, 'J')}"
        f"<td>{bases}</td>{_figure(outcome.emissions_g, 'g')}{_number(rows)}</tr>"
    )


def _failure(outcome: Outcome) -> str:
    failure = outcome.run.failure
    if failure is None:
        return ""
    cell = f", cell {failure.index + 1} of the notebook" if failure.index is not None else ""
    source = f"<pre><code>{escape(failure.source)}</code></pre>" if failure.source else ""
    traceback = f'<pre class="traceback">{_coloured(failure.traceback)}</pre>' if failure.traceback else ""
    return (
        f'<section class="failure"><h2>{escape(outcome.run.path.stem)} failed{cell}</h2>'
        f"<p>{escape(failure.summary)}</p>{source}{traceback}</section>"
    )


def _notebook(outcome: Outcome) -> str:
    run = outcome.run
    cells = _rendered(CELLS, run.notebook)
    return (
        f'<details id="{_anchor(outcome)}"><summary>{escape(run.path.stem)} · <span class="{run.result}">{run.result}'
        f'</span></summary><div class="jp-Notebook" data-jp-theme-light="true">{cells}</div></details>'
    )


def _rendered(template: str, notebook: Any) -> str:
    html, _ = HTMLExporter(raw_template=template).from_notebook_node(notebook)  # type: ignore[no-untyped-call]
    return str(html)


def _coloured(traceback: str) -> str:
    return str(ansi2html(traceback))  # type: ignore[no-untyped-call]


def _anchor(outcome: Outcome) -> str:
    return "lesson-" + "".join(c if c.isalnum() else "-" for c in outcome.run.path.stem)


def _number(text: str) -> str:
    return f'<td class="number">{text}</td>'


def _figure(value: Interval | None, unit: str) -> str:
    return f"<td>{escape(figure(value, unit))}</td>"
