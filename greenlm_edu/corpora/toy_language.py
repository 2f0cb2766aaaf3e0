"""A small language whose entropy is known exactly: the floor that no model of it can pass.

A sentence is grown from `sentence` by replacing each name with one of its alternatives, drawn with the probability
beside it, until only words are left. Three properties make the entropy exact:

- *Well-founded*: no name leads back to itself, so every sentence ends and every sum below is finite.
- *Unambiguous*: the alternatives of a name begin with different words (and where one is empty, with others than may
  come after the name), so a sentence has one derivation, and the entropy of sentences is the entropy of derivations.
- *Independent*: a choice does not depend on the choices before it, so entropies add up:
  H(name) = −Σ p log₂ p + Σ p · Σ H(the names within an alternative).

Sentences are independent of each other, so a model needs to see no more than the sentence so far. A window that
starts in the middle of a sentence hides a part of it, and the floor of such windows lies higher.
Sentences are drawn afresh for each split; a short one may stand in two of them, as in any honest sample of a language.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Final

from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.text import Text
from greenlm_edu.errors import InputError

__all__ = [
    "GRAMMAR",
    "entropy_bits_per_sentence",
    "entropy_bits_per_word",
    "expected_words_per_sentence",
    "read",
    "sample",
    "surprise_bits",
]

# name -> its alternatives: (probability, parts). A part that is no name is a word. An alternative may be empty.
GRAMMAR: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "sentence": ((0.8, "subject predicate ."), (0.2, "opening , subject predicate .")),
    "opening": ((0.5, "today"), (0.3, "yesterday"), (0.2, "every evening")),
    "subject": ((0.8, "determiner description creature"), (0.2, "name")),
    "determiner": ((0.6, "the"), (0.25, "a"), (0.15, "that")),
    "description": ((0.6, ""), (0.16, "young"), (0.12, "hungry"), (0.08, "quick"), (0.04, "very size")),
    "size": ((0.5, "small"), (0.3, "large"), (0.2, "heavy")),
    "creature": ((0.3, "cat"), (0.25, "dog"), (0.2, "bird"), (0.15, "farmer"), (0.1, "robot")),
    "name": ((0.5, "ada"), (0.3, "grace"), (0.2, "alan")),
    "predicate": (
        (0.45, "action determiner description creature ending"),
        (0.35, "movement ending"),
        (0.2, "is quality"),
    ),
    "action": ((0.4, "sees"), (0.3, "chases"), (0.2, "likes"), (0.1, "feeds")),
    "movement": ((0.4, "sleeps"), (0.35, "runs"), (0.25, "waits")),
    "quality": ((0.5, "tired"), (0.3, "happy"), (0.2, "not size")),
    "ending": ((0.6, ""), (0.3, "place"), (0.1, "because name reason")),
    "place": ((0.6, "near the thing"), (0.4, "under that thing")),
    "thing": ((0.4, "tree"), (0.3, "river"), (0.2, "house"), (0.1, "bridge")),
    "reason": ((0.6, "calls"), (0.4, "sings")),
}

_DATASHEET: Final = Datasheet(
    motivation="A language whose entropy is known exactly, so that a loss can be compared with the floor below it.",
    composition="Independent sentences, one a line, from a grammar of 44 words and marks; 6,600 unless "
    "asked otherwise.",
    making="Drawn from GRAMMAR in greenlm_edu.corpora.toy_language with a seed. Each split is a fair sample, so short "
    "sentences may stand in two; taking them out would change the entropy.",
    label_noise="No labels.",
    limits="It says nothing about English. The floor holds for words and for windows that start with a sentence.",
    uses="Cross-entropy against the exact entropy rate in lessons 02 and 09, with WordTokenizer.",
)


def entropy_bits_per_sentence(symbol: str = "sentence") -> float:
    """The exact entropy of a sentence, in bits: the least that any model needs for it on average.

    >>> round(entropy_bits_per_sentence("place"), 6)  # h(0.6) + 1.846439 for the thing, in either place
    2.81739
    """
    return _expected(symbol, of_choice=lambda p: -math.log2(p), of_word=0.0)


def expected_words_per_sentence(symbol: str = "sentence") -> float:
    """The exact mean number of words in a sentence, its comma and full stop counted as words.

    >>> round(expected_words_per_sentence("description"), 10)  # 0.6 × 0 + 0.36 × 1 + 0.04 × 2
    0.44
    """
    return _expected(symbol, of_choice=lambda p: 0.0, of_word=1.0)


def entropy_bits_per_word() -> float:
    """The entropy rate: what a perfect model's cross-entropy on `text.split()` tends to, in bits a word."""
    return entropy_bits_per_sentence() / expected_words_per_sentence()


