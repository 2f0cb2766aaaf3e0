"""The exercises, quizzes and predictions of lesson 01. Long, because each wrong idea has words of its own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
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


def _must_refuse(function: Any, *arguments: Any, key: str, hint: str) -> None:
    """Raise Rejected unless the function raises ValueError for these arguments."""
    try:
        call(function, *arguments)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, ValueError):
            return
        if rejected.hint.key not in ("exception", "not_done"):
            raise
    raise Rejected(key, hint)


# ---- 01.bigram ------------------------------------------------------------------------------------------------------

_Table = Mapping[tuple[Any, Any], float]


def _judge_bigram(bigram: Any) -> None:
    for text in ("a b a c b a", "to be or not to be to be", "b a a a b c"):
        tokens = text.split()
        _judge_table(call(bigram, tokens), tokens, text)
    for short in ([], ["a"]):
        if _as_table(call(bigram, short), f"bigram({short})"):
            raise Rejected("too_short", f"bigram({short}): here is no pair at all. What should the dict then hold?")


def _as_table(value: Any, of: str) -> _Table:
    if not isinstance(value, Mapping):
        raise Rejected("kind", f"{of} must be a dict; yours is {type(value).__name__}.")
    if any(isinstance(one, Mapping) for one in value.values()):
        raise Rejected(
            "nested", "A dict of dicts holds the same, but the check asks for one dict: the key is (previous, next)."
        )
    return value


def _judge_table(value: Any, tokens: list[str], text: str) -> None:
    table = _as_table(value, f'bigram("{text}".split())')
    pairs, ends, total = Counter(pairwise(tokens)), Counter(tokens), len(tokens) - 1
    histories, seconds = Counter(tokens[:-1]), Counter(tokens[1:])
    if set(table) != set(pairs):
        if set(table) == {(second, first) for first, second in pairs}:
            raise Rejected("reversed_keys", "The keys stand the wrong way round: (previous, next) is asked for.")
        odd = sorted(map(str, set(table) ^ set(pairs)))[0]
        raise Rejected(
            "pairs",
            f'The keys must be the pairs of neighbours in "{text}", each once; {odd} is in yours or in those, and not '
            "in both. Which pairs does the text hold?",
        )
    order = list(pairs)

    def row(rule: Callable[[Any, Any], float]) -> list[float]:
        return [rule(first, second) for first, second in order]

    ideas = [
        (
            "last_token",
            lambda first, second: pairs[first, second] / ends[first],
            "The last token of the text has nothing behind it, so there it is no history. After a token that is both "
            "inside and at the end, your probabilities sum to less than 1. Count tokens[:-1].",
        ),
        (
            "joint",
            lambda first, second: pairs[first, second] / total,
            "These are shares of all pairs: how likely is this pair anywhere? Asked is: once `previous` is there, how "
            "likely is `next`? Which pairs may then be divided by?",
        ),
        (
            "joint",
            lambda first, second: pairs[first, second] / len(tokens),
            "Divided by the length of the text: that is a share of the whole text. Once `previous` is there, only the "
            "places behind it count. How many are these?",
        ),
        (
            "backwards",
            lambda first, second: pairs[first, second] / seconds[second],
            "That is P(previous | next): of all places where `next` stands, how many follow `previous`? Which of the "
            "two is known here?",
        ),
        (
            "counts",
            lambda first, second: pairs[first, second],
            "These are counts. What must they be divided by, so that those of one history sum to 1?",
        ),
        (
            "distinct",
            lambda first, second: pairs[first, second] / sum(one == first for one, _ in pairs),
            "Divided by the number of *different* tokens behind `previous`: each pair was counted once, however often "
            "it occurs. How often does `previous` have something behind it in all?",
        ),
        (
            "no_history",
            lambda first, second: ends[second] / len(tokens),
            "That is how frequent `next` is, whatever comes before. Where does `previous` enter?",
        ),
    ]
    right = row(lambda first, second: pairs[first, second] / histories[first])
    mistakes = [Mistake(key, row(rule), hint) for key, rule, hint in ideas]
    values: list[Any] = [table[pair] for pair in order]  # floats, or exact fractions
    expect_close(
        [float(one) if isinstance(one, Fraction) else one for one in values],
        right,
        [one for one in mistakes if not np.allclose(one.gives, right)],
        of=f'the probabilities of bigram("{text}".split()), in the order {order},',
    )


# ---- 01.sample ------------------------------------------------------------------------------------------------------

# (probabilities, u, the token)
_DRAWS: Final = (
    ((0.5, 0.3, 0.2), 0.1, 0),
    ((0.5, 0.3, 0.2), 0.6, 1),
    ((0.5, 0.3, 0.2), 0.9, 2),
    ((0.2, 0.3, 0.5), 0.3, 1),
    ((0.2, 0.3, 0.5), 0.15, 0),
    ((0.2, 0.3, 0.5), 0.95, 2),
    ((0.5, 0.25, 0.25), 0.0, 0),
    ((0.5, 0.25, 0.25), 0.5, 1),
    ((0.5, 0.25, 0.25), 0.75, 2),
    ((0.0, 0.5, 0.0, 0.5), 0.0, 1),
    ((0.0, 0.5, 0.0, 0.5), 0.5, 3),
    ((1.0,), 0.7, 0),
)
_ROUNDED: Final = math.nextafter(1.0, 0.0)  # the largest u there is; ten shares of 0.1 add up to no more than that


def _judge_sample(pick: Any) -> None:
    for probabilities, u, right in _DRAWS:
        _judge_pick(pick, np.array(probabilities), u, right)
    _judge_nearly_one(pick)
    for tenths, and_more in (([0.1] * 10, ""), ([0.1] * 10 + [0.0, 0.0], ", with two shares of 0 behind them,")):
        value = call(pick, np.array(tenths), _ROUNDED)
        try:
            expect_close(value, 9)
        except Rejected as rejected:
            raise Rejected(
                "last",
                f"Ten shares of 0.1{and_more} add up to 0.9999999999999999 on a computer, and u may be as large as "
                f"that. Then no end lies above u, and yours answers {value!r}. Which token must it be: the last one "
                "that has a share at all?",
            ) from rejected
    for wrong in ((0.5, 0.3), (2.0, 1.0, 1.0)):
        _must_refuse(
            pick,
            np.array(wrong),
            0.2,
            key="refuse",
            hint=f"Probabilities {wrong} do not sum to 1: somebody handed you counts, or lost a token. The docstring "
            "promises a ValueError. Where could you look, before you draw?",
        )


def _judge_nearly_one(pick: Any) -> None:
    nearly = np.array((0.7, 0.1, 0.1, 0.1))  # sums to 0.9999999999999999
    try:
        value = call(pick, nearly, 0.75)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, ValueError):
            raise Rejected(
                "exact_sum",
                "0.7 and three times 0.1 sum to 1 on paper, and to 0.9999999999999999 on a computer. That is no reason "
                "for a ValueError. How could you ask whether a sum is 1 but for rounding?",
            ) from rejected
        raise
    expect_close(value, 1, of=f"pick({nearly.tolist()}, 0.75)")


def _judge_pick(pick: Any, probabilities: np.ndarray, u: float, right: int) -> None:
    value = call(pick, probabilities, u)
    of = f"pick({probabilities.tolist()}, {u:g})"
    on_border = right > 0 and float(probabilities[:right].sum()) == u
    if on_border and probabilities[right - 1] == 0:
        below = (
            "impossible",
            f"{of} gave a token of probability 0. Its share has no width, so no u may fall into it: does a share hold "
            "its left end, or its right end?",
        )
    elif on_border:
        below = (
            "left_end",
            f"{of}: u lies on the border. A share holds its left end and not its right one, so that u = 0 falls into "
            "the first. Is it < or ≤?",
        )
    else:
        below = ("one_too_small", f"{of} should be {right}, one more. How many shares end at or before u?")
    likeliest = f"{of}: the likeliest token always? Then one text would be written again and again. What is u for?"
    ideas = [
        Mistake(
            "fraction", float(probabilities[right]), "That is the token's probability. Asked is its number, from 0."
        ),
        *([] if on_border else [Mistake("likeliest", int(np.argmax(probabilities)), likeliest)]),
        Mistake(below[0], right - 1, below[1]),
        Mistake(
            "one_too_large",
            right + 1,
            f"{of} should be {right}, one less. Tokens are counted from 0: how many shares end at or before u?",
        ),
    ]
    expect_close(value, right, [idea for idea in ideas if idea.gives != right], of=of)


# ---- 01.total_probability -------------------------------------------------------------------------------------------

# Texts of three tokens, as in the lesson: cats, dogs, see, chase, birds.
_TINY: Final = {(0, 2, 1): 2, (0, 2, 4): 1, (0, 3, 4): 1, (1, 2, 0): 1, (1, 3, 0): 2, (1, 3, 4): 1}


def _tiny_counts() -> np.ndarray:
    counts = np.zeros((5, 5, 5))
    for text, times in _TINY.items():
        counts[text] = times
    return counts


def _judge_total(third_given_first: Any) -> None:
    full = np.array(
        [[[3, 1, 2], [1, 4, 1], [0, 2, 9]], [[5, 2, 1], [1, 1, 7], [3, 0, 1]], [[2, 2, 2], [1, 0, 0], [4, 1, 6]]]
    )
    holed = full.copy()
    holed[0, 1] = 0  # never a 1 after a 0
    for counts, first in ((full, 1), (full, 2), (holed, 0), (_tiny_counts(), 1)):
        _judge_mixture(call(third_given_first, counts.astype(float), first), counts.astype(float), first)
    empty = full.copy()
    empty[2] = 0
    _must_refuse(
        third_given_first,
        empty.astype(float),
        2,
        key="refuse",
        hint="Here no text begins with token 2, so there is nothing that a probability after it could be a share of. "
        "The docstring promises a ValueError: where would your code divide by zero?",
    )


def _judge_mixture(value: Any, counts: np.ndarray, first: int) -> None:
    total, after = counts.sum(), counts[first]
    seconds, thirds = after.sum(axis=1), after.sum(axis=0)
    conditionals = after / np.maximum(seconds, 1)[:, None]
    right = after.sum(axis=0) / after.sum()
    anywhere = (counts.sum((1, 2)) + counts.sum((0, 2)) + counts.sum((0, 1))) / (3 * total)
    ideas = [
        (
            "published",
            counts.sum((0, 2)) / total @ conditionals,
            "The weights are P(second), over all texts: that is the published formula. But the first token is known, "
            "and it changes which second ones are likely. What are the weights then?",
        ),
        (
            "published",
            anywhere @ conditionals,
            "The weights are how frequent each token is anywhere: that is the published formula. Only the second place "
            "counts, and only in texts that begin with `first`.",
        ),
        (
            "plain_mean",
            conditionals.mean(axis=0),
            "A plain mean: each second token has the same weight, even one that never comes after `first`. How likely "
            "is each of them there?",
        ),
        (
            "plain_mean",
            conditionals.sum(axis=0) / max(1, (seconds > 0).sum()),
            "A plain mean over the second tokens that occur. But some of them are likelier than others after `first`.",
        ),
        (
            "no_weights",
            conditionals.sum(axis=0),
            "The conditional probabilities are added without weights, so that they sum to more than 1. Each holds only "
            "for one second token: how likely is that one?",
        ),
        (
            "joint",
            after.sum(axis=0) / total,
            "These are shares of all texts: P(first, third), which sums to P(first). Once `first` is known, what is "
            "the whole that shares are taken of?",
        ),
        (
            "second",
            seconds / seconds.sum(),
            "That is P(second | first): summed over the wrong axis. counts[first] has the axes (second, third); which "
            "of them must be left?",
        ),
        (
            "columns",
            seconds / seconds.sum() @ (after / np.maximum(seconds, 1)),
            "Each *column* was divided by a row's sum: an array (V, V) divided by one of (V,) goes column by column. "
            "Each row is to be divided by its own sum: which shape must the sums have? (keepdims=True keeps it.)",
        ),
        (
            "columns",
            seconds / seconds.sum() @ (after / np.maximum(thirds, 1)),
            "In your conditionals the columns sum to 1. But each *row* of counts[first] is one second token, and must "
            "be a distribution of the third. Along which axis do the sums run then?",
        ),
        (
            "columns",
            thirds / thirds.sum() @ (after / np.maximum(thirds, 1)),
            "The sums run along the wrong axis. counts[first] has the axes (second, third): the weights are one for "
            "each *row*, and each row, divided by its sum, is a distribution of the third. Which axis is added up?",
        ),
        (
            "columns",
            thirds / thirds.sum() @ conditionals,
            "These weights are shares of the *third* token. counts[first] has the axes (second, third): which of them "
            "must be added up, so that the second is left?",
        ),
        (
            "forgot_first",
            counts.sum((0, 1)) / total,
            "That is P(third) over all texts. Where does what we know, the first token, enter?",
        ),
        (
            "counts",
            after.sum(axis=0),
            "These are counts. What do they sum to, and what must probabilities sum to?",
        ),
    ]
    found = np.asarray(value)
    if found.dtype.kind == "f" and np.isnan(found).any():
        raise Rejected(
            "never_together",
            "There is a nan: some second token never comes after `first`, and 0 / 0 is no number. Its weight is 0; "
            "what may stand in its row, so that 0 times it is 0?",
        )
    mistakes = [Mistake(*idea) for idea in ideas]
    expect_close(
        value,
        right,
        [one for one in mistakes if np.shape(one.gives) != right.shape or not np.allclose(one.gives, right)],
        of=f"P(third | first = {first})",
    )


# ---- 01.log_likelihood ----------------------------------------------------------------------------------------------

_START: Final = np.array([0.5, 0.2, 0.3])
_ROWS: Final = np.array([[0.1, 0.6, 0.3], [0.25, 0.25, 0.5], [0.7, 0.1, 0.2]])


def _judge_log_likelihood(log_likelihood: Any) -> None:
    for ids in ([0, 1, 2, 0, 0], [2, 1, 1, 0]):
        _judge_short_text(call(log_likelihood, np.array(ids), _START, _ROWS), ids)
    one = call(log_likelihood, np.array([1]), _START, _ROWS)
    expect_close(
        one,
        math.log(0.2),
        [
            Mistake(
                "first_token", 0.0, "A text of one token: nothing stands before it. Which table knows how likely it is?"
            )
        ],
        of="log_likelihood of the text of the one token 1",
    )
    none = _or_nan(lambda: call(log_likelihood, np.array([], int), _START, _ROWS))
    if not np.array_equal(none, 0.0):
        raise Rejected(
            "empty", "The empty text has no factor, and a product of no factors is 1. What is the logarithm of that?"
        )
    long = np.random.default_rng(0).integers(0, 3, 5000)
    value = call(log_likelihood, long, _START, _ROWS)
    right = math.log(_START[long[0]]) + float(np.log(_ROWS[long[:-1], long[1:]]).sum())
    if np.array_equal(value, -math.inf):
        raise Rejected(
            "underflow",
            "A text of 5,000 tokens gives −inf: the product fell below the smallest number that a computer holds, and "
            "became 0 before you took its logarithm. In which order must the two steps come?",
        )
    expect_close(value, right, of="log_likelihood of 5,000 tokens", tolerance=1e-9)
    for ids, start in (([0, 2, 1, 0], _START), ([1, 1], np.array([1.0, 0.0, 0.0]))):
        holed = np.where(_ROWS == 0.1, 0.0, _ROWS)
        value = _or_nan(partial(call, log_likelihood, np.array(ids), start, holed))
        if not np.array_equal(value, -math.inf):
            raise Rejected(
                "impossible",
                "A text with a step of probability 0 is impossible: P = 0, and its logarithm is −infinity. np.log(0) "
                "gives just that (with a warning); math.log(0) stops. Nothing may be left out or put in its place.",
            )


def _or_nan(calculate: Callable[[], Any]) -> Any:
    """The result; nan where the learner's function stopped with an error or gave None."""
    try:
        return np.asarray(calculate())
    except Rejected as rejected:
        if rejected.hint.key in ("exception", "not_done"):
            return math.nan
        raise


