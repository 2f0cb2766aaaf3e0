"""The whole notebook so far: what each metered cell used, and the sum of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from typing import Final

from greenlm_edu import carbon
from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval, sum_shared
from greenlm_edu.metering import Measurement, total
from greenlm_edu.notebook.look import BIG, BODY, FRAME, HEAD, LINE, clipped, sheet
from greenlm_edu.notebook.strip import bar, swatch
from greenlm_edu.notebook.wording import amount

__all__ = ["Session", "record", "session"]

# A notebook that is run again and again would fill its own file; the total is of all.
MOST_ROWS: Final = 30
NAME_LETTERS: Final = 60
_TITLE: Final = "Energy of this notebook so far"

_finished: list[Measurement] = []


class Session:
    """The metered cells of this kernel, in the order of their first run.

    In a notebook it shows a bar a cell, made of how its joules are known, and below it a line for its range. A cell
    that was run again used energy each time: all its runs are there, one below the other. Replayed joules were not
    used here and now: they are shown, and left out of every sum.

    Args:
        measurements: what was measured; those inside another one are left out, as its joules hold theirs.
    """

    def __init__(self, measurements: list[Measurement]) -> None:
        self.measurements = tuple(m for m in measurements if m.parent is None)

    @property
    def counted(self) -> tuple[Measurement, ...]:
        """The measurements that the sums are of: those that used joules of this machine, or may have."""
        return tuple(m for m in self.measurements if m.own_energy_j is not None or Basis.REPLAYED not in m.bases)

    @property
    def energy_j(self) -> Interval | None:
        """The joules of all cells: what is off in one and the same way adds up linearly. None where none is known."""
        return total(part for m in self.counted for part in m.components if part.basis is not Basis.REPLAYED)

    @property
    def emissions_g(self) -> Interval | None:
        """The emissions of all cells, each by its own region; the ranges add linearly. None where none is known."""
        known = [
            carbon.footprint(own_j, carbon.intensity(m.region), m.pue).emissions_g
            for m in self.counted
            if (own_j := m.own_energy_j) is not None
        ]
        return sum_shared(known) if known else None

    @property
    def joules_by_basis(self) -> dict[Basis, float]:
        """The best figure of all cells by how it is known, counters first."""
        return _joules_by_basis(self.counted)

    def __repr__(self) -> str:
        lines = [self._headline()]
        lines += [
            f"  {' · '.join(part for part in (row.label, row.run) if part)}: {_figure(row.measurement)} · "
            f"{' · '.join(row.besides)}"
            for group in self._groups()
            for row in group
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        most_j = max((own_j.high for m in self.counted if (own_j := m.own_energy_j)), default=0.0)
        groups = self._groups()
        count, shown = len(self.measurements), {id(m) for m in self.measurements[-MOST_ROWS:]}
        kept = [rows for group in groups if (rows := [row for row in group if id(row.measurement) in shown])]
        body = "".join(f"<tbody>{''.join(_row(row, most_j) for row in group)}</tbody>" for group in kept)
        if not groups:
            return f"{sheet('greenlm-session')}{self._framed(self._sum_html())}"
        heads = (("cell", "30%"), ("energy, with its range", "34%"), ("best (range) · basis", "36%"))
        head = "".join(
            f'<th scope="col" style="text-align:left;padding:4px 10px 4px 0;width:{width}">{name}</th>'
            for name, width in heads
        )
        older = f'<div class="glm-sub">The oldest {count - MOST_ROWS} are not shown.</div>' if count > MOST_ROWS else ""
        table = (
            '<table style="width:100%;table-layout:fixed;border-collapse:collapse;font-size:13px;margin:0;'
            'overflow-wrap:anywhere">'
            f"<thead><tr>{head}</tr></thead>{body}</table>{older}"
        )
        return f"{sheet('greenlm-session')}{self._framed(self._sum_html() + table)}"

    def _framed(self, inside: str) -> str:
        spoken = escape(f"{_TITLE}: {self._headline()}", quote=True)
        return (
            f'<div class="greenlm-session" style="{FRAME}" role="group" aria-label="{spoken}">'
            f'<div class="glm-head" style="{HEAD}"><b style="flex:1 1 auto;margin-right:14px">{_TITLE}</b> '
            f'<span class="glm-grid">{escape(self._grid())}</span></div>{inside}</div>'
        )

    def _sum_html(self) -> str:
        """The total, what it stands for, and how it is known."""
        energy_j, emissions_g, joules = self.energy_j, self.emissions_g, self.joules_by_basis
        if energy_j is None or emissions_g is None:
            return f'<div style="padding:8px 0">{escape(self._headline())}</div>'
        about = "≈ " if Basis.MODELLED in joules else ""
        best, low, high, unit = energy_j.figures("J")
        grams, least_g, most_g, gram_unit = emissions_g.figures("g")
        column = "flex:1 1 200px;min-width:0;margin:0 20px 6px 0"
        known_j = sum(joules.values())
        shares = bar(joules, f"Known by: {_shares(joules)}", known_j) if known_j > 0 else ""
        legend = " ".join(
            f'<span style="margin-right:14px;white-space:nowrap">{swatch(basis)} {escape(words)}</span>'
            for basis, words in _share_of(joules).items()
        )
        return (
            f'<div style="{BODY}"><div style="{column}">'
            f'<div class="glm-big" style="{BIG}">{about}{best} <small>{unit}</small></div>'
            f'<div class="glm-sub">{low} – {high} {unit} · {escape(self._count())}</div></div>'
            f'<div style="{column}"><div class="glm-big" style="{BIG}">{about}{grams} <small>{gram_unit} CO₂e</small>'
            f'</div><div class="glm-sub">{least_g} – {most_g} {gram_unit}</div></div>'
            f'<div style="flex:1 1 100%;margin-bottom:4px">{escape(carbon.everyday(energy_j.best))}</div>'
            f'<div style="flex:1 1 100%">{shares}<div class="glm-sub">{legend}</div></div>'
            f"{self._left_out_html()}</div>"
        )

    def _left_out_html(self) -> str:
        left_out = " · ".join(self._left_out())
        return f'<div class="glm-sub" style="flex:1 1 100%">{escape(left_out)}</div>' if left_out else ""

    def _headline(self) -> str:
        energy_j, emissions_g = self.energy_j, self.emissions_g
        if energy_j is None or emissions_g is None:
            if not self.measurements:
                return "No metered cell yet: begin one with %%meter."
            return f"{self._count()}: no energy is known. `greenlm doctor` tells why."
        parts = [
            f"{self._count()}: {energy_j.text('J')} {_shares(self.joules_by_basis)}",
            f"{emissions_g.text('g')} CO₂e",
            carbon.everyday(energy_j.best),
            *self._left_out(),
        ]
        return " · ".join(parts)

    def _count(self) -> str:
        count = len(self.counted)
        return f"{count} metered cell{'' if count == 1 else 's'}"

    def _left_out(self) -> list[str]:
        """What the total is without."""
        unknown = sum(1 for m in self.counted if m.energy_j is None)
        replayed = len(self.measurements) - len(self.counted)
        partly = sum(1 for m in self.counted if m.replayed_j is not None)
        found = [
            f"{unknown} of them not measured" if unknown else "",
            f"{replayed} replayed not counted" if replayed else "",
            f"the replayed part of {partly} not counted" if partly else "",
        ]
        return [part for part in found if part]

    def _grid(self) -> str:
        grids = list(dict.fromkeys(carbon.intensity(m.region).text() for m in self.counted))
        return grids[0] if len(grids) == 1 else f"{len(grids)} grids" if grids else ""

    def _groups(self) -> list[list[_Row]]:
        """The rows by cell, in the order of the cells' first runs."""
        cells: dict[str | int, list[Measurement]] = defaultdict(list)
        for m in self.measurements:
            cells[m.context.get("cell_id") or id(m)].append(m)
        return [_rows_of(runs) for runs in cells.values()]


