"""What meters a cell: hooks before and after it, so that the cell itself runs exactly as it would without a meter.

A cell that begins with `%%meter` is handed to IPython without that line. Tracebacks, `await`, the value of the last
line and interrupts are then the kernel's own, and the exception reaches the learner unchanged.
"""

from __future__ import annotations

import logging
import os
from pathlib import PurePath
from typing import Any, Final

from IPython.display import display
from IPython.utils.capture import capture_output

from greenlm_edu import metering
from greenlm_edu.energy import replay_sources
from greenlm_edu.errors import GreenLMError, InputError
from greenlm_edu.metering import Measurement
from greenlm_edu.notebook.card import bundle
from greenlm_edu.notebook.options import MeterOptions, parse

__all__ = ["MAGIC", "CellMeter", "show"]

MAGIC: Final = "%%meter"

_log = logging.getLogger("greenlm_edu")


class CellMeter:
    """Starts and ends the measurement of metered cells in one IPython shell.

    Args:
        shell: the IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.defaults = MeterOptions()
        self._running: Measurement | None = None
        self._info: object = None
        self._options = MeterOptions()
        self._body = ""

    def register(self) -> None:
        """Hooks into the shell."""
        self.shell.input_transformers_cleanup.append(self.without_magic)
        self.shell.events.register("pre_run_cell", self.before)
        self.shell.events.register("post_run_cell", self.after)

    def unregister(self) -> None:
        """Takes the hooks out again."""
        self.shell.input_transformers_cleanup.remove(self.without_magic)
        self.shell.events.unregister("pre_run_cell", self.before)
        self.shell.events.unregister("post_run_cell", self.after)

    def without_magic(self, lines: list[str]) -> list[str]:
        """The cell without its `%%meter` line; one whose options are wrong keeps it, and the magic then tells why."""
        try:
            if self.options_of(lines) is None:
                return lines
        except GreenLMError:
            return lines
        if len(lines) > 1 and lines[1].startswith("%%"):
            return lines[1:]  # another cell magic must stand in the first line
        return ["\n", *lines[1:]]  # an empty line, so that tracebacks count lines as the learner does

    def options_of(self, lines: list[str]) -> MeterOptions | None:
        """What the cell was asked for in its first line; None where it is not metered.

        Raises:
            InputError: options that are wrong, or that do not fit the cell.
        """
        line = _options_line(lines)
        if line is None:
            return None
        options = parse(line, self.defaults)
        body = "\n".join(one.rstrip("\n") for one in lines[1:])
        if options.repeat > 1 and self.shell.should_run_async(body, transformed_cell=body):
            raise InputError(
                f"%%meter: a cell that awaits cannot be repeated; got --repeat {options.repeat}. "
                "Put a loop around the await instead."
            )
        return options

    def before(self, info: Any) -> None:
        """Starts the measurement where the cell asks for one."""
        if self._running is not None:
            return  # a cell that runs cells, or a repeated one
        # A `fit` that was interrupted tells its callback nothing: what it began would go on and hold all else.
        while (left := metering.running()) is not None:
            metering.finish(left, KeyboardInterrupt())
        place = {"notebook": _notebook_name(self.shell), "cell_id": getattr(info, "cell_id", None) or ""}
        metering.set_place({key: value for key, value in place.items() if value})
        lines = (info.raw_cell or "").lstrip().splitlines()
        try:
            options = self.options_of(lines)
        except InputError:
            return  # the magic itself tells the learner
        if options is not None:
            self._info, self._options, self._body = info, options, "\n".join(lines[1:])
            self._running = self.start(options)

    def after(self, result: Any) -> None:
        """Ends the measurement and shows its card, also where the cell failed or was interrupted."""
        measurement = self._running
        if measurement is None or result.info is not self._info:
            return
        error = result.error_before_exec or result.error_in_exec
        try:
            if error is None and self._options.repeat > 1:
                error = self._repeat(measurement)
        except KeyboardInterrupt as interrupt:
            error = interrupt
        self._running = self._info = None
        if result.execution_count is not None:
            measurement.context["execution_count"] = str(result.execution_count)
        metering.finish(measurement, error)
        show(measurement)

    def _repeat(self, measurement: Measurement) -> BaseException | None:
        """Runs the cell for the second time and on, its output kept back; gives the error that ended it, if one did."""
        metering.mark(measurement, "run", run=1)
        for number in range(2, self._options.repeat + 1):
            with capture_output():
                result = self.shell.run_cell(self._body, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                measurement.notices.append(f"run {number} of {self._options.repeat} ended early: {error!r}")
                return error  # type: ignore[no-any-return]
            metering.mark(measurement, "run", run=number)
        return None

    def start(self, options: MeterOptions) -> Measurement:
        """Starts a measurement with these options."""
        replayed = replay_sources(options.replay) if options.replay else []
        return metering.start(options.name, region=options.region, pue=options.pue, beside=replayed)


def show(measurement: Measurement) -> None:
    """Shows the card of a finished measurement in the running cell's output."""
    try:
        card = bundle(measurement)
    except Exception as err:  # a card that cannot be drawn may not look like a failure of the learner's cell
        _log.exception("drawing the card failed")
        card = {"text/plain": f"{measurement!r}\n(its card could not be drawn: {type(err).__name__}: {err})"}
    display(card, raw=True)  # type: ignore[no-untyped-call]


def _options_line(lines: list[str]) -> str | None:
    """What stands behind `%%meter` in the first line; None where the cell begins otherwise."""
    first = lines[0].rstrip() if lines else ""
    if first == MAGIC or first.startswith((f"{MAGIC} ", f"{MAGIC}\t")):
        return first[len(MAGIC) :]
    return None


def _notebook_name(shell: Any) -> str:
    """The notebook's file name, where the front end tells it: Jupyter Server, VS Code, or `greenlm lessons`."""
    path = (
        os.environ.get("GREENLM_NOTEBOOK")
        or shell.user_ns.get("__vsc_ipynb_file__")
        or os.environ.get("JPY_SESSION_NAME")
    )
    return PurePath(str(path)).name if path else ""
