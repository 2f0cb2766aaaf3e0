"""Forecasts of a grid's carbon intensity: fetched when asked for, read from a table, or written by hand."""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from greenlm_edu.carbon.live import unavailable
from greenlm_edu.carbon.live_ask import ask, asked_about, checked_seconds
from greenlm_edu.carbon.live_source import MOST_G_PER_KWH, NoAnswer, plain
from greenlm_edu.carbon.period import IntensityPeriod, in_order
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["GivenForecast", "IntensityForecast", "forecast_from", "intensity_forecast"]

# A forecast given without a range is taken to be as good as Great Britain's: four in five of its errors are below
# 1.6 times their mean, and that is near 20 % (August 2026).
GIVEN_DOUBT: Final = 1.3
GIVEN_DOUBT_G: Final = 10.0  # a factor leaves no doubt of a 0, so there is a least one
GIVEN_DOUBT_WORDS: Final = "×/÷ 1.3, or ± 10 g/kWh where that is more, is assumed: no range was given"
COLUMNS: Final = ("start", "end", "g_per_kwh")
RANGE_COLUMNS: Final = ("low", "high")


@dataclass(frozen=True)
class IntensityForecast:
    """The carbon intensity of a grid over some hours or days to come.

    Args:
        periods: by time, without overlap; gaps are hours without a forecast.
        name: the place, for people.
        source: who made it.
        method_note: which emissions it holds.
        doubt: where the ranges are known from.
        licence: how to name the source; empty where that is not known.
        fetched_at: when it was fetched, in UTC; None where it was given.
        note: why it is an older one; empty for a new one.
    Raises:
        InputError: it has no periods, or two overlap.
    """

    periods: tuple[IntensityPeriod, ...]
    name: str = "given forecast"
    source: str = "given by hand"
    method_note: str = "which emissions it holds is not known"
    doubt: str = GIVEN_DOUBT_WORDS
    licence: str = ""
    fetched_at: datetime | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.periods:
            raise InputError(
                "forecast: at least one period must be given; got none. "
                "Fetch one with carbon.intensity_forecast(“GBR”), or give (start, end, g_per_kwh) for each hour."
            )
        object.__setattr__(self, "periods", in_order("forecast", self.periods))

    @property
    def start(self) -> datetime:
        """The first moment that it covers, in UTC."""
        return self.periods[0].start

    @property
    def end(self) -> datetime:
        """The last moment that it covers, in UTC."""
        return self.periods[-1].end

    def text(self) -> str:
        """Whose forecast, of which time, fetched when, of which emissions, how sure."""
        fetched = f"fetched {self.fetched_at:%d %b %Y %H:%M} UTC" if self.fetched_at else ""
        span = f"{self.start:%d %b %Y %H:%M} to {self.end:%d %b %Y %H:%M} UTC"
        parts = [self.name, self.source, span, fetched, self.note, self.method_note, self.doubt, self.licence]
        return " · ".join(part for part in parts if part)


GivenForecast = (
    IntensityForecast | str | Path | Iterable[IntensityPeriod] | Iterable[tuple[datetime, datetime, float | Interval]]
)


def intensity_forecast(
    region: str,
    *,
    place: str | int | None = None,
    source: str | None = None,
    horizon_hours: float = 48,
    time_limit_s: float = 5.0,
    cache_s: float = 900.0,
    base_url: str | None = None,
) -> IntensityForecast:
    """The forecast of a grid's carbon intensity. This asks a server on the internet.

    Args:
        region, place, source, time_limit_s, base_url: as in `live_intensity`.
        horizon_hours: how far it should reach: 48 h for Great Britain whatever is asked; 6, 24, 48 or 72 h elsewhere.
        cache_s: a forecast that came less than so many seconds ago is used again; 0 always asks anew.
    Raises:
        InputError: no such country, place, source or address, or no time limit.
        IntensityUnavailable: there is no answer. A yearly average cannot stand in, as it knows no hours.
    """
    time_limit_s = checked_seconds("time_limit_s", time_limit_s, least=0.01)
    cache_s = checked_seconds("cache_s", cache_s, least=0.0)
    if not 0 < horizon_hours < math.inf:
        raise InputError(f"horizon_hours: a finite number above 0 must be given; got {horizon_hours!r}. 48 is usual.")
    question = asked_about("carbon.intensity_forecast", region, place, source, base_url)
    try:
        answer = ask(question, "forecast", horizon_hours=horizon_hours, time_limit_s=time_limit_s, cache_s=cache_s)
    except NoAnswer as fault:
        instead = "or give a forecast of your own to carbon.when_to_run(…, forecast=)"
        raise unavailable(question, fault, instead) from fault.with_traceback(None)
    return IntensityForecast(
        answer.kept.periods,
        name=answer.kept.name,
        source=question.source.publisher,
        method_note=question.source.method_note,
        doubt=question.source.doubt_words("forecast", question.place),
        licence=question.source.licence,
        fetched_at=answer.kept.fetched_at,
        note=answer.note,
    )