def _judge_short_text(value: Any, ids: Sequence[int]) -> None:
    factors = [_ROWS[first, second] for first, second in pairwise(ids)]
    turned = [_ROWS[second, first] for first, second in pairwise(ids)]
    start = _START[ids[0]]
    right = math.log(start) + sum(map(math.log, factors))
    expect_close(
        value,
        right,
        [
            Mistake(
                "first_token", right - math.log(start), "The first token is missing: its probability is in `start`."
            ),
            Mistake(
                "sign",
                -right,
                "That is minus the log-likelihood. A probability is at most 1: which sign has its logarithm?",
            ),
            Mistake(
                "bits", right / math.log(2), "These are logarithms to the base 2. Asked is ln: np.log or math.log."
            ),
            Mistake(
                "digits", right / math.log(10), "These are logarithms to the base 10. Asked is ln: np.log or math.log."
            ),
            Mistake(
                "mean", right / len(ids), "That is the mean over the tokens. Asked is the sum: ln of the whole product."
            ),
            Mistake(
                "mean",
                math.log(start) + (right - math.log(start)) / len(factors),
                "The steps are averaged; asked is their sum.",
            ),
            Mistake("product", math.exp(right), "That is the probability itself. Asked is its logarithm."),
            Mistake(
                "turned",
                math.log(start) + sum(map(math.log, turned)),
                "The table is read the wrong way round: the row is the token before, the column the one that comes.",
            ),
            Mistake(
                "log_of_sum",
                math.log(start + sum(factors)),
                "The logarithm of a sum. ln turns a *product* into a sum: take the logarithm of each factor first.",
            ),
        ],
        of=f"log_likelihood of the text {list(ids)}",
    )


