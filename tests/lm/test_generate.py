"""Generation: what is drawn, from what it is drawn, and what is refused.

tests/lm/test_backends.py runs this file on JAX and PyTorch too.
"""

import numpy as np
import pytest
from keras import ops

from greenlm_edu.errors import CheckpointError, InputError, VocabularyError
from greenlm_edu.lm import EncoderDecoder, Transformer, draw, generate, token_probabilities
from greenlm_edu.lm.token_probabilities import penalise
from tests.lm import oracle
from tests.lm.backend import numpy, randomise

LOGITS = np.array([1.0, 2.0, 3.0, -1.0])


@pytest.fixture(scope="module")
def model() -> Transformer:
    model = Transformer(vocab_size=9, context=20, width=8, num_layers=2, num_heads=2, positions="rotary")
    randomise(model, np.random.default_rng(3))
    return model


class Fixed:
    """A model without a cache that always gives the same scores."""

    context, vocab_size = 4, 4

    def __init__(self, logits: np.ndarray) -> None:
        self.logits = np.array(logits, np.float32)

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.logits, (*x.shape, 4))


def _greedy(logits_of, tokens: list[int], length: int, context: int, slide: int = 1, penalty: float = 1.0) -> list[int]:
    """Token by token from the oracle, which sees the bare window and keeps nothing."""
    tokens, start = list(tokens), max(0, len(tokens) - context)
    for _ in range(length):
        if len(tokens) - start > context:
            start += slide
        logits = logits_of(np.array([tokens[start:]]))[0, -1].copy()
        for seen in set(tokens):
            logits[seen] = logits[seen] / penalty if logits[seen] > 0 else logits[seen] * penalty
        tokens.append(int(logits.argmax()))
    return tokens


@pytest.mark.parametrize("slide", [1, pytest.param(6, marks=pytest.mark.process), 20])
def test_greedy_equals_the_oracle_over_chunks_and_past_the_context(model: Transformer, slide: int) -> None:
    expected = _greedy(lambda ids: oracle.transformer(model, ids), [4, 1], 34, 20, slide)
    assert len(set(expected)) > 2  # it is no constant that is compared
    np.testing.assert_array_equal(generate(model, [4, 1], 34, temperature=0, slide=slide), expected)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_greedy_equals_the_oracle_with_other_positions(positions: str) -> None:
    model = Transformer(vocab_size=9, context=6, width=8, num_layers=1, num_heads=2, positions=positions)
    randomise(model, np.random.default_rng(5))
    expected = _greedy(lambda ids: oracle.transformer(model, ids), [4], 12, 6)
    np.testing.assert_array_equal(generate(model, [4], 12, temperature=0), expected)


@pytest.mark.parametrize("padding_id", [None, 0])
def test_an_encoder_decoder_writes_what_the_oracle_writes(padding_id: int | None) -> None:
    model = EncoderDecoder(7, 9, context=8, width=8, num_layers=1, num_heads=2, padding_id=padding_id)
    randomise(model, np.random.default_rng(2))
    sources = np.array([[3, 4, 5, 6], [6, 2, 0, 0]])
    written = generate(model, [[1], [1]], 6, temperature=0, source=sources)
    for row, source in zip(written, sources, strict=True):
        of_source = source[None]
        expected = _greedy(lambda ids, s=of_source: oracle.encoder_decoder(model, s, ids), [1], 6, 8)
        np.testing.assert_array_equal(row, expected)


def test_prompt_longer_than_the_context(model: Transformer) -> None:
    prompt = np.arange(50) % 9
    whole = generate(model, prompt, 5, temperature=0)
    np.testing.assert_array_equal(whole[:50], prompt)
    np.testing.assert_array_equal(whole[50:], generate(model, prompt[-20:], 5, temperature=0)[20:])


