"""Right and wrong answers to lesson 09's exercises."""

_COUNT = "def count(vocab, width, num_layers):\n    return "
_WINDOWS = "def mended_windows(ids, places, context):\n"


def _targets(targets: str, inputs: str = "ids[p : p + context]") -> str:
    return f"{_WINDOWS}    return np.stack([{inputs} for p in places]), np.stack([{targets} for p in places])"


RIGHT = {
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
    "09.parameters": [
        (f"{_COUNT}2 * vocab * width + num_layers * (12 * width**2 + 2 * width) + width", "second_table"),
        (f"{_COUNT}num_layers * (12 * width**2 + 2 * width) + width", "no_table"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 2 * width)", "no_last_norm"),
        (f"{_COUNT}vocab * width + num_layers * 12 * width**2 + width", "last_norm_only"),
        (f"{_COUNT}vocab * width + num_layers * 12 * width**2", "no_norms"),
        (f"{_COUNT}vocab * width + 12 * width**2 + 2 * width + width", "one_block"),
        (f"{_COUNT}vocab * width + num_layers * (4 * width**2 + 2 * width) + width", "attention_only"),
        (f"{_COUNT}vocab * width + num_layers * (12 * width**2 + 13 * width) + 2 * width", "with_biases"),
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
        (_targets("ids[p + 2 : p + 2 + context]"), "exception"),
    ],
    "09.bits": [
        ("def bits(nats):\n    return nats * np.log(2)", "wrong_way"),
        ("def bits(nats):\n    return nats", "unchanged"),
        ("def bits(nats):\n    return np.exp(nats)", "perplexity"),
        ("def bits(nats):\n    return np.log2(nats)", "logarithm_again"),
        ("def bits(nats):\n    return nats / np.log(10)", "digits"),
        ("def bits(nats):\n    return 2**nats", "powers_of_two"),
        ("def bits(nats):\n    return 3", "value"),
    ],
}
