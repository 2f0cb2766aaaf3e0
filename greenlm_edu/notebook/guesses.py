"""A class's guesses beside what was measured: how far off, which way, and how far anyone can tell."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval
from greenlm_edu.ledger import Ledger
from greenlm_edu.notebook.chart import AXIS_COLOUR
from greenlm_edu.notebook.look import BODY, FRAME, HEAD, LINE, SMALL_TABLE, SUMMARY, clipped, picture, sheet
from greenlm_edu.notebook.wording import amount, compared
from greenlm_edu.units import scaled

__all__ = ["Guess", "Guesses", "guesses"]

NO_GUESS: Final = (
    "No guess is recorded yet: begin a cell with %%meter --predict, guess its joules, and look again when it has ended."
)
INSIDE_COLOUR: Final = "#009E73"
OUTSIDE_COLOUR: Final = "#D55E00"
SIZE, LEFT, TOP, BOTTOM = 360, 62, 12, 44
# Fewer guesses have no middle half worth speaking of.
FEWEST_FOR_SPREAD: Final = 4
MOST_ROWS: Final = 60
NAME_LETTERS: Final = 60


@dataclass(frozen=True)
class Guess:
    """What somebody expected of a cell, and what it used.

    Args:
        guess_j: the joules that were expected.
        energy_j: those that were measured, with their range.
        where: notebook and cell.
    """

    guess_j: float
    energy_j: Interval
    where: str

    @property
    def is_inside(self) -> bool:
        """Whether it lies in the range: as right as the meter can tell."""
        return self.energy_j.low <= self.guess_j <= self.energy_j.high

    @property
    def ratio(self) -> float:
        """The guess over the best figure."""
        return self.guess_j / self.energy_j.best


class Guesses:
    """Guesses and outcomes, oldest first; in a notebook a picture, a sentence and a table.

    Args:
        guesses: those whose outcome is known and above 0.
        unknown: how many more there are whose outcome nobody knows.
    """

    def __init__(self, guesses: Iterable[Guess], unknown: int = 0) -> None:
        self.guesses = tuple(guesses)
        self.unknown = unknown

    @property
    def median_ratio(self) -> float | None:
        """The middle one of guess over best figure; None without a guess."""
        return statistics.median(one.ratio for one in self.guesses) if self.guesses else None

    def __repr__(self) -> str:
        rows = [f"  {one.where}: {_compared(one)}" for one in self.guesses[-MOST_ROWS:]]
        return "\n".join([self.in_words(), *rows])

    def _repr_html_(self) -> str:
        if not self.guesses:
            body = f'<div style="padding:8px 0">{escape(self.in_words())}</div>'
        else:
            svg = self.svg()
            style = "flex:1 1 260px;width:100%;max-width:400px;min-width:0;height:auto;margin-right:14px"
            legend = (
                f'<div class="glm-sub"><span style="color:{INSIDE_COLOUR}">●</span> inside the outcome’s range '
                f'<span style="color:{OUTSIDE_COLOUR};margin-left:10px">◆</span> outside it</div>'
                '<div class="glm-sub">The horizontal line at each mark is the outcome’s range; the diagonal is a guess '
                "equal to the best figure, the band half to twice as much.</div>"
            )
            body = (
                f'<div style="{BODY}">{picture(svg, self.in_words(), style)}'
                f'<div style="flex:1 1 230px;min-width:0;padding:8px 0 0">'
                f'<div style="font-size:15px;margin-bottom:8px">{escape(self.in_words())}</div>{legend}</div></div>'
                f"{self._table()}"
            )
        return (
            f'{sheet("greenlm-guesses")}<div class="greenlm-guesses" style="{FRAME}" role="group" '
            f'aria-label="Guesses and outcomes"><div class="glm-head" style="{HEAD}"><b>Guesses and outcomes</b></div>'
            f"{body}</div>"
        )

    def in_words(self) -> str:
        """How the guesses lie, in a sentence or two that say no more than they support."""
        unknown = f" {self.unknown} more had no measured outcome to stand beside." if self.unknown else ""
        ratio = self.median_ratio
        if ratio is None:
            return f"{NO_GUESS}{unknown}"
        count = len(self.guesses)
        inside = sum(one.is_inside for one in self.guesses)
        if count == 1:
            return f"One guess: {_compared(self.guesses[0])}.{unknown}"
        parts = [f"{count} guesses. The one in the middle is {_ratio(ratio)} times the best figure"]
        if count >= FEWEST_FOR_SPREAD:
            low, _, high = statistics.quantiles((one.ratio for one in self.guesses), n=4, method="inclusive")
            parts.append(f"; half of them lie between {_ratio(low)} and {_ratio(high)} times it")
        told = {0: "None lies", 1: "1 lies"}.get(inside, f"{inside} lie")
        told = "All lie" if inside == count else told
        return f"{''.join(parts)}. {told} inside the outcome’s range: as right as the meter can tell.{unknown}"

    def svg(self) -> str:
        """The picture: guesses upwards over outcomes to the right, both logarithmic, with one scale."""
        values = [value for one in self.guesses for value in (one.guess_j, one.energy_j.best, one.energy_j.high)]
        values += [one.energy_j.low for one in self.guesses if one.energy_j.low > 0]
        first = math.floor(math.log10(min(values, default=1.0)) - 0.1)
        last = max(math.ceil(math.log10(max(values, default=1.0)) + 0.1), first + 1)
        span = SIZE - LEFT - 14

        def along(value: float) -> float:
            share = (math.log10(value) - first) / (last - first) if value > 0 else 0.0
            return span * min(1.0, max(0.0, share))

        def x(value: float) -> float:
            return LEFT + along(value)

        def y(value: float) -> float:
            return TOP + span - along(value)

        height = TOP + span + BOTTOM
        least, most = 10.0**first, 10.0**last
        band = f"M{x(least):.1f},{y(2 * least):.1f}L{x(most / 2):.1f},{y(most):.1f}H{x(most):.1f}V{y(most / 2):.1f}"
        band += f"L{x(2 * least):.1f},{y(least):.1f}H{x(least):.1f}Z"
        out = [f'<path d="{band}" fill="{AXIS_COLOUR}" fill-opacity=".16"/>']
        out += _axes(x, y, first, last)
        out.append(
            f'<path d="M{x(least):.1f},{y(least):.1f}L{x(most):.1f},{y(most):.1f}" stroke="{AXIS_COLOUR}" '
            'stroke-dasharray="5 3"/>'
        )
        for is_inside, colour in ((False, OUTSIDE_COLOUR), (True, INSIDE_COLOUR)):
            these = [one for one in self.guesses if one.is_inside is is_inside]
            ranges = "".join(
                f"M{x(one.energy_j.low):.1f},{y(one.guess_j):.1f}H{x(one.energy_j.high):.1f}" for one in these
            )
            # A diamond and a circle, so that colour is not needed to tell them apart.
            marks = "".join(
                f"M{x(one.energy_j.best) - 4:.1f},{y(one.guess_j):.1f}"
                + ("a4,4 0 1 0 8,0a4,4 0 1 0 -8,0" if is_inside else "l4,-5l4,5l-4,5z")
                for one in these
            )
            out.append(f'<path d="{ranges}" stroke="{colour}" stroke-width="1.6" stroke-opacity=".6"/>')
            out.append(f'<path d="{marks}" fill="{colour}" fill-opacity=".8"/>')
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {height}" width="{SIZE}" height="{height}" '
            f'font-family="system-ui,Segoe UI,Helvetica,Arial,sans-serif" font-size="12" fill="{AXIS_COLOUR}">'
            f"{''.join(out)}</svg>"
        )

    def _table(self) -> str:
        """The picture's twin in words."""
        head = "".join(
            f'<th scope="col">{name}</th>' for name in ("cell", "guess", "outcome and range", "guess ÷ best", "inside")
        )
        rows = "".join(
            f'<tr><td style="overflow-wrap:anywhere">{escape(clipped(one.where, NAME_LETTERS))}</td>'
            f"<td>{amount(Interval.exactly(one.guess_j))}</td>"
            f"<td>{one.energy_j.text('J')}</td><td>{_ratio(one.ratio)}</td>"
            f"<td>{'yes' if one.is_inside else 'no'}</td></tr>"
            for one in self.guesses[-MOST_ROWS:]
        )
        left = len(self.guesses) - MOST_ROWS
        older = f'<div class="glm-sub">{left} older ones are in the picture only.</div>' if left > 0 else ""
        return (
            f'<details class="glm-details" style="border-top:{LINE};padding-top:6px"><summary style="{SUMMARY}">'
            f'Every guess in words</summary><table style="{SMALL_TABLE}">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{older}</details>"
        )


