"""Where a decoder looks in its source while it writes: the alignment that nobody taught it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError, VocabularyError
from greenlm_edu.explorers.explorer import Explorer, View
from greenlm_edu.explorers.small_models import small_translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["alignment_view"]

ALL_HEADS: Final = "mean of all"
MOST_TOKENS: Final = 40  # as many can be read on one map
FONTS: Final = ("Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei", "PingFang SC", "SimHei")
AMBER: Final = "#E69F00"


def alignment_view(
    model: Any = None,
    examples: Sequence[tuple[Sequence[str], Sequence[str]]] | None = None,
    source_ids: Mapping[str, int] | None = None,
    target_ids: Mapping[str, int] | None = None,
    block: int = 0,
    head: int | None = None,
    start_id: int = 1,
    title: str = "Where does it look while it writes?",
) -> Explorer:
    """The cross-attention of an EncoderDecoder as a map: a row for each token that it writes.

    Args:
        model: an EncoderDecoder; a small translator of dates is trained, and metered, if left out.
        examples: pairs of tokens, what is read and what is written; at most 40 of either are shown.
        source_ids, target_ids: a token's id on either side; the target's are the source's if left out.
        block: of the decoder, from 0.
        head: from 0; the mean of all heads if left out.
        start_id: the mark that the decoder begins from.
        title: what the model does.
    Returns:
        an Explorer with the controls example, block, head and place (of the target; −1 is the last).
    Raises:
        InputError: a model without examples and ids, no examples, or a block or head that it does not have.
        VocabularyError: an example holds a token without an id.
    Lesson: notebooks/11.
    """
    cost = ""
    if model is None:
        small = small_translator()
        model, examples, source_ids, target_ids, cost = (
            small.model, small.examples, small.source_ids, small.target_ids, small.cost,
        )  # fmt: skip
    elif not examples or source_ids is None:
        raise InputError(
            "alignment_view: a model needs examples and the ids of their tokens; got a model alone. Give "
            "alignment_view(model, examples, source_ids, target_ids), or nothing at all."
        )
    pairs = [_ids(pair, source_ids or {}, target_ids or source_ids or {}) for pair in examples or ()]
    blocks, heads = len(model.decoder.blocks), int(model.options["num_heads"])
    for name, value, count in (("block", block, blocks), ("head", 0 if head is None else head, heads)):
        if not 0 <= value < count:
            raise InputError(f"alignment_view: {name} must be from 0 to {count - 1}; got {value}. Take 0.")
    import ipywidgets

    names = [f"{number}: {''.join(source)[:60]}" for number, (source, _, _, _) in enumerate(pairs)]
    controls = {
        "example": ipywidgets.Dropdown(options=names, value=names[0], description="example"),
        "block": ipywidgets.IntSlider(value=block, min=0, max=blocks - 1, description="block"),
        "head": ipywidgets.Dropdown(
            options=[ALL_HEADS, *map(str, range(heads))], value=ALL_HEADS if head is None else str(head),
            description="head",
        ),
        "place": ipywidgets.IntSlider(value=-1, min=-1, max=MOST_TOKENS - 1, description="place"),
    }  # fmt: skip

    def draw(example: str, block: int, head: str, place: int) -> View:
        source, target, read, begun = pairs[names.index(example)]
        weights = _weights(model, read, [start_id, *begun[:-1]], block, head)
        what = f"block {block}, " + (ALL_HEADS + " heads" if head == ALL_HEADS else f"head {head}")
        return _view(source, target, weights, place, what, cost)

    return Explorer(title, controls, draw)


def _ids(
    pair: tuple[Sequence[str], Sequence[str]], source_ids: Mapping[str, int], target_ids: Mapping[str, int]
) -> tuple[list[str], list[str], list[int], list[int]]:
    """Both sides of an example, and their ids."""
    sides = [list(side)[:MOST_TOKENS] for side in pair]
    if not all(sides):
        raise InputError("alignment_view: both sides of an example must hold at least one token; got an empty one.")
    for side, ids in zip(sides, (source_ids, target_ids), strict=True):
        unknown = next((token for token in side if token not in ids), None)
        if unknown is not None:
            raise VocabularyError(f"alignment_view: each token of an example must have an id; got {unknown!r}.")
    return sides[0], sides[1], [source_ids[token] for token in sides[0]], [target_ids[token] for token in sides[1]]


def _weights(model: Any, read: list[int], begun: list[int], block: int, head: str) -> np.ndarray:
    """Where each place of the target looks in the source, (time, source)."""
    from keras import ops

    both = np.asarray([read], np.int32), np.asarray([begun], np.int32)
    found = ops.convert_to_numpy(model.attention_weights(both)[block])[0]  # (head, time, source)
    return np.asarray(found.mean(0) if head == ALL_HEADS else found[int(head)])


def _view(source: list[str], target: list[str], weights: np.ndarray, place: int, what: str, cost: str) -> View:
    from matplotlib.figure import Figure

    at = len(target) - 1 if place < 0 else place
    if at >= len(target):
        raise InputError(f"alignment_view: the target has {len(target)} tokens; got place {place}. Take −1.")
    figure = Figure(figsize=(8.4, max(3.0, 1.7 + 0.24 * len(target))), layout="constrained")
    _map(figure, figure.subplots(), source, target, weights, at)
    figure.suptitle(what, fontsize=10)
    return View.of_figure(figure, _told(source, target, weights, at, what, cost))


def _map(figure: Figure, axes: Axes, source: list[str], target: list[str], weights: np.ndarray, at: int) -> None:
    image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    figure.colorbar(image, ax=axes, label="attention weight", shrink=0.8)
    axes.set(
        xticks=range(len(source)), yticks=range(len(target)), xlabel="token of the source",
        ylabel="token that is written next",
    )  # fmt: skip
    family = _family("".join((*source, *target)))
    axes.set_xticklabels(_labels(source, family), rotation=90, fontsize=8, family=family)
    axes.set_yticklabels(_labels(target, family), fontsize=8, family=family)
    axes.axhspan(at - 0.5, at + 0.5, fill=False, edgecolor=AMBER, linewidth=2)


def _family(text: str) -> list[str] | None:
    """The fonts to draw with: the usual one, and one for Chinese where the text has some; None where none is here."""
    from matplotlib.font_manager import fontManager

    if all(ord(sign) < 0x2E80 for sign in text):
        return ["DejaVu Sans"]
    here = {font.name for font in fontManager.ttflist}
    chinese = next((name for name in FONTS if name in here), None)
    return None if chinese is None else ["DejaVu Sans", chinese]


def _labels(tokens: list[str], family: list[str] | None) -> list[str]:
    """Tokens as they are, or their places where this machine has no font for them; the words below tell them all."""
    shown = [token.replace("$", r"\$").replace(" ", "␣") for token in tokens]
    return [
        f"[{place}]" if family is None and any(ord(sign) >= 0x2E80 for sign in token) else token
        for place, token in enumerate(shown)
    ]


def _told(source: list[str], target: list[str], weights: np.ndarray, at: int, what: str, cost: str) -> str:
    row = weights[at]
    order = [s for s in np.argsort(-row, kind="stable")[:3] if row[s] > 0]
    looked = ", ".join(f"“{source[s]}” at {s} ({row[s]:.2f})" for s in order)
    best = ", ".join(f"{token}←{source[int(s)]}" for token, s in zip(target, weights.argmax(axis=1), strict=True))
    lines = [
        f"{what}: before it writes “{target[at]}” (place {at}) it looks at {looked}.",
        f"Most looked at, token by token: {best}.",
        f"The largest weight of a place is {weights.max(axis=1).mean():.2f} on average.",
    ]
    return "\n".join([*lines, cost] if cost else lines)
