"""Calling a learner's function, whatever it does."""

from __future__ import annotations

import copy
import inspect
import io
import linecache
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, Final

import numpy as np

from greenlm_edu.checks.result import Rejected
from greenlm_edu.checks.time_limit import TooLong, time_limit

__all__ = ["NOT_DONE", "call"]

NOT_DONE: Final = "Not done yet: it gives None. Put your own lines in place of the stub, and end with return."
LONGEST_TOLD: Final = 200  # characters of a learner's own error message


def call(function: Any, *arguments: Any, limit_s: float = 5.0) -> Any:
    """What the function returns for these arguments.

    Args:
        function: the learner's.
        arguments: copies are handed on, so that a function that changes them is found out.
        limit_s: after so many seconds it counts as endless.
    Raises:
        Rejected: no function (not_a_function), other arguments than asked for (arguments), an error inside
            (exception), no end (endless), no result (not_done), print in place of return (printed), or an argument
            that was changed on the way (changed_input).
    """
    if function is None:
        raise Rejected("not_done", NOT_DONE)
    if not callable(function):
        raise Rejected(
            "not_a_function",
            f"The check wants the function itself, and got {_told(repr(function))}. Leave out the parentheses after "
            "its name: the check calls it with arguments of its own.",
        )
    _check_arguments(function, arguments)
    handed_on, said = copy.deepcopy(arguments), io.StringIO()
    try:
        with redirect_stdout(said), time_limit(limit_s):
            result = function(*handed_on)
    except TooLong:
        raise Rejected(
            "endless",
            f"No answer after {limit_s:g} s: it was stopped. Which loop has nothing that ends it?",
        ) from None
    except NotImplementedError:
        raise Rejected("not_done", NOT_DONE) from None
    except (Exception, SystemExit) as err:
        raise Rejected("exception", _failure(function, err)) from err
    finally:
        sys.stdout.write(said.getvalue())  # what a learner prints to find a mistake is still to be seen
    if result is None and said.getvalue().strip():
        raise Rejected(
            "printed",
            "It prints its result, and returns None. Nobody can calculate with what is printed: use return.",
        )
    if result is None:
        raise Rejected("not_done", NOT_DONE)
    if not all(map(_same, arguments, handed_on)):
        raise Rejected(
            "changed_input",
            "The result is there, but your function changed what it was given: whoever called it will find other "
            "values in their variable. Which line writes into an argument? Work on a copy.",
        )
    return result


def _check_arguments(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # some compiled functions tell nothing
    try:
        signature.bind(*arguments)
    except TypeError as err:
        raise Rejected(
            "arguments",
            f"The check calls your function with {len(arguments)} argument{'s' * (len(arguments) != 1)}; "
            f"yours is written as {signature} ({err}). Keep the arguments of the stub.",
        ) from err


def _failure(function: Any, err: BaseException) -> str:
    """The error in one line, and the learner's own line where it came from."""
    message = _told(str(err)) or "without a message"
    told = f"Your function stopped with {type(err).__name__}: {message}"
    own_file = getattr(getattr(function, "__code__", None), "co_filename", None)
    own = [frame for frame in traceback.extract_tb(err.__traceback__) if frame.filename == own_file]
    if own:
        line = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
        told += f"\nLine {own[-1].lineno} of that cell: {line}" if line else f"\nLine {own[-1].lineno} of that cell."
    return f"{told}\nPrint what that line works with, or call the function yourself with small numbers."


def _told(text: str) -> str:
    return text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]} …"


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(_same(value, after[key]) for key, value in before.items())
    if isinstance(before, (set, str, int, float, bool)):
        return bool(before == after or before != before)  # NaN is itself, though it never says so
    return True  # a function or a model: nothing to compare
