"""What temperature, top-k, top-p and a penalty make of a model's next token, and of the text that follows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from greenlm_edu.errors import InputError
from greenlm_edu.explorers.explorer import Explorer, View
from greenlm_edu.explorers.small_models import small_language_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["sampling_view"]

BARS: Final = 14
LONGEST: Final = 400
BLUE, GREY = "#0072B2", "#B8C0C7"


def sampling_view(
    model: Any = None,
    tokenizer: Any = None,
    prompt: str | None = None,
    length: int = 40,
    title: str = "From scores to the next token",
) -> Explorer:
    """The next token's probabilities before and after, and a text drawn so.

    Args:
        model: whatever `lm.generate` takes, with `context` and `vocab_size`; a small one is trained on the toy
            language, and metered, if left out.
        tokenizer: its tokenizer.
        prompt: what it continues.
        length: tokens to write, 1 … 400.
        title: what the model is.
    Returns:
        an Explorer with the controls prompt, temperature (0: always the likeliest), top_k (0: all), top_p, penalty
        and seed.
    Raises:
        InputError: a model without its tokenizer and a prompt, or a length that cannot be.
    Lesson: notebooks/10.
    """
    cost = ""
    if model is None:
        small = small_language_model()
        model, tokenizer, cost = small.model, small.tokenizer, small.cost
        prompt = ". the" if prompt is None else prompt
    elif tokenizer is None or prompt is None:
        raise InputError(
            "sampling_view: a model needs its tokenizer and a prompt; got a model alone. Give "
            "sampling_view(model, tokenizer, prompt), or nothing at all."
        )
    if not 1 <= length <= LONGEST:
        raise InputError(f"sampling_view: length must be from 1 to {LONGEST}; got {length}. Take 40.")
    import ipywidgets

    wide: dict[str, Any] = {"layout": {"width": "420px"}, "continuous_update": False}
    controls: dict[str, Any] = {
        "prompt": ipywidgets.Text(value=prompt, description="prompt", **wide),
        "temperature": ipywidgets.FloatSlider(value=1.0, min=0, max=3, step=0.05, description="temperature τ", **wide),
        "top_k": ipywidgets.IntSlider(
            value=0, min=0, max=min(100, int(model.vocab_size)), description="top k (0: all)", **wide
        ),
        "top_p": ipywidgets.FloatSlider(value=1.0, min=0.05, max=1, step=0.05, description="top p", **wide),
        "penalty": ipywidgets.FloatSlider(value=1.0, min=1, max=3, step=0.1, description="penalty", **wide),
        "seed": ipywidgets.IntSlider(value=1, min=0, max=99, description="seed", **wide),
    }

    def draw(prompt: str, temperature: float, top_k: int, top_p: float, penalty: float, seed: int) -> View:
        ids = np.asarray(tokenizer.encode(prompt), np.int32)
        if not len(ids):
            raise InputError("sampling_view: the prompt must hold at least one token; got none. Write a word.")
        before, after = _distributions(model, ids, temperature, top_k or None, top_p, penalty)
        from greenlm_edu import lm

        options: dict[str, Any] = {"top_p": None if top_p >= 1 else top_p, "repetition_penalty": penalty}
        written = lm.generate(model, ids, length, temperature, top_k or None, seed, **options)
        names = [tokenizer.decode([token]) for token in range(model.vocab_size)]
        text = tokenizer.decode(written)
        return View.of_figure(_figure(names, before, after), _told(names, before, after, text, cost))

    return Explorer(title, controls, draw)


def _distributions(
    model: Any, ids: np.ndarray, temperature: float, top_k: int | None, top_p: float, penalty: float
) -> tuple[np.ndarray, np.ndarray]:
    """The next token's probabilities as the model has them, and as they are drawn from: (vocab,) each."""
    from keras import ops

    from greenlm_edu import lm
    from greenlm_edu.lm.token_probabilities import penalise

    window = ids[-model.context :]
    filled = np.zeros((1, model.context), np.int32)
    filled[0, : len(window)] = window
    logits = ops.convert_to_tensor(np.asarray(model.predict_on_batch(filled))[:, len(window) - 1])  # (1, vocab)
    before = ops.convert_to_numpy(lm.token_probabilities(logits))[0]
    if penalty > 1:
        logits = penalise(logits, np.isin(np.arange(model.vocab_size), ids)[None], penalty)
    if temperature == 0:
        after = np.zeros_like(before)
        after[int(ops.convert_to_numpy(ops.argmax(logits, axis=-1))[0])] = 1
    else:
        kept = lm.token_probabilities(logits, temperature, top_k, None if top_p >= 1 else top_p)
        after = ops.convert_to_numpy(kept)[0]
    return before, after


def _figure(names: list[str], before: np.ndarray, after: np.ndarray) -> Figure:
    from matplotlib.figure import Figure

    shown = np.argsort(-np.maximum(before, after), kind="stable")[:BARS]
    figure = Figure(figsize=(8.4, 2.8), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(shown))
    axes.bar(places - 0.2, before[shown], 0.4, color=GREY, label="the model's own (τ = 1)")
    axes.bar(places + 0.2, after[shown], 0.4, color=BLUE, label="drawn from")
    axes.set(xticks=places, ylabel="probability", xlabel="next token, the likeliest first", ylim=(0, None))
    # A dollar sign would start a formula.
    axes.set_xticklabels([_visible(names[token]).replace("$", r"\$") for token in shown])
    axes.tick_params(axis="x", labelrotation=45 if max(len(names[token]) for token in shown) > 3 else 0)
    axes.legend(fontsize=8, frameon=False)
    return figure


def _visible(token: str) -> str:
    return token.replace(" ", "␣").replace("\n", "⏎") or "∅"


def _bits(probabilities: np.ndarray) -> float:
    some = probabilities[probabilities > 0].astype(float)
    return float(max(0.0, -(some * np.log2(some)).sum()))


def _told(names: list[str], before: np.ndarray, after: np.ndarray, text: str, cost: str) -> str:
    kept = int((after > 0).sum())
    cut = [token for token in np.argsort(-before, kind="stable") if after[token] == 0]
    likeliest = int(after.argmax())
    lines = [
        f"Of {len(names)} tokens {kept} can be drawn; they have {before[after > 0].sum():.1%} of the model's own "
        f"probability.",
        f"Entropy {_bits(before):.2f} bits as the model has it, {_bits(after):.2f} bits as it is drawn from (a "
        f"choice among "
        f"about {math.pow(2, _bits(after)):.1f} even ones).",
        f"The likeliest is “{_visible(names[likeliest])}”, {before[likeliest]:.1%} before and "
        f"{after[likeliest]:.1%} now."
        + (f" The likeliest that is cut off: “{_visible(names[cut[0]])}”, {before[cut[0]]:.1%}." if cut else ""),
        f"A text drawn so: {text}",
    ]
    return "\n".join([*lines, cost] if cost else lines)
