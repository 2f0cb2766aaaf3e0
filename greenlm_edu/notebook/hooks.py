"""What meters a cell: hooks before and after it, so that the cell itself runs exactly as it would without a meter.

A cell that begins with `%%meter` is handed to IPython without that line. Tracebacks, `await`, the value of the last
line and interrupts are then the kernel's own, and the exception reaches the learner unchanged.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Final

from IPython.core.error import StdinNotImplementedError
from IPython.utils.capture import capture_output

from greenlm_edu import metering
from greenlm_edu.energy import replay_sources
from greenlm_edu.errors import GreenLMError, InputError
from greenlm_edu.metering import Glance, Measurement
from greenlm_edu.notebook.options import MeterOptions, guessed_j, parse
from greenlm_edu.notebook.surface import Surface, Surfaces
from greenlm_edu.notebook.view import CellView

__all__ = ["AUTOMATIC_AFTER_S", "MAGIC", "CellMeter"]

MAGIC: Final = "%%meter"
AUTOMATIC_AFTER_S: Final = 1.0


@dataclass(eq=False)
class _Cell:
    """The metered cell that runs now.

    Args:
        info: what IPython says of it; its end is known by the same object.
        options: what it was asked for.
        body: its lines without the magic.
        measurement: its energy.
        view: what stands under it.
    """

    info: object
    options: MeterOptions
    body: str
    measurement: Measurement
    view: CellView

    def take(self, glance: Glance) -> None:
        """Follows the measurement, in the sampler's thread: decides whether a cell that asked for nothing is shown."""
        metering.check_budget(self.measurement)
        if self.measurement.provisional and glance.t_s >= AUTOMATIC_AFTER_S:
            metering.keep(self.measurement)
        if not self.measurement.provisional:
            if not self.view.is_open:
                self.view.open()
            self.view.take(glance)


class CellMeter:
    """Starts and ends the measurement of cells in one IPython shell.

    Every cell is measured from its first moment. It gets a panel and a card if it asks for them with `%%meter`, if a
    Keras `fit` starts in it, or if it runs for over a second; all others leave no trace.

    Args:
        shell: the IPython shell.

    Attributes:
        defaults: the options of cells that say nothing of their own.
        is_automatic: whether cells without `%%meter` are metered.
        surfaces: where panels are shown.
        last: the measurement whose card was shown last; None before the first.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.defaults = MeterOptions()
        self.is_automatic = True
        self.surfaces = Surfaces(shell)
        self.last: Measurement | None = None
        self._cell: _Cell | None = None
        # The shell's own count is the running cell's number in IPython 8, and one more in IPython 9.
        self._cells_run: int | None = None

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
        self.surfaces.close()

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
        """Starts the measurement of a cell."""
        if self._cell is not None:
            return  # a cell that runs cells, or a repeated one
        # A `fit` that was interrupted tells its callback nothing: what it began would go on and hold all else.
        while (left := metering.running()) is not None:
            metering.finish(left, KeyboardInterrupt())
        place = {"notebook": _notebook_name(self.shell), "cell_id": getattr(info, "cell_id", None) or ""}
        metering.set_place({key: value for key, value in place.items() if value})
        lines = (info.raw_cell or "").lstrip().splitlines()
        try:
            asked = self.options_of(lines)
        except InputError:
            return  # the magic itself tells the learner
        if asked is not None:
            self._begin(info, asked, "\n".join(lines[1:]))
        elif self.is_automatic:
            try:
                self._begin(
                    info, replace(self.defaults, name="", predict=False, guess_j=None, repeat=1), "", provisional=True
                )
            except GreenLMError as err:  # nobody asked for this measurement, so it is told once and given up
                self.is_automatic = False
                print(f"Cells are not metered by themselves any more: {err}")

    def after(self, result: Any) -> None:
        """Ends the measurement and shows its card, also where the cell failed or was interrupted."""
        if result.execution_count is not None:
            self._cells_run = result.execution_count
        cell = self._cell
        if cell is None or result.info is not cell.info:
            return
        error = result.error_before_exec or result.error_in_exec
        try:
            if error is None and cell.options.repeat > 1:
                error = self._repeat(cell)
        except KeyboardInterrupt as interrupt:
            error = interrupt
        self._cell = None
        if cell.measurement.provisional and metering.refresh(cell.measurement).duration_s < AUTOMATIC_AFTER_S:
            metering.drop(cell.measurement)
            cell.view.discard()
            return
        if result.execution_count is not None:
            cell.measurement.context["execution_count"] = str(result.execution_count)
        self.last = metering.finish(cell.measurement, error)
        cell.view.close()

    def start(self, options: MeterOptions, *, provisional: bool = False) -> Measurement:
        """Starts a measurement with these options."""
        replayed = replay_sources(options.replay) if options.replay else []
        measurement = metering.start(
            options.name,
            region=options.region,
            pue=options.pue,
            beside=replayed,
            budget=options.budget,
            provisional=provisional,
        )
        if options.guess_j is not None:
            metering.set_guess(measurement, options.guess_j)
        return measurement

    def view_of(self, measurement: Measurement, options: MeterOptions) -> CellView:
        """What will stand under the cell that runs now."""
        asks_guess = options.predict and measurement.guess_j is None and self.surfaces.has_reader()
        return CellView(
            self.shell, measurement, self.surfaces, asks_guess=asks_guess, region_chosen=self._region_chosen
        )

    def _begin(self, info: object, options: MeterOptions, body: str, *, provisional: bool = False) -> None:
        if options.predict and options.guess_j is None:
            options = self._asked_in_words(options)
        measurement = self.start(options, provisional=provisional)
        metering.refresh(measurement)
        if getattr(info, "store_history", False) and self._cells_run is not None:
            measurement.context["execution_count"] = str(self._cells_run + 1)
        self._cell = _Cell(info, options, body, measurement, self.view_of(measurement, options))
        if not provisional:
            self._cell.view.open()
        metering.follow(measurement, self._cell.take)

    def _asked_in_words(self, options: MeterOptions) -> MeterOptions:
        """The options with the learner's guess, where there is a reader and no panel that could ask."""
        if self.surfaces.choose() is Surface.WIDGET or not self.surfaces.has_reader():
            return options
        try:
            answer = input("How many joules will this cell use? A number such as 500, or Enter for no guess: ")
            return replace(options, predict=False, guess_j=guessed_j(answer) if answer.strip() else None)
        except (InputError, EOFError, KeyboardInterrupt, StdinNotImplementedError) as err:
            print(f"No guess is kept. {err}")
            return replace(options, predict=False)

    def _region_chosen(self, region: str | None) -> None:
        """A region that was chosen in the panel holds for the cells to come, where nobody had named one."""
        if self.defaults.region is None:
            self.defaults = replace(self.defaults, region=region)

    def _repeat(self, cell: _Cell) -> BaseException | None:
        """Runs the cell for the second time and on, its output kept back; gives the error that ended it, if one did."""
        measurement, times = cell.measurement, cell.options.repeat
        metering.mark(measurement, "run", run=1)
        for number in range(2, times + 1):
            with capture_output():
                result = self.shell.run_cell(cell.body, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                measurement.notices.append(f"run {number} of {times} ended early: {error!r}")
                return error  # type: ignore[no-any-return]
            metering.mark(measurement, "run", run=number)
        return None


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
