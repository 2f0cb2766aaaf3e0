"""The exercises, quizzes and predictions of lesson 02: surprise, entropy, the floor.

Longer than 300 lines, because each wrong idea comes with its value and its hint.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]

LN2: Final = math.log(2)


def _expect_refused(function: Any, arguments: tuple[Any, ...], key: str, text: str) -> None:
    """Reject unless the function raises ValueError for these arguments."""
    try:
        call(function, *arguments)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, ValueError):
            return
        if isinstance(rejected.__cause__, AssertionError):
            raise Rejected(
                "asserted",
                "An assert refused it. Asserts find mistakes in one's own code, and can be switched off; for bad input "
                "the first lines ask for a ValueError. What does `if …: raise ValueError(…)` look like here?",
            ) from rejected
        if rejected.hint.key != "not_done":
            raise
    raise Rejected(key, text)


def _entropy(p: np.ndarray) -> float:
    """In nats."""
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def _judge_entropy(entropy: Any) -> None:
    for p in (np.array([0.5, 0.25, 0.25]), np.array([0.625, 0.25, 0.125])):
        right, told = _entropy(p), f"entropy({p.tolist()})"
        expect_close(
            call(entropy, p),
            right,
            [
                Mistake(
                    "bits", right / LN2, "That is right in bits. The exercise asks for nats: which logarithm is it?"
                ),
                Mistake("sign", -right, "Right but for its sign: ln of a number below 1 is negative. Where is the −?"),
                Mistake(
                    "unweighted_sum",
                    -np.log(p).sum(),
                    "All surprises are added up, each once. But a likely outcome comes more often than a rare one: "
                    "what is each surprise to be multiplied by?",
                ),
                Mistake(
                    "unweighted_mean",
                    -np.log(p).mean(),
                    "That is the mean over the outcomes, each once. Over many draws, how often does each one come?",
                ),
                Mistake(
                    "divided_by_outcomes",
                    right / len(p),
                    "Divided by the number of outcomes: the probabilities are the weights of the mean already, and "
                    "they sum to 1. What is left to divide by?",
                ),
                Mistake(
                    "not_summed", -p * np.log(p), "These are the parts, one an outcome. What makes one figure of them?"
                ),
                Mistake(
                    "perplexity",
                    math.exp(right),
                    "That is e to the entropy, the perplexity. One step less is asked for.",
                ),
            ],
            of=told,
        )
    for p in (np.array([0.5, 0.0, 0.5]), np.array([0.0, 1.0])):
        value = call(entropy, p)
        if isinstance(value, (float, np.floating)) and not math.isfinite(value):
            raise Rejected(
                "zero_times_infinite",
                f"entropy({p.tolist()}) gave {value}: the computer multiplies 0 by an infinite surprise. An outcome "
                "that never comes adds nothing to a mean. How can you leave it out before you take the logarithm?",
            )
        expect_close(value, _entropy(p), of=f"entropy({p.tolist()})", tolerance=1e-9)
    tenths = np.full(10, 0.1)  # their sum in floating point is not exactly 1
    try:
        value = call(entropy, tenths)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, ValueError):
            raise Rejected(
                "exact_sum",
                "Ten times 0.1 was refused: added up as the computer adds, they make 0.9999999999999999. How near to 1 "
                "is near enough?",
            ) from rejected
        raise
    expect_close(value, math.log(10), of="entropy of ten even outcomes")
    for total in ([0.5, 0.4], [0.5, 0.6], [0.5, 0.25, 0.2501]):
        _expect_refused(
            entropy,
            (np.array(total),),
            "sum_not_checked",
            f"{total} sums to {math.fsum(total):g}: these are no probabilities, and any figure for them is nonsense. "
            "Raise a ValueError that says so (and mind that sums can be too large as well as too small).",
        )
    _expect_refused(
        entropy,
        (np.array([1.5, -0.5]),),
        "negative_not_checked",
        "[1.5, −0.5] sums to 1, but a probability is never negative. What else must be checked before the sum?",
    )


def _kl(p: np.ndarray, q: np.ndarray) -> float:
    """In nats."""
    happens = p > 0
    with np.errstate(divide="ignore"):
        return float((p[happens] * (np.log(p[happens]) - np.log(q[happens]))).sum())


def _judge_kl(kl: Any) -> None:
    pairs = (([0.5, 0.5], [0.9, 0.1]), ([0.7, 0.2, 0.1], [0.2, 0.3, 0.5]))
    for p, q in ((np.array(first), np.array(second)) for first, second in pairs):
        right = _kl(p, q)
        expect_close(
            call(kl, p, q),
            right,
            [
                Mistake(
                    "reversed",
                    _kl(q, p),
                    "That is the other way round: the mean must be taken over what really happens. Which of p and q "
                    "says how often something happens?",
                ),
                Mistake(
                    "cross_entropy",
                    right + _entropy(p),
                    "That is the whole cross-entropy H(p, q). How much of it would be there with the best q?",
                ),
                Mistake("bits", right / LN2, "That is right in bits. The exercise asks for nats."),
                Mistake("sign", -right, "Right but for its sign: p / q or q / p?"),
                Mistake(
                    "entropy_difference",
                    _entropy(q) - _entropy(p),
                    "That is H(q) − H(p), a difference of two entropies. The first part must be the surprise of q at "
                    "what p draws, so both stand in it.",
                ),
                Mistake(
                    "absolute",
                    np.abs(p * np.log(p / q)).sum(),
                    "Each part was made positive. Some parts are negative, where q is larger than p; only the sum "
                    "cannot be.",
                ),
                Mistake(
                    "unweighted", np.log(p / q).sum(), "Each outcome counts alike here. How often does each one come?"
                ),
                Mistake(
                    "not_summed",
                    p * np.log(p / q),
                    "These are the parts, one an outcome. What makes one figure of them?",
                ),
            ],
            of=f"kl({p.tolist()}, {q.tolist()})",
        )
    p = np.array([0.5, 0.5, 0.0])
    never = call(kl, p, np.array([0.25, 0.25, 0.5]))
    if isinstance(never, (float, np.floating)) and not math.isfinite(never):
        raise Rejected(
            "zero_times_infinite",
            f"Where p = 0 an outcome never comes, and adds nothing; yours gives {never}. Which outcomes should the sum "
            "run over?",
        )
    expect_close(never, LN2, of="kl([0.5, 0.5, 0], [0.25, 0.25, 0.5])")
    itself = call(kl, p, p)
    if isinstance(itself, (float, np.floating)) and math.isinf(itself):
        raise Rejected(
            "infinite_too_often",
            f"kl(p, p) with p = {p.tolist()} must be 0; yours is infinite. A “never” that is right costs nothing: what "
            "must be true of p, too, where q = 0 makes it infinite?",
        )
    expect_close(itself, 0.0, of="kl(p, p) with a 0 in both places")
    _judge_ruled_out(call(kl, np.array([0.5, 0.5]), np.array([1.0, 0.0])))


def _judge_ruled_out(found: Any) -> None:
    """What kl gives where the model rules out what happens every second time."""
    told = "kl([0.5, 0.5], [1, 0])"
    value = _number(found, told)
    if value == math.inf:
        return
    if math.isnan(value):
        raise Rejected("nan", f"{told} is nan. Where does the code take 0 × ∞, or ∞ − ∞?")
    if math.isclose(value, 0.5 * math.log(0.5)):
        raise Rejected(
            "skips_ruled_out",
            "The outcome that the model rules out was left out of the sum, so the worst mistake costs nothing. It "
            "happens every second time. What is its surprise?",
        )
    raise Rejected(
        "finite",
        f"{told} must be infinite; yours is {value:.6g}. A small number inside the logarithm hides that the model "
        "rules out what happens: the figure then tells the small number, not the mistake.",
    )


def _number(found: Any, told: str) -> float:
    try:
        return float(found)
    except (TypeError, ValueError) as err:
        raise Rejected("kind", f"{told} must be one number; yours is {type(found).__name__} ({err}).") from err


def _judge_perplexity(perplexity: Any) -> None:
    # (batches, texts, time). Padding holds surprises of its own, as a network gives them; batches differ in tokens.
    surprise = np.array([[[0.5, 1.0, 2.0], [3.0, 0.25, 7.0]], [[4.0, 1.5, 6.0], [0.75, 8.0, 2.5]]])
    real = np.array([[[1, 1, 1], [1, 1, 0]], [[1, 0, 0], [1, 0, 0]]])
    nats, tokens = float((surprise * real).sum()), int(real.sum())
    means = (surprise * real).sum((1, 2)) / real.sum((1, 2))  # (batches,)
    rows = (surprise * real).sum(2) / real.sum(2)  # (batches, texts)
    blind, diluted = surprise.mean((1, 2)), (surprise * real).mean((1, 2))  # (batches,)
    expect_close(
        call(perplexity, surprise, real),
        math.exp(nats / tokens),
        [
            Mistake(
                "both",
                np.mean(np.exp(blind)),
                "Unchanged: two things are wrong. Which places does `batch.mean()` count, and does a batch of two "
                "tokens weigh as much as a batch of five?",
            ),
            Mistake(
                "average_of_perplexities",
                np.mean(np.exp(means)),
                "The padding is out; good. But each batch has its own perplexity, and their average gives a batch with "
                "two tokens as much weight as one with five. What must be added up over all batches before e^ is "
                "taken?",
            ),
            Mistake(
                "average_of_batches",
                math.exp(np.mean(means)),
                "e^ is taken once, at the end; good. But the mean of the batches' means still weighs two tokens "
                "like five. What is the mean over tokens?",
            ),
            Mistake(
                "average_of_rows",
                math.exp(np.mean(rows)),
                "That is the mean over texts, each weighing alike however short it is. What is the mean over tokens?",
            ),
            Mistake(
                "padding_counted",
                math.exp(surprise.mean()),
                "The tokens weigh alike; good. But padding is counted as if it were text: `real` says which places to "
                "keep.",
            ),
            Mistake(
                "picked_by_number",
                math.exp(surprise[real].mean()),
                "`surprise[real]` takes each 0 and 1 for the number of a batch, and picks whole batches. A mask is "
                "made of True and False: which comparison makes one of `real`?",
            ),
            Mistake(
                "padding_in_the_count",
                math.exp(nats / surprise.size),
                "The surprise at padding is out, but its places still stand in the number you divide by. How many real "
                "tokens are there?",
            ),
            Mistake(
                "masked_mean_of_batches",
                np.mean(np.exp(diluted)),
                "Multiplied by `real`, a padded place adds 0, but `.mean()` still counts it. Count what is real, over "
                "all batches.",
            ),
            Mistake(
                "cross_entropy", nats / tokens, "That is the cross-entropy. One step more, and it is the perplexity."
            ),
            Mistake(
                "two_to_the_nats",
                2 ** (nats / tokens),
                "The surprises are in nats, so the base is e; 2 belongs to bits.",
            ),
        ],
        of="the perplexity of two batches",
    )
    value = _number(
        _called_on(
            perplexity, np.append(surprise, [[[9.0] * 3] * 2], axis=0), np.append(real, [[[0] * 3] * 2], axis=0)
        ),
        "the perplexity with a batch of nothing but padding",
    )
    if not math.isfinite(value):
        raise Rejected(
            "empty_batch",
            "A batch of nothing but padding came along, and the result is no number. It holds no token: what should it "
            "add to the sum, and to the count?",
        )
    expect_close(value, math.exp(nats / tokens), of="the perplexity with a batch of nothing but padding")
    value = _number(
        call(perplexity, np.array([[[1.0, math.inf]]]), np.array([[[1, 0]]])),
        "the perplexity with an infinite surprise at a padded place",
    )
    if not math.isfinite(value):
        raise Rejected(
            "multiplied_mask",
            "At a padded place stands an infinite surprise, and it came through: ∞ × 0 is no number to a computer. "
            "Pick the real places instead of multiplying: surprise[real == 1].",
        )
    expect_close(value, math.e, of="the perplexity of one real token with a surprise of 1 nat")
    _expect_refused(
        perplexity,
        (np.array([[[1.0, 2.0]]]), np.array([[[0, 0]]])),
        "no_tokens",
        "All is padding: no token, no mean, no perplexity. Raise a ValueError that says so, so that nobody takes nan "
        "or 1 for a result.",
    )


def _called_on(function: Any, *arrays: np.ndarray) -> Any:
    """The result, or nan where the learner's own refusal of a batch of padding ends it."""
    try:
        return call(function, *arrays)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, (ValueError, ZeroDivisionError)):
            return math.nan
        raise


