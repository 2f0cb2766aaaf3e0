"""Right and wrong answers to lesson 02's exercises."""

RIGHT = {
    "02.entropy": [
        "import math\n"
        "def entropy(p):\n"
        "    total = 0.0\n"
        "    for one in p:\n"
        "        if one < 0:\n"
        "            raise ValueError('negative')\n"
        "        total += one\n"
        "    if not math.isclose(total, 1):\n"
        "        raise ValueError(f'sums to {total}')\n"
        "    return sum(one * math.log(1 / one) for one in p if one)",
        "def entropy(p):\n"
        "    if (p < 0).any() or not np.isclose(p.sum(), 1):\n"
        "        raise ValueError('no probabilities')\n"
        "    return -(p * np.log(np.where(p > 0, p, 1))).sum()",
        "import keras\n"
        "def entropy(p):\n"
        "    if p.min() < 0 or abs(p.sum() - 1) > 1e-6:\n"
        "        raise ValueError('no probabilities')\n"
        "    p = p[p > 0].astype('float64')\n"
        "    return np.log(2) * np.dot(p, -np.log2(p))",
    ],
    "02.kl": [
        "import math\n"
        "def kl(p, q):\n"
        "    total = 0.0\n"
        "    for true, model in zip(p, q):\n"
        "        if true == 0:\n"
        "            continue\n"
        "        if model == 0:\n"
        "            return math.inf\n"
        "        total += true * math.log(true / model)\n"
        "    return total",
        "def kl(p, q):\n"
        "    if np.any((p > 0) & (q == 0)):\n"
        "        return float('inf')\n"
        "    both = p > 0\n"
        "    return np.dot(p[both], np.log(p[both] / q[both]))",
        "def kl(p, q):\n"
        "    keep = p > 0\n"
        "    p, q = p[keep], q[keep]\n"
        "    return (p * np.log(p / q)).sum()",  # NumPy warns of the division, and gives infinity
    ],
    "02.entropy_rate": [
        "def entropy_rate(P):\n"
        "    pi = np.ones(len(P)) / len(P)\n"
        "    for _ in range(5000):\n"
        "        pi = pi @ (P + np.eye(len(P))) / 2\n"
        "    bits = P * np.log2(np.where(P > 0, P, 1))\n"
        "    return -(pi @ bits.sum(axis=1))",
        "def entropy_rate(P):\n"
        "    values, vectors = np.linalg.eig(P.T)\n"
        "    pi = np.real(vectors[:, np.argmin(abs(values - 1))])\n"
        "    pi = pi / pi.sum()\n"
        "    return sum(pi[i] * -sum(x * np.log2(x) for x in P[i] if x > 0) for i in range(len(P)))",
    ],
    "02.perplexity_bug": [
        "def perplexity(surprise, real):\n"
        "    nats, tokens = 0.0, 0\n"
        "    for s, r in zip(surprise, real):\n"
        "        nats += s[r == 1].sum()\n"
        "        tokens += r.sum()\n"
        "    if tokens == 0:\n"
        "        raise ValueError('no tokens')\n"
        "    return np.exp(nats / tokens)",
        "import math\n"
        "def perplexity(surprise, real):\n"
        "    kept = [s for s, r in zip(surprise.ravel(), real.ravel()) if r]\n"
        "    if not kept:\n"
        "        raise ValueError('no tokens')\n"
        "    return math.exp(math.fsum(kept) / len(kept))",
        "def perplexity(surprise, real):\n"
        "    if not real.any():\n"
        "        raise ValueError('no tokens')\n"
        "    return np.exp(np.average(np.where(real, surprise, 0), weights=real))",
    ],
    "02.bits_per_character": [
        "import math\n"
        "def bits_per_character(surprises, texts):\n"
        "    nats = sum(math.fsum(s) for s in surprises)\n"
        "    characters = sum(map(len, texts))\n"
        "    if not characters:\n"
        "        raise ValueError('no text')\n"
        "    return nats / math.log(2) / characters",
        "def bits_per_character(surprises, texts):\n"
        "    bits = characters = 0\n"
        "    for surprise, text in zip(surprises, texts):\n"
        "        bits += np.log2(np.e) * np.sum(surprise)\n"
        "        characters += len(text)\n"
        "    if characters < 1:\n"
        "        raise ValueError('no text')\n"
        "    return bits / characters",
    ],
}