def session() -> Session:
    """What this notebook has used since `%load_ext greenlm_edu`."""
    return Session(_finished)


def record(measurement: Measurement) -> None:
    """Keeps a finished measurement for `session`."""
    _finished.append(measurement)


@dataclass(frozen=True)
class _Row:
    """One measurement in the table.

    Args:
        measurement: what it shows.
        label: execution count and name.
        run: “run 3 of this cell”, where the cell was run more than once.
        besides: time, how it ended unless it just finished, and the guess.
        grouped: whether rows of the same cell stand above or below.
    """

    measurement: Measurement
    label: str
    run: str
    besides: tuple[str, ...]
    grouped: bool


def _rows_of(measurements: list[Measurement]) -> list[_Row]:
    # A block inside a cell has no execution count: two blocks of one cell are not two runs of it.
    runs = [m for m in measurements if m.context.get("execution_count")]
    numbers = {id(m): number for number, m in enumerate(runs, 1)} if len(runs) > 1 else {}
    rows = []
    for m in measurements:
        run = f"run {numbers[id(m)]} of this cell" if id(m) in numbers else ""
        guess = f"guess {amount(Interval.exactly(m.guess_j))}" if m.guess_j is not None else ""
        besides = tuple(
            part for part in (f"{m.duration_s:.1f} s", "" if m.status == "finished" else m.status, guess) if part
        )
        rows.append(_Row(m, _label(m), run, besides, len(measurements) > 1))
    return rows


