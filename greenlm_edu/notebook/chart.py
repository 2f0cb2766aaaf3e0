"""The picture of a measurement: power over time, stacked by component, and the loss above it on the same time axis.

Drawn as SVG text without a library: light enough to be kept in a saved notebook, and the same in every viewer. Greys
are chosen to read on white and on black alike, because a picture in a saved notebook cannot ask for the theme.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from greenlm_edu.energy import Basis
from greenlm_edu.energy.replay import REPLAYED_PREFIX
from greenlm_edu.metering import Component, Curve, Measurement

__all__ = [
    "COLOURS",
    "Series",
    "axis_figure",
    "binned",
    "colour_of",
    "losses_of",
    "nice_ticks",
    "reading_order",
    "series_of",
    "stack_order",
    "svg",
]

# Okabe and Ito's colours, told apart by colour-blind readers; one for each kind of component.
COLOURS: Final = {"gpu": ("#0072B2", "#56B4E9", "#009E73", "#CC79A7"), "cpu": ("#E69F00",), "memory": ("#8A939C",)}
OTHER_COLOUR: Final = "#999933"
LOSS_COLOUR: Final = "#C2397B"
AXIS_COLOUR: Final = "#767676"
WIDTH, LEFT, RIGHT, BOTTOM = 560, 46, 14, 26
POWER_HEIGHT, LOSS_TOP, LOSS_HEIGHT, GAP = 120, 22, 42, 16
MOST_BINS: Final = 140
PLAIN: Final = 'fill-opacity=".85"'


@dataclass(frozen=True)
class Series:
    """The mean power of one component in each of a number of equal stretches of time.

    Args:
        label: what a person calls the component.
        colour: of its area.
        watts: one figure a stretch.
        is_replayed: whether it was replayed: drawn pale, with a dashed edge.
    """

    label: str
    colour: str
    watts: tuple[float, ...]
    is_replayed: bool = False


def series_of(measurement: Measurement) -> list[Series]:
    """The power of each component of a measurement, the smallest consumers at the bottom of the stack."""
    trace, duration_s = measurement.trace, measurement.duration_s
    if trace is None or duration_s <= 0:
        return []
    edges = _edges(duration_s)
    parts = stack_order(part for part in measurement.components if trace.steps(part.component))
    return [
        Series(
            part.label,
            colour_of(part.component),
            tuple(binned(trace.steps(part.component), edges)),
            part.basis is Basis.REPLAYED,
        )
        for part in parts
    ]


def stack_order(parts: Iterable[Component]) -> list[Component]:
    """Components as they are stacked, the smallest consumers at the bottom."""
    order = {"memory": 0, "dram": 0, "cpu": 1}
    return sorted(parts, key=lambda part: order.get(_kind_of(part.component), 2))


def reading_order(parts: Iterable[Component]) -> list[Component]:
    """Components as they are read: from the top of the stack, and those without joules last."""
    parts = tuple(parts)
    known = stack_order(part for part in parts if part.energy_j is not None)
    return [*reversed(known), *(part for part in parts if part.energy_j is None)]


def binned(steps: Sequence[tuple[float, float, float]], edges: Sequence[float]) -> list[float]:
    """Mean power between neighbouring edges, in watts; the area under the steps is kept.

    Args:
        steps: (from s, to s, watts), in order of time.
        edges: bin edges in seconds, rising; bins = edges − 1.
    Returns:
        One figure a bin; where the steps do not reach, the nearest one holds.
    """
    if not steps:
        return []
    watts, start = [], 0
    for low, high in itertools.pairwise(edges):
        while start < len(steps) - 1 and steps[start][1] <= low:
            start += 1
        energy_j = covered_s = 0.0
        for begin, end, power_w in steps[start:]:
            if begin >= high:
                break
            overlap_s = min(end, high) - max(begin, low)
            if overlap_s > 0:
                energy_j, covered_s = energy_j + power_w * overlap_s, covered_s + overlap_s
        watts.append(energy_j / covered_s if covered_s > 0 else steps[start][2])
    return watts


def losses_of(measurement: Measurement) -> dict[str, list[tuple[float, float]]]:
    """What was reported while it ran, such as {"loss": [(s, loss), …], "val_loss": …}, in a bounded number of points.

    Step by step where a callback told of steps, else the ends of the epochs; without what is no number.
    """
    ends: dict[str, Curve] = {}
    for mark in measurement.marks:
        for key in ("loss", "val_loss"):
            value = mark.values.get(key)
            if isinstance(value, int | float):
                ends.setdefault(key, Curve()).add(mark.t_s, float(value))
    drawn = {}
    for key in ("loss", "val_loss"):
        of_steps, of_epochs = ((found[key].points if key in found else []) for found in (measurement.curves, ends))
        points = of_steps if len(of_steps) > 1 else of_epochs
        if len(points) > 1:
            drawn[key] = points
    return drawn


def colour_of(component: str) -> str:
    """The colour of a component by its key, such as "gpu0"."""
    kind = _kind_of(component)
    colours = COLOURS.get("memory" if kind == "dram" else kind, (OTHER_COLOUR,))
    return colours[int(component[len(component.rstrip("0123456789")) :] or 0) % len(colours)]


def _kind_of(component: str) -> str:
    return component.removeprefix(REPLAYED_PREFIX).rstrip("0123456789")


def nice_ticks(most: float, about: int = 4) -> list[float]:
    """Round figures from 0 that cover 0 … most, about so many steps.

    >>> nice_ticks(330)
    [0.0, 100.0, 200.0, 300.0, 400.0]
    """
    if most <= 0:
        return [0.0, 1.0]
    magnitude = 10.0 ** math.floor(math.log10(most / about))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if most / (size * magnitude) <= about)
    return [round(index * step, 10) for index in range(math.ceil(most / step - 1e-9) + 1)]


def axis_figure(value: float) -> str:
    """A figure that fits beside an axis: six characters at most.

    >>> [axis_figure(value) for value in (3.9, 0.0418, 0.00564, 0.000001234)]
    ['3.9', '0.0418', '5.6e-3', '1.2e-6']
    """
    plain = f"{value:.3g}"
    if len(plain) <= 6 and "e" not in plain:
        return plain
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits}e{int(exponent)}"


def svg(measurement: Measurement) -> str:
    """The picture as one SVG element; empty where there is no power to draw."""
    series, losses = series_of(measurement), losses_of(measurement)
    if not series:
        return ""
    top = (LOSS_TOP + LOSS_HEIGHT + GAP if losses else 0) + 18
    height = top + POWER_HEIGHT + BOTTOM
    body = [*_power(measurement.duration_s, series, top), *(_losses(measurement.duration_s, losses) if losses else [])]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui,Segoe UI,Helvetica,Arial,sans-serif" font-size="11.5" fill="{AXIS_COLOUR}">'
        + "".join(body)
        + "</svg>"
    )


def _edges(duration_s: float) -> list[float]:
    bins = max(1, min(MOST_BINS, round(duration_s / 0.1)))
    return [duration_s * index / bins for index in range(bins + 1)]


def _power(duration_s: float, series: Sequence[Series], top: float) -> list[str]:
    """Stacked areas, their axis in watts, and the time axis in seconds below."""
    stacked = [0.0] * len(series[0].watts)
    for one in series:
        stacked = [below + watts for below, watts in zip(stacked, one.watts, strict=True)]
    ticks_w = nice_ticks(max(stacked))
    most_w, floor = ticks_w[-1], top + POWER_HEIGHT
    edges = _edges(duration_s)

    def y(watts: float) -> float:
        return floor - POWER_HEIGHT * watts / most_w

    out = [f'<text x="{LEFT - 6}" y="{top - 6}" text-anchor="end">W</text>']
    for watts in ticks_w:
        out.append(f'<path d="M{LEFT} {y(watts):.1f}H{WIDTH - RIGHT}" stroke="{AXIS_COLOUR}" stroke-opacity=".25"/>')
        if watts < most_w or len(ticks_w) < 3:
            out.append(f'<text x="{LEFT - 6}" y="{y(watts) + 4:.1f}" text-anchor="end">{watts:g}</text>')
    lower = [0.0] * len(stacked)
    for one in series:
        upper = [below + watts for below, watts in zip(lower, one.watts, strict=True)]
        out.append(_area(edges, duration_s, [y(w) for w in upper], [y(w) for w in lower], one))
        lower = upper
    return [*out, *_time_axis(duration_s, floor)]


def _area(edges: Sequence[float], duration_s: float, upper: list[float], lower: list[float], series: Series) -> str:
    """One component's area as steps, its name as a tooltip."""
    x, top, base = (_tenths(values) for values in ([_x(t, duration_s) for t in edges], upper, lower))
    path = [f"M{x[0] / 10:g},{top[0] / 10:g}"]
    path += [_step(x[i + 1] - x[i], top[min(i + 1, len(top) - 1)] - top[i]) for i in range(len(top))]
    path += [f"V{base[-1] / 10:g}"]
    path += [_step(x[i] - x[i + 1], base[max(i - 1, 0)] - base[i]) for i in reversed(range(len(base)))]
    drawn = "".join(path) + "Z"
    look = f'stroke="{series.colour}" stroke-dasharray="4 3" fill-opacity=".4"' if series.is_replayed else PLAIN
    return f'<path d="{drawn}" fill="{series.colour}" {look}><title>{escape(series.label)}</title></path>'


