"""What explorers share: a picture that stays in the saved notebook, controls where a notebook can show them, words."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from greenlm_edu.errors import InputError
from greenlm_edu.notebook.asking import can_ask, show_controls
from greenlm_edu.notebook.look import FRAME, picture, sheet
from greenlm_edu.notebook.outlet import Outlet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Explorer", "View"]

LONGEST_TOLD = 60  # characters of one setting beside the title


@dataclass(frozen=True)
class View:
    """What an explorer shows for one setting of its controls.

    Args:
        html: the picture.
        text: the same in words, for a screen reader and where there is no html.
    """

    html: str
    text: str

    @classmethod
    def of_figure(cls, figure: Figure, text: str) -> View:
        """A matplotlib figure as svg; `matplotlib.figure.Figure(…)`, so that pyplot stays untouched."""
        from matplotlib import rc_context

        out = io.StringIO()
        with rc_context({"svg.fonttype": "none", "svg.hashsalt": "greenlm", "font.family": "sans-serif"}):
            figure.savefig(out, format="svg", metadata={"Date": None}, facecolor="white")
        svg = out.getvalue()
        return cls(picture(svg[svg.index("<svg") :], text, "width:100%;max-width:820px;height:auto"), text)


class Explorer:
    """A picture with controls.

    Where no widget can be shown, `set` takes the controls' place: `explorer.set(order=3)` shows the picture anew.

    Args:
        title: what one can play with.
        controls: name of each setting and its ipywidgets control, in the order in which they stand.
        draw: called with all settings by name.
    """

    def __init__(self, title: str, controls: Mapping[str, Any], draw: Callable[..., View]) -> None:
        self.title = title
        self.controls = dict(controls)
        self._draw = draw
        self._outlet: Outlet | None = None
        self._setting_many = False
        for control in self.controls.values():
            control.observe(self._changed, names="value")
            if getattr(getattr(control, "style", None), "description_width", None) == "":  # nobody chose one
                control.style.description_width = "110px"  # the usual 80 cut “learning rate” off

    @property
    def settings(self) -> dict[str, Any]:
        """The value of each control."""
        return {name: control.value for name, control in self.controls.items()}

    def view(self) -> View:
        """The picture for the settings as they are; a setting that cannot be is told in its place."""
        try:
            return self._draw(**self.settings)
        except InputError as err:
            return View(f'<div role="alert">{escape(str(err))}</div>', str(err))

    def set(self, **settings: Any) -> Explorer:
        """Set controls by name; as the last line of a cell it shows the picture.

        Raises:
            InputError: there is no such control, or it does not take this value.
        """
        for name in settings:
            if name not in self.controls:
                raise InputError(f"set: the control must be one of {', '.join(self.controls)}; got {name!r}.")
        self._setting_many = True
        try:
            for name, value in settings.items():
                self._set(name, value)
        finally:
            self._setting_many = False
        self._show()
        return self

    def _set(self, name: str, value: Any) -> None:
        control = self.controls[name]
        least, most = getattr(control, "min", None), getattr(control, "max", None)
        if (base := getattr(control, "base", None)) is not None:  # a FloatLogSlider's ends are exponents
            least, most = base**least, base**most
        try:
            if least is not None and most is not None and not least <= value <= most:
                raise ValueError(f"it must be from {least} to {most}")  # a slider would take the nearest end
            control.value = value
        except Exception as err:  # traitlets' own error, or what a control's validator raises
            raise InputError(f"set: {name} does not take this value; got {value!r} ({err}).") from err

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={_told(value)}" for name, value in self.settings.items())
        return f"{self.title} ({settings})\n{self.view().text}"

    def _bundle(self) -> dict[str, str]:
        view = self.view()
        settings = ", ".join(f"{name} = {_told(value)}" for name, value in self.settings.items())
        html = (
            f'{sheet("greenlm-explorer")}<div class="greenlm-explorer" style="{FRAME};overflow-wrap:anywhere" '
            f'role="group" aria-label="{escape(self.title, quote=True)}"><b>{escape(self.title)}</b> '
            f'<span class="glm-sub">{escape(settings)}</span><div>{view.html}</div>'
            f'<details class="glm-details"><summary>In words</summary>'
            f'<div style="white-space:pre-wrap">{escape(view.text)}</div></details></div>'
        )
        # Half a surrogate pair, which a learner may put into a text field, cannot be sent to the page.
        return {
            kind: told.encode("utf-8", "backslashreplace").decode("utf-8")
            for kind, told in {"text/html": html, "text/plain": f"{self.title} ({settings})\n{view.text}"}.items()
        }

    def _changed(self, change: Any) -> None:
        if not self._setting_many:
            self._show()

    def _show(self) -> None:
        if self._outlet is not None:
            self._outlet.put(self._bundle())

    def _ipython_display_(self) -> None:
        from IPython import get_ipython

        if can_ask():
            import ipywidgets

            rows = ipywidgets.VBox(list(self.controls.values()), layout={"margin": "6px 0"})
            show_controls(rows)
        # The picture is an output of its own, renewed in place, so that the last one stays in the saved notebook.
        self._outlet = Outlet(get_ipython())
        self._outlet.put(self._bundle())
        self._outlet.close()


def _told(value: Any) -> str:
    """A setting in words: a slider's 0.9000000000000001 is 0.9, and of a long text the beginning is enough."""
    told = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return told if len(told) <= LONGEST_TOLD else f"{told[: LONGEST_TOLD - 1]}…"
