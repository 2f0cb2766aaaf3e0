"""The Transformers once more in NumPy, from the formulas: the oracle that the Keras models are held against.

Everything is in 64 bits. Weights are read from the layers; `changed` can hold others, by the variable's id, so that a
gradient can be had from finite differences.
"""

import math

import numpy as np
from keras import ops

_erf = np.vectorize(math.erf)

changed: dict[int, np.ndarray] = {}

ACTIVATIONS = {
    "gelu": lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2))),
    "gelu_tanh": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "tanh": np.tanh,
}
gelu = ACTIVATIONS["gelu"]


def weights(layer) -> list[np.ndarray]:
    own = [changed.get(id(weight), weight) for weight in layer.weights if "seed" not in weight.path]
    return [np.asarray(x if isinstance(x, np.ndarray) else ops.convert_to_numpy(x), np.float64) for x in own]


def layer_norm(x: np.ndarray, gain: np.ndarray, shift: np.ndarray | float = 0.0) -> np.ndarray:
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-5) * gain + shift


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def linear(x: np.ndarray, kernel_and_bias: list[np.ndarray]) -> np.ndarray:
    return x @ kernel_and_bias[0] + (kernel_and_bias[1] if len(kernel_and_bias) > 1 else 0.0)


def positions(time: int, width: int, layout: str = "interleaved") -> np.ndarray:
    pattern = np.zeros((time, width))
    for p in range(time):
        for i in range(width // 2):
            angle = p / 10000 ** (2 * i / width)
            sine, cosine = (2 * i, 2 * i + 1) if layout == "interleaved" else (i, width // 2 + i)
            pattern[p, sine], pattern[p, cosine] = math.sin(angle), math.cos(angle)
    return pattern


def rotated(vector: np.ndarray, place: int) -> np.ndarray:
    """Pair by pair as complex numbers: turning is multiplying."""
    size = len(vector)
    turns = np.exp(1j * place * 10000.0 ** (-np.arange(0, size, 2) / size))
    turned = (vector[0::2] + 1j * vector[1::2]) * turns
    return np.stack([turned.real, turned.imag], axis=-1).reshape(size)


def heads_attend(query, key, value, num_heads: int, sees) -> np.ndarray:
    """Head by head, place by place; sees(batch, t) is the list of places that place t looks at."""
    batch, time, width = query.shape
    size = width // num_heads
    result = np.zeros_like(query)
    for b in range(batch):
        for h in range(num_heads):
            own = slice(h * size, (h + 1) * size)
            for t in range(time):
                places = sees(b, t)
                scores = np.array([query[b, t, own] @ key[b, s, own] for s in places]) / math.sqrt(size)
                result[b, t, own] = softmax(scores) @ value[b, places][:, own]
    return result


def attention(x, qkv, outputs, num_heads: int, causal: bool = True, mask=None, rotary: bool = False) -> np.ndarray:
    """Self-attention; qkv and outputs are [kernel] or [kernel, bias]."""
    batch, time, width = x.shape
    query, key, value = np.split(linear(x, qkv), 3, axis=-1)
    if rotary:
        size = width // num_heads
        for part in (query, key):
            for b in range(batch):
                for t in range(time):
                    heads = part[b, t].reshape(num_heads, size)
                    part[b, t] = np.concatenate([rotated(head, t) for head in heads])

    def sees(b: int, t: int) -> list[int]:
        seen = [s for s in range(t + 1 if causal else time) if mask is None or mask[b, s]]
        return seen or list(range(time))  # nowhere to look: everywhere alike, but only padding is ever in this state

    return linear(heads_attend(query, key, value, num_heads, sees), outputs)


def cross_attention(x, memory, query, keys_and_values, outputs, num_heads: int, memory_mask=None) -> np.ndarray:
    key, value = np.split(linear(memory, keys_and_values), 2, axis=-1)

    def sees(b: int, t: int) -> list[int]:
        return [s for s in range(memory.shape[1]) if memory_mask is None or memory_mask[b, s]]

    return linear(heads_attend(linear(x, query), key, value, num_heads, sees), outputs)


def feed_forward(layer, x: np.ndarray) -> np.ndarray:
    return linear(ACTIVATIONS[layer.activation](linear(x, weights(layer.widen))), weights(layer.narrow))


def self_attention_of(layer, x: np.ndarray, mask=None) -> np.ndarray:
    maps = weights(layer.inputs_to_qkv), weights(layer.heads_to_outputs)
    return attention(x, *maps, layer.num_heads, layer.causal, mask, layer.rotary)


def cross_attention_of(layer, x: np.ndarray, memory: np.ndarray, memory_mask=None) -> np.ndarray:
    maps = (weights(m) for m in (layer.inputs_to_query, layer.memory_to_keys_and_values, layer.heads_to_outputs))
    return cross_attention(x, memory, *maps, layer.num_heads, memory_mask)


def block(layer, x: np.ndarray, memory=None, mask=None, memory_mask=None) -> np.ndarray:
    parts = [(layer.attention_norm, lambda y: self_attention_of(layer.attention, y, mask))]
    if layer.cross:
        parts.append(
            (layer.cross_attention_norm, lambda y: cross_attention_of(layer.cross_attention, y, memory, memory_mask))
        )
    parts.append((layer.feed_forward_norm, lambda y: feed_forward(layer.feed_forward, y)))
    for norm, part in parts:
        pre = layer.norm == "pre"
        x = x + part(layer_norm(x, *weights(norm))) if pre else layer_norm(x + part(x), *weights(norm))
    return x


def stack(layer, ids: np.ndarray, memory=None, memory_mask=None) -> np.ndarray:
    """Vectors of a Stack, read from its weights and options alone."""
    options = layer.options
    (table,) = weights(layer.token_embedding)
    time, width, kind = ids.shape[1], table.shape[1], options["positions"]
    x = table[ids]
    if kind == "learned":
        x = x + weights(layer.positions)[0][:time]
    elif kind != "rotary":
        x = x * math.sqrt(width) + positions(time, width, "interleaved" if kind == "sinusoidal" else "concatenated")
    mask = None if options["padding_id"] is None else ids != options["padding_id"]
    for each in layer.blocks:
        x = block(each, x, memory, mask, memory_mask)
    return x if layer.last_norm is None else layer_norm(x, *weights(layer.last_norm))


def scores(model, x: np.ndarray) -> np.ndarray:
    return x @ weights(model.decoder.token_embedding)[0].T if model.head is None else linear(x, weights(model.head))


def transformer(model, ids: np.ndarray) -> np.ndarray:
    """Logits of a greenlm_edu Transformer."""
    return scores(model, stack(model.decoder, ids))


def encoder_decoder(model, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Logits of a greenlm_edu EncoderDecoder."""
    padding = model.encoder.options["padding_id"]
    memory_mask = None if padding is None else source != padding
    return scores(model, stack(model.decoder, target, stack(model.encoder, source), memory_mask))


def cross_entropy(logits: np.ndarray, targets: np.ndarray, counted: np.ndarray) -> float:
    """Mean surprise of the targets at the places that count."""
    chosen = np.take_along_axis(softmax(logits), targets[..., None], axis=-1)[..., 0]
    return float(-(np.log(chosen) * counted).sum() / counted.sum())
