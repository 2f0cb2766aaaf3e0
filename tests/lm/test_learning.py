"""All of it together, as a lesson uses it: text, windows, compiled training, loss, new text."""

import keras
import pytest

from greenlm_edu import corpora
from greenlm_edu.lm import CharacterTokenizer, NGram, Transformer, evaluate, generate, random_windows


def _train(model: Transformer, windows: object, steps: int, steps_per_execution: int) -> None:
    model.compile(
        optimizer=keras.optimizers.AdamW(3e-3, clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=steps_per_execution,
    )
    model.fit(windows, steps_per_epoch=steps, verbose=0, shuffle=False)


@pytest.mark.slow
def test_a_rhyme_is_learned_and_continued() -> None:
    keras.utils.set_random_seed(0)
    text = "the cat sat on the mat.\n" * 40
    tokenizer = CharacterTokenizer.fit(text)
    ids = tokenizer.encode(text)
    model = Transformer(tokenizer.vocab_size, context=16, width=32, num_layers=2, num_heads=2)
    _train(model, random_windows(ids, context=16, batch=16), steps=160, steps_per_execution=16)
    # Only the first letters of a window leave a doubt: “the ” is followed by c or m.
    assert evaluate(model, ids) < 0.3
    bigram = NGram(2).fit(ids, tokenizer.vocab_size)
    assert evaluate(model, ids) < bigram.cross_entropy(ids)
    continued = generate(model, tokenizer.encode("the cat sat on "), 40, temperature=0)
    assert tokenizer.decode(continued) == (text * 2)[: 15 + 40]


@pytest.mark.slow
def test_transformer_passes_the_bigram_model_on_real_text() -> None:
    keras.utils.set_random_seed(0)
    text = corpora.load("python_docs")
    tokenizer = CharacterTokenizer.fit(text.train, unknown="�")
    train, validation = tokenizer.encode(text.train), tokenizer.encode(text.validation)
    model = Transformer(tokenizer.vocab_size, context=64, num_layers=2)
    _train(model, random_windows(train, context=64, batch=8), steps=960, steps_per_execution=32)
    bigram = NGram(2).fit(train, tokenizer.vocab_size)
    assert evaluate(model, validation) < bigram.cross_entropy(validation) - 0.2