def _stationary(chain: np.ndarray) -> np.ndarray:
    """π with π P = π, whatever P: the least-squares solution of it and of Σ π = 1."""
    size = len(chain)
    equations = np.vstack([chain.T - np.eye(size), np.ones(size)])
    solved: np.ndarray = np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]
    return solved


def _row_bits(chain: np.ndarray) -> np.ndarray:
    return np.array([_entropy(row) / LN2 for row in chain])


def _judge_entropy_rate(entropy_rate: Any) -> None:
    for chain in (np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2], [0.05, 0.05, 0.9]])):
        shares, bits = _stationary(chain), _row_bits(chain)
        right = float(shares @ bits)
        expect_close(
            call(entropy_rate, chain),
            right,
            [
                Mistake(
                    "even_shares",
                    bits.mean(),
                    "That is the mean of the rows' entropies, each state counting alike. But the chain is in some "
                    "states more often than in others. In which share of all steps is it where?",
                ),
                Mistake("nats", right * LN2, "That is right in nats. The exercise asks for bits a step."),
                Mistake(
                    "entropy_of_shares",
                    _entropy(shares) / LN2,
                    "That is the entropy of the stationary distribution: the surprise of somebody who does not know "
                    "where the chain is now. Who knows it is less surprised: which row tells the next step then?",
                ),
                Mistake(
                    "started_in_first",
                    bits[0],
                    "That is the entropy of the first row: right while the chain is in its first state. Where "
                    "else is it?",
                ),
                Mistake("not_averaged", bits.sum(), "The rows' entropies are added up. What are their weights?"),
                Mistake(
                    "columns",
                    float(_stationary(chain) @ np.array([-_plogp(column) for column in chain.T])),
                    "The entropies are those of the columns. Which way do the probabilities of one state's next step "
                    "stand in the matrix?",
                ),
                Mistake(
                    "lazy_rows",
                    float(shares @ _row_bits((chain + np.eye(len(chain))) / 2)),
                    "The shares are right. But these are the surprises of the lazy chain, which serves to find the "
                    "shares and for nothing else. Whose rows say what comes next?",
                ),
                Mistake("sign", -right, "Right but for its sign: log₂ of a number below 1 is negative."),
                Mistake("per_state", bits, "These are the entropies, one a state. What mean of them is it?"),
            ],
            of=f"entropy_rate({chain.tolist()})",
            tolerance=1e-5,
        )
    certain = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    value = _number(call(entropy_rate, certain), "the rate of a chain that runs in a circle")
    if not math.isfinite(value):
        raise Rejected(
            "zero_times_infinite",
            f"A chain that runs in a circle is never surprised, so its rate is 0; yours is {value}. What does the code "
            "make of 0 · log 0?",
        )
    expect_close(value, 0.0, of="the rate of a chain that runs in a circle")
    _judge_swinging(entropy_rate)


