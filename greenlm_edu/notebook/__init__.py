"""The meter in the notebook: `%load_ext greenlm_edu`, `%%meter` and the card under a metered cell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from greenlm_edu import ledger, metering
from greenlm_edu.notebook.card import bundle
from greenlm_edu.notebook.hooks import CellMeter
from greenlm_edu.notebook.magics import MeterMagics, status
from greenlm_edu.notebook.quiet_import import QuietTensorFlow
from greenlm_edu.notebook.session import Session, record, session

__all__ = ["Session", "bundle", "load", "session", "unload"]

_loaded: dict[int, tuple[CellMeter, tuple[Callable[[], None], ...]]] = {}


def load(shell: Any) -> None:
    """Registers the magics, measures the power at rest (half a second), and records from now on."""
    if id(shell) in _loaded:
        return
    cells = CellMeter(shell)
    meter = metering.default_meter()
    meter.measure_idle()
    # TensorFlow fills a notebook's first cell with log lines; where there is no GPU, even with errors about that.
    if not any(isinstance(finder, QuietTensorFlow) for finder in sys.meta_path):
        sys.meta_path.insert(0, QuietTensorFlow())
    has_gpu = any(source.component.startswith("gpu") for source in meter.sampler.sources)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if has_gpu else "3")
    cells.register()
    shell.register_magics(MeterMagics(shell, cells))
    _loaded[id(shell)] = (cells, (ledger.listen(), metering.announce_to(record)))
    print(status(cells))


def unload(shell: Any) -> None:
    """Takes the hooks out and stops recording."""
    found = _loaded.pop(id(shell), None)
    if found is not None:
        cells, stops = found
        cells.unregister()
        for stop in stops:
            stop()
