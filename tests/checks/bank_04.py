"""Right and wrong answers to lesson 04's exercises."""

_CE = "def cross_entropy(logits, targets):\n"
_REFUSE = (
    "    if (targets < 0).any() or (targets >= logits.shape[1]).any():\n        raise ValueError('no such token')\n"
)
_SHIFT = "    s = logits - logits.max(axis=1, keepdims=True)\n    rows = np.arange(len(targets))\n"

_GRAD = """def gradient(x, weights, targets):
    z = x @ weights
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y = np.eye(weights.shape[1])[targets]
"""

_ADAM = """def adam_step(w, g, m, v, t, learning_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
"""
_BOTH = "    a, b = m / (1 - beta_1**t), v / (1 - beta_2**t)\n"

_DROP = "def dropout(x, uniform, rate, training=True):\n"
_RATE = "    if rate < 0 or rate >= 1:\n        raise ValueError('rate')\n"
_EVAL = "    if not training:\n        return x\n"

RIGHT = {
    "04.cross_entropy": [
        _CE
        + _REFUSE
        + _SHIFT
        + "    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))\n    return -log_p[rows, targets].mean()",
        _CE
        + _REFUSE
        + "    right = np.take_along_axis(logits, targets[:, None], axis=1)[:, 0]\n"
        + "    return float(np.mean(np.logaddexp.reduce(logits, axis=1) - right))",
        """import math
def cross_entropy(logits, targets):
    total = 0.0
    for row, y in zip(logits.tolist(), targets.tolist()):
        if not 0 <= y < len(row):
            raise ValueError(y)
        top = max(row)
        total += top + math.log(sum(math.exp(z - top) for z in row)) - row[y]
    return total / len(targets)""",
    ],
    "04.gradient": [
        _GRAD + "    return x.T @ (p - y) / len(targets)",
        _GRAD + "    return np.einsum('bf,bv->fv', x, p - y) / x.shape[0]",
        """def gradient(x, weights, targets):
    total = np.zeros_like(weights)
    for row, y in zip(x, targets):
        z = row @ weights
        p = np.exp(z - z.max())
        p = p / p.sum()
        p[y] -= 1
        total += np.outer(row, p)
    return total / len(x)""",
    ],
    "04.learning_rate_limit": [
        "def learning_rate_limit(x):\n    return len(x) / np.linalg.eigvalsh(x.T @ x).max()",
        "def learning_rate_limit(x):\n    return len(x) / np.linalg.norm(x, 2) ** 2",
        "def learning_rate_limit(x):\n    return len(x) / np.linalg.eigvalsh(x @ x.T)[-1]",
    ],
    "04.adam": [
        _ADAM + _BOTH + "    return w - learning_rate * a / (epsilon + b**0.5), m, v",
        """def adam_step(w, g, m, v, t, learning_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    m = m + (1 - beta_1) * (g - m)
    v = v + (1 - beta_2) * (g * g - v)
    part = np.sqrt(1 - beta_2**t)
    return w - learning_rate * part / (1 - beta_1**t) * m / (np.sqrt(v) + epsilon * part), m, v""",
    ],
    "04.dropout": [
        _DROP + _RATE + _EVAL + "    return np.where(uniform < rate, 0.0, x / (1 - rate))",
        _DROP
        + _RATE
        + _EVAL
        + "    out = np.array(x)\n    out[uniform < rate] = 0\n    out *= 1 / (1 - rate)\n    return out",
        """def dropout(x, uniform, rate, training=True):
    if not 0 <= rate < 1:
        raise ValueError("rate")
    keep = 1 - rate if training else 1
    mask = np.array([[float(u >= rate) for u in row] for row in uniform]) if training else 1
    return x * mask / keep""",
    ],
}

