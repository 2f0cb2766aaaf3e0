"""What an interrupted `fit` left running ends with the next cell, and swallows nothing."""

from types import SimpleNamespace

import keras
import pytest

from greenlm_edu import metering
from greenlm_edu.notebook.hooks import CellMeter
from greenlm_edu.training import EnergyCallback


class Interrupting(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_a_measurement_left_by_an_interrupted_fit_ends_with_the_next_cell():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    energy, heard = EnergyCallback(), []
    with pytest.raises(KeyboardInterrupt):
        model.fit(keras.ops.ones((8, 2)), keras.ops.ones((8, 1)), verbose=0, callbacks=[energy, Interrupting()])
    assert metering.running() is energy.measurement
    stop = metering.announce_to(heard.append)
    cells = CellMeter(SimpleNamespace(user_ns={}))
    cells.is_automatic = False
    try:
        cells.before(SimpleNamespace(raw_cell="1 + 1", cell_id=None))
    finally:
        stop()
    assert metering.running() is None
    assert heard == [energy.measurement]
    assert energy.measurement.status == "interrupted"
