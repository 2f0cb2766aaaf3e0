"""Entropy, cross-entropy and what lies between: a true distribution and a model's, both to be moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["entropy_slider"]

UNITS: Final = {"bits": math.log(2), "nats": 1.0}  # nats in one of them
TRUE, MODEL, EXTRA, INFINITE = "#0072B2", "#E69F00", "#C2397B", "#8A939C"
NAMES: Final = {2: ("heads", "tails"), 3: ("a", "b", "c"), 4: ("a", "b", "c", "d")}


def entropy_slider(
    p: Sequence[float] = (0.7, 0.3),
    q: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
    unit: str = "bits",
) -> Explorer:
    """A coin or a die, and a model of it: entropy, cross-entropy and KL divergence as you move them.

    Two outcomes have one slider each for the truth and the model. Three or four have a slider for each outcome's
    weight; the weights are divided by their sum.

    Args:
        p: the true probabilities at the start, (outcomes,): two to four.
        q: the model's, (outcomes,); even bets if left out.
        names: of the outcomes.
        unit: "bits" or "nats"; a control changes it.
    Raises:
        InputError: another number of outcomes, probabilities that do not sum to 1, or another unit.
    Lesson: notebooks/02.

    >>> print(entropy_slider((0.5, 0.5), (0.9, 0.1)).view().text.splitlines()[2])
    Entropy H(p) = 1.000 bits: no model can have a lower mean surprise.
    """
    import ipywidgets

    outcomes = len(p)
    q = [1 / max(1, outcomes)] * outcomes if q is None else q
    names = NAMES.get(outcomes, ()) if names is None else names
    _check(p, q, names, unit)
    shown = names[:1] if outcomes == 2 else names
    controls: dict[str, Any] = {}
    for kind, values in (("p", p), ("q", q)):
        for name, value in zip(shown, values, strict=False):
            described = f"{'true p' if kind == 'p' else 'model q'}, {name}"
            controls[f"{kind}_{name}"] = ipywidgets.FloatSlider(
                value=value, min=0.0, max=1.0, step=0.01, description=described, style={"description_width": "130px"}
            )
    controls["unit"] = ipywidgets.ToggleButtons(options=list(UNITS), value=unit, description="unit")

    def draw(unit: str, **sliders: float) -> View:
        first = _probabilities("p", names, [sliders[f"p_{name}"] for name in shown])
        second = _probabilities("q", names, [sliders[f"q_{name}"] for name in shown])
        return _view(first, second, names, unit)

    title = "A coin and a model of it" if outcomes == 2 else f"{outcomes} outcomes and a model of them"
    return Explorer(title, controls, draw)


def _check(p: Sequence[float], q: Sequence[float], names: Sequence[str], unit: str) -> None:
    if not 2 <= len(p) <= 4:
        raise InputError(
            f"entropy_slider: p must have two to four outcomes; got {len(p)}. Take for example (0.7, 0.3)."
        )
    if len(q) != len(p) or len(set(names)) != len(p):
        raise InputError(
            f"entropy_slider: p, q and names must speak of the same outcomes; got {len(p)} in p, {len(q)} in q, "
            f"{len(set(names))} different names. Give each outcome one of all three."
        )
    for kind, values in (("p", p), ("q", q)):
        if not all(0 <= value <= 1 for value in values) or not math.isclose(math.fsum(values), 1, abs_tol=1e-9):
            raise InputError(
                f"entropy_slider: {kind} must be probabilities that sum to 1; got {tuple(values)}. "
                "Divide each by their sum."
            )
    if unit not in UNITS:
        raise InputError(f"entropy_slider: the unit must be bits or nats; got {unit!r}. Take 'bits'.")


def _probabilities(kind: str, names: Sequence[str], sliders: Sequence[float]) -> np.ndarray:
    """What the sliders say, as probabilities, (outcomes,)."""
    if len(sliders) == 1:
        return np.array([sliders[0], 1 - sliders[0]])
    total = math.fsum(sliders)
    if total == 0:
        raise InputError(
            f"entropy_slider: at least one weight of {kind} must be above 0; got 0 for all of {', '.join(names)}. "
            "Move one of them up."
        )
    return np.array(sliders) / total


def _mean_surprise(p: np.ndarray, q: np.ndarray, unit: str) -> float:
    """H(p, q); infinite where something happens that q rules out."""
    happens = p > 0
    if (q[happens] == 0).any():
        return math.inf
    return float(-(p[happens] * np.log(q[happens])).sum() / UNITS[unit]) + 0.0  # no −0


def _view(p: np.ndarray, q: np.ndarray, names: Sequence[str], unit: str) -> View:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.9])
    _bar(left, p, q, unit)
    if len(p) == 2:
        _curve_over_q(right, p, q, names, unit)
    else:
        _curve_to_model(right, p, q, unit)
    return View.of_figure(figure, _in_words(p, q, names, unit))


def _bar(axes: Axes, p: np.ndarray, q: np.ndarray, unit: str) -> None:
    """Cross-entropy as entropy with the KL divergence on top."""
    floor, cost = _mean_surprise(p, p, unit), _mean_surprise(p, q, unit)
    axes.bar([0], [floor], color=TRUE, width=0.6, label="entropy H(p)")
    if math.isfinite(cost):
        axes.bar([0], [cost - floor], bottom=[floor], color=EXTRA, width=0.6, label="KL divergence")
    else:
        axes.bar([0], [1], bottom=[floor], color="white", edgecolor=EXTRA, hatch="//", width=0.6, label="KL: infinite")
        axes.text(0, floor + 1.02, "∞", ha="center", va="bottom", fontsize=16)
    axes.set(xticks=[], xlim=(-0.8, 0.8), ylabel=f"mean surprise / {unit}", title="H(p, q) = H(p) + KL")
    axes.margins(y=0.35)
    axes.legend(fontsize=8, loc="upper center")


def _curve_over_q(axes: Axes, p: np.ndarray, q: np.ndarray, names: Sequence[str], unit: str) -> None:
    """H(p, q) against the model's probability of the first outcome."""
    grid = np.linspace(0.002, 0.998, 250)
    axes.plot(grid, [_mean_surprise(p, np.array([x, 1 - x]), unit) for x in grid], color=MODEL, label="H(p, q)")
    axes.plot([p[0]], [_mean_surprise(p, p, unit)], "o", color=TRUE, ms=9, label="the truth, q = p: lowest")
    _mark_model(axes, float(q[0]), _mean_surprise(p, q, unit), f"the model, q = {q[0]:.2f}")
    axes.set(xlabel=f"model's probability of {names[0]}, q", ylabel=f"cross-entropy / {unit}", xlim=(-0.02, 1.02))
    cost = _mean_surprise(p, q, unit)
    axes.set_ylim(0, max(4 * math.log(2) / UNITS[unit], 1.2 * cost if math.isfinite(cost) else 0))
    axes.legend(fontsize=8, loc="upper center")


