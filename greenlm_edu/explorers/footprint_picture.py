"""The picture of `footprint_view`: training operations against energy, published runs and the learner's own.

Drawn as svg by hand: matplotlib takes 180 ms for it, and it is drawn anew at each step of a slider.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final, NamedTuple

from greenlm_edu import carbon
from greenlm_edu.interval import Interval

__all__ = ["PublishedPoint", "drawing", "power_of_ten", "published_points"]

RATED: Final = "rated power"
WIDTH, HEIGHT = 600, 420
LEFT, RIGHT, TOP, BOTTOM = 62, 576, 10, 368  # of the field, in the svg's units
# Powers of ten that are always in the picture; a run beyond them widens it.
OPERATIONS_SHOWN, KWH_SHOWN = (17, 27), (0, 8)
FONT: Final = 14
LETTER: Final = 0.6 * FONT  # no common sans-serif is wider on average
CROSSED_RADIUS, RADIUS = 7.5, 5.0
MOST_TICKS: Final = 8
AWAY: Final = (0, 12, 26, 44, 66, 90)  # how much farther from its point than close by a label may stand
INK, GRID, PINK = "#1b1f24", "#E3E7EA", "#C2397B"
# How the energy is known: svg shape, colour, words. Shapes tell them apart without colour.
BASES: Final = {
    "measured": ("circle", "#0072B2", "energy measured"),
    "sampled power": ("triangle", "#009E73", "power sampled × hours"),
    RATED: ("square", "#E69F00", "rated power × hours: assumed"),
}
LABELS: Final = {
    "GPT-3 175B": "GPT-3",
    "BLOOM 176B": "BLOOM",
    "LLaMA-7B": "LLaMA-7B",
    "Llama 3.1 405B": "Llama 3.1 405B",
    "OLMo 1B": "OLMo 1B",
    "Transformer (base)": "Transformer (base)",
    "OLMo 2 13B": "OLMo 2 13B",
}
YOUR_RUN: Final = "your run"


@dataclass(frozen=True)
class PublishedPoint:
    """Where a published run lies.

    Args:
        name: of the model.
        operations: 6 × parameters (active ones) × tokens.
        energy_kwh: of the computers, without the building.
        basis: "measured", "sampled power" or "rated power".
        stated: whether its source states an energy; where not, it is stated hours × rated power, worked out here.
        flag: how its source contradicts itself; empty where it does not.
    """

    name: str
    operations: float
    energy_kwh: float
    basis: str
    stated: bool
    flag: str


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class _Scale(NamedTuple):
    """From powers of ten to places along one side of the field."""

    first: float
    last: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (math.log10(value) - self.first) / (self.last - self.first) * (self.end - self.start)

    def ticks(self) -> Iterator[int]:
        step = math.ceil((self.last - self.first) / MOST_TICKS)
        return iter(range(math.ceil(self.first / step) * step, math.floor(self.last) + 1, step))


@cache
def published_points() -> tuple[PublishedPoint, ...]:
    """Every published run of which parameters, tokens and an energy are known.

    Meta's cards state hours and rated power and no energy: their product is drawn, as rated power. Any other run
    without a stated energy is left out.
    """
    found = []
    for run in carbon.published():
        parameters = run.active_parameters or run.parameters
        mwh, basis = run.computers_mwh, run.energy_basis
        if mwh is None and run.power_basis == "rated":
            worked_out = run.recomputed()
            mwh, basis = None if worked_out is None else worked_out.energy_mwh / worked_out.pue, RATED
        if parameters and run.tokens and mwh:
            operations = carbon.training_operations(parameters, run.tokens)
            stated = run.energy is not None
            found.append(PublishedPoint(run.model, operations, mwh * 1000, basis, stated, run.flag))
    return tuple(found)


def drawing(operations: float, energy_kwh: Interval) -> str:
    """The picture as one svg element.

    Args:
        operations: of the learner's run.
        energy_kwh: of its computers, with the range.
    """
    across = _scale(operations, operations, OPERATIONS_SHOWN, LEFT, RIGHT)
    up = _scale(energy_kwh.low, energy_kwh.high, KWH_SHOWN, BOTTOM, TOP)
    places = [(one, across.at(one.operations), up.at(one.energy_kwh)) for one in published_points()]
    legend, taken = _legend()
    own = across.at(operations), up.at(energy_kwh.low), up.at(energy_kwh.best), up.at(energy_kwh.high)
    marks = [_mark(BASES[one.basis][0], BASES[one.basis][1], x, y, bool(one.flag)) for one, x, y in places]
    parts = [*_axes(across, up), *marks, *_labels(places, own, taken), *legend, _own(*own)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="Helvetica,Arial,sans-serif" font-size="{FONT}" fill="{INK}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{"".join(parts)}</svg>'
    )


def power_of_ten(exponent: int) -> str:
    """10²³ for 23.

    >>> power_of_ten(-3)
    '10⁻³'
    """
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _scale(low: float, high: float, shown: tuple[int, int], start: float, end: float) -> _Scale:
    first, last = math.floor(math.log10(low) - 0.2), math.ceil(math.log10(high) + 0.2)
    return _Scale(min(first, shown[0]), max(last, shown[1]), start, end)


def _axes(across: _Scale, up: _Scale) -> Iterator[str]:
    for tick in across.ticks():
        x = across.at(10.0**tick)
        yield f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="{GRID}"/>'
        yield f'<text x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{power_of_ten(tick)}</text>'
    for tick in up.ticks():
        y = up.at(10.0**tick)
        yield f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="{GRID}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 5:.1f}" text-anchor="end">{power_of_ten(tick)}</text>'
    yield f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{INK}"/>'
    middle = (TOP + BOTTOM) // 2
    yield (
        f'<text x="{(LEFT + RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">training operations, FLOP</text>'
        f'<text x="15" y="{middle}" text-anchor="middle" transform="rotate(-90 15 {middle})">'
        "energy of the computers, kWh</text>"
    )


def _mark(shape: str, colour: str, x: float, y: float, crossed: bool) -> str:
    """One run; where its source contradicts itself hollow, crossed, and so large that a run under it is seen."""
    r = CROSSED_RADIUS if crossed else RADIUS
    style = f'fill="none" stroke="{colour}" stroke-width="2"' if crossed else f'fill="{colour}" stroke="{INK}"'
    outline = {
        "circle": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" {style}/>',
        "square": f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}" {style}/>',
        "triangle": f'<path d="M{x:.1f} {y - r - 1:.1f}l{r + 1} {2 * r}h{-2 * r - 2}z" {style}/>',
    }[shape]
    cross = f'<path d="M{x - r:.1f} {y - r:.1f}l{2 * r} {2 * r}m0 {-2 * r}l{-2 * r} {2 * r}" stroke="{INK}"/>'
    return outline + (cross if crossed else "")


def _own(x: float, low: float, best: float, high: float) -> str:
    bar = f"M{x:.1f} {low:.1f}V{high:.1f}M{x - 7:.1f} {low:.1f}h14M{x - 7:.1f} {high:.1f}h14"
    return (
        f'<path d="{bar}" stroke="white" stroke-width="6"/><path d="{bar}" stroke="{PINK}" stroke-width="3"/>'
        f'<path d="{_diamond(x, best, 11)}" fill="{PINK}" stroke="white" stroke-width="2"/>'
    )


def _diamond(x: float, y: float, r: float) -> str:
    return f"M{x:.1f} {y - r:.1f}l{r} {r}l{-r} {r}l{-r} {-r}z"


def _legend() -> tuple[list[str], _Box]:
    """What each shape means, in the corner that stays empty: there is no large energy for few operations."""
    x, y, step = LEFT + 18, TOP + 16, FONT + 6
    diamond = f'<path d="{_diamond(x, y + 4 * step, 7)}" fill="{PINK}"/>'
    rows = [
        *(
            (_mark(shape, colour, x, y + n * step, False), words)
            for n, (shape, colour, words) in enumerate(BASES.values())
        ),
        (_mark("circle", BASES["measured"][1], x, y + 3 * step, True), "contradicts itself"),
        (diamond, "your run: predicted"),
    ]
    parts = [f'{mark}<text x="{x + 14}" y="{y + n * step + 5}">{words}</text>' for n, (mark, words) in enumerate(rows)]
    return parts, _Box(LEFT, TOP, x + 14 + max(len(words) for _, words in rows) * LETTER, y + 4 * step + 10)


def _labels(
    places: Sequence[tuple[PublishedPoint, float, float]], own: tuple[float, float, float, float], legend: _Box
) -> Iterator[str]:
    """The learner's label first, then those of a few models, each clear of all others and of every shape.

    Without such a place a model's label is left out; the learner's may then lie on a published point.
    """
    x, low, best, high = own
    marks = [_Box(x - r, y - r, x + r, y + r) for one, x, y in places for r in [_radius(one) + 1]]
    mine = [_Box(x - 12, best - 12, x + 12, best + 12), _Box(x - 8, high - 2, x + 8, low + 2)]
    written = [legend]
    wanted = [(YOUR_RUN, x, best, 15.0, PINK)]
    wanted += [(LABELS[one.name], x, y, _radius(one) + 3, INK) for one, x, y in places if one.name in LABELS]
    for words, x, y, gap, colour in wanted:
        free = (
            spot
            for spot in _around(len(words) * LETTER, x, y, gap)
            if not spot.meets([*written, *mine]) and not spot.line_meets(x, y, written)
        )
        second_best = None
        for spot in free:
            if not spot.meets(marks):
                break
            second_best = second_best or spot
        else:
            if second_best is None or words != YOUR_RUN:
                continue
            spot = second_best
        written.append(spot.box)
        yield spot.text(words, colour, bold=words == YOUR_RUN) + spot.line(x, y, gap)


def _radius(one: PublishedPoint) -> float:
    return CROSSED_RADIUS if one.flag else RADIUS


class _Spot(NamedTuple):
    """A place for a label: the room that is kept for it, and to which side of it its words cling."""

    box: _Box
    anchor: str

    def text(self, words: str, colour: str, bold: bool) -> str:
        left, _, right, bottom = self.box
        x = {"start": left, "end": right, "middle": (left + right) / 2}[self.anchor]
        weight = ' font-weight="bold"' if bold else ""
        return (
            f'<text x="{x:.1f}" y="{bottom - 4:.1f}" text-anchor="{self.anchor}" fill="{colour}"{weight}>'
            f"{escape(words)}</text>"
        )

    def meets(self, others: Sequence[_Box]) -> bool:
        return any(self.box.meets(other) for other in others)

    def line_meets(self, x: float, y: float, others: Sequence[_Box]) -> bool:
        """Whether the line to its point would cross one of these."""
        near_x, near_y = self._near(x, y)
        on_line = [(x + (near_x - x) * part / 20, y + (near_y - y) * part / 20) for part in range(20)]
        return any(_Box(at_x, at_y, at_x, at_y).meets(other) for at_x, at_y in on_line for other in others)

    def line(self, x: float, y: float, gap: float) -> str:
        """A thin line to a point that the label does not stand right beside."""
        near_x, near_y = self._near(x, y)
        away = math.hypot(near_x - x, near_y - y)
        if away < gap + 1:
            return ""
        start_x, start_y = x + (near_x - x) * (gap - 2) / away, y + (near_y - y) * (gap - 2) / away
        return f'<path d="M{start_x:.1f} {start_y:.1f}L{near_x:.1f} {near_y:.1f}" stroke="#6B747D"/>'

    def _near(self, x: float, y: float) -> tuple[float, float]:
        """Where the label is nearest to the point; of one above or below, in the middle of its words."""
        near_x = x if self.anchor == "middle" else min(max(x, self.box.left), self.box.right)
        return near_x, min(max(y, self.box.top), self.box.bottom)


def _around(width: float, x: float, y: float, gap: float) -> Iterator[_Spot]:
    """Places for a label around a point, the nearest first, all inside the field."""
    half = FONT / 2 + 2
    beside, over = [gap + away for away in AWAY], [gap + away + half for away in AWAY]
    steps = [(across, 0.0) for across in beside] + [(0.0, down) for down in over]
    steps += [(across, down) for across in beside for down in over]
    for across, down in sorted(steps, key=lambda step: math.hypot(*step)):
        for right, below in dict.fromkeys([(across, down), (-across, -down), (-across, down), (across, -down)]):
            anchor = "start" if right > 0 else "end" if right < 0 else "middle"
            left = x + right - {"start": 0, "end": width, "middle": width / 2}[anchor]
            box = _Box(left, y + below - half, left + width, y + below + half)
            if box.left > LEFT and box.right < RIGHT and box.top > TOP and box.bottom < BOTTOM:
                yield _Spot(box, anchor)
