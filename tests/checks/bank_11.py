"""Right and wrong answers to lesson 11's exercises."""

_CROSS = "def cross_weights(x, memory, W_q, W_k, source_is_real):\n"
_SHIFT = "def shifted(target, start, end):\n"
_BEAM = "def beam_step(sums, log_probs, k):\n"
_F1 = "def f1(written, reference):\n"


def _cross(
    hide: str = "np.where(source_is_real, s, -np.inf)", scale: str = " / np.sqrt(W_q.shape[1])", axis: str = "1"
) -> str:
    return (
        f"{_CROSS}    s = (x @ W_q) @ (memory @ W_k).T{scale}\n    causal = np.tril(np.ones(s.shape, bool))\n"
        f"    s = {hide}\n    w = np.exp(s - s.max(axis={axis}, keepdims=True))\n"
        f"    return w / w.sum(axis={axis}, keepdims=True)"
    )


def _beam(
    totals: str = "sums[:, None] + log_probs",
    order: str = "np.argsort(-totals, axis=None)[:k]",
    row: str = "int(b), int(t), totals[b, t]",
) -> str:
    return (
        f"{_BEAM}    totals = {totals}\n    order = {order}\n"
        "    places = [divmod(int(o), log_probs.shape[1]) for o in order]\n"
        f"    return [({row}) for b, t in places]"
    )


def _f1(shared: str, result: str = "2 * shared / (len(written) + len(reference))", empty: str = "1.0") -> str:
    return (
        f"from collections import Counter\n{_F1}    if not written and not reference:\n        return {empty}\n"
        f"    if not written or not reference:\n        return 0.0\n    shared = {shared}\n    return {result}"
    )


_SHARED = "(Counter(written) & Counter(reference)).total()"

