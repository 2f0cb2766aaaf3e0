"""Right and wrong answers to lesson 01's exercises."""

RIGHT = {
    "01.bigram": [
        """def bigram(tokens):
    table = {}
    for first, second in zip(tokens, tokens[1:]):
        table.setdefault(first, Counter())[second] += 1
    return {(a, b): n / sum(row.values()) for a, row in table.items() for b, n in row.items()}""",
        """def bigram(tokens):
    pairs = Counter(pairwise(tokens))
    histories = Counter()
    for (first, second), times in pairs.items():
        histories[first] += times
    return {pair: times / histories[pair[0]] for pair, times in pairs.items()}""",
        """from fractions import Fraction
def bigram(tokens):
    pairs = list(pairwise(tokens))
    return {p: float(Fraction(pairs.count(p), sum(q[0] == p[0] for q in pairs))) for p in pairs}""",
        """from fractions import Fraction
def bigram(tokens):
    pairs, histories = Counter(pairwise(tokens)), Counter(tokens[:-1])
    return {(a, b): Fraction(pairs[a, b], histories[a]) for a, b in pairs}""",
    ],
    "01.sample": [
        """def pick(probabilities, u):
    if abs(sum(probabilities) - 1) > 1e-6:
        raise ValueError("not a distribution")
    end, last = 0.0, None
    for token, probability in enumerate(probabilities):
        if probability > 0:
            end, last = end + probability, token
            if u < end:
                break
    return last""",
        """def pick(probabilities, u):
    p = np.asarray(probabilities)
    if not 0.999 < p.sum() < 1.001:
        raise ValueError(p)
    possible = np.flatnonzero(p)
    return possible[min((np.cumsum(p[possible]) <= u).sum(), len(possible) - 1)]""",
    ],
    "01.total_probability": [
        """def third_given_first(counts, first):
    if counts[first].sum() == 0:
        raise ValueError("never")
    return counts[first].sum(axis=0) / counts[first].sum()""",
        """def third_given_first(counts, first):
    after = counts[first]
    if after.sum() == 0:
        raise ValueError(first)
    mixed = np.zeros(after.shape[1])
    for row in after:
        if row.sum() > 0:
            mixed += row / row.sum() * row.sum() / after.sum()
    return list(mixed)""",
    ],
    "01.log_likelihood": [
        """import math
def log_likelihood(ids, start, table):
    total = 0.0
    for place, token in enumerate(ids):
        p = start[token] if place == 0 else table[ids[place - 1], token]
        if p == 0:
            return -math.inf
        total += math.log(p)
    return total""",
        """def log_likelihood(ids, start, table):
    factors = [start[ids[0]]] if len(ids) else []
    factors += [table[a, b] for a, b in zip(ids[:-1], ids[1:])]
    return np.log(np.array(factors)).sum()""",
    ],
    "01.add_k": [
        """def smoothed(counts, k):
    raised = counts + k
    return raised / raised.sum(axis=1, keepdims=True)""",
        """def smoothed(counts, k):
    rows = []
    for row in counts:
        rows.append([(n + k) / (sum(row) + k * len(row)) for n in row])
    return rows""",
        "smoothed = lambda counts, k: ((counts.T + k) / (counts.sum(1) + k * counts.shape[-1])).T",
    ],
}

_BIGRAM = """def bigram(tokens):
    pairs = Counter(pairwise(tokens))
    return {(first, second): %s for first, second in pairs}"""
_PICK = """def pick(probabilities, u):
    ends = np.cumsum(probabilities)
    if not np.isclose(ends[-1], 1):
        raise ValueError
    %s"""
_CUT = "    last = np.flatnonzero(probabilities)[-1]\n    return min(np.searchsorted(ends, u, side='right'), last)"
_TOTAL = """def third_given_first(counts, first):
    if counts[first].sum() == 0:
        raise ValueError
    after = counts[first]
    seconds = after.sum(axis=1)
    conditionals = after / np.maximum(seconds, 1)[:, None]
    return %s"""
_LOG = """def log_likelihood(ids, start, table):
    if len(ids) == 0:
        return 0.0
    with np.errstate(divide="ignore"):
        steps = np.log(table[ids[:-1], ids[1:]])
        first = np.log(start[ids[0]])
        return %s"""
_ADD_K = "def smoothed(counts, k):\n    total = counts.sum(axis=1, keepdims=True)\n    return %s"

