"""What the tests of NVML share: play scripted boards, find them, and read one as the sampler does."""

from __future__ import annotations

from collections.abc import Sequence

from greenlm_edu.energy import EnergySource, Missing, Reading
from greenlm_edu.energy.nvml import find_nvml
from tests.nvml_stand_in.stand_in import Board, StandIn

__all__ = ["FOREVER", "SECOND", "found", "only", "poll"]

FOREVER = "0 1e9"  # the stretch of a fault
SECOND = "GPU-99999999-2222-3333-4444-555555555555"  # the UUID of another board


def found(
    nvml: StandIn, *boards: Board, visible: str | None = "0,1,2", driver: Sequence[str] = ()
) -> tuple[list[EnergySource], list[Missing]]:
    """What find_nvml gives for scripted boards, at the script's second 0."""
    nvml.play(*boards, driver=driver)
    return find_nvml(nvml.pynvml, visible, nvml.clock)


def only(nvml: StandIn, *boards: Board, visible: str | None = "0,1,2", driver: Sequence[str] = ()) -> EnergySource:
    """The one source that is found, and nothing missing."""
    (source,), missing = found(nvml, *boards, visible=visible, driver=driver)
    assert missing == []
    return source


def poll(nvml: StandIn, source: EnergySource, until_s: float, period_s: float = 0.1) -> list[Reading]:
    """Reads a source as the sampler does, up to a moment of the script's clock."""
    readings = [source.read()]
    while nvml.clock() < until_s - 1e-9:
        nvml.set_clock(min(until_s, nvml.clock() + period_s))
        readings.append(source.read())
    return readings
