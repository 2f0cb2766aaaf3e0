"""Grids of the world by the hour: the Electricity Maps API. It needs a key, in ELECTRICITY_MAPS_API_KEY.

A free key covers one zone, without forecasts, for personal use. Version 4 of the API is asked; version 3, the older
one, answers in the same shape: base_url=“https://api.electricitymaps.com/v3”. Without a zone that it knows, the API
would answer for wherever the caller's internet address lies: that is turned off, and the zone of each answer compared.

Source: https://app.electricitymaps.com/docs, https://help.electricitymaps.com. Its yearly data sets are published under
the ODbL; what a key gives is under the terms of its plan, which are not public in full. It publishes no error of its
figures, so the ranges here are assumed, the forecast's after that of Great Britain (mean 20 % off, in August 2026).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from greenlm_edu.carbon.live_source import (
    KeyHeader,
    LiveSource,
    NoAnswer,
    Place,
    amount,
    by_time,
    fields_of,
    moment,
    plain,
    rows_of,
)
from greenlm_edu.carbon.period import IntensityPeriod
from greenlm_edu.errors import InputError
from greenlm_edu.interval import Interval

__all__ = ["ElectricityMaps"]

KEY_VARIABLE: Final = "ELECTRICITY_MAPS_API_KEY"
DOUBT: Final = {"actual": 1.1, "estimated": 1.3, "forecast": 1.3}
HORIZONS_H: Final = (6, 24, 48, 72)
LENGTHS: Final = {
    "5_minutes": timedelta(minutes=5),
    "15_minutes": timedelta(minutes=15),
    "hourly": timedelta(hours=1),
}
_ZONE: Final = re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,6})*")
LIFE_CYCLE_NOTE: Final = (
    "life cycle of all plants, electricity traded with neighbours included (flow-traced); "
    "yearly figures may differ, as they count where electricity is made"
)


@dataclass(frozen=True)
class ElectricityMaps(LiveSource):
    """The Electricity Maps API; its fields are described at LiveSource."""

    name: str = "electricity_maps"
    publisher: str = "Electricity Maps"
    base_url: str = "https://api.electricitymaps.com/v4"
    licence: str = (
        "data: Electricity Maps, electricitymaps.com, under the terms of the key's plan (a free one: personal, "
        "non-commercial use)"
    )
    method: str = "life cycle"
    method_note: str = LIFE_CYCLE_NOTE
    key_advice: str = f"Check {KEY_VARIABLE} and what its plan covers: a free one has one zone and no forecast."

    def place(self, region: str, iso2: str, country: str, place: str | int | None) -> Place:
        """A country by its ISO-2 code, or one of its zones, such as US-CAL-CISO."""
        if place is None and iso2:
            return Place(region, country, iso2)
        zone = place.strip().upper() if isinstance(place, str) else ""
        if iso2 and _ZONE.fullmatch(zone) and zone.split("-")[0] == iso2:
            return Place(region, f"{country}, zone {zone}", zone)
        if not iso2:
            raise InputError(f"region: Electricity Maps needs a country; got {country}. Name one.")
        raise InputError(
            f"place: a zone of Electricity Maps in {country} must be given, beginning with “{iso2}”; got "
            f"{plain(repr(place))}. Find zones at app.electricitymaps.com, or leave it out for the whole country."
        )

    def key_header(self) -> KeyHeader | None:
        """The key in ELECTRICITY_MAPS_API_KEY."""
        # No variable holds the key alone, so that no traceback that prints variables shows it.
        header = KeyHeader("auth-token", os.environ.get(KEY_VARIABLE, "").strip())
        if not header.value:
            raise NoAnswer(
                f"{KEY_VARIABLE} is not set",
                f"Get a key at electricitymaps.com and put it into the environment variable {KEY_VARIABLE}.",
            )
        if not (header.value.isascii() and header.value.isprintable()) or " " in header.value:
            # Said without the key: Python's own error for such a header would print it.
            raise InputError(
                f"{KEY_VARIABLE}: a key is made of printable ASCII characters without spaces; got others among them. "
                "Copy it again."
            )
        return header

    def latest_path(self, place: Place) -> str:
        """The newest hour."""
        query = {"zone": place.key, "emissionFactorType": "lifecycle", "disableCallerLookup": "true"}
        return f"/carbon-intensity/latest?{urlencode(query)}"

    def horizon_h(self, hours: float) -> int:
        """6, 24, 48 or 72: the least that holds what is asked for."""
        return next((horizon for horizon in HORIZONS_H if horizon >= hours), HORIZONS_H[-1])

    def forecast_path(self, place: Place, start: datetime, horizon_h: int) -> str:
        """The hours from now on."""
        query = {"zone": place.key, "horizonHours": str(horizon_h), "disableCallerLookup": "true"}
        return f"/carbon-intensity/forecast?{urlencode(query)}"

    def read_latest(self, answer: dict[str, Any], place: Place) -> tuple[Place, tuple[IntensityPeriod, ...]]:
        """The newest hour, measured or estimated."""
        _check(answer, place)
        kind = "actual" if answer.get("isEstimated") is False else "estimated"
        if _is_unknown(answer):
            raise NoAnswer("no value for the newest hour (null, or 0)")
        return place, (_period(answer, kind, _length(answer)),)

    def read_forecast(self, answer: dict[str, Any], place: Place) -> tuple[Place, tuple[IntensityPeriod, ...]]:
        """The hours that have a forecast; those without one stay gaps."""
        _check(answer, place)
        rows = [fields_of(row, "a forecast's entry") for row in rows_of(answer.get("forecast"), "forecast")]
        known = [row for row in rows if not _is_unknown(row)]
        if not known:
            raise NoAnswer("a forecast without values (null throughout)")
        length = _length(answer)
        return place, by_time([_period(row, "forecast", length) for row in known])

    def kind_words(self, kind: str) -> str:
        """How a value of this kind is known."""
        return {"actual": "from measured generation", "estimated": "estimated, not measured yet"}.get(kind, "forecast")

    def doubt_words(self, kind: str, place: Place) -> str:
        """Where the range of such a value is known from."""
        return f"×/÷ {DOUBT.get(kind, DOUBT['forecast'])} is assumed: the publisher states no error"


def _check(answer: dict[str, Any], place: Place) -> None:
    if answer.get("zone") != place.key:
        raise NoAnswer(f"an answer for another zone than {place.key}")
    if answer.get("emissionFactorType", "lifecycle") != "lifecycle":
        raise NoAnswer("an answer of another kind: emissions of the life cycle were asked for")


def _is_unknown(row: dict[str, Any]) -> bool:
    """Whether the value is missing; no grid's life cycle emits nothing, so a 0 is one that is not known."""
    value = row.get("carbonIntensity")
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value == 0)


def _length(answer: dict[str, Any]) -> timedelta:
    """How long each value holds: an hour, unless the answer names another length."""
    named = answer.get("temporalGranularity", "hourly")
    if not isinstance(named, str) or named not in LENGTHS:
        raise NoAnswer("an answer of another kind: values for hours, or parts of one, are needed")
    return LENGTHS[named]


def _period(row: dict[str, Any], kind: str, length: timedelta) -> IntensityPeriod:
    start = moment(row.get("datetime"), "datetime")
    g_per_kwh = amount(row.get("carbonIntensity"), "carbonIntensity")
    try:
        return IntensityPeriod(start, start + length, Interval.times_over(g_per_kwh, DOUBT[kind]), kind)
    except OverflowError as err:
        raise NoAnswer("no usable time: datetime lies outside the years 1 to 9999") from err
