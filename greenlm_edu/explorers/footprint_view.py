"""The footprint of a training before it runs: from parameters, tokens, hardware, building and country, as a range."""

from __future__ import annotations

import numbers
from html import escape
from typing import Any, Final

from greenlm_edu import carbon
from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View
from greenlm_edu.explorers.footprint_picture import drawing
from greenlm_edu.explorers.footprint_words import MISLEADING, PlannedRun, left_out, planned_run
from greenlm_edu.notebook.look import BODY, LINE, SMALL_TABLE, picture
from greenlm_edu.units import JOULES_PER_KWH

__all__ = ["footprint_view"]

# Powers of ten.
PARAMETERS: Final = (6, 13)
TOKENS: Final = (6, 14)
MOST_ACCELERATORS: Final = 1_000_000
MOST_PUE: Final = 2.0
NO_REGION: Final = ""  # a list cannot hold None as a choice
SMALL: Final = "font-size:12px"


def footprint_view(
    parameters: float = 1e9,
    tokens: float = 2e10,
    accelerator: str = "A100",
    accelerators: int = 8,
    pue: float = 1.2,
    region: str | None = None,
    title: str = "The footprint of a training, predicted",
) -> Explorer:
    """Energy, emissions and wall time of a training, predicted with their ranges, among the published trainings.

    Args:
        parameters: that a token passes, from 1e6 to 1e13.
        tokens: trained on, repeats counted, from 1e6 to 1e14.
        accelerator: one of `carbon.accelerators()` of which a peak speed is known.
        accelerators: how many, a whole number from 1 to 1,000,000: they set the wall time, not the predicted energy.
        pue: of the building, from 1 to 2.
        region: a country, as in `carbon.intensity`; the world's average, with its wide range, if left out.
        title: what is predicted.
    Returns:
        an Explorer with the controls of these names. `set` takes the accelerator's and the region's name as
        `settings` tells them: the whole name, the ISO-3 code, "" for no region.
    Raises:
        InputError: a number outside its range, or an accelerator without a known peak speed.
        UnknownAccelerator, UnknownRegion: the nearest names are given.
    Source: `carbon.predicted_training`, `carbon.published`, `carbon.equivalents`.   Lesson: notebooks/14.

    >>> print(footprint_view(1e9, 2e10, region="FRA").view().text.splitlines()[1])
    Operations: 1.20 × 10²⁰ FLOP, 6 × parameters × tokens.
    """
    _check("parameters", parameters, 10.0 ** PARAMETERS[0], 10.0 ** PARAMETERS[1])
    _check("tokens", tokens, 10.0 ** TOKENS[0], 10.0 ** TOKENS[1])
    _check("accelerators", accelerators, 1, MOST_ACCELERATORS, whole=True)
    _check("pue", pue, 1, MOST_PUE)
    boards = [one.name for one in carbon.accelerators() if one.peak_flop_s]
    board = carbon.accelerator(accelerator).name
    if board not in boards:
        raise InputError(
            f"footprint_view: the accelerator's peak speed must be known; got {board}, of which the table has none. "
            f"Take one of {', '.join(boards)}, or carbon.predicted_training with a peak_flop_s of your own."
        )
    where = NO_REGION if region is None else carbon.intensity(region).region
    import ipywidgets

    wide: dict[str, Any] = {"layout": {"width": "460px", "max_width": "100%"}}
    log_slider, choice = ipywidgets.FloatLogSlider, ipywidgets.Dropdown
    controls = {
        "parameters": log_slider(
            value=float(parameters), min=PARAMETERS[0], max=PARAMETERS[1], step=0.05, description="parameters", **wide
        ),
        "tokens": log_slider(
            value=float(tokens), min=TOKENS[0], max=TOKENS[1], step=0.05, description="tokens", **wide
        ),
        "accelerator": choice(options=boards, value=board, description="hardware", **wide),
        "accelerators": ipywidgets.BoundedIntText(
            value=int(accelerators), min=1, max=MOST_ACCELERATORS, description="how many", **wide
        ),
        "pue": ipywidgets.FloatSlider(
            value=float(pue), min=1.0, max=MOST_PUE, step=0.01, description="PUE (building)", **wide
        ),
        "region": choice(options=_regions(), value=where, description="electricity of", **wide),
    }
    return Explorer(title, controls, _draw)


def _check(name: str, value: object, least: float, most: float, whole: bool = False) -> None:
    number = None if isinstance(value, bool) or not isinstance(value, numbers.Real) else float(value)
    if number is not None and least <= number <= most and not (whole and number != int(number)):
        return
    kind = "a whole number" if whole else "a number"
    raise InputError(
        f"footprint_view: {name} must be {kind} from {least:g} to {most:g}; got {name}={value!r}. "
        f"Take {most if number is not None and number > most else least:g}."
    )


def _regions() -> list[tuple[str, str]]:
    """(what stands in the list, ISO-3 code), by name."""
    world = carbon.intensity(None)
    rows = sorted(carbon.regions(), key=lambda row: row.name.casefold())
    return [
        (f"no region set: world average · {world.value_g_per_kwh:.0f} g/kWh · {world.year}", NO_REGION),
        *((f"{row.name} · {row.value_g_per_kwh:.0f} g/kWh · {row.year}", row.region) for row in rows),
    ]


def _draw(parameters: float, tokens: float, accelerator: str, accelerators: int, pue: float, region: str) -> View:
    run = planned_run(parameters, tokens, accelerator, accelerators, pue, region or None)
    svg = drawing(run.predicted.operations, run.predicted.energy_j.scaled_by(1 / JOULES_PER_KWH))
    image = picture(svg, run.short_words(), "width:100%;max-width:720px;height:auto;display:block")
    return View(_html(run, image), run.words())


def _html(run: PlannedRun, image: str) -> str:
    footprint = run.predicted.footprint
    tiles = (
        ("energy, predicted", run.energy, f"with the building, PUE {footprint.pue:g}"),
        ("emissions, predicted", run.emissions, footprint.intensity.text()),
        ("wall time, estimated", run.wall_time, f"on {run.accelerators:,} × {run.board.name}"),
        ("operations", run.operations, "6 × parameters × tokens"),
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in run.notes())
    return (
        f'<div style="{BODY}">{"".join(_tile(*tile) for tile in tiles)}</div>{image}'
        f'<div class="glm-sub" style="{SMALL};padding-top:6px">{escape(left_out())}</div>'
        f'<ul style="margin:8px 0;padding-left:18px">{notes}</ul>'
        f'<div style="border-top:{LINE};padding-top:4px">{_table(run)}'
        f'<div class="glm-sub" style="{SMALL};padding-top:4px">{escape(MISLEADING)}</div></div>'
    )


def _tile(name: str, figure: str, note: str) -> str:
    """One figure: the best large, its range below."""
    best, _, span = figure.partition(" (")
    return (
        f'<div style="flex:1 1 160px;padding:0 12px 6px 0"><div class="glm-sub" style="{SMALL}">{escape(name)}</div>'
        f'<div style="font-size:20px;font-weight:bold;line-height:1.3">{escape(best)}</div>'
        f"<div>{escape(span.removesuffix(')'))}</div>"
        f'<div class="glm-sub" style="{SMALL}">{escape(note)}</div></div>'
    )


def _table(run: PlannedRun) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in comparison) + "</tr>"
        for comparison in run.comparisons()
    )
    return (
        f'<table class="glm-details" style="{SMALL_TABLE};table-layout:auto"><thead><tr><th>the same as</th>'
        f"<th>of what</th><th>by what it is equal, and who says so</th></tr></thead><tbody>{rows}</tbody></table>"
    )
