"""What a sweep gives: a row for each run, the joules of all of them, and what was used beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greenlm_edu.energy.place import holds
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, Measurement, merge

__all__ = ["SweepResult", "SweepRow"]


@dataclass(frozen=True)
class SweepRow:
    """One configuration with one seed.

    Args:
        configuration, seed: what `train` was called with.
        figures: what it gave, by name; empty where it failed.
        duration_s: of the last attempt; 0 where there was none.
        measurement: what all attempts used, the lost ones too; None where there was no attempt.
        worker: the address of the last worker that it ran on; empty where there was none.
        attempts: how often it was begun.
        status: "finished" or "failed: …".
        error: type and text of what `train` raised, or what happened to the worker; empty where it finished.
        traceback: where `train` raised it; empty else.
    """

    configuration: Any
    seed: int
    figures: Mapping[str, float]
    duration_s: float
    measurement: Measurement | None
    worker: str
    attempts: int
    status: str
    error: str = ""
    traceback: str = ""

    @property
    def energy_j(self) -> Interval | None:
        """The joules of all its attempts; None where none is known: unknown is never zero."""
        return self.measurement.energy_j if self.measurement else None

    @property
    def basis(self) -> str:
        """How the joules are known, such as "counter + modelled"; "not measured" where they are not."""
        return " + ".join(self.measurement.bases if self.measurement else ()) or "not measured"


@dataclass(frozen=True, eq=False)
class SweepResult:
    """All runs of a sweep, and what they used.

    Args:
        rows: in the order asked for: each configuration with each seed.
        measurement: what all attempts used, merged, each joule once; None where none was begun.
        whole: what this process measured around everything, the start of its own workers too. If that holds the
            workers, as on one machine, it holds `measurement`: never add the two.
        notices: what went wrong beside the runs, such as a worker that could not be used.
    """

    rows: tuple[SweepRow, ...]
    measurement: Measurement | None
    whole: Measurement
    notices: tuple[str, ...] = field(default=())

    @property
    def parts_j(self) -> Interval | None:
        """The joules of all attempts; None where none is known."""
        return self.measurement.energy_j if self.measurement else None

    @property
    def rest_j(self) -> Interval | None:
        """`whole` − `parts_j`: starting the workers, this process, the scheduler, waiting, and what else it holds.

        None where `whole` does not hold all of the parts, as with workers on other machines; `rest_note` says so.
        Both sides are read by the same meters, which are off together: the range is that of the differences of their
        low, best and high figures, not below 0.
        """
        return None if self.rest_note else _difference(self.whole.energy_j, self.parts_j)

    @property
    def rest_note(self) -> str:
        """Why `rest_j` is not known; empty where it is."""
        if self.parts_j is None or self.whole.energy_j is None:
            return "no joules of the runs, or of the whole, are known"
        attempts = self.measurement.parts if self.measurement else ()
        known = [[part for part in one.components if part.energy_j is not None] for one in attempts]
        if outside := sum(not all(held_by(self.whole, part) for part in parts) for parts in known):
            return f"{outside} of the attempts ran where this process's meters do not reach, such as another machine"
        return ""

    def to_rows(self) -> list[dict[str, Any]]:
        """One dict for each run, of plain values: for a table, JSON, or `pandas.json_normalize`."""
        told = []
        for row in self.rows:
            energy_j = row.energy_j
            told.append(
                {
                    "configuration": row.configuration,
                    "seed": row.seed,
                    "figures": dict(row.figures),
                    "duration_s": row.duration_s,
                    "energy_low_j": energy_j.low if energy_j else None,
                    "energy_j": energy_j.best if energy_j else None,
                    "energy_high_j": energy_j.high if energy_j else None,
                    "basis": row.basis,
                    "worker": row.worker,
                    "attempts": row.attempts,
                    "status": row.status,
                    "error": row.error,
                }
            )
        return told

    def table(self) -> str:
        """The runs as a table in plain text, and below it the joules of the runs, the rest and the whole."""
        names = list(dict.fromkeys(name for row in self.rows for name in row.figures))
        lines = [["configuration", "seed", *names, "s", "energy", "basis", "worker", "attempts", "status"]]
        for row in self.rows:
            figures = [f"{row.figures[name]:.6g}" if name in row.figures else "–" for name in names]
            lines.append(
                [
                    words_of(row.configuration), str(row.seed), *figures, f"{row.duration_s:.1f}", joules(row.energy_j),
                    row.basis, row.worker or "–", str(row.attempts), row.status,
                ]
            )  # fmt: skip
        sums = [
            f"runs    {joules(self.parts_j)}",
            f"rest    {joules(self.rest_j)}" + (f": {self.rest_note}" if self.rest_note else ""),
            f"whole   {joules(self.whole.energy_j)}",
        ]
        return "\n".join([*_aligned(lines), "", *sums, *self.notices])

    def __str__(self) -> str:
        return self.table()


def held_by(outer: Measurement, part: Component) -> bool:
    """Whether the joules of a component are in those of `outer`, if that was under way all the time."""
    return any(holds(one.meters, part.meters) for one in outer.components if one.energy_j is not None)


def merged(attempts: Sequence[Measurement], whole: Measurement, name: str) -> Measurement | None:
    """What the attempts used, each joule once; None where there was none."""
    return merge(attempts, name, region=whole.region, pue=whole.pue) if attempts else None


def words_of(configuration: Any) -> str:
    """A configuration in a line.

    >>> words_of({"width": 64, "depth": 2}), words_of(64)
    ('width=64, depth=2', '64')
    """
    if isinstance(configuration, Mapping):
        text = ", ".join(f"{key}={value}" for key, value in configuration.items())
    else:
        text = str(configuration)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def joules(energy_j: Interval | None) -> str:
    """The figure with its range, or that there is none."""
    return energy_j.text("J") if energy_j else "not measured"


def _difference(whole: Interval | None, part: Interval | None) -> Interval | None:
    if whole is None or part is None:
        return None
    best = max(0.0, whole.best - part.best)
    ends = whole.low - part.low, best, whole.high - part.high
    return Interval(max(0.0, min(ends)), best, max(ends))


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return [texts[0], "-" * max(map(len, texts)), *texts[1:]]
