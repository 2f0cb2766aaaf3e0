"""The exercises, quizzes and predictions of lesson 06: a text classifier.

Longer than a module should be: one file a lesson, and here are five judges.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]


def _expect_refusal(function: Any, arguments: tuple[Any, ...], told: str) -> None:
    """Raise Rejected unless the function raises ValueError for these arguments."""
    try:
        call(function, *arguments)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, ValueError):
            return
        if rejected.hint.key == "exception":
            raise Rejected("other_error", f"Asked for is a ValueError. {rejected.hint.text}") from rejected
        if rejected.hint.key not in ("not_done", "printed"):
            raise
    raise Rejected("not_refused", told)


# 06.pad


def _padded(sequences: list[list[int]], length: int, front: bool, keep_end: bool) -> list[list[int]]:
    rows = []
    for ids in sequences:
        kept = ids[-length:] if keep_end else ids[:length]
        zeros = [0] * (length - len(kept))
        rows.append(zeros + kept if front else kept + zeros)
    return rows


def _judge_pad(pad: Any) -> None:
    sequences, length = [[5, 6, 7], [8], [], [1, 2, 3, 4, 9, 6]], 4
    value = call(pad, sequences, length)
    if isinstance(value, (list, tuple)) and len({np.size(row) for row in value}) > 1:
        raise Rejected(
            "ragged",
            "The rows still differ in length, and a ragged list is no array. Which rows are too short, and which one "
            "is too long?",
        )
    right = _padded(sequences, length, front=False, keep_end=False)
    expect_close(
        value,
        right,
        [
            Mistake(
                "keras_default",
                _padded(sequences, length, front=True, keep_end=True),
                "This is what keras.utils.pad_sequences does where nothing else is said: zeros in front, and the "
                "end of "
                "a long text is kept. Asked for are zeros behind, and the beginning. Which slice is the beginning?",
            ),
            Mistake(
                "front",
                _padded(sequences, length, front=True, keep_end=False),
                "The zeros stand in front of the words. They belong behind them: into which part of the row do the "
                "words go?",
            ),
            Mistake(
                "keeps_end",
                _padded(sequences, length, front=False, keep_end=True),
                "Of the long text the end was kept, and the beginning was lost. Which slice are the first ids?",
            ),
            Mistake(
                "longest",
                _padded(sequences, 6, front=False, keep_end=False),
                "All rows are as long as the longest text. The caller said how long they must be: what happens to a "
                "text with more words than that?",
            ),
            Mistake(
                "minus_one",
                np.where(np.array(right) == 0, -1, right),
                "The padding is −1 here, which is no row of an embedding table (or its last). Which id was kept free "
                "for “no word”?",
            ),
            Mistake(
                "dropped",
                _padded([row for row in sequences if row], length, front=False, keep_end=False),
                "A row is missing: the empty text was dropped, and from now on every row stands beside the wrong "
                "label. What does a text without words look like once it is padded?",
            ),
        ],
        of="pad([[5, 6, 7], [8], [], [1, 2, 3, 4, 9, 6]], 4)",
    )
    if np.asarray(value).dtype.kind not in "iu":
        raise Rejected(
            "floats",
            "The numbers are right, but they are not whole numbers (np.zeros makes floats), and a float cannot be the "
            'number of a row in a table. What does np.zeros take beside the shape? For example dtype="int32".',
        )
    expect_close(call(pad, [[3, 4], [7]], 1), [[3], [7]], of="pad([[3, 4], [7]], 1)")
    expect_close(call(pad, [[], []], 3), np.zeros((2, 3)), of="pad([[], []], 3)")
    nothing = call(pad, [], 3)
    if np.shape(nothing) != (0, 3):
        raise Rejected(
            "empty_batch",
            f"A batch without any text must still know its width: (0, 3); yours has the shape {np.shape(nothing)}. "
            "Code that comes later asks for the second number.",
        )
    _expect_refusal(
        pad,
        ([[3, 4], [7]], 0),
        "pad(…, 0) gives an answer. Rows without places hold no words at all: say so with a ValueError.",
    )


# 06.masked_mean


def _judge_masked_mean(masked_mean: Any) -> None:
    rng = np.random.default_rng(6)
    for lengths, features in (([3, 1, 2], 2), ([4, 2, 1, 3], 5)):
        vectors = rng.normal(size=(len(lengths), max(lengths) + 1, features)).round(2)
        _judge_one_mean(masked_mean, vectors, np.array(lengths))
    vectors = rng.normal(size=(2, 3, 2)).round(2)
    mask = np.array([[True, True, False], [False, False, False]])
    value = call(masked_mean, vectors, mask)
    if np.shape(value) == (2, 2) and not np.isfinite(np.asarray(value)[1]).all():
        raise Rejected(
            "all_padding",
            "A message without a single word becomes nan, because 0 words are divided by. One such row makes the loss "
            "of the whole batch nan. What is the smallest number that the count may be, if the sum is 0 anyway?",
        )
    expect_close(
        value,
        [vectors[0, :2].mean(axis=0), [0.0, 0.0]],
        [
            Mistake(
                "fallback_mean",
                [vectors[0, :2].mean(axis=0), vectors[1].mean(axis=0)],
                "Where there are no words, the padding was averaged. Nothing was said: the answer is zeros.",
            )
        ],
        of="masked_mean of a batch whose second row is padding only",
    )

    _judge_padding_in_front(masked_mean, rng.normal(size=(2, 4, 3)).round(2))


def _judge_padding_in_front(masked_mean: Any, vectors: np.ndarray) -> None:
    mask = np.array([[False, True, True, True], [True, False, False, True]])
    expect_close(
        call(masked_mean, vectors, mask),
        [vectors[0, 1:].mean(axis=0), vectors[1, [0, 3]].mean(axis=0)],
        [
            Mistake(
                "first_places",
                [vectors[0, :3].mean(axis=0), vectors[1, :2].mean(axis=0)],
                "As many places as there are words were averaged, but the first ones, and here the words do not stand "
                "in front. The mask says how many words there are, and where: which places does your sum run over?",
            )
        ],
        of="masked_mean of a batch with padding in front of and between the words",
    )


def _judge_one_mean(masked_mean: Any, vectors: np.ndarray, lengths: np.ndarray) -> None:
    time = vectors.shape[1]
    mask = np.arange(time) < lengths[:, None]  # (batch, time)
    total = (vectors * mask[:, :, None]).sum(axis=1)  # (batch, features)
    expect_close(
        call(masked_mean, vectors, mask),
        total / lengths[:, None],
        [
            Mistake(
                "padding_counted",
                total / time,
                "The padding adds nothing to the sum, and still counts below the line: you divide by all places. How "
                "many words does each message have?",
            ),
            Mistake(
                "no_mask",
                vectors.mean(axis=1),
                "The padding's own vector is averaged in. Where does your function look at the mask?",
            ),
            Mistake(
                "mask_inverted",
                (vectors * ~mask[:, :, None]).sum(axis=1) / (time - lengths)[:, None],
                "This is the mean of the padding. True marks the places with a word.",
            ),
            Mistake("sum", total, "This is the sum. A long message would speak louder than a short one: divide."),
            Mistake(
                "one_count",
                total / mask.sum(),
                "Every message is divided by the words of the whole batch. Along which axis must the mask be counted?",
            ),
            Mistake(
                "count_plus_one",
                total / (lengths[:, None] + 1),
                "The count is one too large. Adding 1 avoids a division by zero, and makes every other answer wrong: "
                "which function leaves 1, 2, 3 … as they are, and lifts 0 to 1?",
            ),
            Mistake(
                "one_vector",
                total.sum(axis=0) / mask.sum(),
                "One vector for the whole batch: the messages were mixed. Each one keeps its own row.",
            ),
        ],
        of=f"masked_mean of a batch with {', '.join(map(str, lengths))} words",
    )


# 06.f_score


def _table(y: np.ndarray, y_hat: np.ndarray, num_classes: int) -> np.ndarray:
    """Precision, recall and F1 of each class, (classes, 3), from the confusion matrix, unlike the solution."""
    confusion = np.zeros((num_classes, num_classes))
    np.add.at(confusion, (y, y_hat), 1)
    right, actual, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    below = (predicted, actual, (actual + predicted) / 2)
    return np.stack([right / np.where(count > 0, count, 1) for count in below], axis=1)


_ZERO_DIVISION: Final = (
    "A class that is never said has no precision: 0 ÷ 0, an error in Python and nan in NumPy, which spreads to every "
    "mean. Here it counts as 0, which is harsh and never flatters. Where do you ask whether there is anything to "
    "divide by?"
)


def _judge_f1(precision_recall_f1: Any) -> None:
    cases = (
        # class 3 is never predicted, class 4 neither occurs nor is predicted, class 5 occurs once and is found
        ([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 5], [0, 1, 1, 2, 1, 1, 2, 2, 0, 0, 5], 6),
        ([0, 0, 0, 0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0, 1, 1, 0, 1], 2),
    )
    for truth, guesses, num_classes in cases:
        y, y_hat = np.array(truth), np.array(guesses)
        try:
            value = call(precision_recall_f1, y, y_hat, num_classes)
        except Rejected as rejected:
            if isinstance(rejected.__cause__, ZeroDivisionError):
                raise Rejected("zero_division", _ZERO_DIVISION) from rejected
            raise
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise Rejected(
                "form",
                "Two things are asked for: the table (classes, 3) and the macro F1. End with `return table, macro`.",
            )
        _judge_table(value[0], y, y_hat, num_classes)
        _judge_macro(value[1], y, y_hat, num_classes)


def _judge_table(value: Any, y: np.ndarray, y_hat: np.ndarray, num_classes: int) -> None:
    table = _table(y, y_hat, num_classes)
    if np.shape(value) == table.shape and np.isnan(np.asarray(value, np.float64)).any():
        raise Rejected("zero_division", _ZERO_DIVISION)
    precision, recall, f1 = table.T
    accuracy = np.array([np.mean((y == one) == (y_hat == one)) for one in range(num_classes)])
    expect_close(
        value,
        table,
        [
            Mistake(
                "swapped",
                np.stack([recall, precision, f1], axis=1),
                "Precision and recall changed places. Precision asks of all that were called so, how many were so; "
                "recall asks of all that were so, how many were found.",
            ),
            Mistake(
                "plain_mean",
                np.stack([precision, recall, (precision + recall) / 2], axis=1),
                "F1 is the harmonic mean, not (precision + recall) / 2. What would the plain mean say of a model with "
                "recall 1 and precision 0.01?",
            ),
            Mistake(
                "no_two",
                np.stack([precision, recall, f1 / 2], axis=1),
                "All F1 are half of what they should be. With precision = recall = 1, what must F1 be?",
            ),
            Mistake(
                "accuracy",
                np.stack([accuracy] * 3, axis=1),
                "This is how often “is it this class?” was answered rightly, the easy noes included. Precision and "
                "recall leave those out.",
            ),
            Mistake(
                "transposed",
                table.T,
                "The table lies on its side: one row a class is asked for, (classes, 3).",
            ),
        ],
        of="the table",
    )


def _judge_macro(value: Any, y: np.ndarray, y_hat: np.ndarray, num_classes: int) -> None:
    precision, recall, f1 = _table(y, y_hat, num_classes).T
    support = np.bincount(y, minlength=num_classes)
    p, r = precision.mean(), recall.mean()
    mistakes = [
        Mistake(
            "micro",
            np.mean(y == y_hat),
            "This is the share of right answers (micro F1, for one label each): large classes speak loudest. Macro "
            "lets every class speak once.",
        ),
        Mistake(
            "weighted",
            (f1 * support).sum() / support.sum(),
            "Weighted by how often each class occurs: a rare class hardly counts. Macro is the plain mean over "
            "classes.",
        ),
        Mistake(
            "of_means",
            2 * p * r / (p + r),
            "This is F1 of the mean precision and the mean recall. Macro F1 is the mean of the classes' own F1.",
        ),
        Mistake("all_columns", (p + r + f1.mean()) / 3, "The mean runs over all three columns. Which one is F1?"),
    ]
    if num_classes > 2:
        mistakes.append(
            Mistake(
                "present_only",
                f1[support > 0].mean(),
                "A class that does not occur was left out of the mean. Here it counts, with 0: the caller said "
                "how many "
                "classes there are.",
            )
        )
    expect_close(value, f1.mean(), mistakes, of="the macro F1")


# 06.folds


def _judge_folds(folds: Any) -> None:
    for n, k in ((11, 4), (12, 3), (9, 2), (5, 5)):
        _judge_partition(_called(folds, n, k, 1), n, k)
    first, again, other = (_as_lists(_called(folds, 40, 4, seed)) for seed in (1, 1, 2))
    if first != again:
        raise Rejected(
            "not_repeatable",
            "The same seed gave other folds the second time, so nobody can repeat your result. Shuffle with "
            "np.random.default_rng(seed).",
        )
    if first == other:
        raise Rejected(
            "not_shuffled",
            "Another seed gives the very same folds: nothing was shuffled. Many data sets are stored class by class; "
            "what would the first fold then hold?",
        )
    told = (
        "With `yield`, not even the first line of folds(5, {k}, …) runs before somebody takes the first pair, so the "
        "refusal comes late, or never. Collect the pairs in a list, and return it."
        if inspect.isgenerator(call(folds, 5, 5, 1))
        else "folds(5, {k}, …) gives an answer. With one fold nothing is left to train on, and 5 examples cannot fill "
        "6 folds: refuse with a ValueError unless 2 ≤ k ≤ n."
    )
    for k in (1, 6):
        _expect_refusal(folds, (5, k, 1), told.format(k=k))


def _called(folds: Any, n: int, k: int, seed: int) -> Any:
    """What folds gives; a generator's pairs in a list, so that an error among them is told like any other."""
    value = call(folds, n, k, seed)
    return call(lambda: list(value)) if inspect.isgenerator(value) else value