def _row(row: _Row, most_j: float) -> str:
    m, cell_id = row.measurement, row.measurement.context.get("cell_id")
    label = escape(clipped(row.label, NAME_LETTERS))
    # JupyterLab and nbconvert's pages both find a cell by this.
    linked = f'<a style="color:inherit" href="#cell-id={escape(cell_id, quote=True)}">{label}</a>' if cell_id else label
    run = f'<div class="glm-sub">{row.run}</div>' if row.run else ""
    plain = "padding:5px 10px 5px 0;text-align:left;vertical-align:top;white-space:normal"
    edge = f"{plain};border-top:{LINE}"
    first = f"{edge};border-left:4px solid #8A939C;padding-left:8px" if row.grouped else edge
    return (
        f'<tr><th scope="row" style="{first};font-weight:normal">{linked}{run}</th>'
        f'<td style="{edge}">{_bar(m, most_j)}<div class="glm-sub" style="font-size:12px">'
        f"{escape(' · '.join(row.besides))}</div></td>"
        f'<td style="{edge};padding-right:0">{escape(_figure(m))}</td></tr>'
    )


def _label(m: Measurement) -> str:
    number = m.context.get("execution_count")
    return " · ".join(part for part in (f"[{number}]" if number else "", m.name) if part) or "unnamed"


def _figure(m: Measurement) -> str:
    own_j, replayed_j = m.own_energy_j, m.replayed_j
    parts = [f"{own_j.text('J')} · {_shares(_joules_by_basis([m]))}" if own_j else ""]
    parts.append(f"▷ {replayed_j.text('J')} · {Basis.REPLAYED}" if replayed_j else "")
    return " · ".join(part for part in parts if part) or "not measured"


def _joules_by_basis(measurements: list[Measurement] | tuple[Measurement, ...]) -> dict[Basis, float]:
    """What was used here and now, best figures, by how they are known."""
    found: dict[Basis, float] = defaultdict(float)
    for m in measurements:
        for part in m.components:
            if part.energy_j is not None and part.basis is not Basis.REPLAYED:
                found[part.basis] += part.energy_j.best
    return {basis: found[basis] for basis in Basis if basis in found}


def _shares(joules: dict[Basis, float]) -> str:
    """`78 % modelled, 22 % counter`, the largest first; without figures where there is one basis, or no joule."""
    return ", ".join(_share_of(joules).values())


def _share_of(joules: dict[Basis, float]) -> dict[Basis, str]:
    """The words of `_shares` by basis."""
    whole = sum(joules.values())
    if len(joules) < 2 or whole <= 0:
        return {basis: str(basis) for basis in joules}
    parts = sorted(joules.items(), key=lambda pair: -pair[1])
    return {basis: f"{_percent(part_j / whole)} {basis}" for basis, part_j in parts}


def _percent(share: float) -> str:
    """Whole percent; what is there is never 0 %, and what is not all never 100 %."""
    if 0 < share < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= share < 1 else f"{share * 100:.0f} %"


def _bar(m: Measurement, most_j: float) -> str:
    """The bar of one row, as long as its share of the longest that is counted."""
    energy_j = m.own_energy_j
    if energy_j is None:
        return "▷ replayed, not counted" if m.replayed_j is not None else "?"
    if most_j <= 0:
        return "0"
    joules = _joules_by_basis([m])
    described = f"{amount(energy_j)}, from {energy_j.low:.3g} to {energy_j.high:.3g} J: {_shares(joules)}"
    return bar(joules, described, most_j, energy_j)