def guesses(rows: Iterable[Mapping[str, Any]] | None = None) -> Guesses:
    """What was guessed with `%%meter --predict`, beside what was measured.

    Args:
        rows: rows of a ledger, such as `ledger.Ledger("postgresql+psycopg://…").rows()` of a class; this machine's own
            ledger if left out.
    Raises:
        LedgerUnavailable: this machine's ledger cannot be read.
        InputError: rows is something else.

    >>> guesses([]).guesses
    ()
    """
    if rows is None:
        store = Ledger()
        try:
            rows = store.rows()
        finally:
            store.close()
    found, unknown = [], 0
    for row in rows:
        try:
            guess_j, best_j = row["guess_j"], row["energy_j"]
            if guess_j is None:
                continue
            if not best_j:
                unknown += 1  # not measured, or below the meter's resolution: no ratio to speak of
                continue
            energy_j = Interval(row["energy_low_j"], best_j, row["energy_high_j"])
            where = (
                " · ".join(
                    filter(None, ((row["notebook"] or "").removesuffix(".ipynb"), row["name"] or row["cell_id"]))
                )
                or "unnamed"
            )
        except (KeyError, TypeError) as err:
            raise InputError(
                f"guesses: rows must be those that Ledger.rows() gives; got {type(row).__name__} without {err}. "
                "Leave it out for this machine's ledger."
            ) from err
        found.append(Guess(guess_j, energy_j, where))
    return Guesses(found, unknown)


