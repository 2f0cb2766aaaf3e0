"""Lesson 02's mathematics: closed forms, arithmetic by hand and other ways to the same figure, not copied output."""

from __future__ import annotations

import bz2
import math
from fractions import Fraction
from itertools import pairwise

import keras
import numpy as np
import pytest

from greenlm_edu import lm
from greenlm_edu.checks import Hint, exercises
from greenlm_edu.checks.talk import judged
from greenlm_edu.corpora import toy_language

EXERCISES = {one.name: one for one in exercises("02")}


def solution(name: str):
    exercise = EXERCISES[name]
    names: dict[str, object] = {}
    exec(exercise.given, names)
    exec(exercise.solution, names)
    return names[exercise.wants[0]]


entropy, kl = solution("02.entropy"), solution("02.kl")
entropy_rate, perplexity = solution("02.entropy_rate"), solution("02.perplexity_bug")
bits_per_character = solution("02.bits_per_character")


def distributions(count: int, outcomes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet([0.7] * outcomes, count)


class TestEntropy:
    def test_dyadic_probabilities_give_whole_questions(self):
        assert entropy(np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])) / math.log(2) == pytest.approx(1.75, abs=1e-12)

    @pytest.mark.parametrize("outcomes", [1, 2, 27, 65, 50257])
    def test_even_bets_give_ln_v(self, outcomes: int):
        assert entropy(np.full(outcomes, 1 / outcomes)) == pytest.approx(math.log(outcomes))

    def test_a_bent_coin(self):
        by_hand = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
        assert entropy(np.array([0.9, 0.1])) == pytest.approx(by_hand)
        assert by_hand == pytest.approx(0.325083, abs=1e-6)

    def test_a_long_geometric_tail_has_2_bits(self):
        p = 0.5 ** np.arange(1, 60)
        assert entropy(np.append(p, 1 - p.sum())) / math.log(2) == pytest.approx(2, abs=1e-9)

    def test_independent_parts_add_up(self):
        p, q = np.array([0.2, 0.8]), np.array([0.5, 0.3, 0.2])
        assert entropy(np.outer(p, q).ravel()) == pytest.approx(entropy(p) + entropy(q))

    def test_its_gradient_is_that_of_the_formula(self):
        # dH/dt along (1, −1) is ln p₂ − ln p₁, here by central differences
        step = 1e-6
        moved = [entropy(np.array([0.3 + s, 0.7 - s])) for s in (step, -step)]
        assert (moved[0] - moved[1]) / (2 * step) == pytest.approx(math.log(0.7 / 0.3), rel=1e-6)


class TestKL:
    def test_both_ways_between_a_fair_and_a_bent_coin(self):
        fair, bent = np.array([0.5, 0.5]), np.array([0.9, 0.1])
        assert kl(fair, bent) == pytest.approx(math.log(5 / 3))  # ½ ln(25/9)
        assert kl(fair, bent) == pytest.approx(0.510826, abs=1e-6)
        assert kl(bent, fair) == pytest.approx(0.368064, abs=1e-6)

    def test_never_negative_and_zero_at_the_truth(self):
        for p, q in zip(distributions(200, 5), distributions(200, 5, seed=1), strict=True):
            assert kl(p, q) > 0
            assert kl(p, p) == pytest.approx(0, abs=1e-12)

    def test_keras_agrees(self):
        for p, q in zip(distributions(20, 4), distributions(20, 4, seed=1), strict=True):
            p, q = (p + 0.01) / 1.04, (q + 0.01) / 1.04  # Keras clips what is near 0
            by_keras = float(keras.losses.KLDivergence()(p[None], q[None]))
            assert kl(p, q) == pytest.approx(by_keras, abs=1e-5)
            crossed = float(keras.ops.categorical_crossentropy(p, q))
            assert entropy(p) + kl(p, q) == pytest.approx(crossed, abs=1e-5)

    def test_the_opposite_code_costs_seven_eighths_of_a_bit(self):
        p = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])
        by_hand = Fraction(3, 2) + Fraction(3, 4) + Fraction(2, 8) + Fraction(1, 8) - Fraction(7, 4)
        assert by_hand == Fraction(7, 8)
        assert kl(p, p[::-1]) / math.log(2) == pytest.approx(float(by_hand))