# (code, the key of the hint that it must get)
WRONG = {
    "04.cross_entropy": [
        (_CE + "    pass", "not_done"),
        (_CE + _SHIFT + "    return -(np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).mean()", "negative"),
        (
            _CE + _SHIFT + "    return (np.log(np.exp(s).sum(axis=1)) - logits[rows, targets]).mean()",
            "right_not_shifted",
        ),
        (
            _CE + _SHIFT + "    return (np.log(np.exp(logits).sum(axis=1)) - s[rows, targets]).mean()",
            "sum_not_shifted",
        ),
        (_CE + _SHIFT + "    return np.log(np.exp(s).sum(axis=1)).mean()", "no_target"),
        (_CE + _SHIFT + "    return (np.log2(np.exp(s).sum(axis=1)) - s[rows, targets] / np.log(2)).mean()", "bits"),
        (_CE + _SHIFT + "    return np.exp((np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).mean())", "perplexity"),
        (_CE + _SHIFT + "    return (np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).sum()", "sum"),
        (_CE + _SHIFT + "    return np.log(np.exp(s).sum(axis=1)) - s[rows, targets]", "each"),
        (
            _CE + _SHIFT + "    return (np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).sum() / logits.size",
            "mean_over_vocab",
        ),
        (
            _CE
            + _SHIFT
            + "    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)\n    return p[rows, targets].mean()",
            "probability",
        ),
        (
            _CE
            + _SHIFT
            + "    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)\n    return -np.log(p[rows, targets].mean())",
            "log_of_mean",
        ),
        (
            _CE + "    s = logits - logits.max(axis=0)\n    log_sum = np.log(np.exp(logits).sum(axis=0))\n"
            "    return (log_sum[targets] - logits[np.arange(len(targets)), targets]).mean()",
            "wrong_axis",
        ),
        (
            _CE + "    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\n"
            "    return -np.log(p[np.arange(len(targets)), targets]).mean()",
            "overflow",
        ),
        (
            _CE + "    s = logits - logits.max()\n    rows = np.arange(len(targets))\n"
            "    return (np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).mean()",
            "one_shift",
        ),
        (
            _CE + _SHIFT + "    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)\n"
            "    return -np.log(np.clip(p[rows, targets], 1e-7, 1)).mean()",
            "clipped",
        ),
        (_CE + _SHIFT + "    return (np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).mean()", "label_accepted"),
        (
            _CE
            + "    if targets.min() < 0:\n        raise ValueError\n"
            + _SHIFT
            + "    return (np.log(np.exp(s).sum(axis=1)) - s[rows, targets]).mean()",
            "wrong_error",
        ),
        (_CE + _SHIFT + "    return (np.log(np.exp(s).sum()) - s[rows, targets]).mean()", "one_sum"),
        (_CE + _SHIFT + "    return (np.log(np.exp(logits).sum()) - logits[rows, targets]).mean()", "one_sum"),
        (
            _CE + "    s = logits - logits.max()\n    rows = np.arange(len(targets))\n"
            "    return (np.log(np.exp(s).sum()) - s[rows, targets]).mean()",
            "one_sum",
        ),
        (_CE + _SHIFT + "    return (np.log(np.exp(s).sum(axis=1)) - s[:, targets]).mean()", "all_rows"),
        (_CE + "    return (np.log(np.exp(logits).sum(axis=1)) - logits[:, targets]).mean()", "all_rows"),
        (
            _CE + _SHIFT + "    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)\n"
            "    return -np.log(p[rows, targets]).mean()",
            "log_of_zero",
        ),
        (_CE + "    return logits[targets]", "shape"),
    ],
    "04.gradient": [
        (_GRAD + "    pass", "not_done"),
        (_GRAD + "    return x.T @ (y - p) / len(x)", "sign"),
        (_GRAD + "    return x.T @ (p - y)", "sum"),
        (_GRAD + "    return (p - y).T @ x / len(x)", "transposed"),
        (_GRAD + "    return x.T @ p / len(x)", "no_truth"),
        (_GRAD + "    return x.T @ (p - y) / y.size", "all_elements"),
        (_GRAD + "    p[:, targets] -= 1\n    return x.T @ p / len(x)", "all_rows"),
        (_GRAD + "    return x.T @ (z - y) / len(x)", "logits_for_probabilities"),
        (_GRAD + "    return (p - y) / len(x)", "only_logits"),
        (
            _GRAD + "    e = np.exp(z)\n    p = e / e.sum(axis=0)\n    return x.T @ (p - y) / len(x)",
            "wrong_axis",
        ),
        (
            _GRAD + "    d = 2 * p * ((p - y) - (p * (p - y)).sum(axis=1, keepdims=True))\n    return x.T @ d / len(x)",
            "squared_error",
        ),
        (
            "def gradient(x, weights, targets):\n    e = np.exp(x @ weights)\n"
            "    p = e / e.sum(axis=1, keepdims=True)\n"
            "    return x.T @ (p - np.eye(weights.shape[1])[targets]) / len(x)",
            "overflow",
        ),
        (_GRAD + "    p = e / e.sum()\n    return x.T @ (p - y) / len(x)", "one_sum"),
        (
            _GRAD + "    e = np.exp(z)\n    p = e / e.sum()\n    return x.T @ (p - y) / len(x)",
            "one_sum",
        ),
        (_GRAD + "    return x.T @ (p - y) / weights.shape[1]", "by_vocab"),
        (_GRAD + "    return x.T @ (p - y) / x.shape[1]", "by_features"),
        (_GRAD + "    return (p - y).mean(axis=0)", "shape"),
    ],
    "04.learning_rate_limit": [
        ("def learning_rate_limit(x):\n    pass", "not_done"),
        ("def learning_rate_limit(x):\n    return 1 / np.linalg.eigvalsh(2 * x.T @ x / len(x))[-1]", "one_over"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(2 * x.T @ x / len(x))[0]", "flattest"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]", "second_derivative"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(2 * x.T @ x)[-1]", "sum"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(x.T @ x)[-1]", "sum_without_two"),
        ("def learning_rate_limit(x):\n    return np.linalg.eigvalsh(2 * x.T @ x / len(x))[-1]", "curvature"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.svd(x)[1][0]", "singular_values"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(2 * x.T @ x / len(x))", "every_border"),
        ("def learning_rate_limit(x):\n    return 2 / np.diag(2 * x.T @ x / len(x)).max()", "axes_only"),
        ("def learning_rate_limit(x):\n    return 2 / np.trace(2 * x.T @ x / len(x))", "trace"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(2 * x.T @ x / x.shape[1])[-1]", "by_features"),
        ("def learning_rate_limit(x):\n    return 2 / np.linalg.eigvalsh(x)[-1]", "exception"),
        ("def learning_rate_limit(x):\n    return 0.2", "value"),
    ],
    "04.adam": [
        (
            _ADAM + "    a, b = m / (1 - beta_1), v / (1 - beta_2)\n"
            "    return w - learning_rate * a / (np.sqrt(b) + epsilon), m, v",
            "no_exponent",
        ),
        (
            _ADAM + "    a, b = m / (1 - beta_1) ** t, v / (1 - beta_2) ** t\n"
            "    return w - learning_rate * a / (np.sqrt(b) + epsilon), m, v",
            "outside_bracket",
        ),
        (_ADAM + "    return w - learning_rate * m / (np.sqrt(v) + epsilon), m, v", "none"),
        (
            _ADAM + "    a = m / (1 - beta_1**t)\n    return w - learning_rate * a / (np.sqrt(v) + epsilon), m, v",
            "only_m",
        ),
        (
            _ADAM + "    b = v / (1 - beta_2**t)\n    return w - learning_rate * m / (np.sqrt(b) + epsilon), m, v",
            "only_v",
        ),
        (
            _ADAM + "    a, b = m / (1 - beta_1**t), v / (1 - beta_2)\n"
            "    return w - learning_rate * a / (np.sqrt(b) + epsilon), m, v",
            "half_mended",
        ),
        (
            _ADAM + "    t = t + 1\n" + _BOTH + "    return w - learning_rate * a / (np.sqrt(b) + epsilon), m, v",
            "counts_from_zero",
        ),
        (
            _ADAM + "    a, b = m / (1 - beta_1 ** (t - 1)), v / (1 - beta_2 ** (t - 1))\n"
            "    return w - learning_rate * a / (np.sqrt(b) + epsilon), m, v",
            "zero_exponent",
        ),
        (_ADAM + _BOTH + "    return w - learning_rate * a / np.sqrt(b + epsilon), m, v", "inside_root"),
        (_ADAM + _BOTH + "    return w - learning_rate * a / (b + epsilon), m, v", "no_root"),
        (_ADAM + _BOTH + "    return w + learning_rate * a / (np.sqrt(b) + epsilon), m, v", "uphill"),
        (
            _ADAM + "    rate = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)\n"
            "    return w - rate * m / (np.sqrt(v) + epsilon), m, v",
            "keras_epsilon",
        ),
        (
            _ADAM + "    m, v = m / (1 - beta_1**t), v / (1 - beta_2**t)\n"
            "    return w - learning_rate * m / (np.sqrt(v) + epsilon), m, v",
            "corrected_kept",
        ),
        (
            _ADAM.replace("g**2", "g")
            + _BOTH
            + "    return w - learning_rate * a / (np.sqrt(np.abs(b)) + epsilon), m, v",
            "not_squared",
        ),
        (_ADAM + _BOTH + "    return w - learning_rate * a / (np.sqrt(b) + epsilon)", "three"),
    ],
    "04.dropout": [
        (_DROP + "    pass", "not_done"),
        (_DROP + _RATE + _EVAL + "    return x * (uniform >= rate) / rate", "one_over_rate"),
        (_DROP + _RATE + _EVAL + "    return x * (uniform >= rate)", "not_scaled"),
        (_DROP + _RATE + _EVAL + "    return x * (uniform >= rate) * (1 - rate)", "scaled_down"),
        (_DROP + _RATE + _EVAL + "    return x * (uniform < rate) / (1 - rate)", "kept_the_wrong_ones"),
        (_DROP + _RATE + _EVAL + "    return x * (uniform < rate) / rate", "kept_and_scaled_by_rate"),
        (_DROP + _RATE + _EVAL + "    return x / (1 - rate)", "no_dropping"),
        (_DROP + _RATE + "    return x", "nothing"),
        (_DROP + _RATE + _EVAL + "    return x * (uniform > rate) / (1 - rate)", "edge"),
        (_DROP + _RATE + "    return x * (uniform >= rate) / (1 - rate)", "drops_in_evaluation"),
        (
            _DROP + _RATE + "    if not training:\n        return x * (1 - rate)\n"
            "    return x * (uniform >= rate) / (1 - rate)",
            "scales_in_evaluation",
        ),
        (_DROP.replace("True", "False") + _RATE + _EVAL + "    return x * (uniform >= rate) / (1 - rate)", "default"),
        (
            _DROP + _RATE + _EVAL + "    x[uniform < rate] = 0\n    return x / (1 - rate)",
            "changed_input",
        ),
        (_DROP + _EVAL + "    return x * (uniform >= rate) / (1 - rate)", "rate_accepted"),
        (
            _DROP + "    assert 0 <= rate < 1\n" + _EVAL + "    return x * (uniform >= rate) / (1 - rate)",
            "wrong_error",
        ),
    ],
}

EQUIVALENT: dict[str, dict[str, str]] = {}
ACCEPTED: dict[str, dict[str, str]] = {}
