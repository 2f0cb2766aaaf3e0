"""train(): both loops alike, exact resumption, early end, and what it refuses. On whichever engine Keras runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from greenlm_edu.errors import CheckpointError, EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm import LSTMNetwork, Transformer, evaluate, random_windows, train, training_optimizer

pytestmark = pytest.mark.process  # they train

ENGINE = keras.backend.backend()
LOOPS = ("fit",) if ENGINE == "torch" else ("fit", "fast")
loops = pytest.mark.parametrize("loop", LOOPS)
# Where what is tested is the same code for both, `make test` takes our own loop alone (where there is one).
mostly_fast = pytest.mark.parametrize(
    "loop", [pytest.param(loop, marks=[] if loop == LOOPS[-1] else pytest.mark.slow) for loop in LOOPS]
)


def only(condition: bool) -> Callable[[Any], Any]:
    """A test that is there on some engines alone. (A skipped one would mean that something is missing.)"""
    return lambda test: test if condition else None


IDS = np.random.default_rng(0).choice(9, size=700, p=np.arange(1, 10) / 45).astype(np.int32)
IDS[1::2] = (IDS[::2] + 1) % 9  # every second token follows from the one before it
OTHER = IDS[500:]
IDS = IDS[:500]
SHORT = {"epochs": 3, "steps_per_epoch": 8, "batch": 4, "progress": False}


def model_of(dropout: float = 0.0, seed: int = 1, **options) -> Transformer:
    keras.utils.set_random_seed(seed)
    return Transformer(9, 8, 16, 1, 2, dropout=dropout, **options)


def pairs_of(seed: int = 1) -> keras.Model:
    """A row of scores for each token: soon compiled."""
    keras.utils.set_random_seed(seed)
    network = keras.Sequential([keras.layers.Embedding(9, 9)])
    network.vocab_size, network.context = 9, 8
    return network


def weights_of(model) -> np.ndarray:
    return np.concatenate([np.ravel(ops.convert_to_numpy(weight)) for weight in model.weights])


@mostly_fast
def test_it_learns_and_the_losses_are_those_of_evaluate(loop: str) -> None:
    model = model_of()
    before = evaluate(model, OTHER[: 24 * 8 + 1])
    history = train(model, IDS, **{**SHORT, "steps_per_epoch": 32}, validation=OTHER[: 24 * 8 + 1], loop=loop)
    assert len(history.loss) == len(history.val_loss) == history.best_epoch == 3
    assert history.val_loss[-1] == pytest.approx(evaluate(model, OTHER[: 24 * 8 + 1]), abs=1e-5)
    assert history.val_loss[-1] < before - 0.15
    assert not history.ended_early


@only(ENGINE != "torch")
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"padding_id": 8}, id="padding", marks=pytest.mark.slow),
        pytest.param({"tied_head": False, "positions": "rotary"}, id="own head, rotary", marks=pytest.mark.slow),
        pytest.param({"dtype": "mixed_float16"}, id="16-bit floats", marks=pytest.mark.slow),
    ],
)
def test_both_loops_give_the_same_losses_and_weights(options: dict) -> None:
    found = {}
    for loop in LOOPS:
        model = model_of(**options)
        history = train(model, IDS, **SHORT, validation=OTHER, seed=3, loop=loop)
        found[loop] = (history.loss, history.val_loss, weights_of(model))
    tolerance = 2e-2 if "dtype" in options else 2e-5
    for one, other in zip(found["fit"], found["fast"], strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance)
    if not options:
        assert not np.allclose(found["fit"][0], train(model_of(), IDS, **SHORT, seed=4).loss, atol=1e-3)


@pytest.mark.slow
def test_steps_are_those_that_keras_own_train_on_batch_takes() -> None:
    model, own = model_of(), model_of()
    history = train(model, IDS, epochs=1, steps_per_epoch=6, batch=4, seed=2, loop=LOOPS[-1], progress=False)
    own.compile(training_optimizer(6), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = []
    for x, y in random_windows(IDS, 8, 4, seed=2).take(6).as_numpy_iterator():
        losses.append(float(own.evaluate(x, y, verbose=0)))
        own.train_on_batch(x, y)
    assert history.loss[0] == pytest.approx(np.mean(losses), abs=1e-5)
    np.testing.assert_allclose(weights_of(model), weights_of(own), atol=2e-5)


@only(ENGINE != "torch")
@pytest.mark.slow
def test_other_networks_and_their_regularisation_count_alike() -> None:
    found = []
    for loop in LOOPS:
        keras.utils.set_random_seed(0)
        network = LSTMNetwork(9, context=8, width=8)
        network.to_logits.kernel_regularizer = keras.regularizers.L2(0.1)
        network.to_logits.kernel.regularizer = network.to_logits.kernel_regularizer
        found.append(train(network, IDS, **SHORT, loop=loop).loss)
    np.testing.assert_allclose(found[0], found[1], atol=2e-5)


@mostly_fast
@pytest.mark.parametrize(
    "network",
    [
        pytest.param(pairs_of, id="pairs"),
        pytest.param(lambda seed=1: model_of(dropout=0.3, seed=seed), id="dropout", marks=pytest.mark.slow),
    ],
)
def test_a_resumed_run_is_the_unbroken_one(loop: str, network: Callable[..., Any], tmp_path: Path) -> None:
    told = {**SHORT, "validation": OTHER, "patience": 3, "loop": loop, "seed": 5}
    whole = network()
    expected = train(whole, IDS, **told, checkpoint=tmp_path / "whole")

    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations >= 12:  # in the middle of the second epoch
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(network(), IDS, **told, checkpoint=tmp_path / "run", callbacks=[Interrupt()])
    fresh = network(seed=99)  # another process would begin with other weights
    got = train(fresh, IDS, **told, checkpoint=tmp_path / "run")
    assert got == expected
    np.testing.assert_array_equal(weights_of(fresh), weights_of(whole))
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["run", "whole"]


def test_a_finished_run_is_not_trained_again(tmp_path: Path, capsys) -> None:
    model = pairs_of()
    history = train(model, IDS, **SHORT, checkpoint=tmp_path / "run")
    again = pairs_of(seed=9)
    assert train(again, IDS, **{**SHORT, "progress": True}, checkpoint=tmp_path / "run") == history
    np.testing.assert_array_equal(weights_of(again), weights_of(model))
    assert "epoch" not in capsys.readouterr().out


def test_more_epochs_may_be_asked_for_with_an_optimizer_that_knows_no_end(tmp_path: Path) -> None:
    def run(epochs: int, path: Path) -> tuple[float, ...]:
        told = {**SHORT, "epochs": epochs, "optimizer": keras.optimizers.AdamW(1e-2)}
        return train(pairs_of(), IDS, **told, checkpoint=path).loss

    first = run(2, tmp_path / "run")
    longer = run(4, tmp_path / "run")
    assert longer[:2] == first
    assert longer == run(4, tmp_path / "unbroken")


@mostly_fast
def test_patience_ends_the_run_with_the_best_weights(loop: str) -> None:
    model = pairs_of()
    noise = np.random.default_rng(1).integers(0, 9, 65)  # the better the text is learned, the worse on noise
    told = {"epochs": 30, "steps_per_epoch": 8, "batch": 4, "progress": False}
    history = train(model, IDS, **told, validation=noise, patience=2, optimizer=keras.optimizers.Adam(0.02), loop=loop)
    assert history.ended_early
    assert len(history.val_loss) == history.best_epoch + 2 < 30
    assert min(history.val_loss) == history.val_loss[history.best_epoch - 1]
    assert evaluate(model, noise) == pytest.approx(min(history.val_loss), abs=1e-5)


@mostly_fast
def test_callbacks_hear_of_everything_and_may_end_the_run(loop: str, tmp_path: Path) -> None:
    heard = []

    class Listener(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            heard.append(("begin", self.params["epochs"], self.params["steps"]))

        def on_epoch_end(self, epoch, logs=None):
            heard.append((epoch, sorted(logs)))
            self.model.stop_training = epoch == 1

        def on_train_end(self, logs=None):
            heard.append("end")

    told = {**SHORT, "validation": OTHER, "loop": loop, "checkpoint": tmp_path / "run"}
    history = train(pairs_of(), IDS, **told, callbacks=[Listener()])
    assert heard == [("begin", 3, 8), (0, ["loss", "val_loss"]), (1, ["loss", "val_loss"]), "end"]
    assert len(history.loss) == 2
    assert not history.ended_early
    assert len(train(pairs_of(), IDS, **told).loss) == 3  # and it may be gone on with


@mostly_fast
def test_an_epoch_cut_short_is_not_kept(loop: str, tmp_path: Path) -> None:
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = self.model.optimizer.iterations >= 40

    told = {"epochs": 2, "steps_per_epoch": 37, "batch": 2, "progress": False, "loop": loop}  # 37: no whole chunks
    stopped = train(pairs_of(), IDS, **told, checkpoint=tmp_path / "run", callbacks=[Stop()])
    assert len(stopped.loss) == 1
    unbroken = train(pairs_of(), IDS, **told)
    assert train(pairs_of(), IDS, **told, checkpoint=tmp_path / "run").loss == pytest.approx(unbroken.loss, abs=1e-6)


def test_progress_is_a_line_an_epoch(capsys) -> None:
    train(pairs_of(), IDS, **{**SHORT, "progress": True}, validation=OTHER)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3 · loss ")
    assert "val_loss" in lines[1]
    assert "tokens/s" in lines[1]
    assert "left" in lines[1]
    assert "left" not in lines[2]


@mostly_fast
def test_a_run_gone_astray_ends_and_spoils_no_checkpoint(loop: str, tmp_path: Path) -> None:
    class Spoil(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.set_weights([weight * np.nan for weight in self.model.get_weights()])

    told = {**SHORT, "loop": loop, "checkpoint": tmp_path / "run"}
    with pytest.raises(InputError, match=r"loss must be a finite number; got nan in epoch 2.*has the state of epoch 1"):
        train(pairs_of(), IDS, **told, callbacks=[Spoil()])
    assert np.isfinite(train(pairs_of(), IDS, **told).loss).all()


class TestRefused:
    def test_numbers_below_one(self) -> None:
        for name in ("epochs", "steps_per_epoch", "patience"):
            with pytest.raises(InputError, match=f"train: {name} must be 1 or more; got {name}=-1"):
                train(pairs_of(), IDS, **{**SHORT, name: -1}, validation=OTHER)
        with pytest.raises(InputError, match="got patience=0"):
            train(pairs_of(), IDS, **SHORT, validation=OTHER, patience=0)

    def test_patience_without_validation(self) -> None:
        with pytest.raises(InputError, match=r"patience needs a validation text.*got patience=2, validation=None"):
            train(pairs_of(), IDS, **SHORT, patience=2)

    def test_another_loop(self) -> None:
        with pytest.raises(InputError, match="loop must be one of 'fit', 'fast'; got loop='quick'"):
            train(pairs_of(), IDS, **SHORT, loop="quick")

    @only(ENGINE == "torch")
    def test_the_fast_loop_on_pytorch(self) -> None:
        with pytest.raises(InputError, match="the fast loop needs TensorFlow or JAX; got KERAS_BACKEND=torch"):
            train(pairs_of(), IDS, **SHORT, loop="fast")

    def test_texts(self) -> None:
        with pytest.raises(EmptyCorpus, match="at least context"):
            train(pairs_of(), IDS[:8], **SHORT)
        with pytest.raises(EmptyCorpus, match="at least context"):
            train(pairs_of(), IDS, **SHORT, validation=OTHER[:8])
        with pytest.raises(VocabularyError, match=r"ids must lie in 0 … 8; got 9"):
            train(pairs_of(), np.append(IDS, 9), **SHORT)
        with pytest.raises(VocabularyError, match=r"train, validation: ids must lie in 0 … 8; got -1"):
            train(pairs_of(), IDS, **SHORT, validation=np.append(OTHER, -1))

    def test_a_checkpoint_of_another_run(self, tmp_path: Path) -> None:
        path = tmp_path / "run"
        train(pairs_of(), IDS, **{**SHORT, "epochs": 1}, checkpoint=path)
        for other, told in (
            ({"batch": 8}, "batch=4, and this run has batch=8"),
            ({"seed": 1}, "seed=0, and this run has seed=1"),
            # The default's learning rate declines to the end of the run.
            ({"epochs": 9}, r"optimizer\.learning_rate\.config\.decay_steps=7, and this run has .*decay_steps=66\."),
        ):
            with pytest.raises(CheckpointError, match=f"a checkpoint of this very run; got one with {told}"):
                train(pairs_of(), IDS, **{**SHORT, "epochs": 1, **other}, checkpoint=path)
        with pytest.raises(CheckpointError, match="got one with text="):
            train(pairs_of(), IDS[1:], **{**SHORT, "epochs": 1}, checkpoint=path)
        other = keras.Sequential([keras.layers.Embedding(9, 4), keras.layers.Dense(9)])
        other.vocab_size, other.context = 9, 8
        with pytest.raises(CheckpointError, match=r"got one with model\.layers="):
            train(other, IDS, **{**SHORT, "epochs": 1}, checkpoint=path)
        train(model_of(), IDS, **{**SHORT, "epochs": 1}, checkpoint=tmp_path / "transformer")
        wrong = Transformer(9, 8, 16, 1, 4)
        with pytest.raises(CheckpointError, match=r"got one with model\.num_heads=2, and this run has .*num_heads=4"):
            train(wrong, IDS, **{**SHORT, "epochs": 1}, checkpoint=tmp_path / "transformer")

    @pytest.mark.parametrize("damage", ["truncated", "empty", "text", "no checkpoint"])
    def test_a_damaged_checkpoint(self, damage: str, tmp_path: Path) -> None:
        path = tmp_path / "run"
        train(pairs_of(), IDS, **{**SHORT, "epochs": 1}, checkpoint=path)
        whole = path.read_bytes()
        if damage == "no checkpoint":
            with path.open("wb") as file:
                np.savez(file, x=np.zeros(3))
        else:
            path.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "text": b"{}"}[damage])
        with pytest.raises(CheckpointError, match=r"must be a whole checkpoint of lm\.train"):
            train(pairs_of(), IDS, **{**SHORT, "epochs": 1}, checkpoint=path)

    def test_a_checkpoint_of_another_format(self, tmp_path: Path) -> None:
        with (tmp_path / "run").open("wb") as file:
            np.savez(file, told=np.array(json.dumps({"format": 2})))
        with pytest.raises(CheckpointError, match="of format 1; got format 2"):
            train(pairs_of(), IDS, **SHORT, checkpoint=tmp_path / "run")
