"""Right and wrong answers to lesson 07's exercises."""

_LOOKUP = "def soft_lookup(q, keys, values):\n"
_ATTEND = "def my_attend(q, k, v, visible):\n"
_SPLIT = "def split(x, num_heads):\n    time, features = x.shape\n    size = features // num_heads\n"
_CROSS = "def cross_mask(time, source_is_real):\n"


def _lookup(weights: str, out: str = "weights @ values") -> str:
    return (
        f"{_LOOKUP}    scores = keys @ q\n    e = np.exp(scores - scores.max())\n    weights = {weights}\n"
        f"    return {out}"
    )


def _attend(
    scores: str = "q @ k.T / np.sqrt(q.shape[-1])", hidden: str = "-np.inf", axis: int = 1, mask: str = "visible"
) -> str:
    return (
        f"{_ATTEND}    s = {scores}\n    s = np.where({mask}, s, {hidden})\n"
        f"    w = np.exp(s - s.max(axis={axis}, keepdims=True))\n    w = w / w.sum(axis={axis}, keepdims=True)\n"
        "    return w @ v"
    )


RIGHT = {
    "07.lookup": [
        f"{_LOOKUP}    scores = [sum(a * b for a, b in zip(q, key)) for key in keys]\n"
        "    most = max(scores)\n    e = [np.exp(s - most) for s in scores]\n"
        "    return sum(w * v for w, v in zip(e, values)) / sum(e)",
        f"{_LOOKUP}    scores = np.einsum('sf,f->s', keys, q)\n"
        "    log_weights = scores - np.logaddexp.reduce(scores)\n    return np.exp(log_weights) @ values",
    ],
    "07.attend": [
        f"{_ATTEND}    size = k.shape[1]\n    rows = []\n    for query, seen in zip(q, visible):\n"
        "        s = k[seen] @ query / size**0.5\n        w = np.exp(s - s.max())\n"
        "        rows.append(w @ v[seen] / w.sum())\n    return np.stack(rows)",
        f"{_ATTEND}    s = np.where(visible, (q / np.sqrt(q.shape[-1])) @ k.T, -1e30)\n"
        "    w = np.exp(s - s.max(-1, keepdims=True)) * visible\n    return (w @ v) / w.sum(-1, keepdims=True)",
    ],
    "07.split": [
        f"{_SPLIT}    return np.stack([x[:, h * size : (h + 1) * size] for h in range(num_heads)])",
        f"{_SPLIT}    return np.stack(np.split(x, num_heads, axis=1))",
        f"{_SPLIT}    return np.swapaxes(x.reshape(time, num_heads, size), 0, 1)",
    ],
    "07.cross": [
        f"{_CROSS}    return np.ones((time, 1), bool) & source_is_real[None, :]",
        f"{_CROSS}    return np.array([list(source_is_real) for _ in range(time)])",
        f"{_CROSS}    return np.broadcast_to(source_is_real, (time, len(source_is_real)))",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "07.lookup": [
        (_lookup("e / e.sum()", "values[scores.argmax()]"), "hard"),
        (_lookup("scores"), "no_softmax"),
        (_lookup("scores / scores.sum()"), "divided_by_sum"),
        (f"{_LOOKUP}    return np.exp(keys @ q) @ values", "not_normalised"),
        (_lookup("np.full(len(keys), 1 / len(keys))"), "plain_mean"),
        (_lookup("e / e.sum()", "weights @ keys"), "keys_fetched"),
        (_lookup("e / e.sum()", "weights"), "weights_only"),
        (f"{_LOOKUP}    s = keys @ q / np.sqrt(len(q))\n    w = np.exp(s - s.max())\n    return w @ values / w.sum()",
         "divided_by_size"),
        (f"{_LOOKUP}    s = -((keys - q) ** 2).sum(axis=1)\n    w = np.exp(s - s.max())\n"
         "    return w @ values / w.sum()", "by_distance"),
        (f"{_LOOKUP}    s = -keys @ q\n    w = np.exp(s - s.max())\n    return w @ values / w.sum()", "minus"),
        (f"{_LOOKUP}    w = np.exp(keys @ q)\n    return w @ values / w.sum()", "overflow"),
        (f"{_LOOKUP}    s = keys @ q\n    w = np.exp(s - max(s.max(), 0))\n    return w @ values / w.sum()",
         "underflow"),
        (_lookup("e / e.sum()", "weights[:, None] * values"), "not_summed"),
        (_lookup("e / e.sum()", "(weights[:, None] * values).sum()"), "summed_away"),
        (_lookup("e / e.sum()", "(weights[:, None] * values).mean(axis=0)"), "mean_of_weighted"),
        (f"{_LOOKUP}    return None", "not_done"),
    ],
    "07.attend": [
        (_attend("q @ k.T"), "not_scaled"),
        (_attend("q @ k.T / q.shape[-1]"), "divided_by_size"),
        (_attend("q @ k.T * np.sqrt(q.shape[-1])"), "multiplied"),
        (_attend("q @ k.T / np.sqrt(len(k))"), "by_source"),
        (_attend("q @ k.T / np.sqrt(v.shape[-1])"), "by_values"),
        (_attend(mask="np.ones_like(visible)"), "unmasked"),
        (_attend(mask="~visible"), "inverted"),
        (_attend(hidden="0"), "hidden_as_zero"),
        (_attend(hidden="-1e30", axis=0), "down_the_columns"),
        (f"{_ATTEND}    s = q @ k.T / np.sqrt(q.shape[-1])\n    w = np.exp(s - s.max(axis=1, keepdims=True))\n"
         "    w = w / w.sum(axis=1, keepdims=True)\n    return np.where(visible, w, 0) @ v", "hidden_after"),
        (f"{_ATTEND}    s = np.where(visible, q @ k.T / np.sqrt(q.shape[-1]), -np.inf)\n    w = np.exp(s)\n"
         "    return w @ v / w.sum(axis=1, keepdims=True)", "overflow"),
        (_attend().replace("return w @ v", "return w"), "weights_only"),
        (_attend().replace("return w @ v", "return w @ k"), "keys_fetched"),
        (_attend("k @ q.T"), "exception"),
        (_attend("q @ k.T / np.sqrt(len(q))"), "by_time"),
        (_attend().replace("(axis=1, keepdims=True)", "()"), "whole_table"),
        (_attend().replace("    w = w / w.sum(axis=1, keepdims=True)\n", ""), "not_normalised"),
        (f"{_ATTEND}    s = np.where(visible, q @ k.T / np.sqrt(q.shape[-1]), -np.inf)\n    return np.exp(s) @ v",
         "not_normalised"),
        (_attend("q @ k.T").replace("return w @ v", "return w @ v / np.sqrt(q.shape[-1])"), "scaled_after"),
        (f"{_ATTEND}    s = q @ k.T / np.sqrt(q.shape[-1]) + (1 - visible) * -np.inf\n"
         "    w = np.exp(s - s.max(axis=1, keepdims=True))\n    return w @ v / w.sum(axis=1, keepdims=True)",
         "zero_times_infinity"),
    ],
    "07.split": [
        (f"{_SPLIT}    return x.reshape(num_heads, time, size)", "cut_into_runs"),
        (f"{_SPLIT}    return x.reshape(time, num_heads, size)", "not_moved"),
        (f"{_SPLIT}    return x.reshape(time, size, num_heads).transpose(2, 0, 1)", "interleaved"),
        (f"{_SPLIT}    return x.reshape(time, num_heads, size).transpose(1, 2, 0)", "sizes_moved"),
        (f"{_SPLIT}    return x.T.reshape(num_heads, time, size)", "transposed_first"),
        (f"{_SPLIT}    return x.reshape(time, num_heads, size).transpose(2, 1, 0)", "time_last"),
        (f"{_SPLIT}    return x.reshape(num_heads, size, time).transpose(0, 2, 1)", "cut_into_runs"),
        (f"{_SPLIT}    return x[:, :size]", "shape"),
        (f"{_SPLIT}    print(x)", "printed"),
    ],
    "07.cross": [
        (f"{_CROSS}    return np.tril(np.ones((time, len(source_is_real)), bool)) & source_is_real", "still_causal"),
        (f"{_CROSS}    return np.tril(np.ones((time, len(source_is_real)), bool))", "causal_alone"),
        (f"{_CROSS}    return np.ones((time, len(source_is_real)), bool)", "everything"),
        (f"{_CROSS}    return np.repeat(~source_is_real[None, :], time, axis=0)", "inverted"),
        (f"{_CROSS}    return np.tril(np.ones((time, len(source_is_real)), bool)) | source_is_real",
         "other_way_round"),
        (f"{_CROSS}    return np.repeat(source_is_real[:, None], time, axis=1)", "turned"),
        (f"{_CROSS}    return np.triu(np.ones((time, len(source_is_real)), bool)) & source_is_real", "reversed"),
        (f"{_CROSS}    return source_is_real", "one_row"),
        (f"{_CROSS}    return source_is_real[None, :]", "one_row"),
        (f"{_CROSS}    return np.repeat(source_is_real, time, axis=0)", "flat"),
        (f"{_CROSS}    return np.tile(source_is_real, time)", "flat"),
        (f"{_CROSS}    return np.repeat(source_is_real, time).reshape(time, -1)", "scrambled"),
        (f"{_CROSS}    return source_is_real[:, None] & source_is_real[None, :]", "both_ways"),
        (f"{_CROSS}    n = len(source_is_real)\n"
         "    return np.tril(np.ones((time, n), bool), n - time) & source_is_real", "shifted"),
        (f"{_CROSS}    return np.repeat(source_is_real[None, :], time, axis=0).astype(float)", "dtype"),
    ],
}  # fmt: skip
