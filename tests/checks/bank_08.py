"""Right and wrong answers to lesson 08's exercises."""

_SINUSOIDS = "def sinusoids(time, features, base=10000.0):\n    p = np.arange(time)[:, None]\n"
_SHIFT = (
    "def shift(stamps, k):\n    features = stamps.shape[1]\n"
    "    w = 10000.0 ** (-np.arange(0, features, 2) / features)\n"
)


def _sinusoids(frequencies: str, sine: str = "0::2", cosine: str = "1::2", places: str = "p") -> str:
    return (
        f"{_SINUSOIDS}    angles = {places} * {frequencies}\n    out = np.zeros((time, features))\n"
        f"    out[:, {sine}] = np.sin(angles)\n    out[:, {cosine}] = np.cos(angles)\n    return out"
    )


FREQUENCIES = "base ** (-np.arange(0, features, 2) / features)"


def _shift(
    sines: str, cosines: str, turn: str = "k * w", s: str = "stamps[:, 0::2]", c: str = "stamps[:, 1::2]"
) -> str:
    return (
        f"{_SHIFT}    t = {turn}\n    s, c = {s}, {c}\n"
        f"    return np.stack([{sines}, {cosines}], axis=-1).reshape(stamps.shape)"
    )


SINES, COSINES = "s * np.cos(t) + c * np.sin(t)", "c * np.cos(t) - s * np.sin(t)"


def _layer(
    number: str = "dimension",
    dtype: str = "float",
    rows: bool = False,
    rows_of_table: str = "[None, : ops.shape(x)[1], :]",
    training: str = "training",
    sine: str = "0::2",
    cosine: str = "1::2",
) -> str:
    sines, cosines = (f"{sine}, :", f"{cosine}, :") if rows else (f":, {sine}", f":, {cosine}")
    return (
        "class Positions(layers.Layer):\n"
        "    def __init__(self, features, rate=0.1, longest=5000):\n"
        "        super().__init__()\n"
        "        place = np.arange(longest)[:, None]\n"
        "        dimension = np.arange(features)[None, :]\n"
        f"        angles = place / 10000 ** (2 * ({number} // 2) / features) + 0 * dimension\n"
        f"        table = np.zeros((longest, features), dtype={dtype})\n"
        f"        table[{sines}] = np.sin(angles[{sines}])\n"
        f"        table[{cosines}] = np.cos(angles[{cosines}])\n"
        "        self.table = ops.convert_to_tensor(table.astype('float32'))\n"
        "        self.dropout = layers.Dropout(rate)\n"
        "    def call(self, x, training=False):\n"
        f"        return self.dropout(x + self.table{rows_of_table}, training={training})"
    )


_TESTS = "def two_tests(build, vocab_size):\n    ids = np.arange(6) % vocab_size\n"


def _tests(
    counts: str = "build(vocab_size, ff_dim=256).count_params() != build(vocab_size, ff_dim=512).count_params()",
    talk: str = "bool((moved & ~np.eye(6, dtype=bool)).any())",
    answer: str = "counts, talk",
) -> str:
    return (
        f"{_TESTS}    moved = lm.reach(build(vocab_size), ids, vocab_size=vocab_size)\n"
        f"    counts = {counts}\n    talk = {talk}\n    return {answer}"
    )


