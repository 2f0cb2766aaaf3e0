"""Examples to learn from: three splits that share nothing, and where they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.errors import EmptyCorpus

__all__ = ["Collection", "fingerprint_of"]

Example = TypeVar("Example")


@dataclass(frozen=True)
class Collection(Generic[Example]):
    """A corpus of separate examples, split for training, for choosing between models, and for the last judgement.

    Args:
        name: what `corpora.load` calls it.
        train: the examples to fit models on.
        validation: the examples to compare models on, as often as you like.
        test: the examples to judge the chosen model on, once.
        licence: the terms under which it may be used and passed on.
        source: where the examples come from, with version or seed.
        datasheet: what to know before learning from it.
    Raises:
        EmptyCorpus: a split holds no examples.
    """

    name: str
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]
    licence: str
    source: str
    datasheet: Datasheet

    def __post_init__(self) -> None:
        for split, size in self.sizes.items():
            if not size:
                raise EmptyCorpus(
                    f"Collection {self.name!r}: each split must hold examples; got an empty {split}. "
                    "Ask for more examples."
                )

    @property
    def sizes(self) -> dict[str, int]:
        """The number of examples in each split."""
        return {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the three splits: two machines that show the same one trained on the same examples."""
        return fingerprint_of([self.train, self.validation, self.test])

    def __repr__(self) -> str:
        sizes = ", ".join(f"{split} {size:,}" for split, size in self.sizes.items())
        return f"Collection({self.name!r}: {sizes} examples; {self.licence}; sha256 {self.fingerprint[:12]}…)"


def fingerprint_of(splits: Iterable[Iterable[Any]]) -> str:
    """SHA-256 of dataclass examples: each field's name and value counts, and to which split an example belongs."""
    content = [[asdict(example) for example in split] for split in splits]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