_CHECKED = (
    "def entropy(p):\n    if np.any(p < 0) or abs(p.sum() - 1) > 1e-9:\n        raise ValueError('no probabilities')\n"
)
_SURE = "    p = p[p > 0]\n    return -np.sum(p * np.log(p))"
_KL = "def kl(p, q):\n    return "
_RATE = (
    "def entropy_rate(P):\n"
    "    pi = np.ones(len(P)) / len(P)\n"
    "    for _ in range(2000):\n"
    "        pi = pi @ (P + np.eye(len(P))) / 2\n"
    "    bits = P * np.log2(np.where(P > 0, P, 1))\n"
)
_LOOP = "def perplexity(surprise, real):\n    each = []\n    for s, r in zip(surprise, real):\n"
_WHOLE = "def perplexity(surprise, real):\n    return "
_BITS = "def bits_per_character(surprises, texts):\n    nats = sum(map(sum, surprises))\n    return "

# (code, the key of the hint that it must get)
WRONG = {
    "02.entropy": [
        ("def entropy(p):\n    return None", "not_done"),
        (_CHECKED + "    p = p[p > 0]\n    return -np.sum(p * np.log2(p))", "bits"),
        (_CHECKED + "    p = p[p > 0]\n    return np.sum(p * np.log(p))", "sign"),
        (_CHECKED + "    return -np.sum(np.log(p))", "unweighted_sum"),
        (_CHECKED + "    return np.mean(-np.log(p))", "unweighted_mean"),
        (_CHECKED + "    return -np.mean(p * np.log(p))", "divided_by_outcomes"),
        (_CHECKED + "    return -p * np.log(p)", "not_summed"),
        (_CHECKED + "    return np.exp(-np.sum(p * np.log(p)))", "perplexity"),
        (_CHECKED + "    return -np.sum(p * np.log(p))", "zero_times_infinite"),
        (
            "def entropy(p):\n    if sum(p) != 1:\n        raise ValueError('not 1')\n" + _SURE,
            "exact_sum",
        ),
        ("def entropy(p):\n" + _SURE, "sum_not_checked"),
        (
            "def entropy(p):\n    if p.sum() > 1 + 1e-9:\n        raise ValueError('above 1')\n" + _SURE,
            "sum_not_checked",
        ),
        (
            "def entropy(p):\n    if abs(p.sum() - 1) > 1e-9:\n        raise ValueError('not 1')\n" + _SURE,
            "negative_not_checked",
        ),
        (
            "def entropy(p):\n    assert np.all(p >= 0)\n    assert np.isclose(np.sum(p), 1)\n" + _SURE,
            "asserted",
        ),
        ("def entropy(p):\n    print(-np.sum(p * np.log(p)))", "printed"),
    ],
    "02.kl": [
        (_KL + "np.sum(q * np.log(q / p))", "reversed"),
        (_KL + "-np.sum(p * np.log(q))", "cross_entropy"),
        (_KL + "np.sum(p * np.log2(p / q))", "bits"),
        (_KL + "np.sum(p * np.log(q / p))", "sign"),
        (_KL + "np.sum(p * np.log(p)) - np.sum(q * np.log(q))", "entropy_difference"),
        (_KL + "np.sum(np.abs(p * np.log(p / q)))", "absolute"),
        (_KL + "np.sum(np.log(p / q))", "unweighted"),
        (_KL + "p * np.log(p / q)", "not_summed"),
        (_KL + "np.sum(p * np.log(p / q))", "zero_times_infinite"),
        ("def kl(p, q):\n    k = (p > 0) & (q > 0)\n    return np.sum(p[k] * np.log(p[k] / q[k]))", "skips_ruled_out"),
        ("def kl(p, q):\n    k = p > 0\n    return np.sum(p[k] * np.log(p[k] / (q[k] + 1e-12)))", "finite"),
        (
            "def kl(p, q):\n    if np.any(q == 0):\n        return np.inf\n    k = p > 0\n"
            "    return np.sum(p[k] * np.log(p[k] / q[k]))",
            "infinite_too_often",
        ),
        (
            "def kl(p, q):\n    k = p > 0\n    if (q[k] == 0).any():\n        return np.nan\n"
            "    return np.sum(p[k] * np.log(p[k] / q[k]))",
            "nan",
        ),
    ],
    "02.entropy_rate": [
        (_RATE + "    return -bits.sum(axis=1).mean()", "even_shares"),
        (_RATE + "    return -(pi @ bits.sum(axis=1)) * np.log(2)", "nats"),
        (_RATE + "    return -np.sum(pi * np.log2(pi))", "entropy_of_shares"),
        (_RATE + "    return -bits[0].sum()", "started_in_first"),
        (_RATE + "    return -bits.sum()", "not_averaged"),
        (_RATE + "    return pi @ bits.sum(axis=1)", "sign"),
        (_RATE + "    return -bits.sum(axis=1)", "per_state"),
        (
            _RATE + "    P = (P + np.eye(len(P))) / 2\n"
            "    return -(pi @ (P * np.log2(np.where(P > 0, P, 1))).sum(axis=1))",
            "lazy_rows",
        ),
        (  # right where the chain swings in twos, wrong where it swings in threes
            "def entropy_rate(P):\n"
            "    far = np.linalg.matrix_power(P, 1000)\n"
            "    pi = (far + far @ P).mean(axis=0) / 2\n"
            "    return -(pi @ (P * np.log2(np.where(P > 0, P, 1))).sum(axis=1))",
            "swings",
        ),
        (_RATE + "    return -(pi @ bits.sum(axis=0))", "columns"),
        (_RATE + "    return -(pi @ (P * np.log2(P)).sum(axis=1))", "zero_times_infinite"),
        (
            "def entropy_rate(P):\n"
            "    pi = np.ones(len(P)) / len(P)\n"
            "    for _ in range(2000):\n"
            "        pi = pi @ P\n"
            "    return -(pi @ (P * np.log2(np.where(P > 0, P, 1))).sum(axis=1))",
            "swings",
        ),
        ("def entropy_rate(P):\n    return None", "not_done"),
        (
            "def entropy_rate(P):\n    while True:\n        P = P @ P",
            "endless",
        ),
    ],
    "02.perplexity_bug": [
        (_LOOP + "        each.append(np.exp(s.mean()))\n    return np.mean(each)", "both"),
        (_LOOP + "        each.append(np.exp(s[r == 1].mean()))\n    return np.mean(each)", "average_of_perplexities"),
        (_LOOP + "        each.append(s[r == 1].mean())\n    return np.exp(np.mean(each))", "average_of_batches"),
        (_LOOP + "        each.append(s.mean())\n    return np.exp(np.mean(each))", "padding_counted"),
        (
            _LOOP + "        each += [a[b == 1].mean() for a, b in zip(s, r)]\n    return np.exp(np.mean(each))",
            "average_of_rows",
        ),
        (_LOOP + "        each.append(np.exp((s * r).mean()))\n    return np.mean(each)", "masked_mean_of_batches"),
        (_WHOLE + "np.exp(surprise.mean())", "padding_counted"),
        (_WHOLE + "np.exp(surprise[real].mean())", "picked_by_number"),
        (_WHOLE + "np.exp((surprise * real).mean())", "padding_in_the_count"),
        (_WHOLE + "(surprise * real).sum() / real.sum()", "cross_entropy"),
        (_WHOLE + "2 ** ((surprise * real).sum() / real.sum())", "two_to_the_nats"),
        (_WHOLE + "np.exp((surprise * real).sum() / real.sum())", "multiplied_mask"),
        (_WHOLE + "np.exp(surprise[real == 1].mean())", "no_tokens"),
        (_WHOLE + "np.exp(surprise[real == 1])", "shape"),
        (
            "def perplexity(surprise, real):\n    nats = tokens = 0\n    for s, r in zip(surprise, real):\n"
            "        nats += s[r == 1].mean() * r.sum()\n        tokens += r.sum()\n    return np.exp(nats / tokens)",
            "empty_batch",
        ),
    ],
    "02.bits_per_character": [
        ("def bits_per_character(surprises, texts):\n    return None", "not_done"),
        (_BITS + "nats / np.log(2) / sum(len(s) for s in surprises)", "per_token"),
        (_BITS + "nats / sum(len(t) for t in texts)", "nats"),
        (_BITS + "nats * np.log(2) / sum(len(t) for t in texts)", "wrong_way"),
        (_BITS + "nats / np.log(2) / sum(len(t.encode()) for t in texts)", "bytes"),
        (_BITS + "np.mean([sum(s) / len(t) for s, t in zip(surprises, texts)]) / np.log(2)", "mean_of_texts"),
        (
            "def bits_per_character(surprises, texts):\n    for s, t in zip(surprises, texts):\n"
            "        result = sum(s) / np.log(2) / len(t)\n    return result",
            "last_text",
        ),
        (_BITS + "sum(np.mean(s) for s in surprises) / np.log(2) / sum(len(t) for t in texts)", "mean_surprise"),
        (_BITS + "sum(len(t) for t in texts) / (nats / np.log(2))", "upside_down"),
        (_BITS + "nats / np.log(2) / len(texts)", "texts_counted"),
        (_BITS + "nats / np.log(2) / max(1, sum(len(t) for t in texts))", "no_characters"),
    ],
}
