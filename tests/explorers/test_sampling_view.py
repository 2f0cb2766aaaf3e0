"""The sampling explorer tells what is drawn from, and draws it."""

import keras
import numpy as np
import pytest

from greenlm_edu import lm
from greenlm_edu.errors import InputError
from greenlm_edu.explorers import sampling_view


class Fixed:
    """A model of five tokens that always gives the same scores."""

    context, vocab_size = 8, 5
    probabilities = np.array([0.5, 0.25, 0.15, 0.08, 0.02])

    def predict_on_batch(self, ids):
        return np.tile(np.log(self.probabilities), (*np.shape(ids), 1)).astype("float32")


@pytest.fixture(scope="module")
def tokenizer():
    return lm.CharacterTokenizer.fit("abcde")


@pytest.fixture
def explorer(tokenizer):
    return sampling_view(Fixed(), tokenizer, "a", length=12)


def test_with_nothing_set_all_is_the_models_own(explorer):
    told = explorer.view().text
    assert "Of 5 tokens 5 can be drawn; they have 100.0% of the model's own probability." in told
    entropy = -(Fixed.probabilities * np.log2(Fixed.probabilities)).sum()
    assert f"Entropy {entropy:.2f} bits as the model has it, {entropy:.2f} bits as it is drawn from" in told


def test_top_k_and_top_p_cut_and_share_out_anew(explorer):
    told = explorer.set(top_k=2).view().text
    assert "Of 5 tokens 2 can be drawn; they have 75.0%" in told
    assert "The likeliest is “a”, 50.0% before and 66.7% now. The likeliest that is cut off: “c”, 15.0%." in told
    # 0.5 + 0.25 + 0.15 = 0.9 is the first sum of at least 0.85.
    assert "Of 5 tokens 3 can be drawn; they have 90.0%" in explorer.set(top_k=0, top_p=0.85).view().text


def test_temperature_zero_leaves_one_and_writes_it(explorer):
    told = explorer.set(temperature=0.0).view().text
    assert "Of 5 tokens 1 can be drawn" in told
    assert "0.00 bits as it is drawn from (a choice among about 1.0 even ones)" in told
    assert told.endswith("A text drawn so: " + "a" * 13)


def test_a_penalty_moves_what_was_there(explorer):
    told = explorer.set(penalty=3.0).view().text
    # The log probability of “a” is −0.69; three times that is −2.08: 0.125 beside 0.25 + 0.15 + 0.08 + 0.02.
    assert "The likeliest is “b”, 25.0% before and 40.0% now" in told


def test_the_text_is_that_of_generate(explorer, tokenizer):
    told = explorer.set(temperature=1.5, seed=7).view().text
    right = lm.generate(Fixed(), tokenizer.encode("a"), 12, temperature=1.5, seed=7)
    assert told.endswith(f"A text drawn so: {tokenizer.decode(right)}")


def test_an_empty_prompt_is_told(explorer):
    assert "at least one token" in explorer.set(prompt="").view().text


def test_what_cannot_be_is_refused(tokenizer):
    with pytest.raises(InputError, match="needs its tokenizer and a prompt"):
        sampling_view(Fixed())
    with pytest.raises(InputError, match="length must be from 1 to 400; got 0"):
        sampling_view(Fixed(), tokenizer, "a", length=0)


@pytest.mark.process
def test_without_a_model_a_small_one_is_trained_and_says_what_it_took(monkeypatch):
    from greenlm_edu.explorers.small_models import small_language_model

    monkeypatch.setenv("GREENLM_STEPS", "4")
    keras.utils.set_random_seed(0)
    small_language_model.cache_clear()
    told = sampling_view(length=4).view().text
    assert "A small model was trained for this picture, once:" in told
    small_language_model.cache_clear()
