"""Three ways down one loss surface: gradient descent, momentum and Adam, from the same start with the same numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["optimizer_paths"]

BETA_2: Final = 0.999
EPSILON: Final = 1e-8
MOST_STEPS: Final = 300
# A point so far out that no picture could hold it: the path ends there, and counts as diverged.
FAR: Final = 1e3
COLOURS: Final = {"gradient descent": "#0072B2", "momentum": "#E69F00", "Adam": "#009E73"}


@dataclass(frozen=True)
class _Surface:
    formula: str
    loss: Callable[[Any, Any], Any]
    slopes: Callable[[float, float], tuple[float, float]]
    lowest: tuple[float, float] | None
    start: tuple[float, float]
    note: str


SURFACES: Final = {
    "valley": _Surface(
        "L = ½ (x² + 25 y²)",
        lambda x, y: (x * x + 25 * y * y) / 2,
        lambda x, y: (x, 25 * y),
        (0.0, 0.0),
        (-2.0, 1.0),
        "25 times as steep across (y) as along (x). Gradient descent stays in it below a learning rate of 2/25 = 0.08.",
    ),
    "saddle": _Surface(
        "L = ½ (x² − y²) + ¼ y⁴",
        lambda x, y: (x * x - y * y) / 2 + y**4 / 4,
        lambda x, y: (x, -y + y**3),
        None,
        (-2.0, 0.001),
        "Flat at (0, 0), which is lowest along x and highest along y. The lowest points are (0, 1) and (0, −1): −0.25.",
    ),
    "rosenbrock": _Surface(
        "L = ¼ (1 − x)² + 2 (y − x²)²",
        lambda x, y: (1 - x) ** 2 / 4 + 2 * (y - x * x) ** 2,
        lambda x, y: (-(1 - x) / 2 - 8 * x * (y - x * x), 4 * (y - x * x)),
        (1.0, 1.0),
        (-1.5, 0.5),
        "A bent valley (Rosenbrock's, softened). The lowest point is (1, 1): 0.",
    ),
}


def optimizer_paths(
    surface: str = "valley",
    learning_rate: float = 0.05,
    momentum: float = 0.9,
    steps: int = 60,
    start: Sequence[float] | None = None,
    nesterov: bool = False,
) -> Explorer:
    """Paths of gradient descent, momentum and Adam on a surface of two weights, with the loss at each step beside them.

    Args:
        surface: "valley", "saddle" or "rosenbrock".
        learning_rate: the same for all three, from 0.001 to 1.
        momentum: what of the last step is kept, from 0 to 0.99; Adam's first beta too (its second is 0.999).
        steps: how many, from 1 to 300.
        start: x and y, each from −2 to 2; the surface's own if left out.
        nesterov: momentum that looks ahead, as `keras.optimizers.SGD(nesterov=True)`.
    Raises:
        InputError: no surface has this name, or a number lies outside its range.
    Lesson: notebooks/04.
    """
    x, y = _checked(surface, learning_rate, momentum, steps, start)
    import ipywidgets

    controls = {
        "surface": ipywidgets.Dropdown(options=list(SURFACES), value=surface, description="surface"),
        "learning_rate": ipywidgets.FloatSlider(
            value=learning_rate, min=0.001, max=1.0, step=0.001, readout_format=".3f", description="learning rate"
        ),
        "momentum": ipywidgets.FloatSlider(value=momentum, min=0.0, max=0.99, step=0.01, description="momentum"),
        "steps": ipywidgets.IntSlider(value=steps, min=1, max=MOST_STEPS, description="steps"),
        "start_x": ipywidgets.FloatSlider(
            value=x, min=-2.0, max=2.0, step=0.001, readout_format=".3f", description="start x"
        ),
        "start_y": ipywidgets.FloatSlider(
            value=y, min=-2.0, max=2.0, step=0.001, readout_format=".3f", description="start y"
        ),
        "nesterov": ipywidgets.Checkbox(value=nesterov, description="Nesterov"),
    }
    return Explorer("Three ways down", controls, _draw)


def _checked(
    surface: str, learning_rate: float, momentum: float, steps: int, start: Sequence[float] | None
) -> tuple[float, float]:
    """Where to start; raises InputError where a setting cannot be."""
    if surface not in SURFACES:
        raise InputError(
            f"optimizer_paths: surface must be one of {', '.join(map(repr, SURFACES))}; got surface={surface!r}. "
            "Take 'valley' to begin with."
        )
    for name, value, least, most in (
        ("learning_rate", learning_rate, 0.001, 1.0),
        ("momentum", momentum, 0.0, 0.99),
        ("steps", steps, 1, MOST_STEPS),
    ):
        if not _is_number(value) or not least <= value <= most or (name == "steps" and value != int(value)):
            kind = "a whole number" if name == "steps" else "a number"
            raise InputError(
                f"optimizer_paths: {name} must be {kind} from {least:g} to {most:g}; got {name}={value!r}. "
                f"Take {most if _is_number(value) and value > most else least:g}."
            )
    if start is None:
        return SURFACES[surface].start
    point = list(start) if isinstance(start, (list, tuple, np.ndarray)) else []
    if len(point) != 2 or not all(_is_number(value) and -2 <= value <= 2 for value in point):
        raise InputError(
            f"optimizer_paths: start must be two numbers from -2 to 2; got start={start!r}. Take (-2.0, 1.0)."
        )
    return float(point[0]), float(point[1])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _path(
    optimizer: str,
    surface: _Surface,
    start: tuple[float, float],
    learning_rate: float,
    momentum: float,
    steps: int,
    nesterov: bool,
) -> NDArray[np.float64]:
    """The points that an optimizer visits, (steps + 1, 2), fewer where it leaves for good."""
    w = np.array(start, np.float64)
    m, v = np.zeros(2), np.zeros(2)
    points = [w]
    for t in range(1, steps + 1):
        g = np.array(surface.slopes(float(w[0]), float(w[1])))
        if optimizer == "gradient descent":
            w = w - learning_rate * g
        elif optimizer == "momentum":
            m = momentum * m - learning_rate * g
            w = w + (momentum * m - learning_rate * g if nesterov else m)
        else:
            m = momentum * m + (1 - momentum) * g
            v = BETA_2 * v + (1 - BETA_2) * g * g
            w = w - learning_rate * (m / (1 - momentum**t)) / (np.sqrt(v / (1 - BETA_2**t)) + EPSILON)
        points.append(w)
        if not np.abs(w).max() < FAR:
            break
    return np.array(points)


def _draw(
    surface: str, learning_rate: float, momentum: float, steps: int, start_x: float, start_y: float, nesterov: bool
) -> View:
    from matplotlib.figure import Figure

    ground = SURFACES[surface]
    paths = {
        name: _path(name, ground, (start_x, start_y), learning_rate, momentum, steps, nesterov) for name in COLOURS
    }
    losses = {name: ground.loss(path[:, 0], path[:, 1]) for name, path in paths.items()}
    figure = Figure(figsize=(8.6, 3.6), layout="constrained")
    map_, curves = figure.subplots(1, 2, width_ratios=[1.25, 1])
    _draw_map(map_, ground, paths)
    _draw_losses(curves, ground, losses, steps)
    return View.of_figure(figure, _told(ground, paths, losses, nesterov))


def _draw_map(axes: Axes, ground: _Surface, paths: dict[str, NDArray[np.float64]]) -> None:
    x, y = np.meshgrid(np.linspace(-2.5, 2.5, 160), np.linspace(-2, 2, 130))
    height = ground.loss(x, y)
    least = -0.25 if ground.lowest is None else 0.0
    levels = least + (height.max() - least) * np.linspace(0, 1, 13) ** 3  # close together where it is flat
    axes.contour(x, y, height, levels=levels, colors="#8A939C", linewidths=0.7)
    for (name, path), marker in zip(paths.items(), "os^", strict=True):
        axes.plot(*path.T, marker=marker, markersize=2.5, linewidth=1.2, color=COLOURS[name], label=name)
    for point in [ground.lowest] if ground.lowest else [(0.0, 1.0), (0.0, -1.0)]:
        axes.plot(*point, "x", color="black", markersize=8)
    axes.plot(*paths["Adam"][0], "o", color="black", markersize=5)
    axes.set(xlim=(-2.5, 2.5), ylim=(-2, 2), xlabel="weight x", ylabel="weight y", title=ground.formula)


def _draw_losses(axes: Axes, ground: _Surface, losses: dict[str, NDArray[np.float64]], steps: int) -> None:
    least = -0.25 if ground.lowest is None else 0.0
    for name, loss in losses.items():
        axes.plot(np.maximum(loss - least, 1e-9), color=COLOURS[name], linewidth=1.5, label=name)
    axes.set_yscale("log")
    axes.set(xlim=(0, steps), xlabel="step", ylabel="loss above the lowest", title="loss against steps")
    top = 10 * max(float(loss[0]) - least for loss in losses.values()) + 1e-6
    axes.set_ylim(max(1e-9, axes.get_ylim()[0]), top)
    axes.legend(fontsize=8)


def _told(
    ground: _Surface, paths: dict[str, NDArray[np.float64]], losses: dict[str, NDArray[np.float64]], nesterov: bool
) -> str:
    start = paths["Adam"][0]
    lines = [
        f"{ground.formula}. {ground.note}",
        f"All start at ({start[0]:.3f}, {start[1]:.3f}), loss {float(losses['Adam'][0]):.4g}.",
    ]
    for name, path in paths.items():
        x, y = path[-1]
        shown = f"{name} (Nesterov)" if name == "momentum" and nesterov else name
        number = len(path) - 1
        if not np.abs(path[-1]).max() < FAR:
            lines.append(f"{shown}: diverged; farther out than {FAR:g} after {number} steps.")
            continue
        first, last = float(losses[name][0]), float(losses[name][-1])
        judged = "it grew: on the way to diverging" if last > first else _how_low(ground, last)
        count = f"{number} step{'s' * (number != 1)}"
        lines.append(f"{shown}: after {count} at ({x:.4f}, {y:.4f}), loss {last:.4g}; {judged}.")
    return "\n".join(lines)


def _how_low(ground: _Surface, loss: float) -> str:
    above = loss - (-0.25 if ground.lowest is None else 0.0)
    return "as good as lowest" if above < 1e-3 else f"{above:.2g} above the lowest" if math.isfinite(above) else "lost"
