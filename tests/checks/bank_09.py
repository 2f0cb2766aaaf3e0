"""Right and wrong answers to lesson 09's exercises."""

_COUNT = "def count(vocab, width, num_layers):\n    return "
_WINDOWS = "def mended_windows(ids, places, context):\n"


def _targets(targets: str, inputs: str = "ids[p : p + context]") -> str:
    return f"{_WINDOWS}    return np.stack([{inputs} for p in places]), np.stack([{targets} for p in places])"


_NORM = (
    "def my_normalise(x, gain, epsilon=1e-5):\n    m = x.mean(axis=-1, keepdims=True)\n"
    "    v = x.var(axis=-1, keepdims=True)\n"
)
_BLOCK = "def my_block(x, norm_1, attention, norm_2, feed_forward):\n"

RIGHT = {
    "09.normalise": [
        "def my_normalise(x, gain, epsilon=1e-5):\n    rows = []\n    for row in x:\n"
        "        shifted = row - sum(row) / len(row)\n"
        "        rows.append(gain * shifted / (sum(shifted**2) / len(row) + epsilon) ** 0.5)\n"
        "    return np.array(rows)",
        "def my_normalise(x, gain, epsilon=1e-5):\n    d = x.shape[-1]\n    centred = x @ (np.eye(d) - 1 / d)\n"
        "    return centred * gain / np.sqrt(np.einsum('tf,tf->t', centred, centred) / d + epsilon)[:, None]",
    ],
    "09.block": [
        f"{_BLOCK}    heard = attention(norm_1(x))\n    thought = feed_forward(norm_2(x + heard))\n"
        "    return x + heard + thought",
        f"{_BLOCK}    for norm, part in ((norm_1, attention), (norm_2, feed_forward)):\n"
        "        x = part(norm(x)) + x\n    return x",
    ],
    "09.parameters": [
        f"{_COUNT}vocab * width + num_layers * (4 * width**2 + 8 * width**2 + 2 * width) + width",
        "def count(vocab, width, num_layers):\n"
        "    total = width\n"
        "    for _ in range(num_layers):\n"
        "        total += 4 * width * width + 2 * (width * 4 * width) + width + width\n"
        "    return total + vocab * width",
    ],
    "09.targets": [
        f"{_WINDOWS}    both = np.stack([ids[p : p + context + 1] for p in places])\n"
        "    return both[:, :-1], both[:, 1:]",
        f"{_WINDOWS}    where = np.asarray(places)[:, None] + np.arange(context)\n"
        "    return ids[where], ids[where + 1]",
    ],
    "09.bits": [
        "def bits(nats):\n    return nats * np.log2(np.e)",
        "import math\nbits = lambda nats: math.log2(math.exp(nats))",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "09.normalise": [
        ("def my_normalise(x, gain, epsilon=1e-5):\n"
         "    return gain * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)", "over_time"),
        ("def my_normalise(x, gain, epsilon=1e-5):\n    return gain * (x - x.mean()) / np.sqrt(x.var() + epsilon)",
         "over_all"),
        (f"{_NORM}    return (x - m) / np.sqrt(v + epsilon)", "no_gain"),
        (f"{_NORM}    return gain * x / np.sqrt(v + epsilon)", "not_shifted"),
        (f"{_NORM}    return gain * (x - m)", "only_shifted"),
        (f"{_NORM}    return gain * (x - m) / (v + epsilon)", "by_variance"),
        (f"{_NORM}    return gain * (x - m) / (np.sqrt(v) + epsilon)", "epsilon_outside"),
        (f"{_NORM}    return gain * (x - m) / np.sqrt(v)", "no_epsilon"),
        (f"{_NORM}    return gain * (x - m) / np.sqrt(x.var(axis=-1, ddof=1, keepdims=True) + epsilon)",
         "sample_variance"),
        (f"{_NORM}    return gain * (x - m) / v", "by_variance_alone"),
        (f"{_NORM}    return gain * (x - m) / np.sqrt(v + 1e-5)", "epsilon_typed"),
        (f"{_NORM}    return gain * (x - m) / np.sqrt(v) + epsilon", "epsilon_last"),
        (f"{_NORM}    return (x - m) / np.sqrt(v + epsilon) + gain", "gain_added"),
        (f"{_NORM}    return gain * (x - m) / np.sqrt(((x - m) ** 2).sum(axis=-1, keepdims=True) + epsilon)",
         "sum_of_squares"),
        (f"{_NORM}    return gain * (x - m) / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon)",
         "squares_of_x"),
        (f"{_NORM}    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon)",
         "root_mean_square"),
        (f"{_NORM}    return gain * (x - m / np.sqrt(v + epsilon))", "only_mean_divided"),
        (f"{_NORM}    return gain * x - m / np.sqrt(v + epsilon)", "no_brackets"),
        ("def my_normalise(x, gain, epsilon=1e-5):\n    return gain * (x - x.mean(axis=-1))", "exception"),
    ],
    "09.block": [
        (f"{_BLOCK}    x = norm_1(x)\n    x = x + attention(x)\n    return feed_forward(norm_2(x))", "as_it_was"),
        (f"{_BLOCK}    x = norm_1(x)\n    x = x + attention(x)\n    return x + feed_forward(norm_2(x))",
         "stream_normalised"),
        (f"{_BLOCK}    x = x + attention(norm_1(x))\n    return feed_forward(norm_2(x))", "second_not_added"),
        (f"{_BLOCK}    x = attention(norm_1(x))\n    return x + feed_forward(norm_2(x))", "first_not_added"),
        (f"{_BLOCK}    return feed_forward(norm_2(attention(norm_1(x))))", "nothing_added"),
        (f"{_BLOCK}    x = norm_1(x + attention(x))\n    return norm_2(x + feed_forward(x))", "post_norm"),
        (f"{_BLOCK}    return x + attention(norm_1(x)) + feed_forward(norm_2(x))", "second_reads_old"),
        (f"{_BLOCK}    x = x + attention(norm_1(x))\n    return x + feed_forward(x)", "second_reads_raw"),
        (f"{_BLOCK}    x = x + attention(x)\n    return x + feed_forward(norm_2(x))", "first_reads_raw"),
        (f"{_BLOCK}    x = norm_1(x)\n    x = x + attention(x)\n    x = norm_2(x)\n    return x + feed_forward(x)",
         "both_overwritten"),
        (f"{_BLOCK}    x = x + attention(norm_1(x))\n    x = norm_2(x)\n    return x + feed_forward(x)",
         "second_stream_normalised"),
        (f"{_BLOCK}    x = x + attention(x)\n    return x + feed_forward(x)", "both_read_raw"),
        (f"{_BLOCK}    x = x + norm_1(attention(x))\n    return x + norm_2(feed_forward(x))", "results_normalised"),
        (f"{_BLOCK}    x = x + norm_1(attention(x))\n    return x + feed_forward(norm_2(x))",
         "first_result_normalised"),
        (f"{_BLOCK}    y = x + attention(norm_1(x))\n    return x + feed_forward(norm_2(y))", "looking_lost"),
        (f"{_BLOCK}    x = x + attention(norm_1(x))\n    return x + feed_forward(norm_1(x))", "one_norm_twice"),
        (f"{_BLOCK}    x = x + feed_forward(norm_2(x))\n    return x + attention(norm_1(x))", "thinking_first"),
        (f"{_BLOCK}    return x + attention(norm_1(x))", "no_thinking"),
        (f"{_BLOCK}    x = x + attention(norm_2(x))\n    return x + feed_forward(norm_1(x))", "norms_swapped"),
    ],
    "09.parameters": [
        (f"{_COUNT}2 * vocab * width + num_layers * (12 * width**2 + 2 * width) + width", "second_table"),
        (f"{_COUNT}num_layers * (12 * width**2 + 2 * width) + width", "no_table"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 2 * width)", "no_last_norm"),
        (f"{_COUNT}vocab * width + num_layers * 12 * width**2 + width", "last_norm_only"),
        (f"{_COUNT}vocab * width + num_layers * 12 * width**2", "no_norms"),
        (f"{_COUNT}vocab * width + 12 * width**2 + 2 * width + width", "one_block"),
        (f"{_COUNT}vocab * width + num_layers * (4 * width**2 + 2 * width) + width", "attention_only"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 13 * width) + 2 * width", "with_biases"),
        (f"{_COUNT}vocab * width + num_layers * (8 * width**2 + 2 * width) + width", "four_d_squared_short"),
        (f"{_COUNT}num_layers * (vocab * width + 12 * width**2 + 2 * width) + width", "table_in_each_block"),
        (f"{_COUNT}vocab + num_layers * (12 * width**2 + 2 * width) + width", "rows_without_width"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + width) + width", "one_norm_a_block"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 2) + 1", "one_gain_a_norm"),
        (f"{_COUNT}vocab * width + num_layers * 12 * width**2 + 2 * width + width", "gains_outside"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 2 * width) + 2 * width", "last_norm_twice"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 2 * width + width)", "last_norm_in_each_block"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width * 2 + 2 * width) + width", "double_instead_of_square"),
        (f"{_COUNT}vocab * width + num_layers * 196_864 + width", "width_of_the_example"),
        (f"{_COUNT}vocab * width", "value"),
    ],
    "09.targets": [
        (_targets("ids[p : p + context]"), "copies"),
        (f"{_WINDOWS}    return np.stack([ids[p : p + context] for p in places])", "pair"),
        (_targets("np.roll(ids[p : p + context], -1)"), "rolled"),
        (_targets("np.roll(ids[p : p + context], 1)"), "rolled_back"),
        (_targets("np.roll(ids, 1)[p : p + context]"), "backwards"),
        (_targets("ids[p + 1 : p + context]"), "shortened"),
        (_targets("ids[p + 1 : p + 1 + context]", inputs="ids[p + 1 : p + 1 + context]"), "swapped"),
        (_targets("ids[p : p + context]", inputs="ids[p + 1 : p + 1 + context]"), "exchanged"),
        (_targets("ids[p + 1 : p + 2 + context]"), "too_long"),
        (_targets("ids[p + context]"), "last_only"),
        (_targets("ids[[*range(p + 1, p + context), p]]"), "rolled"),
        (_targets("np.append(ids[p + 1 : p + context], 0)"), "last_made_up"),
        (_targets("ids[p : p + context] + 1"), "number_plus_one"),
        (_targets("ids[p - 1 : p - 1 + context]"), "backwards"),
        (_targets("ids[p + 2 : p + 2 + context]"), "two_places"),
        (_targets("ids[p + context : p + 2 * context]"), "next_window"),
        (_targets("ids[p + 3 : p + 3 + context]"), "value"),
        (f"{_WINDOWS}    return [ids[p : p + context + n] for n, p in enumerate(places)], ids", "ragged"),
    ],
    "09.bits": [
        ("def bits(nats):\n    return nats * np.log(2)", "wrong_way"),
        ("def bits(nats):\n    return nats", "unchanged"),
        ("def bits(nats):\n    return np.exp(nats)", "perplexity"),
        ("def bits(nats):\n    return np.log2(nats)", "logarithm_again"),
        ("def bits(nats):\n    return nats / np.log(10)", "digits"),
        ("def bits(nats):\n    return 2**nats", "powers_of_two"),
        ("def bits(nats):\n    return nats / np.log10(2)", "base_ten"),
        ("def bits(nats):\n    return nats * 2", "doubled"),
        ("def bits(nats):\n    return nats / 2", "halved"),
        ("def bits(nats):\n    return np.log(2) / nats", "upside_down"),
        ("def bits(nats):\n    return nats - np.log(2)", "subtracted"),
        ("def bits(nats):\n    return nats / np.log(2) * 8", "bytes"),
        ("def bits(nats):\n    return nats / 0.693", "rounded"),
        ("def bits(nats):\n    return nats * 1.44", "rounded"),
        ("def bits(nats):\n    return 3", "value"),
    ],
}  # fmt: skip