# ---- 01.add_k -------------------------------------------------------------------------------------------------------


def _judge_add_k(smoothed: Any) -> None:
    few = np.array([[4, 0, 2, 0], [1, 1, 0, 0], [3, 1, 5, 2]])  # (histories, vocab), not square
    unseen = np.array([[2, 1, 0], [0, 0, 0], [1, 1, 4]])  # nothing was ever seen after history 1
    for counts, k in ((few, 0.5), (few, 2.0), (unseen, 0.25)):
        value = call(smoothed, counts.astype(float), k)
        found = np.asarray(value)
        if counts is unseen and found.dtype.kind == "f" and np.isnan(found).any():
            raise Rejected(
                "never_seen",
                "There is a nan: after one history nothing was ever seen, and 0 / 0 is no number. Its tokens got k "
                "each, like all others. What must stand below the line in that row?",
            )
        _judge_smoothed(value, counts.astype(float), k)


def _judge_smoothed(value: Any, counts: np.ndarray, k: float) -> None:
    vocab_size, sums = counts.shape[1], counts.sum(axis=1, keepdims=True)
    right = (counts + k) / (sums + k * vocab_size)
    with np.errstate(divide="ignore", invalid="ignore"):
        ideas = [
            (
                "seen_types",
                (counts + k) / (sums + k * (counts > 0).sum(axis=1, keepdims=True)),
                "k is added to every token above the line, seen or not, but below the line only once for each token "
                "that was *seen*. So a row sums to more than 1. How many k's were added to a row in all?",
            ),
            (
                "numerator_only",
                (counts + k) / sums,
                "k was added above the line only. What do the counts of a row sum to now, and what must the row be "
                "divided by, so that it sums to 1?",
            ),
            (
                "once",
                (counts + k) / (sums + k),
                "Below the line stands one k. But above it each token of the vocabulary got one. How many are these?",
            ),
            (
                "histories",
                (counts + k) / (sums + k * len(counts)),
                "k times the number of *rows*: these are histories. How many tokens may come next: which axis is that?",
            ),
            (
                "whole_table",
                (counts + k) / (counts.sum() + k * vocab_size),
                "The whole table is divided by one number. Each history is a distribution of its own: "
                "its row sums to 1.",
            ),
            (
                "whole_table",
                (counts + k) / (counts + k).sum(),
                "Now the whole table sums to 1. Each history is a distribution of its own: its *row* must.",
            ),
            (
                "columns",
                (counts + k) / (counts + k).sum(axis=0),
                "The columns sum to 1: that is the way back, P(previous | next). What is a row?",
            ),
            (
                "only_unseen",
                (counts + k * (counts == 0)) / (counts + k * (counts == 0)).sum(axis=1, keepdims=True),
                "k went only to the tokens that were not seen. Then one that was seen once may end up below one that "
                "never was. Add-k adds k to *every* count.",
            ),
            (
                "not_smoothed",
                counts / sums,
                "Nothing is smoothed here: what was never seen has probability 0. Where does k come in?",
            ),
        ]
    expect_close(
        value,
        right,
        [Mistake(*idea) for idea in ideas if not np.allclose(idea[1], right, equal_nan=True)],
        of=f"smoothed({counts.astype(int).tolist()}, {k:g})",
    )


