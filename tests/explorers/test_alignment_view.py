"""The alignment explorer shows the weights that the model has, and trains a model where there is none."""

import keras
import numpy as np
import pytest

from greenlm_edu import lm
from greenlm_edu.errors import InputError, VocabularyError
from greenlm_edu.explorers import alignment_view
from greenlm_edu.explorers.alignment_view import _labels
from greenlm_edu.explorers.small_models import small_translator

SOURCE_IDS = {"3": 3, " ": 4, "May": 5}
TARGET_IDS = {"三": 3, "月": 4, "五": 5}
EXAMPLES = [(["3", " ", "May"], ["五", "月", "三"]), (["May"], ["五", "月"])]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    return lm.EncoderDecoder(6, 6, context=8, width=16, num_layers=2, num_heads=2, initial_std=0.3)


def test_the_words_tell_the_models_own_weights(model):
    told = alignment_view(model, EXAMPLES, SOURCE_IDS, TARGET_IDS, block=1, head=1).set(place=1).view().text
    read, begun = np.array([[3, 4, 5]]), np.array([[1, 5, 4]])
    row = np.asarray(model.attention_weights((read, begun))[1])[0, 1, 1]
    best = int(row.argmax())
    assert told.startswith(
        f"block 1, head 1: before it writes “月” (place 1) it looks at “{EXAMPLES[0][0][best]}” at {best} "
        f"({row[best]:.2f})"
    )


def test_the_mean_of_all_heads_and_the_last_place_come_first_and_another_example_can_be_chosen(model):
    explorer = alignment_view(model, EXAMPLES, SOURCE_IDS, TARGET_IDS)
    assert explorer.view().text.startswith("block 0, mean of all heads: before it writes “三” (place 2)")
    assert "“月” (place 1) it looks at “May” at 0 (1.00)" in explorer.set(example="1: May").view().text
    assert "the target has 2 tokens; got place 3" in explorer.set(place=3).view().text


def test_without_a_font_for_them_tokens_are_told_by_their_places():
    assert _labels(["5", "月"], None) == ["5", "[1]"]
    assert _labels(["5", "月"], ["DejaVu Sans", "SimHei"]) == ["5", "月"]


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"examples": None}, InputError, "needs examples"),
        ({"source_ids": None}, InputError, "needs examples"),
        ({"examples": [(["3"], [])]}, InputError, "at least one token"),
        ({"examples": [(["4"], ["三"])]}, VocabularyError, "got '4'"),
        ({"block": 2}, InputError, "block must be from 0 to 1; got 2"),
        ({"head": 2}, InputError, "head must be from 0 to 1; got 2"),
    ],
)
def test_what_cannot_be_shown_is_refused(model, given, error, told):
    with pytest.raises(error, match=told):
        alignment_view(model, **({"examples": EXAMPLES, "source_ids": SOURCE_IDS, "target_ids": TARGET_IDS} | given))


@pytest.mark.process
def test_without_a_model_a_small_one_is_trained_once_and_says_what_it_took(monkeypatch):
    monkeypatch.setenv("GREENLM_STEPS", "4")
    small_translator.cache_clear()
    told = alignment_view().view().text
    assert "A small model was trained for this picture, once:" in told
    assert "J (" in told
    assert small_translator() is small_translator()
    small_translator.cache_clear()
