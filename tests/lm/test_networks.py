"""The networks before the Transformer: what they see, against NumPy; and every model behind one interface."""

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlm_edu.errors import EmptyCorpus, InputError, VocabularyError
from greenlm_edu.lm import (
    InterpolatedNGram,
    KneserNey,
    LanguageModel,
    LSTMNetwork,
    NeuralNGram,
    NGram,
    TrainedNetwork,
    Transformer,
    evaluate,
)
from tests.lm import oracle
from tests.lm.backend import numpy

pytestmark = pytest.mark.process  # they train

networks = pytest.mark.parametrize(
    "network",
    [
        NeuralNGram(7, order=2, width=4, hidden_width=6, context=8),
        NeuralNGram(7, order=4, width=4, hidden_width=6, context=8),
        LSTMNetwork(7, context=8, width=4, num_layers=2),
        Transformer(7, context=8, width=4, num_layers=1, num_heads=2),
    ],
    ids=["pairs", "runs of four", "LSTM", "Transformer"],
)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("order", [2, 3, 5])
def test_neural_ngram_equals_numpy(order: int) -> None:
    network = NeuralNGram(7, order=order, width=4, hidden_width=6)
    table, hidden, hidden_bias, out, out_bias = (np.asarray(w, np.float64) for w in network.get_weights())
    ids = np.array([[3, 1, 4, 1, 5, 2]])
    padded = [7] * (order - 2) + ids[0].tolist()
    rows = np.array([np.concatenate([table[token] for token in padded[t : t + order - 1]]) for t in range(6)])
    expected = np.tanh(rows @ hidden + hidden_bias) @ out + out_bias
    np.testing.assert_allclose(numpy(network(ids))[0], expected, atol=1e-5)


def test_lstm_equals_numpy() -> None:
    network = LSTMNetwork(7, width=4)
    table, kernel, recurrent, bias, out, out_bias = (np.asarray(w, np.float64) for w in network.get_weights())
    ids = np.array([[3, 1, 4, 1, 5, 2]])
    shown, memory, expected = np.zeros(4), np.zeros(4), []
    for token in ids[0]:
        write, keep, new, show = np.split(table[token] @ kernel + shown @ recurrent + bias, 4)
        memory = _sigmoid(keep) * memory + _sigmoid(write) * np.tanh(new)
        shown = _sigmoid(show) * np.tanh(memory)
        expected.append(shown @ out + out_bias)
    np.testing.assert_allclose(numpy(network(ids))[0], expected, atol=1e-5)


@networks
def test_no_network_sees_the_future(network: keras.Model) -> None:
    ids = np.array([[3, 1, 4, 1, 5, 2, 0, 6]])
    before = numpy(network(ids))
    for place in range(8):
        changed = ids.copy()
        changed[0, place] = (changed[0, place] + 1) % 7
        moved = np.abs(numpy(network(changed)) - before).max(axis=-1)[0]  # (time,)
        assert (moved[:place] == 0).all()
        assert moved[place] > 0
        if isinstance(network, NeuralNGram):
            assert (moved[place + network.order - 1 :] == 0).all()


@networks
def test_network_is_saved_and_comes_back_equal(network: keras.Model, tmp_path: Path) -> None:
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    ids = np.array([[3, 1, 4, 1]])
    np.testing.assert_array_equal(numpy(again(ids)), numpy(network(ids)))


@networks
@settings(max_examples=20, deadline=None)
@given(history=st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_probabilities_sum_to_one_after_any_history(network: keras.Model, history: list[int]) -> None:
    probabilities = np.exp(TrainedNetwork(network).log_probs(history))
    assert probabilities.shape == (7,)
    assert probabilities.sum() == pytest.approx(1, abs=1e-9)


@networks
def test_log_prob_of_a_text_is_that_of_its_tokens_within_a_window(network: keras.Model) -> None:
    model = TrainedNetwork(network)
    ids = np.array([3, 1, 4, 1, 5, 2, 0, 6, 5])  # 8 predictions: one window
    one_by_one = [model.log_probs(ids[:end])[ids[end]] for end in range(1, 9)]
    np.testing.assert_allclose(model.log_prob(ids), one_by_one, atol=1e-5)
    np.testing.assert_allclose(
        model.log_prob(ids),
        np.log(oracle.softmax(numpy(network(ids[None, :-1])))[0, range(8), ids[1:]]),
        atol=1e-5,
    )


@networks
def test_evaluate_takes_the_network_or_the_model(network: keras.Model) -> None:
    ids = np.random.default_rng(0).integers(0, 7, 50)
    assert evaluate(network, ids) == pytest.approx(evaluate(TrainedNetwork(network), ids), rel=1e-6)


MODELS = {
    "NGram": lambda: NGram(2),
    "InterpolatedNGram": lambda: InterpolatedNGram(3),
    "KneserNey": lambda: KneserNey(3),
    "NeuralNGram": lambda: TrainedNetwork(NeuralNGram(5, 3, width=8, hidden_width=16, context=8), steps=160),
    "LSTMNetwork": lambda: TrainedNetwork(LSTMNetwork(5, context=8, width=16), steps=160, learning_rate=1e-2),
    "Transformer": lambda: TrainedNetwork(Transformer(5, 8, width=16, num_layers=1, num_heads=2), steps=160),
}


@pytest.mark.process
@pytest.mark.parametrize("name", MODELS)
def test_every_model_learns_scores_and_samples_behind_one_interface(name: str) -> None:
    keras.utils.set_random_seed(0)
    model: LanguageModel = MODELS[name]()
    assert isinstance(model, LanguageModel)
    ids = np.arange(400) % 5
    assert model.fit(ids, vocab_size=5) is model
    assert model.vocab_size == 5
    assert model.log_probs([2, 3]).argmax() == 4
    assert model.log_prob(ids[:40]).shape == (39,)
    assert evaluate(model, ids[:41]) < 0.3
    drawn = model.sample(10, seed=1, prompt=[0, 1, 2])
    assert (drawn.dtype, drawn.shape) == (np.int32, (10,))
    assert np.mean(np.diff([2, *drawn.tolist()]) % 5 == 1) > 0.7
    np.testing.assert_array_equal(model.sample(6, seed=3), model.sample(6, seed=3))


def test_bad_input_is_named() -> None:
    network = NeuralNGram(7, context=8)
    model = TrainedNetwork(network)
    with pytest.raises(VocabularyError, match=r"vocab_size must be the network's, 7; got 9"):
        model.fit(np.arange(7), vocab_size=9)
    with pytest.raises(VocabularyError, match=r"fit: ids must lie in 0 … 6; got 7"):
        model.fit(np.arange(20), vocab_size=7)
    with pytest.raises(EmptyCorpus, match=r"context \+ 1 tokens; got 5 tokens"):
        model.fit(np.arange(5), vocab_size=7)
    with pytest.raises(EmptyCorpus, match=r"log_probs: there must be at least 1 tokens; got 0"):
        model.log_probs([])
    with pytest.raises(InputError, match="a model not fitted needs a prompt"):
        model.sample(3)
    with pytest.raises(InputError, match="got steps=0"):
        TrainedNetwork(network, steps=0)
    with pytest.raises(InputError, match="order must be 2 or more; got order=1"):
        NeuralNGram(7, order=1)
    with pytest.raises(InputError, match="width must be 1 or more; got width=0"):
        LSTMNetwork(7, width=0)
    with pytest.raises(InputError, match=r"dropout must be at least 0 and below 1; got dropout=1"):
        LSTMNetwork(7, dropout=1)
