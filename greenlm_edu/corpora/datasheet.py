"""What to know of a text before learning from it."""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["Datasheet"]


@dataclass(frozen=True)
class Datasheet:
    """The questions that whoever makes a data set should answer, in short.

    Args:
        motivation: why it was made.
        composition: what an example is, how many there are, what varies.
        making: how it was collected or generated, split and cleaned.
        label_noise: how often a label is wrong, and how that is known; “no labels” where there are none.
        limits: what it must not be taken for.
        uses: what it is recommended for.

    >>> print(Datasheet("To sing.", "One song.", "By ear.", "No labels.", "Short.", "Lessons."))
    motivation    To sing.
    composition   One song.
    making        By ear.
    label noise   No labels.
    limits        Short.
    uses          Lessons.

    Source: Gebru et al. 2021, Datasheets for Datasets.
    """

    motivation: str
    composition: str
    making: str
    label_noise: str
    limits: str
    uses: str

    def __str__(self) -> str:
        return "\n".join(f"{field.name.replace('_', ' '):13s} {getattr(self, field.name)}" for field in fields(self))
