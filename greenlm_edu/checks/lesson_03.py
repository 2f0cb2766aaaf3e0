"""The exercises, quizzes and predictions of lesson 03, from text to tokens.

Longer than most: its judges look at what a split or a table of counts *does*, which no single number tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.calling import call
from greenlm_edu.checks.choices import Choice, Quiz
from greenlm_edu.checks.exercise import Exercise
from greenlm_edu.checks.expecting import Mistake, expect_close
from greenlm_edu.checks.prediction import Prediction
from greenlm_edu.checks.result import Rejected

__all__ = ["EXERCISES", "PREDICTIONS", "QUIZZES"]

Pair = tuple[int, int]

# ---------------------------------------------------------------------------------------------------------- 03.pairs

# word -> how often; (7, 7, 7, 7) holds three pairs, (2, 1) is not (1, 2), and a single id has no neighbour.
_WORDS: Final = {(1, 2, 3): 5, (2, 3): 2, (2, 1): 4, (7, 7, 7, 7): 3, (9,): 6}
_PAIRS: Final[dict[Pair, int]] = {(1, 2): 5, (2, 3): 7, (2, 1): 4, (7, 7): 9}
_PAIR_MISTAKES: Final[tuple[tuple[str, dict[Pair, int], str], ...]] = (
    (
        "unweighted",
        {(1, 2): 1, (2, 3): 2, (2, 1): 1, (7, 7): 3},
        "Each word was counted once. (1, 2, 3) occurs 5 times in the text: how often does its pair (1, 2)?",
    ),
    (
        "once_a_word",
        {(1, 2): 5, (2, 3): 7, (2, 1): 4, (7, 7): 3},
        "In (7, 7, 7, 7) the pair (7, 7) stands at three places. You counted it once a word. Where do equal pairs get "
        "lost?",
    ),
    (
        "no_overlap",
        {(1, 2): 5, (2, 3): 7, (2, 1): 4, (7, 7): 6},
        "(7, 7, 7, 7) has three neighbouring pairs: places 0–1, 1–2 and 2–3. Counting goes on by one place, also where "
        "pairs overlap; it is merging that may not use a token twice.",
    ),
    (
        "steps_of_two",
        {(1, 2): 5, (2, 3): 2, (2, 1): 4, (7, 7): 6},
        "You went on by two places: the pair (2, 3) inside (1, 2, 3) was jumped over. By how much does the place grow?",
    ),
    (
        "last_pair_lost",
        {(1, 2): 5, (7, 7): 6},
        "The last pair of each word is missing. A word of length n has n − 1 pairs: at which place does the last "
        "begin?",
    ),
    (
        "unordered",
        {(1, 2): 9, (2, 3): 7, (7, 7): 9},
        "(1, 2) and (2, 1) were thrown together. “ab” and “ba” are different pieces of text: keep left and right "
        "apart.",
    ),
    (
        "reversed",
        {(2, 1): 5, (3, 2): 7, (1, 2): 4, (7, 7): 9},
        "Left and right are exchanged: in the word (2, 3) the pair is (2, 3), as it is read.",
    ),
    (
        "single_ids",
        {(1, 2): 5, (2, 3): 7, (2, 1): 4, (7, 7): 9, (9, 9): 6},
        "The word (9,) is one id long and has no neighbours, so it adds no pair.",
    ),
)


def _judge_pairs(count_pairs: Any) -> None:
    found = _table(call(count_pairs, dict(_WORDS)))
    if found != _PAIRS:
        for key, gives, hint in _PAIR_MISTAKES:
            if found == gives:
                raise Rejected(key, hint)
        strange = set(found) - set(_PAIRS)
        if strange:
            raise Rejected(
                "across_words",
                f"You counted the pair {min(strange)}, which stands in no word: it reaches from one word into another. "
                "Words in the table stand in no order, and a merge never crosses their border. Where must a pair end?",
            )
        pair = next(pair for pair in _PAIRS if found.get(pair, 0) != _PAIRS[pair])
        raise Rejected(
            "value",
            f"For {_WORDS} the pair {pair} must be counted {_PAIRS.get(pair, 0)} times; yours says "
            f"{found.get(pair, 0)}.",
        )
    if _table(call(count_pairs, {})) != {}:
        raise Rejected("empty", "A text without words has no pairs: for {} the table must be empty.")
    if _table(call(count_pairs, {(4,): 2, (): 1})) != {}:
        raise Rejected("short_words", "Words of one id, or of none, have no pairs: for {(4,): 2, (): 1} give {}.")


def _table(value: Any) -> dict[Pair, int]:
    """The learner's counts; pairs counted 0 times may be left in."""
    if not isinstance(value, Mapping):
        raise Rejected(
            "kind", f"The result must be a dictionary, {{(left, right): count}}; yours is {type(value).__name__}."
        )
    for pair in value:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise Rejected("kind", f"Each key must be a pair, (left, right); yours has {pair!r}.")
    return {pair: count for pair, count in value.items() if count != 0}


