"""The published sizes of GPT-2."""

from __future__ import annotations

from typing import Any

from greenlm_edu.lm.check_options import check_choice

__all__ = ["GPT2_SIZES", "gpt2_options"]

GPT2_SIZES = {  # (layers, width, heads)
    "small": (12, 768, 12),  # 124,439,808 parameters
    "medium": (24, 1024, 16),  # 354,823,168
    "large": (36, 1280, 20),  # 774,030,080
    "xl": (48, 1600, 25),  # 1,557,611,200
}


def gpt2_options(size: str) -> dict[str, Any]:
    """What Transformer must be given to have GPT-2's architecture.

    Args:
        size: "small", "medium", "large" or "xl".
    Raises:
        InputError: another size.

    >>> gpt2_options("small")["width"]
    768

    Source: Radford et al. 2019, section 2.3 and table 2.
    """
    check_choice("gpt2", "size", size, GPT2_SIZES)
    num_layers, width, num_heads = GPT2_SIZES[size]
    return {
        "vocab_size": 50_257,
        "context": 1_024,
        "width": width,
        "num_layers": num_layers,
        "num_heads": num_heads,
        "use_bias": True,
        "tied_head": True,
        "positions": "learned",
        "norm": "pre",
        "activation": "gelu_tanh",
    }
