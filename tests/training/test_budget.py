"""Budgets end `fit` after a step, with the best weights; joules are scripted: 100 W, and a second a step."""

import warnings

import keras
import numpy as np
import pytest

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.errors import InputError
from greenlm_edu.metering import Budget
from greenlm_edu.training import BudgetWarning, EnergyCallback
from greenlm_edu.training.budget import BestWeights, BudgetGuard

STEPS = 8  # an epoch


class Watchful(EnergyCallback):
    report_period_s = 0.0  # looks at every step: these fits are over in a moment


class Spend(keras.callbacks.Callback):
    """A clock that goes on by a second a step, and what the callbacks after EnergyCallback see."""

    def __init__(self):
        super().__init__()
        self.now_s, self.steps, self.ended, self.weights = 0.0, 0, 0, []

    def __call__(self):
        return self.now_s

    def on_train_batch_begin(self, batch, logs=None):
        self.now_s += 1

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())

    def on_train_end(self, logs=None):
        self.ended += 1

    def source(self, **options):
        return ScriptedSource(100.0, clock=self, **options)


def fit(*callbacks, rate=0.01, epochs=3, steps_per_execution=1, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(
        keras.optimizers.SGD(rate), "mse", steps_per_execution=steps_per_execution, run_eagerly=True
    )  # tracing takes longer
    x = np.linspace(-1, 1, 2 * 8 * STEPS, dtype="float32").reshape(8 * STEPS, 2)
    y = x[:, :1] * 3 + 1
    if options.pop("validated", False):
        options["validation_data"] = (x, y)
    history = model.fit(x, y, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks), **options)
    return model, history


def same(weights, others):
    return all(np.array_equal(one, other) for one, other in zip(weights, others, strict=True))


def test_fit_ends_after_the_step_that_uses_the_budget_up_with_the_weights_of_the_best_epoch():
    spend = Spend()
    with metering.measure(sources=[spend.source()]) as m:
        model, history = fit(Watchful(budget="1050 J"), spend)
    assert spend.steps == 11  # 11 × 100 J
    assert len(history.history["loss"]) == len(spend.weights) == 2
    assert spend.ended == 1
    assert same(model.get_weights(), spend.weights[0])
    (stop,) = [mark for mark in m.marks if mark.kind == metering.BUDGET_STOP]
    assert stop.values == {"budget": "1050 J", "epoch": 2, "steps": 3}
    assert m.notices[0] == "budget: “1050 J” is near: the best figure is 900 J (replayed), 85 % of it."
    assert m.notices[1].startswith("budget: “1050 J” is reached: the best figure is 1.1 kJ")
    loss = history.history["loss"][0]
    assert m.notices[2:] == [
        "budget: `fit` was ended at “1050 J”, after step 3 of epoch 2; the model has the weights of the end of "
        f"epoch 1, the best so far by loss ({loss:.4g})."
    ]


def test_the_budget_of_the_measurement_around_fit_is_obeyed_and_one_further_out_too():
    for outer, inner in (("1050 J", None), (None, "1050 J")):
        spend = Spend()
        with (
            metering.measure(sources=[spend.source()], budget=outer) as cell,
            metering.measure(sources=[spend.source()], budget=inner) as block,
        ):
            fit(Watchful(), spend)
        assert spend.steps == 11
        told, quiet = (cell, block) if outer else (block, cell)
        assert (len(told.notices), len(quiet.notices)) == (3, 0)


def test_what_the_cell_used_before_fit_counts():
    spend = Spend()
    with metering.measure(sources=[spend.source()], budget="1050 J"):
        spend.now_s += 9
        fit(Watchful(), spend)
    assert spend.steps == 2


def test_a_used_up_budget_lets_a_second_fit_make_one_step():
    spend = Spend()
    with metering.measure(sources=[spend.source()], budget="1050 J"):
        fit(Watchful(), spend)
        model, _ = fit(Watchful(), spend)
    assert spend.steps == 12
    assert same(model.get_weights(), spend.weights[-1])


@pytest.mark.parametrize("rate", [0.05, 1.5], ids=["better", "worse"])
def test_with_validation_the_best_epoch_end_is_that_of_the_least_val_loss(rate):
    spend = Spend()
    with metering.measure(sources=[spend.source()], budget="1950 J") as m:
        model, history = fit(Watchful(), spend, rate=rate, validated=True)
    losses = history.history["val_loss"]
    best = int(np.argmin(losses))
    assert best == (2 if rate < 1 else 0)  # the rates were chosen for that
    assert same(model.get_weights(), spend.weights[best])
    words = "the weights of that step" if best == 2 else "the weights of the end of epoch 1"
    assert f"{words}, the best so far by val_loss ({losses[best]:.4g})" in m.notices[-1]


def test_where_no_epoch_has_ended_the_weights_stay_as_they_are():
    spend = Spend()
    with metering.measure(sources=[spend.source()]) as m:
        model, history = fit(Watchful(budget="300 J"), spend)
    assert spend.steps == 3
    assert same(model.get_weights(), spend.weights[-1])
    assert len(history.history["loss"]) == 1
    assert m.notices[-1].endswith("no epoch had ended, so the model has the weights of that step.")