# ---------------------------------------------------------------------------------------------------------- 03.merge

_BEHIND: Final = "After joining two ids you went on by one place, and the right one was read again. Where do you go on?"
_LAST: Final = "The last id is lost. It has no right neighbour, so it cannot begin a pair; does it still get appended?"
_LEFT_ALONE: Final = "Only the left id was looked at. Followed by something else it is no pair: look at both."
_OVERLAP: Final = (
    "In 1, 1, 1 there are two places where the pair (1, 1) begins, but the middle 1 can be used once only. Once a pair "
    "is joined, where is the next place to look at?"
)


def _judge_merge(merge: Any) -> None:
    # (ids, pair, right, mistakes): 99 is the new id
    cases: tuple[tuple[list[int], Pair, list[int], list[Mistake]], ...] = (
        (
            [1, 2, 3, 1, 2, 4],
            (1, 2),
            [99, 3, 99, 4],
            [
                Mistake("unchanged", [1, 2, 3, 1, 2, 4], "Nothing was joined. What do you compare with the pair?"),
                Mistake(
                    "first_only", [99, 3, 1, 2, 4], "Only the first pair was joined; go on to the end of the list."
                ),
                Mistake("keeps_right", [99, 2, 3, 99, 2, 4], _BEHIND),
                Mistake("last_lost", [99, 3, 99], _LAST),
                Mistake("left_lost", [3, 4], "The pairs are gone, and no new id stands in their place."),
                Mistake("pair_kept", [1, 2, 99, 3, 1, 2, 99, 4], "new_id comes in place of the pair, not behind it."),
            ],
        ),
        (
            [1, 1, 1, 2],
            (1, 1),
            [99, 1, 2],
            [
                Mistake("overlap", [99, 99, 2], _OVERLAP),
                Mistake("keeps_right", [99, 99, 1, 2], _BEHIND),
                Mistake(
                    "right_to_left",
                    [1, 99, 2],
                    "You joined from the right. Both ways are possible, but everyone must go the same way, or one text "
                    "gets two encodings: go from left to right.",
                ),
                Mistake("last_lost", [99, 1], _LAST),
                Mistake("left_alone", [99, 99], _LEFT_ALONE),
            ],
        ),
        ([1, 1, 1, 1, 1], (1, 1), [99, 99, 1], [Mistake("last_lost", [99, 99], _LAST)]),
        (
            [2, 1, 2, 1],
            (1, 2),
            [2, 99, 1],
            [Mistake("unordered", [99, 99], "(2, 1) is not the pair (1, 2): left and right count.")],
        ),
        (
            [1, 3, 2, 2],
            (1, 2),
            [1, 3, 2, 2],
            [
                Mistake(
                    "not_neighbours",
                    [99, 3, 2],
                    "1 and 2 are both there, but 3 stands between them: only neighbours are joined.",
                ),
                Mistake("one_by_one", [99, 3, 99, 99], "A single 1 or 2 is no pair: both must be there, in a row."),
                Mistake("left_alone", [99, 2, 2], _LEFT_ALONE),
            ],
        ),
        ([5], (5, 5), [5], [Mistake("last_lost", [], _LAST)]),
        ([], (1, 2), [], []),
        ([3, 1, 2], (1, 2), [3, 99], [Mistake("end_missed", [3, 1, 2], "A pair at the very end is a pair too.")]),
    )
    for ids, pair, right, mistakes in cases:
        expect_close(_merged(merge, ids, pair), right, mistakes, of=f"merge({ids}, {pair}, 99)")


def _merged(merge: Any, ids: list[int], pair: Pair) -> Any:
    try:
        return call(merge, ids, pair, 99)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, IndexError):
            raise Rejected(
                "past_the_end",
                f"{rejected.hint.text}\nThe last id has no right neighbour, so ids[place + 1] asks for too much there. "
                "What does ids[place : place + 2] give at the last place?",
            ) from rejected.__cause__
        raise


