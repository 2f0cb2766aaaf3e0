"""An end to loops that have none."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

__all__ = ["TooLong", "time_limit"]

# Raised again and again, because a bare `except:` may swallow the first. A loop that does nothing but that swallows
# them all, as it does an interrupt of the kernel: only a restart ends it.
AGAIN_S: Final = 0.1


class TooLong(BaseException):
    """The time is over. No Exception, so that `except Exception` in a learner's loop lets it pass."""


@contextmanager
def time_limit(limit_s: float) -> Iterator[None]:
    """Raise TooLong inside the block after so many seconds.

    On the main thread of Linux and macOS a signal does it, which ends `time.sleep` too. Elsewhere another thread does,
    and a call that stays inside compiled code is ended when it comes back.
    """
    is_main = threading.current_thread() is threading.main_thread()
    with _by_signal(limit_s) if is_main and hasattr(signal, "setitimer") else _by_thread(limit_s):
        yield


@contextmanager
def _by_signal(limit_s: float) -> Iterator[None]:
    over = False

    def ring(number: int, frame: Any) -> None:
        if not over:
            raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s, AGAIN_S)
    try:
        yield
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _by_thread(limit_s: float) -> Iterator[None]:
    caller, over, deciding = ctypes.c_ulong(threading.get_ident()), threading.Event(), threading.Lock()

    def watch() -> None:
        wait_s = limit_s
        while not over.wait(wait_s):
            with deciding:
                if not over.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(caller, ctypes.py_object(TooLong))
            wait_s = AGAIN_S

    threading.Thread(target=watch, daemon=True, name="time limit").start()
    try:
        yield
    finally:
        with deciding:
            over.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(caller, None)  # one that was sent but has not arrived