# ---- what the stubs' cells look like, solved ------------------------------------------------------------------------

_BIGRAM: Final = '''\
from collections import Counter
from itertools import pairwise


def bigram(tokens):
    """P(next | previous) of each pair in the text: {(previous, next): probability}."""
    pairs = Counter(pairwise(tokens))
    histories = Counter(tokens[:-1])
    return {(first, second): pairs[first, second] / histories[first] for first, second in pairs}'''
_SAMPLE: Final = '''\
def pick(probabilities, u):
    """The token in whose share of the line from 0 to 1 the number u falls, 0 ≤ u < 1."""
    ends = np.cumsum(probabilities)
    if not np.isclose(ends[-1], 1):
        raise ValueError("the probabilities must sum to 1")
    token = np.searchsorted(ends, u, side="right")
    last = np.flatnonzero(probabilities)[-1]
    return int(min(token, last))'''
_TOTAL_PROBABILITY: Final = '''\
def third_given_first(counts, first):
    """P(third | first) as an array, mixed over the second token, which nobody saw."""
    after = counts[first]  # (second, third)
    if not after.any():
        raise ValueError("no text begins with this token")
    seconds = after.sum(axis=1)
    weights = seconds / seconds.sum()
    conditionals = after / np.maximum(seconds, 1)[:, None]
    return weights @ conditionals'''
