"""An EncoderDecoder under Keras' own `fit`, on whichever engine it runs: it learns, and padding counts nowhere."""

import keras
import numpy as np
import pytest

from greenlm_edu.lm import EncoderDecoder, generate
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
