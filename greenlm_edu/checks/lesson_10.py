"""Lesson 10, generation: exercises, quizzes and predictions.

Long, because each known mistake has words of its own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _judge_draw(draw: Any) -> None:
    # (probabilities, u, the token by hand)
    cases = (
        ([0.4, 0.2, 0.1, 0.1, 0.1, 0.06, 0.02, 0.02], 0.93, 5),  # each mistake gives something else here
        ([0.1, 0.15, 0.4, 0.2, 0.15], 0.9, 4),
        ([0.7, 0.1, 0.1, 0.1], 0.5, 0),
        ([0.5, 0.3, 0.2], 0.6, 1),
        ([0.5, 0.3, 0.2], 0.95, 2),
        ([0.125, 0.25, 0.375, 0.25], 0.3, 1),
        ([0.125, 0.25, 0.375, 0.25], 0.74, 2),
        ([0.375, 0.125, 0.125, 0.375], 0.5, 2),  # a share begins where the one before it ends
        ([0.0, 0.4, 0.0, 0.6], 0.0, 1),  # what is impossible is never drawn
        ([0.5, 0.0, 0.5], 0.5, 2),
    )
    if len({str(call(draw, np.full(4, 0.25), 0.6)) for _ in range(12)}) > 1:
        raise Rejected(
            "own_chance",
            "The same P and the same u gave different tokens: it draws a random number of its own. The chance is in u "
            "already. In whose share does u fall?",
        )
    for probabilities, u, right in cases:
        p = np.array(probabilities)
        ends = np.cumsum(p)
        count = len(p)
        mistakes = [
            Mistake(
                "likeliest", int(p.argmax()), "It always takes the likeliest token: that is greedy. u was not used."
            ),
            Mistake(
                "even",
                int(u * count),
                "It cuts the line into equal parts, so all tokens come equally often. How long is each share?",
            ),
            Mistake(
                "at_the_end",
                int((ends < u).sum()),
                f"With P = {probabilities} and u = {u} it takes a token whose share ends exactly there, or is empty. A "
                "share holds its beginning and not its end: which comparison says “ends at or before u”?",
            ),
            Mistake("one_less", int((ends <= u).sum()) - 1, "One too low: count the shares that end at or before u."),
            Mistake("one_more", int((ends <= u).sum()) + 1, "One too high: tokens are counted from 0."),
            Mistake(
                "shares_compared",
                int((p <= u).sum()),
                "It compares u with the shares themselves. They lie end to end on the line: where does each *end*?",
            ),
            Mistake(
                "not_ended",
                int((ends > u).sum()),
                "That is how many shares end *beyond* u. The token is the number of those that end at or before it.",
            ),
            Mistake("share_given", float(p[right]), "That is the token's share. Which token is it, counted from 0?"),
            Mistake("end_given", float(ends[right]), "That is where a share ends. Which token's share is it?"),
            Mistake(
                "from_the_right",
                count - 1 - right,
                "The token is counted from the wrong end of the line.",
            ),
        ]
        mistakes = [one for one in mistakes if float(one.gives) != right]
        token = call(draw, p, u)
        if np.shape(token) == p.shape:
            raise Rejected(
                "one_each",
                "It gives something for each token of the vocabulary. One token is wanted: of your comparisons with u, "
                "how many are true?",
            )
        if np.ndim(token):
            raise Rejected("an_array", "One token is wanted, a single whole number; yours is an array. Take its [0].")
        expect_close(token, right, mistakes, of=f"my_draw({probabilities}, {u})")


def _nucleus(p: np.ndarray, at_least: float, dropped: bool = False, wide: bool = False, shared: bool = True) -> Any:
    """Top-p, or what a wrong idea makes of it: without the token that crosses, with one too many, or not shared out."""
    order = np.argsort(-p, kind="stable")
    reached = np.cumsum(p[order])
    before = reached - p[order]
    kept = order[reached <= at_least + 1e-12] if dropped else order[before < at_least - 1e-12]
    if wide:
        kept = order[: min(len(p), len(kept) + 1)]
    found = np.zeros(len(p))
    found[kept] = p[kept]
    with np.errstate(all="ignore"):
        return found / found.sum() if shared else found


def _judge_nucleus(nucleus: Any) -> None:
    for probabilities, at_least in (
        ([0.3, 0.25, 0.2, 0.15, 0.1], 0.4),
        ([0.1, 0.3, 0.05, 0.4, 0.15], 0.55),
        ([0.1, 0.45, 0.05, 0.4], 0.7),
        ([0.1, 0.45, 0.05, 0.4], 0.3),
        ([0.25, 0.125, 0.5, 0.125], 0.75),
        ([0.2, 0.5, 0.3], 1.0),
    ):
        p = np.array(probabilities)
        right = _nucleus(p, at_least)
        order = np.argsort(-p, kind="stable")
        mistakes = [
            Mistake(
                "both",
                _nucleus(p, at_least, dropped=True, shared=False),
                f"For p = {at_least} the kept tokens have less than {at_least} between them, and they do not sum to "
                f"1. Two "
                "faults: which token carries the sum *over* p, and what must the kept ones be divided by?",
            ),
            Mistake(
                "crossing_dropped",
                _nucleus(p, at_least, dropped=True),
                "It sums to 1 now. But the token that carries the sum over p was left out, so the kept ones have less "
                "than p. Look at what was reached *before* each token.",
            ),
            Mistake(
                "not_shared_out",
                _nucleus(p, at_least, shared=False),
                "The right tokens are kept. But they do not sum to 1: divide by their sum.",
            ),
            Mistake(
                "one_too_many",
                _nucleus(p, at_least, wide=True),
                "One token too many: the tokens before it had p already. “At least p” is reached at exactly p, too.",
            ),
            Mistake(
                "sorted",
                right[order],
                "The right numbers in the wrong places: result[i] belongs to token i, not to the i-th likeliest.",
            ),
            Mistake(
                "tail_kept",
                _only(p, order[np.cumsum(p[order]) >= at_least - 1e-12]),
                "It keeps the tokens from the one that reaches p onwards: the tail. Which tokens come *before* that?",
            ),
            Mistake(
                "tail_kept",
                _only(p, order[np.cumsum(p[order]) >= at_least - 1e-12], shared=False),
                "It keeps the tokens from the one that reaches p onwards: the tail. Which tokens come *before* that?",
            ),
            Mistake(
                "unlikeliest_first",
                _only(p, order[::-1][np.cumsum(p[order[::-1]]) - p[order[::-1]] < at_least - 1e-12]),
                "It begins with the least likely tokens. argsort goes upwards: what does the minus sign do?",
            ),
            Mistake(
                "unsorted",
                _only(p, np.flatnonzero(np.cumsum(p) - p < at_least - 1e-12)),
                "It adds up the tokens as they stand. The *likeliest* come first: order says which those are.",
            ),
            Mistake(
                "divided_by_p",
                _nucleus(p, at_least, shared=False) / at_least,
                "Divided by p. But the kept tokens have a little more than p between them: what do they sum to?",
            ),
            Mistake(
                "even",
                (right > 0) / (right > 0).sum(),
                "The right tokens, but all alike. Their odds among each other must stay: divide each by their sum.",
            ),
            Mistake(
                "rest_shared_evenly",
                np.where(right > 0, p + (1 - p[right > 0].sum()) / (right > 0).sum(), 0.0),
                "What was cut off is handed out in equal parts, which changes the odds among those kept. Divide each "
                "by their sum instead.",
            ),
            Mistake("only_kept", p[order][: int((right > 0).sum())] / p[right > 0].sum(), _FOR_EACH),
            Mistake("only_kept", order[: int((right > 0).sum())], _FOR_EACH),
            Mistake("nothing_cut", p, "Nothing was cut off. Which tokens have at least p between them already?"),
            Mistake(
                "threshold",
                np.where(p >= at_least, p, 0.0),
                "It keeps tokens that have p *each*. The nucleus has p *together*.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, right)]
        found = call(nucleus, p, at_least)
        if _alike(found, np.where(p >= at_least, p, 0.0)) and p.max() < at_least:
            raise Rejected(
                "threshold", "Nothing is left: no token has p by *itself*. The nucleus has p *together*: add them up."
            )
        if np.shape(found) == p.shape and not np.any(np.nan_to_num(np.asarray(found, float))):
            raise Rejected(
                "empty",
                f"For P = {probabilities} and p = {at_least} nothing is left to draw from: the likeliest token "
                f"alone has "
                "more than p, and was cut off. The likeliest always stays.",
            )
        expect_close(found, right, mistakes, of=f"nucleus({probabilities}, {at_least})")


_FOR_EACH: Final = (
    "It gives the kept tokens only. The result has a number for each token of the vocabulary, and 0 for those cut off."
)


def _only(p: np.ndarray, kept: np.ndarray, shared: bool = True) -> Any:
    """These tokens' probabilities and 0 elsewhere, shared out or not."""
    found = np.zeros(len(p))
    found[kept] = p[kept]
    return found / found.sum() if shared else found


