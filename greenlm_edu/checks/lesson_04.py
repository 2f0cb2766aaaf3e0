"""The exercises, quizzes and predictions of lesson 04: losses, gradients, descent, regularisation.

Long, because each wrong idea has its value and its words here, beside the exercise that they belong to.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]

Array = NDArray[Any]


def _must_refuse(key: str, text: str, function: Any, *arguments: Any) -> None:
    """Raise Rejected with this key unless the function raises ValueError for these arguments."""
    try:
        call(function, *arguments)
    except Rejected as rejected:
        cause = rejected.__cause__
        if isinstance(cause, ValueError):
            return
        if cause is not None and rejected.hint.key == "exception":
            raise Rejected(
                "wrong_error",
                f"It stops with {type(cause).__name__}, by accident and with words that help nobody. Look at the "
                "arguments first, and raise ValueError with what is wrong.",
            ) from rejected
        raise
    raise Rejected(key, text)


def _log_sum_exp(z: Array) -> Array:
    """Ln of the sum of e^z of each row, (batch,)."""
    largest = z.max(axis=1)
    return np.asarray(largest + np.log(np.exp(z - largest[:, None]).sum(axis=1)))


def _softmax(z: Array, axis: int = 1) -> Array:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


# ---- 04.cross_entropy


def _judge_cross_entropy(cross_entropy: Any) -> None:
    for logits, targets in (
        (np.array([[1.0, 2.0, 3.0, -0.5], [0.0, 2.5, -1.0, 0.5], [0.3, 0.1, 0.2, 1.7]]), np.array([2, 0, 1])),
        (np.array([[0.2, -1.0, 1.4]]), np.array([1])),  # a batch of one
    ):
        found = call(cross_entropy, logits, targets)
        expect_close(
            found, _cross_entropies(logits, targets).mean(), _mistakes_cross_entropy(logits, targets),
            of=f"the loss of a batch of {len(targets)}",
        )  # fmt: skip
    _judge_stable(cross_entropy)
    small = np.array([[1.0, 2.0, 3.0], [0.5, 0.1, 0.0]])
    for labels in ([0, -1], [-2, 1], [3, 0], [2, 5]):
        _must_refuse(
            "label_accepted",
            f"The numbers are right. But targets of {labels} with three classes got an answer: one of them is no "
            "token. What does NumPy do with an index of −1? Raise ValueError before you use them.",
            cross_entropy, small, np.array(labels),
        )  # fmt: skip


def _cross_entropies(logits: Array, targets: Array) -> Array:
    return np.asarray(_log_sum_exp(logits) - logits[np.arange(len(targets)), targets])


def _mistakes_cross_entropy(logits: Array, targets: Array) -> list[Mistake]:
    each = _cross_entropies(logits, targets)
    rows = np.arange(len(targets))
    largest = logits.max(axis=1)
    log_sum, right = _log_sum_exp(logits), logits[rows, targets]
    hits = np.exp(-each)
    mistakes = [
        Mistake(
            "negative", -each.mean(),
            "The sign: a loss is −ln P, and P is below 1. Which way round is the last line?",
        ),
        Mistake(
            "right_not_shifted", (log_sum - largest - right).mean(),
            "The sum is over shifted logits, and the target's logit is not shifted. If you take the largest off one, "
            "what must happen to the other?",
        ),
        Mistake(
            "sum_not_shifted", (log_sum - right + largest).mean(),
            "The target's logit is shifted and the sum is not. If you take the largest off one, what must happen to "
            "the other?",
        ),
        Mistake(
            "no_target", (log_sum - largest).mean(),
            "That is ln S alone, as if the model's own favourite had always come. Where does it say which "
            "token really came?",
        ),
        Mistake(
            "bits", each.mean() / np.log(2),
            "These are bits: the logarithm is to the base 2. The course counts in nats.",
        ),
        Mistake("perplexity", np.exp(each.mean()), "That is the perplexity, e to the loss. One step back."),
        Mistake(
            "mean_over_vocab", each.sum() / logits.size,
            "Divided by all numbers in logits. There is one loss for each row: how many rows are there?",
        ),
        Mistake(
            "probability", hits.mean(),
            "That is the mean probability of what came. Its surprise is asked for, −ln of each.",
        ),
    ]  # fmt: skip
    if len(targets) > 1:
        mistakes += [
            Mistake(
                "sum", each.sum(),
                "That is the sum over the batch. Then a larger batch would look worse: take the mean.",
            ),
            Mistake("each", each, "These are the losses of the rows, one by one. One number is wanted: their mean."),
            Mistake(
                "log_of_mean", -np.log(hits.mean()),
                "First the mean of the probabilities, then the logarithm: but surprises are to be averaged. Which "
                "comes first?",
            ),
            Mistake(
                "wrong_axis", (np.log(np.exp(logits).sum(axis=0))[targets] - right).mean(),
                "The sum runs down the batch. Each row is a choice of its own: along which axis do its logits lie?",
            ),
            *(
                Mistake(
                    "one_sum", np.log(np.exp(taken).sum()) - taken[rows, targets].mean(),
                    "One sum over the whole batch. Each row is a choice of its own: which axis does `sum` need?",
                )
                for taken in (logits, logits - largest[:, None], logits - logits.max())
            ),
            *(
                Mistake(
                    "all_rows", (log_sum + off - (logits + off[:, None])[:, targets]).mean(),
                    "`shifted[:, targets]` means whole columns, every row with every target. How are row and column "
                    "picked in pairs? `shifted[np.arange(batch), targets]`.",
                )
                for off in (0 * largest, -largest)
            ),
        ]  # fmt: skip
    return mistakes


def _judge_stable(cross_entropy: Any) -> None:
    logits = np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1001.5, -1000.25]])
    targets = np.array([0, 1])
    found = call(cross_entropy, logits, targets)
    value = np.asarray(found, np.float64)
    if not np.isfinite(value).all():
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            first_row = np.asarray(call(cross_entropy, logits[:1], targets[:1]), np.float64)
        if np.isfinite(first_row).all():
            raise Rejected(
                "one_shift",
                "One row with logits near 1000 works. Beside a row near −1000 it does not: one largest logit was taken "
                "off the whole batch. Whose largest must it be?",
            )
        raise Rejected(
            "overflow",
            "With logits near 1000 the result is no finite number: e^1000 is too large for a computer. What may be "
            "taken off all logits of a row without changing the softmax?",
        )
    expect_close(
        found, _cross_entropies(logits, targets).mean(),
        [
            Mistake(
                "clipped", -np.log(np.clip(_softmax(logits)[[0, 1], targets], 0, 1e-7)).mean(),
                "Clipping hides what happened. Shift the logits instead.",
            )
        ],
        of="the loss of logits near ±1000",
    )  # fmt: skip
    far = np.array([[0.0, 1000.0, 0.0]])
    found = call(cross_entropy, far, np.array([0]))
    if np.isposinf(np.asarray(found, np.float64)).all():
        raise Rejected(
            "log_of_zero",
            "Where the target's logit is 1000 too low, its probability is rounded to 0, and the loss to infinity; it "
            "should be 1000. From shifted logits no probability is needed at all. Which two terms are left?",
        )
    expect_close(
        found,
        1000.0,
        [
            Mistake(
                "clipped",
                -np.log(clip),
                "A loss that stops growing: a probability was clipped before the logarithm. From shifted logits no "
                "probability is needed at all. Which two terms are left?",
            )
            for clip in (1e-7, 1e-8, 1e-10, 1e-12, 1e-15)
        ],
        of="the loss where the target's logit is 1000 too low",
    )


# ---- 04.gradient


def _judge_gradient(gradient: Any) -> None:
    rng = np.random.default_rng(4)
    for batch, targets in ((5, np.array([3, 0, 3, 1, 0])), (1, np.array([2]))):
        x, weights = rng.normal(size=(batch, 3)), rng.normal(size=(3, 4))
        expect_close(
            call(gradient, x, weights, targets), _gradient(x, weights, targets),
            _mistakes_gradient(x, weights, targets),
            of=f"the gradient of a batch of {batch}",
        )  # fmt: skip
    x, weights, targets = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[900.0, -901.0], [0.5, -1.0]]), np.array([1, 1])
    found = np.asarray(call(gradient, x, weights, targets), np.float64)
    if not np.isfinite(found).all():
        raise Rejected(
            "overflow",
            "Right for small logits. With logits near 900 it is no finite number: e^900 is too large. What may be "
            "taken off each row of logits?",
        )
    expect_close(found, _gradient(x, weights, targets), of="the gradient where logits are near 900")


def _gradient(x: Array, weights: Array, targets: Array) -> Array:
    apart = _softmax(x @ weights) - np.eye(weights.shape[1])[targets]
    return np.asarray(x.T @ apart / len(x))


def _mistakes_gradient(x: Array, weights: Array, targets: Array) -> list[Mistake]:
    batch, vocab = len(x), weights.shape[1]
    right, p, truth = _gradient(x, weights, targets), _softmax(x @ weights), np.eye(vocab)[targets]
    squared = 2 * p * ((p - truth) - (p * (p - truth)).sum(axis=1, keepdims=True))
    mistakes = [
        Mistake(
            "sign", -right,
            "The sign: it is y − p, which points downhill. The gradient points to where the loss grows.",
        ),
        Mistake("no_truth", x.T @ p / batch, "That is xᵀp. Where is it said which token came?"),
        Mistake(
            "transposed", right.T,
            "Turned over: the gradient must have the shape of the weights. Which factor comes first?",
        ),
        Mistake(
            "all_elements", right / vocab,
            "Divided by the vocabulary too. The loss is a mean over examples: by how many must be divided?",
        ),
        Mistake(
            "logits_for_probabilities", x.T @ (x @ weights - truth) / batch,
            "Logits minus truth: the softmax is missing. What lies between logits and probabilities?",
        ),
        Mistake(
            "squared_error", x.T @ squared / batch,
            "That is the gradient of the squared error. The cross-entropy's has no factor p in front.",
        ),
        Mistake(
            "only_logits", (p - truth) / batch,
            "That is the gradient for the logits. One link is left: from z to W.",
        ),
    ]  # fmt: skip
    if batch > 1:
        everywhere = p.copy()
        everywhere[:, np.unique(targets)] -= 1
        mistakes += [
            Mistake(
                "sum", right * batch,
                "That is the sum over the batch. The loss is the mean: by what must be divided?",
            ),
            Mistake(
                "all_rows", x.T @ everywhere / batch,
                "1 was taken off in every row for every target: `p[:, targets]` means whole columns. How are row and "
                "column picked in pairs? `p[np.arange(batch), targets]`.",
            ),
            Mistake(
                "wrong_axis", x.T @ (_softmax(x @ weights, axis=0) - truth) / batch,
                "The softmax runs down the batch. Each row must sum to 1: along which axis do its logits lie?",
            ),
            *(
                Mistake(
                    "one_sum", x.T @ (e / e.sum() - truth) / batch,
                    "The whole batch shares one sum, so its rows do not sum to 1. Which axis does `sum` need?",
                )
                for e in (np.exp(x @ weights), np.exp(x @ weights - (x @ weights).max(axis=1, keepdims=True)))
            ),
            Mistake(
                "by_vocab", right * batch / vocab,
                "Divided by the size of the vocabulary. The loss is a mean over examples: by how many must be divided?",
            ),
            Mistake(
                "by_features", right * batch / x.shape[1],
                "Divided by the number of features. The loss is a mean over examples: which axis of x is that?",
            ),
        ]  # fmt: skip
    return mistakes


# ---- 04.learning_rate_limit


def _judge_limit(learning_rate_limit: Any) -> None:
    rng = np.random.default_rng(5)
    for x in (
        rng.normal(1, 1, size=(20, 3)),
        np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 1.0], [1.0, 1.0], [3.0, 1.0]]),
        np.array([[0.5], [1.0], [2.0]]),
    ):
        n, features = x.shape
        curvatures = np.linalg.eigvalsh(2 * x.T @ x / n)
        right = 2 / curvatures[-1]
        mistakes = [
            Mistake(
                "one_over", 1 / curvatures[-1],
                "That is 1/λ, where a parabola's bottom is reached in one step. For which η is the factor 1 − ηλ "
                "exactly −1?",
            ),
            Mistake(
                "second_derivative", 2 * right,
                "Twice too high: what becomes of the 2 of (…)² when you differentiate? Look at H again.",
            ),
            Mistake(
                "sum", right / n,
                "H holds the sum over examples, and the loss is their mean. By what must H be divided?",
            ),
            Mistake(
                "sum_without_two", 2 * right / n,
                "That is 2 over the curvature of xᵀx alone. H is 2/N times that, with N the number of examples.",
            ),
            Mistake("curvature", curvatures[-1], "That is the curvature itself. The border is 2 divided by it."),
            Mistake(
                "singular_values", 2 / np.linalg.svd(x, compute_uv=False)[0],
                "These are singular values of x. The curvatures are the eigenvalues of 2/N · xᵀx: made of squares.",
            ),
        ]  # fmt: skip
        if features > 1:
            mistakes += [
                Mistake(
                    "flattest", 2 / curvatures[0],
                    "That is the border of the flattest direction. Along the steepest, this step climbs out. Which "
                    "curvature sets the limit?",
                ),
                Mistake(
                    "every_border", 2 / curvatures,
                    "One border for each curvature, and one learning rate must serve all directions. Which of these "
                    "borders does it have to stay below?",
                ),
                Mistake(
                    "axes_only", 2 / np.diag(2 * x.T @ x / n).max(),
                    "Only the diagonal of H was looked at: the curvatures along the axes. A bowl that lies askew is "
                    "steeper in between. What does np.linalg.eigvalsh give?",
                ),
                Mistake(
                    "trace", 2 / curvatures.sum(),
                    "All curvatures added up: safe, but lower than need be. Which one of them sets the limit?",
                ),
            ]  # fmt: skip
        if n > 5:
            by_features = "Divided by the number of weights. The mean runs over examples: which axis of x is that?"
            mistakes.append(Mistake("by_features", right * features / n, by_features))
            centred = np.linalg.eigvalsh(2 * np.atleast_2d(np.cov(x.T, bias=True)))[-1]
            mistakes.append(
                Mistake(
                    "centred", 2 / centred, "The mean was taken off (np.cov does it). H uses the inputs as they are."
                )
            )
        expect_close(
            call(learning_rate_limit, x), right, mistakes, of=f"the border for {n} examples and {features} weights"
        )


# ---- 04.adam


def _judge_adam(adam_step: Any) -> None:
    w, g = np.array([1.0, -2.0, 0.5]), np.array([0.3, -0.02, 4.0])
    for t, rates in ((1, (0.05, 0.8, 0.95, 0.1)), (2, (0.05, 0.8, 0.95, 0.1)), (7, (0.2, 0.7, 0.9, 0.3))):
        m = np.zeros(3) if t == 1 else np.array([0.1, -0.05, 1.5])
        v = np.zeros(3) if t == 1 else np.array([0.02, 0.001, 2.0])
        found = _three(call(adam_step, w, g, m, v, t, *rates))
        new_m, new_v = rates[1] * m + (1 - rates[1]) * g, rates[2] * v + (1 - rates[2]) * g**2
        _expect_means(found, m, v, g, t, *rates[1:3])
        if t == 1 and not np.isfinite(np.asarray(found[0], np.float64)).all():
            raise Rejected(
                "zero_exponent",
                "At the first step it divides by 0: β to the power of 0 is 1, and 1 − 1 is 0. Here t counts "
                "from 1. Which "
                "exponent must the first step have?",
            )
        expect_close(
            found[0],
            _adam(w, new_m, new_v, t, *rates),
            _mistakes_adam(w, new_m, new_v, t, *rates),
            of=f"w after step {t}",
        )
    # What the stub gives where it is not told: 0.01, 0.9, 0.999, 1e-8; a gradient as small as epsilon shows that one.
    g = np.array([1e-8, 1.0, -3.0])
    m, v = np.array([0.0, 0.02, -0.1]), np.array([0.0, 0.004, 0.03])
    found = _three(call(adam_step, w, g, m, v, 3))
    new_m, new_v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    of = "with the stub's own learning rate, betas and epsilon,"
    expect_close(found[1], new_m, of=f"{of} m")
    expect_close(found[2], new_v, of=f"{of} v")
    expect_close(found[0], _adam(w, new_m, new_v, 3, 0.01, 0.9, 0.999, 1e-8), of=f"{of} w")


def _three(found: Any) -> tuple[Any, Any, Any]:
    if not isinstance(found, (tuple, list)) or len(found) != 3:
        raise Rejected(
            "three", "Three things must come back: the new w, m and v, in this order. Keep the stub's return."
        )
    return found[0], found[1], found[2]


def _expect_means(
    found: tuple[Any, Any, Any], m: Array, v: Array, g: Array, t: int, beta_1: float, beta_2: float
) -> None:
    right_m, right_v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
    corrected = (
        "The corrected mean came back as the one to keep. It would be corrected again at each step. What is kept must "
        "stay as it is; use the corrected one for this step only."
    )
    swapped = "The betas are the wrong way round: which share is kept, and which is new?"
    mistakes_m = [Mistake("corrected_kept", right_m / (1 - beta_1**t), corrected)]
    mistakes_v = [
        Mistake("corrected_kept", right_v / (1 - beta_2**t), corrected),
        Mistake(
            "not_squared", beta_2 * v + (1 - beta_2) * g,
            "v is the mean of squares: with g in place of g² it can be negative. What would its root be then?",
        ),
    ]  # fmt: skip
    if t > 1:
        mistakes_m.append(Mistake("betas_swapped", (1 - beta_1) * m + beta_1 * g, swapped))
        mistakes_v.append(Mistake("betas_swapped", (1 - beta_2) * v + beta_2 * g**2, swapped))
    expect_close(found[1], right_m, mistakes_m, of=f"m after step {t}")
    expect_close(found[2], right_v, mistakes_v, of=f"v after step {t}")


def _adam(w: Array, m: Array, v: Array, t: int, rate: float, beta_1: float, beta_2: float, epsilon: float) -> Array:
    """Adam's new weights from means that hold this step's gradient already."""
    return np.asarray(w - rate * (m / (1 - beta_1**t)) / (np.sqrt(v / (1 - beta_2**t)) + epsilon))


def _mistakes_adam(
    w: Array, m: Array, v: Array, t: int, rate: float, beta_1: float, beta_2: float, epsilon: float
) -> list[Mistake]:
    def stepped(one: float, two: float) -> Array:
        return np.asarray(w - rate * (m / one) / (np.sqrt(v / two) + epsilon))

    c_1, c_2 = 1 - beta_1**t, 1 - beta_2**t
    m_hat, v_hat = m / c_1, v / c_2
    mistakes = [
        Mistake(
            "none", stepped(1, 1),
            "The correction is gone altogether. Both means begin at 0 and are too small at first; by which factor, "
            "after t steps?",
        ),
        Mistake("only_m", stepped(c_1, 1), "m is corrected and v is not. It begins at 0 as well."),
        Mistake("only_v", stepped(1, c_2), "v is corrected and m is not. It begins at 0 as well."),
        Mistake(
            "counts_from_zero", stepped(1 - beta_1 ** (t + 1), 1 - beta_2 ** (t + 1)),
            "The exponent is one too high: here t counts from 1, so the first step has t = 1.",
        ),
        Mistake(
            "inside_root", w - rate * m_hat / np.sqrt(v_hat + epsilon),
            "ε has slipped under the root, where it counts for its root: 1e-8 becomes 1e-4. Where does the "
            "rule add it?",
        ),
        Mistake(
            "keras_epsilon", w - rate * np.sqrt(c_2) / c_1 * m / (np.sqrt(v) + epsilon),
            "That is Keras' form, with ε beside the root of the uncorrected v. The paper's rule corrects v first; with "
            "a large ε they differ.",
        ),
        Mistake(
            "uphill", w + rate * m_hat / (np.sqrt(v_hat) + epsilon),
            "It walks uphill. Which sign does a step have?",
        ),
        Mistake("no_root", w - rate * m_hat / (v_hat + epsilon), "The root is missing: v is a mean of squares."),
    ]  # fmt: skip
    if t > 1:
        mistakes += [
            Mistake(
                "no_exponent", stepped(1 - beta_1, 1 - beta_2),
                "Not mended yet: the correction divides by 1 − β, which is right for the first step only. What share "
                "of the mean is filled after t steps? Sum the series 1 + β + … + β^(t−1).",
            ),
            Mistake(
                "outside_bracket", stepped((1 - beta_1) ** t, (1 - beta_2) ** t),
                "The exponent stands outside the bracket: (1 − β)^t goes to 0 as t grows, and the steps without end. "
                "After many steps the correction should be over: which number must go to 0 for that?",
            ),
            Mistake(
                "half_mended", stepped(c_1, 1 - beta_2),
                "m is mended. v has the same mistake.",
            ),
            Mistake(
                "half_mended", stepped(1 - beta_1, c_2),
                "v is mended. m has the same mistake.",
            ),
        ]  # fmt: skip
    return mistakes


# ---- 04.dropout


def _judge_dropout(dropout: Any) -> None:
    x = np.array([[1.0, -2.0, 3.0, 0.5], [4.0, 5.0, -6.0, 7.0]])
    uniform = np.array([[0.0, 0.1, 0.2, 0.95], [0.25, 0.85, 0.6, 0.7]])
    for rate in (0.2, 0.7):  # one number lies exactly on each rate
        kept = np.where(uniform < rate, 0.0, x)
        right = kept / (1 - rate)
        mistakes = [
            Mistake(
                "one_over_rate", kept / rate,
                "Scaled by 1/p. With a rate of 0.1 that would make values ten times as large, though nine tenths of "
                "them are kept. Which share comes through? Divide by that.",
            ),
            Mistake(
                "not_scaled", kept,
                "The right ones are dropped, but the rest is not scaled. What is the mean of what comes through, and "
                "what will the next layer see at inference?",
            ),
            Mistake(
                "scaled_down", kept * (1 - rate),
                "Scaled down instead of up. The dropped ones are missing already: the others have to make up for them.",
            ),
            Mistake(
                "kept_the_wrong_ones", np.where(uniform < rate, x, 0.0) / (1 - rate),
                "It keeps what should be dropped: a value is dropped where its number is below the rate.",
            ),
            Mistake(
                "kept_and_scaled_by_rate", np.where(uniform < rate, x, 0.0) / rate,
                "Here the rate is the share that is kept. In Keras, and in this exercise, it is the share "
                "that is dropped.",
            ),
            Mistake("no_dropping", x / (1 - rate), "Everything is scaled and nothing is dropped."),
            Mistake("nothing", x, "x came back as it is, in training too."),
            Mistake(
                "edge", np.where(uniform <= rate, 0.0, x) / (1 - rate),
                "Almost. A number that is equal to the rate is not below it: the value is kept. (Else a rate of 0 "
                "could drop something.)",
            ),
        ]  # fmt: skip
        expect_close(call(dropout, x, uniform, rate, True), right, mistakes, of=f"dropout with rate {rate}")
        expect_close(
            call(dropout, x, uniform, rate, False), x,
            [
                Mistake(
                    "drops_in_evaluation", right,
                    "In evaluation nothing may be dropped: what does `training` say?",
                ),
                Mistake(
                    "scales_in_evaluation", x * (1 - rate),
                    "It scales in evaluation. That belongs to the other kind of dropout, which does not scale in "
                    "training. Inverted dropout leaves evaluation alone.",
                ),
                Mistake(
                    "scales_in_evaluation", x / (1 - rate),
                    "In evaluation nothing is dropped, so nothing is missing.",
                ),
            ],
            of="dropout in evaluation",
        )  # fmt: skip
    expect_close(
        call(dropout, x, uniform, 0.2), np.where(uniform < 0.2, 0.0, x) / 0.8,
        [Mistake("default", x, "Left out, `training` must be True. Keep the stub's first line.")],
        of="dropout without `training`",
    )  # fmt: skip
    expect_close(call(dropout, x, uniform, 0.0), x, of="dropout with rate 0")
    for rate in (1.0, 1.5, -0.1):
        _must_refuse(
            "rate_accepted",
            f"The numbers are right. But a rate of {rate} got an answer. Which rates make sense, and what would the "
            "scale be for this one? Raise ValueError.",
            dropout, x, uniform, rate,
        )  # fmt: skip


EXERCISES: Final = (
    Exercise(
        name="04.cross_entropy",
        judge=_judge_cross_entropy,
        hints=(
            "Work with one row first: logits (0, 0) and target 0 must give ln 2 = 0.693.",
            "`logits.max(axis=1, keepdims=True)` is the largest of each row, in a shape that can be taken off. "
            "`shifted[np.arange(len(targets)), targets]` picks one number from each row.",
            "log_sum = np.log(np.exp(shifted).sum(axis=1)); the loss is (log_sum - right).mean(). Before all that: "
            "if targets.min() < 0 or targets.max() >= logits.shape[1], raise ValueError(…).",
        ),
        solution='''def cross_entropy(logits, targets):
    """Mean cross-entropy, one number: logits (batch, vocab), targets (batch,).

    Raises ValueError if a target is not in 0 … vocab − 1.
    """
    if targets.min() < 0 or targets.max() >= logits.shape[1]:
        raise ValueError(f"targets must be in 0 … vocab − 1; got {targets}")
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    right = shifted[np.arange(len(targets)), targets]
    return (log_sum - right).mean()''',
        wants=("cross_entropy",),
        seen="No probability was worked out on the way, so none could become 0. Keras does the same with "
        "`from_logits=True`.",
    ),
    Exercise(
        name="04.gradient",
        judge=_judge_gradient,
        hints=(
            "Three steps: logits, then p − y for each row, then the tables of all examples added up and divided.",
            "p − y: take the softmax of each row (shifted!), and take 1 off at each row's target.",
            "x.T @ (p − y) adds up all the tables at once, (features, batch) @ (batch, vocab). Divide by len(x).",
        ),
        solution='''def gradient(x, weights, targets):
    """Gradient of the mean cross-entropy of softmax(x @ weights): same shape as weights.

    x is (batch, features), weights (features, vocab), targets (batch,) whole numbers.
    """
    z = x @ weights
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    p[np.arange(len(x)), targets] -= 1
    return x.T @ p / len(x)''',
        wants=("gradient",),
        seen="What came in, times prediction minus truth: every layer of every network learns by this product.",
    ),
    Exercise(
        name="04.learning_rate_limit",
        judge=_judge_limit,
        hints=(
            "With one weight and inputs 1 and 3: L is the mean of (w − y)² and (3w − y)², so λ = 2·(1 + 9)/2 = 10, and "
            "the border is 0.2.",
            "H is `2 * x.T @ x / len(x)`: a table with a row and a column for each weight.",
            "np.linalg.eigvalsh(H) gives the curvatures, smallest first. The border is 2 divided by the last.",
        ),
        solution='''def learning_rate_limit(x):
    """The border 2 / λ_max of gradient descent on mean((x @ w - y)**2).

    x is (examples, weights).
    """
    hessian = 2 * x.T @ x / len(x)
    return 2 / np.linalg.eigvalsh(hessian)[-1]''',
        wants=("learning_rate_limit",),
        seen="Inputs ten times as large make the border a hundred times as small. That is why inputs are brought to a "
        "spread of about 1 before training.",
    ),
    Exercise(
        name="04.adam",
        judge=_judge_adam,
        hints=(
            "The first step is right, the next ones are too long, and late ones too short. What should change with t?",
            "After t steps with the same gradient, m is (1 − β₁ᵗ)·g. By what must it be divided to give g?",
            "1 - beta_1**t and 1 - beta_2**t.",
        ),
        solution='''def adam_step(w, g, m, v, t, learning_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    """One step of Adam: the new w, m and v. The first step has t = 1."""
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    m_hat = m / (1 - beta_1**t)
    v_hat = v / (1 - beta_2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v''',
        wants=("adam_step",),
        seen="A test of the first step alone could not find this: 1 − β¹ is 1 − β. Test a rule over many steps.",
    ),
    Exercise(
        name="04.dropout",
        judge=_judge_dropout,
        hints=(
            "With a rate of 0.2, four of five values come through. What must they be multiplied by to keep the mean?",
            "`uniform >= rate` is True where a value is kept, and counts as 1 in a product.",
            "x * (uniform >= rate) / (1 - rate) in training, x in evaluation; and first of all, raise "
            "ValueError unless "
            "0 <= rate < 1.",
        ),
        solution='''def dropout(x, uniform, rate, training=True):
    """Inverted dropout: x and uniform have one shape; uniform lies in [0, 1).

    In evaluation (training=False) x comes back as it is. ValueError unless 0 <= rate < 1.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"rate must be at least 0 and below 1; got {rate}")
    if not training:
        return x
    return x * (uniform >= rate) / (1 - rate)''',
        wants=("dropout",),
        seen="Nothing is left to do at inference: that is what “inverted” buys.",
    ),
)

QUIZZES: Final = (
    Quiz(
        name="04.sure_and_wrong",
        question="The truth is y = 1, and a model gives it p = 0.0003. Its squared error is almost 1, about "
        "as large as "
        "it can be. Why does it learn so little from this example?",
        choices=(
            Choice(
                "Because the loss is bounded by 1, and the cross-entropy is not.",
                "The height of a loss moves nothing. A loss of 1 with a steep slope would teach a lot. What moves a "
                "weight?",
            ),
            Choice(
                "Because the slope dL/dz holds the factor p(1 − p), which is close to 0 there.",
                "Learning follows the slope, not the height: the loss lies on a high plain, and every direction "
                "looks the same.",
                right=True,
            ),
            Choice(
                "Because p − y is close to 0.",
                "p − y is almost −1: very much. Something else in the product is tiny. Which factor?",
            ),
            Choice(
                "Because its gradient has the wrong sign.",
                "2(p − y)p(1 − p) is negative here, as p − y is: the direction is right. Look at its size.",
            ),
        ),
    ),
    Quiz(
        name="04.valley",
        question="In the valley ½(x² + 25y²) with start (−2, 1), set the learning rate to 0.081. What happens to plain "
        "gradient descent, and why?",
        choices=(
            Choice(
                "It diverges along x, the long direction, because it has the longest way to go.",
                "Along x the factor is 1 − 0.081 · 1 = 0.919: it shrinks. Work out the factor along y.",
            ),
            Choice(
                "It comes down more quickly than with 0.075, because its steps are longer.",
                "Longer steps help as long as they land lower. Along y the factor is 1 − 0.081 · 25. Is it between −1 "
                "and 1?",
            ),
            Choice(
                "It grows along y, leaping from side to side, while it still shrinks along x.",
                "The factor along y is 1 − 2.025 = −1.025: each step is a little longer than the one before, on the "
                "other side. Along x it is 0.919.",
                right=True,
            ),
            Choice(
                "It moves in a circle and never ends.",
                "At exactly 0.08 it would leap between two points for ever along y. And at 0.081?",
            ),
        ),
    ),
    Quiz(
        name="04.weight_decay",
        question="Somebody adds `λ·w` to the gradients and hands them to Adam, with λ = 0.1. Which weights are shrunk "
        "least?",
        choices=(
            Choice(
                "All alike: adding λw to the gradient is weight decay.",
                "For plain gradient descent, yes. What does Adam do with whatever is in the gradient?",
            ),
            Choice(
                "Those whose gradients are large, because Adam divides λw by their size too.",
                "So the weights that are pushed around most are held back least. AdamW shrinks them beside the step, "
                "where nothing divides.",
                right=True,
            ),
            Choice(
                "Those whose gradients are tiny, because Adam's steps are tiny there.",
                "Adam's steps are about as long for tiny gradients as for large ones. Look at the first step again.",
            ),
            Choice(
                "Those that are large already.",
                "λw is largest for them. And then it is divided: by what?",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        name="04.border",
        question="At which learning rate does the training of the line begin to explode?",
        low=0.1,
        high=0.25,
    ),
    Prediction(
        name="04.mse_joules",
        question="Joules of the squared error ÷ joules of the cross-entropy, to the same accuracy, from even bets.",
        low=0.1,
        high=10,
        unit="times",
    ),
    Prediction(
        name="04.small_h",
        question="For which exponent k is the central difference with h = 10^k most exact, in float64?",
        low=-16,
        high=0,
    ),
    Prediction(
        name="04.search",
        question="Joules of the whole sweep ÷ joules of one run of Adam to the goal.",
        low=0.1,
        high=60,
        unit="times",
    ),
)
