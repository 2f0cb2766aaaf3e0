"""Every layer and both models against NumPy and Keras, outputs and gradients.

These tests name no engine: tests/lm/test_backends.py runs this file once more on JAX and on PyTorch.
"""

import keras
import numpy as np
import pytest
from keras import ops

from greenlm_edu.lm import (
    Block,
    CrossAttention,
    EncoderDecoder,
    FeedForward,
    LearnedPositions,
    MultiHeadAttention,
    SinusoidalPositions,
    Transformer,
)
from greenlm_edu.lm.feed_forward import ACTIVATIONS
from greenlm_edu.lm.rotate import rotate
from greenlm_edu.lm.stack import POSITIONS
from tests.lm import oracle
from tests.lm.backend import check_gradients, gradients, numpy, randomise

CLOSE = {"rtol": 1e-4, "atol": 2e-5}
MASK = np.array([[True, True, True, False, False], [True, False, True, True, True]])  # the first place always counts


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(7)


def _vectors(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.normal(size=shape).astype("float32")


def _check(layer, run, expected, generator) -> None:
    """Outputs and gradients of a built and randomised layer."""
    np.testing.assert_allclose(numpy(run()), expected(), **CLOSE)
    check_gradients(layer, run, expected, generator)


@pytest.mark.parametrize("mask", [None, MASK], ids=["", "padding"])
@pytest.mark.parametrize("options", [{}, {"causal": False}, {"rotary": True, "use_bias": True}], ids=str)
def test_attention(options: dict, mask, generator) -> None:
    x = _vectors(generator, 2, 5, 12)
    layer = MultiHeadAttention(3, **options)
    layer(x)
    randomise(layer, generator)
    _check(layer, lambda: layer(x, mask=mask), lambda: oracle.self_attention_of(layer, x, mask), generator)


@pytest.mark.parametrize("mask", [None, MASK], ids=["", "padding"])
def test_cross_attention(mask, generator) -> None:
    x, memory = _vectors(generator, 2, 4, 8), _vectors(generator, 2, 5, 6)
    layer = CrossAttention(2, use_bias=True)
    layer(x, memory)
    randomise(layer, generator)
    _check(
        layer,
        lambda: layer(x, memory, memory_mask=mask),
        lambda: oracle.cross_attention_of(layer, x, memory, mask),
        generator,
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_feed_forward(activation: str, generator) -> None:
    x = _vectors(generator, 2, 3, 6)
    layer = FeedForward(10, use_bias=True, activation=activation)
    layer(x)
    randomise(layer, generator)
    _check(layer, lambda: layer(x), lambda: oracle.feed_forward(layer, x), generator)


@pytest.mark.parametrize("layout", ["interleaved", "concatenated"])
@pytest.mark.parametrize("start", [0, 3])
def test_sinusoidal_positions(layout: str, start: int, generator) -> None:
    x = _vectors(generator, 2, 5, 8)
    expected = x + oracle.positions(start + 5, 8, layout)[start:]
    np.testing.assert_allclose(numpy(SinusoidalPositions(layout)(x, start=start)), expected, atol=1e-5)


def test_learned_positions(generator) -> None:
    x = _vectors(generator, 2, 5, 8)
    layer = LearnedPositions(9)
    layer(x)
    table = numpy(layer.table)
    np.testing.assert_allclose(numpy(layer(x)), x + table[:5], atol=1e-6)
    np.testing.assert_allclose(numpy(layer(x, start=4)), x + table[4:], atol=1e-6)


def test_rotary_positions(generator) -> None:
    x = _vectors(generator, 2, 3, 5, 8)
    expected = [[[oracle.rotated(head[t], 7 + t) for t in range(5)] for head in row] for row in x]
    np.testing.assert_allclose(numpy(rotate(x, start=7)), expected, atol=1e-5)


def test_rotated_products_depend_on_the_distance_alone(generator) -> None:
    query, key = (np.broadcast_to(_vectors(generator, 8), (1, 1, 40, 8)) for _ in range(2))
    products = numpy(rotate(query))[0, 0] @ numpy(rotate(key))[0, 0].T  # (time, time)
    for distance in range(-39, 40):
        along = np.diagonal(products, distance)
        np.testing.assert_allclose(along, along[0], atol=1e-4)
    assert np.ptp(products) > 0.5


@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("cross", [False, True])
def test_block(norm: str, cross: bool, generator) -> None:
    x, memory = _vectors(generator, 2, 5, 8), _vectors(generator, 2, 5, 8)
    layer = Block(2, 12, use_bias=True, activation="relu", norm=norm, cross=cross, causal=cross)
    given = {"memory": memory, "memory_mask": MASK} if cross else {"mask": MASK}
    layer(x, **given)
    randomise(layer, generator)
    _check(layer, lambda: layer(x, **given), lambda: oracle.block(layer, x, **given), generator)


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("norm", ["pre", "post"])
@pytest.mark.parametrize("padding_id", [None, 0])
def test_transformer(positions: str, norm: str, padding_id, generator) -> None:
    options = {"positions": positions, "norm": norm, "padding_id": padding_id, "use_bias": norm == "post"}
    model = Transformer(11, 9, 8, 2, 2, tied_head=norm == "pre", **options)
    randomise(model, generator)
    ids = generator.integers(1, 11, (2, 6))
    ids[0, 4:] = 0
    expected = oracle.transformer(model, ids)
    np.testing.assert_allclose(numpy(model(ids)), expected, **CLOSE)
    if padding_id is None:
        check_gradients(model, lambda: model(ids), lambda: oracle.transformer(model, ids), generator)


@pytest.mark.parametrize(("positions", "norm"), [("sinusoidal", "post"), ("learned", "pre"), ("rotary", "pre")])
@pytest.mark.parametrize("padding_id", [None, 0])
def test_encoder_decoder(positions: str, norm: str, padding_id, generator) -> None:
    model = EncoderDecoder(7, 11, 9, 8, 1, 2, positions=positions, norm=norm, padding_id=padding_id)
    randomise(model, generator)
    source, target = generator.integers(1, 7, (2, 5)), generator.integers(1, 11, (2, 4))
    source[0, 3:] = 0
    _check(
        model,
        lambda: model((source, target)),
        lambda: oracle.encoder_decoder(model, source, target),
        generator,
    )


def _weights_for_keras(kernels: list[np.ndarray], biases: list[np.ndarray], outputs, num_heads: int) -> list:
    """Keras keeps query, key and value in this order, each with an axis for the heads."""
    features, size = kernels[0].shape[0], kernels[0].shape[1] // num_heads
    weights = []
    for kernel, bias in zip(kernels, biases, strict=True):
        weights += [kernel.reshape(kernel.shape[0], num_heads, size), bias.reshape(num_heads, size)]
    kernel, bias = outputs
    return [*weights, kernel.reshape(num_heads, size, features), bias]


@pytest.mark.parametrize("cross", [False, True])
def test_attention_equals_that_of_keras_outputs_and_gradients(cross: bool, generator) -> None:
    features, heads = 12, 3
    x, memory = _vectors(generator, 2, 5, features), _vectors(generator, 2, 5, features)
    theirs = keras.layers.MultiHeadAttention(heads, features // heads)
    if cross:
        ours = CrossAttention(heads, use_bias=True)
        ours(x, memory)
        theirs(x, memory)
    else:
        ours = MultiHeadAttention(heads, use_bias=True)
        ours(x)
        theirs(x, x)
    randomise(ours, generator)
    if cross:
        kernel, bias = ours.memory_to_keys_and_values.get_weights()
        kernels = [ours.inputs_to_query.get_weights()[0], *np.split(kernel, 2, axis=1)]
        biases = [ours.inputs_to_query.get_weights()[1], *np.split(bias, 2)]
    else:
        kernel, bias = ours.inputs_to_qkv.get_weights()
        kernels, biases = np.split(kernel, 3, axis=1), np.split(bias, 3)
    outputs = ours.heads_to_outputs.get_weights()
    theirs.set_weights(_weights_for_keras(kernels, biases, outputs, heads))

    def of_ours(values):
        if cross:
            return ours(values, memory, memory_mask=MASK)
        return ours(values, mask=MASK)

    def of_theirs(values):
        if cross:
            return theirs(values, memory, attention_mask=MASK[:, None, :])
        return theirs(values, values, attention_mask=MASK[:, None, :], use_causal_mask=True)

    np.testing.assert_allclose(numpy(of_ours(x)), numpy(of_theirs(x)), **CLOSE)
    pull = _vectors(generator, 2, 5, features)
    variable = keras.Variable(x)
    ours_found = gradients(
        lambda: ops.sum(ops.multiply(of_ours(variable.value), pull)), [variable, ours.heads_to_outputs.kernel]
    )
    theirs_found = gradients(
        lambda: ops.sum(ops.multiply(of_theirs(variable.value), pull)), [variable, theirs.weights[6]]
    )
    np.testing.assert_allclose(ours_found[0], theirs_found[0], **CLOSE)
    np.testing.assert_allclose(ours_found[1], theirs_found[1].reshape(features, features), **CLOSE)


@pytest.mark.parametrize("positions", POSITIONS)
def test_cache_equals_the_full_forward(positions: str, generator) -> None:
    model = Transformer(11, 9, 8, 2, 2, positions=positions)
    randomise(model, generator)
    ids = generator.integers(0, 11, (2, 9)).astype("int32")
    whole = numpy(model.decoder(ids))
    cache = model.decoder.start_cache(2, 9)
    pieces, start = [], 0
    for length in (4, 1, 1, 3):
        x, cache = model.decoder(ids[:, start : start + length], cache=cache, start=start)
        pieces.append(numpy(x))
        start += length
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=1e-5)


def test_attention_weights_are_where_the_output_comes_from(generator) -> None:
    model = Transformer(11, 9, 8, 2, 2, padding_id=0)
    ids = np.array([[3, 1, 4, 0, 0], [2, 7, 1, 8, 2]])
    first, second = (numpy(weights) for weights in model.attention_weights(ids))
    assert first.shape == second.shape == (2, 2, 5, 5)
    np.testing.assert_allclose(second.sum(-1), 1, atol=1e-5)
    assert (np.triu(second[1, 0], 1) == 0).all()  # nobody sees the future
    assert (first[0, :, :, 3:] == 0).all()  # or padding
    translator = EncoderDecoder(7, 11, 9, 8, 2, 2)
    weights = [numpy(w) for w in translator.attention_weights((ids % 7, ids[:, :3]))]
    assert [w.shape for w in weights] == [(2, 2, 3, 5)] * 2
    assert (weights[0][0, :, :, 3:] == 0).all()


def test_one_step_of_training_takes_the_loss_and_the_gradient_that_numpy_gives(generator) -> None:
    """Through compile and train_on_batch, with the padding left out of the loss."""
    model = Transformer(11, 9, 8, 1, 2, padding_id=0)
    randomise(model, generator)
    ids = generator.integers(1, 11, (2, 7))
    ids[0, 4:] = 0
    x, y = ids[:, :-1], ids[:, 1:]
    counted = x != 0

    def loss() -> float:
        return oracle.cross_entropy(oracle.transformer(model, x), y, counted)

    table = model.token_embedding.table
    before, direction, step = numpy(table), generator.normal(size=table.shape), 1e-5
    losses = []
    for sign in (1, -1):
        oracle.changed[id(table)] = before + sign * step * direction
        losses.append(loss())
    del oracle.changed[id(table)]
    expected = loss()
    model.compile(
        keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile="auto"
    )
    # Keras divides by the number of places that the mask leaves.
    assert float(model.train_on_batch(x, y)) == pytest.approx(expected, rel=1e-5)
    moved = (numpy(table) - before) / -0.5  # SGD: the gradient itself
    assert float((moved * direction).sum()) == pytest.approx((losses[0] - losses[1]) / (2 * step), rel=1e-3)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_weights_in_32_bits_and_stays_near(policy: str, generator) -> None:
    whole = Transformer(11, 9, 16, 2, 2, use_bias=True)
    mixed = Transformer(11, 9, 16, 2, 2, use_bias=True, dtype=policy)
    mixed.set_weights(whole.get_weights())
    ids = generator.integers(0, 11, (2, 9))
    logits = mixed(ids)
    assert keras.backend.standardize_dtype(logits.dtype) == policy.removeprefix("mixed_")
    assert {weight.dtype for weight in mixed.trainable_weights} == {"float32"}
    np.testing.assert_allclose(numpy(logits), numpy(whole(ids)), atol=0.02)
    translator = EncoderDecoder(7, 11, 9, 8, 1, 2, dtype=policy)
    assert np.isfinite(numpy(translator((ids % 7, ids)))).all()


def test_shapes_are_known_before_any_value(generator) -> None:
    model = Transformer(11, 9, 8, 1, 2, positions="rotary", padding_id=0)
    translator = EncoderDecoder(7, 11, 9, 8, 1, 2)
    for known in ((None, 7), (None, None), (3, 7)):
        ids = keras.KerasTensor(known, "int32")
        assert model(ids).shape == (*known, 11)
        assert translator((keras.KerasTensor((known[0], 5), "int32"), ids)).shape == (*known, 11)
    inputs = keras.Input((None,), dtype="int32")
    functional = keras.Model(inputs, model(inputs))
    ids = generator.integers(0, 11, (2, 6))
    np.testing.assert_allclose(numpy(functional(ids)), numpy(model(ids)), **CLOSE)


def test_fully_padded_row_stays_finite() -> None:
    model = Transformer(11, 9, 8, 2, 2, padding_id=0)
    assert np.isfinite(numpy(model(np.zeros((1, 4), "int32")))).all()


@pytest.mark.process
def test_keras_file_gives_back_equal_models(tmp_path, generator) -> None:
    ids = generator.integers(1, 7, (2, 5))
    options = {"use_bias": True, "dropout": 0.1, "norm": "post", "activation": "silu", "hidden_width": 12}
    for positions in POSITIONS:
        for model, given in (
            (Transformer(11, 9, 8, 2, 2, tied_head=False, positions=positions, padding_id=0, **options), ids),
            (EncoderDecoder(7, 11, 9, 8, 1, 2, positions=positions, **options), (ids, ids)),
        ):
            randomise(model, generator)
            path = tmp_path / "model.keras"
            model.save(path)
            loaded = keras.models.load_model(path)
            assert loaded.get_config() == model.get_config()
            np.testing.assert_array_equal(numpy(loaded(given)), numpy(model(given)))


@pytest.mark.slow
def test_an_encoder_decoder_is_trained_through_fit_with_padding_left_out_of_the_loss(generator) -> None:
    model = EncoderDecoder(7, 11, 9, 8, 1, 2)
    randomise(model, generator)
    source, target = generator.integers(1, 7, (2, 5)), generator.integers(1, 11, (2, 6))
    source[0, 3:] = 0
    target[1, 4:] = 0
    x, y = target[:, :-1], target[:, 1:]
    expected = oracle.cross_entropy(oracle.encoder_decoder(model, source, x), y, x != 0)
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit((source, x), y, epochs=6, batch_size=2, verbose=0)
    assert history.history["loss"][0] == pytest.approx(expected, rel=1e-5)
    assert history.history["loss"][-1] < 0.9 * expected
