"""What a lesson's run came to: its cost in figures, and all lessons' together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greenlm_edu.ledger.totals import sum_by_error

if TYPE_CHECKING:
    from greenlm_edu.cli.lesson_run import LessonRun
    from greenlm_edu.interval import Interval

__all__ = ["Outcome", "totals"]


@dataclass(frozen=True)
class Outcome:
    """A lesson that was run, with its emissions and what it left in the ledger.

    Args:
        run: the run itself.
        emissions_g: on the grid in force; None where its energy is not known.
        ledger_rows: how many measurements its cells recorded; None where the ledger cannot be read.
    """

    run: LessonRun
    emissions_g: Interval | None
    ledger_rows: int | None


def totals(outcomes: Sequence[Outcome]) -> tuple[Interval | None, Interval | None]:
    """(energy, emissions) of all lessons: one model's error is the same in all of them, so it adds linearly."""
    parts = [part for outcome in outcomes for part in outcome.run.measurement.components]
    energy_j = sum_by_error((part.error_group or part.component, part.energy_j) for part in parts if part.energy_j)
    emissions_g = sum_by_error(("grid", outcome.emissions_g) for outcome in outcomes if outcome.emissions_g)
    return energy_j, emissions_g
