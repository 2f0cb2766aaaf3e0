"""Published trainings recomputed from what they state, and predicted from parameters, tokens and hardware alone.

    python benchmarks/footprints.py

No training and no network: a second.
"""

from __future__ import annotations

import statistics

from rich.console import Console
from rich.table import Table

from greenlm_edu import carbon
from greenlm_edu.carbon import PublishedRun

JOULES_PER_MWH = 3.6e9


def main() -> None:
    console = Console(width=150)
    runs = carbon.published()
    console.print(_recomputed(runs))
    console.print(_summary(runs))
    missed = carbon.missed_runs()
    console.print(_predicted(missed))
    factors = [max(one.factor, 1 / one.factor) for one in missed]
    inside = sum(one.inside for one in missed)
    console.print(
        f"Measured energy inside the predicted range: {inside} of {len(missed)} ({inside / len(missed):.0%}), each run "
        f"predicted from the others alone; median error a factor of {statistics.median(factors):.2f}, "
        f"largest {max(factors):.2f}."
    )


def _recomputed(runs: tuple[PublishedRun, ...]) -> Table:
    table = Table(title="Published runs, recomputed from what they state", title_justify="left")
    for heading in ("run", "energy is", "stated MWh", "recomputed", "agree", "stated t", "recomputed", "agree", "flag"):
        table.add_column(heading)
    for run in runs:
        again = run.recomputed()
        table.add_row(
            run.model,
            run.energy_basis or "not stated",
            _shown(run.energy_mwh),
            _shown(again.energy_mwh if again else None),
            run.energy_agrees() or "–",
            _shown(run.emissions_t),
            _shown(again.emissions_t if again else None),
            run.emissions_agree() or "–",
            "contradicts itself" if run.flag else "",
        )
    return table


def _summary(runs: tuple[PublishedRun, ...]) -> str:
    sound = [run for run in runs if not run.flag]
    lines = []
    for name, agrees in (("energy", PublishedRun.energy_agrees), ("emissions", PublishedRun.emissions_agree)):
        how = [agrees(run) for run in sound if agrees(run)]
        lines.append(
            f"{name}: {how.count('1 %')} of {len(how)} rows within 1 %, {how.count('its rounding')} more within the "
            f"rounding of their own figures, {how.count('no')} not"
        )
    flagged = "; ".join(f"{run.model}: {run.flag}" for run in runs if run.flag)
    return "\n".join([*lines, f"flagged: {flagged}", ""])


def _predicted(missed: tuple[carbon.Missed, ...]) -> Table:
    table = Table(title="Energy from parameters, tokens and hardware alone", title_justify="left")
    for heading in ("run", "known by", "measured MWh", "predicted from the others", "inside", "measured ÷ predicted"):
        table.add_column(heading)
    for one in missed:
        low, best, high = (
            joules / JOULES_PER_MWH for joules in (one.predicted_j.low, one.predicted_j.best, one.predicted_j.high)
        )
        table.add_row(
            one.run.model,
            one.run.energy_basis,
            _shown(one.measured_j / JOULES_PER_MWH),
            f"{best:.3g} ({low:.3g} – {high:.3g})",
            "yes" if one.inside else "no",
            f"{one.factor:.2f}",
        )
    return table


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


if __name__ == "__main__":
    main()