def _as_lists(pairs: Any) -> list[list[int]]:
    return [sorted(int(one) for one in validation) for _, validation in pairs]


def _judge_partition(value: Any, n: int, k: int) -> None:
    form = Rejected(
        "form", f"folds({n}, {k}, 1) must be a list of {k} pairs (training indices, validation indices)."
    )  # fmt: skip
    try:
        pairs = [(np.asarray(train), np.asarray(validation)) for train, validation in value]
    except (TypeError, ValueError):
        raise form from None
    if len(pairs) != k or any(part.ndim != 1 or part.dtype.kind not in "iu" for pair in pairs for part in pair):
        raise form
    held_out = np.concatenate([validation for _, validation in pairs])
    everyone = set(range(n))
    if k > 2 and sorted(one for train, _ in pairs for one in train.tolist()) == sorted(everyone):
        raise Rejected(
            "swapped",
            "The small parts stand first, so each model would learn from one part and be judged on all others. Which "
            "of the two goes first, training or validation?",
        )
    if not set(held_out.tolist()) <= everyone:
        raise Rejected("out_of_range", f"With {n} examples the indices run from 0 to {n - 1}; yours go beyond.")
    for train, validation in pairs:
        if set(train.tolist()) & set(validation.tolist()):
            raise Rejected(
                "overlap",
                "A fold trains on examples that it also validates on: it has seen the answers. Which indices must be "
                "taken out of the training part?",
            )
    if len(set(held_out.tolist())) < len(held_out):
        raise Rejected(
            "twice",
            "Some examples are validated on in more than one fold, as if drawn anew each time. Shuffle once, then cut.",
        )
    if len(held_out) < n:
        raise Rejected(
            "left_over",
            f"{n} examples in {k} folds: {n - len(held_out)} of them are never validated on. n // k forgets the "
            "remainder; who takes it?",
        )
    sizes = [len(validation) for _, validation in pairs]
    if max(sizes) - min(sizes) > 1:
        raise Rejected(
            "uneven",
            f"The folds have {', '.join(map(str, sizes))} examples: one took the whole remainder. Sizes may "
            f"differ by 1 "
            "at most.",
        )
    for train, validation in pairs:
        if sorted(train.tolist()) != sorted(everyone - set(validation.tolist())):
            raise Rejected(
                "not_the_rest",
                "A training part is not all the rest: examples are missing, or stand in it twice. All that are not in "
                "the validation part belong there, once each.",
            )


