"""Training with a meter, alone or in several processes; Keras and Dask load when a name that needs them is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenlm_edu.training.budget import BudgetWarning
    from greenlm_edu.training.callback import EnergyCallback
    from greenlm_edu.training.communication_cost import communication
    from greenlm_edu.training.data_parallel import DistributedResult, collect_job, distributed, prepare_job
    from greenlm_edu.training.follow import follow_fit
    from greenlm_edu.training.sweep_result import SweepResult, SweepRow
    from greenlm_edu.training.sweep_runs import sweep

__all__ = [
    "BudgetWarning",
    "DistributedResult",
    "EnergyCallback",
    "SweepResult",
    "SweepRow",
    "collect_job",
    "communication",
    "distributed",
    "follow_fit",
    "prepare_job",
    "sweep",
]

_HOMES = {
    "BudgetWarning": "budget",
    "DistributedResult": "data_parallel",
    "EnergyCallback": "callback",
    "SweepResult": "sweep_result",
    "SweepRow": "sweep_result",
    "collect_job": "data_parallel",
    "communication": "communication_cost",
    "distributed": "data_parallel",
    "follow_fit": "follow",
    "prepare_job": "data_parallel",
    "sweep": "sweep_runs",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