# ---------------------------------------------------------------------------------------------------------- 03.encode


_UNMERGED: Final = "These are the bytes. Now the merges, one after the other."
_NEW_IDS: Final = (
    "The first merge makes the token 256, the next one 257, for 0 to 255 are the bytes. Where does yours begin to "
    "count?"
)


def _judge_encode(encode: Any) -> None:
    a, b, c, d = b"abcd"
    cases: tuple[tuple[str, list[Pair], list[int], list[Mistake]], ...] = (
        (
            "abcd",
            [(a, b), (b, c), (257, d)],
            [256, c, d],
            [
                Mistake("unmerged", [a, b, c, d], _UNMERGED),
                Mistake("new_ids", [257, c, d], _NEW_IDS),
                Mistake(
                    "longest_first",
                    [a, 258],
                    "You took the longest token, “bcd”, wherever it fits. But “ab” was learned first, so it is joined "
                    "first, and then no “bc” is left. Which order do the merges have?",
                ),
                Mistake(
                    "last_first",
                    [a, 257, d],
                    "You applied the merges from the last one learned to the first. Which pair was joined first when "
                    "the tokenizer was trained?",
                ),
            ],
        ),
        (
            "abab",
            [(a, b), (256, 256)],
            [257],
            [
                Mistake(
                    "one_merge",
                    [256, 256],
                    "Only the first merge was applied. Its new token, 256, is part of the second merge: go on with the "
                    "list that you have, not with the bytes.",
                ),
                Mistake("new_ids", [258], _NEW_IDS),
                Mistake("new_ids", [1], _NEW_IDS),
            ],
        ),
        (
            "abcd",
            [(b, c), (a, b), (256, d)],
            [a, 258],
            [
                Mistake(
                    "leftmost_first",
                    [257, c, d],
                    "You read from the left and joined the first pair that is in the table, or the longest token that "
                    "fits there. But “bc” was learned before “ab”: go through the merges in their order, and each "
                    "time through the whole text.",
                ),
            ],
        ),
        (
            "é慢",
            [],
            [0xC3, 0xA9, 0xE6, 0x85, 0xA2],
            [
                Mistake(
                    "code_points",
                    [0xE9, 0x6162],
                    "These are code points, and 0x6162 would be the id of a merge. Byte pairs begin with the bytes: "
                    "text.encode() gives them.",
                ),
            ],
        ),
        ("aaaaa", [(a, a), (256, 256)], [257, a], []),
        ("", [(a, b)], [], []),
        ("cab", [(a, b)], [c, 256], []),
    )
    for text, merges, right, mistakes in cases:
        expect_close(call(encode, text, merges), right, mistakes, of=f"encode({text!r}, {merges})")


# ---------------------------------------------------------------------------------------------------------- 03.split

_SHARED: Final = "See also the index."
# the same sentence in other spacing and case, as copying leaves it
_COPIES: Final = (_SHARED, "See  also the index.", "SEE ALSO THE INDEX.")


def _documents(count: int) -> list[list[str]]:
    """Documents of four sentences of their own each; all end with some copy of one sentence, and each repeats one."""
    documents = []
    for number in range(count):
        own = [f"Page {number} says {place}." for place in ["one", "two", "three", "four"]]
        documents.append([*own, own[0], _COPIES[number % len(_COPIES)]])
    return documents


def _normal(sentence: str) -> str:
    return " ".join(sentence.split()).casefold()


def _judge_split(split: Any) -> None:
    documents = _documents(12)
    held_sets = set()
    for seed in range(6):
        train, held_out = _two_lists(call(split, documents, 0.25, seed))
        _hold_apart(documents, train, held_out, 3, f"split(documents, 0.25, {seed})")
        if _two_lists(call(split, documents, 0.25, seed)) != (train, held_out):
            raise Rejected(
                "not_repeatable",
                f"Twice the seed {seed}, two different splits. Nobody could repeat your figures: draw everything from "
                "random.Random(seed).",
            )
        held_sets.add(_owners(held_out))
    if len(held_sets) == 1:
        raise Rejected(
            "not_random",
            "The same documents are held out whatever the seed. The first or last ones may be special (an old part, "
            "one author): shuffle the documents.",
        )
    for share, count in ((0.01, 1), (0.2, 2), (0.3, 4), (0.5, 6)):
        train, held_out = _two_lists(call(split, documents, share, 0))
        _hold_apart(documents, train, held_out, count, f"split(documents, {share}, 0)")
    # two documents are enough; which copy of the shared sentence is held out does not matter
    train, held_out = _two_lists(call(split, documents[:2], 0.5, 1))
    _hold_apart(documents[:2], train, held_out, 1, "split of two documents, share 0.5")
    for too_few in ([], documents[:1]):
        _must_refuse(
            split,
            (too_few, 0.25, 0),
            f"With {len(too_few)} documents there is nothing to hold out without leaving no training text: raise a "
            "ValueError that says so.",
        )


