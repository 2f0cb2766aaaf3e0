"""How near a small Transformer comes to the floor that no model can pass: the entropy rate of the toy language.

    python benchmarks/toy_language.py [--steps N] [--seed N]

Bar: cross-entropy on unseen sentences at most 1.03 times the exact entropy rate, after less than 60 s of training.
Windows start where a sentence starts: the floor of windows that start anywhere is another, higher one.
"""

from __future__ import annotations

import argparse
import math
import time

import keras
import numpy as np

from greenlm_edu import corpora, lm
from greenlm_edu.corpora import toy_language

CONTEXT, BATCH = 32, 32


def sentences_of(text: str, tokenizer: lm.WordTokenizer) -> list[np.ndarray]:
    """Each sentence with the full stop before it, so that its first word is predicted too."""
    stop = tokenizer.encode(".")
    return [np.concatenate([stop, tokenizer.encode(line)]) for line in text.splitlines()]


def main() -> None:
    """Train, score on the test split, print the ratio."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--steps", type=int, default=768)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()

    keras.utils.set_random_seed(given.seed)
    text = corpora.load("toy_language")
    tokenizer = lm.WordTokenizer.fit(text.train)
    ids = np.concatenate([tokenizer.encode("."), tokenizer.encode(text.train)])
    starts = np.flatnonzero(ids == tokenizer.id_of("."))
    test = sentences_of(text.test, tokenizer)

    model = lm.Transformer(tokenizer.vocab_size, CONTEXT, width=64, num_layers=2, num_heads=4)
    together = max(n for n in range(1, 33) if given.steps % n == 0)
    model.compile(
        keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                0.0, given.steps - given.steps // 12, alpha=0.02, warmup_target=4e-3, warmup_steps=given.steps // 12
            ),
            beta_2=0.99,
            weight_decay=0.1,
            clipnorm=1.0,
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=together,
    )
    windows = lm.random_windows(ids, CONTEXT, BATCH, seed=given.seed, starts=starts)
    began = time.perf_counter()
    model.fit(windows, steps_per_epoch=given.steps, shuffle=False, verbose=0)
    training_s = time.perf_counter() - began

    floor = toy_language.entropy_bits_per_word()
    print(f"exact entropy rate   {floor:.4f} bits a word; vocabulary {tokenizer.vocab_size} words")
    # The sentences of the test split are a sample: the surprise of the grammar itself at them, its floor there.
    sampled = math.fsum(toy_language.surprise_bits(line) for line in text.test.splitlines())
    sampled /= sum(len(row) - 1 for row in test)
    print(f"grammar on the test split   {sampled:.4f} bits a word, ratio {sampled / floor:.4f}")
    for name, baseline in (("pairs", lm.KneserNey(2)), ("runs of four", lm.KneserNey(4))):
        bits = lm.scores(baseline.fit(ids, tokenizer.vocab_size), test).bits_per_token
        print(f"Kneser-Ney, {name:14s} {bits:.4f} bits a word, ratio {bits / floor:.4f}")
    bits = lm.scores(model, test, batch=64).bits_per_token
    met = bits / floor <= 1.03 and training_s < 60
    print(f"Transformer, seed {given.seed}   {bits:.4f} bits a word, ratio {bits / floor:.4f} (to the exact rate)")
    print(f"                      ratio {bits / sampled:.4f} (to the grammar on the same sentences)")
    print(f"{given.steps} steps in {training_s:.1f} s; bar: ratio <= 1.03 in under 60 s: {'met' if met else 'NOT met'}")


if __name__ == "__main__":
    main()
