"""Right and wrong answers to lesson 03's exercises."""

_SPLIT = """def split(documents, share, seed):
    if len(documents) < 2:
        raise ValueError("too few documents")
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    cut = max(1, round(share * len(documents)))
    held_out = [s for n in order[:cut] for s in documents[n]]
    rest = [s for n in order[cut:] for s in documents[n]]
"""

RIGHT = {
    "03.split": [
        _SPLIT + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
        # repeats inside one side go too; tuples
        """def split(documents, share, seed):
    if len(documents) < 2:
        raise ValueError(len(documents))
    shuffled = random.Random(seed).sample(documents, len(documents))
    cut = max(1, round(share * len(documents)))
    held_out, train, seen = [], [], set()
    for side, part in ((held_out, shuffled[:cut]), (train, shuffled[cut:])):
        for document in part:
            for sentence in document:
                if normal(sentence) not in seen or side is held_out:
                    side.append(sentence)
        seen |= {normal(s) for s in side}
    return tuple(dict.fromkeys(train)), tuple(held_out)""",
        """import numpy as np
def split(documents, share, seed):
    if not len(documents) > 1:
        raise ValueError("at least two")
    chosen = set(np.random.default_rng(seed).permutation(len(documents))[: max(1, round(share * len(documents)))])
    held_out = sum((list(d) for n, d in enumerate(documents) if n in chosen), [])
    quoted = {normal(s) for s in held_out}
    return [s for n, d in enumerate(documents) if n not in chosen for s in d if normal(s) not in quoted], held_out""",
    ],
    "03.pairs": [
        """def count_pairs(words):
    counts = {}
    for word in words:
        for place in range(len(word) - 1):
            pair = word[place], word[place + 1]
            counts[pair] = counts.get(pair, 0) + words[word]
    return counts""",
        """from itertools import pairwise
def count_pairs(words):
    return sum((Counter({p: n * t for p, n in Counter(pairwise(w)).items()}) for w, t in words.items()), Counter())""",
        """def count_pairs(words):
    return Counter(pair for word, times in words.items() for pair in list(zip(word, word[1:])) * times)""",
    ],
    "03.merge": [
        """def merge(ids, pair, new_id):
    merged = []
    for number in ids:
        merged.append(number)
        if tuple(merged[-2:]) == pair:
            merged[-2:] = [new_id]
    return merged""",
        """import numpy as np
def merge(ids, pair, new_id):
    ids, places = list(ids), []
    for place in range(len(ids) - 1):
        if (ids[place], ids[place + 1]) == tuple(pair) and place - 1 not in places:
            places.append(place)
    for place in reversed(places):
        ids[place : place + 2] = [new_id]
    return np.array(ids)""",
        """import re
def merge(ids, pair, new_id):
    text = "".join(map(chr, ids))
    return [ord(c) for c in text.replace(chr(pair[0]) + chr(pair[1]), chr(new_id))]""",
    ],
    "03.encode": [
        """import numpy as np
def encode(text, merges):
    ids = list(text.encode("utf-8"))
    rank = {pair: number for number, pair in enumerate(merges)}
    while True:
        present = [rank[pair] for pair in zip(ids, ids[1:]) if pair in rank]
        if not present:
            return np.array(ids, int)
        first = min(present)
        ids = join_pair(ids, merges[first], 256 + first)""",
        """from functools import reduce
def encode(text, merges):
    return reduce(lambda ids, one: join_pair(ids, one[1], 256 + one[0]), enumerate(merges), [*text.encode()])""",
    ],
    "03.windows": [
        """def windows(ids, context):
    x, y = [], []
    for start in range(0, len(ids) - context, context):
        x.append(ids[start : start + context])
        y.append(ids[start + 1 : start + context + 1])
    if not x:
        raise ValueError("too short")
    return np.array(x), np.array(y)""",
        """def windows(ids, context):
    if len(ids) <= context:
        raise ValueError("too short")
    cut = np.lib.stride_tricks.sliding_window_view(ids, context + 1)[::context]
    return cut[:, :-1], cut[:, 1:]""",
    ],
}

_ENCODE = "def encode(text, merges):\n    ids = list(text.encode())\n"
_TOKENS = """    tokens = {bytes([b]): b for b in range(256)}
    of = list(tokens)
    for number, (left, right) in enumerate(merges):
        of.append(of[left] + of[right])
        tokens[of[-1]] = 256 + number
"""
_MERGE = "def merge(ids, pair, new_id):\n    merged = []\n    place = 0\n"
_WINDOWS = """def windows(ids, context):
    if len(ids) < context + 1:
        raise ValueError("too short")
"""

