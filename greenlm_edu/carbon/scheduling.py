"""When to run a job: the window of its length with the least carbon intensity in a forecast."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from greenlm_edu.carbon.best_window import Step, longest_stretch, windows
from greenlm_edu.carbon.forecast import GivenForecast, IntensityForecast, forecast_from, intensity_forecast
from greenlm_edu.carbon.period import IntensityPeriod, in_utc
from greenlm_edu.carbon.run_window import RunWindow, Saving
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval, product

__all__ = ["when_to_run"]

MICROSECOND: Final = timedelta(microseconds=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
USUAL_HORIZON_H: Final = 48.0
LONGEST_HORIZON_H: Final = 72.0
MOST: Final = 1e15  # kWh or W; a year of the whole world is 3e13 kWh


def when_to_run(
    hours: float,
    region: str | None = None,
    *,
    forecast: GivenForecast | None = None,
    energy_kwh: float | Interval | None = None,
    power_w: float | Interval | None = None,
    earliest: datetime | None = None,
    deadline: datetime | None = None,
    place: str | int | None = None,
    source: str | None = None,
    time_limit_s: float = 5.0,
    base_url: str | None = None,
    now: datetime | None = None,
) -> RunWindow:
    """The window of so many hours with the least mean carbon intensity.

    With a region the forecast is fetched from the internet; with `forecast` nothing is.

    Args:
        hours: how long the job runs without a break.
        region, place, source, time_limit_s, base_url: whose forecast, as in `live_intensity`.
        forecast: one from `intensity_forecast`, (start, end, g_per_kwh) for each period, or the path of a CSV file with
            the columns start, end, g_per_kwh and perhaps low and high.
        energy_kwh: what the job uses, if known; or else
        power_w: what it draws while it runs.
        earliest: no start before this moment; left out, from now on.
        deadline: the job must have ended by then; left out, by the forecast's end.
        now: what counts as now; left out, this machine's clock.
    Raises:
        InputError: hours that are not above 0 or longer than the forecast, moments without a time zone or out of order,
            a forecast without periods, or none for the time asked for.
        IntensityUnavailable: the forecast cannot be fetched.
    """
    length = _length(hours)
    first = in_utc("earliest", earliest) if earliest is not None else in_utc("now", now or datetime.now(UTC))
    last = in_utc("deadline", deadline) if deadline is not None else None
    if last is not None and last - first < length:
        raise InputError(
            f"deadline: the job's {hours:g} h must fit between its earliest start and the deadline; got "
            f"{first.isoformat()} and {last.isoformat()}. Move one of them, or split the job."
        )
    energy = _energy(energy_kwh, power_w, hours)
    if region is not None and forecast is None:
        reach_h = USUAL_HORIZON_H if last is None else (last - datetime.now(UTC)) / timedelta(hours=1)
        horizon_hours = min(max(reach_h, hours), LONGEST_HORIZON_H)
        known = intensity_forecast(
            region,
            place=place,
            source=source,
            horizon_hours=horizon_hours,
            time_limit_s=time_limit_s,
            base_url=base_url,
        )
    elif forecast is not None and region is None:
        known = forecast_from(forecast)
    else:
        raise InputError(
            "when_to_run: a region or a forecast must be given, and not both; got "
            f"region={region!r} and {'a' if forecast is not None else 'no'} forecast. Leave one of them out."
        )
    return _window(hours, length, known, energy, first, last)


def _window(
    hours: float,
    length: timedelta,
    forecast: IntensityForecast,
    energy_kwh: Interval | None,
    earliest: datetime,
    deadline: datetime | None,
) -> RunWindow:
    _check_reach(hours, length, forecast, earliest, deadline)
    length_us, end = length // MICROSECOND, deadline or forecast.end
    low, best, high = (
        windows(_steps(forecast, pick), length_us, _us(earliest), _us(end)) for pick in (_low, _best, _high)
    )
    if low is None or best is None or high is None:
        raise InputError(
            f"hours: {hours:g} h without a gap must lie in the forecast between "
            f"{max(earliest, forecast.start).isoformat()} and {min(end, forecast.end).isoformat()}; got none. "
            "Give it more time, or split the job."
        )
    chosen = _mean(forecast.periods, best.best, length_us)
    against_now = None
    if _covers(forecast.periods, earliest, earliest + length):
        against_now = _saving(chosen, forecast, best.best, _us(earliest), length_us, energy_kwh)
    # The mean over all starts is linear in the values, so its range is that of the ranges' ends.
    mean = Interval(min(low.mean, best.mean), best.mean, max(high.mean, best.mean))
    return RunWindow(
        hours=hours,
        start=EPOCH + best.best * MICROSECOND,
        end=EPOCH + (best.best + length_us) * MICROSECOND,
        g_per_kwh=chosen,
        energy_kwh=energy_kwh,
        emissions_g=None if energy_kwh is None else product([energy_kwh, chosen]),
        against_now=against_now,
        against_worst=_saving(chosen, forecast, best.best, best.worst, length_us, energy_kwh),
        against_mean=_difference(chosen, mean, 1.0, energy_kwh, None),
        earliest=earliest,
        deadline=deadline,
        forecast=forecast,
    )


def _saving(
    chosen: Interval, forecast: IntensityForecast, best: int, other: int, length_us: int, energy_kwh: Interval | None
) -> Saving:
    """What the window at `best` saves against the one at `other`."""
    apart = min(1.0, abs(other - best) / length_us)
    return _difference(
        chosen, _mean(forecast.periods, other, length_us), apart, energy_kwh, EPOCH + other * MICROSECOND
    )


def _difference(
    chosen: Interval, other: Interval, apart: float, energy_kwh: Interval | None, other_start: datetime | None
) -> Saving:
    """other - chosen, with its doubt.

    A window's hours are taken to err together, two windows independently, but for the hours that both share: these
    cancel, and `apart` is the share of each window that is not shared. Errors that all hours of a forecast have in
    common, a bias, cancel too, so the true doubt is rather smaller.
    """
    best = other.best - chosen.best if apart > 0 else 0.0
    below = apart * math.hypot(other.best - other.low, chosen.high - chosen.best)
    above = apart * math.hypot(other.high - other.best, chosen.best - chosen.low)
    emissions_g = None
    if energy_kwh is not None:
        best_g = energy_kwh.best * best
        low_g = best_g - math.hypot(energy_kwh.best * below, (energy_kwh.best - energy_kwh.low) * best)
        high_g = best_g + math.hypot(energy_kwh.best * above, (energy_kwh.high - energy_kwh.best) * best)
        emissions_g = (low_g, best_g, high_g)
    return Saving(other, (best - below, best, best + above), emissions_g, other_start)


def _check_reach(
    hours: float, length: timedelta, forecast: IntensityForecast, earliest: datetime, deadline: datetime | None
) -> None:
    covers = f"{forecast.start.isoformat()} to {forecast.end.isoformat()}"
    if earliest >= forecast.end:
        raise InputError(
            f"earliest: the job must start within the forecast, which covers {covers}; got {earliest.isoformat()} "
            "(now, if none was given). There is no forecast for that date: fetch a newer one, or give another date."
        )
    if deadline is not None and deadline <= forecast.start:
        raise InputError(
            f"deadline: the job must end within the forecast, which covers {covers}; got {deadline.isoformat()}. "
            "There is no forecast for that date: give a later one, or an older forecast."
        )
    longest = longest_stretch(_steps(forecast, _best)) * MICROSECOND
    if length > longest:
        raise InputError(
            f"hours: the job must fit into the forecast, whose longest stretch without a gap has "
            f"{longest / timedelta(hours=1):g} h; got {hours:g}. Split the job, or give a longer forecast."
        )


def _length(hours: object) -> timedelta:
    if isinstance(hours, int | float) and not isinstance(hours, bool) and 0 < hours < math.inf:
        try:
            length = timedelta(hours=hours)
        except OverflowError:
            length = timedelta(0)
        if length > timedelta(0):
            return length
    raise InputError(
        f"hours: a job's length in hours, above 0, must be given; got {hours!r}. Write 0.5 for 30 minutes."
    )


def _energy(energy_kwh: float | Interval | None, power_w: float | Interval | None, hours: float) -> Interval | None:
    """The job's energy with its range, from either of the two; None where neither was given."""
    if energy_kwh is not None and power_w is not None:
        raise InputError("energy_kwh, power_w: one of them must be left out; got both. The energy is power × hours.")
    if energy_kwh is not None:
        return _positive("energy_kwh", energy_kwh)
    return None if power_w is None else _positive("power_w", power_w).scaled_by(hours / 1000)


