"""The card as a PNG, for viewers that show no html: the same figures and the same curves, drawn by matplotlib."""

from __future__ import annotations

import io
import math

from greenlm_edu.metering import Measurement
from greenlm_edu.notebook.chart import LOSS_COLOUR, losses_of, series_of
from greenlm_edu.notebook.look import clipped
from greenlm_edu.notebook.wording import CardText, basis_text

__all__ = ["png"]

DOTS_PER_INCH = 80
# The picture has a dozen colours and their edges; a palette of so many takes a third of the room of full colour.
PALETTE = 48


def png(measurement: Measurement, words: CardText) -> bytes:
    """The picture as PNG bytes; empty where there is no power to draw."""
    series = series_of(measurement)
    if not series:
        return b""
    # Here and not at the top, so that %load_ext does not wait for matplotlib; Figure, so that pyplot stays untouched.
    from matplotlib.figure import Figure
    from PIL import Image

    losses = losses_of(measurement)
    columns = 3 if len(series) <= 3 else 2
    height = (2.6 if losses else 2.1) + 0.15 * math.ceil(len(series) / columns) + (0.15 if words.guess else 0)
    figure = Figure(figsize=(8.6, height), layout="constrained", facecolor="white")
    axes = figure.subplots(2 if losses else 1, 1, squeeze=False, sharex=True, height_ratios=[1, 2.2] if losses else [1])
    power = axes[-1, 0]
    edges = [measurement.duration_s * i / len(series[0].watts) for i in range(len(series[0].watts) + 1)]
    below = [0.0] * len(series[0].watts)
    bases = {part.label: basis_text(part) for part in measurement.components}
    for one in series:
        above = [low + watts for low, watts in zip(below, one.watts, strict=True)]
        label = f"{clipped(one.label, 30)} ({bases[one.label]})"
        area = power.stairs(above, edges, baseline=below, fill=True, color=one.colour, label=label)
        if one.is_replayed:  # as in the svg: pale
            area.set_alpha(0.4)
        below = above
    power.set(xlabel="time / s", ylabel="power / W", xlim=(0, measurement.duration_s), ylim=(0, None))
    figure.legend(
        *power.get_legend_handles_labels(), loc="outside lower center", ncols=columns, fontsize=7, frameon=False
    )
    for key, points in losses.items():
        style, name = ("-", "training") if key == "loss" else ("--", "validation")
        axes[0, 0].plot(*zip(*points, strict=True), style, color=LOSS_COLOUR, label=f"{name} {points[-1][1]:.3g}")
        axes[0, 0].set_ylabel("loss")
        axes[0, 0].legend(loc="upper right", fontsize=7, frameon=False)
    guess = f"\n{words.guess}" if words.guess else ""
    figures = f"{words.energy} {words.energy_unit} ({words.energy_range}) · {words.emissions} {words.emissions_unit}"
    figure.suptitle(f"{figures} · {words.outcome}{guess}", fontsize=9)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DOTS_PER_INCH)
    light = io.BytesIO()
    Image.open(out).convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE).save(light, "png", optimize=True)
    return light.getvalue()