def _axes(x: Any, y: Any, first: int, last: int) -> list[str]:
    """Grid lines and labels at powers of ten, with units, and what the axes are."""
    least, most = 10.0**first, 10.0**last
    every = math.ceil((last - first) / 6)
    out = []
    for exponent in range(first, last + 1):
        value = 10.0**exponent
        line = f"M{x(value):.1f},{y(least):.1f}V{y(most):.1f}M{x(least):.1f},{y(value):.1f}H{x(most):.1f}"
        out.append(f'<path d="{line}" stroke="{AXIS_COLOUR}" stroke-opacity=".25"/>')
        if (exponent - first) % every == 0:
            factor, unit = scaled(value, "J")
            label = f"{value / factor:.0f} {unit}"
            out.append(f'<text x="{x(value):.1f}" y="{y(least) + 19:.1f}" text-anchor="middle">{label}</text>')
            raised = 4 if exponent > first else 1  # in the corner two labels meet
            out.append(f'<text x="{x(least) - 6:.1f}" y="{y(value) + raised:.1f}" text-anchor="end">{label}</text>')
    middle = (y(least) + y(most)) / 2
    out.append(f'<text x="{(x(least) + x(most)) / 2:.1f}" y="{y(least) + 36:.1f}" text-anchor="middle">outcome</text>')
    out.append(f'<text transform="translate(12,{middle:.1f}) rotate(-90)" text-anchor="middle">guess</text>')
    return out


def _compared(one: Guess) -> str:
    return (
        f"guess {amount(Interval.exactly(one.guess_j))}, outcome {one.energy_j.text('J')} · "
        f"{compared(one.guess_j, one.energy_j)}"
    )


def _ratio(ratio: float) -> str:
    """Two significant digits, without an exponent."""
    if 0.995 <= ratio < 9.95:
        return f"{ratio:.1f}"
    return f"{float(f'{ratio:.2g}'):,.0f}" if ratio >= 9.95 else f"{float(f'{ratio:.2g}'):.10f}".rstrip("0")
