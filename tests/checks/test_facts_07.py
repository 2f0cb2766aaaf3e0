"""What lesson 07 says, held to closed forms, to Keras, and to what its prose promises."""

import keras
import numpy as np
import pytest
from keras import ops

from greenlm_edu import lm


def softmax(scores: np.ndarray) -> np.ndarray:
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_the_example_on_paper():
    # Scores 2, 0, 2: e² = 7.389, so the weights are 7.389, 1 and 7.389 over 15.778.
    weights = softmax(np.array([2.0, 0.0, 2.0]))
    assert weights == pytest.approx(np.array([7.389056, 1, 7.389056]) / 15.778112, rel=1e-6)
    assert weights @ [10, 20, 30] == pytest.approx(20)  # symmetric: near the mean of 10 and 30


@pytest.mark.parametrize("size", [4, 64, 256])
def test_the_variance_of_a_dot_product_is_its_size(size: int):
    generator = np.random.default_rng(0)
    q, k = generator.normal(size=(2, 40_000, size))
    products = (q * k).sum(axis=1)
    # The variance of a sample of n spreads by about √(κ/n), κ < 9 here.
    assert products.var() == pytest.approx(size, rel=5 * 3 / np.sqrt(40_000))


def test_divided_by_the_root_the_softmax_is_as_open_at_any_size_and_else_it_closes_or_goes_flat():
    generator = np.random.default_rng(1)

    def passing(size: int, divisor: float) -> float:
        q, k = generator.normal(size=(400, 1, size)), generator.normal(size=(400, 16, size))
        a = softmax((q * k).sum(axis=-1) / divisor)
        return float((a * (1 - a)).sum(axis=1).mean())

    small, large = passing(16, 4), passing(1024, 32)
    assert small == pytest.approx(large, rel=0.05)
    assert passing(1024, 1) < 0.1 < 0.7 < large
    a = np.full(16, 1 / 16)
    assert passing(1024, 1024) == pytest.approx((a * (1 - a)).sum(), rel=0.01)  # even weights


def test_even_scores_under_the_causal_mask_give_row_t_one_over_t():
    causal = np.tril(np.ones((5, 5), bool))
    _, weights = lm.attend(*(np.zeros((1, 1, 5, 4), "float32") for _ in range(3)), visible=causal)
    right = np.tril(np.ones((5, 5))) / np.arange(1, 6)[:, None]
    assert np.asarray(weights)[0, 0] == pytest.approx(right, abs=1e-7)


def test_a_row_that_may_look_nowhere_is_even_and_no_nan():
    _, weights = lm.attend(*(np.ones((1, 1, 3, 4), "float32") for _ in range(3)), visible=np.zeros((3, 3), bool))
    assert np.asarray(weights) == pytest.approx(1 / 3)


def test_the_packages_layer_is_keras_layer_with_the_same_weights_gradients_included():
    import tensorflow as tf

    generator = np.random.default_rng(2)
    ours, theirs = lm.MultiHeadAttention(num_heads=4), keras.layers.MultiHeadAttention(4, 4, use_bias=False)
    x = tf.constant(generator.normal(size=(2, 6, 16)).astype("float32"))
    theirs(x, x)
    ours(x)
    q, k, v, o = (np.asarray(weight).reshape(16, 16) for weight in theirs.get_weights())
    ours.set_weights([np.concatenate([q, k, v], axis=1), o])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        our_out, their_out = ours(x), theirs(x, x, use_causal_mask=True)
        losses = [tf.reduce_sum(tf.sin(out)) for out in (our_out, their_out)]
    assert np.asarray(our_out) == pytest.approx(np.asarray(their_out), abs=1e-5)
    assert np.asarray(tape.gradient(losses[0], x)) == pytest.approx(np.asarray(tape.gradient(losses[1], x)), abs=1e-5)


def test_attention_without_positions_is_permutation_equivariant_and_with_a_causal_mask_it_is_not():
    generator = np.random.default_rng(3)
    x = generator.normal(size=(1, 6, 8)).astype("float32")
    order = np.array([3, 0, 5, 1, 4, 2])
    for causal in (False, True):
        layer = lm.MultiHeadAttention(num_heads=2, causal=causal)
        layer(x)
        layer.set_weights([30 * np.asarray(weight) for weight in layer.get_weights()])
        apart = np.abs(np.asarray(layer(x[:, order])) - np.asarray(layer(x))[:, order]).max()
        assert bool(apart < 1e-5) is (not causal)


def test_operations_of_a_layer_cross_where_the_length_is_twice_the_width():
    # 8·N·d² for the matrices (four, two operations a number), 4·N²·d for scores and mean (two products of N·N·d).
    width = 64
    for length, more in ((127, "matrices"), (129, "scores")):
        matrices, scores = 8 * length * width**2, 4 * length**2 * width
        assert ("matrices" if matrices > scores else "scores") == more


def test_one_mean_cannot_say_whose_is_whose_and_two_can():
    # With equal weights on two notes the mean of their values is the same whichever was asked first.
    values = np.eye(8)
    first, second = 0.5 * values[2] + 0.5 * values[5], 0.5 * values[5] + 0.5 * values[2]
    assert (first == second).all()


def test_a_softmax_is_unchanged_by_a_constant():
    scores = np.array([[1.0, 2.0, 3.0]])
    assert softmax(scores + 1000) == pytest.approx(softmax(scores))
    assert softmax(scores)[0] == pytest.approx([0.09003057, 0.24472847, 0.66524096])
    assert float(ops.convert_to_numpy(ops.softmax(scores))[0, 2]) == pytest.approx(0.66524096)