def _judge_swinging(entropy_rate: Any) -> None:
    """Chains whose shares never settle by themselves: in turns of two steps, and of three."""
    swings = np.array([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    thirds = np.array([[0.0, 0.5, 0.5, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]])
    for chain, steps, right, told in ((swings, "second", 1 / 2, "½"), (thirds, "third", 1 / 3, "⅓")):
        rows = [[int(p) if p in {0, 1} else p for p in row] for row in chain.tolist()]
        value = _number(call(entropy_rate, chain), f"entropy_rate({rows})")
        if not math.isclose(value, right, abs_tol=1e-5):
            raise Rejected(
                "swings",
                f"{rows} never settles: it is in state 0 in every {steps} step, so its rate is {told} bit; yours is "
                f"{value:.4g}. Multiplying by P again and again never comes to rest here. Let the chain be lazy: "
                "multiply by (P + np.eye(len(P))) / 2, under which the same shares stay as they are. Or solve π P = π.",
            )


def _plogp(column: np.ndarray) -> float:
    column = column[column > 0]
    return float((column * np.log2(column)).sum())


def _judge_bits_per_character(bits_per_character: Any) -> None:
    surprises = [[2.0, 1.0, 0.5], [3.0]]  # nats, one number a token, one list a text
    texts = ["naïve 慢 cats", "ab"]
    nats, characters = 6.5, 14
    expect_close(
        call(bits_per_character, surprises, texts),
        nats / LN2 / characters,
        [
            Mistake(
                "per_token",
                nats / LN2 / 4,
                "These are bits a token. Which number stays the same, whatever the tokenizer made of the text?",
            ),
            Mistake(
                "nats",
                nats / characters,
                "These are nats a character. How many bits is one nat, if a bit is ln 2 nats?",
            ),
            Mistake(
                "wrong_way",
                nats * LN2 / characters,
                "Turned the wrong way round: a bit is the smaller unit, so there must be more of them than nats.",
            ),
            Mistake(
                "bytes",
                nats / LN2 / sum(len(text.encode()) for text in texts),
                "These are bits a byte. In UTF-8 “ï” takes two bytes and “慢” three, but each is one character.",
            ),
            Mistake(
                "mean_of_texts",
                np.mean([3.5 / 12, 3.0 / 2]) / LN2,
                "Each text's figure, averaged: two characters now weigh as much as twelve. Add up first, divide once.",
            ),
            Mistake(
                "last_text",
                3.0 / LN2 / 2,
                "That is the last text alone. Is something set anew in each turn of the loop?",
            ),
            Mistake(
                "texts_counted",
                nats / LN2 / len(texts),
                "That is divided by the number of texts, len(texts). How many characters do they have together?",
            ),
            Mistake(
                "mean_surprise",
                (3.5 / 3 + 3.0) / LN2 / characters,
                "The mean surprise of each text was added up. A text costs the sum of its tokens' surprises.",
            ),
            Mistake(
                "upside_down",
                characters / (nats / LN2),
                "These are characters a bit. Which of the two is divided by which?",
            ),
        ],
        of="bits_per_character of two texts",
    )
    expect_close(call(bits_per_character, [[LN2]], ["x"]), 1.0, of="bits a character where P = ½")
    _expect_refused(
        bits_per_character,
        ([[]], [""]),
        "no_characters",
        "There is no character at all, so there is nothing to divide by. Raise a ValueError that says so, before nan "
        "or 0 passes for a result.",
    )


EXERCISES: Final = (
    Exercise(
        name="02.entropy",
        judge=_judge_entropy,
        hints=(
            "Entropy is a mean: each outcome's surprise, weighted with how often it comes. By hand, in nats, for "
            "(½, ¼, ¼): ½ · ln 2 + ¼ · ln 4 + ¼ · ln 4 = 1.0397.",
            "First refuse what cannot be probabilities: any below 0, or a sum that is not 1 but for rounding: `not "
            "np.isclose(np.sum(p), 1)`. Then keep only `p[p > 0]`: outcomes that never come add nothing.",
            "After the checks: `p = p[p > 0]`, then `return -np.sum(p * np.log(p))`.",
        ),
        solution='''def entropy(p):
    """Mean surprise in nats of outcomes with the probabilities p, an array."""
    if np.any(p < 0) or not np.isclose(np.sum(p), 1):
        raise ValueError("probabilities must be 0 or more and sum to 1")
    p = p[p > 0]
    return -np.sum(p * np.log(p))''',
        wants=("entropy",),
        seen="Refusing bad input is part of it: a figure for numbers that are no probabilities looks like any other.",
    ),
    Exercise(
        name="02.kl",
        judge=_judge_kl,
        hints=(
            "What is paid too much: the mean, over what really happens (p), of the surprise under q less the surprise "
            "under p.",
            "Only outcomes with p > 0 happen, so keep p and q where p > 0. There the logarithm of q = 0 is −∞ in "
            "NumPy, with a warning, and that gives the infinity that you want.",
            "`keep = p > 0`, then the sum of `p[keep] * (np.log(p[keep]) - np.log(q[keep]))`.",
        ),
        solution='''def kl(p, q):
    """KL divergence of the model q from the truth p, in nats."""
    happens = p > 0
    with np.errstate(divide="ignore"):
        return np.sum(p[happens] * (np.log(p[happens]) - np.log(q[happens])))''',
        wants=("kl",),
        seen="Infinite is the honest answer: somebody who was told “never” and sees it happen has no finite surprise. "
        "This is why lesson 01 smoothed its counts.",
    ),
    Exercise(
        name="02.entropy_rate",
        judge=_judge_entropy_rate,
        hints=(
            "Two steps. First the share of time in each state: the π that P leaves as it is. Then the mean of the "
            "rows' entropies, weighted with π.",
            "π: begin with even shares and multiply by `(P + np.eye(len(P))) / 2` a few thousand times, or solve the "
            "equations π P − π = 0 and Σ π = 1 with np.linalg.lstsq. A row's entropy: as in 02.entropy, with log2.",
            "`pi = np.ones(size) / size`, then a thousand times `pi = pi @ (P + np.eye(size)) / 2`; then add up "
            "`-weight * np.sum(row * np.log2(row))` over `zip(pi, P)`, with `row = row[row > 0]` first.",
        ),
        solution='''def entropy_rate(P):
    """Bits a step of a Markov chain; P[i, j] is the probability of going from state i to state j."""
    size = len(P)
    equations = np.vstack([P.T - np.eye(size), np.ones(size)])  # pi P - pi = 0, and sum(pi) = 1
    pi = np.linalg.lstsq(equations, np.eye(size + 1)[-1])[0]  # right-hand side 0, …, 0, 1
    rate = 0.0
    for weight, row in zip(pi, P):
        row = row[row > 0]
        rate -= weight * np.sum(row * np.log2(row))
    return rate''',
        wants=("entropy_rate",),
        seen="A bigram model of text is such a chain, with a state for each token: this is the least surprise that "
        "text written by it could have.",
    ),
    Exercise(
        name="02.perplexity_bug",
        judge=_judge_perplexity,
        hints=(
            "Give it one batch with four surprises and another with one, all by hand. Which mean do you want over the "
            "five, and which mean does the code take?",
            "Two running sums over all batches: the surprise at real tokens, and the number of real tokens. One "
            "division, and one e^, after the loop.",
            "No loop is needed: `kept = surprise[real == 1]` holds the surprises of all real tokens. A ValueError "
            "where kept is empty, else e to its mean.",
        ),
        solution='''def perplexity(surprise, real):
    """e to the mean surprise, in nats, over all real tokens of all batches; both (batches, texts, time)."""
    kept = surprise[real == 1]
    if len(kept) == 0:
        raise ValueError("no real token, so no perplexity")
    return np.exp(np.mean(kept))''',
        wants=("perplexity",),
        seen="Sum first, divide once: now the figure is the same for every batch size and every amount of padding.",
    ),
    Exercise(
        name="02.bits_per_character",
        judge=_judge_bits_per_character,
        hints=(
            "What does the whole text cost, in bits? And how many characters does it have? Tokens do not matter "
            "any more.",
            "Add up all surprises of all texts, turn nats into bits by dividing by ln 2, and divide by the sum of "
            "`len(text)`.",
            "`nats = sum(sum(s) for s in surprises)`, `characters = sum(len(t) for t in texts)`; a ValueError where "
            "characters is 0, else `nats / np.log(2) / characters`.",
        ),
        solution='''def bits_per_character(surprises, texts):
    """Bits for each character of some texts; surprises holds nats, one list a text, one number a token."""
    nats = sum(sum(tokens) for tokens in surprises)
    characters = len("".join(texts))
    if characters == 0:
        raise ValueError("no character to divide by")
    return nats / np.log(2) / characters''',
        wants=("bits_per_character",),
        seen="Divided by len(text.encode()) instead, it would be bits a byte, which many papers give. For English the "
        "two are nearly one; for Chinese they differ by a factor of three.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "02.surprise",
        "A model gave the three letters of a word, one after the other, the probabilities ¼, ½ and ⅛. How surprised "
        "was it by the whole word?",
        (
            Choice(
                "2 bits",
                "That is the mean of the three, the surprise a letter. What is asked for is the whole word: surprises "
                "of events that all happen add up.",
            ),
            Choice(
                "6 bits",
                "2 + 1 + 3. The probabilities multiply to 1/64, and log₂ 64 = 6: adding surprises is multiplying "
                "probabilities.",
                right=True,
            ),
            Choice(
                "1/64",
                "That is the probability of the word, by the chain rule. Its surprise is −log₂ of it. How many "
                "halvings lead to 1/64?",
            ),
            Choice(
                "about 0.19 bits",
                "That takes ¼ + ½ + ⅛ for the probability of the word. For one thing and another probabilities "
                "multiply. What is their product?",
            ),
        ),
    ),
    Quiz(
        "02.honest",
        "A coin shows heads with probability 0.7. You are paid by how little your model is surprised, over thousands "
        "of throws. Which q for heads do you name?",
        (
            Choice(
                "1, because heads is the better bet",
                "Each tails would then be infinitely surprising, and three throws in ten are tails. Move q to 1 and "
                "read the curve.",
            ),
            Choice(
                "0.5, because nobody knows the next throw",
                "Even bets cost exactly 1 bit a throw, whatever the coin does. You know more than that. How low does "
                "the curve get?",
            ),
            Choice(
                "0.7, and the mean surprise is then 0.881 bits",
                "H(p, q) is lowest where q = p, and what is left there is the entropy of the coin. The best way to "
                "look good is to say what you believe.",
                right=True,
            ),
            Choice(
                "0.7, and the mean surprise is then 0",
                "The place is right. But KL is 0 there, not the surprise: the coin itself stays uncertain. Which part "
                "of the bar is left at q = p?",
            ),
        ),
    ),
    Quiz(
        "02.under_the_floor",
        "A colleague reports 1.98 bits a word on a test text of 300 sentences of the toy language. Its exact entropy "
        "rate is 2.0146. What do you say?",
        (
            Choice(
                "Impossible: nothing can be under the entropy, so there is a bug",
                "On average over all texts nothing can. One short text may be easier than the average: look at the "
                "histogram. What would tell you whether this one is?",
            ),
            Choice(
                "Wonderful: the model is better than the language's own grammar",
                "On average no model is. On one text a model may be lucky, and so may the grammar itself. What did the "
                "grammar get on the same sentences?",
            ),
            Choice(
                "Ask for the grammar's own surprise at the same 300 sentences",
                "That is the paired floor: it is easy where the text is easy, so most of the luck cancels in the "
                "difference. Only if the model is clearly under that should you look for a bug, or for test text that "
                "got into the training.",
                right=True,
            ),
            Choice(
                "The test should be run again with another batch size",
                "A figure that changes with the batch size has a bug of its own (section 7). But it has nothing to do "
                "with luck in the text. What varies from one test text to the next?",
            ),
        ),
    ),
    Quiz(
        "02.perplexity",
        "On the same English text, model A has perplexity 4 over characters; model B has perplexity 32 over words, and "
        "a word with its space takes 5 characters on average. Which predicts the text better?",
        (
            Choice(
                "A: 4 is less than 32",
                "The two count different things: A hesitates among 4 at each character, B among 32 once in five. How "
                "many bits does each pay for five characters?",
            ),
            Choice(
                "B: it pays log₂ 32 = 5 bits for a word, and A pays 5 × log₂ 4 = 10 bits for it",
                "1 bit a character against 2. Perplexities over different tokens cannot be compared; bits for the same "
                "text can.",
                right=True,
            ),
            Choice(
                "Nobody can tell, because perplexities over different tokens cannot be compared",
                "The perplexities cannot. But the text is the same, so turn both into bits for the same five "
                "characters. What do you get?",
            ),
            Choice(
                "A: divided by the number of characters, 32 becomes 6.4, still more than 4",
                "Perplexities multiply along a text, they do not add up: 32 for five characters is the fifth root of "
                "32 for one. How much is that?",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        "02.coin",
        "A bent coin shows heads nine times in ten. A fair coin has an entropy of 1 bit a throw. How much has "
        "the bent one?",
        0.0,
        2.0,
        "bits",
    ),
    Prediction(
        "02.sentences",
        "One sentence's surprise strays from the mean by a few bits. How many sentences must you draw until the mean "
        "of them is known to ± 0.01 bits (one standard error)?",
        0.0,
        1_000_000.0,
        "sentences",
    ),
    Prediction(
        "02.network",
        "The best counting model lies some way above the floor. The network trains for less than half a minute. How "
        "far above the grammar's own surprise will it end, in per cent?",
        0.0,
        20.0,
        "%",
    ),
    Prediction(
        "02.compressed",
        "Unseen English from the Python documentation takes 8 bits a character in a plain file. How many are left "
        "after lzma, the compressor behind .xz files, which looks at this text alone?",
        0.0,
        8.0,
        "bits a character",
    ),
)
