"""Lesson 11, applications: exercises, quizzes and predictions.

Long, because each known mistake has words of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _softmax(scores: np.ndarray, axis: int | None = 1) -> np.ndarray:
    with np.errstate(all="ignore"):
        e = np.exp(scores - scores.max(axis=axis, keepdims=True))
        shares: np.ndarray = e / e.sum(axis=axis, keepdims=True)
    return shares


def _judge_cross(cross_weights: Any) -> None:
    generator = np.random.default_rng(11)
    for time, source, hidden in ((2, 4, (1, 3)), (3, 5, (4,)), (4, 3, ()), (3, 3, (2,))):
        x, memory = generator.normal(size=(time, 6)), generator.normal(size=(source, 6))
        w_q, w_k = generator.normal(size=(2, 6, 4)) / 2
        real = np.ones(source, bool)
        real[list(hidden)] = False
        raw = (x @ w_q) @ (memory @ w_k).T
        scores = raw / 2.0
        below = np.tril(np.ones(scores.shape, bool))
        right = _softmax(np.where(real, scores, -np.inf))
        mistakes = [
            Mistake(
                "causal",
                _softmax(np.where(below, scores, -np.inf)),
                "Still the triangle: place 0 sees the first token of the source alone, whatever the source says. "
                "Is there a “future” in a text that has been read to its end?",
            ),
            Mistake(
                "causal_and_padding",
                _softmax(np.where(below & real, scores, -np.inf)),
                "The padding is hidden now, but the triangle is still there: tokens that lie “later” in the source "
                "are hidden, too. Which of the two masks belongs here?",
            ),
            Mistake(
                "no_mask",
                _softmax(scores),
                "The triangle is gone. But padding gets weight: tokens that nobody wrote. `source_is_real` was not "
                "used.",
            ),
            Mistake(
                "inverted",
                _softmax(np.where(real, -np.inf, scores)),
                "It hides the real tokens and looks at the padding. True means that a token is real.",
            ),
            Mistake(
                "after_softmax",
                _softmax(scores) * real,
                "The padding has weight 0, but the rows do not sum to 1: it was removed after the softmax. Hide the "
                "scores *before* it.",
            ),
            Mistake(
                "over_time",
                _softmax(np.where(real, scores, -np.inf), axis=0),
                "The columns sum to 1. It is each *place of the target* that shares out its attention: rows.",
            ),
            Mistake(
                "not_scaled",
                _softmax(np.where(real, raw, -np.inf)),
                "The scores are not divided by √size any more (lesson 07).",
            ),
            Mistake(
                "zeroed",
                _softmax(np.where(real, scores, 0.0)),
                "A score of 0 is no small score: the padding still gets e⁰ = 1 share. Which score becomes 0 after the "
                "exponential?",
            ),
            Mistake(
                "upside_down",
                _softmax(np.where(np.triu(below | ~below), scores, -np.inf)),
                "A triangle still, the other way round. No triangle has a place between two different texts.",
            ),
            Mistake(
                "wrong_width",
                _softmax(np.where(real, raw / np.sqrt(6), -np.inf)),
                "Divided by the root of the features. √size is that of a query and a key: the columns of W_q.",
            ),
            Mistake(
                "scaled_by_size",
                _softmax(np.where(real, raw / 4, -np.inf)),
                "Divided by size itself. It is its square root that keeps the scores' spread at 1 (lesson 07).",
            ),
            Mistake(
                "whole_table",
                _softmax(np.where(real, scores, -np.inf), axis=None),
                "The whole table sums to 1. *Each place* of the target has one whole attention to share out: each row.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, right)]
        found = call(cross_weights, x, memory, w_q, w_k, real)
        if np.shape(found) == (time, int(real.sum())) and not real.all():
            raise Rejected(
                "dropped",
                "The columns of the padding are gone. Keep the table (time, source): the padding's weights are 0.",
            )
        if np.shape(found) == (source, time) and source != time:
            raise Rejected(
                "turned", "It gives (source, time). A row for each place of the target is wanted: (time, source)."
            )
        expect_close(found, right, mistakes, of=f"the weights for {time} places and {source} tokens of source")


def _alike(found: Any, right: Any) -> bool:
    found, right = np.asarray(found, float), np.asarray(right, float)
    return found.shape == right.shape and bool(np.allclose(found, right, equal_nan=True))


def _judge_shift(shifted: Any) -> None:
    for target, start, end in (([5, 6, 7], 1, 2), ([9], 3, 4), ([4, 4, 8, 4], 1, 2), ([], 1, 2)):
        of = f"shifted({target}, start={start}, end={end})"
        given = call(shifted, list(target), start, end)
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise Rejected("two", "It must return two lists: what is read, and what must be said.")
        if any(one is None or one is Ellipsis for one in given):
            raise Rejected("not_done", "The dots are still there: put your own lists in their place.")
        read, say = (_as_list(one, of) for one in given)
        right_read, right_say = [start, *target], [*target, end]
        if (read, say) == (right_say, right_read):
            raise Rejected("exchanged", f"{of}: the two are exchanged. The decoder *reads* the start mark.")
        if read == say:
            raise Rejected(
                "same", f"{of}: it reads what it must say, and will learn to copy what it sees. Shift one of them."
            )
        _judge_read(read, target, start, end, of)
        _judge_say(say, target, start, end, of)
        if target and len(read) != len(say):
            raise Rejected("lengths", f"{of}: the two lists must be of one length.")


def _as_list(values: Any, of: str) -> list[int | float]:
    values = values.tolist() if hasattr(values, "tolist") else values  # an array of NumPy's
    if not isinstance(values, (list, tuple)):
        raise Rejected("form", f"{of}: each of the two must be a list of ids; one is {values!r}.")
    numbers: list[int | float] = []
    for one in values:
        if isinstance(one, (list, tuple, np.ndarray)):
            raise Rejected(
                "nested", f"{of}: a list stands inside the list. `*target` puts its tokens there one by one."
            )
        if isinstance(one, str):
            raise Rejected("strings", f"{of}: {one!r} is a word. The marks are ids, too: `start` and `end` hold them.")
        try:
            numbers.append(int(one) if float(one).is_integer() else float(one))
        except (TypeError, ValueError):
            raise Rejected("form", f"{of}: each of the two must be a list of ids; {one!r} stands in one.") from None
    return numbers


def _judge_read(read: list[int | float], target: list[int], start: int, end: int, of: str) -> None:
    if read == [start, *target]:
        return
    told: dict[tuple[float, ...], tuple[str, str]] = {
        (start, *target, end): ("read_end", "It reads the end mark, too: but after `end` nothing is said any more."),
        (start, *target[:-1]): (
            "read_short",
            "The last token is missing in what is read. It must be read, so that `end` can be said after it.",
        ),
        tuple(target): ("no_start", "What is read lacks the start mark: what is read before the first token?"),
        (*target, start): ("start_behind", "The start mark stands behind the target. It is read first."),
        (end, *target): ("end_first", "What is read begins with the end mark."),
    }
    key, text = told.get(
        tuple(read), ("read_other", f"Of what is read, {[start, *target]} was expected; this is {read}.")
    )
    raise Rejected(key, f"{of}: {text}")


def _judge_say(say: list[int | float], target: list[int], start: int, end: int, of: str) -> None:
    if say == [*target, end]:
        return
    told: dict[tuple[float, ...], tuple[str, str]] = {
        tuple(target): ("no_end", "It never says the end mark, so it will never stop. `end` comes last."),
        (*target[1:], end): (
            "shifted_twice",
            "Shifted twice: after the start mark the *first* token of the target must be said.",
        ),
        (start, *target, end): ("say_start", "It must say the start mark: but that is given, and never said."),
        (start, *target): ("say_start_no_end", "It says the start mark and not the end mark. Which is given to it?"),
        (*target, start): ("start_for_end", "It ends with the start mark."),
    }
    key, text = told.get(tuple(say), ("say_other", f"Of what is said, {[*target, end]} was expected; this is {say}."))
    raise Rejected(key, f"{of}: {text}")


def _best(sums: np.ndarray, each: np.ndarray, k: int, total: Any = None) -> list[tuple[int, int, float]]:
    """The k best of all longer beginnings by `total`, or by their sums of log probabilities."""
    total = sums[:, None] + each if total is None else total
    order = np.argsort(-total, axis=None, kind="stable")[:k]
    return [(int(at // each.shape[1]), int(at % each.shape[1]), float(total.flat[at])) for at in order]


def _judge_beam(beam_step: Any) -> None:
    cases = [
        (  # here each known mistake chooses differently
            np.array([-0.5, -1.2, -1.9]),
            np.array([[-5.3, -1.1, -0.5, -3.4], [-1.7, -1.8, -0.6, -2.4], [-2.2, -0.3, -4.2, -1.8]]),
            3,
        ),
        (np.array([-0.4, -1.2]), np.array([[-2.3, -0.7, -0.9], [-0.2, -2.5, -2.3]]), 2),
        (np.array([-1.0, -1.5, -3.0]), np.array([[-3.1, -0.3, -1.9], [-0.1, -3.0, -2.8], [-2.0, -0.2, -4.0]]), 3),
        (np.array([0.0]), np.log(np.array([[0.2, 0.5, 0.3]])), 2),
        (np.array([-2.0, -0.5]), np.array([[-0.1, -3.0, -4.0, -5.0], [-2.5, -2.1, -0.9, -1.4]]), 3),
        (np.array([-0.3, -0.9]), np.array([[-1.1, -0.6, -2.0], [-0.7, -1.9, -1.2]]), 1),
    ]
    for sums, each, k in cases:
        of = f"beam_step({sums.tolist()}, …, k={k})"
        found = call(beam_step, sums.copy(), each.copy(), k)
        if found is None:
            raise Rejected("not_done", "Not done yet: it gives None. Put your own lines in place of the stub.")
        right = _best(sums, each, k)
        rows = _rows(found, of)
        if len(rows) != len(right):
            raise Rejected(
                "count",
                f"{of}: {len(rows)} beginnings were kept, where k = {k} must be."
                + (" The k best of *all*, not k of each beam." if len(rows) == k * len(sums) else ""),
            )
        apart = [_best(np.zeros(1), row[None], each.shape[1]) for row in each]
        one_of_each = sorted(
            ((beam, tokens[0][1], sums[beam] + tokens[0][2]) for beam, tokens in enumerate(apart)),
            key=lambda one: -one[2],
        )[:k]
        totals_of_all = sums[:, None] + each
        one_of_each_token = sorted(
            (
                (int(beam), token, float(totals_of_all[beam, token]))
                for token, beam in enumerate(totals_of_all.argmax(0))
            ),
            key=lambda one: -one[2],
        )[:k]
        for key, wrong, text in (
            (
                "sums_left_out",
                _best(sums, each, k, each),
                "The sums of the beginnings were left out: only the last token counts. A likely token after an "
                "unlikely beginning is no bargain.",
            ),
            (
                "multiplied",
                _best(sums, each, k, sums[:, None] * each),
                "The logarithms are multiplied. Probabilities are multiplied; their logarithms are added.",
            ),
            (
                "worst",
                _best(sums, each, k, -(sums[:, None] + each)),
                "These are the *least* likely. Log probabilities are negative: the best is nearest to 0.",
            ),
            (
                "one_of_each",
                one_of_each,
                "It takes the best token of each beginning. The k best of all may come from one beginning alone.",
            ),
            (
                "divided",
                [(at // k, at % k, 0.0) for at in (beam * each.shape[1] + token for beam, token, _ in right)],
                "The places are right, beam and token are not: a row of the table has one column for each token of "
                "the *vocabulary*, so divide by that, not by k.",
            ),
            (
                "one_beginning",
                [(int(np.argmax(sums)), token, 0.0) for _, token, _ in apart[int(np.argmax(sums))][:k]],
                "It goes on with the best beginning alone. That is greedy writing; a beam compares all of them.",
            ),
            (
                "one_of_each_token",
                one_of_each_token,
                "It takes the best beginning for each token. The k best of all may say the same token.",
            ),
            (
                "probabilities",
                _best(sums, each, k, np.exp(sums)[:, None] + np.exp(each)),
                "Probabilities were added. Their logarithms are, because probabilities of one after the other are "
                "multiplied.",
            ),
        ):
            if _chosen(wrong) != _chosen(right) and _chosen(rows) == _chosen(wrong):
                raise Rejected(key, f"{of}: {text}")
        if _chosen(rows) == [(token, beam) for beam, token in _chosen(right)]:
            raise Rejected("turned", f"{of}: beam and token are exchanged: each is (beam, token, sum).")
        if sorted(_chosen(rows)) == sorted(_chosen(right)) and _chosen(rows) != _chosen(right):
            raise Rejected("order", f"{of}: the right ones, but not the best first.")
        if _chosen(rows) != _chosen(right):
            raise Rejected("other", f"{of}: (beam, token) {_chosen(right)} were expected; these are {_chosen(rows)}.")
        totals = [one[2] for one in right]
        mistakes = [
            Mistake(
                "last_only",
                [each[one[0], one[1]] for one in right],
                "The right choice. But the third number is the log probability of the token alone, and the next "
                "step needs that of the whole.",
            ),
            Mistake(
                "exponential",
                np.exp(totals),
                "The right choice. The third number is a probability; the next step adds logarithms.",
            ),
            Mistake(
                "beginning_only",
                [sums[one[0]] for one in right],
                "The right choice. But the third number is the sum *before* the step: the token's own log "
                "probability is missing.",
            ),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, totals)]
        expect_close([one[2] for one in rows], totals, mistakes, of=f"the sums of {of}")


def _rows(found: Any, of: str) -> list[tuple[int, int, float]]:
    try:
        return [(int(beam), int(token), float(total)) for beam, token, total in found]
    except (TypeError, ValueError):
        raise Rejected("form", f"{of}: a list of (beam, token, sum) was expected; this is {found!r}.") from None


def _chosen(rows: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    return [(beam, token) for beam, token, _ in rows]


def _judge_f1(f1: Any) -> None:
    for written, reference in (
        (["and", "14", "big", "motors"], ["and", "motors", "14", "flywheels", "too"]),
        (["wind", "and", "14", "motors"], ["and", "14", "flywheels"]),
        (["Ada", "Abel", "Ada"], ["Holm", "Ada", "Abel", "Ada", "Ito"]),
        (["a", "a", "a"], ["a", "b"]),
        (["a", "b"], ["a", "a", "a"]),
        (["1", "2"], ["2", "1"]),
        (["1"], ["2"]),
        (["1"], []),
        ([], ["1", "2"]),
        ([], []),
    ):
        a, b = len(written), len(reference)
        shared = (Counter(written) & Counter(reference)).total()
        right = 2 * shared / (a + b) if a and b else float(a == b)
        kinds = set(written) & set(reference)
        mistakes = [
            Mistake(
                "sets",
                2 * len(kinds) / max(1, len(set(written)) + len(set(reference))),
                "Each word was counted once, however often it stands there. A word counts as often as *both* have it.",
            ),
            Mistake(
                "not_clipped",
                2 * sum(word in reference for word in written) / max(1, a + b),
                "A word that stands once in the reference was counted as often as it was written: “a a a” cannot share "
                "three words with “a b”.",
            ),
            Mistake(
                "not_clipped_back",
                2 * sum(word in written for word in reference) / max(1, a + b),
                "A word that was written once was counted as often as it stands in the reference: “a b” cannot share "
                "three words with “a a a”.",
            ),
            Mistake(
                "positions",
                2 * sum(one == other for one, other in zip(written, reference, strict=False)) / max(1, a + b),
                "It compares place by place. A shared word counts wherever it stands.",
            ),
            Mistake(
                "kinds_shared",
                2 * len(kinds) / max(1, a + b),
                "Shared *kinds* of words over all words: if both have “Ada” twice, two are shared.",
            ),
            Mistake("precision", shared / max(1, a), "That is the share of the *written* words that are right."),
            Mistake("recall", shared / max(1, b), "That is the share of the *reference's* words that were found."),
            Mistake(
                "jaccard",
                shared / max(1, a + b - shared),
                "Shared words over all words together. F1 is 2m / (a + b).",
            ),
            Mistake("half", shared / max(1, a + b), "Half of it: the shared words stand on both sides, so 2m."),
            Mistake("exact", float(written == reference), "That is exact match: nothing for half an answer."),
        ]
        mistakes = [one for one in mistakes if not _alike(one.gives, right)]
        of = f"f1({written}, {reference})"
        if not a or not b:
            try:
                found = call(f1, list(written), list(reference))
            except Rejected as rejected:
                if "ZeroDivisionError" in rejected.hint.text:
                    raise Rejected(
                        "nothing", f"{of} divides by 0. Two empty answers agree: 1.0; one empty one does not: 0.0."
                    ) from rejected
                raise
            empty = "Two refusals agree: that is 1.0." if a == b else "One of them is empty: that is 0.0."
            expect_close(found, right, [Mistake("empty", 1.0 - right, empty)], of=of)
        else:
            expect_close(call(f1, list(written), list(reference)), right, mistakes, of=of)


EXERCISES: Final = (
    Exercise(
        name="11.cross",
        judge=_judge_cross,
        hints=(
            "Print `visible` for 3 places and 5 tokens of source. What does its first row say?",
            "The source was read to its end before the first word is written. Only what is no token must be hidden: "
            "`source_is_real`.",
            "scores = np.where(source_is_real, scores, -np.inf): a row of S booleans, the same for each place.",
        ),
        solution='''def cross_weights(x, memory, W_q, W_k, source_is_real):
    """Where each place of the target looks in the source: (time, source), rows sum to 1.

    x: (time, features). memory: (source, features).
    source_is_real: booleans, (source,), False where the source is padding.
    """
    scores = (x @ W_q) @ (memory @ W_k).T / np.sqrt(W_q.shape[1])
    scores = np.where(source_is_real, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)''',
        wants=("cross_weights",),
        seen="With the triangle the first word of a translation saw the first word of the source alone. The loss fell "
        "all the same: a model learns what it can from what it sees.",
    ),
    Exercise(
        name="11.shift",
        judge=_judge_shift,
        hints=(
            "At place 0 the decoder reads the start mark, and must say the first token of the target.",
            "After the last token it must say the end mark.",
            "read = [start, *target]; say = [*target, end].",
        ),
        solution='''def shifted(target, start, end):
    """What the decoder reads, and what it must say: two lists, each one longer than target.

    target: a list of ids. start, end: the ids of the two marks.
    """
    read = [start, *target]
    say = [*target, end]
    return read, say''',
        wants=("shifted",),
        seen="An empty target is fine: it reads the start mark and must say the end mark. That is how a refusal looks.",
    ),
    Exercise(
        name="11.beam",
        judge=_judge_beam,
        hints=(
            "sums[:, None] + log_probs is the sum of every longer beginning: (beams, vocab).",
            "np.argsort(-totals, axis=None)[:k] gives their places in the flattened table, best first; divmod(place, "
            "vocab) turns one into beam and token.",
            "[(int(place // vocab), int(place % vocab), totals.flat[place]) for place in order].",
        ),
        solution='''def beam_step(sums, log_probs, k):
    """The k best longer beginnings, best first: a list of (beam, token, sum).

    sums: log probability of each beginning, (beams,).
    log_probs: of each next token after each beginning, (beams, vocab).
    """
    totals = sums[:, None] + log_probs  # (beams, vocab)
    order = np.argsort(-totals, axis=None)[:k]
    vocab = log_probs.shape[1]
    return [(int(place // vocab), int(place % vocab), totals.flat[place]) for place in order]''',
        wants=("beam_step",),
        seen="With k = 1 this is greedy writing.",
    ),
    Exercise(
        name="11.overlap",
        judge=_judge_f1,
        hints=(
            "How often may a word count that was written three times and stands in the reference once?",
            "Counter(written) & Counter(reference) keeps the smaller count of each word; .total() adds them up.",
            "First the empty ones: if not written or not reference, return float(written == reference). Then "
            "2 * shared / (len(written) + len(reference)).",
        ),
        solution='''def f1(written, reference):
    """F1 of the words of two answers, each a list of words, which may be empty."""
    from collections import Counter

    if not written or not reference:
        return float(written == reference)
    shared = (Counter(written) & Counter(reference)).total()
    return 2 * shared / (len(written) + len(reference))''',
        wants=("f1",),
        seen="Without the rule for empty answers, a model that refuses rightly would get nothing for it.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "11.teacher",
        "In training the decoder reads the true tokens, in use its own. What follows?",
        (
            Choice(
                "Nothing: a trained model writes true tokens.",
                "Most of them, perhaps. What does it read after it has written a wrong one?",
            ),
            Choice(
                "After a mistake it reads something that it has never seen in training, and may go further astray.",
                "This is called exposure bias. Long targets suffer most: one early mistake leads the rest.",
                right=True,
            ),
            Choice(
                "In use it is faster, because all places are computed at once.",
                "It is in *training* that all places are there at once. In use each token waits for the one before.",
            ),
            Choice(
                "The loss of training is too high.",
                "It is the loss with perfect company on the way: lower than what the model would have among its own "
                "tokens, if anything.",
            ),
        ),
    ),
    Quiz(
        "11.bleu",
        "Without the brevity penalty, which attempt would be perfect for the reference “3 May 2020, at noon in Bern”?",
        (
            Choice(
                "“Bern in noon at 2020 May 3”",
                "All words are right. Are the pairs? BLEU takes n-grams up to 4, in their order.",
            ),
            Choice(
                "“3 May 2020, at noon”",
                "All its n-grams stand in the reference: each p is 1. Precision alone rewards whoever says little and "
                "sure; the penalty makes him pay for what is missing.",
                right=True,
            ),
            Choice(
                "“3 May 2020, at noon, at noon, at noon in Bern”",
                "Clipping: “at noon” counts once. The rest lowers each p.",
            ),
            Choice(
                "“the third of May 2020 at twelve o'clock in Bern”",
                "The same meaning in other words. BLEU sees words alone.",
            ),
        ),
    ),
    Quiz(
        "11.rouge",
        "A summariser has ROUGE-L 0.9. What do you know?",
        (
            Choice(
                "Nine of ten summaries are right.", "It may be that none is. Where could each have its one wrong word?"
            ),
            Choice(
                "Nine of ten facts are right.",
                "It counts words. “kWh in … than in … most for” are words of the form, in every summary.",
            ),
            Choice(
                "Most of its words stand in the references, in that order; not which of them carry the meaning.",
                "In your figure the high ROUGE and the coin's share stand one below the other.",
                right=True,
            ),
            Choice(
                "It is better than one with 0.85.",
                "By words shared. If the 0.85 comes from other wordings and the 0.9 has the wrong building?",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction("11.exact", "Which share of unseen dates and numbers is right to the last character?", 0, 100, "%"),
    Prediction("11.comparison", "In which share of the summaries is “more” or “less” right?", 0, 100, "%"),
)