class TestEntropyRate:
    def test_the_two_days(self):
        def h(p: float) -> float:
            return -p * math.log2(p) - (1 - p) * math.log2(1 - p)

        rate = entropy_rate(np.array([[0.9, 0.1], [0.2, 0.8]]))
        assert rate == pytest.approx(2 / 3 * h(0.9) + 1 / 3 * h(0.8))
        assert rate == pytest.approx(0.553306, abs=1e-6)

    def test_it_is_the_entropy_of_a_long_block_less_that_of_one_step_fewer(self):
        chain, pi = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([2 / 3, 1 / 3])
        blocks = pi  # probabilities of all runs, by their last state: exact enumeration
        entropies = []
        runs = {(state,): pi[state] for state in (0, 1)}
        for _ in range(8):
            entropies.append(-sum(p * math.log2(p) for p in runs.values()))
            runs = {(*run, to): p * chain[run[-1], to] for run, p in runs.items() for to in (0, 1)}
        assert sum(runs.values()) == pytest.approx(blocks.sum())
        assert [b - a for a, b in pairwise(entropies)] == pytest.approx([entropy_rate(chain)] * 7)

    def test_rows_that_are_alike_have_no_memory(self):
        row = np.array([0.5, 0.25, 0.25])
        assert entropy_rate(np.tile(row, (3, 1))) == pytest.approx(1.5)

    def test_the_mean_of_the_chain_and_the_identity_has_the_same_shares(self):
        chain = np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
        pi = np.array([1 / 2, 1 / 4, 1 / 4])
        assert pi @ chain == pytest.approx(pi)
        assert pi @ (chain + np.eye(3)) / 2 == pytest.approx(pi)
        assert entropy_rate(chain) == pytest.approx(0.5)

    def test_a_chain_that_goes_round_in_threes(self):
        chain = np.array([[0, 1 / 2, 1 / 2, 0], [0, 0, 0, 1], [0, 0, 0, 1], [1, 0, 0, 0]])
        pi = np.array([1 / 3, 1 / 6, 1 / 6, 1 / 3])
        assert pi @ chain == pytest.approx(pi)
        assert entropy_rate(chain) == pytest.approx(1 / 3)  # one bit in every third step


