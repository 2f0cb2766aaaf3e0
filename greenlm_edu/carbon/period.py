"""A stretch of time with one grid intensity, and moments that leave no doubt which they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["IntensityPeriod", "in_order", "in_utc"]


@dataclass(frozen=True)
class IntensityPeriod:
    """The grid's carbon intensity between two moments, taken as constant in between.

    Args:
        start: its first moment, with a time zone; kept in UTC.
        end: its last moment, after `start`; kept in UTC.
        g_per_kwh: grams of CO2 or CO2e a kilowatt-hour, with their range.
        kind: "actual", "estimated" or "forecast": how the value is known.
    Raises:
        InputError: a moment without a time zone, or an end that is not after the start.
    """

    start: datetime
    end: datetime
    g_per_kwh: Interval
    kind: str = "forecast"

    def __post_init__(self) -> None:
        # Two moments of one ZoneInfo are subtracted as clocks show them, an hour wrong where clocks change: hence UTC.
        object.__setattr__(self, "start", in_utc("IntensityPeriod.start", self.start))
        object.__setattr__(self, "end", in_utc("IntensityPeriod.end", self.end))
        if self.end <= self.start:
            raise InputError(
                f"IntensityPeriod: its end must come after its start; got start={self.start.isoformat()}, "
                f"end={self.end.isoformat()}. Swap them, or mend the forecast."
            )

    def covers(self, moment: datetime) -> bool:
        """Whether the moment lies in this period, its end left out."""
        return self.start <= moment < self.end


def in_utc(where: str, value: object) -> datetime:
    """The same moment in UTC.

    Raises:
        InputError: no date with a time, one without a time zone, or one outside the years 1 to 9999.
    """
    if not isinstance(value, datetime):
        raise InputError(
            f"{where}: a date with a time must be given; got {value!r}. "
            'Write for example datetime(2026, 11, 27, 18, 0, tzinfo=ZoneInfo("Europe/London")).'
        )
    if value.utcoffset() is None:
        raise InputError(
            f"{where}: a time zone must be given, as a clock time alone is another moment in each; got "
            f'{value.isoformat(sep=" ")}. Add tzinfo=ZoneInfo("Europe/London"), or .astimezone() for this '
            "machine's zone."
        )
    try:
        return value.astimezone(UTC)
    except OverflowError as err:
        raise InputError(f"{where}: the moment must lie in the years 1 to 9999; got {value.isoformat()}.") from err


def in_order(where: str, periods: Iterable[IntensityPeriod]) -> tuple[IntensityPeriod, ...]:
    """The periods by time; gaps are left as they are.

    Raises:
        InputError: two of them overlap, so that one moment would have two intensities.
    """
    ordered = sorted(periods, key=lambda period: period.start)
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end:
            raise InputError(
                f"{where}: one moment must have one intensity, so periods must not overlap; got "
                f"{earlier.start.isoformat()} to {earlier.end.isoformat()} and {later.start.isoformat()} to "
                f"{later.end.isoformat()}. Leave one of them out."
            )
    return tuple(ordered)
