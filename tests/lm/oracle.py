"""The whole Transformer once more in NumPy, from the formulas: the oracle that the Keras model is held against."""

import math

import numpy as np

_erf = np.vectorize(math.erf)


def layer_norm(x: np.ndarray, gain: np.ndarray, shift: np.ndarray | float = 0.0) -> np.ndarray:
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-5) * gain + shift


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def positions(time: int, width: int) -> np.ndarray:
    pattern = np.zeros((time, width))
    for p in range(time):
        for i in range(width // 2):
            pattern[p, 2 * i] = math.sin(p / 10000 ** (2 * i / width))
            pattern[p, 2 * i + 1] = math.cos(p / 10000 ** (2 * i / width))
    return pattern


def attention(x: np.ndarray, qkv: list[np.ndarray], outputs: list[np.ndarray], num_heads: int) -> np.ndarray:
    """Head by head, place by place; qkv and outputs are [kernel] or [kernel, bias]."""
    batch, time, width = x.shape
    size = width // num_heads
    projected = linear(x, qkv)
    result = np.zeros_like(x)
    for b in range(batch):
        for h in range(num_heads):
            columns = slice(h * size, (h + 1) * size)
            q, k, v = (projected[b, :, part * width : (part + 1) * width][:, columns] for part in range(3))
            for t in range(time):
                weights = softmax(q[t] @ k[: t + 1].T / math.sqrt(size))
                result[b, t, columns] = weights @ v[: t + 1]
    return linear(result, outputs)


def linear(x: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    return x @ weights[0] + (weights[1] if len(weights) > 1 else 0.0)


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def transformer(model, ids: np.ndarray) -> np.ndarray:
    """Logits of a greenlm_edu Transformer, read from its weights alone."""

    def weights(layer) -> list[np.ndarray]:
        return [np.asarray(weight, np.float64) for weight in layer.get_weights()]

    table = weights(model.token_embedding)[0]
    width = table.shape[1]
    x = table[ids] * math.sqrt(width) + positions(ids.shape[1], width)
    for block in model.blocks:
        normal = layer_norm(x, *weights(block.norm_before_attention))
        qkv, outputs = weights(block.attention.inputs_to_qkv), weights(block.attention.heads_to_outputs)
        x = x + attention(normal, qkv, outputs, model.num_heads)
        normal = layer_norm(x, *weights(block.norm_before_feed_forward))
        x = x + linear(gelu(linear(normal, weights(block.feed_forward.widen))), weights(block.feed_forward.narrow))
    x = layer_norm(x, *weights(model.last_norm))
    return x @ table.T if model.head is None else linear(x, weights(model.head))