# (code, the key of the hint that it must get)
WRONG = {
    "03.split": [
        (
            """def split(documents, share, seed):
    sentences = [sentence for document in documents for sentence in document]
    random.Random(seed).shuffle(sentences)
    cut = max(1, round(share * len(sentences)))
    return sentences[cut:], sentences[:cut]""",
            "same_document",
        ),
        (
            # duplicates dropped, then sentences shuffled all the same
            """def split(documents, share, seed):
    sentences = list({normal(s): s for document in documents for s in document}.values())
    random.Random(seed).shuffle(sentences)
    cut = max(1, round(share * len(sentences)))
    return sentences[cut:], sentences[:cut]""",
            "same_document",
        ),
        (_SPLIT + "    return rest, held_out", "duplicates"),
        (_SPLIT + "    return [s for s in rest if s not in held_out], held_out", "near_copies"),
        (
            _SPLIT
            + "    seen = set(map(normal, rest))\n    return rest, [s for s in held_out if normal(s) not in seen]",
            "held_out_cut",
        ),
        (
            _SPLIT.replace("    random.Random(seed).shuffle(order)\n", "")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "not_random",
        ),
        (
            _SPLIT.replace("random.Random(seed)", "random")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "not_repeatable",
        ),
        (
            _SPLIT + "    return held_out, [s for s in rest if normal(s) not in set(map(normal, held_out))]",
            "swapped",
        ),
        (
            _SPLIT.replace("max(1, round(share * len(documents)))", "len(documents) // 2")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "share",
        ),
        (
            _SPLIT.replace("max(1, round(share * len(documents)))", "round(share * len(documents))")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "empty",
        ),
        (
            # rounded down, and up
            _SPLIT.replace("round(share * len(documents))", "int(share * len(documents))")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "share",
        ),
        (
            _SPLIT.replace("round(share * len(documents))", "-int(-share * len(documents) // 1)")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "share",
        ),
        (
            # documents leave whole where one sentence of theirs is quoted
            _SPLIT + "    quoted = set(map(normal, held_out))\n"
            "    kept = [documents[n] for n in order[cut:] if quoted.isdisjoint(map(normal, documents[n]))]\n"
            "    return [s for d in kept for s in d], held_out",
            "no_training",
        ),
        (
            # every word of a held-out sentence bars a sentence
            _SPLIT + "    words = {w for s in held_out for w in s.split()[:1]} - {'Page'}\n"
            "    return [s for s in rest if normal(s)[:3] != 'see' and ' one' not in s], held_out",
            "lost",
        ),
        (
            _SPLIT.replace('    if len(documents) < 2:\n        raise ValueError("too few documents")\n', "")
            + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "bad_input",
        ),
        (
            _SPLIT + "    return [normal(s) for s in rest if normal(s) not in set(map(normal, held_out))], held_out",
            "invented",
        ),
        (
            _SPLIT + "    return [s for s in rest if normal(s) not in set(map(normal, held_out))] * 2, held_out",
            "multiplied",
        ),
        ("def split(documents, share, seed):\n    return documents", "kind"),
        (
            "def split(documents, share, seed):\n    random.shuffle(documents)\n    return documents[1:], "
            "documents[:1]",
            "changed_input",
        ),
    ],
    "03.pairs": [
        ("def count_pairs(words):\n    return Counter(p for w in words for p in zip(w, w[1:]))", "unweighted"),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for p in set(zip(w, w[1:])):\n            counts[p] += t\n    return counts",
            "once_a_word",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for p in zip(w[::2], w[1::2]):\n            counts[p] += t\n    return counts",
            "steps_of_two",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for p in zip(w[:-1], w[1:-1]):\n            counts[p] += t\n    return counts",
            "last_pair_lost",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for p in zip(w, w[1:]):\n            counts[tuple(sorted(p))] += t\n    return counts",
            "unordered",
        ),
        (
            # all words in one long row, as often as they occur
            "def count_pairs(words):\n    row = [i for w, t in words.items() for i in w * t]\n"
            "    return Counter(zip(row, row[1:]))",
            "across_words",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n        w = w or (0,)\n"
            "        for p in zip(w, w[1:] or w):\n            counts[p] += t\n    return counts",
            "single_ids",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for p in zip(w, w[1:]):\n            counts[p] += t\n    return counts.most_common()",
            "kind",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for a, b in zip(w, w[1:]):\n            counts[f'{a} {b}'] += t\n    return counts",
            "kind",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n        last = w[0]\n"
            "        for i in w[1:]:\n            counts[last, i] += t\n            last = i\n    return counts",
            "exception",
        ),
        (
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n"
            "        for p in zip(w[1:], w):\n            counts[p] += t\n    return counts",
            "reversed",
        ),
        (
            # as str.count does: no id is used twice
            "def count_pairs(words):\n    counts = Counter()\n    for w, t in words.items():\n        p = 0\n"
            "        while p < len(w) - 1:\n            counts[w[p], w[p + 1]] += t\n"
            "            p += 2 if w[p] == w[p + 1] else 1\n    return counts",
            "no_overlap",
        ),
        ("def count_pairs(words):\n    return None", "not_done"),
    ],
    "03.merge": [
        ("def merge(ids, pair, new_id):\n    return list(ids)", "unchanged"),
        (
            _MERGE + "    while place < len(ids):\n        if tuple(ids[place : place + 2]) == pair:\n"
            "            merged.append(new_id)\n        else:\n            merged.append(ids[place])\n"
            "        place += 1\n    return merged",
            "keeps_right",
        ),
        (
            _MERGE + "    while place < len(ids) - 1:\n        if tuple(ids[place : place + 2]) == pair:\n"
            "            merged.append(new_id)\n            place += 2\n        else:\n"
            "            merged.append(ids[place])\n            place += 1\n    return merged",
            "last_lost",
        ),
        (
            # a mark for each place where a pair begins, and the right partners left out
            "def merge(ids, pair, new_id):\n"
            "    begins = [tuple(ids[p : p + 2]) == pair for p in range(len(ids))]\n"
            "    return [new_id if b else i for p, (i, b) in enumerate(zip(ids, begins))\n"
            "            if b or not (p and begins[p - 1])]",
            "overlap",
        ),
        (
            "def merge(ids, pair, new_id):\n    ids = list(ids)\n    for p in reversed(range(len(ids) - 1)):\n"
            "        if tuple(ids[p : p + 2]) == pair:\n            ids[p : p + 2] = [new_id]\n    return ids",
            "right_to_left",
        ),
        (
            "def merge(ids, pair, new_id):\n    ids = list(ids)\n    for p in range(len(ids) - 1):\n"
            "        if tuple(ids[p : p + 2]) == pair:\n            ids[p : p + 2] = [new_id]\n            break\n    "
            "return ids",
            "first_only",
        ),
        (
            "def merge(ids, pair, new_id):\n    merged = []\n    for i in ids:\n        merged.append(i)\n"
            "        if set(merged[-2:]) == set(pair) and len(merged) > 1:\n            merged[-2:] = [new_id]\n"
            "    return merged",
            "unordered",
        ),
        (
            _MERGE
            + "    while place < len(ids):\n        if ids[place] == pair[0]:\n            merged.append(new_id)\n"
            "            place += 2\n        else:\n            merged.append(ids[place])\n            place += 1\n"
            "    return merged",
            "left_alone",
        ),
        (
            "def merge(ids, pair, new_id):\n    p = 0\n    while p < len(ids) - 1:\n"
            "        if tuple(ids[p : p + 2]) == pair:\n            ids[p : p + 2] = [new_id]\n        p += 1\n    "
            "return ids",
            "changed_input",
        ),
        (
            _MERGE + "    while place < len(ids):\n        if (ids[place], ids[place + 1]) == pair:\n"
            "            merged.append(new_id)\n            place += 2\n        else:\n"
            "            merged.append(ids[place])\n            place += 1\n    return merged",
            "past_the_end",
        ),
        (
            _MERGE + "    while place < len(ids):\n        if tuple(ids[place : place + 2]) == pair:\n"
            "            merged.append(new_id)\n            place += 2\n        else:\n"
            "            merged.append(ids[place])\n    return merged",
            "endless",
        ),
        (
            _MERGE + "    while place < len(ids) - 2:\n        if tuple(ids[place : place + 2]) == pair:\n"
            "            merged.append(new_id)\n            place += 2\n        else:\n"
            "            merged.append(ids[place])\n            place += 1\n    return merged + list(ids[place:])",
            "end_missed",
        ),
    ],
    "03.encode": [
        (_ENCODE + "    return ids", "unmerged"),
        (_ENCODE + "    return join_pair(ids, merges[0], 256) if merges else ids", "one_merge"),
        (
            _ENCODE + "    for number, pair in enumerate(merges):\n        ids = join_pair(ids, pair, 257 + number)\n"
            "    return ids",
            "new_ids",
        ),
        (
            _ENCODE + "    new = [join_pair(ids, pair, 256 + n) for n, pair in enumerate(merges)]\n"
            "    return min(new, key=len) if new else ids",
            "one_merge",
        ),
        (
            # longest token anywhere
            "def encode(text, merges):\n" + _TOKENS + "    parts = [text.encode()]\n"
            "    for token in sorted(tokens, key=len, reverse=True):\n"
            "        new = []\n        for part in parts:\n            if isinstance(part, int):\n                "
            "new.append(part)\n"
            "                continue\n            pieces = part.split(token)\n"
            "            for k, piece in enumerate(pieces):\n                new += [tokens[token]] if k else []\n"
            "                new += [piece] if piece else []\n        parts = new\n    return parts",
            "longest_first",
        ),
        (
            # the longest token that fits, from the left
            "def encode(text, merges):\n" + _TOKENS + "    left, ids = text.encode(), []\n    while left:\n"
            "        best = max((t for t in tokens if left.startswith(t)), key=len)\n"
            "        ids.append(tokens[best])\n        left = left[len(best):]\n    return ids",
            "leftmost_first",
        ),
        (
            _ENCODE + "    for number, pair in reversed(list(enumerate(merges))):\n"
            "        ids = join_pair(ids, pair, 256 + number)\n    return ids",
            "last_first",
        ),
        (
            "def encode(text, merges):\n    ids = [ord(c) for c in text]\n"
            "    for number, pair in enumerate(merges):\n        ids = join_pair(ids, pair, 256 + number)\n    return "
            "ids",
            "code_points",
        ),
        (
            _ENCODE
            + "    for pair in merges:\n        ids = join_pair(ids, pair, max(256, max(ids) + 1))\n    return ids",
            "value",
        ),
        ("def encode(text, merges):\n    return text.encode()", "kind"),
    ],
    "03.windows": [
        (
            _WINDOWS
            + "    n = (len(ids) - 1) // context\n    x = ids[: n * context].reshape(n, context)\n    return x, x",
            "copies",
        ),
        (
            _WINDOWS + "    n = (len(ids) - 1) // context\n    x = ids[: n * context].reshape(n, context)\n"
            "    return ids[1 : n * context + 1].reshape(n, context), x",
            "backwards",
        ),
        (
            _WINDOWS + "    n = len(ids) // (context + 1)\n    cut = ids[: n * (context + 1)].reshape(n, context + 1)\n"
            "    return cut[:, :-1], cut[:, 1:]",
            "between_windows",
        ),
        (
            _WINDOWS + "    n = len(ids) // context\n    x = ids[: n * context].reshape(n, context)\n"
            "    return x, np.roll(ids, -1)[: n * context].reshape(n, context)",
            "wraps_round",
        ),
        (
            _WINDOWS + "    n = len(ids) // context\n    x = ids[: n * context].reshape(n, context)\n"
            "    return x, np.roll(x, -1)",
            "wraps_round",
        ),
        (
            _WINDOWS + "    cut = np.lib.stride_tricks.sliding_window_view(ids, context + 1)\n"
            "    return cut[:, :-1], cut[:, 1:]",
            "sliding",
        ),
        (
            _WINDOWS + "    n = (len(ids) - context) // context\n    x = ids[: n * context].reshape(n, context)\n"
            "    return x, ids[1 : n * context + 1].reshape(n, context)",
            "last_target_lost",
        ),
        (
            _WINDOWS + "    n = (len(ids) - 2) // context\n    x = ids[: n * context].reshape(n, context)\n"
            "    return x, ids[2 : n * context + 2].reshape(n, context)",
            "two_ahead",
        ),
        (
            _WINDOWS + "    n = len(ids) // context\n    x = ids[: n * context].reshape(n, context)\n"
            "    y = ids[1:]\n    return x, y[: len(y) // context * context].reshape(-1, context)",
            "unequal",
        ),
        (
            "def windows(ids, context):\n    n = (len(ids) - 1) // context\n    x = ids[: n * context].reshape(n, "
            "context)\n"
            "    return x, ids[1 : n * context + 1].reshape(n, context)",
            "bad_input",
        ),
        (
            _WINDOWS + "    n = len(ids) // context\n    return (ids[: n * context].reshape(n, context), "
            "ids[1 : n * context + 1].reshape(n, context))",
            "exception",
        ),
        (_WINDOWS + "    return list(zip(ids[:-1], ids[1:]))", "kind"),
    ],
}

EQUIVALENT: dict[str, dict[str, str]] = {
    "03.split": {
        "line 10: cut: → :": "with the held-out documents in the loop too, all their sentences are in `seen` and drop "
        "out",
    },
}
ACCEPTED: dict[str, dict[str, str]] = {}