def surprise_bits(sentence: str) -> float:
    """−log₂ of the probability of one sentence: what the perfect model needs for it.

    Args:
        sentence: words separated by spaces, its full stop among them.
    Raises:
        InputError: the grammar never grows this sentence.

    >>> round(surprise_bits("ada sleeps ."), 4)  # −log₂(0.8 · 0.2 · 0.5 · 0.35 · 0.4 · 0.6)
    7.2173
    """
    bits = next(_derivations(("sentence",), tuple(sentence.split())), None)
    if bits is None:
        raise InputError(
            f"toy_language.surprise_bits: the sentence must belong to the language; got {sentence!r}. "
            "Take one from sample(), words and full stop separated by spaces."
        )
    return bits


def sample(sentences: int, seed: int = 0) -> list[str]:
    """Sentences drawn from the grammar, words separated by spaces.

    Args:
        sentences: how many, 0 or more.
        seed: the same seed draws the same sentences.
    Raises:
        InputError: sentences is negative.

    >>> sample(2, seed=5)
    ['a quick bird is tired .', 'grace is tired .']
    """
    if sentences < 0:
        raise InputError(f"toy_language.sample: sentences must be 0 or more; got {sentences}. Ask for at least one.")
    source = random.Random(seed)
    return [" ".join(_grow("sentence", source)) for _ in range(sentences)]


def read(seed: int = 0, sentences: int = 6_600) -> Text:
    """A seeded sample of about 200 kB: nine tenths to train on, a twentieth each for validation and test.

    Args:
        seed: the same seed draws the same text, on every Python version.
        sentences: how many sentences in all, 20 or more.
    Raises:
        InputError: fewer than 20 sentences.
    """
    if sentences < 20:
        raise InputError(f"toy_language.read: sentences must be 20 or more; got {sentences}. Ask for a larger sample.")
    lines = sample(sentences, seed)
    held_out = sentences // 20
    parts = (lines[2 * held_out :], lines[:held_out], lines[held_out : 2 * held_out])
    train, validation, test = ("\n".join(part) + "\n" for part in parts)
    return Text(
        name="toy_language",
        train=train,
        validation=validation,
        test=test,
        licence="BSD-3-Clause",
        source=f"greenlm_edu.corpora.toy_language, seed {seed}",
        description=(
            "Independent English-like sentences, one a line, from a small unambiguous probabilistic grammar whose "
            f"entropy is exact: {entropy_bits_per_sentence():.4f} bits a sentence over "
            f"{expected_words_per_sentence():.4f} words, {entropy_bits_per_word():.4f} bits a word. Made up: it says "
            "nothing about English, and short sentences may occur in more than one split, as independent draws do."
        ),
        datasheet=_DATASHEET,
    )


def _expected(symbol: str, of_choice: Callable[[float], float], of_word: float) -> float:
    """The mean, over all derivations of a symbol, of what its choices and its words add up to."""
    if symbol not in GRAMMAR:
        return of_word
    return math.fsum(
        p * (of_choice(p) + math.fsum(_expected(part, of_choice, of_word) for part in parts.split()))
        for p, parts in GRAMMAR[symbol]
    )


def _grow(symbol: str, source: random.Random) -> list[str]:
    """The words of one random derivation, left to right."""
    if symbol not in GRAMMAR:
        return [symbol]
    weights, alternatives = zip(*GRAMMAR[symbol], strict=True)
    parts = source.choices(alternatives, weights)[0]
    return [word for part in parts.split() for word in _grow(part, source)]


def _derivations(symbols: tuple[str, ...], words: tuple[str, ...]) -> Iterator[float]:
    """The bits of each way to grow exactly these words from these symbols."""
    if not symbols:
        if not words:
            yield 0.0
    elif symbols[0] not in GRAMMAR:
        if words[:1] == symbols[:1]:
            yield from _derivations(symbols[1:], words[1:])
    else:
        for p, parts in GRAMMAR[symbols[0]]:
            for bits in _derivations((*parts.split(), *symbols[1:]), words):
                yield bits - math.log2(p)
