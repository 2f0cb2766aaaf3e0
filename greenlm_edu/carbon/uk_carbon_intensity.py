"""Great Britain's grid, each half hour: the Carbon Intensity API of its system operator. No key is needed.

What was found in its documentation and by those who use it, and is met here:

- `actual` is estimated from metered generation, comes when the half hour is over, and is revised for a day. Regions
  have no `actual`. A national 0 is a fault (so on 2023-06-07), as gas and imports always run: it counts as unknown.
- An outage gives 500, or 200 with an empty object.
- A region found by postcode may carry the number of its neighbour (BN3: 13 for 14), so its name is what counts.

Source: https://carbon-intensity.github.io/api-definitions, its terms (CC BY 4.0), its methodology (2024), its issues 8,
11, 19 and 20. The forecasts' errors: 24.2 g/kWh on average over 1.3 million national forecasts of up to 48 h (nmpowell,
carbon-intensity-forecast-tracking, August 2026; a fifth to a quarter are above 40), about 10 at a half hour's start
(issue 11, 2,450 half hours of 2021). Normal and Laplace errors alike, four in five are below 1.6 times their average.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

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

__all__ = ["UKCarbonIntensity"]

FOUR_IN_FIVE: Final = 1.6
FORECAST_DOUBT_G: Final = FOUR_IN_FIVE * 24.2
START_DOUBT_G: Final = FOUR_IN_FIVE * 10
# How far an estimate from metered generation and a factor for each fuel may be off: assumed, as nobody publishes it.
METHOD_DOUBT: Final = 0.1

REGIONS: Final = (
    "North Scotland",
    "South Scotland",
    "North West England",
    "North East England",
    "Yorkshire",
    "North Wales and Merseyside",
    "South Wales",
    "West Midlands",
    "East Midlands",
    "East England",
    "South West England",
    "South England",
    "London",
    "South East England",
    "England",
    "Scotland",
    "Wales",
)
_OUTWARD: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)( ?[0-9][A-Z]{2})?")
NATIONAL: Final = "national"


@dataclass(frozen=True)
class UKCarbonIntensity(LiveSource):
    """The Carbon Intensity API of Great Britain; its fields are described at LiveSource."""

    name: str = "uk_carbon_intensity"
    publisher: str = "NESO Carbon Intensity API"
    base_url: str = "https://api.carbonintensity.org.uk"
    licence: str = "data: National Energy System Operator, carbonintensity.org.uk, CC BY 4.0"
    method: str = "operational"
    method_note: str = (
        "CO2 of generation only, without fuel supply and plants (wind, sun and nuclear count as 0): "
        "do not compare it with yearly figures, which hold the life cycle"
    )
    key_advice: str = "Great Britain's source takes no key: check base_url and the proxy."

    def place(self, region: str, iso2: str, country: str, place: str | int | None) -> Place:
        """All of Great Britain, one of its 17 regions by number or name, or the region of a postcode."""
        if region != "GBR":
            raise InputError(
                f"source: “{self.name}” knows Great Britain alone; got {country}. Use source=“electricity_maps”."
            )
        if place is None:
            return Place(region, "Great Britain", NATIONAL)
        if isinstance(place, int) and not isinstance(place, bool) and 1 <= place <= len(REGIONS):
            return Place(region, REGIONS[place - 1], f"regionid/{place}")
        if isinstance(place, str):
            names = {name.casefold(): number for number, name in enumerate(REGIONS, start=1)}
            number = names.get(" ".join(place.split()).casefold())
            if number is not None:
                return Place(region, REGIONS[number - 1], f"regionid/{number}")
            postcode = _OUTWARD.fullmatch(place.strip().upper())
            if postcode is not None and postcode[1].startswith("BT"):
                raise InputError(
                    f"place: Northern Ireland is not part of Great Britain's grid; got “{plain(place)}”. "
                    "Use source=“electricity_maps” with place=“GB-NIR”."
                )
            if postcode is not None:  # only its first half is asked for, and so told to the source
                return Place(region, f"postcode {postcode[1]}", f"postcode/{postcode[1]}")
            near = difflib.get_close_matches(place.casefold(), names, n=3, cutoff=0.5)
            hint = "Nearest: " + ", ".join(REGIONS[names[name] - 1] for name in near) + ". " if near else ""
        else:
            hint = ""
        raise InputError(
            f"place: a region's number (1 to {len(REGIONS)}) or name, or a postcode of Great Britain, must be given; "
            f"got {plain(repr(place))}. {hint}Leave it out for all of Great Britain."
        )

    def key_header(self) -> KeyHeader | None:
        """None: no key."""
        return None

    def latest_path(self, place: Place) -> str:
        """The current half hour."""
        return "/intensity" if place.key == NATIONAL else f"/regional/{place.key}"

    def horizon_h(self, hours: float) -> int:
        """48: it comes whole."""
        return 48

    def forecast_path(self, place: Place, start: datetime, horizon_h: int) -> str:
        """The 48 h from a moment on."""
        when = quote(f"{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}", safe="")
        where = "" if place.key == NATIONAL else f"/{place.key}"
        return f"{'/regional' if where else ''}/intensity/{when}/fw{horizon_h}h{where}"

    def read_latest(self, answer: dict[str, Any], place: Place) -> tuple[Place, tuple[IntensityPeriod, ...]]:
        """The newest half hour that came: its actual figure, or its forecast where there is none yet."""
        named, rows = _rows(answer, place)
        periods = by_time([found for row in rows if (found := _period(row, place, latest=True)) is not None])
        if not periods:
            raise NoAnswer("no value for the current half hour (null, or a national 0)")
        return named, periods[-1:]

    def read_forecast(self, answer: dict[str, Any], place: Place) -> tuple[Place, tuple[IntensityPeriod, ...]]:
        """The half hours that have a forecast; those without one stay gaps."""
        named, rows = _rows(answer, place)
        periods = by_time([found for row in rows if (found := _period(row, place, latest=False)) is not None])
        if not periods:
            raise NoAnswer("a forecast without values (null throughout)")
        return named, periods

    def kind_words(self, kind: str) -> str:
        """How a value of this kind is known."""
        return "estimated from metered generation" if kind == "actual" else "forecast"

    def doubt_words(self, kind: str, place: Place) -> str:
        """Where the range of such a value is known from."""
        if kind == "actual":
            return f"± {METHOD_DOUBT:.0%} is assumed: the publisher states none, and revises its figures for a day"
        words = (
            f"± {FORECAST_DOUBT_G:.0f} g/kWh held for four in five national forecasts of up to 48 h"
            f" (± {START_DOUBT_G:.0f} for the half hour under way); ± {METHOD_DOUBT:.0%} for the method is assumed"
        )
        return words if place.key == NATIONAL else f"{words}; for regions no error is known, as no actual is published"


def _rows(answer: dict[str, Any], place: Place) -> tuple[Place, list[Any]]:
    """The half hours of an answer, and the place with the name that the source gives it."""
    data = answer.get("data")
    if place.key == NATIONAL:
        return place, rows_of(data, "data")
    # The current half hour of a region comes in a list of one, its forecast without the list.
    region = fields_of(data[0] if isinstance(data, list) and len(data) == 1 else data, "data")
    if place.key.startswith("regionid/") and str(region.get("regionid")) != place.key.removeprefix("regionid/"):
        raise NoAnswer(f"an answer for another region ({plain(region.get('regionid'))})")
    name = plain(region.get("shortname") or "")
    if place.key.startswith("postcode/") and name:
        place = Place(place.region, f"{name} ({place.name})", place.key)
    return place, rows_of(region.get("data"), "data.data")


def _period(row: Any, place: Place, latest: bool) -> IntensityPeriod | None:
    """One half hour, or None where its value is unknown."""
    fields = fields_of(row, "a period")
    start, end = moment(fields.get("from"), "from"), moment(fields.get("to"), "to")
    if end <= start:
        raise NoAnswer("an answer that contradicts itself: a period ends before it starts")
    values = fields_of(fields.get("intensity"), "intensity")
    for kind in ("actual", "forecast") if latest else ("forecast",):
        if values.get(kind) is None:
            continue
        g_per_kwh = amount(values[kind], f"intensity.{kind}")
        if g_per_kwh == 0 and place.key == NATIONAL:
            continue
        doubt_g = FORECAST_DOUBT_G
        if kind == "actual":
            doubt_g = 0.0
        elif latest and place.key == NATIONAL:
            doubt_g = START_DOUBT_G
        span = Interval.plus_minus(g_per_kwh, doubt_g).widened(METHOD_DOUBT * g_per_kwh)
        return IntensityPeriod(start, end, span, kind)
    return None