class TestPerplexity:
    def test_any_split_into_batches_gives_one_figure(self):
        generator = np.random.default_rng(0)
        surprise, real = generator.exponential(2, (12, 5)), generator.random((12, 5)) < 0.7
        right = math.exp(surprise[real].mean())
        for batches in (1, 2, 3, 4, 6, 12):
            shape = (batches, 12 // batches, 5)
            assert perplexity(surprise.reshape(shape), real.reshape(shape)) == pytest.approx(right)

    def test_the_mean_of_perplexities_is_never_below_the_perplexity_of_the_mean(self):
        losses = np.random.default_rng(1).exponential(2, 50)
        assert np.exp(losses).mean() >= math.exp(losses.mean())  # Jensen

    def test_even_bets_have_the_size_of_the_vocabulary(self):
        ids = np.random.default_rng(2).integers(0, 44, 500)
        even = lm.NGram(1, add_k=1e12).fit(ids, 44)
        assert lm.scores(even, ids).perplexity == pytest.approx(44, rel=1e-9)

    def test_the_friends_code_is_found_out(self):
        def friends(surprise, real):
            return np.mean([np.exp(batch.mean()) for batch in surprise])

        answer = judged(EXERCISES["02.perplexity_bug"], [friends])
        assert isinstance(answer, Hint)
        assert answer.key == "both"


class TestBitsPerCharacter:
    def test_it_is_what_scores_gives(self):
        text = "la lo la la lo la\n" * 30
        tokenizer = lm.CharacterTokenizer.fit(text)
        ids = tokenizer.encode(text)
        model = lm.NGram(2).fit(ids, tokenizer.vocab_size)
        ours = bits_per_character([(-model.log_prob(ids)).tolist()], [text[1:]])
        assert ours == pytest.approx(lm.scores(model, ids, characters=len(text) - 1).bits_per_character)

    def test_words_of_five_characters_with_perplexity_32_cost_one_bit_each(self):
        assert bits_per_character([[math.log(32)] * 3], ["12345" * 3]) == pytest.approx(1)
        assert bits_per_character([[math.log(4)] * 15], ["12345" * 3]) == pytest.approx(2)


class TestTheFloor:
    def test_place_by_hand(self):
        choice = -0.6 * math.log2(0.6) - 0.4 * math.log2(0.4)
        thing = -sum(p * math.log2(p) for p in (0.4, 0.3, 0.2, 0.1))
        assert choice + thing == pytest.approx(2.81739, abs=1e-5)
        assert toy_language.entropy_bits_per_sentence("place") == pytest.approx(choice + thing)

    def test_uses_times_own_entropy_add_up_to_the_sentence(self):
        # expected uses by solving the linear system u = e + Aᵀ u, another way than the lesson's recursion
        names = list(toy_language.GRAMMAR)
        place = {name: number for number, name in enumerate(names)}
        matrix = np.zeros((len(names), len(names)))
        own = np.zeros(len(names))
        for name, alternatives in toy_language.GRAMMAR.items():
            own[place[name]] = -sum(p * math.log2(p) for p, _ in alternatives)
            for p, parts in alternatives:
                for part in parts.split():
                    if part in place:
                        matrix[place[name], place[part]] += p
        start = np.eye(len(names))[place["sentence"]]
        uses = np.linalg.solve(np.eye(len(names)) - matrix.T, start)
        assert uses @ own == pytest.approx(toy_language.entropy_bits_per_sentence())

    def test_every_second_text_lies_below_the_exact_rate_for_the_grammar_itself(self):
        lines = toy_language.sample(20_000, seed=11)
        bits = np.array([toy_language.surprise_bits(line) for line in lines]).reshape(100, 200).sum(1)
        words = np.array([line.count(" ") + 1 for line in lines]).reshape(100, 200).sum(1)
        below = np.mean(bits / words < toy_language.entropy_bits_per_word())
        assert 0.35 < below < 0.65  # 3 standard errors of a half, out of 100

    def test_no_model_that_counts_is_below_the_grammar_on_the_same_sentences(self):
        lines = toy_language.sample(3_300, seed=12)
        tokenizer = lm.WordTokenizer.fit("\n".join(lines))
        train = tokenizer.encode(". " + "\n".join(lines[300:]))
        rows = [tokenizer.encode(". " + line) for line in lines[:300]]
        floor = sum(toy_language.surprise_bits(line) for line in lines[:300]) / sum(len(row) - 1 for row in rows)
        for model in (lm.NGram(3), lm.InterpolatedNGram(4), lm.KneserNey(4)):
            assert lm.scores(model.fit(train, tokenizer.vocab_size), rows).bits_per_token > floor

    def test_sentences_come_back_from_words_so_nothing_is_lost(self):
        lines = toy_language.sample(200, seed=13)
        tokenizer = lm.WordTokenizer.fit("\n".join(lines))
        assert [tokenizer.decode(tokenizer.encode(line)) for line in lines] == lines

    def test_a_compressor_stays_above_the_floor(self):
        lines = toy_language.sample(3_000, seed=14)
        text = "".join(line + "\n" for line in lines)
        exact = sum(toy_language.surprise_bits(line) for line in lines)
        assert 8 * len(bz2.compress(text.encode())) > exact


@pytest.mark.parametrize(("loss", "perplexity_", "bits"), [(3.28, 26.5758, 4.73204), (math.log(8), 8, 3)])
def test_nats_bits_and_perplexity_say_the_same(loss: float, perplexity_: float, bits: float):
    scored = lm.Scores(nats=loss * 100, tokens=100, characters=450)
    assert scored.perplexity == pytest.approx(perplexity_, rel=1e-5)
    assert scored.bits_per_token == pytest.approx(bits, rel=1e-5)
    assert scored.bits_per_character == pytest.approx(bits / 4.5, rel=1e-5)
