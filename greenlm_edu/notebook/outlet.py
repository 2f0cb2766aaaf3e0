"""Where one cell's outputs go, from any thread: bundles that can be replaced, and a watch over what erases them."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any, Final

__all__ = ["Outlet"]

# After `clear_output(wait=True)` nothing is erased before the next output comes. Whoever shows a bundle sooner than the
# cell itself erases the old picture too early, which is the flicker that `wait` is there to avoid.
WAIT_FOR_THE_CELL_S: Final = 1.0


class Outlet:
    """One replaceable output under the cell that runs now.

    Args:
        shell: the IPython shell, in whose main thread this is made.
    """

    def __init__(self, shell: Any) -> None:
        self._publisher = shell.display_pub
        # The sampler's thread must name the cell itself: a message from the browser would be taken for it otherwise.
        self._cell = dict(getattr(self._publisher, "parent_header", None) or {})
        self._display_id: str | None = None
        self._main_thread = threading.get_ident()
        self._waits_since_s: float | None = None
        self._can_watch = hasattr(self._publisher, "register_hook")
        if self._can_watch:
            self._publisher.register_hook(self._seen)  # it sees the messages of this thread, which is the cell's

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there: not shown yet, or erased by the cell."""
        if self._waits_since_s is not None and time.monotonic() - self._waits_since_s > WAIT_FOR_THE_CELL_S:
            self._display_id = self._waits_since_s = None
        return self._display_id is None

    def put(self, bundle: dict[str, Any]) -> None:
        """Shows a bundle in place of the last one, or afresh where that was erased."""
        is_update = not self.is_empty
        if self._display_id is None:
            self._display_id = uuid.uuid4().hex
        self._publish(bundle, {"display_id": self._display_id}, update=is_update)

    def put_last(self, bundle: dict[str, Any]) -> None:
        """As `put`, when the cell has ended; what it cleared and never filled again is empty from now on."""
        if self._waits_since_s is not None:
            self._display_id = self._waits_since_s = None
        self.put(bundle)

    def close(self) -> None:
        """Watches no more; what stands there can still be replaced."""
        if self._can_watch:
            self._publisher.unregister_hook(self._seen)
            self._can_watch = False

    def _publish(self, bundle: dict[str, Any], transient: dict[str, str], *, update: bool) -> None:
        if threading.get_ident() == self._main_thread or not hasattr(self._publisher, "set_thread_parent"):
            self._publisher.publish(data=bundle, transient=transient, update=update)
            return
        token = self._publisher.set_thread_parent(self._cell)
        try:
            self._publisher.publish(data=bundle, transient=transient, update=update)
        finally:
            self._publisher.reset_thread_parent(token)

    def _seen(self, message: dict[str, Any]) -> dict[str, Any]:
        """A message of the cell on its way out; it is passed on as it is."""
        content = message.get("content", {})
        kind = message.get("msg_type") or message.get("header", {}).get("msg_type")
        if kind == "clear_output":
            if content.get("wait"):
                self._waits_since_s = time.monotonic()
            else:
                self._display_id = self._waits_since_s = None
        elif kind == "display_data" and self._waits_since_s is not None:
            self._display_id = self._waits_since_s = None  # the cell's own output has erased what was there
        return message
