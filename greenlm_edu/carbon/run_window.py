"""The best time for a job, and what it saves against other times: as figures, and as a text for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from greenlm_edu.carbon.forecast import IntensityForecast
from greenlm_edu.carbon.period import IntensityPeriod
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["RunWindow", "Saving"]


@dataclass(frozen=True)
class Saving:
    """How much less the best window emits than another one; within the doubt it may be less than nothing.

    Args:
        other_g_per_kwh: the other window's mean intensity.
        g_per_kwh: the difference, as (low, best, high).
        emissions_g: the same in grams for the job's energy, as (low, best, high); None where no energy was given.
        other_start: when the other window starts, in UTC; None for the mean over all starts.
    """

    other_g_per_kwh: Interval
    g_per_kwh: tuple[float, float, float]
    emissions_g: tuple[float, float, float] | None = None
    other_start: datetime | None = None

    @property
    def is_within_doubt(self) -> bool:
        """Whether the other window may be as good, for all that the forecast can tell."""
        return self.g_per_kwh[0] <= 0

    @property
    def share(self) -> float | None:
        """The difference as a share of the other window's intensity; None where that is 0."""
        return self.g_per_kwh[1] / self.other_g_per_kwh.best if self.other_g_per_kwh.best > 0 else None

    def text(self) -> str:
        """The difference with its range, and whether the forecast can tell it.

        >>> Saving(Interval(160, 200, 240), (43.0, 100.0, 157.0), (86.0, 200.0, 314.0)).text()
        '50% less, 100 g/kWh (43 – 157); 200 g (86 – 314) for the job'
        >>> Saving(Interval(160, 200, 240), (-37.0, 20.0, 77.0)).text()
        "10% less, 20 g/kWh (-37 – 77); within the forecast's doubt, so it may be no better"
        """
        low, best, high = self.g_per_kwh
        if best <= 0:
            return "the same window" if low == high and self.other_start is not None else "no difference"
        share = f"{self.share:.0%} less, " if self.share is not None else ""
        words = f"{share}{_number(best)} g/kWh ({_number(low)} – {_number(high)})"
        if self.emissions_g is not None:
            low_g, best_g, high_g = self.emissions_g
            words += f"; {_number(best_g)} g ({_number(low_g)} – {_number(high_g)}) for the job"
        return words + ("; within the forecast's doubt, so it may be no better" if self.is_within_doubt else "")


@dataclass(frozen=True)
class RunWindow:
    """The best time for a job.

    Args:
        hours: how long the job runs.
        start: when to start it, in UTC.
        end: when it ends, in UTC.
        g_per_kwh: the mean intensity in between, with the forecast's doubt.
        energy_kwh: what the job uses; None where it was not given.
        emissions_g: what it then emits; None without an energy.
        against_now: the saving against the earliest start allowed; None where the forecast does not cover such a run.
        against_worst: the saving against the worst start allowed.
        against_mean: the saving against a start drawn at random from those allowed.
        earliest: no start was looked for before, in UTC.
        deadline: the job must have ended by then, in UTC; None without one.
        forecast: what all this is read from.
    """

    hours: float
    start: datetime
    end: datetime
    g_per_kwh: Interval
    energy_kwh: Interval | None
    emissions_g: Interval | None
    against_now: Saving | None
    against_worst: Saving
    against_mean: Saving
    earliest: datetime
    deadline: datetime | None
    forecast: IntensityForecast

    @property
    def periods(self) -> tuple[IntensityPeriod, ...]:
        """The forecast's periods, for a plot: each with its start, its end and its range."""
        return self.forecast.periods

    def text(self, time_zone: str | tzinfo | None = None) -> str:
        """The best time in clock time, what it saves, and where that is known from.

        Args:
            time_zone: such as "Europe/London"; left out, this machine's.
        Raises:
            InputError: no such time zone.
        """
        zone = _zone(time_zone)
        best, low, high = (_number(value) for value in (self.g_per_kwh.best, self.g_per_kwh.low, self.g_per_kwh.high))
        lines = [
            f"Best {self.hours:g} h: {_clock(self.start, zone)} to {_clock(self.end, zone)}, "
            f"{best} g/kWh ({low} – {high})"
        ]
        if self.energy_kwh is not None and self.emissions_g is not None:
            lines.append(f"Emissions of the job's {self.energy_kwh.best:g} kWh: {self.emissions_g.text('g')}")
        now = "not known, as the forecast does not cover such a run"
        if self.against_now is not None:
            now = self.against_now.text()
        lines.append(f"Against starting {_clock(self.earliest, zone)}: {now}")
        if self.against_worst.other_start is not None:
            worst = _clock(self.against_worst.other_start, zone)
            lines.append(f"Against the worst start, {worst}: {self.against_worst.text()}")
        lines.append(f"Against a start at random: {self.against_mean.text()}")
        if self.deadline is not None and self.deadline > self.forecast.end:
            lines.append(
                f"The deadline is later than the forecast's end, {_clock(self.forecast.end, zone)}: no more is known"
            )
        lines.append(f"Forecast: {self.forecast.text()}")
        return "\n".join(lines)


def _zone(time_zone: str | tzinfo | None) -> tzinfo | None:
    """A time zone by its name; None stands for this machine's."""
    if time_zone is None or isinstance(time_zone, tzinfo):
        return time_zone
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(time_zone)
    except (KeyError, OSError, TypeError, ValueError) as err:  # ZoneInfoNotFoundError is a KeyError
        raise InputError(
            f"time_zone: a name of the time zone database must be given; got {time_zone!r}. "
            "Try “Europe/London” or “UTC”, or leave it out for this machine's."
        ) from err


def _clock(moment: datetime, zone: tzinfo | None) -> str:
    """A moment as clocks show it there, with the zone's name, as some hours come twice a year."""
    return f"{moment.astimezone(zone):%a %d %b %Y %H:%M %Z}"


def _number(value: float) -> str:
    """Whole from ten on, one decimal from one on, two digits below."""
    size = abs(value)
    return f"{value:.0f}" if size >= 9.95 or size == 0 else f"{value:.1f}" if size >= 0.995 else f"{value:.2g}"
