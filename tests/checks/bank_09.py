"""Right and wrong answers to lesson 09's exercises."""

RIGHT = {
    "09.bits": [
        "def bits(nats):\n    return nats * np.log2(np.e)",
        "import math\nbits = lambda nats: math.log2(math.exp(nats))",
    ],
}
# (code, the key of the hint that it must get)
WRONG = {
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
