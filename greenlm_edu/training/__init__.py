"""Training with a meter, alone or in several processes; Keras and Dask load when a name that needs them is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenlm_edu.training.budget import BudgetWarning
    from greenlm_edu.training.callback import EnergyCallback
    from greenlm_edu.training.follow import follow_fit
    from greenlm_edu.training.sweep_result import SweepResult, SweepRow
    from greenlm_edu.training.sweep_runs import sweep

__all__ = ["BudgetWarning", "EnergyCallback", "SweepResult", "SweepRow", "follow_fit", "sweep"]

_HOMES = {
    "BudgetWarning": "budget",
    "EnergyCallback": "callback",
    "SweepResult": "sweep_result",
    "SweepRow": "sweep_result",
    "follow_fit": "follow",
    "sweep": "sweep_runs",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
