"""A text and what it is to become."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Pair"]


@dataclass(frozen=True)
class Pair:
    """One example for an encoder–decoder.

    Args:
        source: what it reads.
        target: what it shall write.
        kind: which sort of example this is, to see where a model fails.
    """

    source: str
    target: str
    kind: str
