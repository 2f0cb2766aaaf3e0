"""What one cell or `with` block used: joules by component, each with its basis and range, and the footprint of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from greenlm_edu import carbon
from greenlm_edu.carbon import Footprint
from greenlm_edu.energy import Basis, PowerTrace
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.interval import Interval, sum_independent, sum_shared
from greenlm_edu.metering.budget import Budget
from greenlm_edu.metering.curve import Curve
from greenlm_edu.metering.progress import Progress

__all__ = ["Component", "Mark", "Measurement", "Origin", "total"]


@dataclass(frozen=True)
class Component:
    """One component's share of a measurement.

    Args:
        component: its key, such as "gpu0" or "cpu".
        label: what a person calls it.
        basis: how its figure is known.
        energy_j: joules with their range; None where nothing is known.
        idle_j: what it would have used in this time with nothing to do; None where idle was not measured.
        reason: why it is not measured, or what a reader must know of the figure; else empty.
        note: one line on how the figure is made.
        below_resolution: the source moves in larger steps than what was used.
        error_group: components with the same name here are off together.
        meters: what exactly is metered, by a name that is the same wherever it is seen from (see `energy.place`), so
            that several processes that meter one thing are told from several things; empty where nobody else can.
    """

    component: str
    label: str
    basis: Basis
    energy_j: Interval | None
    idle_j: float | None = None
    reason: str = ""
    note: str = ""
    below_resolution: bool = False
    error_group: str = ""
    meters: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a measurement was made, and when on that machine's own clock.

    Args:
        host: the machine, as `energy.place.host_id` names it.
        process: the process, as `energy.place.process_place` names it.
        start_s: the start, in seconds of the machine's monotonic clock, which says nothing on other machines.
    """

    host: str
    process: str
    start_s: float