# 06.leak


def _most_telling(x: np.ndarray, y: np.ndarray, keep: int) -> np.ndarray:
    gap = np.abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0))
    return np.argsort(-gap, kind="stable")[:keep]


def _accuracy(x: np.ndarray, y: np.ndarray, train: np.ndarray, held_out: np.ndarray, words: np.ndarray) -> float:
    """Accuracy on the held-out messages, with the means of the training messages."""
    x = x[:, words]
    means = np.stack([x[train][y[train] == one].mean(axis=0) for one in (0, 1)])
    y_hat = ((x[held_out][:, None] - means) ** 2).sum(axis=-1).argmin(axis=1)
    return float(np.mean(y_hat == y[held_out]))


def _judge_leak(cross_validate: Any) -> None:
    for seed, size, keep in ((0, 60, 6), (3, 45, 4)):
        rng = np.random.default_rng(seed)
        x = (rng.random((size, 150)) < 0.3).astype(float)  # (messages, words)
        y = rng.integers(0, 2, size)
        # Folds of different sizes, so that the mean over folds is not the mean over messages.
        fold_of = np.sort(np.arange(size) % 5 * (rng.random(size) < 0.8))
        parts = [fold_of == fold for fold in np.unique(fold_of)]  # (messages,) each: which are held out
        everything = np.ones(size, bool)

        def over_folds(
            choosers: Sequence[np.ndarray],
            x: np.ndarray = x,
            y: np.ndarray = y,
            keep: int = keep,
            parts: Sequence[np.ndarray] = tuple(parts),
        ) -> list[float]:
            """Accuracy in each fold, where these messages choose the words."""
            return [
                _accuracy(x, y, ~part, part, _most_telling(x[rows], y[rows], keep))
                for part, rows in zip(parts, choosers, strict=True)
            ]

        def chosen(rows: np.ndarray, x: np.ndarray = x, y: np.ndarray = y, keep: int = keep) -> np.ndarray:
            return _most_telling(x[rows], y[rows], keep)

        rest = [~part for part in parts]
        right = over_folds(rest)
        expect_close(
            call(cross_validate, x, y, fold_of, keep),
            np.mean(right),
            [
                Mistake(
                    "leak",
                    np.mean(over_folds([everything] * len(parts))),
                    "The held-out messages still have a say: their labels helped to choose the words, before the folds "
                    "were made. Which line looks at all of x and y, and where would it look at the training part only?",
                ),
                Mistake(
                    "chosen_by_held_out",
                    np.mean(over_folds(parts)),
                    "Now the words are chosen by the held-out messages alone. That is the leak in its purest form: "
                    "which part may be looked at?",
                ),
                Mistake(
                    "means_of_all",
                    np.mean([_accuracy(x, y, everything, part, chosen(~part)) for part in parts]),
                    "The words are chosen honestly now, but the means are worked out from all messages, the held-out "
                    "ones among them. Which messages may `centroids` look at?",
                ),
                Mistake(
                    "mean_over_messages",
                    sum(share * part.sum() for share, part in zip(right, parts, strict=True)) / size,
                    "Honest, but it is the mean over messages: here the folds differ in size, and a large fold speaks "
                    "louder. Asked for is the mean over folds, as in the function that you were given.",
                ),
                Mistake(
                    "training_accuracy",
                    np.mean([_accuracy(x, y, rows, rows, _most_telling(x[rows], y[rows], keep)) for rows in rest]),
                    "The accuracy is worked out on the messages that it was trained on. Which ones has it not seen?",
                ),
                Mistake(
                    "first_fold_only",
                    np.mean(over_folds([rest[0]] * len(parts))),
                    "The words were chosen once, from the training part of the first fold; for the other folds, that "
                    "part holds their own held-out messages. Choose anew in each fold.",
                ),
                Mistake(
                    "no_choice",
                    np.mean([_accuracy(x, y, ~part, part, np.arange(x.shape[1])) for part in parts]),
                    "This model looks at all words. The choice is part of the model: keep it, and make it honest.",
                ),
                Mistake(
                    "last_fold",
                    right[-1],
                    "This is the accuracy of the last fold. The mean of all of them is asked for.",
                ),
            ],
            of=f"cross_validate of {size} messages with labels from a coin",
        )


