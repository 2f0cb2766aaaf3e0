"""Right and wrong answers to lesson 10's exercises."""

_DRAW = "def my_draw(probabilities, u):\n"
_NUCLEUS = (
    "def nucleus(probabilities, p):\n    order = np.argsort(-probabilities)\n"
    "    reached = np.cumsum(probabilities[order])\n    result = np.zeros_like(probabilities)\n"
)
_REPEATS = "def repeated_share(tokens, n):\n    runs = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]\n"
_STEP = "def step(x, keys, values, W_q, W_k, W_v):\n"


def _nucleus(kept: str, result: str = "result / result.sum()") -> str:
    return f"{_NUCLEUS}    kept = {kept}\n    result[kept] = probabilities[kept]\n    return {result}"


def _step(
    query: str = "x @ W_q",
    keys: str = "np.vstack([keys, x @ W_k])",
    values: str = "np.vstack([values, x @ W_v])",
    scores: str = "keys @ q / np.sqrt(len(q))",
    out: str = "w @ values / w.sum()",
) -> str:
    return (
        f"{_STEP}    q = {query}\n    keys = {keys}\n    values = {values}\n    s = {scores}\n"
        f"    w = np.exp(s - s.max())\n    return {out}, keys, values"
    )


_WITHIN = "order[reached - probabilities[order] < p - 1e-12]"

