"""The whole model: against NumPy, in what it may see, and in whether it learns."""

import math
import time as clock
from pathlib import Path

import keras
import numpy as np
import pytest

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.lm import Transformer, evaluate
from tests.lm import oracle

generator = np.random.default_rng(11)


def _small(**options: object) -> Transformer:
    sizes = {"vocab_size": 11, "context": 9, "width": 12, "num_layers": 2, "num_heads": 3}
    return Transformer(**{**sizes, **options})


def _randomise(model: Transformer) -> None:
    model.set_weights([generator.normal(size=w.shape) * 0.3 + 0.05 for w in model.get_weights()])


@pytest.mark.parametrize("time", [1, 5, 9])
@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("tied_head", [False, True])
def test_logits_equal_those_of_numpy(time: int, use_bias: bool, tied_head: bool) -> None:
    model = _small(use_bias=use_bias, tied_head=tied_head)
    _randomise(model)
    ids = generator.integers(0, 11, (3, time))
    np.testing.assert_allclose(model(ids), oracle.transformer(model, ids), rtol=1e-5, atol=1e-5)


def test_no_token_sees_the_future() -> None:
    model = _small()
    _randomise(model)
    ids = generator.integers(0, 11, (1, 9))
    before = np.asarray(model(ids))
    for changed in range(9):
        other = ids.copy()
        other[0, changed] = (other[0, changed] + 1) % 11
        after = np.asarray(model(other))
        np.testing.assert_array_equal(after[0, :changed], before[0, :changed])
        # Each later one does see it.
        assert np.abs(after[0, changed:] - before[0, changed:]).max(axis=-1).min() > 1e-4


@pytest.mark.parametrize("vocab_size", [27, 104, 1_000])
@pytest.mark.parametrize("tied_head", [False, True])
def test_loss_starts_at_the_log_of_the_vocabulary(vocab_size: int, tied_head: bool) -> None:
    model = Transformer(vocab_size, context=64, tied_head=tied_head, num_layers=2)
    ids = generator.integers(0, vocab_size, 2_000)
    assert evaluate(model, ids) == pytest.approx(math.log(vocab_size), rel=0.05)


@pytest.mark.parametrize(("vocab", "context", "width", "layers", "heads"), [(104, 64, 128, 4, 4), (11, 9, 12, 2, 3)])
def test_number_of_parameters(vocab: int, context: int, width: int, layers: int, heads: int) -> None:
    # attention 4d², feed-forward 8d², two gains a block and one at the end; biases: 9d in maps, 2d in norms, a block.
    bare = layers * (12 * width**2 + 2 * width) + vocab * width + width
    biases = layers * (9 * width + 2 * width) + width
    sizes = (vocab, context, width, layers, heads)
    assert Transformer(*sizes).count_params() == bare
    assert Transformer(*sizes, use_bias=True).count_params() == bare + biases
    assert Transformer(*sizes, tied_head=False).count_params() == bare + vocab * width
    assert Transformer(*sizes, use_bias=True, tied_head=False).count_params() == bare + biases + vocab * width + vocab


@pytest.mark.process
def test_one_batch_is_learned_by_heart_with_compiled_steps() -> None:
    keras.utils.set_random_seed(0)
    model = Transformer(vocab_size=20, context=16, width=32, num_layers=2, num_heads=2)
    ids = generator.integers(0, 20, (8, 17))
    ids[:, 0] = range(8)  # rows that began alike could not be told apart, and their loss would have a floor
    x, y = ids[:, :-1], ids[:, 1:]
    model.compile(
        optimizer=keras.optimizers.Adam(1e-2),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
    )
    started = clock.monotonic()
    for _ in range(300):
        loss = float(model.train_on_batch(x, y))
        if loss < 0.02:
            break
    assert loss < 0.02
    assert clock.monotonic() - started < 60


def test_keras_file_gives_back_the_same_model(tmp_path: Path) -> None:
    model = _small(dropout=0.1, use_bias=True, tied_head=False)
    _randomise(model)
    ids = generator.integers(0, 11, (2, 9))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, Transformer)
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(ids), model(ids))


def test_weights_file_gives_back_the_same_model(tmp_path: Path) -> None:
    model, other = _small(), _small()
    ids = generator.integers(0, 11, (2, 9))
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(ids), model(ids))


def test_dropout_acts_in_training_only() -> None:
    model = _small(dropout=0.5)
    ids = generator.integers(0, 11, (2, 9))
    np.testing.assert_array_equal(model(ids), model(ids))
    assert np.abs(np.asarray(model(ids, training=True)) - np.asarray(model(ids, training=True))).max() > 1e-3


def test_symbolic_and_eager_shapes_agree() -> None:
    model = _small()
    assert tuple(model(np.zeros((3, 7), "int32")).shape) == (3, 7, 11)
    for known in ((None, 7), (None, None), (3, 7)):
        assert model(keras.KerasTensor(known, "int32")).shape == (*known, 11)


def test_same_seed_same_weights() -> None:
    models = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        models.append(_small().get_weights())
    assert all((a == b).all() for a, b in zip(*models, strict=True))


def test_blocks_start_with_different_weights() -> None:
    model = _small()
    first, second = model.blocks[0].attention, model.blocks[1].attention
    assert np.abs(first.inputs_to_qkv.get_weights()[0] - second.inputs_to_qkv.get_weights()[0]).max() > 1e-3
    maps = first.inputs_to_qkv.get_weights()[0][:, :12], first.heads_to_outputs.get_weights()[0]
    assert np.abs(maps[0] - maps[1]).max() > 1e-3


def test_sequence_longer_than_the_context_says_what_to_do() -> None:
    with pytest.raises(ShapeError, match=r"got time=10, context=9. Cut the sequence to its last 9 tokens"):
        _small()(np.zeros((1, 10), "int32"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"width": 128, "num_heads": 6}, ShapeError, r"got width=128, num_heads=6. Take num_heads=4 or 8"),
        ({"width": 9}, ShapeError, r"width must be even.*got width=9. Take 10"),
        ({"vocab_size": 0}, InputError, r"vocab_size must be a whole number, 1 or more; got vocab_size=0"),
        ({"context": 1.5}, InputError, r"context must be a whole number, 1 or more; got context=1.5"),
        ({"dropout": 1.0}, InputError, r"dropout must be at least 0 and below 1; got dropout=1.0"),
    ],
)
def test_sizes_that_cannot_be_are_named(options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        _small(**options)
