"""Splits that share nothing: no example, and no sentence of an example, stands in two of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from greenlm_edu.errors import InputError

__all__ = ["check_size", "sentences_of", "split_apart"]

Example = TypeVar("Example")


def split_apart(
    candidates: Iterator[Example], examples: int, pieces_of: Callable[[Example], Iterable[str]]
) -> tuple[tuple[Example, ...], tuple[Example, ...], tuple[Example, ...]]:
    """Training, validation and test examples from an endless stream: nine tenths, a twentieth, a twentieth.

    The test split is filled first, then validation, then training. A candidate is thrown away if it was drawn before,
    or if a piece of it stands in another split. Pieces are compared without regard to case and spaces.

    Args:
        candidates: examples, drawn independently.
        examples: how many in all.
        pieces_of: the texts of an example that may stand in one split only.
    Raises:
        InputError: the stream repeats itself so much that a split could not be filled.
    """
    held_out = examples // 20
    owner: dict[str, int] = {}
    drawn: set[Example] = set()
    splits: list[tuple[Example, ...]] = []
    for number, size in enumerate((held_out, held_out, examples - 2 * held_out)):
        taken: list[Example] = []
        in_vain = 0
        while len(taken) < size:
            example = next(candidates)
            pieces = [" ".join(piece.casefold().split()) for piece in pieces_of(example)]
            if example in drawn or any(owner.get(piece, number) != number for piece in pieces):
                in_vain += 1
                if in_vain > 50 * size + 1_000:
                    raise InputError(
                        f"corpora: the generator must be rich enough for the size; got examples={examples}, of which "
                        f"{len(drawn)} were found. Ask for fewer."
                    )
                continue
            drawn.add(example)
            owner.update(dict.fromkeys(pieces, number))
            taken.append(example)
        splits.append(tuple(taken))
    return splits[2], splits[1], splits[0]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text: it ends after . ! or ? before a space.

    >>> sentences_of("It cost 3.50 euros. Why? I don't know!")
    ['It cost 3.50 euros.', 'Why?', "I don't know!"]
    """
    return re.split(r"(?<=[.!?])\s+", text.strip())


def check_size(where: str, examples: int) -> None:
    """Raise InputError unless there is at least one example for each split."""
    if examples < 20:
        raise InputError(f"{where}: examples must be 20 or more; got {examples}. Ask for a larger sample.")