RIGHT = {
    "10.draw": [
        f"{_DRAW}    reached = 0.0\n    for token, share in enumerate(probabilities):\n        reached += share\n"
        "        if u < reached:\n            return token\n    return token",
        f"{_DRAW}    return np.searchsorted(np.cumsum(probabilities), u, side='right')",
    ],
    "10.nucleus": [
        "def nucleus(probabilities, p):\n    result, total = np.zeros(len(probabilities)), 0.0\n"
        "    for token in np.argsort(-probabilities):\n        if total >= p - 1e-9:\n            break\n"
        "        result[token] = probabilities[token]\n        total += probabilities[token]\n"
        "    return result / total",
        f"{_NUCLEUS}    many = np.searchsorted(reached, p - 1e-9) + 1\n    kept = order[:many]\n"
        "    result[kept] = probabilities[kept] / reached[min(many, len(order)) - 1]\n    return result",
    ],
    "10.repeats": [
        f"{_REPEATS}    return 1 - len(set(runs)) / len(runs) if runs else 0.0",
        "from collections import Counter\n"
        f"{_REPEATS}    return sum(many - 1 for many in Counter(runs).values()) / max(1, len(runs))",
    ],
    "10.step": [
        _step(),
        f"{_STEP}    keys, values = np.append(keys, [x @ W_k], axis=0), np.append(values, [x @ W_v], axis=0)\n"
        "    s = np.array([k @ (x @ W_q) for k in keys]) / keys.shape[1] ** 0.5\n"
        "    w = np.exp(s) / np.exp(s).sum()\n    return sum(a * v for a, v in zip(w, values)), keys, values",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "10.draw": [
        (f"{_DRAW}    return int(np.argmax(probabilities))", "likeliest"),
        (f"{_DRAW}    return int(u * len(probabilities))", "even"),
        (f"{_DRAW}    return np.searchsorted(np.cumsum(probabilities), u)", "at_the_end"),
        (f"{_DRAW}    return int((np.cumsum(probabilities) <= u).sum()) - 1", "one_less"),
        (f"{_DRAW}    return int((np.cumsum(probabilities) <= u).sum()) + 1", "one_more"),
        (f"{_DRAW}    ends = np.cumsum(probabilities)\n    return ends[int((ends <= u).sum())]", "end_given"),
        (f"{_DRAW}    return int((np.cumsum(probabilities[::-1]) <= 1 - u).sum())", "from_the_right"),
        (f"{_DRAW}    ends = np.cumsum(probabilities)", "not_done"),
        (f"{_DRAW}    return np.random.choice(len(probabilities), p=probabilities)", "own_chance"),
        (f"{_DRAW}    return int((probabilities <= u).sum())", "shares_compared"),
        (f"{_DRAW}    return int((np.cumsum(probabilities) > u).sum())", "not_ended"),
        (f"{_DRAW}    return probabilities[int((np.cumsum(probabilities) <= u).sum())]", "share_given"),
        (f"{_DRAW}    return np.cumsum(probabilities) <= u", "one_each"),
        (f"{_DRAW}    return np.where(np.cumsum(probabilities) > u)[0][:1]", "an_array"),
    ],
    "10.nucleus": [
        (_nucleus("order[reached <= p]", "result"), "both"),
        (_nucleus("order[reached <= p]"), "crossing_dropped"),
        (_nucleus(_WITHIN, "result"), "not_shared_out"),
        (_nucleus("order[: (reached < p - 1e-12).sum() + 2]"), "one_too_many"),
        (_nucleus(_WITHIN, "(result / result.sum())[order]"), "sorted"),
        (_nucleus("order"), "nothing_cut"),
        ("def nucleus(probabilities, p):\n    return np.where(probabilities >= p, probabilities, 0.0)", "threshold"),
        (_nucleus("order[reached >= p]"), "tail_kept"),
        (_nucleus("order[reached >= p]", "result"), "tail_kept"),
        (_nucleus(_WITHIN).replace("argsort(-", "argsort("), "unlikeliest_first"),
        (_nucleus("np.flatnonzero(np.cumsum(probabilities) - probabilities < p)"), "unsorted"),
        (_nucleus(_WITHIN, "result / p"), "divided_by_p"),
        (_nucleus(_WITHIN, "(result > 0) / (result > 0).sum()"), "even"),
        (_nucleus(_WITHIN, "np.where(result > 0, result + (1 - result.sum()) / len(kept), 0)"), "rest_shared_evenly"),
        (_nucleus(_WITHIN, "probabilities[kept] / result.sum()"), "only_kept"),
        (_nucleus(_WITHIN, "kept"), "only_kept"),
        (f"{_nucleus('order[reached <= p]', 'result / max(result.sum(), 1e-9)')}".replace(
            "kept = ", "kept = order[:1] if reached[0] > p + 0.2 else "), "crossing_dropped"),
        (_nucleus("order[reached - probabilities[order] < p] if reached[0] < p else order[:0]", "result / max("
                  "result.sum(), 1e-9)"), "empty"),
        ("def nucleus(probabilities, p):\n    print(probabilities)", "printed"),
    ],
    "10.repeats": [
        (f"{_REPEATS}    return len(set(runs)) / max(1, len(runs))", "different"),
        (f"{_REPEATS}    return sum(runs.count(run) > 1 for run in runs) / max(1, len(runs))", "first_too"),
        (f"{_REPEATS}    return (len(runs) - len(set(runs))) / max(1, len(tokens))", "by_tokens"),
        (f"{_REPEATS}    return len(runs) - len(set(runs))", "counted"),
        ("def repeated_share(tokens, n):\n    runs = [tuple(tokens[i : i + n]) for i in range(0, len(tokens) - n + "
        "1, n)]\n"
         "    return 1 - len(set(runs)) / max(1, len(runs))", "side_by_side"),
        (f"{_REPEATS}    return sum(runs.count(run) > 1 for run in set(runs)) / max(1, len(set(runs)))", "kinds"),
        ("def repeated_share(tokens, n):\n    runs = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n)]\n"
         "    return 1 - len(set(runs)) / max(1, len(runs))", "last_missing"),
        (f"{_REPEATS}    return sum(a == b for a, b in zip(runs, runs[1:])) / max(1, len(runs))", "neighbours"),
        (f"{_REPEATS}    return 1 - len(set(runs)) / len(runs)", "no_n_gram"),
        (f"{_REPEATS}    return 1 - len(set(runs)) / max(1, len(runs))", "all_of_none"),
        ("def repeated_share(tokens, n):\n    runs = [tokens[i : i + n] for i in range(len(tokens) - n + 1)]\n"
         "    return 1 - len(set(runs)) / len(runs)", "not_a_tuple"),
        ("def repeated_share(tokens, n):\n    return 1 - len(set(tokens)) / max(1, len(tokens))", "n_ignored"),
        (f"{_REPEATS}    return 100 * (1 - len(set(runs)) / len(runs)) if runs else 0.0", "percent"),
        (f"{_REPEATS}    if runs:\n        return 1 - len(set(runs)) / len(runs)", "none_for_short"),
    ],
    "10.step": [
        (_step(scores="keys @ q"), "not_scaled"),
        (_step(scores="keys @ q / len(q)"), "divided_by_size"),
        (_step(query="x @ W_k"), "query_of_keys"),
        (_step(out="w @ keys / w.sum()"), "keys_fetched"),
        (_step(out="values.mean(axis=0)"), "plain_mean"),
        (_step(out="values[-1]"), "own_value"),
        (f"{_STEP}    new_k, new_v = np.vstack([keys, x @ W_k]), np.vstack([values, x @ W_v])\n"
         "    if not len(keys):\n        return x @ W_v, new_k, new_v\n    s = keys @ (x @ W_q) / "
         "np.sqrt(keys.shape[1])\n"
         "    w = np.exp(s)\n    return w @ values / w.sum(), new_k, new_v", "old_only"),
        (_step(keys="np.vstack([x @ W_k, keys])", values="np.vstack([x @ W_v, values])"), "at_the_front"),
        (_step().replace("w.sum(), keys, values", "w.sum()"), "three"),
        (f"{_STEP}    k, v = np.vstack([keys, x @ W_k]), np.vstack([values, x @ W_v])\n"
         "    s = k @ (x @ W_q) / np.sqrt(k.shape[1])\n    w = np.exp(s)\n    return w @ v / w.sum(), keys, values",
         "not_kept"),
        (f"{_STEP}    return None, keys, values", "not_done"),
        (_step(keys="np.concatenate([keys, x @ W_k])"), "one_row"),
        (_step(keys="np.append(keys, x @ W_k)"), "one_row"),
        (f"{_step()[:-len('keys, values')]}keys[-1], values[-1]", "one_row"),
        (_step(query="W_q @ x"), "sizes"),
        (_step(keys="np.vstack([keys, x])"), "sizes"),
        (_step(keys="np.vstack([keys, x @ W_v])"), "mixed_up"),
        (_step(keys="np.vstack([keys, x @ W_q])"), "mixed_up"),
        (_step(values="np.vstack([values, x @ W_k])"), "mixed_up"),
        (_step(scores="keys @ q / np.sqrt(len(x))"), "root_of_features"),
        (_step(out="s @ values"), "no_softmax"),
        (_step(out="np.exp(s) @ values"), "not_divided"),
    ],
}  # fmt: skip
EQUIVALENT: dict[str, dict[str, str]] = {}
ACCEPTED: dict[str, dict[str, str]] = {}
