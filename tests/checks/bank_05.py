"""Right and wrong answers to lesson 05's exercises."""

RIGHT = {
    "05.cosine": [
        "def my_cosine(a, b):\n"
        "    def unit(x):\n"
        "        length = np.sqrt((x**2).sum(axis=-1, keepdims=True))\n"
        "        return np.divide(x, length, out=np.zeros_like(x), where=length > 0)\n"
        "    return np.einsum('...f,...f->...', unit(a), unit(b))",
        "import math\n"
        "def my_cosine(a, b):\n"
        "    if np.ndim(a) > 1:\n"
        "        return [my_cosine(x, y) for x, y in zip(a, b)]\n"
        "    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))\n"
        "    return sum(x * y for x, y in zip(a, b)) / lengths if lengths else 0.0",
    ],
    "05.cooccurrence": [
        "def my_counts(ids, vocab_size, window):\n"
        "    counts = np.zeros((vocab_size, vocab_size))\n"
        "    for m in range(1, window + 1):\n"
        "        np.add.at(counts, (ids[:-m], ids[m:]), 1)\n"
        "    return counts + counts.T",
        "from collections import Counter\n"
        "def my_counts(ids, vocab_size, window):\n"
        "    found = Counter()\n"
        "    for i in range(len(ids)):\n"
        "        for j in range(len(ids)):\n"
        "            if 0 < abs(i - j) <= window:\n"
        "                found[int(ids[i]), int(ids[j])] += 1\n"
        "    return [[found[w, c] for c in range(vocab_size)] for w in range(vocab_size)]",
    ],
    "05.ppmi": [
        "import math\n"
        "def my_ppmi(counts):\n"
        "    total, out = counts.sum(), np.zeros(counts.shape)\n"
        "    for w in range(counts.shape[0]):\n"
        "        for c in range(counts.shape[1]):\n"
        "            if counts[w, c]:\n"
        "                p = counts[w, c] / total\n"
        "                chance = counts[w].sum() / total * counts[:, c].sum() / total\n"
        "                out[w, c] = max(0.0, math.log(p / chance))\n"
        "    return out",
        "def my_ppmi(counts):\n"
        "    by_chance = counts.sum(1, keepdims=True) * counts.sum(0) / max(counts.sum(), 1)\n"
        "    ratio = np.divide(counts, by_chance, out=np.zeros(counts.shape), where=by_chance > 0)\n"
        "    return np.log(np.maximum(ratio, 1))",
        "def my_ppmi(counts):\n"
        "    with np.errstate(all='ignore'):\n"
        "        pmi = np.log(counts * counts.sum() / np.outer(counts.sum(1), counts.sum(0)))\n"
        "    return np.where(pmi > 0, pmi, 0)",
    ],
    "05.nearest": [
        "def my_nearest(vectors, word, how_many):\n"
        "    lengths = np.linalg.norm(vectors, axis=1)\n"
        "    similarity = vectors @ vectors[word] / lengths\n"
        "    order = [row for row in np.argsort(-similarity) if row != word]\n"
        "    return order[:how_many]",
        "def my_nearest(vectors, word, how_many):\n"
        "    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]\n"
        "    cosine = {row: float(unit[row] @ unit[word]) for row in range(len(vectors)) if row != word}\n"
        "    return sorted(cosine, key=cosine.get, reverse=True)[:how_many]",
        "def my_nearest(vectors, word, how_many):\n"
        "    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)\n"
        "    order = np.argsort(-(unit @ unit[word]))\n"
        "    return order[order != word][:how_many]",
    ],
    "05.sentence_vector": [
        "def my_sentence_vector(sentence, row_of, vectors):\n"
        "    total, known = np.zeros(vectors.shape[1]), 0\n"
        "    for word in sentence:\n"
        "        if word in row_of:\n"
        "            total, known = total + vectors[row_of[word]], known + 1\n"
        "    return total / max(known, 1)",
        "def my_sentence_vector(sentence, row_of, vectors):\n"
        "    weights = np.zeros(len(vectors))\n"
        "    for word in filter(row_of.__contains__, sentence):\n"
        "        weights[row_of[word]] += 1\n"
        "    return weights @ vectors / (weights.sum() or 1)",
    ],
}
# (code, the key of the hint that it must get)
_COUNTS = "def my_counts(ids, vocab_size, window):\n    counts = np.zeros((vocab_size, vocab_size))\n"
_LOOP = _COUNTS + "    for i, w in enumerate(ids):\n"
_AROUND = "        for j in range(max(0, i - window), min(len(ids), i + window + 1)):\n"
_NEAREST = "def my_nearest(vectors, word, how_many):\n"
_UNIT = (
    _NEAREST + "    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)\n    cosine = unit @ unit[word]\n"
)
_SENTENCE = "def my_sentence_vector(sentence, row_of, vectors):\n"
_KNOWN = _SENTENCE + "    rows = [row_of[w] for w in sentence if w in row_of]\n"
_EMPTY = "    if not rows:\n        return np.zeros(vectors.shape[1])\n"
_PMI = (
    "def my_ppmi(counts):\n"
    "    with np.errstate(all='ignore'):\n"
    "        pmi = np.log(counts * counts.sum() / np.outer(counts.sum(1), counts.sum(0)))\n"
)
WRONG = {
    "05.cosine": [
        ("def my_cosine(a, b):\n    return np.sum(a * b, axis=-1)", "dot_product"),
        ("def my_cosine(a, b):\n    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))", "zero_vector"),
        (
            "def my_cosine(a, b):\n    return np.sum(a * b, -1) / (np.sum(a * a, -1) * np.sum(b * b, -1))",
            "squared_lengths",
        ),
        (
            "def my_cosine(a, b):\n"
            "    return np.sum(a * b, -1) / (np.linalg.norm(a, axis=-1) + np.linalg.norm(b, axis=-1))",
            "sum_of_lengths",
        ),
        ("def my_cosine(a, b):\n    return np.sum(a * b, -1) / np.linalg.norm(a, axis=-1)", "one_length"),
        ("def my_cosine(a, b):\n    return np.linalg.norm(a - b, axis=-1)", "distance"),
        (
            "def my_cosine(a, b):\n"
            "    n = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)\n"
            "    return 1 - np.sum(a * b, -1) / np.where(n > 0, n, 1)",
            "one_minus",
        ),
        (
            "def my_cosine(a, b):\n"
            "    n = np.linalg.norm(a) * np.linalg.norm(b)\n"
            "    return np.sum(a * b) / n if n else 0.0",
            "whole_table",
        ),
        (
            "def my_cosine(a, b):\n"
            "    n = np.linalg.norm(a) * np.linalg.norm(b)\n"
            "    return np.sum(a * b, axis=-1) / (n if n else 1)",
            "length_of_the_table",
        ),
        (
            "def my_cosine(a, b):\n"
            "    n = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)\n"
            "    return np.sum(a * b, axis=0) / np.where(n > 0, n, 1)",
            "down_the_columns",
        ),
        (
            "def my_cosine(a, b):\n"
            "    n = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)\n"
            "    return np.where(n > 0, np.sum(a * b, -1) / np.where(n > 0, n, 1), 1)",
            "zero_is_alike",
        ),
        (
            "def my_cosine(a, b):\n"
            "    return np.sum(a * b, -1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1) + 1e-8)",
            "value",
        ),
        (
            "def my_cosine(a, b):\n"
            "    n = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)\n"
            "    return np.abs(np.sum(a * b, -1)) / np.where(n > 0, n, 1)",
            "absolute",
        ),
    ],
    "05.cooccurrence": [
        (_COUNTS + "    return counts", "nothing"),
        (
            _LOOP
            + "        for j in range(i + 1, min(i + window + 1, len(ids))):\n"
            "            counts[w, ids[j]] += 1\n    return counts",
            "one_sided",
        ),
        (
            _LOOP
            + _AROUND + "            counts[w, ids[j]] += 1\n"
            "    return counts",
            "itself",
        ),
        (
            _LOOP + "        for j in range(i - window, min(len(ids), i + window + 1)):\n            if j != i:\n"
            "                counts[w, ids[j]] += 1\n    return counts",
            "wrapped",
        ),
        (
            _LOOP + "        for j in range(max(0, i - window + 1), min(len(ids), i + window)):\n"
            "            if j != i:\n"
            "                counts[w, ids[j]] += 1\n    return counts",
            "too_narrow",
        ),
        (
            _LOOP
            + _AROUND + "            if ids[j] != w:\n"
            "                counts[w, ids[j]] += 1\n    return counts",
            "same_word",
        ),
        (
            _LOOP
            + _AROUND + "            if j != i:\n"
            "                counts[w, ids[j]] = 1\n    return counts",
            "seen_or_not",
        ),
        (
            _LOOP
            + _AROUND + "            if j != i:\n"
            "                counts[w, ids[j]] += 1\n                counts[ids[j], w] += 1\n    return counts",
            "twice",
        ),
        (
            _COUNTS + "    np.add.at(counts, (ids[:-window], ids[window:]), 1)\n    return counts + counts.T",
            "only_the_edge",
        ),
        (
            _LOOP
            + "        for j in range(max(0, i - window), i + window + 1):\n"
            "            if j != i:\n                counts[w, ids[j]] += 1\n"
            "    return counts",
            "past_the_end",
        ),
        (
            "def my_counts(ids, vocab_size, window):\n"
            "    if len(ids) == 0:\n        return np.zeros((0, 0))\n"
            "    counts = np.zeros((vocab_size, vocab_size))\n"
            "    for m in range(1, window + 1):\n        np.add.at(counts, (ids[:-m], ids[m:]), 1)\n"
            "    return counts + counts.T",
            "empty_text",
        ),
        ("def my_counts(ids, vocab_size, window):\n    return None", "not_done"),
    ],
    "05.ppmi": [
        (
            "def my_ppmi(counts):\n    joint = counts / counts.sum()\n"
            "    return np.maximum(np.log(joint / (joint.sum(axis=1) * joint.sum(axis=0))), 0)",
            "sums_do_not_fit",
        ),
        ("def my_ppmi(counts):\n    return None", "not_done"),
        (_PMI + "    return pmi", "minus_infinity"),
        (_PMI + "    return np.nan_to_num(pmi, neginf=0)", "negative"),
        (_PMI + "    return np.abs(np.nan_to_num(pmi, neginf=0))", "absolute"),
        (_PMI + "    return np.maximum(pmi, 0)", "unseen_word"),
        (_PMI + "    return np.maximum(np.nan_to_num(pmi, neginf=0), 0) / np.log(2)", "base_two"),
        (
            "def my_ppmi(counts):\n    return counts * counts.sum() / np.outer(counts.sum(1), counts.sum(0))",
            "no_logarithm",
        ),
        (
            "def my_ppmi(counts):\n    return np.log(np.maximum(counts / counts.sum(1, keepdims=True), 1))",
            "all_zero",
        ),
        (
            "def my_ppmi(counts):\n    return np.log(np.maximum(counts / np.outer(counts.sum(1), counts.sum(0)), 1))",
            "all_zero",
        ),
        (
            "def my_ppmi(counts):\n"
            "    more = counts + 1\n"
            "    return np.log(np.maximum(more * more.sum() / np.outer(more.sum(1), more.sum(0)), 1))",
            "added_one",
        ),
        (
            _PMI + "    return np.maximum(-pmi, 0)",
            "upside_down",
        ),
        (
            "def my_ppmi(counts):\n"
            "    ratio = counts * counts.sum() / np.outer(counts.sum(1), counts.sum(0))\n"
            "    return np.log(np.maximum(ratio, 1)) + 1e-9",
            "zeros_moved",
        ),
    ],
    "05.nearest": [
        (
            _NEAREST + "    unit = vectors / np.linalg.norm(vectors, axis=0)\n"
            "    return np.argsort(-(unit @ unit[word]))[:how_many]",
            "not_mended",
        ),
        (
            _NEAREST + "    unit = vectors / np.linalg.norm(vectors, axis=0)\n    cosine = unit @ unit[word]\n"
            "    cosine[word] = -np.inf\n    return np.argsort(-cosine)[:how_many]",
            "wrong_axis",
        ),
        (
            _NEAREST + "    unit = vectors / np.linalg.norm(vectors, axis=0)\n"
            "    return np.argsort(-(unit @ unit[word]))[1 : how_many + 1]",
            "wrong_axis",
        ),
        (
            _NEAREST + "    unit = vectors / np.linalg.norm(vectors, axis=1)\n"
            "    return np.argsort(-(unit @ unit[word]))[1 : how_many + 1]",
            "lengths_do_not_fit",
        ),
        (_UNIT + "    return np.argsort(-cosine)[:how_many]", "itself"),
        (_UNIT + "    return np.argsort(-cosine, kind='stable')[1 : how_many + 1]", "drops_the_first"),
        (
            _NEAREST + "    dot = vectors @ vectors[word]\n    dot[word] = -np.inf\n"
            "    return np.argsort(-dot)[:how_many]",
            "dot_product",
        ),
        (_UNIT + "    cosine[word] = np.inf\n    return np.argsort(cosine)[:how_many]", "farthest"),
        (_UNIT + "    cosine[word] = -np.inf\n    return np.argsort(cosine)[-how_many:]", "upside_down"),
        (
            _NEAREST + "    far = np.linalg.norm(vectors - vectors[word], axis=1)\n    far[word] = np.inf\n"
            "    return np.argsort(far)[:how_many]",
            "distance",
        ),
        (_UNIT + "    cosine[word] = -np.inf\n    return np.argsort(-cosine)", "how_many"),
        (_UNIT + "    cosine[word] = -np.inf\n    return np.sort(-cosine)[:how_many]", "kind"),
        (
            _UNIT + "    order = [r for r in np.argsort(-cosine, kind='stable')[:how_many] if r != word]\n"
            "    return np.array(order)",
            "too_few",
        ),
    ],
    "05.sentence_vector": [
        (_SENTENCE + "    return None", "not_done"),
        (_SENTENCE + "    return np.mean([vectors[row_of[w]] for w in sentence], axis=0)", "unknown_word"),
        (_KNOWN + "    return vectors[rows].sum(axis=0) / max(len(sentence), 1)", "unknown_counted"),
        (_KNOWN + "    return vectors[rows].sum(axis=0)", "sum"),
        (
            _SENTENCE + "    rows = [row_of[w] for w in set(sentence) if w in row_of]\n" + _EMPTY
            + "    return vectors[rows].mean(0)",
            "each_once",
        ),
        (_SENTENCE + "    return np.mean([vectors[row_of.get(w, 0)] for w in sentence], axis=0)", "unknown_is_first"),
        (_SENTENCE + "    return np.mean([vectors[row_of.get(w, -1)] for w in sentence], axis=0)", "unknown_is_last"),
        (_KNOWN + _EMPTY + "    return vectors[rows].mean()", "over_features"),
        (_KNOWN + _EMPTY + "    return vectors[rows].mean(axis=1)", "over_features"),
        (_KNOWN + _EMPTY + "    return vectors[rows].max(axis=0)", "largest"),
        (
            _KNOWN + _EMPTY + "    mean = vectors[rows].mean(axis=0)\n    return mean / np.linalg.norm(mean)",
            "length_one",
        ),
        (_KNOWN + "    return vectors[rows].mean(axis=0) if rows else 0.0", "no_known_word"),
        (
            _KNOWN + "    return vectors[rows].mean(axis=0) if rows else np.full(vectors.shape[1], np.nan)",
            "no_known_word",
        ),
    ],
}  # fmt: skip

EQUIVALENT = {
    "05.cosine": {"line 8: 1 → 2": "it divides 0 where a length is 0, and 0 / 2 is 0 as well"},
}
ACCEPTED: dict[str, dict[str, str]] = {}