def test_with_several_steps_in_one_execution_it_ends_between_two_executions():
    spend = Spend()
    with metering.measure(sources=[spend.source()]) as m:
        fit(Watchful(budget="250 J"), spend, steps_per_execution=4)  # two executions an epoch, 100 J each
    (stop,) = [mark for mark in m.marks if mark.kind == metering.BUDGET_STOP]
    assert (stop.values["epoch"], stop.values["steps"]) == (2, 4)


def test_a_budget_reached_by_the_very_last_step_has_ended_nothing():
    spend = Spend()
    with metering.measure(sources=[spend.source()], budget="1600 J") as m:
        model, _ = fit(Watchful(), spend, epochs=2)
    assert spend.steps == 16
    assert same(model.get_weights(), spend.weights[-1])
    assert [mark.kind for mark in m.marks if "budget" in mark.kind] == ["budget", "budget"]
    assert "ended over “1600 J”, and nothing stopped it" in m.notices[-1]


def test_a_budget_that_is_not_reached_changes_nothing():
    spend, bare = Spend(), Spend()
    with metering.measure(sources=[spend.source()]) as m:
        model, history = fit(Watchful(budget="10 kJ"), spend)
    plain, alone = fit(bare)
    assert same(model.get_weights(), plain.get_weights())
    assert history.history == alone.history
    assert m.notices == []


def test_a_budget_in_grams_counts_with_the_measurements_region():
    spend = Spend()
    with metering.measure(sources=[spend.source()], region="FRA"):
        fit(Watchful(budget="12 mgCO2e"), spend)
    assert spend.steps == 10  # 12 mg at 44.18 g/kWh are 978 J


def test_where_no_energy_is_known_fit_goes_on_and_it_is_told_once():
    spend = Spend()
    with metering.measure(sources=[]) as m:
        fit(Watchful(budget="500 J"), spend)
    assert spend.steps == 3 * STEPS
    assert [notice.split(":")[1] for notice in m.notices] == [" “500 J” cannot be watched"]


def test_the_learners_early_stopping_has_the_last_word_on_the_weights():
    spend = Spend()
    early = keras.callbacks.EarlyStopping("val_loss", mode="max", restore_best_weights=True, patience=9)
    with metering.measure(sources=[spend.source()], budget="1950 J"):
        model, history = fit(Watchful(), spend, early, validated=True)
    worst = int(np.argmax(history.history["val_loss"]))
    assert same(model.get_weights(), spend.weights[worst])


def test_a_callback_with_a_measurement_of_its_own_warns_at_the_learners_line():
    callback = EnergyCallback(budget="1 µJ")
    with pytest.warns(BudgetWarning, match="“1 µJ” is reached.* `fit` ends after this step") as caught:
        fit(callback)
    assert [warning.filename for warning in caught] == [__file__]
    assert callback.measurement.status == "finished"
    assert callback.measurement.budget == Budget.parse("1 µJ")
    assert len(callback.history["energy_j"]) == 1
    assert metering.running() is None


def test_a_guard_warns_aloud_at_80_and_at_100_percent_and_once_each():
    spend = Spend()
    with metering.measure(sources=[spend.source()]) as m, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        guard = BudgetGuard(m, Budget.parse("1 kJ"), aloud=True)
        reached = []
        for spend.now_s in (7, 8, 9, 10, 11):
            reached.append(guard.reached())
    assert reached == [False, False, False, True, True]
    assert [str(one.message).split(":")[1] for one in caught] == [" “1 kJ” is near", " “1 kJ” is reached"]


def test_a_measurement_around_fit_is_told_and_no_warning_is_given():
    spend = Spend()
    with metering.measure(sources=[spend.source()]), warnings.catch_warnings():
        warnings.simplefilter("error", BudgetWarning)
        fit(Watchful(budget="300 J"), spend)


def test_nonsense_is_refused_when_the_callback_is_made():
    with pytest.raises(InputError, match=r"got “500 W”\. Did you mean “Wh”"):
        EnergyCallback(budget="500 W")


class Weights:
    def __init__(self):
        self.now = 0

    def get_weights(self):
        return self.now

    def set_weights(self, weights):
        self.now = weights


@pytest.mark.parametrize(
    ("ends", "best"),
    [
        ([{"loss": 3.0}, {"loss": 1.0}, {"loss": 2.0}], 2),
        ([{"loss": 3.0}, {"loss": float("nan")}], 1),
        ([{"loss": float("nan")}], 0),
        # validated every other epoch: once there is a val_loss, only val_loss counts
        ([{"loss": 0.1}, {"loss": 2.0, "val_loss": 5.0}, {"loss": 0.05}, {"loss": 1.0, "val_loss": 6.0}], 2),
    ],
)
def test_the_best_epoch_is_chosen_as_written(ends, best):
    chosen, model = BestWeights(), Weights()
    for epoch, logs in enumerate(ends, 1):
        model.now = epoch
        chosen.take(model, epoch, logs, whole=True)
    model.now = 99
    words = chosen.restore(model, len(ends) + 1)
    assert chosen.epoch == best
    assert model.now == (best or 99)
    assert (f"epoch {best}" in words) == (best > 0)
