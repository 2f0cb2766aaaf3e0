"""Questions with choices, each wrong one with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any, Final

from greenlm_edu.checks.attempts import record
from greenlm_edu.checks.registry import find_quiz
from greenlm_edu.checks.result import AMBER, GREEN, GREY, box, framed, marked_up
from greenlm_edu.errors import InputError
from greenlm_edu.notebook.asking import can_ask, show_controls
from greenlm_edu.notebook.outlet import Outlet

__all__ = ["Choice", "Question", "Quiz", "quiz"]


@dataclass(frozen=True)
class Choice:
    """One possible answer.

    Args:
        text: the answer.
        reason: why it is right, or what is wrong with it and what to ask next.
        right: whether it is the right one.
    """

    text: str
    reason: str
    right: bool = False


@dataclass(frozen=True)
class Quiz:
    """A question with choices, of which one is right.

    Args:
        name: lesson and question, such as "02.perplexity".
        question: what is asked; `code` between backticks.
        choices: two to six; they are shown in this order, as a, b, c ….
    Raises:
        ValueError: not one right choice; a fault of the quiz.
    """

    name: str
    question: str
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if sum(choice.right for choice in self.choices) != 1 or not 2 <= len(self.choices) <= 6:
            raise ValueError(f"{self.name}: a quiz has two to six choices, and one that is right.")

    @property
    def letters(self) -> str:
        """Those of its choices: "abc"."""
        return ascii_lowercase[: len(self.choices)]

    def answered(self, letter: str) -> Reply:
        """Keep an answer as an attempt, and say what is to be said of it."""
        choice = self.choices[self.letters.index(letter)]
        record(self.name, choice.right, None if choice.right else letter)
        return Reply(self, letter)


@dataclass(frozen=True)
class Reply:
    """What a quiz says of one choice.

    Args:
        quiz: the quiz.
        letter: that of the choice.
    """

    quiz: Quiz
    letter: str

    @property
    def choice(self) -> Choice:
        """The choice that was taken."""
        return self.quiz.choices[self.quiz.letters.index(self.letter)]

    @property
    def head(self) -> str:
        """Its first line."""
        told = "✓ {} right: {}) {}" if self.choice.right else "→ {} not yet: {}) {}"
        return told.format(self.quiz.name, self.letter, self.choice.text)

    def __str__(self) -> str:
        return f"{self.head}\n{self.choice.reason}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return box(GREEN if self.choice.right else AMBER, self.head, self.choice.reason)


class Question:
    """A quiz that waits for its answer: the question in words, and buttons where a notebook can show them.

    Args:
        quiz: the quiz.
    """

    def __init__(self, quiz: Quiz) -> None:
        self.quiz = quiz
        self._outlet: Outlet | None = None
        self._buttons: Any = None

    def __repr__(self) -> str:
        choices = [
            f"  {letter}) {choice.text}" for letter, choice in zip(self.quiz.letters, self.quiz.choices, strict=True)
        ]
        return "\n".join([f"{self.quiz.name}: {self.quiz.question}", *choices, self._how()])

    def html(self) -> str:
        """The question and its choices, framed."""
        choices = "".join(
            f'<div style="margin:2px 0 0 10px"><b>{letter})</b> {marked_up(choice.text)}</div>'
            for letter, choice in zip(self.quiz.letters, self.quiz.choices, strict=True)
        )
        return framed(
            GREY, f"? {self.quiz.name}", f"<div>{marked_up(self.quiz.question)}</div>{choices}"
            f'<small class="glm-sub">{marked_up(self._how())}</small>'
        )  # fmt: skip

    def _how(self) -> str:
        return f'Answer with a button where you see them, or with `quiz("{self.quiz.name}", "a")`.'

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

        buttons = [
            ipywidgets.Button(description=letter, tooltip=f"{letter}) {choice.text}", layout={"width": "48px"})
            for letter, choice in zip(self.quiz.letters, self.quiz.choices, strict=True)
        ]
        for button in buttons:
            button.on_click(lambda pressed: self.press(pressed.description))
        self._buttons = ipywidgets.HBox(buttons)
        return self._buttons

    def press(self, letter: str) -> None:
        """What a button does: the answer appears under the question, and a right one takes the buttons away."""
        reply = self.quiz.answered(letter)
        if self._outlet is not None:
            self._outlet.put(
                {"text/html": self.html() + reply._repr_html_(), "text/plain": f"{self!r}\n{reply}"}
            )  # fmt: skip
        if reply.choice.right and self._buttons is not None:
            self._buttons.close()


def quiz(name: str, answer: str | None = None) -> Question | Reply:
    """Ask a question of a lesson, or answer it. It is the last line of its cell, which shows it.

    Args:
        name: the quiz, such as "02.perplexity".
        answer: the letter of a choice; buttons ask for it if left out.
    Raises:
        InputError: no quiz has this name, or no choice has this letter.
    Lesson: every one.
    """
    found: Final[Quiz] = find_quiz("quiz", name)
    if answer is None:
        return Question(found)
    letter = str(answer).strip().lower()
    if len(letter) != 1 or letter not in found.letters:
        raise InputError(
            f"quiz: the answer must be one of the letters {', '.join(found.letters)}; got {answer!r}. "
            f'Write for example quiz("{name}", "a").'
        )
    return found.answered(letter)