RIGHT = {
    "11.cross": [
        _cross(),
        f"{_CROSS}    s = (x @ W_q) @ (memory @ W_k).T / W_k.shape[1] ** 0.5\n"
        "    w = np.exp(s - s.max()) * source_is_real\n    return w / w.sum(axis=1)[:, None]",
        f"{_CROSS}    w = np.zeros((len(x), len(memory)))\n    for t, q in enumerate(x @ W_q):\n"
        "        for s, k in enumerate(memory @ W_k):\n            if source_is_real[s]:\n"
        "                w[t, s] = np.exp(q @ k / len(k) ** 0.5)\n        w[t] /= w[t].sum()\n    return w",
    ],
    "11.shift": [
        f"{_SHIFT}    return [start] + target, target + [end]",
        f"{_SHIFT}    whole = [start, *target, end]\n    return np.array(whole[:-1]), np.array(whole[1:])",
    ],
    "11.beam": [
        _beam(),
        f"{_BEAM}    longer = [(b, t, sums[b] + p) for b, row in enumerate(log_probs) for t, p in enumerate(row)]\n"
        "    return sorted(longer, key=lambda one: one[2], reverse=True)[:k]",
        "import heapq\n"
        f"{_BEAM}    totals = (sums + log_probs.T).T\n"
        "    return heapq.nlargest(k, ((*at, total) for at, total in np.ndenumerate(totals)), key=lambda one: one[2])",
    ],
    "11.overlap": [
        _f1(_SHARED),
        f"{_F1}    left, shared = list(reference), 0\n    for word in written:\n        if word in left:\n"
        "            left.remove(word)\n            shared += 1\n    if not written or not reference:\n"
        "        return float(written == reference)\n    p, r = shared / len(written), shared / len(reference)\n"
        "    return 2 * p * r / (p + r) if shared else 0.0",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "11.cross": [
        (_cross("np.where(causal, s, -np.inf)"), "causal"),
        (_cross("np.where(causal & source_is_real, s, -np.inf)"), "causal_and_padding"),
        (_cross("s"), "no_mask"),
        (_cross("np.where(source_is_real, -np.inf, s)"), "inverted"),
        (f"{_CROSS}    s = (x @ W_q) @ (memory @ W_k).T / np.sqrt(W_q.shape[1])\n"
         "    w = np.exp(s - s.max(axis=1, keepdims=True))\n"
         "    return w / w.sum(axis=1, keepdims=True) * source_is_real", "after_softmax"),
        (_cross(axis="0"), "over_time"),
        (_cross(scale=""), "not_scaled"),
        (_cross("np.where(source_is_real, s, 0)"), "zeroed"),
        (_cross().replace("return w", "return (w") + ").T", "turned"),
        (_cross("np.where(source_is_real[:, None], s, -np.inf)"), "exception"),
        (_cross("np.where(np.triu(np.ones(s.shape, bool)), s, -np.inf)"), "upside_down"),
        (_cross(scale=" / np.sqrt(x.shape[1])"), "wrong_width"),
        (_cross(scale=" / W_q.shape[1]"), "scaled_by_size"),
        (_cross(axis="None"), "whole_table"),
        (f"{_CROSS}    s = ((x @ W_q) @ (memory @ W_k).T / np.sqrt(W_q.shape[1]))[:, source_is_real]\n"
         "    w = np.exp(s)\n    return w / w.sum(axis=1, keepdims=True)", "dropped"),
    ],
    "11.shift": [
        (f"{_SHIFT}    read = ...  # 1\n    say = ...  # 2\n    return read, say", "not_done"),
        (f"{_SHIFT}    return [*target, end], [start, *target]", "exchanged"),
        (f"{_SHIFT}    return [start, *target], [start, *target]", "same"),
        (f"{_SHIFT}    return [start, *target, end], [*target, end]", "read_end"),
        (f"{_SHIFT}    return [start, *target[:-1]], [*target, end]", "read_short"),
        (f"{_SHIFT}    return target, [*target, end]", "no_start"),
        (f"{_SHIFT}    return [start, *target], target", "no_end"),
        (f"{_SHIFT}    return [start, *target], [*target[1:], end]", "shifted_twice"),
        (f"{_SHIFT}    return [start, *target], [start, *target, end]", "say_start"),
        (f"{_SHIFT}    return [end, *target], [*target, start]", "end_first"),
        (f"{_SHIFT}    return [start, *target]", "two"),
        (f"{_SHIFT}    return [start, target], [target, end]", "nested"),
        (f"{_SHIFT}    return ['<start>', *target], [*target, '<end>']", "strings"),
        (f"{_SHIFT}    return start, end", "form"),
        (f"{_SHIFT}    return [None, *target], [*target, end]", "form"),
    ],
    "11.beam": [
        (_beam(totals="log_probs"), "sums_left_out"),
        (_beam(totals="sums[:, None] * log_probs"), "multiplied"),
        (_beam(order="np.argsort(totals, axis=None)[:k]"), "worst"),
        (_beam(totals="np.exp(sums)[:, None] + np.exp(log_probs)"), "probabilities"),
        (f"{_BEAM}    best = log_probs.argmax(axis=1)\n"
         "    rows = [(b, int(t), sums[b] + log_probs[b, t]) for b, t in enumerate(best)]\n"
         "    return sorted(rows, key=lambda one: -one[2])[:k]", "one_of_each"),
        (f"{_BEAM}    rows = [(b, int(t), sums[b] + log_probs[b, t]) for b in range(len(sums))\n"
         "            for t in np.argsort(-log_probs[b])[:k]]\n    return sorted(rows, key=lambda one: -one[2])",
         "count"),
        (_beam(row="int(t), int(b), totals[b, t]"), "turned"),
        (_beam(order="np.argsort(-totals, axis=None)[:k][::-1]"), "order"),
        (_beam(row="int(b), int(t), log_probs[b, t]"), "last_only"),
        (_beam(row="int(b), int(t), sums[b]"), "beginning_only"),
        (_beam(row="int(b), int(t), np.exp(totals[b, t])"), "exponential"),
        (_beam(row="int(b), int(t)"), "form"),
        (f"{_BEAM}    totals = sums[:, None] + log_probs\n    order = np.argsort(-totals, axis=None)[:k]\n"
         "    return [(int(o // k), int(o % k), totals.flat[o]) for o in order]", "divided"),
        (f"{_BEAM}    b = int(np.argmax(sums))\n    order = np.argsort(-log_probs[b])[:k]\n"
         "    return [(b, int(t), sums[b] + log_probs[b, t]) for t in order]", "one_beginning"),
        (f"{_BEAM}    totals = sums[:, None] + log_probs\n    best = totals.argmax(axis=0)\n"
         "    rows = [(int(b), t, totals[b, t]) for t, b in enumerate(best)]\n"
         "    return sorted(rows, key=lambda one: -one[2])[:k]", "one_of_each_token"),
    ],
    "11.overlap": [
        (_f1("len(set(written) & set(reference))", "2 * shared / (len(set(written)) + len(set(reference)))"), "sets"),
        (_f1("sum(word in reference for word in written)"), "not_clipped"),
        (_f1("len(set(written) & set(reference))"), "kinds_shared"),
        (_f1("sum(word in written for word in reference)"), "not_clipped_back"),
        (_f1("sum(a == b for a, b in zip(written, reference))"), "positions"),
        (_f1(_SHARED, "shared / len(written)"), "precision"),
        (_f1(_SHARED, "shared / len(reference)"), "recall"),
        (_f1(_SHARED, "shared / (len(written) + len(reference) - shared)"), "jaccard"),
        (_f1(_SHARED, "shared / (len(written) + len(reference))"), "half"),
        (f"{_F1}    return float(written == reference)", "exact"),
        (_f1(_SHARED, empty="0.0"), "empty"),
        ("from collections import Counter\n"
         f"{_F1}    shared = {_SHARED}\n    return 2 * shared / (len(written) + len(reference))", "nothing"),
    ],
}  # fmt: skip
EQUIVALENT: dict[str, dict[str, str]] = {
    "11.cross": {
        "line 9: scores - scores.max(axis=1, keepdims=True) → scores + scores.max(axis=1, keepdims=True)":
            "a constant added to a row of scores changes no softmax; only scores in the hundreds would overflow",
    },
    "11.beam": {"line 10: place // vocab → place / vocab": "int() cuts the fraction off again"},
    "11.overlap": {
        "line 5: not written or not reference → not written and (not reference)":
            "where one is empty nothing is shared, and the last line gives 0 as well",
    },
}  # fmt: skip
ACCEPTED: dict[str, dict[str, str]] = {}
