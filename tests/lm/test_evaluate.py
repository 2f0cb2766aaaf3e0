"""The loss of a model on a text, against arithmetic by hand."""

import math

import numpy as np
import pytest

from greenlm_edu.errors import EmptyCorpus
from greenlm_edu.lm import Transformer, evaluate
from tests.lm import oracle


class Constant:
    """A model whose logits depend on nothing: the logarithms of some probabilities, and any number added."""

    context = 8

    def __init__(self, probabilities: list[float], shift: float = 0.0) -> None:
        self.logits = np.log(probabilities) + shift

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.logits, (*x.shape, len(self.logits)))


def test_uniform_model_needs_the_log_of_the_vocabulary() -> None:
    ids = np.random.default_rng(0).integers(0, 27, 500)
    assert evaluate(Constant([1 / 27] * 27), ids) == pytest.approx(math.log(27), rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1_000.0, -1_000.0])
def test_constant_model_by_hand(shift: float) -> None:
    ids = np.array([0, 0, 1, 2, 0, 1, 0, 0, 0, 3, 0])  # predicted: six 0, two 1, one 2, one 3
    nats = -(6 * math.log(0.5) + 2 * math.log(0.25) + math.log(0.125) + math.log(0.125)) / 10
    assert evaluate(Constant([0.5, 0.25, 0.125, 0.125], shift), ids) == pytest.approx(nats, rel=1e-9)


def test_loss_does_not_depend_on_the_batch_size() -> None:
    model = Transformer(vocab_size=13, context=8, width=16, num_layers=1, num_heads=2)
    model.set_weights([np.random.default_rng(1).normal(size=w.shape) * 0.5 for w in model.get_weights()])
    ids = np.random.default_rng(2).integers(0, 13, 203)
    expected, predictions = 0.0, 0
    for start in range(0, 202, 8):
        x, y = ids[start : min(start + 8, 202)], ids[start + 1 : start + 9]
        probabilities = oracle.softmax(oracle.transformer(model, x[np.newaxis]))[0]
        expected -= float(np.log(probabilities[np.arange(len(x)), y]).sum())
        predictions += len(x)
    for batch in (1, 7, 32, 100):
        assert evaluate(model, ids, batch=batch) == pytest.approx(expected / predictions, rel=1e-5)
    assert predictions == 202


def test_too_short_a_text_is_refused() -> None:
    with pytest.raises(EmptyCorpus, match="at least 2 tokens"):
        evaluate(Constant([0.5, 0.5]), np.zeros(1, int))
