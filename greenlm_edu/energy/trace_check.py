"""What a trace file must hold, checked field by field: a stranger's file is believed in nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["MOST_BYTES", "MOST_POINTS", "checked", "fault"]

MOST_BYTES: Final = 16_000_000
MOST_POINTS: Final = 100_000
MOST_DEVICES: Final = 64
MOST_LETTERS: Final = 2_000
# Above these a figure is a fault of unit, and sums of them could leave the numbers that a float holds.
MOST_SECONDS: Final = 1e8
MOST_FIGURE: Final = 1e15
WORDS: Final = ("name", "what_ran", "recorded_at", "licence", "note")
DEVICE_WORDS: Final = ("component", "label", "hardware", "driver", "meter", "basis", "lost")
MAY_BE_LEFT_OUT: Final = ("note", "lost")
BASES: Final = ("counter", "sampled", "modelled")
KINDS: Final = ("recorded", "synthetic")


def fault(file_name: str, field: str, must: str, got: object, repair: str) -> InputError:
    """The error that names the file, the field, what must hold, what there is, and what to do.

    >>> print(fault("a.trace.json", "period_s", "be above 0", -1, "Write the seconds between two readings."))
    trace a.trace.json: period_s must be above 0; got -1. Write the seconds between two readings.
    """
    shown = str(got) if len(str(got)) <= 80 else f"{str(got)[:77]}..."
    return InputError(f"trace {file_name}: {field} must {must}; got {shown}. {repair}")


def checked(content: Any, file_name: str, file_format: str, version: int) -> dict[str, Any]:
    """The fields of a trace as Python values, each checked.

    Raises:
        InputError: a field breaks a rule of the format.
    """
    check = _Check(file_name)
    if not isinstance(content, dict) or content.get("format") != file_format:
        raise check.fault("format", f"be “{file_format}”", "something else", "Name a file that `greenlm record` wrote.")
    found = content.get("version")
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise check.fault("version", "be a whole number from 1 on", found, f"Write {version}.")
    if found > version:
        raise check.fault(
            "version", f"be {version} or less for this greenlm_edu", found, "Install a later greenlm-edu."
        )
    values: dict[str, Any] = {key: check.words(content, key, "") for key in WORDS}
    values["kind"] = check.one_of(content, "kind", "", KINDS)
    check.time(values["recorded_at"])
    values["period_s"] = check.figure(content.get("period_s"), "period_s", above=True)
    devices = content.get("devices")
    if not isinstance(devices, list) or not 1 <= len(devices) <= MOST_DEVICES:
        raise check.fault("devices", f"be a list of 1 to {MOST_DEVICES}", _shown(devices), "Record anew.")
    is_synthetic = values["kind"] == "synthetic"
    values["devices"] = [check.device(one, f"devices[{at}].", is_synthetic) for at, one in enumerate(devices)]
    keys = [device["component"] for device in values["devices"]]
    if len(set(keys)) != len(keys):
        raise check.fault("devices", "have a component key of their own each", keys, "Rename one.")
    if "steady_s" in content:
        steady_s = check.figures(content["steady_s"], "steady_s", least=2)
        if len(steady_s) != 2:
            raise check.fault("steady_s", "be [from, to] in seconds", _shown(steady_s), "Correct it, or leave it out.")
        values["steady_s"] = steady_s
    if is_synthetic:
        for field, text in (("the file name", file_name), ("name", values["name"])):
            if "synthetic" not in text.lower():
                raise check.fault(field, "hold the word “synthetic”, as kind does", text, "Rename it.")
    return values


class _Check:
    """The checks of one file, which know its name."""

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name

    def fault(self, field: str, must: str, got: object, repair: str) -> InputError:
        return fault(self._file_name, field, must, got, repair)

    def device(self, content: Any, at: str, is_synthetic: bool) -> dict[str, Any]:
        """One device's fields."""
        if not isinstance(content, dict):
            raise self.fault(at.rstrip("."), "be an object", _shown(content), "Record anew.")
        values: dict[str, Any] = {key: self.words(content, key, at) for key in DEVICE_WORDS}
        self.one_of(content, "basis", at, ("synthetic",) if is_synthetic else BASES)
        if not re.fullmatch(r"[a-z][a-z-]{0,30}[0-9]{0,4}", values["component"]):
            raise self.fault(f"{at}component", "be letters and a number, as “gpu0”", values["component"], "Rename it.")
        gain = self.figures(content.get("gain"), f"{at}gain", least=3)
        if len(gain) != 3 or not 0 < gain[0] <= gain[1] == 1 <= gain[2] <= 100:
            raise self.fault(f"{at}gain", "be [low, 1, high], low above 0", _shown(gain), "A counter: [0.95, 1, 1.05].")
        values["gain"] = Interval(*gain)
        t_s = values["t_s"] = self.figures(content.get("t_s"), f"{at}t_s", least=2)
        if t_s[0] != 0 or t_s[-1] > MOST_SECONDS:
            raise self.fault(f"{at}t_s", "begin at 0 and end in seconds", f"{t_s[0]} to {t_s[-1]}", "Shift the times.")
        self.rising(t_s, f"{at}t_s", lambda before, after: after > before, "rise")
        values["power_w"] = self.figures(content.get("power_w"), f"{at}power_w", count=len(t_s))
        for key in ("counter_mj", "doubt_mj"):
            if key in content:
                figures = values[key] = self.figures(content[key], f"{at}{key}", count=len(t_s))
                self.rising(figures, f"{at}{key}", lambda before, after: after >= before, "never fall")
        if (values["basis"] == "counter") != ("counter_mj" in values):
            must = "be there for the basis “counter”, and for no other"
            raise self.fault(f"{at}counter_mj", must, f"basis {values['basis']}", "Correct basis, or record anew.")
        step_mj = content.get("step_mj", 0)
        is_list = isinstance(step_mj, list)
        values["step_mj"] = self.figures(
            step_mj if is_list else [step_mj], f"{at}step_mj", count=len(t_s) if is_list else 1
        )
        return values

    def words(self, content: Mapping[str, Any], key: str, at: str) -> str:
        text = content.get(key, "" if key in MAY_BE_LEFT_OUT else None)
        if not isinstance(text, str) or (not text.strip() and key not in MAY_BE_LEFT_OUT):
            raise self.fault(f"{at}{key}", "be words", _shown(text), f"Write “{key}” as a line of text.")
        if len(text) > MOST_LETTERS or not text.isprintable():
            must = f"be one line of {MOST_LETTERS} letters at most"
            raise self.fault(f"{at}{key}", must, f"{len(text)} letters", "Shorten it.")
        return text

    def one_of(self, content: Mapping[str, Any], key: str, at: str, known: tuple[str, ...]) -> str:
        if content.get(key) not in known:
            raise self.fault(f"{at}{key}", f"be {' or '.join(known)}", _shown(content.get(key)), "Correct it.")
        return str(content[key])

    def time(self, text: str) -> None:
        try:
            datetime.fromisoformat(text)
        except ValueError as err:
            must = "be a time such as 2026-03-01T12:00:00Z"
            raise self.fault("recorded_at", must, f"“{text}”", "Write when it was recorded.") from err

    def figure(self, value: Any, field: str, *, above: bool = False) -> float:
        # A whole number of hundreds of digits is an int that no float holds, so it is compared before it is turned.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not (0 <= value <= MOST_FIGURE) or (above and value == 0):
            must = f"be a number {'above 0' if above else 'from 0 on'}"
            raise self.fault(field, must, _shown(value), "Correct this figure, or record anew.")
        return float(value)

    def figures(self, values: Any, field: str, *, count: int | None = None, least: int = 1) -> tuple[float, ...]:
        if not isinstance(values, list) or not least <= len(values) <= MOST_POINTS:
            raise self.fault(field, f"be a list of {least} to {MOST_POINTS} numbers", _shown(values), "Record anew.")
        if count is not None and len(values) != count:
            must = f"hold {count} numbers, one for each of t_s"
            raise self.fault(field, must, len(values), "Add or take away what is out of step.")
        return tuple(self.figure(value, f"{field}[{at}]") for at, value in enumerate(values))

    def rising(self, values: tuple[float, ...], field: str, holds: Callable[[float, float], bool], must: str) -> None:
        for at, (before, after) in enumerate(pairwise(values), start=1):
            if not holds(before, after):
                raise self.fault(f"{field}[{at}]", must, f"{before:g}, then {after:g}", "Take this reading out.")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return type(value).__name__ if isinstance(value, dict) else str(value)[:60]
