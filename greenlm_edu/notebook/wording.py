"""What a card says, in words: the same for its html, its picture and its text."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass

from greenlm_edu import carbon
from greenlm_edu.energy import Basis
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Measurement
from greenlm_edu.units import scaled

__all__ = ["CardText", "amount", "basis_text", "card_text", "compared", "guess_text", "how_known", "place_of"]

_EPOCH = "epoch"


@dataclass(frozen=True)
class CardText:
    """The lines of one card.

    Args:
        place: notebook and cell, or the measurement's name.
        energy, energy_unit, energy_range: the total; energy is "?" where nothing is known.
        emissions, emissions_unit, emissions_range: likewise.
        grid: which electricity, with its year and source.
        equivalent: one everyday thing that takes as much.
        outcome: how the cell ended and how long it took.
        training: joules an epoch, a step and a token; empty where nothing was trained.
        notices: what the reader must know besides.
        replayed: which part of the total was replayed, and which this machine used; empty where nothing was replayed.
        repeats: the mean of the runs of a repeated cell and how far they lie apart; empty where it ran once.
        guess: what the learner expected, and how it compares; empty where nobody guessed.
    """

    place: str
    energy: str
    energy_unit: str
    energy_range: str
    emissions: str
    emissions_unit: str
    emissions_range: str
    grid: str
    equivalent: str
    outcome: str
    training: str
    notices: tuple[str, ...]
    replayed: str = ""
    repeats: str = ""
    guess: str = ""


def card_text(measurement: Measurement) -> CardText:
    """Puts a measurement into words; what is not known is said to be unknown."""
    energy_j = measurement.energy_j
    grid = carbon.intensity(measurement.region)
    if energy_j is None:
        figures = ("?", "J", "not measured", "?", "g CO₂e", "not known without the energy")
        equivalent = ""
    else:
        best, low, high, unit = energy_j.figures("J")
        bases = " + ".join(measurement.bases)
        about = "≈ " if Basis.MODELLED in measurement.bases else ""
        g_best, g_low, g_high, g_unit = measurement.footprint().emissions_g.figures("g")
        idle = _idle_text(measurement)
        figures = (
            about + best, unit, f"{low} – {high} {unit} · {bases}{idle}",
            about + g_best, f"{g_unit} CO₂e", f"{g_low} – {g_high} {g_unit}{_pue_text(measurement.pue)}",
        )  # fmt: skip
        equivalent = carbon.everyday(energy_j.best)
    return CardText(
        place_of(measurement),
        *figures,
        grid.text(),
        equivalent,
        _outcome(measurement),
        _training(measurement),
        tuple(measurement.notices),
        _replayed(measurement),
        _repeats(measurement),
        guess_text(measurement),
    )


def place_of(measurement: Measurement) -> str:
    """Where it ran, as far as that is known: `09_keras_transformer · cell 14 · train`."""
    number = measurement.context.get("execution_count")
    notebook = measurement.context.get("notebook", "").removesuffix(".ipynb")
    return " · ".join(part for part in (notebook, f"cell {number}" if number else "", measurement.name) if part)


def how_known(part: Component) -> str:
    """One component in a few words: `counter · 14.6 – 15.8 kJ`, or `not measured: reason`."""
    if part.energy_j is None:
        return f"not measured: {part.reason}" if part.reason else "not measured"
    return f"{basis_text(part)} · {amount(part.energy_j)}"


def basis_text(part: Component) -> str:
    """The basis with its mark and how far the figure may be off: `≈ modelled ×/÷ 2`, `counter ± 5 %`."""
    if part.energy_j is None:
        return "? not measured"
    sign = {Basis.MODELLED: "≈ ", Basis.REPLAYED: "▷ "}.get(part.basis, "")
    low, best, high = part.energy_j.low, part.energy_j.best, part.energy_j.high
    if part.below_resolution:
        return f"{sign}{part.basis}, below resolution"
    if low <= 0 or best <= 0:
        return f"{sign}{part.basis}"
    factor, share = max(high / best, best / low), max(high - best, best - low) / best
    if factor >= 1.25:
        return f"{sign}{part.basis} ×/÷ {factor:.2g}"
    return f"{sign}{part.basis} ± {share * 100:.2g} %" if share > 0 else f"{sign}{part.basis}"


def guess_text(measurement: Measurement) -> str:
    """`your guess: 500 J · 2.4 times the best figure, outside the range`; empty where nobody guessed."""
    guess_j = measurement.guess_j
    if guess_j is None:
        return ""
    return f"your guess: {amount(Interval.exactly(guess_j))} · {compared(guess_j, measurement.energy_j)}"


def compared(guess_j: float, energy_j: Interval | None) -> str:
    """How a guess compares with what was measured, saying no more than the range allows."""
    if energy_j is None:
        return "the energy is not measured, so nobody can tell how near it is"
    if energy_j.low <= guess_j <= energy_j.high:
        return "inside the range: as right as this meter can tell"
    if energy_j.best <= 0:
        return "outside the range"
    if guess_j > energy_j.high:
        ratio = guess_j / energy_j.best
        if ratio < 1.2:
            return f"{(ratio - 1) * 100:.2g} % above the best figure, outside the range"
        return f"{_times(ratio)} times the best figure, outside the range"
    ratio = energy_j.best / guess_j
    if ratio < 1.2:
        return f"{(1 - 1 / ratio) * 100:.2g} % below the best figure, outside the range"
    return f"the best figure is {_times(ratio)} times as much, outside the range"


def _times(ratio: float) -> str:
    """Two significant digits, without an exponent."""
    return f"{ratio:.1f}" if ratio < 9.95 else f"{float(f'{ratio:.2g}'):,.0f}"


def amount(interval: Interval, unit: str = "J") -> str:
    """The best figure with its unit: `15.4 kJ`."""
    best, _, _, prefixed = interval.figures(unit)
    return f"{best} {prefixed}"


def _idle_text(measurement: Measurement) -> str:
    idle_j = measurement.idle_j
    if idle_j is None:
        return " · idle part not measured"
    return f" · {amount(Interval.exactly(idle_j))} of it idle"


def _replayed(measurement: Measurement) -> str:
    replayed_j, own_j = measurement.replayed_j, measurement.own_energy_j
    if replayed_j is None:
        return ""
    own = f"{amount(own_j)} of it this machine's own" if own_j else "nothing of it known to be this machine's own"
    return f"▷ {amount(replayed_j)} of it replayed, not used here and now · {own}"


def _pue_text(pue: float) -> str:
    return f" · PUE {pue:g}" if pue != 1 else ""


def _outcome(measurement: Measurement) -> str:
    seconds = measurement.duration_s
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
    return f"{measurement.status} · {took}"


def _training(measurement: Measurement) -> str:
    """Joules an epoch, a step and a token, from what the Keras callback reported."""
    epochs = [mark for mark in measurement.marks if mark.kind == _EPOCH]
    begins = [mark for mark in measurement.marks if mark.kind == "train_begin"]
    if not epochs or epochs[-1].energy_j is None:
        return ""
    start_j = (begins[0].energy_j or 0.0) if begins else 0.0
    used_j = epochs[-1].energy_j - start_j
    if used_j <= 0:
        return ""  # too short for the sources' resolution
    steps = sum(mark.values.get("steps") or 0 for mark in epochs)
    tokens = sum(mark.values.get("tokens") or 0 for mark in epochs)
    count = "1 epoch" if len(epochs) == 1 else f"{len(epochs)} epochs"
    shares = [f"{_rate(used_j, len(epochs))} an epoch"]
    shares += [f"{_rate(used_j, steps)} a step"] if steps else []
    shares += [f"{_rate(used_j, tokens)} a token"] if tokens else []
    return f"{count} · " + " · ".join(shares)


def _repeats(measurement: Measurement) -> str:
    """The mean of the runs of a repeated cell: the steps of a counter weigh on all of them together only once."""
    ends = [mark.energy_j for mark in measurement.marks if mark.kind == "run" and mark.energy_j is not None]
    energy_j = measurement.energy_j
    if len(ends) < 2 or energy_j is None:
        return ""
    runs = [end - start for start, end in itertools.pairwise([0.0, *ends])]
    mean = f"{len(runs)} runs · {energy_j.scaled_by(1 / len(runs)).text('J')} a run"
    if min(runs) <= 0:
        return f"{mean} · single runs are below resolution"
    least, most, deviation = (
        amount(Interval.exactly(value)) for value in (min(runs), max(runs), statistics.stdev(runs))
    )
    return f"{mean} · single runs {least} to {most}, standard deviation {deviation}"


def _rate(energy_j: float, count: float) -> str:
    value = energy_j / count
    factor, unit = scaled(value, "J")
    return f"{value / factor:.2g} {unit}" if value / factor < 99.5 else f"{value / factor:.0f} {unit}"
