"""Right and wrong answers to lesson 06's exercises."""

_PAD = """def pad(sequences, length):
    if length < 1:
        raise ValueError("length")
"""
_MEAN = "def masked_mean(vectors, mask):\n    m = mask[:, :, None]\n"
_F1 = """def precision_recall_f1(y, y_hat, num_classes):
    def ratio(a, b):
        return a / b if b else 0.0
    rows = []
    for c in range(num_classes):
        tp = int(((y == c) & (y_hat == c)).sum())
        p, r = ratio(tp, int((y_hat == c).sum())), ratio(tp, int((y == c).sum()))
        rows.append([p, r, ratio(2 * p * r, p + r)])
    table = np.array(rows)
"""
_FOLDS = """def folds(n, k, seed):
    if not 2 <= k <= n:
        raise ValueError("k")
    order = np.random.default_rng(seed).permutation(n)
"""
_LEAK = """def cross_validate(x, y, fold_of, keep):
    accuracies = []
    {before}
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        {inside}
        means = centroids(x[~held_out][:, words], y[~held_out])
        {judge}
        accuracies.append(np.mean(y_hat == truth))
    return {result}
"""


def _leak(
    before="pass",
    inside="words = most_telling(x[~held_out], y[~held_out], keep)",
    judge="y_hat, truth = nearest(x[held_out][:, words], means), y[held_out]",
    result="np.mean(accuracies)",
):
    return _LEAK.format(before=before, inside=inside, judge=judge, result=result)