def _curve_to_model(axes: Axes, p: np.ndarray, q: np.ndarray, unit: str) -> None:
    """H(p, mixture) on the way from the truth to the model."""
    shares = np.linspace(0, 0.998, 200)
    axes.plot(
        shares, [_mean_surprise(p, (1 - t) * p + t * q, unit) for t in shares], color=MODEL, label="H(p, mixture)"
    )
    axes.plot([0], [_mean_surprise(p, p, unit)], "o", color=TRUE, ms=9, label="the truth: lowest")
    _mark_model(axes, 1.0, _mean_surprise(p, q, unit), "the model")
    axes.set(xlabel="mixture: from the truth p (0) to the model q (1)", ylabel=f"cross-entropy / {unit}")
    axes.set(xlim=(-0.05, 1.05))
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="lower center")


def _mark_model(axes: Axes, x: float, cost: float, label: str) -> None:
    if math.isfinite(cost):
        axes.plot([x], [cost], "s", color=EXTRA, ms=8, label=label)
    else:
        axes.axvline(x, color=EXTRA, linestyle=":", label=f"{label}: infinite")


def _in_words(p: np.ndarray, q: np.ndarray, names: Sequence[str], unit: str) -> str:
    floor, cost = _mean_surprise(p, p, unit), _mean_surprise(p, q, unit)
    lines = [
        "True p: " + ", ".join(f"{name} {value:.3g}" for name, value in zip(names, p, strict=True)) + ".",
        "Model q: " + ", ".join(f"{name} {value:.3g}" for name, value in zip(names, q, strict=True)) + ".",
        f"Entropy H(p) = {floor:.3f} {unit}: no model can have a lower mean surprise.",
    ]
    if math.isinf(cost):
        ruled_out = [name for name, true, model in zip(names, p, q, strict=True) if true > 0 and model == 0]
        lines.append(
            f"Cross-entropy H(p, q) is infinite, and so is the KL divergence: {' and '.join(ruled_out)} can happen, "
            "and the model gives it probability 0."
        )
    else:
        lines.append(
            f"Cross-entropy H(p, q) = {cost:.3f} {unit}; KL divergence, the part too much: {cost - floor:.3f}."
        )
        if np.allclose(p, q):
            lines.append("The model is the truth, so nothing is too much.")
    where = (
        f"The curve of H(p, q) over the model's probability of {names[0]} is lowest at the truth, {p[0]:.3g}, and "
        "steep where the model comes near to ruling out what happens."
        if len(p) == 2
        else "The curve rises all the way from the truth to the model: each step towards a wrong model costs."
    )
    if len(p) > 2 and np.allclose(p, q):
        where = "The curve is flat: from the truth to the model there is no way to go."
    return "\n".join([*lines, where])