_LOG_LIKELIHOOD: Final = '''\
def log_likelihood(ids, start, table):
    """ln P(text), in nats: start[i] is P(the first token is i), table[i, j] is P(j | i)."""
    if len(ids) == 0:
        return 0.0
    with np.errstate(divide="ignore"):  # ln 0 is −inf, which is right
        steps = np.log(table[ids[:-1], ids[1:]])
        return float(np.log(start[ids[0]]) + steps.sum())'''
_ADD_K: Final = '''\
def smoothed(counts, k):
    """P(next | history) with k added to every count: (histories, vocab)."""
    vocab_size = counts.shape[1]
    return (counts + k) / (counts.sum(axis=1, keepdims=True) + k * vocab_size)'''

EXERCISES: Final = (
    Exercise(
        name="01.bigram",
        judge=_judge_bigram,
        given="from collections import Counter\nfrom itertools import pairwise",
        hints=(
            'In "a b a c a b a" the pair (a, b) occurs twice, and an a with something behind it three times. So '
            "P(b | a) = 2/3.",
            "`pairs` counts the pairs. You need a second count: how often is each token the *first* of a pair?",
            "histories = Counter(tokens[:-1]), and then pairs[first, second] / histories[first] for each pair.",
        ),
        solution=_BIGRAM,
        wants=("bigram",),
        seen="Try it on a sentence of your own, and add up the probabilities behind one word: they sum to 1.",
    ),
    Exercise(
        name="01.sample",
        judge=_judge_sample,
        hints=(
            "With the probabilities 0.5, 0.3, 0.2 the shares end at 0.5, 0.8 and 1. u = 0.6 lies in "
            "the second: token 1.",
            "The answer is the number of shares that end at or before u. np.cumsum gives the ends.",
            'np.searchsorted(np.cumsum(probabilities), u, side="right") counts them. Then think of u behind the last '
            "end, which rounding may allow, and of probabilities that do not sum to 1.",
        ),
        solution=_SAMPLE,
        wants=("pick",),
        seen="This is all the chance there is in a language model that writes: one number u for each token.",
    ),
    Exercise(
        name="01.total_probability",
        judge=_judge_total,
        hints=(
            "In the tiny corpus, after dogs: see with weight 1/4, then cats for sure; chase with weight 3/4, then cats "
            "in 2 of 3. Together 1/4 · 1 + 3/4 · 2/3 = 3/4.",
            "counts[first] is a table (second, third). Its row sums say how often each second token comes after the "
            "first: as shares they are the weights.",
            "weights @ conditionals, where conditionals is counts[first] with each row divided by its sum (a row of "
            "zeros stays zeros). Before that: raise ValueError where counts[first] holds nothing.",
        ),
        solution=_TOTAL_PROBABILITY,
        wants=("third_given_first",),
        seen="There is a shorter way to the same numbers: counts[first].sum(axis=0), divided by its "
        "sum. The law of total "
        "probability says that both must agree; with the published weights they do not.",
    ),
    Exercise(
        name="01.log_likelihood",
        judge=_judge_log_likelihood,
        hints=(
            "ln P of the text [0, 1, 2] is ln start[0] + ln table[0, 1] + ln table[1, 2]. Of the "
            "empty text it is ln 1.",
            "Take the logarithm of each factor, then add. Never multiply first: that falls to 0.0.",
            "np.log(start[ids[0]]) + np.log(table[ids[:-1], ids[1:]]).sum(), with the empty text answered before.",
        ),
        solution=_LOG_LIKELIHOOD,
        wants=("log_likelihood",),
        seen="Divided by −N it is the loss. Every language model in this course is trained to make "
        "that one number small.",
    ),
    Exercise(
        name="01.add_k",
        judge=_judge_add_k,
        hints=(
            "Add up a row of the result. A distribution must sum to 1: which rows do not?",
            "Above the line every token of the vocabulary got k, whether it was seen or not. How "
            "many k's is that a row?",
            "Below the line must stand the row's sum + k · V, with V = counts.shape[1].",
        ),
        solution=_ADD_K,
        wants=("smoothed",),
        seen="A model whose probabilities sum to more than 1 has a lower loss than it deserves. "
        "Before you believe a low "
        "loss, add up a row.",
    ),
)

