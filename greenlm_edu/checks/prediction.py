"""Guesses before results: one commits to a number, and the result answers it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from greenlm_edu.checks.attempts import record_prediction
from greenlm_edu.checks.registry import find_prediction
from greenlm_edu.checks.result import BLUE, GREEN, GREY, framed, marked_up
from greenlm_edu.errors import InputError
from greenlm_edu.notebook.asking import can_ask, show_controls
from greenlm_edu.notebook.chart import AXIS_COLOUR
from greenlm_edu.notebook.look import picture
from greenlm_edu.notebook.outlet import Outlet

__all__ = ["Outcome", "Prediction", "Unanswered", "outcome", "predict"]

WIDTH, LEFT, RIGHT, HEIGHT = 560, 20, 20, 82
GUESS_COLOUR: Final = "#E69F00"
FOUND_COLOUR: Final = "#0072B2"


@dataclass(frozen=True)
class Prediction:
    """A number to guess before a cell finds it.

    Args:
        name: lesson and guess, such as "02.coin".
        question: what is to be guessed; `code` between backticks.
        low, high: where the slider begins and ends; the result should not be at its middle.
        unit: of the number, such as "bits"; "" for a plain number.
    """

    name: str
    question: str
    low: float
    high: float
    unit: str = ""

    def told(self, value: float) -> str:
        """A value with its unit, in three digits."""
        digits = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        return f"{digits} {self.unit}".strip()


# prediction -> the newest guess of this session
_guesses: Final[dict[str, float]] = {}


class Unanswered:
    """A prediction that waits for its guess: the question in words, and a slider where a notebook can show one.

    Args:
        prediction: the prediction.
    """

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        self._outlet: Outlet | None = None

    def __repr__(self) -> str:
        guess = _guesses.get(self.prediction.name)
        told = f"Your guess: {self.prediction.told(guess)}." if guess is not None else self._how()
        return f"{self.prediction.name}, predict: {self.prediction.question}\n{told}"

    def html(self) -> str:
        """The question, framed, with the guess where there is one."""
        guess = _guesses.get(self.prediction.name)
        told = f"<b>Your guess: {escape(self.prediction.told(guess))}</b>" if guess is not None else ""
        return framed(
            GREY if guess is None else GREEN,
            f"? {self.prediction.name}: predict, then run on",
            f"<div>{marked_up(self.prediction.question)}</div>{told}"
            f'<div><small class="glm-sub">{marked_up(self._how())}</small></div>',
        )

    def _how(self) -> str:
        return f'Guess with the slider where you see one, or with `predict("{self.prediction.name}", …)`.'

    def guess(self, value: float) -> None:
        """Keep a guess, and show it."""
        _guesses[self.prediction.name] = value
        if self._outlet is not None:
            self._outlet.put({"text/html": self.html(), "text/plain": repr(self)})

    def _ipython_display_(self) -> None:
        from IPython import get_ipython

        # The words are an output of their own, so that they stay in the saved notebook, where no widget lives.
        self._outlet = Outlet(get_ipython())
        self._outlet.put({"text/html": self.html(), "text/plain": repr(self)})
        self._outlet.close()
        if can_ask():
            show_controls(self._row())

    def _row(self) -> Any:
        import ipywidgets

        one = self.prediction
        span = one.high - one.low
        slider = ipywidgets.FloatSlider(
            value=_guesses.get(one.name, one.low + span / 2),
            min=one.low,
            max=one.high,
            step=10 ** (math.floor(math.log10(span)) - 2),
            description=one.unit,
            readout_format=".4g",
            layout={"width": "420px"},
        )
        button = ipywidgets.Button(description="This is my guess", layout={"width": "150px"})
        button.on_click(lambda pressed: self.guess(slider.value))
        return ipywidgets.HBox([slider, button])


@dataclass(frozen=True)
class Outcome:
    """A guess beside what was found.

    Args:
        prediction: what was to be guessed.
        found: the result.
        guess: None where nobody guessed.
    """

    prediction: Prediction
    found: float
    guess: float | None

    def __str__(self) -> str:
        told = f"It is {self.prediction.told(self.found)}."
        if self.guess is None:
            return f'{told} You made no guess; next time, predict("{self.prediction.name}", …) before you run on.'
        return f"You guessed {self.prediction.told(self.guess)}. {told} {self._apart()}"

    __repr__ = __str__

    def _apart(self) -> str:
        guess, found = self.guess, self.found
        assert guess is not None
        span = self.prediction.high - self.prediction.low
        if abs(guess - found) <= 0.02 * span:
            return "As close as the slider can tell."
        if guess > 0 and found > 0 and not 0.5 <= guess / found <= 2:
            times = max(guess / found, found / guess)
            return f"Your guess was {times:.2g} times too {'large' if guess > found else 'small'}."
        return f"Your guess was {self.prediction.told(abs(guess - found))} too {'high' if guess > found else 'low'}."

    def _repr_html_(self) -> str:
        line = self._line()
        return framed(BLUE, f"{self.prediction.name}: the answer", f"<div>{escape(str(self))}</div>{line}")

    def _line(self) -> str:
        """A number line with both on it."""
        one = self.prediction
        values = [one.low, one.high, self.found, *([] if self.guess is None else [self.guess])]
        least, most = min(values), max(values)

        def x(value: float) -> float:
            return LEFT + (WIDTH - LEFT - RIGHT) * (value - least) / (most - least)

        marks = [
            f'<path d="M{LEFT},38H{WIDTH - RIGHT}" stroke="{AXIS_COLOUR}"/>',
            f'<text x="{LEFT}" y="77">{least:.3g}</text>',
            f'<text x="{WIDTH - RIGHT}" y="77" text-anchor="end">{escape(one.told(most))}</text>',
            f'<circle cx="{x(self.found):.1f}" cy="38" r="7" fill="{FOUND_COLOUR}"/>',
            f'<text x="{_inside(x(self.found)):.1f}" y="59" text-anchor="middle" fill="{FOUND_COLOUR}">found</text>',
        ]
        if self.guess is not None:
            at = x(self.guess)
            marks += [
                f'<path d="M{at:.1f},36l-7,-12h14z" fill="{GUESS_COLOUR}"/>',
                f'<text x="{_inside(at):.1f}" y="18" text-anchor="middle" fill="{AXIS_COLOUR}">your guess</text>',
            ]
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" font-family="system-ui,Segoe UI,Helvetica,Arial,sans-serif" font-size="12" '
            f'fill="{AXIS_COLOUR}">{"".join(marks)}</svg>'
        )
        return picture(svg, str(self), "width:100%;max-width:560px;height:auto")


def predict(name: str, guess: float | None = None) -> Unanswered:
    """Guess a result before the cell that finds it. It is the last line of its cell, which shows it.

    Args:
        name: the prediction, such as "02.coin".
        guess: the number; a slider asks for it if left out.
    Raises:
        InputError: no prediction has this name, or the guess is no number.
    Lesson: every one.
    """
    asked = Unanswered(find_prediction("predict", name))
    if guess is not None:
        asked.guess(_number("predict: the guess", guess))
    return asked


def outcome(name: str, found: float) -> Outcome:
    """Hold the result against the guess, and keep both in the ledger.

    Args:
        name: the prediction, such as "02.coin".
        found: the result, in the unit of the prediction.
    Raises:
        InputError: no prediction has this name, or the result is no finite number.
    """
    prediction = find_prediction("outcome", name)
    answer = Outcome(prediction, _number("outcome: the result", found), _guesses.get(name))
    if answer.guess is not None:
        record_prediction(name, answer.guess, answer.found)
    return answer


def _number(what: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{what} must be a finite number; got {value!r}. Write for example 2.5.")
    return number


def _inside(at: float) -> float:
    """The middle of a word of some 60 points, moved so that it is not cut off."""
    return min(max(at, 34.0), WIDTH - 34.0)
