"""Lesson 06's mathematics against arithmetic by hand, closed forms and Keras."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from greenlm_edu import corpora, lm
from greenlm_edu.checks import exercises

SOLVED: dict[str, dict] = {}
for exercise in exercises("06"):
    names: dict = {}
    exec(exercise.given, names)
    exec(exercise.solution, names)
    SOLVED[exercise.name] = names

pad = SOLVED["06.pad"]["pad"]
masked_mean = SOLVED["06.masked_mean"]["masked_mean"]
precision_recall_f1 = SOLVED["06.f_score"]["precision_recall_f1"]
folds = SOLVED["06.folds"]["folds"]
cross_validate = SOLVED["06.leak"]["cross_validate"]


def test_pad_equals_keras_told_to_pad_and_cut_behind():
    import keras

    rows = [[3, 4, 5, 6, 7], [], [9], [1, 2, 3]]
    for length in (1, 3, 5, 8):
        wanted = keras.utils.pad_sequences(rows, length, padding="post", truncating="post")
        assert pad(rows, length).tolist() == wanted.tolist()


def test_keras_pads_and_cuts_in_front_where_nothing_is_said():
    import keras

    assert keras.utils.pad_sequences([[5, 6, 7], [1, 2, 3, 4, 9]], 4).tolist() == [[0, 5, 6, 7], [2, 3, 4, 9]]


def test_the_tiny_review_of_the_lesson_by_hand():
    # Words (1, 0), (0.5, 0.5), (2, 0.5); padding (-0.3, -1). Sum of the words: (3.5, 1).
    table = np.array([[-0.3, -1.0], [0.0, 0.0], [1.0, 0.0], [0.5, 0.5], [2.0, 0.5]])
    for places in (4, 8, 100):
        ids = np.array([[2, 3, 4] + [0] * (places - 3)])
        assert masked_mean(table[ids], ids != 0) == pytest.approx(np.array([[3.5 / 3, 1 / 3]]))
        unmasked = table[ids].mean(axis=1)[0]
        assert unmasked == pytest.approx((np.array([3.5, 1.0]) + (places - 3) * table[0]) / places)
        if places < 9:  # one place of padding: praise, 0.8; five: (3.5 − 1.5 + 1 − 5) / 8, blame
            assert unmasked.sum() == pytest.approx(0.8 if places == 4 else -0.25)


def test_an_unmasked_mean_tends_to_the_paddings_own_vector():
    rng = np.random.default_rng(0)
    words, padding = rng.normal(size=(5, 3)), rng.normal(size=3)
    for places in (50, 5_000):
        mean = np.concatenate([words, np.tile(padding, (places - 5, 1))]).mean(axis=0)
        # The distance to the padding is 5 / places of the words' distance to it, exactly.
        assert mean - padding == pytest.approx(5 / places * (words.mean(axis=0) - padding))


def test_masked_mean_equals_keras_and_keras_says_nan_where_there_is_no_word():
    import keras

    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(4, 6, 3)).astype("float32")
    mask = np.arange(6) < np.array([6, 3, 1, 0])[:, None]
    theirs = np.asarray(keras.layers.GlobalAveragePooling1D()(vectors, mask=keras.ops.array(mask)))
    ours = masked_mean(vectors, mask)
    assert np.abs(ours[:3] - theirs[:3]).max() < 1e-6
    assert np.isnan(theirs[3]).all()
    assert ours[3].tolist() == [0, 0, 0]


def test_f1_by_hand():
    # 10 were praise, 8 were called so, 6 rightly: precision 6/8, recall 6/10, F1 2·6/(8 + 10).
    y = np.array([1] * 10 + [0] * 10)
    y_hat = np.array([1] * 6 + [0] * 4 + [1] * 2 + [0] * 8)
    table, macro = precision_recall_f1(y, y_hat, 2)
    assert table[1] == pytest.approx([6 / 8, 6 / 10, 12 / 18])
    assert table[0] == pytest.approx([8 / 12, 8 / 10, 16 / 22])
    assert macro == pytest.approx((12 / 18 + 16 / 22) / 2)


def test_f1_equals_keras():
    import keras

    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 5, 300), rng.random((300, 5))
    table, macro = precision_recall_f1(y, p.argmax(axis=1), 5)
    one_hot = np.eye(5, dtype="float32")[y]
    assert table[:, 2] == pytest.approx(np.asarray(keras.metrics.F1Score(average=None)(one_hot, p)), abs=1e-6)
    assert macro == pytest.approx(float(keras.metrics.F1Score(average="macro")(one_hot, p)), abs=1e-6)
    micro = float(keras.metrics.F1Score(average="micro")(one_hot, p))
    assert micro == pytest.approx(np.mean(y == p.argmax(axis=1)), abs=1e-6)  # one label each: micro F1 is accuracy
    for c in range(5):
        ours = table[c, :2]
        for metric, value in zip((keras.metrics.Precision(), keras.metrics.Recall()), ours, strict=True):
            assert value == pytest.approx(float(metric(y == c, p.argmax(axis=1) == c)), abs=1e-6)


def test_f1_lies_between_the_smaller_figure_and_twice_it():
    for right, false, missed in product(range(1, 5), range(5), range(5)):
        y = np.array([1] * (right + missed) + [0] * (false + 1))
        y_hat = np.array([1] * right + [0] * missed + [1] * false + [0])
        precision, recall, f1 = precision_recall_f1(y, y_hat, 2)[0][1]
        assert min(precision, recall) - 1e-12 <= f1 <= 2 * min(precision, recall) + 1e-12
        assert f1 == pytest.approx(2 / (1 / precision + 1 / recall))


def test_recall_one_and_precision_one_in_a_hundred_make_an_f1_of_about_two_in_a_hundred():
    y = np.array([1] + [0] * 99)
    assert precision_recall_f1(y, np.ones(100, int), 2)[0][1] == pytest.approx([0.01, 1, 0.02 / 1.01])


def test_every_example_is_held_out_once():
    for n, k in product((5, 7, 23), (2, 3, 5)):
        pairs = folds(n, k, 0)
        assert sorted(np.concatenate([held_out for _, held_out in pairs]).tolist()) == list(range(n))
        for train, held_out in pairs:
            assert sorted([*train, *held_out]) == list(range(n))
            assert len(held_out) in (n // k, -(-n // k))


def test_on_coin_flips_an_honest_estimate_is_near_one_half_and_the_leak_is_not():
    most_telling, centroids, nearest = (SOLVED["06.leak"][name] for name in ("most_telling", "centroids", "nearest"))
    honest, leaking = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, y = (rng.random((100, 500)) < 0.3).astype(float), rng.integers(0, 2, 100)
        fold_of = np.arange(100) % 5
        honest.append(cross_validate(x, y, fold_of, 20))
        words = most_telling(x, y, 20)
        leaking.append(cross_validate(x[:, words], y, fold_of, 20))
        means = centroids(x[:50], y[:50])
        assert set(nearest(x[50:], means)) <= {0, 1}
    # 2,000 coin flips: the mean of honest estimates has a standard error of about 1.1 % (more, as folds share data).
    assert abs(np.mean(honest) - 0.5) < 0.05
    assert np.mean(leaking) > 0.75


def test_a_perfect_reader_agrees_with_labels_as_often_as_these_are_true():
    for name, noise in (("reviews", 0.05), ("intents", 0.04)):
        collection = corpora.load(name)
        true = np.mean([one.label == one.true_label for one in collection.train])
        assert abs(true - (1 - noise)) < 3 * math.sqrt(noise * (1 - noise) / len(collection.train))


def test_naive_bayes_of_the_lesson_by_bayes_rule():
    # P(good | praise) = 1/2, P(good | blame) = 1/4, classes alike: "good good" has odds (1/2)² : (1/4)² = 4.
    praise, blame = 0.5 * 0.5**2, 0.5 * 0.25**2
    assert praise / blame == 4
    assert praise / (praise + blame) == pytest.approx(0.8)


def test_text_vectorization_gives_the_ids_of_the_word_tokenizer():
    import keras

    tokenizer = lm.WordTokenizer.fit("a b c a b a", unknown="<unk>", special=["<pad>"])
    layer = keras.layers.TextVectorization(
        standardize=None, split="whitespace", vocabulary=list(tokenizer.words[2:])
    )  # fmt: skip
    assert np.asarray(layer(["c a z b"]))[0].tolist() == tokenizer.encode("c a z b").tolist() == [4, 2, 1, 3]


def test_a_masked_lstm_stands_still_at_padding():
    import keras

    keras.utils.set_random_seed(0)
    table = keras.layers.Embedding(7, 4, mask_zero=True)
    lstm = keras.layers.Bidirectional(keras.layers.LSTM(3))
    short, long = np.array([[2, 3, 4]]), np.array([[2, 3, 4, 0, 0, 0]])
    assert np.abs(np.asarray(lstm(table(short))) - np.asarray(lstm(table(long)))).max() < 1e-6
    assert np.asarray(lstm(table(np.zeros((1, 4), int)))).tolist() == [[0.0] * 6]


def test_a_mask_around_convolution_and_maximum_makes_padding_harmless():
    import keras
    from keras import layers, ops

    keras.utils.set_random_seed(0)
    table, conv = (
        layers.Embedding(9, 4),
        layers.Conv1D(6, 5, padding="same", activation="relu", bias_initializer="ones"),
    )

    def pooled(ids):
        mask = ops.cast(ops.not_equal(ids, 0), "float32")[:, :, None]
        return np.asarray(layers.GlobalMaxPooling1D()(conv(table(ids) * mask) * mask))

    ids = np.array([[2, 5, 3, 8, 1, 4]])
    padded = np.pad(ids, ((0, 0), (0, 9)))
    assert np.abs(pooled(ids) - pooled(padded)).max() < 1e-6
    assert pooled(np.zeros((1, 5), int)).tolist() == [[0.0] * 6]
    assert not layers.Conv1D(1, 5).supports_masking