def _alike(found: Any, right: np.ndarray) -> bool:
    found = np.asarray(found, float)
    return found.shape == np.shape(right) and bool(np.allclose(found, right, equal_nan=True))


def _judge_repeats(repeated_share: Any) -> None:
    for tokens, n in (
        ([1, 1, 1, 3, 2, 1, 1], 2),
        ([3, 3, 3, 3, 3], 1),
        ([5, 1, 4, 5, 1, 4, 5, 1, 9, 5], 3),
        ([1, 2, 3, 4], 2),
    ):
        runs = [tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)]
        count = len(runs)
        before = [run in runs[:at] for at, run in enumerate(runs)]
        right = sum(before) / count
        again = [runs.count(run) > 1 for run in runs]
        apart = [tuple(tokens[at : at + n]) for at in range(0, len(tokens) - n + 1, n)]
        mistakes = [
            Mistake(
                "different",
                1 - right,
                "That is the share of n-grams that are *new*. What is left of 1?",
            ),
            Mistake(
                "first_too",
                sum(again) / count,
                "The first of several copies counts, too; nothing like it had been there *before* it.",
            ),
            Mistake(
                "by_tokens",
                sum(before) / len(tokens),
                "Divided by the number of tokens. How many n-grams does a text of N tokens have?",
            ),
            Mistake(
                "n_ignored",
                1 - len(set(tokens)) / len(tokens),
                "It looks at single tokens: n was not used. What is a run of n tokens that begins at place `at`?",
            ),
            Mistake("percent", 100 * right, "That is in per cent. A share lies between 0 and 1."),
            Mistake("counted", sum(before), "That is how many. Which share is it of all n-grams?"),
            Mistake(
                "side_by_side",
                sum(run in apart[:at] for at, run in enumerate(apart)) / max(1, len(apart)),
                "It looks at every n-th place only. N-grams overlap: one begins at each place.",
            ),
            Mistake(
                "kinds",
                len({run for run in runs if runs.count(run) > 1}) / len(set(runs)),
                "That is the share of *different* n-grams that come more than once. Each later copy counts.",
            ),
            Mistake(
                "last_missing",
                sum(before[:-1]) / max(1, count - 1),
                "The last n-gram is missing: there are N − n + 1 of them.",
            ),
            Mistake(
                "neighbours",
                sum(a == b for a, b in pairwise(runs)) / count,
                "It compares each n-gram with the one just before. A copy may come later.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, np.asarray(right))]
        try:
            found = call(repeated_share, np.array(tokens), n)
        except Rejected as rejected:
            if "unhashable" in rejected.hint.text or "truth value" in rejected.hint.text:
                raise Rejected(
                    "not_a_tuple",
                    "A slice of an array is an array (of a list, a list): neither can stand in a set, nor can two "
                    "arrays be compared as one thing. What can? Try tuple(…) around the slice.",
                ) from rejected
            raise
        expect_close(found, right, mistakes, of=f"repeated_share({tokens}, {n})")
        expect_close(call(repeated_share, list(tokens), n), right, of=f"repeated_share({tokens}, {n}) of a list")
    for tokens in ([], [1, 2]):
        try:
            found = call(repeated_share, np.array(tokens, int), 3)
        except Rejected as rejected:
            if "ZeroDivisionError" in rejected.hint.text:
                raise Rejected(
                    "no_n_gram", "A text shorter than n has no n-gram, and 0/0 stops. We agreed on 0.0."
                ) from rejected
            if rejected.hint.key == "not_done":
                raise Rejected(
                    "none_for_short", "For a text shorter than n it returns None. We agreed on 0.0: return it."
                ) from rejected
            raise
        expect_close(
            found, 0.0, [Mistake("all_of_none", 1.0, "A text without any n-gram repeats nothing: 0.0, not 1.0.")],
            of=f"repeated_share({tokens}, 3)",
        )  # fmt: skip


def _judge_step(step: Any) -> None:
    generator = np.random.default_rng(3)
    features, size, places = 5, 4, 4
    x = generator.normal(size=(places, features))
    w_q, w_k, w_v = generator.normal(size=(3, features, size)) / 4  # small scores: nothing is saturated
    all_keys, all_values = x @ w_k, x @ w_v
    for time in range(places):
        old_k, old_v, new = all_keys[:time], all_values[:time], x[time]
        right_k, right_v = all_keys[: time + 1], all_values[: time + 1]
        query = new @ w_q

        def mean(keys: np.ndarray, values: np.ndarray, query: np.ndarray = query, divisor: float = 2.0) -> Any:
            scores = keys @ query / divisor
            e = np.exp(scores - scores.max())
            return e / e.sum() @ values

        given = _called(step, new, old_k, old_v, w_q, w_k, w_v)
        if not isinstance(given, (tuple, list)) or len(given) != 3:
            raise Rejected("three", "It must return three things: the output, and the two arrays of the cache.")
        out, keys, values = given
        if out is None:
            raise Rejected("not_done", "The output is None still: put your own lines in place of the comments.")
        _judge_cache("keys", keys, old_k, right_k, {"values": right_v, "queries": x[: time + 1] @ w_q})
        _judge_cache("values", values, old_v, right_v, {"keys": right_k})
        mistakes = [
            Mistake(
                "not_scaled",
                mean(right_k, right_v, divisor=1.0),
                "The scores are not divided by √size (lesson 07).",
            ),
            Mistake(
                "root_of_features",
                mean(right_k, right_v, divisor=np.sqrt(features)),
                "Divided by the root of the number of features. It is the *size* of a key that counts (lesson 07).",
            ),
            Mistake(
                "no_softmax",
                right_k @ query / 2 @ right_v,
                "The scores themselves were used as weights. What makes them positive, with the sum 1?",
            ),
            Mistake(
                "not_divided",
                np.exp(right_k @ query / 2) @ right_v,
                "The exponentials do not sum to 1 yet: divide by their sum.",
            ),
            Mistake("divided_by_size", mean(right_k, right_v, divisor=size), "Divided by size, not by its root."),
            Mistake(
                "query_of_keys",
                mean(right_k, right_v, query=new @ w_k),
                "The new place's *key* was used as its query: x @ W_q is the query.",
            ),
            Mistake("keys_fetched", mean(right_k, right_k), "It fetched the keys. The values are what is fetched."),
            Mistake("plain_mean", right_v.mean(axis=0), "Each value got the same weight."),
            Mistake("own_value", right_v[-1], "That is the new place's own value: it did not look back."),
        ]
        if time:
            mistakes.insert(
                0,
                Mistake(
                    "old_only",
                    mean(old_k, old_v),
                    "The new place does not see itself. Put its key and value into the cache first, then attend.",
                ),
            )
        right = mean(right_k, right_v)
        mistakes = [one for one in mistakes if not _alike(one.gives, right)]
        expect_close(out, right, mistakes, of=f"the output of step {time}")


def _called(step: Any, *arguments: np.ndarray) -> Any:
    try:
        return call(step, *arguments)
    except Rejected as rejected:
        told = rejected.hint.text
        if "same number of dimensions" in told or "enough dimensions" in told:
            raise Rejected("one_row", _ONE_ROW) from rejected
        if "mismatch in its core dimension" in told or "must match exactly" in told:
            raise Rejected(
                "sizes",
                "Two lengths do not fit. x has `features` numbers and each W is (features, size), so x @ W is (size,). "
                "Is x on the left, and was each of query, key and value made with its own W?",
            ) from rejected
        raise


_ONE_ROW: Final = (
    "The cache has two axes, (time, size); x @ W_k has one, (size,). [None, :] makes a row of it, (1, size), and "
    "np.append needs axis=0, or it flattens all."
)


def _judge_cache(what: str, found: Any, old: np.ndarray, right: np.ndarray, others: dict[str, np.ndarray]) -> None:
    cache = np.asarray(found, float)
    if cache.ndim == 1:
        raise Rejected("one_row", _ONE_ROW)
    for name, other in others.items():
        if _alike(cache, other):
            raise Rejected(
                "mixed_up",
                f"Where the {what} should stand, there are {name}. Which W makes {what}? And is the order of what is "
                "returned out, keys, values?",
            )
    if cache.shape == old.shape and np.allclose(cache, old):
        raise Rejected("not_kept", f"The {what} came back as they were: the next token will not see this place.")
    if cache.shape == right.shape and len(right) > 1 and np.allclose(cache, np.roll(right, 1, axis=0)):
        raise Rejected("at_the_front", f"The new place stands before the old ones in {what}: it belongs at the end.")
    expect_close(found, right, of=f"the {what} of the cache")


EXERCISES: Final = (
    Exercise(
        name="10.draw",
        judge=_judge_draw,
        hints=(
            "np.cumsum gives the end of each share: [0.5, 0.8, 1.0] for [0.5, 0.3, 0.2].",
            "With u = 0.6 one share (token 0's) ends before u, so token 1 is drawn: the token is a count.",
            "return int((np.cumsum(probabilities) <= u).sum()).",
        ),
        solution='''def my_draw(probabilities, u):
    """The token in whose share of the line from 0 to 1 the number u falls.

    probabilities: (vocab,), summing to 1. u: 0 <= u < 1.
    """
    ends = np.cumsum(probabilities)
    return int((ends <= u).sum())''',
        wants=("my_draw",),
        seen="A token of probability 0 has an empty share, and is never drawn. Whoever fixes u fixes the text: that is "
        "what a seed is for.",
    ),
    Exercise(
        name="10.nucleus",
        judge=_judge_nucleus,
        hints=(
            "Do the kept tokens have at least p between them? And do they sum to 1?",
            "A token is kept if the likelier ones *before* it have less than p: reached - probabilities[order] < p.",
            "return result / result.sum().",
        ),
        solution='''def nucleus(probabilities, p):
    """The fewest likeliest tokens with at least p between them, sharing out 1: (vocab,)."""
    order = np.argsort(-probabilities)  # the likeliest first
    reached = np.cumsum(probabilities[order])
    before = reached - probabilities[order]
    kept = order[before < p]
    result = np.zeros_like(probabilities)
    result[kept] = probabilities[kept]
    return result / result.sum()''',
        wants=("nucleus",),
        seen="The broken one cut off the likeliest token wherever the model was surer than p, exactly where cutting is "
        "least needed.",
    ),
    Exercise(
        name="10.repeats",
        judge=_judge_repeats,
        hints=(
            "List all n-grams: one begins at each of the places 0 … N − n. As tuples they can stand in a set.",
            "Walk along: is this n-gram in the set of those before? Count it if so, then put it in.",
            "The later copies are all n-grams less the different ones: 1 − len(set(runs)) / len(runs), and 0.0 "
            "without any.",
        ),
        solution='''def repeated_share(tokens, n):
    """The share of the n-grams of a text that occurred before in it; 0.0 if it has no n-gram.

    tokens: a sequence of whole numbers.
    """
    before, again, count = set(), 0, 0
    for at in range(len(tokens) - n + 1):
        run = tuple(tokens[at : at + n])
        again += run in before
        before.add(run)
        count += 1
    return again / count if count else 0.0''',
        wants=("repeated_share",),
        seen="Real texts repeat themselves as well. The question is how much.",
    ),
    Exercise(
        name="10.step",
        judge=_judge_step,
        hints=(
            "np.concatenate([keys, (x @ W_k)[None, :]]) puts the new key at the end. The same for values.",
            "scores = keys @ (x @ W_q) / np.sqrt(keys.shape[1]): one for each place, the new one included.",
            "weights = softmax of the scores; return weights @ values, keys, values.",
        ),
        solution='''def step(x, keys, values, W_q, W_k, W_v):
    """Attention for one new token: (out, keys, values).

    x: (features,). keys, values: of all places before, (time, size); none yet: (0, size).
    Returns the output (size,) and the cache with the new place at its end, (time + 1, size).
    """
    keys = np.concatenate([keys, (x @ W_k)[None, :]])
    values = np.concatenate([values, (x @ W_v)[None, :]])
    scores = keys @ (x @ W_q) / np.sqrt(keys.shape[1])
    weights = np.exp(scores)
    return weights @ values / weights.sum(), keys, values''',
        wants=("step",),
        seen="No causal mask was needed: what comes later is not in the cache yet.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "10.temperature",
        "Somebody has probabilities and no logits, and wants τ = 0.5. Which way is right?",
        (
            Choice(
                "Divide each probability by 0.5, then divide by their sum.",
                "Twice as large, each, and then divided by twice the sum: what has changed?",
            ),
            Choice(
                "Raise each probability to the power 1/0.5 = 2, then divide by their sum.",
                "ln P is as good as logits, up to a constant that the softmax does not see; and e^(ln P / τ) = "
                "P^(1/τ).",
                right=True,
            ),
            Choice(
                "It cannot be done: the logits are lost.",
                "The softmax does not care for a constant added to all logits. Which logits have P as their softmax?",
            ),
            Choice(
                "Take the softmax of the probabilities divided by 0.5.",
                "Probabilities lie between 0 and 1, so as logits they are all alike: e^(1/0.5) to e^0 is 7.4 to 1 "
                "at most. "
                "Which function must come before?",
            ),
        ),
    ),
    Quiz(
        "10.cached",
        "For which of these models would a key–value cache change the answers?",
        (
            Choice("A deeper one, of 48 blocks.", "In each block an earlier place looks at still earlier ones only. "
            "Does a "
                   "new token reach back in any of them?"),
            Choice(
                "One whose attention is not causal, such as a text classifier's.",
                "There a new token changes what comes out at all earlier places, and with it their keys and values "
                "in the "
                "next block. What was kept would be out of date.",
                right=True,
            ),
            Choice("One with rotary positions.", "A key is turned by its own place, which stays the same as the text "
                   "grows. (When the window *slides*, places change: then the cache must be made anew.)"),
            Choice("One that draws at τ = 1 instead of choosing greedily.", "The cache gives the same logits. What is "
                   "made of them comes afterwards."),
        ),
    ),
    Quiz(
        "10.quality",
        "Two models have the same perplexity on unseen text. May their texts differ in quality?",
        (
            Choice(
                "No: perplexity measures how good a model is.",
                "It measures how well real text was expected. One model wrote all rows of the last table. What "
                "differed?",
            ),
            Choice(
                "Yes: it depends on how tokens are chosen, and on where the models are surprised.",
                "And two models of one perplexity can be wrong in different places: in the names, or in the grammar.",
                right=True,
            ),
            Choice(
                "Only if their vocabularies differ.",
                "Then perplexities may not even be compared (lesson 02). But look at the table: one vocabulary, one "
                "model.",
            ),
        ),
    ),
)  # fmt: skip

PREDICTIONS: Final = (
    Prediction("10.grammar", "At τ = 1.5: which share of the sentences is grammatical?", 0, 100, "%"),
    Prediction("10.cache", "63 tokens without the cache take how many times the joules?", 1, 60, "times"),
)
