"""An n-gram model that writes, character by character, with the distribution that each one was drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ngram_sampler"]

DEFAULT_START: Final = "The "
LONGEST_ORDER: Final = 8
DEFAULT_LENGTH: Final = 100_000  # characters of python_docs: enough to see it write, and quick to count anew
FEWEST, MOST = 20, 240  # characters to draw
STEPS_OF_K: Final = (1e-6, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)
COLUMNS: Final = 60
BARS: Final = 12
UNKNOWN: Final = "\ufffd"  # stands for every character of `start` that the text lacks
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#8A939C"


def ngram_sampler(
    text: str | None = None,
    *,
    order: int = 3,
    add_k: float = 1e-6,
    start: str | None = None,
    seed: int = 1,
    length: int = 120,
) -> Explorer:
    """Let a model that counts characters write, and look at what it drew from at each place.

    Args:
        text: what is counted; the beginning of python_docs if left out.
        order: of the model at first: it looks at order − 1 characters before.
        add_k: what is added to every count, above 0.
        start: what the model continues; may be empty, and shorter than its look. If left out: "The ", or the first
            characters of a text that does not hold it.
        seed: the same seed draws the same text.
        length: how many characters are drawn, 20 … 240.
    Raises:
        InputError: a text of fewer than two characters, or a number that cannot be; the message names it.

    Lesson: notebooks/01.
    """
    import ipywidgets

    text = _text(text)
    longest = _longest_order(text)
    _check(order, add_k, seed, length, longest)
    sampler = _Sampler(text, length)
    wide = {"layout": {"width": "480px"}, "style": {"description_width": "90px"}, "continuous_update": False}
    controls = {
        "order": ipywidgets.IntSlider(value=order, min=1, max=longest, description="order n", **wide),
        "add_k": ipywidgets.SelectionSlider(
            options=[(f"{k:g}", k) for k in sorted({*STEPS_OF_K, float(add_k)})],
            value=float(add_k),
            description="add k",
            **wide,
        ),
        "start": ipywidgets.Text(value=_start(text) if start is None else start, description="start", **wide),
        "seed": ipywidgets.IntSlider(value=seed, min=0, max=99, description="seed", **wide),
        "place": ipywidgets.IntSlider(value=1, min=1, max=length, description="bars of place", **wide),
    }
    return Explorer("A model that counts, writing", controls, sampler.view)


@dataclass(frozen=True)
class _Drawn:
    """One character that was drawn.

    Args:
        token: its id.
        history: the ids before it that the model looked at.
        probabilities: what it was drawn from, (vocab,).
        is_new: whether its history never occurs in the training text with anything behind it.
    """

    token: int
    history: tuple[int, ...]
    probabilities: np.ndarray
    is_new: bool

    @property
    def probability(self) -> float:
        return float(self.probabilities[self.token])


class _Sampler:
    """Counts each order once, and draws."""

    def __init__(self, text: str, length: int) -> None:
        from greenlm_edu.lm import CharacterTokenizer

        self.text, self.length = text, length
        self.tokenizer = CharacterTokenizer.fit(text, unknown=UNKNOWN)
        self.ids = self.tokenizer.encode(text)
        self._counted = lru_cache(maxsize=LONGEST_ORDER)(self._count)

    def _count(self, order: int) -> Any:
        from greenlm_edu.lm import NGram

        return NGram(order).fit(self.ids, self.tokenizer.vocab_size)

    def draw(self, order: int, add_k: float, start: str, seed: int) -> list[_Drawn]:
        import numpy as np

        model = self._counted(order)
        model.add_k = add_k  # the counts do not depend on it
        uniform, followed = np.random.default_rng(seed).random(self.length), self.text[:-1]
        tokens, drawn = [int(token) for token in self.tokenizer.encode(start)], []
        for u in uniform:
            history = tuple(tokens[max(0, len(tokens) - order + 1) :])
            probabilities = np.exp(model.log_probs(history))
            ends = np.cumsum(probabilities)
            token = min(int(np.searchsorted(ends, u * ends[-1], side="right")), len(ends) - 1)
            # Followed by something: so it does not count where the text ends with it.
            is_new = bool(history) and self.tokenizer.decode(history) not in followed
            drawn.append(_Drawn(token, history, probabilities, is_new))
            tokens.append(token)
        return drawn

    def view(self, order: int, add_k: float, start: str, seed: int, place: int) -> View:
        drawn = self.draw(order, add_k, start, seed)
        return View.of_figure(self._figure(drawn, start, place), self._words(drawn, start, place, order))

    def _shown(self, tokens: Sequence[int]) -> str:
        return self.tokenizer.decode(tokens).replace("\n", "↵").replace("\t", "→")

    def _likeliest(self, one: _Drawn) -> list[int]:
        import numpy as np

        found = [int(token) for token in np.argsort(-one.probabilities, kind="stable")[:BARS]]
        return found if one.token in found else [*found[:-1], one.token]

    def _words(self, drawn: list[_Drawn], start: str, place: int, order: int) -> str:
        one = drawn[place - 1]
        new = [number for number, each in enumerate(drawn, 1) if each.is_new]
        sure = sum(each.probability > 0.5 for each in drawn)
        history = f"after {self._shown(one.history)!r}" if one.history else "with nothing before it"
        bars = ", ".join(f"{self._shown([token])!r} {one.probabilities[token]:.3g}" for token in self._likeliest(one))
        lines = [
            f"Counted: {len(self.text):,} characters; different ones: {len(set(self.text))}. Order {order}.",
            f"Start {start!r}, then the model writes: {self._shown([each.token for each in drawn])!r}",
            f"Place {place}, {history}: the likeliest are {bars}. Drawn was {self._shown([one.token])!r}.",
            f"Histories never seen in the training text: {len(new)} of {len(drawn)} ({len(new) / len(drawn):.0%})"
            + (f", at the places {_ranges(new)}." if new else "."),
            f"Drawn with a probability above one half: {sure} of {len(drawn)} characters.",
        ]
        if one.is_new:
            lines.insert(3, "Nothing was counted after this history: add k alone decides, and bets evenly.")
        return "\n".join(lines)

    def _figure(self, drawn: list[_Drawn], start: str, place: int) -> Figure:
        from matplotlib.figure import Figure

        rows = math.ceil(len(drawn) / COLUMNS)
        figure = Figure(figsize=(8.2, 2.9 + 0.34 * rows), layout="constrained")
        top, bottom = figure.subplots(2, 1, height_ratios=[0.34 * rows + 0.3, 2.2])
        new = sum(each.is_new for each in drawn)
        top.set_title(
            f"written after {_short(start)!r}; histories never seen in training: {new} of {len(drawn)}",
            fontsize=10, loc="left", parse_math=False,
        )  # fmt: skip
        self._draw_text(top, drawn, place, rows)
        self._draw_bars(bottom, drawn[place - 1], place)
        return figure

    def _draw_text(self, axes: Axes, drawn: list[_Drawn], place: int, rows: int) -> None:
        """Each drawn character in a field: the bluer, the surer; orange where its history was never seen."""
        from matplotlib.patches import Rectangle

        axes.set(xlim=(0, COLUMNS), ylim=(rows, 0))
        axes.axis("off")
        for number, one in enumerate(drawn):
            row, column = divmod(number, COLUMNS)
            is_shown = number == place - 1
            axes.add_patch(
                Rectangle(
                    (column, row), 1, 1, facecolor=ORANGE if one.is_new else BLUE,
                    alpha=0.7 if one.is_new else 0.55 * one.probability, linewidth=0,
                )
            )  # fmt: skip
            if is_shown:
                axes.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor="black", linewidth=1.6))
            axes.text(
                column + 0.5, row + 0.55, self._shown([one.token]), ha="center", va="center", fontsize=9,
                family="monospace", parse_math=False, in_layout=False,
            )  # fmt: skip

    def _draw_bars(self, axes: Axes, one: _Drawn, place: int) -> None:
        likeliest = self._likeliest(one)
        values = [float(one.probabilities[token]) for token in likeliest]
        axes.bar(range(len(values)), values, color=[ORANGE if token == one.token else BLUE for token in likeliest])
        names = [name if (name := self._shown([token])) != " " else "space" for token in likeliest]
        axes.set_xticks(range(len(names)))
        axes.set_xticklabels(names, family="monospace", parse_math=False)
        axes.set_ylim(0, max(1.0, max(values)))
        axes.set_ylabel("probability")
        axes.set_xlabel("next character (orange: the one that was drawn)")
        history = f"after {self._shown(one.history)!r}" if one.history else "with nothing before it"
        never = ", a history never seen: even bets" if one.is_new else ""
        axes.set_title(f"place {place}, {history}{never}", fontsize=10, loc="left", parse_math=False)


def _short(text: str, most: int = 24) -> str:
    return text if len(text) <= most else f"… {text[-most:]}"


def _ranges(places: Sequence[int]) -> str:
    """Places in short: 3–5, 9."""
    firsts = [places[0], *(after for before, after in pairwise(places) if after > before + 1)]
    lasts = [*(before for before, after in pairwise(places) if after > before + 1), places[-1]]
    return ", ".join(
        f"{first}" if first == last else f"{first}–{last}" for first, last in zip(firsts, lasts, strict=True)
    )


def _text(text: str | None) -> str:
    if text is None:
        from greenlm_edu.corpora import load

        return load("python_docs").train[:DEFAULT_LENGTH]
    if not isinstance(text, str):
        raise InputError(
            f"ngram_sampler: text must be a str; got {type(text).__name__}. Of a corpus, give one split: text.train."
        )
    if len(text) < 2:
        raise InputError(
            f"ngram_sampler: text must hold at least 2 characters; got {len(text)}. Take a longer one, or leave it out."
        )
    return text


def _start(text: str) -> str:
    """What the text holds, so that a long look does not begin with a history never seen."""
    return DEFAULT_START if DEFAULT_START in text else text.strip().partition("\n")[0][: len(DEFAULT_START)]


def _longest_order(text: str) -> int:
    """The most that this text and a 63-bit code for each run have room for."""
    vocab_size = len({*text, UNKNOWN})
    return min(LONGEST_ORDER, len(text) - 1, int(62.9 / math.log2(vocab_size)))


def _check(order: int, add_k: float, seed: int, length: int, longest: int) -> None:
    if not 1 <= order <= longest:
        raise InputError(f"ngram_sampler: order must lie in 1 … {longest} for this text; got order={order}. Take 2.")
    if not add_k > 0 or not math.isfinite(add_k):
        raise InputError(f"ngram_sampler: add_k must be above 0 and finite; got add_k={add_k}. Take for example 0.01.")
    if not 0 <= seed <= 99:
        raise InputError(f"ngram_sampler: seed must lie in 0 … 99; got seed={seed}. Take 0.")
    if not FEWEST <= length <= MOST:
        raise InputError(f"ngram_sampler: length must lie in {FEWEST} … {MOST}; got length={length}. Take 120.")
