"""What lesson 09 says, held to closed forms and to Keras."""

import math

import keras
import numpy as np
import pytest

from greenlm_edu import lm


def test_the_normalisation_by_hand():
    x = np.array([[1.0, 3.0, 5.0, 7.0]], "float32")
    layer = keras.layers.LayerNormalization(epsilon=1e-5, center=False)
    right = (x - 4) / math.sqrt(5 + 1e-5)  # mean 4, variance (9 + 1 + 1 + 9) / 4
    assert np.asarray(layer(x)) == pytest.approx(right, abs=1e-6)
    assert right[0] == pytest.approx([-1.34, -0.45, 0.45, 1.34], abs=0.005)


def test_a_normalised_vector_has_mean_0_and_variance_v_over_v_plus_epsilon():
    x = np.random.default_rng(0).normal(size=(5, 64)).astype("float32") * 0.01
    y = np.asarray(keras.layers.LayerNormalization(epsilon=1e-5, center=False)(x)).astype(float)
    assert y.mean(axis=1) == pytest.approx(0, abs=1e-6)
    variance = x.astype(float).var(axis=1)
    assert y.var(axis=1) == pytest.approx(variance / (variance + 1e-5), rel=1e-4)


def test_gelu_is_x_times_the_share_of_a_normal_distribution_below_x():
    x = np.array([-8.0, -1.0, 0.0, 1.0, 8.0], "float32")
    right = [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x.tolist()]
    assert np.asarray(keras.activations.gelu(x)) == pytest.approx(right, abs=1e-6)
    assert right[0] == pytest.approx(0, abs=1e-6)
    assert right[-1] == pytest.approx(8, abs=1e-6)


def test_a_block_that_has_learned_nothing_does_no_harm():
    block = lm.Block(num_heads=2)
    x = np.random.default_rng(1).normal(size=(1, 4, 8)).astype("float32")
    block(x)
    block.set_weights([weight * 0 if weight.ndim == 2 else weight for weight in map(np.asarray, block.weights)])
    assert np.asarray(block(x)) == pytest.approx(x)


def test_a_block_has_12_d_squared_in_its_matrices_and_2_d_in_its_gains():
    block = lm.Block(num_heads=4)
    block(np.zeros((1, 3, 128), "float32"))
    shapes = [tuple(weight.shape) for weight in block.weights]
    assert shapes == [(128,), (128, 384), (128, 128), (128,), (128, 512), (512, 128)]  # the order of the lesson
    assert block.count_params() == 12 * 128**2 + 2 * 128


def test_warm_up_rises_to_the_highest_rate_and_then_declines_to_a_twentieth():
    schedule = lm.training_optimizer(1200, 4e-3)._learning_rate
    rates = [float(schedule(step)) for step in range(1201)]
    assert rates[0] == 0
    assert int(np.argmax(rates)) == 100
    assert max(rates) == pytest.approx(4e-3)
    assert rates[1200] == pytest.approx(4e-3 / 20, rel=0.01)
    assert (np.diff(rates[:101]) > 0).all()
    assert (np.diff(rates[101:]) < 0).all()
