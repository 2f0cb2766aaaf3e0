"""Lesson 04's mathematics, against closed forms, finite differences, autodiff and Keras."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from greenlm_edu.checks import exercises

SOLVED: dict[str, Any] = {}
for exercise in exercises("04"):
    exec(exercise.given, SOLVED)
    exec(exercise.solution, SOLVED)
cross_entropy, gradient, adam_step = SOLVED["cross_entropy"], SOLVED["gradient"], SOLVED["adam_step"]
learning_rate_limit, dropout = SOLVED["learning_rate_limit"], SOLVED["dropout"]


def test_cross_entropy_of_one_two_three_is_the_known_figure():
    # FACTS 5a: softmax(1, 2, 3) = (0.09003057, 0.24472847, 0.66524096), CE of index 2 = 0.40760596
    assert cross_entropy(np.array([[1.0, 2.0, 3.0]]), np.array([2])) == pytest.approx(0.40760596, abs=5e-9)


def test_even_bets_are_surprised_by_the_logarithm_of_the_vocabulary():
    for vocab, known in ((27, 3.295837), (65, 4.174387), (50257, 10.824905)):
        assert cross_entropy(np.zeros((2, vocab)), np.array([0, vocab - 1])) == pytest.approx(known, abs=1e-6)


def test_cross_entropy_is_keras_and_does_not_see_a_shift_of_the_logits():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(7, 5)), rng.integers(0, 5, 7)
    by_keras = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(targets, logits.astype("float32"))
    assert cross_entropy(logits, targets) == pytest.approx(float(by_keras), abs=1e-6)
    assert cross_entropy(logits + 1e4, targets) == pytest.approx(cross_entropy(logits, targets), abs=1e-9)


def test_cross_entropy_of_a_hopeless_logit_is_its_distance():
    assert cross_entropy(np.array([[0.0, 1000.0]]), np.array([0])) == pytest.approx(1000.0)


def test_gradient_is_that_of_finite_differences_and_of_autodiff():
    rng = np.random.default_rng(1)
    x, weights, targets = rng.normal(size=(6, 3)), rng.normal(size=(3, 4)), rng.integers(0, 4, 6)
    found = gradient(x, weights, targets)
    for place in np.ndindex(weights.shape):
        step = np.zeros_like(weights)
        step[place] = 1e-5
        slope = (cross_entropy(x @ (weights + step), targets) - cross_entropy(x @ (weights - step), targets)) / 2e-5
        assert found[place] == pytest.approx(slope, abs=1e-9)
    w = tf.Variable(weights)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, tf.constant(x) @ w))
    assert found == pytest.approx(tape.gradient(loss, w).numpy(), abs=1e-12)


def test_the_table_in_the_lesson_is_the_gradient_of_one_example():
    # logits whose softmax is p, so that p − y = (0.2, 0.3, −0.5) for y = 2
    logits = np.log([0.2, 0.3, 0.5])
    weights = np.stack([logits, np.zeros(3)])  # x = (1, 2): 1·logits + 2·0
    assert gradient(np.array([[1.0, 2.0]]), weights, np.array([2])) == pytest.approx(
        np.array([[0.2, 0.3, -0.5], [0.4, 0.6, -1.0]])
    )


def test_the_squared_errors_slope_carries_the_factor_that_vanishes():
    z = 1e-6
    for logit in (-8.0, -1.0, 0.0, 3.0):
        p = 1 / (1 + math.exp(-logit))

        def squared(at: float) -> float:
            return (1 / (1 + math.exp(-at)) - 1) ** 2

        slope = (squared(logit + z) - squared(logit - z)) / (2 * z)
        assert slope == pytest.approx(2 * (p - 1) * p * (1 - p), abs=1e-9)


def test_softmax_squared_errors_gradient_is_the_lessons_formula():
    z, y = tf.Variable([0.5, -1.0, 2.0], dtype=tf.float64), 1
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((tf.nn.softmax(z) - tf.one_hot(y, 3, dtype=tf.float64)) ** 2)
    p = tf.nn.softmax(z).numpy()
    apart = p - np.eye(3)[y]
    assert 2 * p * (apart - (p * apart).sum()) == pytest.approx(tape.gradient(loss, z).numpy(), abs=1e-12)


def test_descent_converges_below_the_limit_and_diverges_above_it():
    rng = np.random.default_rng(2)
    x, y = rng.normal(1, 2, size=(40, 3)), rng.normal(size=40)
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    for share, converges in ((0.99, True), (1.01, False)):
        w = np.zeros(3)
        for _ in range(3000):
            w = w - share * learning_rate_limit(x) * 2 * x.T @ (x @ w - y) / len(x)
        assert bool(np.abs(w - best).max() < 1e-3) is converges


def test_the_limit_of_one_weight_is_worked_out_by_hand():
    assert learning_rate_limit(np.array([[1.0], [3.0]])) == pytest.approx(0.2)  # λ = 2·(1 + 9)/2 = 10
    assert learning_rate_limit(np.array([[10.0], [30.0]])) == pytest.approx(0.002)  # what the exercise says at the end


def test_adams_first_step_is_the_learning_rate_times_the_sign():
    g = np.array([1e-3, -5.0, 400.0])
    w, _, _ = adam_step(np.zeros(3), g, np.zeros(3), np.zeros(3), 1)
    assert w == pytest.approx(-0.01 * g / (np.abs(g) + 1e-8), rel=1e-9)


def test_adam_moves_by_the_learning_rate_for_a_steady_gradient():
    w = m = v = 0.0
    for t in range(1, 200):
        before = w
        w, m, v = adam_step(w, 2.5, m, v, t)
        assert before - w == pytest.approx(0.01, rel=1e-6)


def test_adam_is_keras_over_many_steps():
    rng = np.random.default_rng(3)
    w = rng.normal(size=5)
    m, v, theirs = np.zeros(5), np.zeros(5), keras.Variable(w, dtype="float64")
    optimizer = keras.optimizers.Adam(0.01, epsilon=1e-8)
    for t in range(1, 41):
        g = rng.normal(size=5)
        w, m, v = adam_step(w, g, m, v, t)
        optimizer.apply([tf.constant(g)], [theirs])
        # Keras holds 0.999 in float32, 1.3e-8 off; 1 − β is off by 1.3e-5 of itself, its root by half of that.
        assert w == pytest.approx(np.asarray(theirs), abs=1e-7 * t)


def test_dropout_keeps_the_mean_and_drops_the_share_that_it_says():
    rng = np.random.default_rng(4)
    for rate in (0.1, 0.5, 0.8):
        out = dropout(np.ones(400_000), rng.random(400_000), rate)
        four_spreads = 4 * math.sqrt(rate * (1 - rate) / out.size)
        assert np.mean(out == 0) == pytest.approx(rate, abs=four_spreads)
        assert out.mean() == pytest.approx(1.0, abs=four_spreads / (1 - rate))
        assert set(np.unique(out).round(9)) == {0.0, round(1 / (1 - rate), 9)}


def test_dropout_takes_the_values_of_keras():
    out = np.asarray(keras.layers.Dropout(0.3, seed=1)(np.ones((100, 100), "float32"), training=True))
    ours = dropout(np.ones((100, 100)), np.random.default_rng(1).random((100, 100)), 0.3)
    assert np.unique(ours) == pytest.approx(np.unique(out), rel=1e-6)


def test_l2_is_weight_decay_for_descent_and_not_for_adam():
    rate, charge, g = 0.01, 0.1, np.array([0.001, 10.0])
    w = np.ones(2)
    assert w - rate * (g + charge * w) == pytest.approx((1 - rate * charge) * w - rate * g)
    by_l2, _, _ = adam_step(w, g + charge * w, np.zeros(2), np.zeros(2), 1)
    by_decay, _, _ = adam_step((1 - rate * charge) * w, g, np.zeros(2), np.zeros(2), 1)
    assert by_decay == pytest.approx(by_l2 - rate * charge * w, rel=1e-4)  # the whole decay is missing under L2
    assert np.abs(by_l2 - by_decay).min() > 0.9 * rate * charge
