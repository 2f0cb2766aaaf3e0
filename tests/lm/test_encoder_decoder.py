"""An EncoderDecoder under Keras' own `fit`, on whichever engine it runs: it learns, and padding counts nowhere."""

import keras
import numpy as np
import pytest

from greenlm_edu.errors import InputError
from greenlm_edu.lm import EncoderDecoder, generate, load_model
from tests.lm import oracle
from tests.lm.backend import numpy

START, LENGTH = 1, 5


def pairs(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows to be copied, filled up with 0: what is read, the target with a start before it, and what comes next."""
    random = np.random.default_rng(0)
    source = random.integers(2, 8, (count, LENGTH))
    source[np.arange(LENGTH) >= random.integers(2, LENGTH + 1, (count, 1))] = 0
    target = np.concatenate([np.full((count, 1), START), source[:, :-1]], axis=1)
    return source, np.where(source > 0, target, 0), source


@pytest.mark.slow
def test_it_learns_to_copy_and_padding_has_no_part_in_the_loss() -> None:
    keras.utils.set_random_seed(1)
    model = EncoderDecoder(8, 8, context=8, width=16, num_layers=1, num_heads=2, padding_id=0)
    source, target, after = pairs(512)
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    logits = numpy(model((source[:64], target[:64])))
    chosen = np.take_along_axis(oracle.softmax(logits), after[:64, :, None], axis=-1)[..., 0]  # (batch, time)
    expected = -np.log(chosen[after[:64] > 0]).mean()
    untrained = model.evaluate((source[:64], target[:64]), after[:64], batch_size=64, verbose=0)
    assert untrained == pytest.approx(expected, abs=1e-5)
    history = model.fit((source, target), after, batch_size=32, epochs=12, verbose=0)
    assert history.history["loss"][-1] < 0.5 * untrained
    whole = source[(source > 0).all(axis=1)][:20]
    copied = generate(model, np.full((len(whole), 1), START), LENGTH, temperature=0, source=whole)[:, 1:]
    assert (copied == whole).mean() > 0.8


def small(**options) -> EncoderDecoder:
    keras.utils.set_random_seed(2)
    return EncoderDecoder(9, 9, context=6, width=16, num_layers=1, num_heads=2, positions="rotary", **options)


def test_a_shared_table_is_one_variable_and_both_sides_read_it() -> None:
    apart, shared = small(), small(shared_embedding=True, initial_std=0.3)
    assert apart.count_params() - shared.count_params() == 9 * 16
    before = numpy(shared((np.array([[3, 4]]), np.array([[1, 5]]))))
    table = shared.encoder.token_embedding.table
    changed = numpy(table).copy()
    changed[3] += np.arange(16) / 8  # a token of the source alone
    table.assign(changed)
    after = numpy(shared((np.array([[3, 4]]), np.array([[1, 5]]))))
    assert np.abs(after - before)[..., 5].max() > 1e-6  # through the source
    assert np.abs(after - before)[..., 3].max() > 1e-3  # and as a row of the tied head


def test_a_shared_table_is_saved_once_and_comes_back(tmp_path) -> None:
    model = small(shared_embedding=True, initial_std=0.1)
    pair = (np.array([[3, 4, 8]]), np.array([[1, 5]]))
    model.save(tmp_path / "model.keras")
    assert np.array_equal(numpy(load_model(tmp_path / "model.keras")(pair)), numpy(model(pair)))


def test_the_first_kernels_have_the_spread_that_was_asked_for() -> None:
    for asked in (0.02, 0.1):
        keras.utils.set_random_seed(0)
        model = EncoderDecoder(9, 9, context=6, width=64, num_layers=2, num_heads=2, initial_std=asked)
        kernels = [numpy(weight).std() for weight in model.trainable_variables if weight.path.endswith("kernel")]
        assert len(kernels) == 2 * (4 + 7)  # of two blocks a side; those of the decoder have cross-attention too
        assert np.allclose(kernels, asked, rtol=0.05)
        assert numpy(model.encoder.token_embedding.table).std() == pytest.approx(0.02, rel=0.1)


def test_what_cannot_be_shared_or_begin_is_refused() -> None:
    with pytest.raises(InputError, match="one vocabulary for both sides"):
        EncoderDecoder(9, 8, context=6, width=16, num_layers=1, num_heads=2, shared_embedding=True)
    with pytest.raises(InputError, match="initial_std must be above 0; got 0"):
        small(initial_std=0)
