"""The mask lab as a picture: what moved when one place was changed, beside what may move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.explorers.explorer import Explorer, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["mask_lab"]

MAY: Final = ("causal", "everything")
MOST_PLACES: Final = 64
BLUE, PINK, AMBER, GREY = "#0072B2", "#C2397B", "#E69F00", "#8A939C"


def mask_lab(
    moved: Any,
    may: Any = "causal",
    changed_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    place: int = 0,
    title: str = "Mask lab",
) -> Explorer:
    """For each place that was changed: which outputs moved, which may, and where the two part.

    Args:
        moved: booleans, (changed places, output places), as `lm.reach` gives them.
        may: what a right model does: "causal" (place s may move outputs t ≥ s), "everything", or booleans like
            `moved`.
        changed_names, output_names: what stands at the places; their numbers if left out.
        place: the changed place that is looked at first.
        title: what is tested.
    Returns:
        an Explorer with the control `place`.
    Raises:
        InputError: another word for `may`, a place that is not there, or more than 64 places.
        ShapeError: no table of booleans, or tables and names of different sizes.
    Lesson: notebooks/07.

    >>> print(mask_lab(np.ones((2, 2), bool), place=1).view().text.splitlines()[-1])
    Changing place 1 moved outputs 0, 1; it may move 1. Wrong: it moved 0, from where it must not be seen.
    """
    table = _booleans(moved, "moved")
    allowed = _allowed(may, table.shape)
    names = _names(changed_names, table.shape[0], "changed_names"), _names(output_names, table.shape[1], "output_names")
    if not 0 <= place < len(table):
        raise InputError(f"mask_lab: place must be from 0 to {len(table) - 1}; got {place}. Take 0.")
    import ipywidgets

    slider = ipywidgets.IntSlider(value=place, min=0, max=len(table) - 1, description="changed place")
    return Explorer(title, {"place": slider}, lambda place: _view(table, allowed, names, place))


def _booleans(values: Any, what: str) -> np.ndarray:
    table = np.asarray(values)
    if table.ndim != 2 or table.dtype != bool or not table.size:
        raise ShapeError(
            f"mask_lab: {what} must be booleans, (changed places, output places); got shape {table.shape} of "
            f"{table.dtype}. Give what lm.reach gives."
        )
    if max(table.shape) > MOST_PLACES:
        raise InputError(f"mask_lab: at most {MOST_PLACES} places can be read; got shape {table.shape}. Cut the text.")
    return table


def _allowed(may: Any, shape: tuple[int, ...]) -> np.ndarray:
    if isinstance(may, str):
        if may not in MAY:
            raise InputError(f"mask_lab: may must be {', '.join(map(repr, MAY))} or booleans; got {may!r}.")
        return np.triu(np.ones(shape, bool)) if may == "causal" else np.ones(shape, bool)
    allowed = _booleans(may, "may")
    if allowed.shape != shape:
        raise ShapeError(f"mask_lab: may must have the shape of moved, {shape}; got {allowed.shape}.")
    return allowed


def _names(names: Sequence[str] | None, count: int, what: str) -> list[str]:
    if names is None:
        return [str(number) for number in range(count)]
    if len(names) != count:
        raise ShapeError(f"mask_lab: {what} must be one name a place; got {len(names)} names for {count} places.")
    return [str(name) for name in names]


def _view(moved: np.ndarray, may: np.ndarray, names: tuple[list[str], list[str]], place: int) -> View:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 1.4 + 0.24 * max(6, len(moved))), layout="constrained")
    axes = figure.subplots()
    _table(axes, moved, may, names, place)
    return View.of_figure(figure, _told(moved, may, names, place))


def _table(axes: Axes, moved: np.ndarray, may: np.ndarray, names: tuple[list[str], list[str]], place: int) -> None:
    """A filled mark where an output moved; a cross on what must not move, an empty ring where nothing happened."""
    kinds = (
        (moved & may, "o", BLUE, BLUE, "moved, and may"),
        (~moved & may, "o", "none", BLUE, "stood still, though it may move"),
        (moved & ~may, "X", PINK, PINK, "moved, and must not: a leak"),
        (~moved & ~may, ".", GREY, GREY, "stood still, as it must"),
    )
    for where, marker, face, edge, label in kinds:
        if where.any():
            rows, columns = np.nonzero(where)
            axes.scatter(
                columns, rows, s=60 if marker != "." else 14, marker=marker, facecolor=face,
                edgecolor=edge, label=label,
            )  # fmt: skip
    axes.axhspan(place - 0.5, place + 0.5, color=AMBER, alpha=0.25, zorder=0)
    axes.set(
        xticks=range(len(names[1])), yticks=range(len(names[0])), xlim=(-0.6, len(names[1]) - 0.4),
        ylim=(len(names[0]) - 0.4, -0.6), xlabel="output at place t", ylabel="changed place s",
    )  # fmt: skip
    # A dollar sign would start a formula.
    turned = 90 if max(map(len, names[1])) > 2 else 0
    axes.set_xticklabels([name.replace("$", r"\$") for name in names[1]], rotation=turned, fontsize=8)
    axes.set_yticklabels([name.replace("$", r"\$") for name in names[0]], fontsize=8)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)


def _told(moved: np.ndarray, may: np.ndarray, names: tuple[list[str], list[str]], place: int) -> str:
    leaks, still = int((moved & ~may).sum()), int((~moved & may).sum())
    lines = [f"{moved.shape[0]} places were changed, one after the other; {int(moved.sum())} times an output moved."]
    lines.append(
        f"{leaks} of these moves must not be: a leak." if leaks else "No output moved that must not: nothing leaks."
    )
    if still:
        lines.append(f"{still} outputs stood still that may move.")
    did, should = np.flatnonzero(moved[place]), np.flatnonzero(may[place])
    line = (
        f"Changing {_place(place, names[0])} moved {_outputs(did, names[1])}; it may move {_places(should, names[1])}."
    )
    wrong = np.flatnonzero(moved[place] & ~may[place])
    if len(wrong):
        line += f" Wrong: it moved {_places(wrong, names[1])}, from where it must not be seen."
    return "\n".join([*lines, line])


def _place(place: int, names: list[str]) -> str:
    return f"place {place}" if names[place] == str(place) else f"place {place} ({names[place]})"


def _places(places: np.ndarray, names: list[str]) -> str:
    told = [names[at] if names[at] == str(at) else f"{at} ({names[at]})" for at in places]
    return ", ".join(told) if told else "none"


def _outputs(places: np.ndarray, names: list[str]) -> str:
    return f"outputs {_places(places, names)}" if len(places) else "no output"