@dataclass(frozen=True)
class Mark:
    """Something that happened while a measurement ran, such as the end of an epoch.

    Args:
        t_s: seconds since the measurement's start.
        kind: what it was, such as "epoch".
        energy_j: best figure of the joules used up to then; None where nothing is known.
        values: what was reported with it, such as {"epoch": 3, "loss": 1.9, "val_loss": 2.0}.
    """

    t_s: float
    kind: str
    energy_j: float | None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Measurement:
    """The energy of one cell or block; complete once the block has ended.

    While the block runs, `duration_s` and `components` tell how far it has come (`refresh` brings them up to date).

    Attributes:
        name: what the caller called it; may be empty.
        region, pue: the defaults of `footprint`.
        started_at: the time of day at the start, UTC, for the record only; durations use the monotonic clock.
        duration_s: seconds from start to end.
        components: what is known of each component, the unmeasured ones too.
        status: "running", "finished", "interrupted" or "failed: …".
        marks: what was reported while it ran.
        trace: the power of each component over time.
        context: where it ran: notebook, cell, versions.
        notices: what went wrong beside the measurement, such as a record that could not be written.
        around: the measurement that was under way when this one began.
        provisional: it runs, and nobody has decided yet whether it is worth keeping (see `start`).
        dropped: it was provisional, and nobody kept it.
        progress: how far a training run has come; None where none has reported.
        curves: by name, such as "loss", what was reported step by step.
        guess_j: the joules that the learner expected; None where nobody was asked, or nobody answered.
        budget: how much it may use; None where nobody set a limit.
        origin: the machine, the process and the moment; None where nobody wrote that down, and for a merged one.
        parts: the measurements that were merged into this one; empty for one that was measured.
    """

    name: str = ""
    region: str | None = None
    pue: float = 1.0
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    duration_s: float = 0.0
    components: tuple[Component, ...] = ()
    status: str = "running"
    marks: list[Mark] = field(default_factory=list)
    trace: PowerTrace | None = None
    context: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    around: Measurement | None = None
    provisional: bool = False
    dropped: bool = False
    progress: Progress | None = None
    curves: dict[str, Curve] = field(default_factory=dict)
    guess_j: float | None = None
    budget: Budget | None = None
    origin: Origin | None = None
    parts: tuple[Measurement, ...] = ()

    @property
    def processes(self) -> int:
        """How many processes measured; one whose origin nobody wrote down counts as a process of its own."""
        origins = [part.origin for part in self.parts or (self,)]
        return len({origin.process for origin in origins if origin}) + origins.count(None)

    @property
    def hosts(self) -> int:
        """On how many machines they were; counted in the same way."""
        origins = [part.origin for part in self.parts or (self,)]
        return len({origin.host for origin in origins if origin}) + origins.count(None)

    @property
    def parent(self) -> Measurement | None:
        """The kept measurement around this one, whose joules hold these; None where there is none."""
        outer = self.around
        while outer is not None and (outer.dropped or outer.provisional):
            outer = outer.around
        return outer

    @property
    def energy_j(self) -> Interval | None:
        """The joules of all components that are known, replayed ones too; None where none is: unknown is never zero."""
        return total(self.components)

    @property
    def own_energy_j(self) -> Interval | None:
        """The joules that this machine used, without what was replayed; None where none is known."""
        return total(part for part in self.components if part.basis is not Basis.REPLAYED)

    @property
    def replayed_j(self) -> Interval | None:
        """The joules that were replayed, which nobody used here and now; None where there are none."""
        return total(part for part in self.components if part.basis is Basis.REPLAYED)

    @property
    def idle_j(self) -> float | None:
        """What the same components would have used at rest; None unless idle was measured for all of them."""
        known = [part for part in self.components if part.energy_j is not None]
        if not known or any(part.idle_j is None for part in known):
            return None
        return sum(part.idle_j or 0.0 for part in known)

    @property
    def above_idle_j(self) -> float | None:
        """What this block used beyond rest, best figure; None unless idle was measured for all that is known."""
        energy_j, idle_j = self.energy_j, self.idle_j
        return None if energy_j is None or idle_j is None else max(0.0, energy_j.best - idle_j)

    @property
    def unmeasured(self) -> tuple[Component, ...]:
        """The components without joules, each with its reason; the total is without them."""
        return tuple(part for part in self.components if part.energy_j is None)

    @property
    def bases(self) -> tuple[Basis, ...]:
        """The bases of the total, without repetition, in the order of `Basis`."""
        return tuple(
            basis for basis in Basis if any(p.basis is basis and p.energy_j is not None for p in self.components)
        )

    def footprint(self, region: str | None = None, pue: float | None = None) -> Footprint:
        """The emissions of this energy on the grid of a region.

        Args:
            region: a country; the one that the measurement was started with if left out, else the world's average.
            pue: of the building, 1 or more; the one that the measurement was started with if left out.
        Raises:
            UnknownRegion: no such country.
            InputError: pue is below 1.
            EnergyUnavailable: no component's energy is known.
        """
        grid = carbon.intensity(self.region if region is None else region)
        energy_j = self.energy_j
        if energy_j is None:
            raise EnergyUnavailable(
                "footprint: joules of at least one component must be known; "
                f"got none in “{self.name or 'this measurement'}”. `greenlm doctor` says why, and what mends it."
            )
        return carbon.footprint(energy_j, grid, self.pue if pue is None else pue)

    def __repr__(self) -> str:
        energy = self.energy_j
        figure = energy.text("J") if energy else "energy not measured"
        bases = " + ".join(self.bases) or "-"
        return f"<Measurement {self.name!r} {self.status}: {self.duration_s:.2f} s, {figure}, {bases}>"


def total(components: Iterable[Component]) -> Interval | None:
    """The sum of the components that are known: shared doubts linearly, independent ones in quadrature.

    >>> total([]) is None
    True
    """
    groups: dict[str, list[Interval]] = defaultdict(list)
    for part in components:
        if part.energy_j is not None:
            groups[part.error_group or part.component].append(part.energy_j)
    return sum_independent(sum_shared(group) for group in groups.values()) if groups else None
