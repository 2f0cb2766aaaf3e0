"""EnergyCallback: joules an epoch, a step and a token, against a scripted source and the counts of `fit`."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.errors import InputError
from greenlm_edu.training import EnergyCallback


def fit(callback, *, watch=None, steps_per_execution=1, epochs=3, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution=steps_per_execution, run_eagerly=True)  # tracing takes longer
    x = np.ones((64, 2), "float32")
    callbacks = [callback, watch] if watch else [callback]
    return model.fit(x, x[:, :1], batch_size=8, epochs=epochs, verbose=0, callbacks=callbacks, **options)


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


class Watch(keras.callbacks.Callback):
    """What the measurement knows of the progress after each step and each epoch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        progress = metering.running().progress
        self.seen.append((progress.epoch, progress.epochs, progress.share))

    def on_epoch_end(self, epoch, logs=None):
        self.on_train_batch_end(0)


class EveryStep(EnergyCallback):
    report_period_s = 0.0


def test_progress_is_reported_step_by_step():
    watch = Watch()
    with metering.measure(sources=[ScriptedSource(50.0)]):
        fit(EveryStep(), watch=watch, epochs=2)
    expected = [(1, 2, step / 16) for step in (*range(1, 9), 8)] + [(2, 2, step / 16) for step in (*range(9, 17), 16)]
    assert watch.seen == expected


def test_progress_counts_from_the_first_epoch_of_a_resumed_fit():
    watch = Watch()
    with metering.measure(sources=[ScriptedSource(50.0)]):
        fit(EveryStep(), watch=watch, epochs=4, initial_epoch=2)
    assert watch.seen[0] == (3, 4, 1 / 16)
    assert watch.seen[-1] == (4, 4, 1.0)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # that is how its end is found
def test_steps_that_nobody_knows_beforehand_are_learned_in_the_first_epoch():
    import tensorflow as tf

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    endless = tf.data.Dataset.from_tensor_slices((np.ones((32, 2)), np.ones((32, 1)))).filter(lambda x, y: True)
    watch = Watch()
    with metering.measure(sources=[ScriptedSource(50.0)]):
        model.fit(endless.batch(8), epochs=2, verbose=0, shuffle=False, callbacks=[EveryStep(), watch])
    assert [share for _, _, share in watch.seen] == [None] * 4 + [4 / 8, 5 / 8, 6 / 8, 7 / 8, 1, 1]


def test_the_loss_is_reported_step_by_step_and_validation_by_epochs():
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        history = fit(EveryStep(), epochs=2, validation_split=0.25)
    losses = [value for _, value in m.curves["loss"].points]
    assert len(losses) == 2 * (6 + 1)
    assert [losses[6], losses[13]] == pytest.approx(history.history["loss"])
    assert [value for _, value in m.curves["val_loss"].points] == pytest.approx(history.history["val_loss"])


def test_steps_between_two_reports_are_left_alone():
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        callback = EnergyCallback()
        callback.report_period_s = 60.0
        fit(callback, epochs=2)
    assert len(m.curves["loss"].points) == 1 + 2  # the first step, and the ends of the epochs


def test_a_provisional_measurement_around_fit_is_kept_and_so_is_one_around_that():
    cell = metering.start("cell", sources=[ScriptedSource(50.0)], provisional=True)
    block = metering.start("block", sources=[ScriptedSource(50.0)], provisional=True)
    fit(EnergyCallback())
    assert (cell.provisional, block.provisional) == (False, False)
    metering.finish(cell)


def test_batch_ends_may_come_from_several_threads():
    callback = EveryStep()
    callback.set_params({"epochs": 1, "steps": 400})
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda step: callback.on_train_batch_end(step, {"loss": 1.0}), range(400)))
        callback.on_epoch_end(0, {"loss": 1.0})
    assert {mark.values["steps"] for mark in m.marks if mark.kind == "epoch"} == {400}
    assert m.progress.share == 1.0
