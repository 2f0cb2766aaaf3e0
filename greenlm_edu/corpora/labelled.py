"""A text and what it is said to be."""

from __future__ import annotations

from dataclasses import dataclass

from greenlm_edu.corpora.draw import Draw

__all__ = ["Labelled", "with_noise"]


@dataclass(frozen=True)
class Labelled:
    """A text with a label to learn, which may be wrong.

    Args:
        text: what a model reads.
        label: what the data set says; train and judge with this one, as you would with any data set.
        true_label: what the text means; None where nobody knows. A model that predicts it perfectly still disagrees
            with `label` as often as that is noisy: no accuracy above 1 − noise is honest.
    """

    text: str
    label: str
    true_label: str | None = None

    @property
    def is_noisy(self) -> bool:
        """Whether the label is known to be wrong."""
        return self.true_label is not None and self.label != self.true_label


def with_noise(text: str, true_label: str, labels: tuple[str, ...], noise: float, draw: Draw) -> Labelled:
    """The text with its label, or, with probability `noise`, with one of the other labels."""
    others = [label for label in labels if label != true_label]
    return Labelled(text, draw.one_of(others) if draw.chance(noise) else true_label, true_label)
