"""Scores do not depend on how texts are cut, packed or filled up."""

import math

import numpy as np
import pytest

from greenlm_edu.errors import CheckpointError, EmptyCorpus, InputError, ShapeError, VocabularyError
from greenlm_edu.lm import LSTMNetwork, NeuralNGram, NGram, Scores, Transformer, evaluate, scores
from tests.lm import oracle

VOCAB, CONTEXT = 13, 8


def _random(network: Transformer | NeuralNGram | LSTMNetwork) -> Transformer | NeuralNGram | LSTMNetwork:
    generator = np.random.default_rng(1)
    network.set_weights([generator.normal(size=w.shape) * 0.5 for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def transformer() -> Transformer:
    return _random(Transformer(VOCAB, CONTEXT, width=16, num_layers=1, num_heads=2))


@pytest.fixture(scope="module")
def texts() -> list[np.ndarray]:
    """Lengths from 1 token, of which nothing is predicted, to three windows; no token is the last id, 12."""
    generator = np.random.default_rng(2)
    return [generator.integers(0, VOCAB - 1, length) for length in (5, 1, 20, 9, 2, 8, 7, 17, 3)]


def test_ragged_and_padded_texts_score_alike_at_any_batch_size(
    transformer: Transformer, texts: list[np.ndarray]
) -> None:
    nats, tokens = 0.0, 0
    for text in texts:
        for start in range(0, len(text) - 1, CONTEXT):
            x, y = text[start : min(start + CONTEXT, len(text) - 1)], text[start + 1 : start + CONTEXT + 1]
            probabilities = oracle.softmax(oracle.transformer(transformer, x[np.newaxis]))[0]
            nats -= float(np.log(probabilities[np.arange(len(x)), y]).sum())
            tokens += len(x)
    padded = np.full((len(texts), 25), 12)
    for row, text in zip(padded, texts, strict=True):
        row[: len(text)] = text
    for batch in (1, 7, 64):
        ragged = scores(transformer, texts, batch=batch)
        assert ragged.tokens == tokens == sum(len(text) - 1 for text in texts)
        assert ragged.nats == pytest.approx(nats, rel=1e-5)
        assert scores(transformer, padded, padding=12, batch=batch).nats == pytest.approx(nats, rel=1e-5)
        assert evaluate(transformer, padded, padding=12, batch=batch) == pytest.approx(nats / tokens, rel=1e-5)


@pytest.mark.parametrize("kind", [NeuralNGram, LSTMNetwork])
def test_other_networks_score_alike_at_any_batch_size(kind: type, texts: list[np.ndarray]) -> None:
    network = _random(kind(VOCAB, context=CONTEXT, width=6))
    one = scores(network, texts, batch=1)
    for batch in (7, 64):
        assert scores(network, texts, batch=batch).nats == pytest.approx(one.nats, rel=1e-5)


def test_counting_model_is_scored_by_its_own_log_prob(texts: list[np.ndarray]) -> None:
    model = NGram(3).fit(texts[2], VOCAB)
    expected = -sum(model.log_prob(text).sum() for text in texts if len(text) > 1)
    assert scores(model, texts).nats == pytest.approx(expected, rel=1e-12)
    bigram = NGram(2).fit(texts[2], VOCAB)
    assert evaluate(bigram, texts[7]) == pytest.approx(bigram.cross_entropy(texts[7]), rel=1e-12)


def test_figures_by_hand() -> None:
    found = Scores(nats=6 * math.log(4), tokens=6, characters=24)
    assert found.cross_entropy == pytest.approx(math.log(4))
    assert found.perplexity == pytest.approx(4)
    assert found.bits_per_token == pytest.approx(2)
    assert found.bits_per_character == pytest.approx(0.5)
    assert str(found) == "1.3863 nats a token, perplexity 4.00, 0.500 bits a character (6 tokens)"
    with pytest.raises(InputError, match=r"characters must be known; got characters=None"):
        _ = Scores(1.0, 1).bits_per_character


def test_bits_per_character_do_not_change_with_the_tokenizer() -> None:
    # 16 letters, each one of 4 at even odds, once letter by letter and once in pairs, which are one of 16.
    letters = scores(NGram(1, add_k=1e9).fit(np.arange(4), 4), np.arange(17) % 4, characters=16)
    pairs = scores(NGram(1, add_k=1e9).fit(np.arange(16), 16), np.arange(9), characters=16)
    assert letters.bits_per_character == pytest.approx(pairs.bits_per_character) == pytest.approx(2)
    assert letters.perplexity != pytest.approx(pairs.perplexity)


def test_bad_input_is_named(transformer: Transformer) -> None:
    for nothing in ([], [np.array([1])], np.full((3, 4), 7)):
        with pytest.raises(EmptyCorpus, match="at least 2 tokens; got none that does"):
            scores(transformer, nothing, padding=7)
    with pytest.raises(InputError, match="batch must be 1 or more; got batch=0"):
        scores(transformer, np.arange(5), batch=0)
    with pytest.raises(VocabularyError, match=r"Transformer: ids must lie in 0 … 12; got 13"):
        scores(transformer, np.array([1, 13]))
    with pytest.raises(VocabularyError, match=r"ids must lie in 0 … 12; got -1"):
        scores(transformer, np.array([1, -1]))
    with pytest.raises(ShapeError, match=r"must be a row of whole numbers, \(time,\); got shape \(3,\) of float64"):
        scores(transformer, np.zeros(3))
    with pytest.raises(ShapeError, match=r"got shape \(2, 2\)"):
        scores(transformer, np.zeros((2, 2, 2), int))


def test_nan_weights_are_named_and_never_scored() -> None:
    broken = Transformer(VOCAB, CONTEXT, width=16, num_layers=1, num_heads=2)
    broken.set_weights([w * np.nan for w in broken.get_weights()])
    with pytest.raises(CheckpointError, match="logits must be numbers; got NaN"):
        scores(broken, np.arange(5))