def _two_lists(value: Any) -> tuple[list[str], list[str]]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise Rejected("kind", "The result must be two lists of sentences: return train, held_out.")
    for part in value:
        if not isinstance(part, Iterable) or isinstance(part, str) or not all(isinstance(one, str) for one in part):
            raise Rejected("kind", "Each of the two must be a flat list of sentences: no lists inside, no numbers.")
    return list(value[0]), list(value[1])


def _owners(sentences: Iterable[str]) -> frozenset[int]:
    """The documents whose own sentences are among these."""
    return frozenset(int(one.split()[1]) for one in sentences if one.startswith("Page"))


def _hold_apart(documents: list[list[str]], train: list[str], held_out: list[str], count: int, of: str) -> None:
    known = {sentence for document in documents for sentence in document}
    strange = [one for one in [*train, *held_out] if one not in known]
    if strange:
        raise Rejected("invented", f"{of}: {strange[0]!r} stands in no document. Give sentences back as they were.")
    if not held_out:
        raise Rejected("empty", f"{of}: nothing is held out. However small the share, at least one document must be.")
    if not train:
        raise Rejected(
            "no_training",
            f"{of}: no training text is left. All documents here quote one and the same sentence: what must go, the "
            "sentence, or every page that quotes it?",
        )
    in_train, in_held_out = _owners(train), _owners(held_out)
    both = sorted(in_train & in_held_out)
    if both:
        raise Rejected(
            "same_document",
            f"{of}: {len(both)} of {len(documents)} documents have sentences on both sides, for example document "
            f"{both[0]}. A model that has read half of a page knows what the other half is about: it is judged on text "
            "that it half knows. What should be shuffled, if not sentences?",
        )
    if len(in_train) == count != len(in_held_out):
        raise Rejected("swapped", f"{of}: {len(in_held_out)} documents are held out. Return train first.")
    if len(in_held_out) != count:
        raise Rejected(
            "share",
            f"{of}: of {len(documents)} documents {count} must be held out (the share, rounded, and at least one); "
            f"yours holds out {len(in_held_out)}.",
        )
    common = {_normal(one) for one in train} & {_normal(one) for one in held_out}
    if set(train) & set(held_out):
        raise Rejected(
            "duplicates",
            f"{of}: {sorted(set(train) & set(held_out))[0]!r} stands on both sides, copied from page to page. "
            "Splitting by document is not enough where documents quote each other. What must leave the training text?",
        )
    if common:
        raise Rejected(
            "near_copies",
            f"{of}: {sorted(common)[0]!r} is on both sides, in other spacing or case. Compare with normal(sentence).",
        )
    _hold_whole(documents, in_held_out, held_out, set(), of)
    _hold_whole(documents, in_train, train, {_normal(one) for one in held_out}, of)


def _hold_whole(
    documents: list[list[str]], owners: frozenset[int], sentences: list[str], without: set[str], of: str
) -> None:
    """One side must hold its documents but for what stands on the other; repeats on one side may stay or go."""
    wanted = [one for number in owners for one in documents[number] if _normal(one) not in without]
    missing = sorted(set(wanted) - set(sentences))
    if missing and not without:
        raise Rejected(
            "held_out_cut",
            f"{of}: {missing[0]!r} is gone from a held-out document. Nothing leaks any more, but the text to judge by "
            "has holes, and other ones with each split. Leave held-out documents whole: what is on both sides goes "
            "from the training text.",
        )
    if missing:
        raise Rejected(
            "lost",
            f"{of}: {missing[0]!r} is in no split, and stands in no held-out document. Only what is on both sides "
            "leaves the training text; all else is text that you could have learned from.",
        )
    multiplied = Counter(sentences) - Counter(wanted)
    if multiplied:
        raise Rejected(
            "multiplied", f"{of}: {next(iter(multiplied))!r} is there more often than the documents have it."
        )