def _tenths(values: Sequence[float]) -> list[int]:
    """Coordinates in tenths of a pixel, so that steps from one to the next add up without rounding errors."""
    return [round(value * 10) for value in values]


def _step(right: int, down: int) -> str:
    """One step of an edge, relative to where the last one ended: a third of the letters of absolute coordinates."""
    return f"h{right / 10:g}" + (f"v{down / 10:g}" if down else "")


def _time_axis(duration_s: float, floor: float) -> list[str]:
    unit, size = ("min", 60.0) if duration_s >= 300 else ("s", 1.0)
    ticks = [tick for tick in nice_ticks(duration_s / size) if tick * size <= duration_s * 1.001]
    out = []
    for index, tick in enumerate(ticks):
        x = _x(tick * size, duration_s)
        anchor = "end" if x > WIDTH - RIGHT - 12 else "middle"
        label = f"{tick:g} {unit}" if index in (0, len(ticks) - 1) else f"{tick:g}"
        out.append(f'<text x="{x:.1f}" y="{floor + 17:.1f}" text-anchor="{anchor}">{label}</text>')
    return out


def _losses(duration_s: float, losses: dict[str, list[tuple[float, float]]]) -> list[str]:
    """The loss curves in the strip above, each with its last value at its end."""
    values = [value for points in losses.values() for _, value in points]
    least, most = min(values), max(values)
    span = (most - least) or 1.0

    def y(value: float) -> float:
        return LOSS_TOP + LOSS_HEIGHT * (most - value) / span

    out = [
        f'<text x="{LEFT - 6}" y="{y(most) + 4:.1f}" text-anchor="end">{axis_figure(most)}</text>',
        f'<text x="{LEFT - 6}" y="{y(least) + 4:.1f}" text-anchor="end">{axis_figure(least)}</text>',
        f'<text x="{LEFT - 6}" y="{(y(most) + y(least)) / 2 + 4:.1f}" text-anchor="end" fill="{LOSS_COLOUR}" '
        'font-weight="600">loss</text>',
    ]
    legend = []
    for key, points in losses.items():
        path = "L".join(f"{_x(t, duration_s):.0f},{y(value):.1f}" for t, value in points)
        dash = "" if key == "loss" else ' stroke-dasharray="4 3"'
        out.append(f'<path d="M{path}" fill="none" stroke="{LOSS_COLOUR}" stroke-width="2"{dash}/>')
        legend.append(f"{'validation' if key == 'val_loss' else 'training'} {points[-1][1]:.3g}")
    label = " · ".join(legend)
    out.append(
        f'<text x="{WIDTH - RIGHT}" y="11" text-anchor="end" fill="{LOSS_COLOUR}" font-weight="600">{escape(label)}'
        f"{' (dashed: validation)' if len(losses) > 1 else ''}</text>"
    )
    return out


def _x(t_s: float, duration_s: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, t_s / duration_s))