def _positive(name: str, value: object) -> Interval:
    if isinstance(value, Interval) and value.best > 0:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MOST:
        return Interval.exactly(float(value))
    raise InputError(
        f"{name}: a number above 0, or an Interval, must be given; got {value!r}. Leave it out if unknown."
    )


def _covers(periods: Sequence[IntensityPeriod], start: datetime, end: datetime) -> bool:
    """Whether periods that touch lead from start to end."""
    reached = start
    for period in periods:
        if period.start <= reached < period.end:
            reached = period.end
    return reached >= end


def _mean(periods: Sequence[IntensityPeriod], start_us: int, length_us: int) -> Interval:
    """The mean intensity from a moment on, over periods that cover it; its hours err together."""
    shares = []
    for period in periods:
        common = min(_us(period.end), start_us + length_us) - max(_us(period.start), start_us)
        if common > 0:
            shares.append((common / length_us, period.g_per_kwh))
    low, best, high = (math.fsum(share * pick(span) for share, span in shares) for pick in (_low, _best, _high))
    return Interval(min(low, best), best, max(high, best))


def _steps(forecast: IntensityForecast, pick: Callable[[Interval], float]) -> list[Step]:
    """The forecast's periods with one end of their ranges."""
    return [Step(_us(period.start), _us(period.end), pick(period.g_per_kwh)) for period in forecast.periods]


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _low(span: Interval) -> float:
    return span.low


def _best(span: Interval) -> float:
    return span.best


def _high(span: Interval) -> float:
    return span.high
