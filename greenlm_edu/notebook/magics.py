"""The magics `%%meter` and `%meter`."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.display import display

from greenlm_edu import carbon, metering
from greenlm_edu.errors import InputError
from greenlm_edu.notebook.hooks import MAGIC, CellMeter
from greenlm_edu.notebook.options import parse
from greenlm_edu.notebook.view import card_of
from greenlm_edu.notebook.wording import amount

__all__ = ["MeterMagics", "status"]


@magics_class
class MeterMagics(Magics):
    """The two magics of one shell.

    Args:
        shell: the IPython shell.
        cells: the hooks that meter its cells.
    """

    def __init__(self, shell: Any, cells: CellMeter) -> None:
        super().__init__(shell)
        self._cells = cells

    @cell_magic("meter")  # type: ignore[arg-type]
    def meter_cell(self, line: str, cell: str) -> None:
        """Meters the energy of this cell: `%%meter [--region COUNTRY] [--pue NUMBER] [--replay TRACE] [--name WORDS]`.

        Cells come here only where the hooks did not take the line away: because its options are wrong, which is told
        before anything runs, or because a program called the magic.
        """
        try:
            options = self._cells.options_of([f"{MAGIC} {line}", *cell.splitlines()]) or self._cells.defaults
        except InputError as err:
            raise UsageError(str(err)) from err
        measurement = self._cells.start(options)
        view = self._cells.view_of(measurement, options)
        result = self._cells.shell.run_cell(cell)
        metering.finish(measurement, result.error_before_exec or result.error_in_exec)
        view.close()
        result.raise_error()

    @line_magic("meter")  # type: ignore[arg-type]
    def meter_line(self, line: str) -> None:
        """`%meter` or `%meter status` tells what is metered; `%meter --region COUNTRY --pue NUMBER` sets both for the
        cells to come.

        `%meter off` leaves cells without `%%meter` alone, `%meter on` meters them again; `%meter idle` measures the
        power at rest again; `%meter card` shows the last card once more.
        """
        word = line.strip()
        if word in ("on", "off"):
            self._cells.is_automatic = word == "on"
        elif word == "card":
            self._show_last_card()
            return
        elif word == "idle":
            metering.default_meter().measure_idle()
        elif word not in ("", "status"):
            try:
                self._cells.defaults = parse(line, self._cells.defaults)
            except InputError as err:
                raise UsageError(str(err).replace("%%meter", "%meter", 1)) from err
        print(status(self._cells))

    def _show_last_card(self) -> None:
        if self._cells.last is None:
            raise UsageError("%meter card: no cell has been metered yet. Begin one with %%meter.")
        display(card_of(self._cells.last), raw=True)  # type: ignore[no-untyped-call]


def status(cells: CellMeter) -> str:
    """What is metered here and how, the power at rest, and the electricity that footprints assume."""
    meter = metering.default_meter()
    lines = []
    for source in meter.sampler.sources:
        idle_w = meter.idle_power_w.get(source.component)
        rest = f", {amount(idle_w, 'W')} at rest" if idle_w else ""
        lines.append(f"  {source.label}: {source.basis}{rest}")
    lines += [f"  {gone.label}: not measured ({gone.reason})" for gone in meter.missing]
    grid = carbon.intensity(cells.defaults.region)
    pue = f", PUE {cells.defaults.pue:g}" if cells.defaults.pue != 1 else ""
    if cells.defaults.replay:
        lines.append(f"  ▷ replayed beside them: {cells.defaults.replay} (`%meter --replay off` ends that)")
    which = "each cell that trains or runs for over a second, or begins with %%meter"
    head = f"Metering {which}:" if cells.is_automatic else "Metering only cells that begin with %%meter:"
    return "\n".join([head, *lines, f"  electricity: {grid.text()}{pue}"])
