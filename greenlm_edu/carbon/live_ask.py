"""Asks a live source, once: kept answers first, a wait that it asked for honoured, its refusal in plain words."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from greenlm_edu.carbon import live_cache
from greenlm_edu.carbon.electricity_maps import ElectricityMaps
from greenlm_edu.carbon.intensity import WORLD, Intensity, _rows, intensity
from greenlm_edu.carbon.live_cache import Kept
from greenlm_edu.carbon.live_source import LiveSource, NoAnswer, Place, checked_base_url
from greenlm_edu.carbon.uk_carbon_intensity import UKCarbonIntensity
from greenlm_edu.errors import InputError

__all__ = ["Answer", "Question", "ask", "asked_about"]

SOURCES: Final[tuple[LiveSource, ...]] = (UKCarbonIntensity(), ElectricityMaps())
# How long an answer stands in where a new request fails: a value as long as its period, a forecast for six hours.
KEPT_FORECAST_S: Final = 6 * 3_600
# An answer whose period ended a day ago, or has not begun, is a fault of the service or of this machine's clock.
OLDEST_S: Final = 86_400
CLOCK_SLACK_S: Final = 3_600
A_YEAR_S: Final = 366 * 86_400.0


@dataclass(frozen=True)
class Question:
    """What is asked of whom.

    Args:
        where: the public function that asks, for its errors.
        country: the yearly average of the place's country.
        source: who is asked.
        place: the place as the source knows it.
        base_url: the source's address.
    """

    where: str
    country: Intensity
    source: LiveSource
    place: Place
    base_url: str

    @property
    def host(self) -> str:
        """The source's name for people."""
        return urlsplit(self.base_url).netloc

    @property
    def origin(self) -> str:
        """What a wait is kept for: all of a server, whatever is asked of it."""
        return f"{urlsplit(self.base_url).scheme}://{self.host}"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Args:
        kept: the checked answer and when it came.
        note: why it is an older one; empty for a new one.
    """

    kept: Kept
    note: str = ""


def asked_about(where: str, region: object, place: str | int | None, source: object, base_url: str | None) -> Question:
    """Choose the source and find the place, without a network.

    Raises:
        UnknownRegion, InputError: no such country, source, place or address.
    """
    # intensity() says what is no text and no country; None, to it, is the world.
    country = intensity(region)  # type: ignore[arg-type]
    if country.region == WORLD:
        raise InputError(
            f"region: a live figure belongs to one grid, so a country must be named; got {region!r}. Try “GBR”, or "
            "carbon.intensity() for the world's yearly average."
        )
    names = {known.name: known for known in SOURCES}
    if source is None:
        chosen = names["uk_carbon_intensity"] if country.region == "GBR" else names["electricity_maps"]
    elif isinstance(source, str) and source in names:
        chosen = names[source]
    else:
        near = difflib.get_close_matches(str(source), names, n=1, cutoff=0.3)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise InputError(
            f"source: one of {', '.join(f'“{name}”' for name in names)} must be given, or none; got {source!r}.{hint}"
        )
    iso2 = next(row["iso2"] for row in _rows() if row["iso3"] == country.region)
    found = chosen.place(country.region, iso2, country.name, place)
    has_key = isinstance(chosen, ElectricityMaps)
    return Question(where, country, chosen, found, checked_base_url(base_url or chosen.base_url, has_key))


def checked_seconds(name: str, value: object, least: float) -> float:
    """A number of seconds from `least` up to a year.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= A_YEAR_S:
        return float(value)
    raise InputError(f"{name}: seconds from {least:g} to {A_YEAR_S:.0f} must be given; got {value!r}.")


def ask(question: Question, what: str, *, horizon_hours: float, time_limit_s: float, cache_s: float) -> Answer:
    """The answer of a source: one kept for less than `cache_s`, else a new one, else one that still holds.

    Args:
        question: what is asked of whom.
        what: "latest" or "forecast".
        horizon_hours: how far the forecast should reach.
        time_limit_s: for the request, all in all.
        cache_s: how old a kept answer may be; 0: none is used.
    Raises:
        NoAnswer: why there is none.
    """
    horizon_h = question.source.horizon_h(horizon_hours) if what == "forecast" else 0
    title = f"{question.source.name} {question.base_url} {what} {horizon_h} {question.place.key}"
    now = datetime.now(UTC)
    old = live_cache.kept(title) if cache_s > 0 else None
    if old is not None and old.fetched_at > now:
        old = None  # this machine's clock was put back since
    if old is not None and (now - old.fetched_at).total_seconds() < cache_s:
        return Answer(old)
    try:
        new = _fetched(question, what, horizon_h, time_limit_s, now)
    except NoAnswer as fault:
        if old is not None and _still_holds(old, what, now):
            return Answer(old, f"the answer of {old.fetched_at:%H:%M} UTC, as a new one failed: {fault.reason}")
        raise
    live_cache.keep(title, new)
    return Answer(new)


def _still_holds(old: Kept, what: str, now: datetime) -> bool:
    if what == "latest":
        return old.periods[-1].end > now
    return (now - old.fetched_at).total_seconds() < KEPT_FORECAST_S and old.periods[-1].end > now


def _fetched(question: Question, what: str, horizon_h: int, time_limit_s: float, now: datetime) -> Kept:
    from greenlm_edu.carbon.http_get import json_from  # here: it brings Python's network library with it

    source = question.source
    key = source.key_header()
    until = live_cache.wait_until(question.origin)
    if until is not None and until > now:
        raise NoAnswer(
            f"it asked for no request before {until:%Y-%m-%d %H:%M:%S} UTC, so none was sent", "Try again after that."
        )
    path = (
        source.latest_path(question.place) if what == "latest" else source.forecast_path(question.place, now, horizon_h)
    )
    try:
        document = json_from(question.base_url + path, key=key, key_advice=source.key_advice, time_limit_s=time_limit_s)
    except NoAnswer as fault:
        if fault.retry_at is not None:
            live_cache.keep_wait(question.origin, fault.retry_at)
        raise
    read = source.read_latest if what == "latest" else source.read_forecast
    named, periods = read(document, question.place)
    last = periods[-1]
    if last.end < now - timedelta(seconds=OLDEST_S if what == "latest" else 0):
        raise NoAnswer(
            f"an answer that is over: it ends {last.end:%Y-%m-%d %H:%M} UTC",
            "Check this machine's clock; try again later.",
        )
    if periods[0].start > now + timedelta(seconds=CLOCK_SLACK_S if what == "latest" else OLDEST_S):
        raise NoAnswer(
            f"an answer for the future: it starts {periods[0].start:%Y-%m-%d %H:%M} UTC", "Check this machine's clock."
        )
    return Kept(datetime.now(UTC), named.name, periods)
