"""The whole notebook so far: what each metered cell used, and the sum of them."""

from __future__ import annotations

from html import escape

from greenlm_edu import carbon
from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval, sum_shared
from greenlm_edu.metering import Measurement, total
from greenlm_edu.notebook.chart import AXIS_COLOUR, COLOURS
from greenlm_edu.notebook.wording import amount

__all__ = ["Session", "record", "session"]

_finished: list[Measurement] = []


class Session:
    """The metered cells of this kernel, oldest first.

    In a notebook it shows a bar a cell; the thin line over each bar is its range. Replayed joules were not used here
    and now: they are shown, and left out of every sum.

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

    def __repr__(self) -> str:
        lines = [self._headline()]
        lines += [f"  {_label(m)}: {_figure(m)} · {m.duration_s:.1f} s · {m.status}" for m in self.measurements]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        most_j = max((own_j.high for m in self.counted if (own_j := m.own_energy_j)), default=0.0)
        rows = "".join(
            f'<tr><td style="text-align:left">{escape(_label(m))}</td>'
            f'<td style="text-align:right">{m.duration_s:.1f} s</td>'
            f'<td style="text-align:left">{_bar(m, most_j)}</td>'
            f'<td style="text-align:left">{escape(_figure(m))}</td></tr>'
            for m in self.measurements
        )
        head = "".join(
            f'<th scope="col" style="text-align:{side};width:{width}">{name}</th>'
            for name, side, width in (
                ("cell", "left", "26%"),
                ("time", "right", "8%"),
                ("energy", "left", "36%"),
                ("best (range) · basis", "left", "30%"),
            )
        )
        return (
            '<div class="greenlm-session" role="group" aria-label="Energy of this notebook so far">'
            f"<p><b>Energy of this notebook so far</b><br>{escape(self._headline())}</p>"
            '<table style="width:100%;max-width:880px">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _headline(self) -> str:
        energy_j, emissions_g, counted = self.energy_j, self.emissions_g, self.counted
        count = f"{len(counted)} metered cell{'' if len(counted) == 1 else 's'}"
        if energy_j is None or emissions_g is None:
            return f"{count}: no energy is known. `greenlm doctor` tells why."
        bases = " + ".join(dict.fromkeys(str(basis) for m in counted for basis in _own_bases(m)))
        unknown = sum(1 for m in counted if m.energy_j is None)
        replayed = len(self.measurements) - len(counted)
        partly = sum(1 for m in counted if m.replayed_j is not None)
        parts = [
            f"{count}: {energy_j.text('J')} {bases}",
            f"{unknown} of them not measured" if unknown else "",
            f"{emissions_g.text('g')} CO₂e",
            carbon.everyday(energy_j.best),
            f"{replayed} replayed not counted" if replayed else "",
            f"the replayed part of {partly} not counted" if partly else "",
        ]
        return " · ".join(part for part in parts if part)


def session() -> Session:
    """What this notebook has used since `%load_ext greenlm_edu`."""
    return Session(_finished)


def record(measurement: Measurement) -> None:
    """Keeps a finished measurement for `session`."""
    _finished.append(measurement)


def _label(m: Measurement) -> str:
    number = m.context.get("execution_count")
    return " · ".join(part for part in (f"[{number}]" if number else "", m.name) if part) or "unnamed"


def _figure(m: Measurement) -> str:
    own_j, replayed_j = m.own_energy_j, m.replayed_j
    parts = [f"{own_j.text('J')} · {' + '.join(_own_bases(m))}" if own_j else ""]
    parts.append(f"▷ {replayed_j.text('J')} · {Basis.REPLAYED}" if replayed_j else "")
    return " · ".join(part for part in parts if part) or "not measured"


def _own_bases(m: Measurement) -> list[Basis]:
    return [basis for basis in m.bases if basis is not Basis.REPLAYED]


def _bar(m: Measurement, most_j: float) -> str:
    """A bar to the best figure and a line from low to high, as percentages of the largest that is counted."""
    energy_j = m.own_energy_j
    if energy_j is None and m.replayed_j is not None:
        return "▷ replayed, not counted"
    if energy_j is None or most_j <= 0:
        return "?"
    low, best, high = (100 * value / most_j for value in (energy_j.low, energy_j.best, energy_j.high))
    described = f"{amount(energy_j)}, from {energy_j.low:.3g} to {energy_j.high:.3g} J"
    blue = COLOURS["gpu"][0]
    return (
        f'<div role="img" aria-label="{described}" style="position:relative;height:14px;min-width:120px">'
        f'<div style="position:absolute;left:0;top:2px;height:10px;width:{best:.2f}%;background:{blue}"></div>'
        f'<div style="position:absolute;left:{low:.2f}%;top:6px;height:2px;width:{high - low:.2f}%;'
        f'background:{AXIS_COLOUR}"></div></div>'
    )
