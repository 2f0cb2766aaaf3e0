"""A plain GPT in PyTorch: what ours is measured against, for training and for generation.

Eager PyTorch as its programmers write it: fused attention, and a key-value cache that is allocated once. The same
model as lm.Transformer(…, positions="learned"): `load` takes over its weights, so that both can be held to the same
logits and the same text. Runs in build/oracles, which has PyTorch.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["GPT"]


class Attention(nn.Module):
    """Causal self-attention in several heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.outputs = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, cache: Tensor | None = None, start: int = 0) -> Tensor:
        batch, time, width = x.shape
        qkv = self.qkv(x).view(batch, time, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # (batch, head, time, size) each
        if cache is not None:
            cache[0, :, :, start : start + time] = key
            cache[1, :, :, start : start + time] = value
            key, value = cache[:, :, :, : start + time]
        # A single new token may look everywhere; several start a sequence.
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=time > 1)
        return self.outputs(mixed.transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
    """Attention, then two linear maps, each added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width, bias=False)
        self.attention = Attention(width, heads)
        self.feed_forward_norm = nn.LayerNorm(width, bias=False)
        self.widen = nn.Linear(width, 4 * width, bias=False)
        self.narrow = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, cache: Tensor | None = None, start: int = 0) -> Tensor:
        x = x + self.attention(self.attention_norm(x), cache, start)
        return x + self.narrow(F.gelu(self.widen(self.feed_forward_norm(x))))


class GPT(nn.Module):
    """A decoder-only Transformer: pre-norm, no biases, learned positions, exact GELU, tied head."""

    def __init__(self, vocab: int, context: int, width: int = 128, layers: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.context = context
        self.tokens = nn.Embedding(vocab, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.last_norm = nn.LayerNorm(width, bias=False)
        for name, parameter in self.named_parameters():
            if "norm" not in name:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids: Tensor, caches: list[Tensor] | None = None, start: int = 0) -> Tensor:
        """The logits (batch, time, vocab) of ids (batch, time), whose first stands at place `start`."""
        places = torch.arange(start, start + ids.shape[1])
        x = self.tokens(ids) + self.positions(places)  # (batch, time, width)
        for block, cache in zip(self.blocks, caches or [None] * len(self.blocks), strict=True):
            x = block(x, cache, start)
        return F.linear(self.last_norm(x), self.tokens.weight)

    @torch.inference_mode()
    def generate(self, ids: Tensor, length: int, temperature: float = 1.0) -> Tensor:
        """Ids (batch, time) continued, (batch, time + length), up to the context; temperature 0 is greedy."""
        batch, time = ids.shape
        heads = self.blocks[0].attention.heads
        shape = (2, batch, heads, self.context, self.tokens.embedding_dim // heads)
        caches = [torch.empty(shape) for _ in self.blocks]
        text = torch.empty((batch, time + length), dtype=torch.long)
        text[:, :time] = ids
        new, start = ids, 0
        for place in range(time, time + length):
            logits = self(new, caches, start)[:, -1]  # (batch, vocab)
            if temperature == 0:
                new = logits.argmax(-1, keepdim=True)
            else:
                new = torch.multinomial(F.softmax(logits / temperature, -1), 1)  # (batch, 1)
            text[:, place : place + 1] = new
            start = place
        return text

    def load(self, weights: list[np.ndarray]) -> GPT:
        """Take over the weights of an lm.Transformer with the same options, in the order of its `weights`."""
        own = [self.tokens.weight, self.positions.weight]
        for block in self.blocks:
            own += [block.attention_norm.weight, block.attention.qkv.weight, block.attention.outputs.weight]
            own += [block.feed_forward_norm.weight, block.widen.weight, block.narrow.weight]
        own.append(self.last_norm.weight)
        with torch.no_grad():
            for parameter, values in zip(own, weights, strict=True):
                # Keras keeps a linear map as (inputs, outputs), PyTorch as (outputs, inputs).
                is_table = parameter is own[0] or parameter is own[1]
                parameter.copy_(torch.from_numpy(values if values.ndim == 1 or is_table else values.T))
        return self
