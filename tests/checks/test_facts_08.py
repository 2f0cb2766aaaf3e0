"""What lesson 08 says, held to closed forms (Vaswani et al. 2017, section 3.5; Su et al. 2021)."""

import keras
import numpy as np
import pytest

from greenlm_edu import lm


def stamps(time: int, width: int, layout: str = "interleaved") -> np.ndarray:
    return np.asarray(lm.SinusoidalPositions(layout)(np.zeros((1, time, width), "float32")))[0].astype(float)


def frequencies(width: int) -> np.ndarray:
    return 10000.0 ** (-np.arange(0, width, 2) / width)


def test_the_example_by_hand():
    assert stamps(2, 4)[1] == pytest.approx([0.84147098, 0.54030231, 0.00999983, 0.99995], abs=1e-6)


@pytest.mark.parametrize("width", [2, 64, 512])
def test_the_squared_length_is_half_the_width_at_every_place(width: int):
    assert (stamps(300, width) ** 2).sum(axis=1) == pytest.approx(width / 2, rel=1e-5)


@pytest.mark.parametrize(("distance", "product"), [(0, 256), (1, 249.102098), (10, 173.789725), (100, 111.950209)])
def test_the_dot_product_of_width_512_depends_on_the_distance_alone(distance: int, product: float):
    pe = stamps(260, 512)
    for place in (0, 57, 150):
        assert pe[place] @ pe[place + distance] == pytest.approx(product, rel=1e-5)
    assert np.cos(distance * frequencies(512)).sum() == pytest.approx(product, rel=1e-6)


def test_a_step_is_one_rotation_wherever_it_starts():
    pe, width, k = stamps(80, 16), 16, 7
    matrix = np.zeros((width, width))
    for pair, turn in enumerate(k * frequencies(width)):
        at = slice(2 * pair, 2 * pair + 2)
        matrix[at, at] = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    assert matrix @ matrix.T == pytest.approx(np.eye(width), abs=1e-12)
    for place in (0, 5, 60):
        assert matrix @ pe[place] == pytest.approx(pe[place + k], abs=1e-5)


def test_wavelengths_run_from_two_pi_to_nearly_ten_thousand_times_that():
    waves = 2 * np.pi / frequencies(64)
    assert waves[0] == pytest.approx(2 * np.pi)
    assert waves[-1] == pytest.approx(2 * np.pi * 10000 ** (62 / 64))
    assert np.diff(np.log(waves)) == pytest.approx(np.log(10000) * 2 / 64)


def test_neighbours_differ_by_little_and_no_two_places_are_the_same():
    pe = stamps(500, 64)
    assert np.linalg.norm(np.diff(pe, axis=0), axis=1).max() < np.linalg.norm(frequencies(64)) + 1e-4
    apart = np.linalg.norm(pe[:, None] - pe[None], axis=-1) + 10 * np.eye(500)
    assert apart.min() > 0.5


def test_the_layouts_hold_the_same_columns_in_another_order():
    order = np.concatenate([np.arange(0, 16, 2), np.arange(1, 16, 2)])
    assert stamps(50, 16)[:, order] == pytest.approx(stamps(50, 16, "concatenated"))


def test_rotary_scores_depend_on_the_distance_alone_and_lengths_are_kept():
    q, k = np.random.default_rng(0).normal(size=(2, 1, 1, 1, 8)).astype("float32")
    scores = [[float(np.sum(lm.rotate(q, m) * lm.rotate(k, n))) for n in range(12)] for m in range(12)]
    for offset in range(-11, 12):
        assert np.ptp(np.diagonal(scores, offset)) < 1e-4
    assert np.linalg.norm(lm.rotate(q, 11)) == pytest.approx(np.linalg.norm(q), rel=1e-5)
    # The closed form of two features: q·R(Δ)k with Δ = (m − n)·1.
    two_q, two_k = np.array([1.0, 2.0]), np.array([-0.5, 1.5])
    turned = [lm.rotate(v.reshape(1, 1, 1, 2).astype("float32"), p) for v, p in ((two_q, 5), (two_k, 3))]
    c, s = np.cos(2), np.sin(2)
    assert float(np.sum(turned[0] * turned[1])) == pytest.approx(
        c * (two_q @ two_k) + s * (two_q[0] * two_k[1] - two_q[1] * two_k[0]), abs=1e-4
    )


def test_binary_digits_flip_together_from_seven_to_eight():
    digits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    assert np.abs(np.diff(digits, axis=0)).sum(axis=1)[7] == 4
    assert len({tuple(row) for row in digits}) == 16


def test_the_impostor_uses_none_of_its_arguments_and_its_first_loss_is_not_ln_v():
    def impostor(vocab, layers):
        ids = keras.Input((None,), dtype="int32")
        x = keras.layers.Embedding(vocab, 64)(ids)
        for _ in range(layers):
            x = keras.layers.LayerNormalization()(x)
        return keras.Model(ids, keras.layers.Dense(vocab)(x))

    assert impostor(50, 4).count_params() - impostor(50, 2).count_params() == 2 * 2 * 64
    keras.utils.set_random_seed(0)
    model = impostor(50, 2)
    ids = np.random.default_rng(0).integers(0, 50, (8, 32))
    y = np.random.default_rng(1).integers(0, 50, (8, 32))
    losses = [
        float(keras.losses.SparseCategoricalCrossentropy(from_logits=logits)(y, model(ids))) for logits in (False, True)
    ]
    assert abs(losses[0] - np.log(50)) > 2
    # Logits of variance σ² cost about σ²/2 more than even bets.
    variance = float(np.asarray(model(ids)).var())
    assert losses[1] == pytest.approx(np.log(50) + variance / 2, abs=0.3)
    assert (lm.reach(model, ids[0], vocab_size=50) == np.eye(32, dtype=bool)).all()