_LEAK_GIVEN: Final = """import numpy as np


def most_telling(x, y, keep):
    gap = np.abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0))  # (words,)
    return np.argsort(-gap, kind="stable")[:keep]


def centroids(x, y):
    return np.stack([x[y == one].mean(axis=0) for one in (0, 1)])  # (2, words)


def nearest(x, means):
    return ((x[:, None] - means) ** 2).sum(axis=-1).argmin(axis=1)  # (messages,)
"""

EXERCISES: Final = (
    Exercise(
        name="06.pad",
        judge=_judge_pad,
        hints=(
            "Begin with a table that is all padding, one row a text. Then write the words over it.",
            "ids[:length] is the beginning of a text, whether it is longer or shorter than that. How long is it?",
            'padded = np.zeros((len(sequences), length), dtype="int32"), and in the loop '
            "padded[row, : len(kept)] = kept.",
        ),
        solution='''def pad(sequences, length):
    """Ids of texts as one array (batch, length): zeros behind, and what is too long is cut at its end.

    Refuses a length below 1 with a ValueError.
    """
    if length < 1:
        raise ValueError(f"length must be 1 or more; got {length}")
    padded = np.zeros((len(sequences), length), dtype="int32")
    for row, ids in enumerate(sequences):
        kept = ids[:length]
        padded[row, : len(kept)] = kept
    return padded''',
        wants=("pad",),
        seen="A text without words is a row of zeros, and keeps its place in the batch. Remember that row: it "
        "comes back.",
    ),
    Exercise(
        name="06.masked_mean",
        judge=_judge_masked_mean,
        hints=(
            "Two sums are needed: of the vectors at places with a word, and of those places.",
            "mask[:, :, None] has the shape (batch, time, 1): times the vectors, it sets the padding to zero.",
            "total = (vectors * mask[:, :, None]).sum(axis=1); count = mask.sum(axis=1)[:, None]; "
            "divide by np.maximum(count, 1).",
        ),
        solution='''def masked_mean(vectors, mask):
    """The mean over the places with a word: (batch, time, features) and (batch, time) to (batch, features).

    A row without any word gives zeros.
    """
    weights = mask[:, :, None].astype(float)  # (batch, time, 1)
    total = (vectors * weights).sum(axis=1)  # (batch, features)
    count = weights.sum(axis=1)  # (batch, 1)
    return total / np.maximum(count, 1)''',
        wants=("masked_mean",),
        seen="Where there is nothing to average it says zero, not nan. Keras' own layer says nan, as you are "
        "about to see.",
    ),
    Exercise(
        name="06.f_score",
        judge=_judge_f1,
        hints=(
            "For one class there are three counts: right (both say c), said (y_hat is c) and was (y is c).",
            "precision = right ÷ said, recall = right ÷ was, F1 = 2 · precision · recall ÷ (precision + recall). Ask "
            "before each division whether there is something to divide by.",
            "right = np.sum((y == c) & (y_hat == c)); the macro F1 is table[:, 2].mean().",
        ),
        solution='''def precision_recall_f1(y, y_hat, num_classes):
    """Precision, recall and F1 of each class, (classes, 3), and the macro F1. What would be 0 / 0 counts as 0."""
    table = np.zeros((num_classes, 3))
    for c in range(num_classes):
        right = np.sum((y == c) & (y_hat == c))
        said, was = np.sum(y_hat == c), np.sum(y == c)
        precision = right / said if said > 0 else 0.0
        recall = right / was if was > 0 else 0.0
        both = precision + recall
        table[c] = precision, recall, 2 * precision * recall / both if both > 0 else 0.0
    return table, table[:, 2].mean()''',
        wants=("precision_recall_f1",),
        seen="F1 is also 2 · right ÷ (said + was): one division fewer. Can you derive it?",
    ),
    Exercise(
        name="06.folds",
        judge=_judge_folds,
        hints=(
            "Shuffle the numbers 0 … n − 1 once, and cut the row into k pieces: each piece is one validation part.",
            "np.random.default_rng(seed).permutation(n) shuffles; np.array_split(order, k) cuts, remainder included.",
            "The training part is all the rest: np.setdiff1d(order, part). And before all that: raise ValueError "
            "unless "
            "2 <= k <= n.",
        ),
        solution='''def folds(n, k, seed):
    """k pairs (training indices, validation indices) of n examples, shuffled by the seed.

    Every example is in exactly one validation part; their sizes differ by 1 at most.
    Refuses with a ValueError unless 2 <= k <= n.
    """
    if not 2 <= k <= n:
        raise ValueError(f"k must be from 2 to n; got k={k}, n={n}")
    order = np.random.default_rng(seed).permutation(n)
    return [(np.setdiff1d(order, part), part) for part in np.array_split(order, k)]''',
        wants=("folds",),
        seen="With k = n each example is held out alone. That is the dearest of all ways to split: n trainings.",
    ),
    Exercise(
        name="06.leak",
        judge=_judge_leak,
        hints=(
            "The labels are coin flips. An honest estimate must come out near 50 %, whatever the model.",
            "Follow the held-out labels: in which line, before the loop, are they used?",
            "Move the choice into the loop: words = most_telling(x[~held_out], y[~held_out], keep).",
        ),
        solution='''def cross_validate(x, y, fold_of, keep):
    """Mean accuracy over the folds of a model that looks at the `keep` most telling words."""
    accuracies = []
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        words = most_telling(x[~held_out], y[~held_out], keep)
        means = centroids(x[~held_out][:, words], y[~held_out])
        y_hat = nearest(x[held_out][:, words], means)
        accuracies.append(np.mean(y_hat == y[held_out]))
    return np.mean(accuracies)''',
        wants=("cross_validate",),
        given=_LEAK_GIVEN,
        seen="Whatever is fitted is part of the model, and belongs inside the fold: the vocabulary, the "
        "choice of words, the threshold.",
    ),
)