def _must_refuse(function: Any, arguments: tuple[Any, ...], hint: str) -> None:
    try:
        call(function, *arguments)
    except Rejected as rejected:
        if isinstance(rejected.__cause__, ValueError):
            return
    raise Rejected("bad_input", hint)


# --------------------------------------------------------------------------------------------------------- 03.windows


def _judge_windows(windows: Any) -> None:
    for length, context in ((11, 4), (9, 4), (8, 4), (5, 4), (7, 1)):
        ids = np.arange(length) ** 2 + 10  # no two differences alike: a shift by one is no other shift
        count = (length - 1) // context
        inside = ids[: count * context + 1]
        x, y = inside[:-1].reshape(count, context), inside[1:].reshape(count, context)
        of = f"windows(ids, {context}) of {length} ids"
        found = _two_arrays(call(windows, ids, context), of)
        expect_close(found, np.stack([x, y]), _window_mistakes(ids, context, x, y), of=of)
    for length in (0, 1, 4):
        _must_refuse(
            windows,
            (np.arange(length), 4),
            f"{length} ids hold no window of 4 with its targets: 5 are needed. Raise a ValueError that says so; an "
            "empty result would train on nothing without a word.",
        )


def _two_arrays(value: Any, of: str) -> np.ndarray:
    if not isinstance(value, (Sequence, np.ndarray)) or len(value) != 2:
        raise Rejected("kind", f"{of} must be two arrays, inputs and targets: return x, y.")
    x, y = (np.asarray(part) for part in value)
    if x.shape != y.shape:
        raise Rejected(
            "unequal",
            f"{of}: x has the shape {x.shape}, y {y.shape}. Each input has one target, so the shapes must be equal. At "
            "which end does the text lack a target, and at which an input?",
        )
    return np.stack([x, y])


def _window_mistakes(ids: np.ndarray, context: int, x: np.ndarray, y: np.ndarray) -> list[Mistake]:
    count = len(x)
    known = [
        Mistake("copies", np.stack([x, x]), "Inputs and targets are the same: a model would learn to copy. Which token "
                "is to be predicted at each place?"),
        Mistake("backwards", np.stack([y, x]), "Inputs and targets are exchanged: this asks for the token before."),
        Mistake("last_target_lost", np.stack([x, y])[:, :-1], "One window fewer than fits: the last one that is whole "
                "was thrown away. It needs context inputs and one token more; how many whole windows do N ids hold?"),
    ]  # fmt: skip
    chunks = len(ids) // (context + 1)
    if chunks:
        cut = ids[: chunks * (context + 1)].reshape(chunks, context + 1)
        known.append(
            Mistake(
                "between_windows",
                np.stack([cut[:, :-1], cut[:, 1:]]),
                "Windows of context + 1 ids side by side: the first id of each is never a target, so a prediction is "
                "lost at each border. A window may begin with the last target of the one before it.",
            )
        )
    rows = len(ids) // context
    whole = ids[: rows * context].reshape(rows, context)
    for rolled in (np.roll(ids, -1)[: rows * context].reshape(rows, context), np.roll(whole, -1)):
        known.append(
            Mistake(
                "wraps_round",
                np.stack([whole, rolled]),
                "The last target is the first token of the text: np.roll comes round. Nothing follows the last token, "
                "so it can be a target and no input.",
            )
        )
    slid = np.lib.stride_tricks.sliding_window_view(ids, context + 1)
    known.append(
        Mistake(
            "sliding",
            np.stack([slid[:, :-1], slid[:, 1:]]),
            "These windows begin at every place, so most predictions are made many times. Here each is wanted once: "
            "the next window begins where the last one ended.",
        )
    )
    if len(ids) > count * context + 1:
        late = ids[2 : count * context + 2].reshape(count, context)
        known.append(Mistake("two_ahead", np.stack([x, late]), "The targets are two places ahead. One is enough."))
    right = np.stack([x, y])
    return [one for one in known if one.gives.shape != right.shape or (one.gives != right).any()]


