"""Learn how language models work, and see beside the code what training them costs in energy and emissions.

    %load_ext greenlm_edu                   in a notebook: cells that train or take long show what they cost, live
    with greenlm_edu.measure() as m: ...    the same for any block of code
    greenlm_edu.EnergyCallback()            joules an epoch, a step and a token of a Keras `fit`

Importing this package loads nothing heavy: each public name is loaded when it is first used.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenlm_edu import carbon, corpora, energy, explorers, ledger, lm
    from greenlm_edu.checks import check, hint, outcome, predict, progress, quiz, reveal
    from greenlm_edu.energy import Basis, ScriptedSource
    from greenlm_edu.errors import GreenLMError
    from greenlm_edu.interval import Interval
    from greenlm_edu.metering import Measurement
    from greenlm_edu.metering.measure import measure
    from greenlm_edu.notebook.guesses import guesses
    from greenlm_edu.notebook.session import session
    from greenlm_edu.training import EnergyCallback

__version__ = "0.1.0"

# Public name -> the module that it comes from; a module's own name stands for the module itself.
_PUBLIC: dict[str, str] = {
    "Basis": "greenlm_edu.energy",
    "EnergyCallback": "greenlm_edu.training",
    "GreenLMError": "greenlm_edu.errors",
    "Interval": "greenlm_edu.interval",
    "Measurement": "greenlm_edu.metering",
    "ScriptedSource": "greenlm_edu.energy",
    "carbon": "greenlm_edu.carbon",
    "check": "greenlm_edu.checks",
    "corpora": "greenlm_edu.corpora",
    "energy": "greenlm_edu.energy",
    "explorers": "greenlm_edu.explorers",
    "guesses": "greenlm_edu.notebook.guesses",
    "hint": "greenlm_edu.checks",
    "ledger": "greenlm_edu.ledger",
    "lm": "greenlm_edu.lm",
    "measure": "greenlm_edu.metering",
    "outcome": "greenlm_edu.checks",
    "predict": "greenlm_edu.checks",
    "progress": "greenlm_edu.checks",
    "quiz": "greenlm_edu.checks",
    "reveal": "greenlm_edu.checks",
    "session": "greenlm_edu.notebook",
}

__all__ = [
    "Basis",
    "EnergyCallback",
    "GreenLMError",
    "Interval",
    "Measurement",
    "ScriptedSource",
    "carbon",
    "check",
    "corpora",
    "energy",
    "explorers",
    "guesses",
    "hint",
    "ledger",
    "lm",
    "measure",
    "outcome",
    "predict",
    "progress",
    "quiz",
    "reveal",
    "session",
]


def __getattr__(name: str) -> Any:
    home = _PUBLIC.get(name)
    if home is None:
        near = difflib.get_close_matches(name, _PUBLIC, n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise AttributeError(f"module 'greenlm_edu' has no attribute '{name}'.{hint}")
    module = import_module(home)
    value = module if home == f"greenlm_edu.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext greenlm_edu` calls."""
    from greenlm_edu.notebook import load
    from greenlm_edu.training import follow_fit

    load(shell)
    follow_fit()


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext greenlm_edu` calls."""
    from greenlm_edu.notebook import unload
    from greenlm_edu.training import follow_fit

    follow_fit()()  # what is followed already is given back to stop
    unload(shell)
