"""Whether somebody sits before this kernel who can be asked with a widget, and the widget itself."""

from __future__ import annotations

import os
from typing import Any, Final

__all__ = ["can_ask", "show_controls"]

VARIABLE: Final = "GREENLM_PANEL"  # the same that the live panel obeys


def can_ask() -> bool:
    """Whether a widget would be seen: a kernel with a front end, and ipywidgets there.

    Programs that run notebooks say that nobody can be asked; `GREENLM_PANEL=html` or `off` says it for everyone.
    """
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    shell: Any = get_ipython()
    if not hasattr(getattr(shell, "display_pub", None), "session"):
        return False
    if os.environ.get(VARIABLE, "").strip().lower() in ("html", "off"):
        return False
    kernel = getattr(shell, "kernel", None)
    request = kernel.get_parent("shell") if kernel is not None else {}
    return bool(request.get("content", {}).get("allow_stdin", True))


def show_controls(widget: Any) -> None:
    """Show a widget that leaves nothing behind where it cannot live: a saved notebook shows no `HBox(children=(…`.

    Args:
        widget: buttons, sliders or a box of them. What it asks must stand in words beside it.
    """
    from IPython.display import display

    bundle = {**widget._repr_mimebundle_(), "text/plain": ""}
    display(bundle, raw=True)  # type: ignore[no-untyped-call]