EXERCISES: Final = (
    Exercise(
        name="03.split",
        judge=_judge_split,
        hints=(
            "Take two documents of three sentences and run the function by hand. Can sentences of one document end up "
            "on both sides?",
            "Shuffle the numbers of the documents, and hold out the first few whole. Then ask which sentences of the "
            "others also stand in a held-out document.",
            "seen = {normal(s) for s in held_out}; keep in train only the s with normal(s) not in seen. Before all "
            "that: if len(documents) < 2, raise ValueError.",
        ),
        solution='''def split(documents, share, seed):
    """Sentences to train on, and sentences to judge by."""
    if len(documents) < 2:
        raise ValueError(f"split: at least 2 documents are needed; got {len(documents)}.")
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    cut = max(1, round(share * len(documents)))
    held_out = [sentence for number in order[:cut] for sentence in documents[number]]
    seen = {normal(sentence) for sentence in held_out}
    train = [s for number in order[cut:] for s in documents[number] if normal(s) not in seen]
    return train, held_out''',
        wants=("split",),
        given="""import random


def normal(sentence):
    return " ".join(sentence.split()).casefold()""",
        seen="No document and no sentence is on both sides. corpora.load does the same with paragraphs, and compares "
        "runs of 40 characters, so that a quotation inside a longer paragraph is found too.",
    ),
    Exercise(
        name="03.pairs",
        judge=_judge_pairs,
        hints=(
            "The word (1, 2, 3) holds two pairs. If it occurs 5 times, each of them gains 5.",
            "Two loops: over words.items(), and inside over the places of the word but the last.",
            "zip(word, word[1:]) gives all pairs of a word; counts[pair] += times.",
        ),
        solution='''def count_pairs(words):
    """How often each pair of neighbouring ids occurs."""
    counts = Counter()
    for word, times in words.items():
        for pair in zip(word, word[1:]):
            counts[pair] += times
    return counts''',
        wants=("count_pairs",),
        given="from collections import Counter",
        seen="The table of words is many times shorter than the text, and gives the same counts. That is why byte "
        "pairs are learned from it.",
    ),
    Exercise(
        name="03.merge",
        judge=_judge_merge,
        hints=(
            "With pencil: 1 1 1 2 and the pair (1, 1). After the first two are joined, which place do you look at "
            "next?",
            "Compare ids[place] with pair[0] and ids[place + 1] with pair[1]; the last place has no right neighbour.",
            "If the pair is there: append new_id, place += 2. If not: append ids[place], place += 1. tuple(ids[place : "
            "place + 2]) == pair is False at the last place by itself.",
        ),
        solution='''def merge(ids, pair, new_id):
    """The ids with each such pair replaced by one id, from left to right."""
    merged = []
    place = 0
    while place < len(ids):
        if tuple(ids[place : place + 2]) == pair:
            merged.append(new_id)
            place += 2
        else:
            merged.append(ids[place])
            place += 1
    return merged''',
        wants=("merge",),
        given="",
        seen="The list never grows, and loses one id for each pair that was joined. Repeating this is all there is to "
        "it.",
    ),
    Exercise(
        name="03.encode",
        judge=_judge_encode,
        hints=(
            "Begin with the bytes: list(text.encode()). Then one loop.",
            "The loop goes over the merges, in the order in which they stand; join_pair does the rest.",
            "for number, pair in enumerate(merges): ids = join_pair(ids, pair, 256 + number)",
        ),
        solution='''def encode(text, merges):
    """The ids of a text: its bytes, then every merge in the order it was learned."""
    ids = list(text.encode())
    for number, pair in enumerate(merges):
        ids = join_pair(ids, pair, 256 + number)
    return ids''',
        wants=("encode",),
        given="""def join_pair(ids, pair, new_id):
    joined = []
    for number in ids:
        joined.append(number)
        if tuple(joined[-2:]) == pair:
            joined[-2:] = [new_id]
    return joined""",
        seen="Longest-first would also give the text back, and often with fewer tokens; but a model trained on one "
        "encoding is lost with the other. So the order of the merges is part of the tokenizer, and saved with it.",
    ),
    Exercise(
        name="03.windows",
        judge=_judge_windows,
        hints=(
            "Nine ids and context 4: the inputs are ids 0–3 and 4–7, the targets ids 1–4 and 5–8.",
            "N ids make N − 1 predictions. How many whole windows of context predictions are that, and where does each "
            "begin?",
            "count = (len(ids) - 1) // context; x = ids[: count * context].reshape(count, context); y the same, from "
            "place 1 on. If count is 0, raise ValueError.",
        ),
        solution='''def windows(ids, context):
    """Inputs and targets, (windows, context) each: every prediction once."""
    count = (len(ids) - 1) // context
    if count < 1:
        raise ValueError(f"windows: {len(ids)} ids hold no window of {context} and its last target.")
    x = ids[: count * context].reshape(count, context)
    y = ids[1 : count * context + 1].reshape(count, context)
    return x, y''',
        wants=("windows",),
        seen="These are the windows of lm.every_window, which also fills up the last, shorter one and gives the "
        "filling the weight 0.",
    ),
)

