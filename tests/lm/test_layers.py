"""Each layer by itself, against closed forms, NumPy and Keras."""

import math

import keras
import numpy as np
import pytest

from greenlm_edu.errors import ShapeError
from greenlm_edu.lm import Block, FeedForward, MultiHeadAttention, SinusoidalPositions, TiedHead, TokenEmbedding
from tests.lm import oracle

generator = np.random.default_rng(7)


def _random(*shape: int) -> np.ndarray:
    return generator.normal(size=shape).astype("float32")


def _randomise(layer: keras.layers.Layer) -> None:
    """Weights of a size at which a fault shows: as they start, biases are 0, gains 1 and the softmax nearly flat."""
    layer.set_weights([_random(*weight.shape) * 0.5 + 0.1 for weight in layer.get_weights()])


def _pattern(time: int, features: int) -> np.ndarray:
    return np.asarray(SinusoidalPositions()(np.zeros((1, time, features), "float32")))[0]


class TestSinusoidalPositions:
    def test_values_of_width_four(self) -> None:
        np.testing.assert_allclose(_pattern(2, 4)[0], [0, 1, 0, 1], atol=1e-7)
        np.testing.assert_allclose(_pattern(2, 4)[1], [0.84147098, 0.54030231, 0.00999983, 0.99995000], atol=1e-7)

    def test_squared_length_is_half_the_width(self) -> None:
        np.testing.assert_allclose((_pattern(300, 64) ** 2).sum(-1), 32, rtol=1e-5)

    def test_dot_products_depend_on_distance_alone(self) -> None:
        pattern = _pattern(201, 512).astype(np.float64)
        for distance, expected in ((0, 256), (1, 249.102098), (10, 173.789725), (100, 111.950209)):
            for start in (0, 37, 100):
                assert pattern[start] @ pattern[start + distance] == pytest.approx(expected, abs=2e-3)

    def test_a_step_is_a_rotation(self) -> None:
        pattern, k = _pattern(60, 32).astype(np.float64), 9
        for i in range(16):
            w = 10000 ** (-2 * i / 32)
            turn = np.array([[math.cos(k * w), math.sin(k * w)], [-math.sin(k * w), math.cos(k * w)]])
            pair = slice(2 * i, 2 * i + 2)
            np.testing.assert_allclose(pattern[k:, pair], pattern[:-k, pair] @ turn.T, atol=1e-5)

    def test_long_sequences_keep_their_precision(self) -> None:
        np.testing.assert_allclose(_pattern(2_000, 16), oracle.positions(2_000, 16), atol=2e-4)

    def test_odd_width_is_refused(self) -> None:
        with pytest.raises(ShapeError, match=r"must be even.*got features=5. Take 6"):
            SinusoidalPositions()(np.zeros((1, 2, 5), "float32"))


class TestMultiHeadAttention:
    @pytest.mark.parametrize("use_bias", [False, True])
    @pytest.mark.parametrize(("time", "features", "num_heads"), [(1, 4, 1), (7, 12, 3), (5, 8, 8)])
    def test_equals_numpy(self, time: int, features: int, num_heads: int, use_bias: bool) -> None:
        layer = MultiHeadAttention(num_heads, use_bias=use_bias)
        x = _random(2, time, features)
        layer(x)
        _randomise(layer)
        expected = oracle.attention(
            x.astype(np.float64), layer.inputs_to_qkv.get_weights(), layer.heads_to_outputs.get_weights(), num_heads
        )
        np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)

    def test_equals_keras_with_the_same_weights(self) -> None:
        features, num_heads, size = 12, 3, 4
        ours = MultiHeadAttention(num_heads, use_bias=True)
        keras_layer = keras.layers.MultiHeadAttention(num_heads, size)
        x = _random(2, 6, features)
        ours(x)
        _randomise(ours)
        keras_layer(x, x)
        kernel, bias = ours.inputs_to_qkv.get_weights()
        kernels, biases = np.split(kernel, 3, axis=1), np.split(bias, 3)
        weights = []  # Keras keeps query, key, value in this order, each with an axis for the heads
        for part in range(3):
            weights += [kernels[part].reshape(features, num_heads, size), biases[part].reshape(num_heads, size)]
        kernel, bias = ours.heads_to_outputs.get_weights()
        keras_layer.set_weights([*weights, kernel.reshape(num_heads, size, features), bias])
        np.testing.assert_allclose(ours(x), keras_layer(x, x, use_causal_mask=True), rtol=1e-4, atol=1e-5)

    def test_width_that_the_heads_cannot_share_names_the_nearest(self) -> None:
        with pytest.raises(ShapeError, match=r"got width=128, num_heads=6. Take num_heads=4 or 8, or another width"):
            MultiHeadAttention(6)(np.zeros((1, 2, 128), "float32"))
        with pytest.raises(ShapeError, match=r"got width=8, num_heads=9. Take num_heads=8,"):
            MultiHeadAttention(9)(np.zeros((1, 2, 8), "float32"))
        with pytest.raises(ShapeError, match=r"got width=8, num_heads=0. Take num_heads=1,"):
            MultiHeadAttention(0)(np.zeros((1, 2, 8), "float32"))

    def test_parameters_equal_four_squares_and_four_biases(self) -> None:
        layer = MultiHeadAttention(4, use_bias=True)
        layer.build((None, None, 64))
        assert layer.count_params() == 16_640  # 4·64² + 4·64