RIGHT = {
    "08.sinusoids": [
        "import math\n"
        "def sinusoids(time, features, base=10000.0):\n"
        "    rows = []\n"
        "    for p in range(time):\n"
        "        row = []\n"
        "        for i in range(features // 2):\n"
        "            angle = p / base ** (2 * i / features)\n"
        "            row += [math.sin(angle), math.cos(angle)]\n"
        "        rows.append(row)\n"
        "    return rows",
        f"{_SINUSOIDS}    z = np.exp(1j * p * {FREQUENCIES})\n"
        "    return np.stack([z.imag, z.real], axis=-1).reshape(time, features)",
    ],
    "08.shift": [
        _shift(SINES, COSINES),
        f"{_SHIFT}    z = (stamps[:, 1::2] + 1j * stamps[:, 0::2]) * np.exp(1j * k * w)\n"
        "    out = np.empty_like(stamps)\n    out[:, 1::2], out[:, 0::2] = z.real, z.imag\n    return out",
        f"{_SHIFT}    angle = np.arctan2(stamps[:, 0::2], stamps[:, 1::2]) + k * w\n"
        "    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(stamps.shape)",
    ],
    "08.layer": [
        _layer(),
        "class Positions(layers.Layer):\n"
        "    def __init__(self, features, rate=0.1, longest=5000):\n"
        "        super().__init__()\n"
        "        self.frequencies = (10000.0 ** (-np.arange(0, features, 2) / features)).astype('float32')\n"
        "        self.dropout = layers.Dropout(rate)\n"
        "    def call(self, x, training=None):\n"
        "        time, features = ops.shape(x)[1], x.shape[2]\n"
        "        angles = ops.cast(ops.arange(time), 'float32')[:, None] * self.frequencies\n"
        "        stamps = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)\n"
        "        return self.dropout(x + ops.reshape(stamps, (1, time, features)), training=training)",
    ],
    "08.suspect": [
        _tests(),
        f"{_TESTS}    a, b = (build(vocab_size, ff_dim=f) for f in (256, 512))\n"
        "    moved = lm.reach(b, ids, vocab_size=vocab_size)\n"
        "    return a.count_params() != b.count_params(), bool(np.triu(moved, 1).any())",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
    "08.sinusoids": [
        (f"{_SINUSOIDS}    return np.zeros((time, features))", "no_waves"),
        (f"{_SINUSOIDS}    a = p * {FREQUENCIES}\n    return np.concatenate([np.sin(a), np.cos(a)], axis=1)",
         "concatenated"),
        (_sinusoids(FREQUENCIES, "1::2", "0::2"), "cosine_first"),
        (f"{_SINUSOIDS}    n = np.arange(features)\n    a = p * base ** (-n / features)\n"
         "    return np.where(n % 2, np.cos(a), np.sin(a))", "no_pairs"),
        (_sinusoids("base ** (-2 * np.arange(0, features, 2) / features)"), "twice_as_fast"),
        (_sinusoids("base ** (-np.arange(features // 2) / features)"), "half_the_exponent"),
        (_sinusoids("base ** (np.arange(0, features, 2) / features)"), "growing"),
        (_sinusoids(FREQUENCIES, places="(p + 1)"), "from_one"),
        (_sinusoids("10000.0 ** (-np.arange(0, features, 2) / features)"), "fixed_base"),
        (_sinusoids("base ** (-np.arange(2, features + 2, 2) / features)"), "pair_from_one"),
        (_sinusoids(f"2 * np.pi * {FREQUENCIES}"), "two_pi"),
        (_sinusoids(FREQUENCIES).replace("np.cos(angles)", "0"), "no_cosines"),
        (_sinusoids(FREQUENCIES).replace("np.cos(angles)", "np.sin(angles)"), "sines_twice"),
        (_sinusoids(FREQUENCIES, ":features // 2", "1::2"), "value"),
    ],
    "08.shift": [
        (f"{_SHIFT}    return stamps", "unchanged"),
        (f"{_SHIFT}    a = (np.arange(len(stamps)) + k)[:, None] * w\n"
         "    return np.stack([np.sin(a), np.cos(a)], axis=-1).reshape(stamps.shape)", "from_zero"),
        (_shift("s * np.cos(t) - c * np.sin(t)", "c * np.cos(t) + s * np.sin(t)"), "wrong_way"),
        (_shift(SINES, COSINES, turn="k"), "one_angle"),
        (_shift(SINES, COSINES, turn="w"), "one_step"),
        (_shift(SINES, COSINES, turn="abs(k) * w"), "wrong_way"),
        (_shift(SINES, f"c * np.cos(t) - ({SINES}) * np.sin(t)"), "new_sines"),
        (_shift("s * np.cos(t) - c * np.sin(t)", COSINES), "both_minus"),
        (_shift(SINES, "c * np.cos(t) + s * np.sin(t)"), "both_plus"),
        (f"{_SHIFT}    t, h = k * w, features // 2\n    s, c = stamps[:, :h], stamps[:, h:]\n"
         f"    return np.concatenate([{SINES}, {COSINES}], axis=1)", "halves"),
        (f"{_SHIFT}    a = k * w\n    return stamps + np.stack([np.sin(a), np.cos(a)], axis=-1).reshape(-1)", "added"),
        (f"{_SHIFT}    return np.roll(stamps, -k, axis=0)", "rolled"),
        (f"{_SHIFT}    stamps[:, 0::2] *= np.cos(k * w)\n    return stamps", "changed_input"),
    ],
    "08.layer": [
        (_layer("place", "int", rows=True, rows_of_table="[None, :, :]", training="True"), "whole_table"),
        (_layer("place", "int", rows=True, training="True"), "whole_numbers"),
        (_layer("place", "float", rows=True, training="True"), "by_place"),
        (_layer(rows=True, training="True"), "in_rows"),
        (_layer(rows_of_table="[None, : ops.shape(x)[0], :]"), "other_rows"),
        (_layer(sine="1::2", cosine="0::2"), "cosine_first"),
        (_layer().replace("(dimension // 2)", "dimension"), "no_pairs"),
        (_layer(training="True"), "always_drops"),
        (_layer(training="False"), "never_drops"),
        (_layer().replace("layers.Dropout(rate)", "layers.Dropout(0.3)"), "rate"),
        (_layer(sine=": features // 2", cosine="features // 2 :"), "value"),
        (_layer().replace("x + self.table", "x + 2 * self.table"), "value"),
        (_layer().replace("x + self.table", "2 * x + self.table"), "by_batch"),
        ("Positions = 3", "no_layer"),
    ],
    "08.suspect": [
        (_tests(answer="talk, counts"), "swapped"),
        (_tests("build(vocab_size, ff_dim=256).count_params() == build(vocab_size, ff_dim=512).count_params()"),
         "equal_counts"),
        (_tests("build(vocab_size, num_layers=1).count_params() != build(vocab_size, num_layers=2).count_params()"),
         "other_argument"),
        (_tests("build(vocab_size).count_params() != build(vocab_size, ff_dim=256).count_params()"), "never_counts"),
        (_tests(talk="bool(moved.any())"), "diagonal"),
        (_tests(talk="not (moved & ~np.eye(6, dtype=bool)).any()"), "negated"),
        (_tests(talk="bool(np.tril(moved, -1).any())"), "past_only"),
        (_tests(counts="None"), "half_done"),
        (_tests(answer="counts"), "pair"),
        (_tests(answer="int(counts), talk"), "kind"),
    ],
}  # fmt: skip

EQUIVALENT = {
    "08.sinusoids": {
        "line 3: np.zeros((time, features)) → np.ones((time, features))": "every column is written afterwards",
    },
    "08.layer": {
        "line 9: np.zeros((longest, features)) → np.ones((longest, features))": "every column is written afterwards",
        "line 11: 1::2 → ::2": "a pair has one angle: its even column holds the same as its odd one",
        "line 11: 1 → 0": "a pair has one angle: its even column holds the same as its odd one",
    },
}
ACCEPTED: dict[str, dict[str, str]] = {
    "08.layer": {"line 4: 5000 → 5001": "room for one place more does no harm"},
    "08.suspect": {
        "line 8: 512 → 513": "any two widths tell whether the argument is used",
        "line 8: 512 → 511": "any two widths tell whether the argument is used",
    },
}