QUIZZES: Final = (
    Quiz(
        "03.length",
        "`len(text)` says 17 and `len(text.encode())` says 24. How many letters does a reader see?",
        (
            Choice(
                "17",
                "len counts code points. The “é” made of two, or a family emoji made of five, is one letter to a "
                "reader. Which code points were printed for them?",
            ),
            Choice("24", "That is how many bytes are stored. Most letters beyond English take two to four of them."),
            Choice(
                "One cannot tell from these two numbers",
                "Right: code points may combine into one letter, and bytes into one code point. What a reader sees is "
                "a *grapheme cluster*, and Unicode has rules of its own for that.",
                right=True,
            ),
            Choice(
                "7, the difference",
                "The difference is how many bytes lie beyond one for each code point; it counts nothing that is seen.",
            ),
        ),
    ),
    Quiz(
        "03.leak",
        "A colleague cuts a long manual into windows, shuffles them, holds out 5 % and finds a loss 0.3 nats below "
        "yours, which was measured on held-out chapters with the very same model. What is the likeliest reason?",
        (
            Choice(
                "Shuffled windows are more representative, so that figure is the better one",
                "They are representative of text that the model has half seen. Of which text do you want to know the "
                "loss: of pages it knows, or of new ones?",
            ),
            Choice(
                "Their training text holds the neighbours and the copies of the held-out windows",
                "Right. The figure is true of the text it was measured on, and says little about new text.",
                right=True,
            ),
            Choice(
                "Shuffling makes the model learn more",
                "A model that counts does not care in which order it counts. What else differs between the two?",
            ),
            Choice(
                "5 % is too small a share to tell",
                "Twenty thousand characters give a steady mean, and the differences all went one way, with each seed.",
            ),
        ),
    ),
    Quiz(
        "03.pieces",
        "Play with the explorer: all 1,000 merges, and as text one word at a time. Which is cut into the most "
        "byte-pair pieces?",
        (
            Choice("`function`", "It is frequent in the manual, and close to one piece. Type the others."),
            Choice("`functional`", "Its beginning is known, and its end is cheap. Type the others."),
            Choice(
                "`FUNCTION`",
                "Right: to the tokenizer “F” and “f” share nothing, and shouted words are rare in the manual. It costs "
                "several times as many tokens to say the same.",
                right=True,
            ),
            Choice("`functions`", "The word is known, and a final s is cheap. Type the others."),
        ),
    ),
    Quiz(
        "03.fair",
        "On the same text: model A, 2.6 nats a token, with 0.33 tokens a character; model B, 1.4 nats a token, with "
        "one token a character. Which predicts the text better?",
        (
            Choice("B: 1.4 is less than 2.6", "These are nats a token, and A's tokens are three times as long. Per "
                   "character?"),
            Choice(
                "A: 2.6 × 0.33 is about 0.86 nats a character",
                "Right: per character A is less surprised. Divide by ln 2 for bits a character.",
                right=True,
            ),
            Choice("One cannot compare different tokenizers", "Not by token. But the text is the same, and so is its "
                   "number of characters: what is the surprise at the whole text, divided by that?"),
        ),
    ),
)  # fmt: skip

PREDICTIONS: Final = (
    Prediction(
        "03.leak",
        "The model that was judged on random windows, with runs of 7 characters, now meets new text, from other "
        "topics. By how many nats a character will its loss be higher than promised?",
        0.0,
        1.5,
        "nats",
    ),
    Prediction(
        "03.merges",
        "With 256 bytes alone, English has one token a character. How many tokens a character are left after 1,000 "
        "merges?",
        0.0,
        1.0,
        "tokens a character",
    ),
    Prediction(
        "03.chinese",
        "The Chinese side of these pairs has about a third as many characters as the English one. How many tokens has "
        "it, for each token of the English side, if the tokenizer was trained on English?",
        0.0,
        4.0,
        "times",
    ),
    Prediction(
        "03.pipeline",
        "How many times as many tokens a second does the second pipeline give?",
        1.0,
        100.0,
        "times",
    ),
)
