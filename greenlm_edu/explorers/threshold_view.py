"""From scores to decisions: a threshold to move, and what becomes of the four kinds of answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["threshold_view"]

YES, NO, LINE = "#0072B2", "#E69F00", "#C2397B"
BINS: Final = 25


def threshold_view(
    scores: Sequence[float] | np.ndarray,
    labels: Sequence[int] | np.ndarray,
    names: tuple[str, str] = ("no", "yes"),
    threshold: float = 0.5,
) -> Explorer:
    """A threshold between 0 and 1, the confusion matrix that it makes, and precision, recall and F1.

    An example is called positive where its score is at or above the threshold. What would be 0 / 0 counts as 0.

    Args:
        scores: a model's probabilities of the positive class, (examples,).
        labels: 1 for positive and 0 for negative, (examples,).
        names: what the negative and the positive class are called.
        threshold: where the slider stands at first.
    Raises:
        InputError: not one label for each score, none at all, a score outside 0 … 1, or a label other than 0 and 1.
    Lesson: notebooks/06.

    >>> print(threshold_view([0.1, 0.4, 0.6, 0.9], [0, 1, 0, 1]).view().text.splitlines()[2])
    Precision 1 / 2 = 50.0 %, recall 1 / 2 = 50.0 %, F1 50.0 %, accuracy 50.0 %.
    """
    found, truth = _checked(scores, labels)
    if not 0 <= threshold <= 1:
        raise InputError(f"threshold_view: the threshold must be from 0 to 1; got {threshold}. Take 0.5.")
    import ipywidgets

    slider = ipywidgets.FloatSlider(
        value=threshold, min=0.0, max=1.0, step=0.01, description="threshold", layout={"width": "420px"}
    )
    controls: dict[str, Any] = {"threshold": slider}
    return Explorer(
        f"Who is called “{names[1]}”?", controls, lambda threshold: _view(found, truth, names, threshold)
    )  # fmt: skip


def _checked(scores: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    found, truth = np.asarray(scores, np.float64).ravel(), np.asarray(labels).ravel()
    if found.size != truth.size or not found.size:
        raise InputError(
            f"threshold_view: each score must have one label; got {found.size} scores and {truth.size} labels. "
            "Give both for the same examples."
        )
    outside = ~((found >= 0) & (found <= 1))  # nan compares false
    if outside.any():
        raise InputError(
            f"threshold_view: scores must be probabilities from 0 to 1; got {found[outside][0]}. "
            "Put logits through a sigmoid."
        )
    if not np.isin(truth, (0, 1)).all():
        raise InputError(
            f"threshold_view: labels must be 0 or 1; got {truth[~np.isin(truth, (0, 1))][0]}. "
            "Write for example labels == positive."
        )
    return found, truth.astype(int)


def _counts(scores: np.ndarray, labels: np.ndarray, threshold: float) -> np.ndarray:
    """[[true negatives, false positives], [false negatives, true positives]]."""
    called = (scores >= threshold).astype(int)
    counts = np.zeros((2, 2), int)
    np.add.at(counts, (labels, called), 1)
    return counts


def _view(scores: np.ndarray, labels: np.ndarray, names: tuple[str, str], threshold: float) -> View:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.7, 1])
    _histogram(left, scores, labels, names, threshold)
    counts = _counts(scores, labels, threshold)
    _matrix(right, counts, names)
    return View.of_figure(figure, _in_words(counts, names, threshold))


def _histogram(
    axes: Axes, scores: np.ndarray, labels: np.ndarray, names: tuple[str, str], threshold: float
) -> None:  # fmt: skip
    edges = [number / BINS for number in range(BINS + 1)]
    for label, colour, hatch in ((0, NO, ""), (1, YES, "//")):
        axes.hist(
            scores[labels == label], edges, color=colour, alpha=0.65, hatch=hatch, edgecolor="white",
            label=f"labelled “{names[label]}”",
        )  # fmt: skip
    axes.axvline(threshold, color=LINE, linewidth=2, label=f"threshold {threshold:.2f}")
    axes.set(xlabel=f"score: probability of “{names[1]}”", ylabel="examples", xlim=(0, 1))
    axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)


def _matrix(axes: Axes, counts: np.ndarray, names: tuple[str, str]) -> None:
    axes.imshow(counts, cmap="Blues", vmin=0, vmax=max(1, counts.sum()))
    for label in (0, 1):
        for called in (0, 1):
            many = counts[label, called]
            colour = "white" if many > counts.sum() / 2 else "black"
            axes.text(called, label, f"{many:,}", ha="center", va="center", color=colour, fontsize=13)
    axes.set(xticks=[0, 1], yticks=[0, 1], xticklabels=names, yticklabels=names, xlabel="called", ylabel="labelled")


def _in_words(counts: np.ndarray, names: tuple[str, str], threshold: float) -> str:
    (true_no, false_yes), (missed, found) = counts.tolist()
    called, actual = found + false_yes, found + missed
    precision, recall = found / max(1, called), found / max(1, actual)
    f1 = 2 * found / max(1, called + actual)
    lines = [
        f"Called “{names[1]}” where the score is {threshold:.2f} or more: {called:,} of {counts.sum():,} examples.",
        f"Of these {found:,} are labelled so and {false_yes:,} are false alarms; {missed:,} “{names[1]}” are missed; "
        f"{true_no:,} are rightly called “{names[0]}”.",
        f"Precision {found:,} / {called:,} = {100 * precision:.1f} %, recall {found:,} / {actual:,} = "
        f"{100 * recall:.1f} %, F1 {100 * f1:.1f} %, accuracy {100 * (found + true_no) / counts.sum():.1f} %.",
    ]
    if not called:
        lines.append("Nobody is called so: precision would be 0 / 0, and counts as 0.")
    if not actual:
        lines.append(f"No example is labelled “{names[1]}”: recall would be 0 / 0, and counts as 0.")
    return "\n".join(lines)
