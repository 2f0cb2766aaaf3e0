"""Sinusoidal positions to play with: width, base, length and a step, and what each of them changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["position_view"]

WIDEST: Final = 256
LONGEST: Final = 512
NEAR: Final = 0.95  # of the largest dot product: two stamps are hard to tell apart
BLUE, AMBER, PINK = "#0072B2", "#E69F00", "#C2397B"


def position_view(
    width: int = 64, base: float = 10_000.0, length: int = 128, offset: int = 8, title: str = "Stamps for places"
) -> Explorer:
    """The sinusoidal stamps of places 0 … length − 1, their likeness by distance, and a step as a turn.

    Feature 2i of place p is sin(p·ωᵢ) and feature 2i + 1 is cos(p·ωᵢ), with ωᵢ = base^(−2i/width).

    Args:
        width: features of a stamp, an even number from 2 to 256.
        base: above 1, to 1,000,000; a larger one gives longer waves.
        length: places shown, 2 … 512.
        offset: a step of so many places, 0 … length − 1.
        title: what is shown.
    Returns:
        an Explorer with the controls width, base, length and offset.
    Raises:
        InputError: a number that cannot be.
    Source: Vaswani et al. 2017, section 3.5.   Lesson: notebooks/08.

    >>> print(position_view(width=4, length=8, offset=1).view().text.splitlines()[1])
    The dot product of two stamps 1 place apart is 1.540, wherever they stand; of one with itself 2.
    """
    import ipywidgets

    if not (2 <= width <= WIDEST and width % 2 == 0):
        raise InputError(f"position_view: width must be an even number from 2 to {WIDEST}; got {width}. Take 64.")
    if not 1 < base <= 1e6:
        raise InputError(f"position_view: base must be above 1, to 1,000,000; got {base}. Take 10000.")
    if not 2 <= length <= LONGEST:
        raise InputError(f"position_view: length must be from 2 to {LONGEST}; got {length}. Take 128.")
    if not 0 <= offset < length:
        raise InputError(f"position_view: offset must be from 0 to {length - 1}; got {offset}. Take 1.")
    controls: dict[str, Any] = {
        "width": ipywidgets.IntSlider(value=width, min=2, max=WIDEST, step=2, description="width d"),
        "base": ipywidgets.FloatLogSlider(value=base, base=10, min=0.1, max=6, step=0.1, description="base"),
        "length": ipywidgets.IntSlider(value=length, min=2, max=LONGEST, description="length"),
        "offset": ipywidgets.IntSlider(value=offset, min=0, max=LONGEST - 1, description="offset k"),
    }
    return Explorer(title, controls, _view)


def _view(width: int, base: float, length: int, offset: int) -> View:
    if offset >= length:
        raise InputError(f"position_view: offset must be below the length, {length}; got {offset}. Take a smaller one.")
    frequencies = base ** (-np.arange(0, width, 2) / width)  # (pairs,)
    return View.of_figure(_figure(frequencies, length, offset), _told(frequencies, base, length, offset))


def _likeness(frequencies: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The dot product of two stamps so far apart: Σ cos(distance·ωᵢ)."""
    return np.asarray(np.cos(np.multiply.outer(distances, frequencies)).sum(axis=-1))


def _figure(frequencies: np.ndarray, length: int, offset: int) -> Figure:
    from matplotlib.figure import Figure

    places = np.arange(length)
    angles = np.multiply.outer(places, frequencies)  # (places, pairs)
    stamps = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, -1)  # (places, features)
    figure = Figure(figsize=(8.4, 5.4), layout="constrained")
    parts = figure.subplot_mosaic([["stamps", "stamps"], ["likeness", "turn"]], width_ratios=[1.7, 1])
    image = parts["stamps"].imshow(
        stamps.T, aspect="auto", cmap="RdBu", vmin=-1, vmax=1, origin="lower", interpolation="nearest"
    )
    figure.colorbar(image, ax=parts["stamps"], label="value")
    parts["stamps"].set(xlabel="place p", ylabel="feature")
    distances = np.arange(-length + 1, length)
    parts["likeness"].plot(distances, _likeness(frequencies, distances), color=BLUE)
    parts["likeness"].axvline(offset, color=AMBER, linestyle="--", label=f"k = {offset}")
    parts["likeness"].set(xlabel="distance of two places", ylabel="dot product of their stamps")
    parts["likeness"].legend(fontsize=8)
    circle = np.linspace(0, 2 * np.pi, 100)
    parts["turn"].plot(np.cos(circle), np.sin(circle), color="#D8DCE0", linewidth=1)
    for pair, colour in zip(_shown(len(frequencies)), (BLUE, AMBER, PINK), strict=False):
        turn = offset * frequencies[pair]
        parts["turn"].annotate(
            "", (np.cos(turn), np.sin(turn)), (0, 0), arrowprops={"arrowstyle": "->", "color": colour}
        )
        parts["turn"].plot([], [], color=colour, label=f"pair {pair}: {_degrees(turn)}")
    parts["turn"].set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", xticks=[], yticks=[])
    parts["turn"].set_xlabel(f"a step of {offset} turns each pair")
    parts["turn"].legend(fontsize=7, loc="lower left")
    return figure


def _shown(pairs: int) -> list[int]:
    """The first pair, the middle one and the last, as far as there are so many."""
    return sorted({0, pairs // 2, pairs - 1})


def _degrees(turn: float) -> str:
    return f"{np.degrees(turn):,.1f}°"


def _told(frequencies: np.ndarray, base: float, length: int, offset: int) -> str:
    waves = 2 * np.pi / frequencies
    most = len(frequencies)
    alike = _likeness(frequencies, np.arange(1, length))
    mistaken = np.flatnonzero(alike > NEAR * most) + 1
    turns = ", ".join(f"pair {pair} by {_degrees(offset * frequencies[pair])}" for pair in _shown(most))
    lines = [
        f"{2 * most} features are {most} pairs of sine and cosine, base {base:,.6g}; their waves are "
        f"{waves[0]:,.2f} to "
        f"{waves[-1]:,.6g} places long.",
        f"The dot product of two stamps {offset} place{'s' * (offset != 1)} apart is "
        f"{float(_likeness(frequencies, np.array(offset))):.3f}, wherever they stand; of one with itself {most}.",
        f"A step of {offset} turns {turns}.",
    ]
    if len(mistaken):
        lines.append(
            f"Hard to tell apart (over {NEAR:.0%} of {most}): places {', '.join(map(str, mistaken[:6]))}"
            f"{' …' * (len(mistaken) > 6)} apart."
        )
    else:
        lines.append(f"No two of these {length} places have stamps that are hard to tell apart.")
    return "\n".join(lines)