# (code, the key of the hint that it must get)
WRONG = {
    "01.bigram": [
        ("def bigram(tokens):\n    return None", "not_done"),
        (_BIGRAM % "pairs[first, second] / tokens.count(first)", "last_token"),
        (_BIGRAM % "pairs[first, second] / Counter(tokens)[first]", "last_token"),
        (_BIGRAM % "pairs[first, second] / (len(tokens) - 1)", "joint"),
        (_BIGRAM % "pairs[first, second] / len(tokens)", "joint"),
        (_BIGRAM % "pairs[first, second] / Counter(tokens[1:])[second]", "backwards"),
        (_BIGRAM % "pairs[first, second]", "counts"),
        (_BIGRAM % "pairs[first, second] / Counter(a for a, b in pairs)[first]", "distinct"),
        (_BIGRAM % "tokens.count(second) / len(tokens)", "no_history"),
        (_BIGRAM.replace("(first, second): %s", "(second, first): 1.0"), "reversed_keys"),
        ("def bigram(tokens):\n    return [0.5]", "kind"),
        ("def bigram(tokens):\n    return {a: {b: 1.0} for a, b in pairwise(tokens)}", "nested"),
        ("def bigram(tokens):\n    return {(a, b): 0.5 for a in tokens for b in tokens}", "pairs"),
        ("def bigram(tokens):\n    return {a: 0.5 for a in tokens}", "pairs"),
        (
            "def bigram(tokens):\n    if len(tokens) < 2:\n        return {(None, None): 1.0}\n"
            "    h = Counter(tokens[:-1])\n    return {p: n / h[p[0]] for p, n in Counter(pairwise(tokens)).items()}",
            "too_short",
        ),
        (_BIGRAM % "1 / len({b for a, b in pairs if a == first})", "value"),
    ],
    "01.sample": [
        ("def pick(probabilities, u):\n    return None", "not_done"),
        (_PICK % "return int(np.argmax(probabilities))", "likeliest"),
        (_PICK % "return probabilities[np.searchsorted(ends, u, side='right')]", "fraction"),
        (_PICK % "return int(np.searchsorted(ends, u, side='right')) + 1", "one_too_large"),
        (_PICK % "return int(np.searchsorted(ends, u, side='right')) - 1", "one_too_small"),
        (_PICK % "return int(np.searchsorted(ends, u))", "left_end"),
        (
            _PICK % "return 0 if u == 0 else int(np.searchsorted(ends - 1e-12, u, side='right'))",
            "impossible",
        ),
        (_PICK % "return int(np.searchsorted(ends, u, side='right'))", "last"),
        (
            _PICK % "return min(int(np.searchsorted(ends, u, side='right')), len(ends) - 1)",
            "last",
        ),
        (
            "def pick(probabilities, u):\n    ends = np.cumsum(probabilities)\n" + _CUT,
            "refuse",
        ),
        (
            "def pick(probabilities, u):\n    ends = np.cumsum(probabilities) / np.sum(probabilities)\n" + _CUT,
            "refuse",
        ),
        (_PICK % "return np.random.default_rng(0).choice(len(ends), p=probabilities)", "one_too_large"),
        (_PICK % "return 'the'", "kind"),
        (
            "def pick(probabilities, u):\n    if np.sum(probabilities) != 1:\n        raise ValueError\n"
            "    ends = np.cumsum(probabilities)\n" + _CUT,
            "exact_sum",
        ),
        (
            "def pick(probabilities, u):\n    if sum(probabilities) != 1:\n        raise ValueError\n"
            "    ends = np.cumsum(probabilities)\n" + _CUT,
            "exact_sum",
        ),
    ],
    "01.total_probability": [
        ("def third_given_first(counts, first):\n    return None", "not_done"),
        (_TOTAL % "counts.sum((0, 2)) / counts.sum() @ conditionals", "published"),
        (
            _TOTAL % "(counts.sum((1, 2)) + counts.sum((0, 2)) + counts.sum((0, 1))) / 3 / counts.sum() @ conditionals",
            "published",
        ),
        (_TOTAL % "conditionals.mean(axis=0)", "plain_mean"),
        (_TOTAL % "conditionals[seconds > 0].mean(axis=0)", "plain_mean"),
        (_TOTAL % "conditionals.sum(axis=0)", "no_weights"),
        (_TOTAL % "after.sum(axis=0) / counts.sum()", "joint"),
        (_TOTAL % "seconds / seconds.sum() @ (after / np.maximum(1, seconds))", "columns"),
        (_TOTAL % "seconds / seconds.sum() @ (after / np.maximum(1, after.sum(axis=0)))", "columns"),
        (_TOTAL % "after.sum(axis=0) / after.sum() @ (after / np.maximum(1, after.sum(axis=0)))", "columns"),
        (_TOTAL % "after.sum(axis=0) / after.sum() @ conditionals", "columns"),
        (_TOTAL % "seconds / seconds.sum()", "second"),
        (_TOTAL % "counts.sum((0, 1)) / counts.sum()", "forgot_first"),
        (_TOTAL % "after.sum(axis=0)", "counts"),
        (_TOTAL % "seconds @ conditionals", "counts"),
        (_TOTAL % "conditionals", "shape"),
        (_TOTAL % "after.max(axis=0) / after.max(axis=0).sum()", "value"),
        (
            "def third_given_first(counts, first):\n    with np.errstate(all='ignore'):\n"
            "        after = counts[first]\n        seconds = after.sum(axis=1)\n        if not seconds.any():\n"
            "            raise ValueError\n        return seconds / seconds.sum() @ (after / seconds[:, None])",
            "never_together",
        ),
        (
            "def third_given_first(counts, first):\n    return counts[first].sum(axis=0) / max(1, counts[first].sum())",
            "refuse",
        ),
        (
            "def third_given_first(counts, first):\n    counts /= counts.sum()\n"
            "    return counts[first].sum(axis=0) / counts[first].sum()",
            "changed_input",
        ),
    ],
    "01.log_likelihood": [
        ("def log_likelihood(ids, start, table):\n    return None", "not_done"),
        (_LOG % "steps.sum()", "first_token"),
        (_LOG % "-(first + steps.sum())", "sign"),
        (_LOG % "(first + steps.sum()) / np.log(2)", "bits"),
        (_LOG % "(first + steps.sum()) / np.log(10)", "digits"),
        (_LOG % "(first + steps.sum()) / len(ids)", "mean"),
        (_LOG % "first + steps.mean() if len(steps) else first", "mean"),
        (_LOG % "np.exp(first + steps.sum())", "product"),
        (_LOG % "start[ids[0]] * table[ids[:-1], ids[1:]].prod()", "product"),
        (_LOG % "first + np.log(table[ids[1:], ids[:-1]]).sum()", "turned"),
        (_LOG % "np.log(start[ids[0]] + table[ids[:-1], ids[1:]].sum())", "log_of_sum"),
        (_LOG % "np.log(start[ids[0]] * table[ids[:-1], ids[1:]].prod())", "underflow"),
        (_LOG % "first + steps.sum() if len(ids) > 1 else 0.0", "first_token"),
        (_LOG.replace("return 0.0", "return 1.0") % "first + steps.sum()", "empty"),
        (_LOG.replace("return 0.0", "raise IndexError") % "first + steps.sum()", "empty"),
        (_LOG % "first + np.log(table[ids[:-1], ids[1:]] + 1e-12).sum()", "impossible"),
        (_LOG % "first + steps[np.isfinite(steps)].sum()", "impossible"),
        (
            "import math\ndef log_likelihood(ids, start, table):\n    if len(ids) == 0:\n        return 0\n"
            "    return math.log(start[ids[0]]) + sum(math.log(table[a, b]) for a, b in zip(ids[:-1], ids[1:]))",
            "impossible",
        ),
    ],
    "01.add_k": [
        ("def smoothed(counts, k):\n    return None", "not_done"),
        (_ADD_K % "(counts + k) / (total + k * (counts > 0).sum(axis=1, keepdims=True))", "seen_types"),
        (_ADD_K % "(counts + k) / total", "numerator_only"),
        (_ADD_K % "(counts + k) / (total + k)", "once"),
        (_ADD_K % "(counts + k) / (total + k * len(counts))", "histories"),
        (_ADD_K % "(counts + k) / (counts.sum() + k * counts.shape[1])", "whole_table"),
        (_ADD_K % "(counts + k) / (counts + k).sum()", "whole_table"),
        (_ADD_K % "(counts + k) / (counts + k).sum(axis=0)", "columns"),
        (
            "def smoothed(counts, k):\n    c = np.where(counts == 0, k, counts)\n"
            "    return c / c.sum(axis=1, keepdims=True)",
            "only_unseen",
        ),
        (_ADD_K % "counts / total", "not_smoothed"),
        (_ADD_K % "(counts + 1) / (total + counts.shape[1])", "value"),
        (
            "def smoothed(counts, k):\n    with np.errstate(all='ignore'):\n"
            "        seen = (counts > 0).sum(axis=1, keepdims=True)\n"
            "        p = (counts + k) / (counts.sum(axis=1, keepdims=True) + k * seen)\n"
            "        return p / p.sum(axis=1, keepdims=True)",
            "never_seen",
        ),
    ],
}
