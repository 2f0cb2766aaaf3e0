"""Where each head of a trained Transformer looks, for any text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View
from greenlm_edu.explorers.small_models import small_language_model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["attention_view"]

ALL_HEADS: Final = "mean of all"
MOST_TOKENS: Final = 40  # as many can be read on one map
FEWEST_TOLD: Final = 3
BLUE, AMBER = "#0072B2", "#E69F00"


def attention_view(
    model: Any = None,
    tokenizer: Any = None,
    text: str | None = None,
    block: int = 0,
    head: int | None = None,
    title: str = "Where does each place look?",
) -> Explorer:
    """The attention weights of one head as a map, and of one place as bars.

    Args:
        model: a Transformer (it has `attention_weights`, `context` and `num_heads`); a small one is trained on the
            toy language, and metered, if left out.
        tokenizer: its tokenizer.
        text: what it reads; at most `context` tokens, and 40, are shown.
        block: from 0; the one that is looked at first.
        head: from 0; the mean of all heads if left out.
        title: what the model is.
    Returns:
        an Explorer with the controls text, block, head and place. Place −1 is the last one.
    Raises:
        InputError: a model without its tokenizer, or a block or head that it does not have.
    Lesson: notebooks/07.
    """
    cost = ""
    if model is None:
        small = small_language_model()
        model, tokenizer, cost = small.model, small.tokenizer, small.cost
        text = small.example if text is None else text
    elif tokenizer is None or text is None:
        raise InputError(
            "attention_view: a model needs its tokenizer and a text; got a model alone. Give "
            "attention_view(model, tokenizer, text), or nothing at all."
        )
    blocks, heads = len(model.blocks), int(model.num_heads)
    for name, value, count in (("block", block, blocks), ("head", 0 if head is None else head, heads)):
        if not 0 <= value < count:
            raise InputError(f"attention_view: {name} must be from 0 to {count - 1}; got {value}. Take 0.")
    import ipywidgets

    controls = {
        "text": ipywidgets.Text(value=text, description="text", continuous_update=False, layout={"width": "620px"}),
        "block": ipywidgets.IntSlider(value=block, min=0, max=blocks - 1, description="block"),
        "head": ipywidgets.Dropdown(
            options=[ALL_HEADS, *map(str, range(heads))], value=ALL_HEADS if head is None else str(head),
            description="head",
        ),
        "place": ipywidgets.IntSlider(value=-1, min=-1, max=min(MOST_TOKENS, model.context) - 1, description="place"),
    }  # fmt: skip

    def draw(text: str, block: int, head: str, place: int) -> View:
        tokens, weights = _weights(model, tokenizer, text, block, head)
        return _view(tokens, weights, place, f"block {block}, head {head}" if head != ALL_HEADS else f"block {block}, "
                     "mean of all heads", cost)  # fmt: skip

    return Explorer(title, controls, draw)


def _weights(model: Any, tokenizer: Any, text: str, block: int, head: str) -> tuple[list[str], np.ndarray]:
    """The text's tokens, and where each looks: (time, time)."""
    ids = np.asarray(tokenizer.encode(text), np.int32)[: min(model.context, MOST_TOKENS)]
    if not len(ids):
        raise InputError("attention_view: the text must hold at least one token; got none. Write a word.")
    from keras import ops

    found = ops.convert_to_numpy(model.attention_weights(ids[None])[block])[0]  # (head, time, time)
    tokens = [tokenizer.decode([token]).strip(" ") or "␣" for token in ids]
    return [token.replace("\n", "⏎") for token in tokens], found.mean(0) if head == ALL_HEADS else found[int(head)]


def _view(tokens: list[str], weights: np.ndarray, place: int, what: str, cost: str) -> View:
    from matplotlib.figure import Figure

    at = len(tokens) - 1 if place < 0 else place
    if at >= len(tokens):
        raise InputError(f"attention_view: the text has {len(tokens)} tokens; got place {place}. Take −1 for the last.")
    figure = Figure(figsize=(8.4, max(3.2, 1.6 + 0.2 * len(tokens))), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.35, 1])
    _map(left, tokens, weights, at)
    _bars(right, tokens, weights[at], at)
    figure.suptitle(what, fontsize=10)
    return View.of_figure(figure, _told(tokens, weights, at, what, cost))


def _map(axes: Axes, tokens: list[str], weights: np.ndarray, at: int) -> None:
    image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1)
    axes.figure.colorbar(image, ax=axes, label="attention weight", shrink=0.8)
    names = [token.replace("$", r"\$") for token in tokens]  # a dollar sign would start a formula
    axes.set(
        xticks=range(len(tokens)), yticks=range(len(tokens)), xlabel="place looked at, s", ylabel="place that looks, t"
    )
    axes.set_xticklabels(names, rotation=90, fontsize=8)
    axes.set_yticklabels(names, fontsize=8)
    axes.axhspan(at - 0.5, at + 0.5, fill=False, edgecolor=AMBER, linewidth=2)


def _bars(axes: Axes, tokens: list[str], row: np.ndarray, at: int) -> None:
    axes.barh(range(len(tokens)), row, color=BLUE)
    axes.set(yticks=range(len(tokens)), xlim=(0, 1), xlabel=f"weight, looking from place {at}")
    axes.set_yticklabels([token.replace("$", r"\$") for token in tokens], fontsize=8)
    axes.invert_yaxis()


def _told(tokens: list[str], weights: np.ndarray, at: int, what: str, cost: str) -> str:
    row = weights[at]
    order = np.argsort(-row, kind="stable")[: max(FEWEST_TOLD, 1)]
    looked = ", ".join(f"“{tokens[s]}” at {s} ({row[s]:.2f})" for s in order if row[s] > 0)
    sharp = float(weights.max(axis=1).mean())
    back = float(np.diagonal(weights, -1).mean()) if len(tokens) > 1 else 0.0
    lines = [
        f"{what}: place {at}, “{tokens[at]}”, looks at {looked}.",
        f"Over all {len(tokens)} places the largest weight is {sharp:.2f} on average; the place itself gets "
        f"{np.diagonal(weights).mean():.2f}, the one before it {back:.2f}.",
    ]
    return "\n".join([*lines, cost] if cost else lines)