QUIZZES: Final = (
    Quiz(
        name="06.padding",
        question="The model without a mask was trained on rows of 64 places. In use, messages come in batches that are "
        "padded to the longest message of the batch. On what does the answer to your message depend?",
        choices=(
            Choice(
                "On its words only.",
                "That would be so with a mask. Without one the mean also runs over zeros that stand behind your words: "
                "who decides how many there are?",
            ),
            Choice(
                "On its words, and on how long the longest message of the same batch is.",
                "The other messages decide how much padding yours gets, and the padding is averaged in. The same "
                "message can get another answer beside other messages, and no error says so.",
                right=True,
            ),
            Choice(
                "On its words, and on their order.",
                "A mean knows no order, with a mask or without: swap two words, and the sum is the same.",
            ),
            Choice(
                "On nothing in particular: the padding's vector is zero.",
                "Row 0 of the table is a row like any other, unless a mask hides it: it is learned. And even zeros "
                "would count below the line of the mean.",
            ),
        ),
    ),
    Quiz(
        name="06.accuracy",
        question="A filter says “not notation” to every paragraph and is right in 94 of 100. Which figure of the class "
        "`notation` tells that it is useless?",
        choices=(
            Choice(
                "Its accuracy.",
                "94 % sounds splendid: the many easy noes are counted as success. Which figure leaves them out?",
            ),
            Choice(
                "Its recall: of the paragraphs that are notation, it finds none.",
                "Recall is 0, so F1 is 0, too. No number of easy noes can lift them.",
                right=True,
            ),
            Choice(
                "Its precision, which is 100 %: it never raises a false alarm.",
                "It never raises any alarm, so its precision is 0 ÷ 0, which we count as 0. And no false alarms is no "
                "reason to call it useless. What about those that it misses?",
            ),
            Choice(
                "Its loss on the training text.",
                "It has no loss: it was never trained. Ask what it does with the rare class.",
            ),
        ),
    ),
    Quiz(
        name="06.threshold",
        question="Each false alarm costs a person an hour, a missed case costs nothing much. Where do you put the "
        "threshold? Try it with the slider above.",
        choices=(
            Choice(
                "Higher: fewer alarms, and more of them true; some cases are missed.",
                "Precision rises, as a rule, and recall can only fall. What a mistake costs decides, not the number "
                "0.5.",
                right=True,
            ),
            Choice(
                "Lower: more cases are found.",
                "That raises recall, and brings more false alarms, the dear kind of mistake here.",
            ),
            Choice(
                "At 0.5: that is where the model changes its mind.",
                "0.5 is right where both mistakes cost the same and the probabilities are honest. Here they do not.",
            ),
            Choice(
                "Where F1 is largest.",
                "F1 weighs both mistakes alike. Here one of them costs an hour, and the other hardly anything.",
            ),
        ),
    ),
    Quiz(
        name="06.noise",
        question="One label in twenty is wrong, in every split, at random. A model agrees with 99 % of the labels it "
        "was trained on. What has happened?",
        choices=(
            Choice(
                "It is better than the labels.",
                "A model that knew every truth would agree with 95 % of these labels. From where could it know the "
                "other 4 %?",
            ),
            Choice(
                "It has learned wrong labels by heart.",
                "Truth earns 95 %. The rest can only come from remembering single messages, and that helps with no new "
                "one: over-fitting, made visible by known noise.",
                right=True,
            ),
            Choice(
                "The noise has gone down during the training.",
                "The labels are what they were. Only the model changed.",
            ),
            Choice(
                "Nothing: 99 % is close to 95 %.",
                "On 10,000 messages these 4 % are 400 wrong labels. Chance does not do that.",
            ),
        ),
    ),
)

PREDICTIONS: Final = (
    Prediction(
        name="06.flipped",
        question="The model without a mask was trained on rows of 64 places. Now the same 600 validation messages get "
        "rows of 512 places. How many of 100 messages get another answer, though not one word has changed?",
        low=0,
        high=100,
        unit="%",
    ),
    Prediction(
        name="06.order",
        question="The averaging model agrees with about two labels in three. A model that reads five words in a row is "
        "trained on the same labels, of which one in twenty is wrong. With how many validation labels will it agree?",
        low=50,
        high=100,
        unit="%",
    ),
    Prediction(
        name="06.topics",
        question="Folds made of paragraphs gave the accuracy above. Now whole topics are held out: the model has read "
        "other paragraphs of the same family, but none of the same topic. What will its accuracy be?",
        low=0,
        high=100,
        unit="%",
    ),
)