QUIZZES: Final = (
    Quiz(
        name="01.samples",
        question="Each of A to E was written by a program that looks at its last few characters, and at nothing else. "
        "Which one looks back furthest?",
        choices=(
            Choice(
                "A",
                "Here most words are words, but sentences change their subject half-way. Is there one "
                "whose phrases hold longer?",
            ),
            Choice(
                "B",
                "It has no words at all, not even likely pairs of letters: this one looks at nothing "
                "before. Which one is its opposite?",
            ),
            Choice(
                "C",
                "Whole phrases stand here as in the manual, because they are in it: it looks back seven "
                "characters. You will soon see what that costs.",
                right=True,
            ),
            Choice(
                "D",
                "Its syllables can be spoken, and few are words: it looks back two characters. Which one "
                "writes whole phrases?",
            ),
            Choice(
                "E",
                "Neighbours fit each other, and nothing more: it looks back a single character. Which "
                "one writes whole phrases?",
            ),
        ),
    ),
    Quiz(
        name="01.total_rule",
        question="When does the published formula, with the weights `P(second)`, give the true `P(third | "
        "first)` for certain?",
        choices=(
            Choice(
                "Always, if the probabilities were counted well",
                "The tiny corpus was counted exactly, and still 5/6 is not 3/4. What is wrong with the weights there?",
            ),
            Choice(
                "When the second token does not depend on the first",
                "Then P(second | first) = P(second), so the weights are the right ones. Those are the "
                "points on the line.",
                right=True,
            ),
            Choice(
                "When the corpus is large enough",
                "More text makes the counts steadier, and the wrong weights with them: the gap stays. "
                "What would have to be true of the weights?",
            ),
            Choice(
                "When all texts that occur are equally likely",
                "Take the six texts of the tiny corpus, each with 1/6: `see` comes in 2 of the 3 that begin with "
                "`cats`, but in 3 of all 6. What do the weights leave out?",
            ),
        ),
    ),
    Quiz(
        name="01.add_one",
        question="In the explorer, order 6 writes readable text with the smallest `add k`. With `add k` = "
        "1 it falls into noise and stays there. Why?",
        choices=(
            Choice(
                "Order 6 needs a larger text to write at all",
                "With the smallest k the same order on the same text writes well. What has changed is k.",
            ),
            Choice(
                "Adding 1 makes all counts equal",
                "A count of 40 becomes 41, which is still far more than 1. But how many different "
                "characters get their 1 after a history that was seen once?",
            ),
            Choice(
                "Most histories were seen once or twice, so the added ones outweigh what was counted; one "
                "odd draw leads to a history never seen, where all bets are even",
                "About a hundred characters get 1 each, against one or two that were counted. And from a "
                "history never seen, the way leads to others that were not seen either.",
                right=True,
            ),
            Choice(
                "The random numbers are different",
                "The seed is the same, and so is every u. What they are compared with has changed.",
            ),
        ),
    ),
    Quiz(
        name="01.held_out",
        question="You try many values of k and want to tell the world how good your model is. Which text is for what?",
        choices=(
            Choice(
                "Choose k on the training text, report the validation loss",
                "On the training text the smallest k always wins: it was counted there, so nothing is "
                "ever unseen. Which text shows what smoothing is for?",
            ),
            Choice(
                "Choose k on the test text and report that loss",
                "Then the reported text has helped to choose, and flatters the choice. A text can be "
                "used for one of the two.",
            ),
            Choice(
                "Choose k on the validation text, report the loss on the test text, once",
                "The choice never saw the test text, so it is as strange to the model as tomorrow's text will be.",
                right=True,
            ),
            Choice(
                "It does not matter, a loss is a loss",
                "Look at the two curves: at the smallest k one is at its best, and the other is not.",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        name="01.unseen",
        question="Of the runs of six characters in the validation text, how many in a hundred never occur "
        "in the training "
        "text, some seventeen times as long?",
        low=0,
        high=100,
        unit="%",
    ),
    Prediction(
        name="01.underflow",
        question="We multiply the probabilities of the characters one by one. After how many does the "
        "computer say 0.0?",
        low=0,
        high=2000,
        unit="characters",
    ),
    Prediction(
        name="01.ratio",
        question="Counting finds the best table of pairs at once, descending comes near it in 8,000 steps. How many "
        "times the energy of counting does descending take?",
        low=1,
        high=5000,
        unit="times",
    ),
)
