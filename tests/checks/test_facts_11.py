"""What lesson 11 says, held to closed forms, to its texts and to the libraries of the field."""

import re

import keras
import numpy as np
import pytest
import sacrebleu

from greenlm_edu import corpora, lm
from greenlm_edu.corpora import energy_reports

CONSUMERS = ("heating", "cooling", "lighting", "ventilation", "the kitchen", "the lifts", "the servers")


@pytest.fixture(scope="module")
def reports() -> list:
    return energy_reports.read(examples=2_000).train


def test_what_is_said_of_dates_in_words():
    pairs = corpora.load("dates_and_numbers").train
    seen = sum(pair.kind == "date in words" for pair in pairs)
    assert 1_900 < seen < 2_100  # “some two thousand”
    assert pytest.approx(73_000, rel=0.001) == 200 * 365.2425


def test_whoever_picks_the_largest_blindly_is_right_in_29_per_cent(reports: list):
    named = [sum(name in pair.source.lower() for name in CONSUMERS) for pair in reports]
    assert set(named) == {3, 4}
    assert np.mean([1 / many for many in named]) == pytest.approx(0.29, abs=0.005)


def test_the_seven_consumers_are_named_about_equally_often(reports: list):
    largest = [pair.target.split("most for ")[1] for pair in reports]
    shares = [largest.count(name) / len(largest) for name in CONSUMERS]
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0.11
    assert max(shares) < 0.18
    assert sum(name.startswith("the ") for name in CONSUMERS) == 3


def test_bleu_by_hand_of_a_date_with_one_wrong_sign():
    # 11 signs; the last but one is wrong: p₁ = 10/11, p₂ = 8/10, p₃ = 7/9, p₄ = 6/8.
    by_hand = 100 * (10 / 11 * 8 / 10 * 7 / 9 * 6 / 8) ** 0.25
    found = sacrebleu.sentence_bleu(
        "二〇〇七年五月二十四日", ["二〇〇七年五月二十三日"], tokenize="char", smooth_method="none"
    )
    assert found.score == pytest.approx(by_hand)


def test_rouge_l_of_more_and_less():
    assert lm.rouge(["the library used more"], ["the library used less"], "L") == pytest.approx(0.75)


def test_the_table_of_the_beam():
    sums, log_probs = np.array([-0.4, -1.2]), np.array([[-2.3, -0.7, -0.9], [-0.2, -2.5, -2.3]])
    totals = sums[:, None] + log_probs
    assert np.round(totals, 1).tolist() == [[-2.7, -1.1, -1.3], [-1.4, -3.7, -3.5]]
    assert np.argsort(-totals, axis=None)[:2].tolist() == [1, 2]


def test_an_untrained_model_has_the_masks_that_are_listed():
    keras.utils.set_random_seed(0)
    model = lm.EncoderDecoder(20, 20, 12, width=16, num_layers=1, num_heads=2, positions="rotary", initial_std=0.2)
    source, read = np.array([5, 6, 7, 8, 0, 0]), np.array([1, 9, 10, 11])
    memory, mask = (np.asarray(part) for part in model.read(source[None]))

    def written(memory: np.ndarray, read: np.ndarray) -> object:
        masks = np.repeat(mask, len(memory), axis=0)
        return model.scores(model.decoder(read, memory, memory_mask=masks))

    across = lm.reach(written, memory[0], read)
    assert across.tolist() == [[bool(one)] * 4 for one in mask[0]]
    back = lm.reach(written, memory[0], read, change=1, vocab_size=20, never=(0,))
    assert back.tolist() == np.triu(np.ones((4, 4), bool)).tolist()


def test_a_quote_holds_the_answer():
    from greenlm_edu.corpora import questions

    for question in questions.read(examples=500, places=1).train:
        if question.start is None:
            assert question.answer == ""
            continue
        begin = question.passage.rfind(". ", 0, question.start) + 1
        quote = question.passage[begin : question.passage.find(".", question.start)]
        assert question.answer in quote
        assert not re.search(r"\.", quote)