RIGHT = {
    "06.pad": [
        _PAD + "    rows = [list(ids[:length]) + [0] * (length - len(ids[:length])) for ids in sequences]\n"
        "    return np.array(rows, dtype=int).reshape(len(sequences), length)",
        _PAD + "    out = np.zeros((len(sequences), length), int)\n"
        "    for row, ids in enumerate(sequences):\n        for place in range(min(length, len(ids))):\n"
        "            out[row, place] = ids[place]\n    return out",
        # Keras' own, told to pad and to cut behind
        "import keras\n" + _PAD + "    if not sequences:\n        return np.zeros((0, length), int)\n"
        '    return keras.utils.pad_sequences(sequences, length, padding="post", truncating="post")',
    ],
    "06.masked_mean": [
        "def masked_mean(vectors, mask):\n    rows = []\n    for one, m in zip(vectors, mask):\n"
        "        rows.append(one[m].mean(axis=0) if m.any() else np.zeros(vectors.shape[2]))\n    return "
        "np.stack(rows)",
        "def masked_mean(vectors, mask):\n    share = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)\n"
        '    return np.einsum("btf,bt->bf", vectors, share)',
        "from keras import ops\ndef masked_mean(vectors, mask):\n"
        "    w = ops.cast(mask, vectors.dtype)[:, :, None]\n"
        "    return ops.sum(vectors * w, axis=1) / ops.maximum(ops.sum(w, axis=1), 1)",
    ],
    "06.f_score": [
        _F1 + "    return table, table[:, 2].mean()",
        "def precision_recall_f1(y, y_hat, num_classes):\n    m = np.zeros((num_classes, num_classes))\n"
        "    for a, b in zip(y, y_hat):\n        m[a, b] += 1\n    tp, says, is_so = np.diag(m), m.sum(0), m.sum(1)\n"
        "    safe = lambda a, b: np.divide(a, b, out=np.zeros_like(a), where=b > 0)\n"
        "    f1 = safe(2 * tp, says + is_so)\n"
        "    return np.stack([safe(tp, says), safe(tp, is_so), f1], axis=1), f1.mean()",
    ],
    "06.folds": [
        _FOLDS + "    parts = [order[i::k] for i in range(k)]\n"
        "    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]",
        "import random\ndef folds(n, k, seed):\n    if k < 2 or k > n:\n        raise ValueError('k')\n"
        "    order = list(range(n))\n    random.Random(seed).shuffle(order)\n    pairs = []\n"
        "    for i in range(k):\n        validation = order[i * n // k : (i + 1) * n // k]\n"
        "        pairs.append(([one for one in order if one not in validation], validation))\n    return pairs",
        # a generator, behind a refusal that does not wait
        _FOLDS + "    return ((np.setdiff1d(order, part), part) for part in np.array_split(order, k))",
    ],
    "06.leak": [
        _leak(),
        "def cross_validate(x, y, fold_of, keep):\n    def one(held_out):\n        a, b = x[~held_out], x[held_out]\n"
        "        gap = np.abs(a[y[~held_out] == 1].mean(0) - a[y[~held_out] == 0].mean(0))\n"
        "        words = np.argsort(-gap, kind='stable')[:keep]\n"
        "        return np.mean(nearest(b[:, words], centroids(a[:, words], y[~held_out])) == y[held_out])\n"
        "    return sum(one(fold_of == f) for f in set(fold_of.tolist())) / len(set(fold_of.tolist()))",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "06.pad": [
        ("def pad(sequences, length):\n    return None", "not_done"),
        (
            "import keras\ndef pad(sequences, length):\n    return keras.utils.pad_sequences(sequences, length)",
            "keras_default",
        ),
        (_PAD + "    return np.array([[0] * (length - len(s[:length])) + s[:length] for s in sequences])", "front"),
        (
            _PAD + "    return np.array([s[-length:] + [0] * (length - len(s)) for s in sequences])",
            "keeps_end",
        ),
        (
            "def pad(sequences, length):\n    longest = max(map(len, sequences))\n"
            "    return np.array([s + [0] * (longest - len(s)) for s in sequences])",
            "longest",
        ),
        ("def pad(sequences, length):\n    return [s + [0] * (length - len(s)) for s in sequences]", "ragged"),
        (_PAD + "    return np.array([s[:length] + [-1] * (length - len(s)) for s in sequences])", "minus_one"),
        (_PAD + "    return np.array([s[:length] + [0] * (length - len(s)) for s in sequences if s])", "dropped"),
        (
            _PAD + "    out = np.zeros((len(sequences), length))\n    for row, s in enumerate(sequences):\n"
            "        out[row, : len(s[:length])] = s[:length]\n    return out",
            "floats",
        ),
        (_PAD + "    return np.array([s[:length] + [0] * (length - len(s)) for s in sequences], int)", "empty_batch"),
        (
            "def pad(sequences, length):\n    assert length >= 1\n    out = np.zeros((len(sequences), length), int)\n"
            "    for row, s in enumerate(sequences):\n        out[row, : len(s[:length])] = s[:length]\n    return out",
            "other_error",
        ),
        (
            "def pad(sequences, length):\n    out = np.zeros((len(sequences), length), int)\n"
            "    for row, s in enumerate(sequences):\n        out[row, : len(s[:length])] = s[:length]\n    return out",
            "not_refused",
        ),
        (
            "def pad(sequences, length):\n    for s in sequences:\n        s += [0] * (length - len(s))\n"
            "    return np.array([s[:length] for s in sequences])",
            "changed_input",
        ),
        ("def pad(sequences, length):\n    return np.array(sequences)", "exception"),
    ],
    "06.masked_mean": [
        (_MEAN + "    return (vectors * m).mean(axis=1)", "padding_counted"),
        ("def masked_mean(vectors, mask):\n    return vectors.mean(axis=1)", "no_mask"),
        (_MEAN + "    return (vectors * ~m).sum(axis=1) / np.maximum((~m).sum(axis=1), 1)", "mask_inverted"),
        (_MEAN + "    return (vectors * m).sum(axis=1)", "sum"),
        (_MEAN + "    return (vectors * m).sum(axis=1) / max(mask.sum(), 1)", "one_count"),
        (_MEAN + "    return (vectors * m).sum(axis=1) / (m.sum(axis=1) + 1)", "count_plus_one"),
        ("def masked_mean(vectors, mask):\n    return vectors[mask].mean(axis=0)", "one_vector"),
        (
            "def masked_mean(vectors, mask):\n    out = np.zeros((len(vectors), vectors.shape[2]))\n"
            "    for row, n in enumerate(mask.sum(axis=1)):\n        if n:\n"
            "            out[row] = vectors[row, :n].mean(axis=0)\n    return out",
            "first_places",
        ),
        (
            _MEAN + "    with np.errstate(all='ignore'):\n        return (vectors * m).sum(axis=1) / m.sum(axis=1)",
            "all_padding",
        ),
        (
            _MEAN + "    n = m.sum(axis=1)\n    return np.where(n > 0, (vectors * m).sum(axis=1) / np.maximum(n, 1), "
            "vectors.mean(axis=1))",
            "fallback_mean",
        ),
        (_MEAN + "    return (vectors * m).sum(axis=2) / np.maximum(mask.sum(axis=1)[:, None], 1)", "shape"),
        ("def masked_mean(vectors, mask):\n    return (vectors * mask).sum(axis=1)", "exception"),
        ("def masked_mean(v, mask):\n    v *= mask[:, :, None]\n    return v.sum(axis=1)", "changed_input"),
    ],
    "06.f_score": [
        (_F1 + "    return table", "form"),
        (_F1 + "    return table[:, [1, 0, 2]], table[:, 2].mean()", "swapped"),
        (_F1 + "    table[:, 2] = table[:, :2].mean(axis=1)\n    return table, table[:, 2].mean()", "plain_mean"),
        (_F1 + "    table[:, 2] /= 2\n    return table, table[:, 2].mean()", "no_two"),
        (_F1 + "    return table.T, table[:, 2].mean()", "transposed"),
        (_F1.replace("else 0.0", "else float('nan')") + "    return table, table[:, 2].mean()", "zero_division"),
        (_F1.replace(" if b else 0.0", "") + "    return table, table[:, 2].mean()", "zero_division"),
        (_F1.replace("int(", "(") + "    return table, f1", "exception"),
        (_F1.replace("else 0.0", "else 1.0") + "    return table, table[:, 2].mean()", "value"),
        (
            "def precision_recall_f1(y, y_hat, num_classes):\n"
            "    a = [np.mean((y == c) == (y_hat == c)) for c in range(num_classes)]\n"
            "    return np.stack([a, a, a], axis=1), np.mean(a)",
            "accuracy",
        ),
        (_F1 + "    return table, np.mean(y == y_hat)", "micro"),
        (_F1 + "    return table, (table[:, 2] * np.bincount(y, minlength=num_classes)).sum() / len(y)", "weighted"),
        (_F1 + "    p, r = table[:, 0].mean(), table[:, 1].mean()\n    return table, 2 * p * r / (p + r)", "of_means"),
        (_F1 + "    return table, table.mean()", "all_columns"),
        (_F1 + "    return table, table[np.unique(y), 2].mean()", "present_only"),
    ],
    "06.folds": [
        (
            _FOLDS + "    size = n // k\n    parts = [order[i * size : (i + 1) * size] for i in range(k)]\n"
            "    return [(np.setdiff1d(order, part), part) for part in parts]",
            "left_over",
        ),
        (
            _FOLDS + "    size = n // k\n"
            "    parts = [order[i * size : (i + 1) * size if i < k - 1 else n] for i in range(k)]\n"
            "    return [(np.setdiff1d(order, part), part) for part in parts]",
            "uneven",
        ),
        (_FOLDS + "    return [(order, part) for part in np.array_split(order, k)]", "overlap"),
        (
            _FOLDS + "    rng = np.random.default_rng(seed)\n    pairs = []\n    for _ in range(k):\n"
            "        order = rng.permutation(n)\n        pairs.append((order[n // k :], order[: n // k]))\n"
            "    return pairs",
            "twice",
        ),
        (
            _FOLDS + "    return [(np.setdiff1d(range(n), part), part) for part in np.array_split(range(n), k)]",
            "not_shuffled",
        ),
        (
            _FOLDS + "    order = np.random.default_rng().permutation(n)\n"
            "    return [(np.setdiff1d(order, part), part) for part in np.array_split(order, k)]",
            "not_repeatable",
        ),
        (_FOLDS + "    return np.array_split(order, k)", "form"),
        (_FOLDS + "    return [(part, np.setdiff1d(order, part)) for part in np.array_split(order, k)]", "swapped"),
        (_FOLDS + "    for part in np.array_split(order, k):\n        yield np.setdiff1d(order, part), part",
         "not_refused"),
        (_FOLDS + "    for part in np.array_split(order, k):\n        yield np.setdiff1d(ordre, part), part",
         "exception"),
        (_FOLDS + "    return [(order[len(part) :], part) for part in np.array_split(order, k)]", "overlap"),
        (_FOLDS + "    return [(np.setdiff1d(order, part)[1:], part) for part in np.array_split(order, k)]",
         "not_the_rest"),
        (
            _FOLDS.replace("permutation(n)", "permutation(n) + 1")
            + "    return [(np.setdiff1d(order, part), part) for part in np.array_split(order, k)]",
            "out_of_range",
        ),
        (
            "def folds(n, k, seed):\n    order = np.random.default_rng(seed).permutation(n)\n"
            "    return [(np.setdiff1d(order, part), part) for part in np.array_split(order, k)]",
            "not_refused",
        ),
    ],
    "06.leak": [
        (_leak("words = most_telling(x, y, keep)", "pass"), "leak"),
        (_leak(inside="words = most_telling(x, y, keep)"), "leak"),
        (_leak(inside="words = most_telling(x[held_out], y[held_out], keep)"), "chosen_by_held_out"),
        (_leak().replace("centroids(x[~held_out][:, words], y[~held_out])", "centroids(x[:, words], y)"),
         "means_of_all"),
        (_leak(judge="y_hat, truth = nearest(x[held_out][:, words], means), y[held_out]\n"
               "        accuracies += list(y_hat == truth)\n        continue"), "mean_over_messages"),
        (_leak(judge="y_hat, truth = nearest(x[~held_out][:, words], means), y[~held_out]"), "training_accuracy"),
        (_leak("words = most_telling(x[fold_of != 0], y[fold_of != 0], keep)", "pass"), "first_fold_only"),
        (_leak(inside="words = np.arange(x.shape[1])"), "no_choice"),
        (_leak(result="accuracies[-1]"), "last_fold"),
        (_leak(result="sum(accuracies)"), "value"),
        (_leak(result="accuracies"), "shape"),
    ],
}  # fmt: skip
EQUIVALENT = {
    "06.f_score": {
        "line 3: np.zeros((num_classes, 3)) → np.ones((num_classes, 3))": "every row of the table is written "
        "afterwards",
    },
}
