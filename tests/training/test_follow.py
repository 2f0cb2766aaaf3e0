"""follow_fit(): every `fit` in a metered cell reports by itself, and everything else is as it was."""

import inspect
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.training import EnergyCallback, follow_fit

X = np.ones((8, 2), "float32")
Y = X[:, :1]


@pytest.fixture
def followed():
    stop = follow_fit()
    yield stop
    stop()


def a_model():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    return model


def measured(*args, model=None, **options):
    """The measurement around one `fit` of one epoch, and what `fit` gave back."""
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        result = (model or a_model()).fit(*args, **{"verbose": 0, **options} if len(args) < 5 else options)
    return m, result


def epochs_told(m):
    return sum(mark.kind == "epoch" for mark in m.marks)


class Quiet(keras.callbacks.Callback):
    pass


@pytest.mark.parametrize(
    "callbacks",
    [None, [], (), [Quiet()], (Quiet(),), Quiet(), [[Quiet()], Quiet()]],
    ids=["none", "empty list", "empty tuple", "list", "tuple", "single", "nested"],
)
def test_a_fit_in_a_measurement_reports_whatever_callbacks_it_has(followed, callbacks):
    m, history = measured(X, Y, epochs=2, callbacks=callbacks)
    assert epochs_told(m) == 2
    assert isinstance(history, keras.callbacks.History)
    assert len(history.history["loss"]) == 2


def test_callbacks_may_come_by_position(followed):
    quiet = [Quiet()]
    m, _ = measured(X, Y, 8, 2, 0, quiet)
    assert epochs_told(m) == 2
    assert len(quiet) == 1


def test_no_callbacks_at_all_are_named(followed):
    m, _ = measured(X, Y, 8, 2)
    assert epochs_told(m) == 2


@pytest.mark.parametrize("wrap", [list, tuple, lambda given: given[0], lambda given: [given, [Quiet()]]])
def test_a_fit_with_an_energy_callback_gets_no_second_one(followed, wrap):
    energy = EnergyCallback()
    m, _ = measured(X, Y, epochs=2, callbacks=wrap([energy]))
    assert epochs_told(m) == 2
    assert energy.measurement is m


def test_a_callback_list_reports_while_fit_runs_and_is_then_as_it_was(followed):
    model = a_model()
    for params in ({"epochs": 1}, {}):
        own = keras.callbacks.CallbackList([Quiet()], add_history=True, model=model, **params)
        before = list(own.callbacks)
        m, _ = measured(X, Y, model=model, callbacks=own)
        assert epochs_told(m) == 1
        assert own.callbacks == before


def test_fit_outside_a_measurement_is_left_alone(followed):
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(metering.running())

    a_model().fit(X, Y, verbose=0, callbacks=[Look()])
    assert seen == [None]


