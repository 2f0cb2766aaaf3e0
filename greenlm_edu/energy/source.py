"""The one interface of everything that yields joules, and the words for how they are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from greenlm_edu.interval import Interval

__all__ = ["Basis", "Beat", "EnergySource", "Missing", "Reading"]


class Basis(StrEnum):
    """How a figure is known; it travels with the figure into every total, card, export and plot."""

    COUNTER = "counter"  # the hardware counts joules
    SAMPLED = "sampled"  # the hardware tells its power now and then; joules are integrated here
    MODELLED = "modelled"  # nothing is measured: watts from a table, time from the operating system
    REPLAYED = "replayed"  # a recorded or written trace, not this machine
    UNAVAILABLE = "unavailable"  # not known, and why is said


@dataclass(frozen=True)
class Beat:
    """When a counter moves.

    Args:
        at_s: one moment at which it moved, of the monotonic clock.
        every_s: how often it moves.
    """

    at_s: float
    every_s: float


@dataclass(frozen=True)
class Reading:
    """A source's cumulative energy at one moment of the monotonic clock.

    Args:
        t_s: when, in seconds of `time.monotonic()`.
        energy_j: joules since an origin of the source's own; only differences mean anything.
        step_j: the least change that the source can show; a smaller difference is below its resolution.
        doubt_j: how far `energy_j` may be off by now through gaps between samples; it only grows.
        power_w: the power at this moment, where the source tells it; else None.
        continuity: readings with different numbers here cannot be compared: between them the counter may have started
            again, and nobody can say how often.
        behind_j: how much may have been used that the counter does not show yet; None: the larger step of a window.
        spread_j2: the variance, in J², of errors up to now that fall either way; it only grows.
        lag_s: how old `power_w` is, where energy is integrated from it.
        beat: when the counter moves, where that was seen.
        also: the same component's energy, known in another way, to set beside this one.
        unseen_j: at most so much more was used while nothing could be read; `lost` says why.
        lost: why nothing was known for a time, the last such time; empty where there was none.
    """

    t_s: float
    energy_j: float
    step_j: float = 0.0
    doubt_j: float = 0.0
    power_w: float | None = None
    continuity: int = 0
    behind_j: float | None = None
    spread_j2: float = 0.0
    lag_s: float = 0.0
    beat: Beat | None = None
    also: Reading | None = None
    unseen_j: float = 0.0
    lost: str = ""


@runtime_checkable
class EnergySource(Protocol):
    """Something that yields joules for one component of the machine.

    Attributes:
        component: a short key, unique in one measurement, such as "gpu0" or "cpu".
        label: what a person calls it, such as "GPU 0 · H100".
        basis: how its joules are known.
        gain: by which factor its joules may be off throughout, with best = 1.
        error_group: sources with one and the same name here are off together, and their doubts add linearly.
    """

    component: str
    label: str
    basis: Basis
    gain: Interval
    error_group: str

    @property
    def note(self) -> str:
        """One line on how the figure is made; it may tell more as readings come in."""
        ...

    def read(self) -> Reading:
        """The cumulative energy now.

        Raises:
            EnergyUnavailable: it cannot be read; the text says why and what mends it.
        """
        ...

    def close(self) -> None:
        """Give back what the source holds; reading after it is an error."""
        ...


@dataclass(frozen=True)
class Missing:
    """A component without joules, or without better ones than it has.

    Args:
        component: its short key.
        label: what a person calls it.
        reason: why it is not measured, or not measured better.
        remedy: the exact line that mends it; empty where nothing does.
        present: False where the machine has no such component, so that nothing is lost from a total.
    """

    component: str
    label: str
    reason: str
    remedy: str = ""
    present: bool = True
