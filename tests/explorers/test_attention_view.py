"""The attention explorer shows the weights that the model has, and trains a model where there is none."""

import keras
import numpy as np
import pytest

from greenlm_edu import lm
from greenlm_edu.errors import InputError
from greenlm_edu.explorers import attention_view
from greenlm_edu.explorers.small_models import small_language_model

TEXT = "ada sees the cat ."


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    return lm.Transformer(vocab_size=6, context=8, width=16, num_layers=2, num_heads=2)


@pytest.fixture(scope="module")
def tokenizer():
    return lm.WordTokenizer.fit(TEXT)


def test_the_words_tell_the_models_own_weights(model, tokenizer):
    told = attention_view(model, tokenizer, TEXT, block=1, head=1).set(place=2).view().text
    row = np.asarray(model.attention_weights(tokenizer.encode(TEXT)[None])[1])[0, 1, 2]
    best = int(row.argmax())
    assert told.startswith(
        f"block 1, head 1: place 2, “the”, looks at “{TEXT.split()[best]}” at {best} ({row[best]:.2f})"
    )


def test_the_mean_of_all_heads_is_shown_first_and_the_last_place_looks(model, tokenizer):
    told = attention_view(model, tokenizer, TEXT).view().text
    row = np.asarray(model.attention_weights(tokenizer.encode(TEXT)[None])[0])[0].mean(axis=0)[4]
    assert told.startswith("block 0, mean of all heads: place 4, “.”, looks at")
    assert f"({row.max():.2f})" in told


def test_a_long_text_is_cut_and_an_empty_one_or_a_place_outside_is_told(model, tokenizer):
    explorer = attention_view(model, tokenizer, " ".join([TEXT] * 5))
    assert "Over all 8 places" in explorer.view().text
    assert "at least one token" in explorer.set(text="  ").view().text
    assert "the text has 2 tokens; got place 5" in explorer.set(text="the cat", place=5).view().text


@pytest.mark.parametrize(("options", "told"), [({"block": 2}, "from 0 to 1; got 2"), ({"head": 2}, "head must be")])
def test_a_block_or_head_that_is_not_there_is_refused(model, tokenizer, options, told):
    with pytest.raises(InputError, match=told):
        attention_view(model, tokenizer, TEXT, **options)


def test_a_model_needs_its_tokenizer(model):
    with pytest.raises(InputError, match="needs its tokenizer"):
        attention_view(model)


@pytest.mark.process
def test_without_a_model_a_small_one_is_trained_once_and_says_what_it_took(monkeypatch):
    monkeypatch.setenv("GREENLM_STEPS", "4")
    small_language_model.cache_clear()
    told = attention_view().view().text
    assert "A small model was trained for this picture, once:" in told
    assert "J (" in told
    assert "modelled" in told or "counter" in told
    assert small_language_model() is small_language_model()
    small_language_model.cache_clear()
