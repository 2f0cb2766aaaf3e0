"""EnergyCallback: joules an epoch, a step and a token, against a scripted source and the counts of `fit`."""

import keras
import numpy as np
import pytest

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.errors import InputError
from greenlm_edu.training import EnergyCallback


def fit(callback, *, steps_per_execution=1, epochs=3, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution=steps_per_execution)
    x = np.ones((64, 2), "float32")
    return model.fit(x, x[:, :1], batch_size=8, epochs=epochs, verbose=0, callbacks=[callback], **options)


def test_epochs_and_losses_are_reported_to_the_measurement_around_fit():
    callback = EnergyCallback(tokens_per_step=100)
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        history = fit(callback, validation_split=0.25)
    epochs = [mark for mark in m.marks if mark.kind == "epoch"]
    assert callback.measurement is m
    assert [mark.values["epoch"] for mark in epochs] == [1, 2, 3]
    assert [mark.values["loss"] for mark in epochs] == pytest.approx(history.history["loss"])
    assert [mark.values["val_loss"] for mark in epochs] == pytest.approx(history.history["val_loss"])
    assert {mark.values["steps"] for mark in epochs} == {6}
    assert {mark.values["tokens"] for mark in epochs} == {600}
    assert 0 < sum(callback.history["energy_j"]) <= m.energy_j.best
    for whole, step, token in zip(*callback.history.values(), strict=True):
        assert step == pytest.approx(whole / 6)
        assert token == pytest.approx(whole / 600)


def test_steps_are_counted_with_several_steps_in_one_execution():
    callback = EnergyCallback()
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        fit(callback, steps_per_execution=4)
    assert {mark.values["steps"] for mark in m.marks if mark.kind == "epoch"} == {8}


def test_without_a_measurement_it_makes_one_of_its_own():
    callback = EnergyCallback(region="FRA")
    fit(callback)
    assert callback.measurement.status == "finished"
    assert callback.measurement.energy_j.best > 0
    assert callback.measurement.footprint().intensity.region == "FRA"
    assert metering.running() is None


def test_where_nothing_is_measured_joules_are_none_not_zero():
    callback = EnergyCallback()
    with metering.measure(sources=[]):
        fit(callback)
    assert callback.history["energy_j"] == [None, None, None]


def test_it_serves_a_second_fit():
    callback = EnergyCallback()
    with metering.measure(sources=[ScriptedSource(50.0)]):
        fit(callback, epochs=2)
        fit(callback, epochs=1)
    assert len(callback.history["energy_j"]) == 1


def test_a_nonsense_count_of_tokens_is_refused():
    with pytest.raises(InputError, match="tokens_per_step must be 1 or more; got 0"):
        EnergyCallback(tokens_per_step=0)