def test_a_learners_own_model_class_is_followed_too(followed):
    class Mine(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def fit(self, *args, **kwargs):
            """Mine."""
            return super().fit(*args, **kwargs)

    model = Mine()
    model.compile("sgd", "mse", run_eagerly=True)
    m, _ = measured(X, Y, model=model)
    assert epochs_told(m) == 1
    assert Mine.fit.__doc__ == "Mine."


def test_a_provisional_cell_that_trains_is_kept(followed):
    cell = metering.start("cell", sources=[ScriptedSource(50.0)], provisional=True)
    a_model().fit(X, Y, verbose=0)
    assert not cell.provisional
    metering.finish(cell)


def test_a_budget_of_the_cell_ends_fit(followed):
    with metering.measure(sources=[ScriptedSource(50.0)], budget="1 µJ"):
        history = a_model().fit(X, Y, epochs=5, verbose=0)
    assert len(history.history["loss"]) == 1


def test_errors_are_the_learners_own(followed):
    class Fails(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        measured(X, Y, callbacks=[Fails()])
    files = [str(entry.path) for entry in caught.traceback]
    assert sum("greenlm_edu/training" in file for file in files) == 1
    assert files[-1] == __file__
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        measured(X, Y, epoch=3)
    with pytest.raises(ValueError, match="compile"):
        measured(X, Y, model=keras.Sequential([keras.layers.Dense(1)]))


def test_signature_and_docstring_are_kerass_own():
    plain = keras.Model.fit
    stop = follow_fit()
    assert keras.Model.fit is not plain
    assert inspect.signature(keras.Model.fit) == inspect.signature(plain)
    assert (keras.Model.fit.__doc__, keras.Model.fit.__name__) == (plain.__doc__, plain.__name__)
    stop()


def test_stopping_puts_back_exactly_what_was_there():
    names, finders = dict(vars(keras.Model)), list(sys.meta_path)
    stop, again = follow_fit(), follow_fit()
    m, _ = measured(X, Y)
    assert epochs_told(m) == 1
    stop()
    again()
    assert dict(vars(keras.Model)) == names
    assert sys.meta_path == finders
    m, _ = measured(X, Y)
    assert epochs_told(m) == 0


def test_it_can_be_followed_anew_after_a_stop():
    follow_fit()()
    stop = follow_fit()
    m, _ = measured(X, Y)
    stop()
    assert epochs_told(m) == 1


def test_another_tools_wrap_of_fit_outlives_the_stop():
    stop = follow_fit()
    ours = keras.Model.fit
    calls = []

    def theirs(self, *args, **kwargs):
        calls.append(1)
        return ours(self, *args, **kwargs)

    keras.Model.fit = theirs
    try:
        stop()
        assert keras.Model.fit is theirs
        m, _ = measured(X, Y)
    finally:
        del keras.Model.fit
    assert (calls, epochs_told(m)) == ([1], 0)


@pytest.mark.process
def test_keras_may_be_imported_later_in_the_same_cell_and_is_not_imported_for_it():
    code = """
    import sys
    from greenlm_edu import metering
    from greenlm_edu.energy import ScriptedSource
    from greenlm_edu.training import follow_fit
    stop = follow_fit()
    print("keras" in sys.modules, "tensorflow" in sys.modules, "numpy" in sys.modules)
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        import keras
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse", run_eagerly=True)
        model.fit(keras.ops.ones((8, 2)), keras.ops.ones((8, 1)), epochs=3, verbose=0)
    print(sum(mark.kind == "epoch" for mark in m.marks))
    stop()
    print("fit" in vars(keras.Model))
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True, timeout=60
    )
    assert told.stdout.split() == ["False", "False", "False", "3", "False"]


@pytest.mark.parametrize("loop", ["fit", "fast"])
def test_both_loops_of_train_report_by_themselves(followed, loop):
    from greenlm_edu import lm

    network = keras.Sequential([keras.layers.Embedding(3, 3)])
    network.vocab_size, network.context = 3, 4
    told = {"epochs": 2, "steps_per_epoch": 40, "batch": 2, "loop": loop, "progress": False}
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        lm.train(network, np.arange(60) % 3, **told)
    marks = [mark for mark in m.marks if mark.kind == "epoch"]
    assert [mark.values["steps"] for mark in marks] == [40, 40]
    assert all(mark.values["loss"] > 0 for mark in marks)
    assert m.progress.share == 1
    # A budget that is used up at once ends it after its first compiled call, and an own callback is not doubled.
    energy = EnergyCallback(tokens_per_step=8, budget="1 mJ")
    energy.report_period_s = 0.0
    with metering.measure(sources=[ScriptedSource(50.0)]) as m:
        history = lm.train(network, np.arange(60) % 3, **told, callbacks=[energy])
    assert history.loss == ()
    assert "`fit` was ended at “1 mJ”" in m.notices[-1]
    assert energy.history["energy_j_per_token"]


def test_the_fast_loop_is_left_alone_afterwards():
    from greenlm_edu.lm.train import fast_fit

    followers = sys.modules[fast_fit.__module__].followers
    before = list(followers)
    stop = follow_fit()
    assert len(followers) == len(before) + 1
    stop()
    assert followers == before