def test_feed_forward_equals_numpy() -> None:
    layer = FeedForward(hidden_width=10, use_bias=True)
    x = _random(2, 3, 6)
    layer(x)
    _randomise(layer)
    hidden = oracle.gelu(oracle.linear(x, layer.widen.get_weights()))
    np.testing.assert_allclose(layer(x), oracle.linear(hidden, layer.narrow.get_weights()), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("features", [16, 64])
def test_block_with_biases_has_the_textbook_number_of_parameters(features: int) -> None:
    block = Block(num_heads=2, use_bias=True)
    block.build((None, None, features))
    assert block.count_params() == 12 * features**2 + 13 * features


def test_token_embedding_scales_in_and_ties_out() -> None:
    layer = TokenEmbedding(vocab_size=5, width=4)
    np.testing.assert_allclose(layer(np.array([[3, 0]])), layer.get_weights()[0][[[3, 0]]] * 2, rtol=1e-6)
    x = _random(1, 2, 4)
    np.testing.assert_allclose(TiedHead()(x, layer.table.value), x @ layer.get_weights()[0].T, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (MultiHeadAttention(2, dropout=0.1, use_bias=True), (3, 5, 8)),
        (FeedForward(12), (3, 5, 8)),
        (Block(2, hidden_width=12, dropout=0.1), (3, 5, 8)),
        (SinusoidalPositions(), (3, 5, 8)),
        (TokenEmbedding(7, 8), (3, 5)),
    ],
    ids=lambda value: type(value).__name__,
)
class TestEveryLayer:
    """What each layer owes Keras: symbolic shapes equal eager ones, known beforehand or not; a config; training."""

    def _input(self, shape: tuple[int, ...]) -> np.ndarray:
        return _random(*shape) if len(shape) == 3 else generator.integers(0, 7, shape)

    def test_shapes(self, layer: keras.layers.Layer, shape: tuple[int, ...]) -> None:
        assert tuple(layer(self._input(shape)).shape) == (3, 5, 8)
        for known in (shape, (None, *shape[1:]), (None, None, *shape[2:])):
            symbolic = layer(keras.KerasTensor(known, "float32" if len(shape) == 3 else "int32"))
            assert symbolic.shape == (*known[:2], 8)

    def test_another_length_needs_no_new_layer(self, layer: keras.layers.Layer, shape: tuple[int, ...]) -> None:
        layer(self._input(shape))
        assert tuple(layer(self._input((1, 9, *shape[2:]))).shape) == (1, 9, 8)

    def test_config_gives_an_equal_layer(self, layer: keras.layers.Layer, shape: tuple[int, ...]) -> None:
        x = self._input(shape)
        expected = layer(x)
        twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        assert twin.get_config() == layer.get_config()
        twin(x)
        twin.set_weights(layer.get_weights())
        np.testing.assert_allclose(twin(x), expected, rtol=1e-6)

    def test_functional_model_of_unknown_length(self, layer: keras.layers.Layer, shape: tuple[int, ...]) -> None:
        inputs = keras.Input((None, *shape[2:]), dtype="float32" if len(shape) == 3 else "int32")
        model = keras.Model(inputs, layer(inputs))
        x = self._input(shape)
        np.testing.assert_allclose(model.predict_on_batch(x), layer(x), rtol=1e-4, atol=1e-5)
