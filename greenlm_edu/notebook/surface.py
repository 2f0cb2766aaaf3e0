"""What a front end can show while a cell runs: the live panel, a card that is renewed now and then, or nothing."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from enum import StrEnum
from typing import Any, Final

from greenlm_edu.errors import InputError
from greenlm_edu.notebook.panel import Panel

__all__ = ["Surface", "Surfaces"]

VARIABLE: Final = "GREENLM_PANEL"
# What the browser says while the kernel is busy arrives after the cell's end, so a few panels are kept to hear it.
PANELS_KEPT: Final = 4
# A question for a guess stays until it is answered, however many cells run after it; a bound, lest a loop fill memory.
QUESTIONS_KEPT: Final = 50
# So long an idle kernel waits for a panel's first sign of life, before it takes the front end for one without widgets.
SIGN_OF_LIFE_S: Final = 5.0


class Surface(StrEnum):
    """How a running cell is shown."""

    WIDGET = "widget"  # the live panel
    HTML = "html"  # a card that is drawn anew twice a second, where no widget updates arrive
    OFF = "off"  # nothing before the cell's end


class Surfaces:
    """Chooses the surface for each cell of one shell, and keeps the panels that may still be heard of.

    Args:
        shell: the IPython shell.
    Raises:
        InputError: GREENLM_PANEL names no surface.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._panels: deque[Panel] = deque()
        self._questions: deque[Panel] = deque()
        self._ended_at_s: float | None = None
        self._no_widgets = False
        named = os.environ.get(VARIABLE, "").strip().lower()
        if named and named not in tuple(Surface):
            raise InputError(
                f"{VARIABLE}: it must be widget, html or off; got “{named}”. Leave it out to have it chosen."
            )
        self._named = Surface(named) if named else None

    def choose(self) -> Surface:
        """The surface for the cell that begins now."""
        if not hasattr(self._shell.display_pub, "session"):
            return Surface.OFF  # IPython in a terminal
        if self._named is not None:
            return self._named
        if not self.has_reader():
            return Surface.OFF
        if "google.colab" in sys.modules:
            return Surface.HTML  # its widgets hear nothing while a cell runs
        if self._panels and self._ended_at_s is not None and time.monotonic() - self._ended_at_s > SIGN_OF_LIFE_S:
            self._no_widgets = not self._panels[-1].was_drawn
        return Surface.HTML if self._no_widgets else Surface.WIDGET

    def has_reader(self) -> bool:
        """Whether somebody may sit before this kernel; programs that run notebooks say that nobody can be asked."""
        kernel: Any = getattr(self._shell, "kernel", None)
        request = kernel.get_parent("shell") if kernel is not None else {}
        return bool(request.get("content", {}).get("allow_stdin", True))

    def opened(self, panel: Panel) -> None:
        """Keeps a panel to hear what its browser says, and lets go of the oldest."""
        self._panels.append(panel)
        self._ended_at_s = None
        while len(self._panels) > PANELS_KEPT:
            self._panels.popleft().close()

    def asked(self, question: Panel) -> None:
        """Keeps a question under a cell that has ended, until it is answered."""
        self._questions.append(question)
        while len(self._questions) > QUESTIONS_KEPT:
            self._questions.popleft().close()

    def answered(self, question: Panel) -> None:
        """Lets go of a question."""
        if question in self._questions:
            self._questions.remove(question)
            question.close()

    def ended(self) -> None:
        """The cell of the newest panel has ended; from now on the kernel listens."""
        self._ended_at_s = time.monotonic()

    def close(self) -> None:
        """Lets go of all panels."""
        for kept in (self._panels, self._questions):
            while kept:
                kept.popleft().close()