def test_same_seed_same_text_streamed_or_not(model: Transformer) -> None:
    first, again, other = (generate(model, [0], 40, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (41,)
    assert first.dtype == np.int32
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    heard: list[int] = []
    streamed = generate(model, [0], 40, seed=1, stream=lambda new: heard.extend(new))
    np.testing.assert_array_equal(streamed, first)
    assert heard == list(first[1:])


def test_tokens_are_streamed_as_they_come(model: Transformer) -> None:
    class Enough(Exception):
        pass

    heard: list[int] = []

    def listen(new: np.ndarray) -> None:
        heard.append(int(new[0]))
        if len(heard) == 3:
            raise Enough

    with pytest.raises(Enough):
        generate(model, [0], 1_000_000, seed=1, stream=listen)
    assert heard == list(generate(model, [0], 3, seed=1)[1:])


@pytest.mark.process
def test_rows_of_a_batch_are_what_they_are_alone(model: Transformer) -> None:
    prompts = np.array([[1, 2, 3], [8, 0, 4]])
    together = generate(model, prompts, 30, temperature=0)
    assert together.shape == (2, 33)
    for row, prompt in zip(together, prompts, strict=True):
        np.testing.assert_array_equal(row, generate(model, prompt, 30, temperature=0))


@pytest.mark.process
def test_repetition_penalty_equals_the_oracle(model: Transformer) -> None:
    expected = _greedy(lambda ids: oracle.transformer(model, ids), [4, 1], 25, 20, penalty=1.7)
    assert expected != _greedy(lambda ids: oracle.transformer(model, ids), [4, 1], 25, 20)
    np.testing.assert_array_equal(generate(model, [4, 1], 25, temperature=0, repetition_penalty=1.7), expected)


@pytest.mark.process
def test_a_stop_token_ends_a_text_and_fills_shorter_rows(model: Transformer) -> None:
    prompts = np.array([[4, 1], [7, 3]])
    free = generate(model, prompts, 30, seed=4)
    stop = int(free[0, 6])
    ended = generate(model, prompts, 30, seed=4, stop=stop)
    for row, whole in zip(ended, free, strict=True):
        places = np.flatnonzero(whole[2:] == stop)
        end = 2 + places[0] + 1 if len(places) else len(whole)
        np.testing.assert_array_equal(row[:end], whole[:end])
        assert (row[end:] == stop).all()
    alone = generate(model, [4, 1], 30, seed=4, stop=[stop])
    assert list(alone[2:]).index(stop) == len(alone) - 3  # nothing behind it


def test_changed_weights_need_no_new_model() -> None:
    model = Transformer(vocab_size=9, context=6, width=8, num_layers=1, num_heads=2)
    randomise(model, np.random.default_rng(5))
    before = generate(model, [4], 5, temperature=0)
    randomise(model, np.random.default_rng(6))
    after = generate(model, [4], 5, temperature=0)
    assert list(after) == _greedy(lambda ids: oracle.transformer(model, ids), [4], 5, 6)
    assert list(after) != list(before)


@pytest.mark.process
def test_a_model_without_a_cache_is_asked_window_by_window(model: Transformer) -> None:
    class Bare:
        context, vocab_size = model.context, model.vocab_size

        def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
            return numpy(model(x))

    options = {"seed": 3, "top_k": 4, "repetition_penalty": 1.2, "stop": 8}
    np.testing.assert_array_equal(generate(Bare(), [4, 1], 24, **options), generate(model, [4, 1], 24, **options))


class TestDistribution:
    @pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
    def test_softmax_at_this_temperature(self, temperature: float) -> None:
        found = numpy(token_probabilities(LOGITS[None], temperature))[0]
        np.testing.assert_allclose(found, oracle.softmax(LOGITS / temperature), atol=1e-6)

    def test_draws_follow_the_probabilities(self) -> None:
        probabilities = np.array([0.5, 0.0, 0.3, 0.2, 0.0], np.float32)
        uniform = np.random.default_rng(0).random(50_000, np.float32)
        drawn = numpy(draw(np.broadcast_to(probabilities, (50_000, 5)), uniform)).astype(int)
        np.testing.assert_allclose(np.bincount(drawn, minlength=5) / 50_000, probabilities, atol=0.01)
        edges = np.array([0.0, np.nextafter(np.float32(1), np.float32(0))], np.float32)
        assert list(numpy(draw(np.broadcast_to(probabilities[1:], (2, 4)), edges))) == [1, 2]  # never an impossible one

    def test_top_k_leaves_exactly_k(self) -> None:
        found = numpy(token_probabilities(LOGITS[None], top_k=2))[0]
        np.testing.assert_allclose(found, [0, *oracle.softmax(np.array([2.0, 3.0])), 0], atol=1e-6)
        ties = np.ones((1, 4))
        np.testing.assert_allclose(numpy(token_probabilities(ties, top_k=2))[0], [0.5, 0.5, 0, 0])
        np.testing.assert_allclose(numpy(token_probabilities(ties, top_k=4))[0], [0.25] * 4)

    @pytest.mark.parametrize(
        ("top_p", "expected"),
        [(0.4, [0, 1, 0, 0]), (0.51, [0, 0.625, 0.375, 0]), (0.85, [0.15, 0.5, 0.3, 0.05])],
    )
    def test_top_p_leaves_the_fewest_that_reach_p(self, top_p: float, expected: list[float]) -> None:
        logits = np.log([[0.15, 0.5, 0.3, 0.05]])
        expected = np.array(expected)
        if top_p == 0.85:
            expected = np.array([0.15, 0.5, 0.3, 0]) / 0.95
        np.testing.assert_allclose(numpy(token_probabilities(logits, top_p=top_p))[0], expected, atol=1e-6)

    def test_penalty_makes_seen_tokens_less_likely_whatever_their_sign(self) -> None:
        found = numpy(penalise(LOGITS[None], np.array([[True, False, True, True]]), 2.0))[0]
        np.testing.assert_allclose(found, [0.5, 2, 1.5, -2])

    def test_extreme_temperatures_and_scores_stay_finite(self) -> None:
        assert set(generate(Fixed([1e4, 0.0, -1e4, 9e3]), [0], 50, temperature=1e-6, seed=0)) == {0}
        assert set(generate(Fixed(LOGITS), [0], 20, temperature=1e-45, seed=0)) == {0, 2}
        assert set(generate(Fixed(LOGITS), [0], 100, temperature=1e9, seed=0)) == {0, 1, 2, 3}


def test_length_zero_gives_back_the_prompt(model: Transformer) -> None:
    np.testing.assert_array_equal(generate(model, [3, 2], 0), [3, 2])


def test_nan_weights_are_named_and_not_drawn_from() -> None:
    broken = Transformer(vocab_size=9, context=6, width=8, num_layers=1, num_heads=2)
    broken.token_embedding.table.assign(ops.full((9, 8), float("nan")))
    with pytest.raises(CheckpointError, match=r"scores must be finite numbers; got nan. Its weights are NaN"):
        generate(broken, [1], 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ids": []}, InputError, r"at least one token, .* got shape \(0,\). Start from a single token"),
        ({"ids": [[[1, 2]]]}, InputError, r"got shape \(1, 1, 2\)"),
        ({"ids": [1, 9]}, VocabularyError, r"ids must lie in 0 … 8; got 9"),
        ({"ids": [-1]}, VocabularyError, r"ids must lie in 0 … 8; got -1"),
        ({"stop": 9}, VocabularyError, r"generate, stop: ids must lie in 0 … 8; got 9"),
        ({"temperature": -0.5}, InputError, r"temperature must be 0 or more; got temperature=-0.5"),
        ({"temperature": float("nan")}, InputError, r"got temperature=nan"),
        ({"top_k": 0}, InputError, r"top_k must be 1 or more, or None; got top_k=0"),
        ({"top_p": 0}, InputError, r"top_p must be above 0 and at most 1, or None; got top_p=0. Take 0.9"),
        ({"top_p": 2}, InputError, r"top_p must be above 0 and at most 1, or None; got top_p=2"),
        ({"repetition_penalty": 0}, InputError, r"repetition_penalty must be above 0; got repetition_penalty=0"),
        (
            {"slide": 21},
            InputError,
            r"slide must lie in 1 … context; got slide=21, context=20. Take 1 .*, 10 for speed",
        ),
        ({"length": -1}, InputError, r"length must be 0 or more; got length=-1"),
        ({"source": [1]}, InputError, r"Transformer takes no source; got one. Only an EncoderDecoder reads a source"),
    ],
)
def test_bad_input_is_named(model: Transformer, arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        generate(model, **{"ids": [1], "length": 3, **arguments})


def test_bad_sources_are_named() -> None:
    translator = EncoderDecoder(7, 9, context=8, width=8, num_layers=1, num_heads=2)
    with pytest.raises(InputError, match=r"EncoderDecoder takes a source; got none"):
        generate(translator, [1], 3)
    with pytest.raises(InputError, match=r"source must have a row of ids for each prompt; got shape \(2, 2\) for 1"):
        generate(translator, [1], 3, source=[[1, 2], [3, 4]])