def forecast_from(given: GivenForecast) -> IntensityForecast:
    """A forecast from periods, from (start, end, g_per_kwh) for each of them, or from the path of a CSV file.

    The file has a line of names first: start, end, g_per_kwh, and low and high if the range is known; moments in
    ISO 8601 with their offset from UTC, such as 2026-11-27T18:00+00:00.

    Raises:
        InputError: no such file, a line that cannot be read, overlapping periods, none at all.
    """
    if isinstance(given, IntensityForecast):
        return given
    if isinstance(given, str | Path):
        return _from_file(Path(given))
    if not isinstance(given, Iterable):
        raise InputError(f"forecast: periods, or the path of a CSV file, must be given; got {given!r}.")
    periods = [_period(entry, f"forecast[{number}]") for number, entry in enumerate(given)]
    return IntensityForecast(tuple(periods))


def _period(entry: object, where: str) -> IntensityPeriod:
    if isinstance(entry, IntensityPeriod):
        return entry
    if not (isinstance(entry, tuple | list) and len(entry) == 3):
        raise InputError(f"{where}: (start, end, g_per_kwh) must be given; got {plain(repr(entry))}.")
    start, end, g_per_kwh = entry
    if not isinstance(g_per_kwh, Interval):
        g_per_kwh = _assumed_range(_grams(g_per_kwh, where))
    return IntensityPeriod(start, end, g_per_kwh)


def _grams(value: object, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_G_PER_KWH:
        return float(value)
    raise InputError(
        f"{where}: g_per_kwh must be a number from 0 to {MOST_G_PER_KWH:.0f}; got {value!r}. "
        "Leave out hours that are not known."
    )


def _assumed_range(best: float) -> Interval:
    span, least = Interval.times_over(best, GIVEN_DOUBT), Interval.plus_minus(best, GIVEN_DOUBT_G)
    return Interval(min(span.low, least.low), best, max(span.high, least.high))


def _from_file(path: Path) -> IntensityForecast:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        said = getattr(err, "strerror", None) or "no UTF-8 text"
        raise InputError(f"forecast: {path} must be a readable CSV file; got {said}. Check the path.") from err
    reader = csv.DictReader(text.splitlines())
    names = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = names
    for column in COLUMNS:
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1)
            hint = f" Did “{near[0]}” mean it?" if near else ""
            raise InputError(
                f"forecast: {path.name} must have the columns {', '.join(COLUMNS)} in its first line; “{column}” is "
                f"missing, got {plain(', '.join(names)) or 'an empty file'}.{hint}"
            )
    has_range = all(column in names for column in RANGE_COLUMNS)
    periods = tuple(_from_row(row, f"forecast: {path.name}, line {reader.line_num}", has_range) for row in reader)
    doubt = "ranges as given in the file" if has_range else GIVEN_DOUBT_WORDS
    return IntensityForecast(periods, name=path.stem, source=path.name, doubt=doubt)


def _from_row(row: dict[str, str | None], where: str, has_range: bool) -> IntensityPeriod:
    names = [*COLUMNS, *(RANGE_COLUMNS if has_range else ())]
    try:
        start, end = (datetime.fromisoformat((row[name] or "").strip()) for name in COLUMNS[:2])
        numbers = [float((row[name] or "").strip()) for name in names[2:]]
    except ValueError as err:
        got = plain(", ".join(row[name] or "nothing" for name in names), 100)
        raise InputError(
            f"{where}: moments as 2026-11-27T18:00+00:00 and numbers must stand there; got {got}."
        ) from err
    best = _grams(numbers[0], where)
    if not has_range:
        return IntensityPeriod(start, end, _assumed_range(best))
    return IntensityPeriod(start, end, Interval(numbers[1], best, numbers[2]))
