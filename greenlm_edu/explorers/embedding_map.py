"""Word vectors on a map of two dimensions, beside the neighbours that they have in all of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from greenlm_edu.errors import InputError, ShapeError
from greenlm_edu.explorers.explorer import Explorer, View

__all__ = ["embedding_map"]

SIMILARITIES: Final = ("cosine", "dot product")
NO_WORD: Final = ""
MOST_LABELS: Final = 80  # as many words can be read on one map
STRONG_PT, FAINT_PT, FAR_PT = 10.0, 7.5, 14.0  # sizes of labels; from FAR_PT on, a line leads to the point
AREA_PT: Final = np.array([410.0, 250.0])  # about what the points of a map spread over
BLUE, AMBER, GREY, PINK = "#0072B2", "#E69F00", "#8A939C", "#C2397B"


def embedding_map(
    words: Sequence[str],
    vectors: Any,
    word: str | None = None,
    neighbours: int | None = None,
    similarity: str = "cosine",
    title: str = "Word vectors on a map",
) -> Explorer:
    """A map of word vectors, on which the neighbours of a word in the full space are marked.

    The map is the flat picture that keeps most of the spread (the first two principal components). Two words may be
    close on it and far apart in truth, or the other way round: the words below the picture tell which.

    Args:
        words: one for each vector, all different, four or more.
        vectors: floats, (words, features).
        word: the one that is looked at first; the first of `words` if left out.
        neighbours: how many are listed, 1 … words − 3; six, where there are so many, if left out.
        similarity: "cosine" or "dot product".
        title: what the vectors are.
    Returns:
        an Explorer with the controls word, neighbours, similarity, minus and plus; with these two it looks for
        the words near vector(word) − vector(minus) + vector(plus), which are then no candidates themselves.
    Raises:
        InputError: an unknown word (the nearest spelling is told), words that are not all different, or another
            number of neighbours or similarity.
        ShapeError: not one vector a word, or values that are no finite numbers.
    Lesson: notebooks/05.
    """
    space = _Space.of(words, vectors)
    most = len(space.words) - 3
    neighbours = min(6, most) if neighbours is None else neighbours
    if not 1 <= neighbours <= most:
        raise InputError(
            f"embedding_map: neighbours must be from 1 to {most}, three fewer than there are words; got {neighbours}. "
            f"Take {min(6, most)}."
        )
    if similarity not in SIMILARITIES:
        raise InputError(
            f"embedding_map: similarity must be one of {', '.join(map(repr, SIMILARITIES))}; got {similarity!r}. "
            "Take 'cosine'."
        )
    first = space.words[0] if word is None else word
    space.id_of(first)

    import ipywidgets

    def chooser(name: str, value: str) -> Any:
        return ipywidgets.Combobox(
            options=space.words, value=value, description=name, placeholder="a word, or nothing",
            continuous_update=False,
        )  # fmt: skip

    controls = {
        "word": chooser("word", first),
        "neighbours": ipywidgets.IntSlider(
            value=neighbours, min=1, max=min(20, most) if neighbours <= 20 else most, description="neighbours",
            continuous_update=False,
        ),
        "similarity": ipywidgets.Dropdown(options=SIMILARITIES, value=similarity, description="similarity"),
        "minus": chooser("− minus", NO_WORD),
        "plus": chooser("+ plus", NO_WORD),
    }  # fmt: skip
    return Explorer(title, controls, space.view)


@dataclass(frozen=True)
class _Space:
    """Vectors and their map.

    words: one a row.
    vectors: (words, features).
    places: on the map, (words, 2).
    axes: takes a vector to the map, (features, 2).
    middle: the mean vector, (features,), which is the middle of the map.
    shares: of the variance, that each of the two axes carries; None where all vectors are the same.
    """

    words: tuple[str, ...]
    vectors: np.ndarray
    places: np.ndarray
    axes: np.ndarray
    middle: np.ndarray
    shares: tuple[float, float] | None

    @classmethod
    def of(cls, words: Sequence[str], vectors: Any) -> _Space:
        names = tuple(map(str, words))
        if len(names) < 4 or len(set(names)) < len(names) or NO_WORD in names:
            raise InputError(
                "embedding_map: words must be four or more, all different and none empty; got "
                f"{len(names)} words, {len(set(names))} of them different. Take each word of the vocabulary once."
            )
        table = np.asarray(vectors, np.float64)
        if table.ndim != 2 or len(table) != len(names) or not table.shape[1]:
            raise ShapeError(
                f"embedding_map: vectors must have one row a word, (words, features); got shape {table.shape} for "
                f"{len(names)} words. Give the rows in the order of the words."
            )
        if not np.isfinite(table).all():
            row = int(np.argmin(np.isfinite(table).all(axis=1)))
            raise ShapeError(
                f"embedding_map: vectors must be finite numbers; got nan or inf in row {row}, {names[row]!r}. "
                "Look for a division by zero or a logarithm of zero where the vectors are made."
            )
        middle = table.mean(axis=0)
        _, sizes, axes = np.linalg.svd(table - middle, full_matrices=False)
        axes = axes[:2].T  # (features, 2), or (features, 1) where there is one feature
        axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
        variance = np.pad(sizes**2, (0, 2))
        shares = None
        if variance.sum() > 0:
            shares = float(variance[0] / variance.sum()), float(variance[1] / variance.sum())
        return cls(names, table, (table - middle) @ axes, axes, middle, shares)

    def id_of(self, word: str) -> int:
        if word in self.words:
            return self.words.index(word)
        near = difflib.get_close_matches(word, self.words, n=1, cutoff=0.0)
        raise InputError(
            f"embedding_map: the word must be one of the {len(self.words)} that have a vector; got {word!r}. "
            f"Did you mean {near[0] if near else self.words[0]!r}?"
        )

    def target(self, word: str, minus: str, plus: str, table: np.ndarray) -> np.ndarray:
        """The vector that neighbours are looked for: word, word − minus, or word − minus + plus."""
        found: np.ndarray = table[self.id_of(word)].copy()
        if minus != NO_WORD:
            found -= table[self.id_of(minus)]
        if plus != NO_WORD:
            found += table[self.id_of(plus)]
        return found

    def similarities(self, word: str, minus: str, plus: str, similarity: str) -> np.ndarray:
        """Of every word to the target in the full space, (words,); a vector of zeros is like nothing: 0."""
        if similarity == "dot product":
            products: np.ndarray = self.vectors @ self.target(word, minus, plus, self.vectors)
            return products
        unit = _unit(self.vectors)
        cosines: np.ndarray = unit @ _unit(self.target(word, minus, plus, unit))
        return cosines

    def view(self, word: str, neighbours: int, similarity: str, minus: str, plus: str) -> View:
        asked = [self.id_of(name) for name in (word, minus, plus) if name != NO_WORD or name == word]
        values = self.similarities(word, minus, plus, similarity)
        others = np.array([place for place in range(len(self.words)) if place not in asked])
        nearest = others[np.argsort(-values[others], kind="stable")][:neighbours]
        at = (self.target(word, minus, plus, self.vectors) - self.middle) @ self.axes  # (2,)
        on_map = others[np.argsort(np.linalg.norm(self.places[others] - at, axis=1), kind="stable")]
        question = word + (f" − {minus}" if minus else "") + (f" + {plus}" if plus else "")
        text = self._told(question, similarity, values, nearest, on_map)
        return View.of_figure(self._figure(question, asked, at, nearest), text)

    def _told(self, question: str, similarity: str, values: np.ndarray, nearest: np.ndarray, on_map: np.ndarray) -> str:
        features = self.vectors.shape[1]
        lines = [
            f"{len(self.words)} words with {features} feature{'s' * (features != 1)} each. {self._carried()}",
            f"Nearest to {question} in all {features} features, by {similarity}; in brackets, where each one comes "
            "when you go by nearness on the map:",
        ]
        rank = {int(number): place for place, number in enumerate(on_map, start=1)}
        lines += [f"  {self.words[number]}  {values[number]:.2f}  (map: {rank[int(number)]})" for number in nearest]
        far = [self.words[number] for number in nearest if rank[int(number)] > 3 * len(nearest)]
        deceives = [self.words[number] for number in on_map[: len(nearest)] if number not in nearest]
        if far:
            lines.append(f"The map misleads: it shows {_listed(far)} far from {question}, though near in truth.")
        if deceives:
            lines.append(f"Near on the map only, and not among the {len(nearest)} nearest: {_listed(deceives)}.")
        if not far and not deceives:
            lines.append("Here the map shows the same neighbours as the full space.")
        return "\n".join(lines)

    def _carried(self) -> str:
        if self.shares is None:
            return "All vectors are the same, so the map is one point."
        lost = 1 - sum(self.shares)
        return (
            f"The map's two axes carry {self.shares[0]:.0%} and {self.shares[1]:.0%} of the variance; "
            f"{max(lost, 0.0):.0%} of it cannot be seen here."
        )

    def _figure(self, question: str, asked: list[int], at: np.ndarray, nearest: np.ndarray) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.5, 5), layout="constrained")
        axes = figure.subplots()
        axes.scatter(self.places[:, 0], self.places[:, 1], s=14, color=GREY, label="other words")
        for number in nearest:
            axes.plot(*zip(at, self.places[number], strict=True), color=AMBER, linewidth=0.8, alpha=0.6)
        near, own = self.places[nearest], self.places[asked]
        axes.scatter(near[:, 0], near[:, 1], s=36, color=AMBER, marker="s", label="neighbours in the full space")
        axes.scatter(own[:, 0], own[:, 1], s=52, color=BLUE, marker="D", label="the question's words")
        if len(asked) > 1:
            axes.scatter(at[0], at[1], s=110, color=PINK, marker="*", label=question)
        shown = [*asked, *map(int, nearest)]  # these take their places first
        if len(self.words) <= MOST_LABELS:
            shown += [number for number in range(len(self.words)) if number not in shown]
        strong = [number in asked or number in nearest for number in shown]
        texts = [self.words[number] for number in shown]
        sizes = [STRONG_PT if one else FAINT_PT for one in strong]
        offsets = _apart(texts, sizes, self.places[shown] / np.ptp(self.places, axis=0).clip(1e-12))
        for number, one, text, size, offset in zip(shown, strong, texts, sizes, offsets, strict=True):
            axes.annotate(
                text, self.places[number], xytext=offset, textcoords="offset points", fontsize=size,
                color="black" if one else "#555555", parse_math=False, va="bottom",
                arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.4} if abs(offset[1]) > FAR_PT else None,
            )  # fmt: skip
        carried = self.shares or (0.0, 0.0)
        axes.set_xlabel(f"first axis ({carried[0]:.0%} of the variance)")
        axes.set_ylabel(f"second axis ({carried[1]:.0%} of the variance)")
        axes.margins(0.08)
        figure.legend(loc="outside upper center", ncols=4, fontsize=8, frameon=False)
        return figure


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: np.ndarray = vectors / np.where(lengths > 0, lengths, 1.0)
    return unit


def _apart(texts: list[str], sizes: list[float], places: np.ndarray) -> list[tuple[float, float]]:
    """Where each label stands beside its point, in points, so that labels cover each other as little as possible.

    places: (labels, 2), as shares of the map's width and height.
    """
    taken: list[tuple[float, float, float, float]] = []
    offsets = []
    for text, size, place in zip(texts, sizes, places * AREA_PT, strict=True):
        width, height = 0.6 * size * len(text), 1.05 * size
        tries = [(side, step * height) for step in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5) for side in (4, -4 - width)]
        boxes = [(place[0] + x, place[1] + y, place[0] + x + width, place[1] + y + height) for x, y in tries]
        clashes = [sum(_overlap(box, other) for other in taken) for box in boxes]
        best = int(np.argmin(clashes))  # the first of the least
        taken.append(boxes[best])
        offsets.append(tries[best])
    return offsets


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """The area that two boxes (left, bottom, right, top) share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _listed(names: list[str], most: int = 6) -> str:
    return ", ".join(f"“{name}”" for name in names[:most]) + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )
