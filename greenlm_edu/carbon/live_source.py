"""What a source of live grid intensity must offer, and how its answers are checked: junk never becomes a figure.

A source only says what to ask and what an answer means; `http_get` does the asking. So nothing here needs a network.
"""

from __future__ import annotations

import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

from greenlm_edu.carbon.period import IntensityPeriod
from greenlm_edu.errors import InputError

__all__ = ["KeyHeader", "LiveSource", "NoAnswer", "Place", "checked_base_url", "is_this_machine", "plain"]

# Coal at its dirtiest is near 1,200 g/kWh, life cycle included; more is another unit or a fault.
MOST_G_PER_KWH: Final = 3_000.0

_KINDS: Final = {str: "a text", bool: "true or false", type(None): "nothing", list: "a list", dict: "named fields"}


class NoAnswer(Exception):
    """Why a source gave nothing that can be used. It stays inside this room: callers get IntensityUnavailable.

    Args:
        reason: what happened, in a few words.
        advice: what to do next.
        retry_at: the source wants no request before this moment.
    """

    def __init__(self, reason: str, advice: str = "Try again later.", retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason, self.advice, self.retry_at = reason, advice, retry_at


@dataclass(frozen=True, repr=False)
class KeyHeader:
    """The header that carries a key. Its text never shows the value, not even where a traceback prints variables."""

    name: str
    value: str

    def __repr__(self) -> str:
        return f"KeyHeader({self.name}: hidden)"


@dataclass(frozen=True)
class Place:
    """A place as a source knows it.

    Args:
        region: ISO-3 code of its country.
        name: its name for people.
        key: what the source calls it.
    """

    region: str
    name: str
    key: str


@dataclass(frozen=True)
class LiveSource(ABC):
    """A publisher of live grid intensities.

    Args:
        name: what `source=` calls it.
        publisher: its name for people.
        base_url: where it answers.
        licence: what its data may be used for, and how to name it.
        method: "operational" or "life cycle": which emissions its figures hold.
        method_note: the same as a sentence, with what it means for comparisons.
        key_advice: what to do where it does not let one in.
    """

    name: str
    publisher: str
    base_url: str
    licence: str
    method: str
    method_note: str
    key_advice: str

    @abstractmethod
    def place(self, region: str, iso2: str, country: str, place: str | int | None) -> Place:
        """The place as this source knows it; InputError where it has no such place."""

    @abstractmethod
    def key_header(self) -> KeyHeader | None:
        """The key to send, if any; NoAnswer where one is needed and none is set."""

    @abstractmethod
    def latest_path(self, place: Place) -> str:
        """What to ask for the newest value."""

    @abstractmethod
    def horizon_h(self, hours: float) -> int:
        """How far a forecast reaches, of the lengths that there are, where so many hours are asked for."""

    @abstractmethod
    def forecast_path(self, place: Place, start: datetime, horizon_h: int) -> str:
        """What to ask for the forecast from this moment on."""

    @abstractmethod
    def read_latest(self, answer: dict[str, Any], place: Place) -> tuple[Place, tuple[IntensityPeriod, ...]]:
        """The newest value, as one period, and the place that the source says it is for."""

    @abstractmethod
    def read_forecast(self, answer: dict[str, Any], place: Place) -> tuple[Place, tuple[IntensityPeriod, ...]]:
        """The forecast's periods by time."""

    @abstractmethod
    def kind_words(self, kind: str) -> str:
        """How a value of this kind is known, for people."""

    @abstractmethod
    def doubt_words(self, kind: str, place: Place) -> str:
        """How wide the range of such a value is, and where that is known from."""


def checked_base_url(base_url: str, has_key: bool) -> str:
    """The address of a source, without a slash at its end.

    Raises:
        InputError: it is no web address, holds a password, or would carry the key over an unencrypted line.
    """
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not (parts.username or parts.password or parts.query or parts.fragment)
        usable = usable and base_url.isascii() and base_url.isprintable() and " " not in base_url
    except (AttributeError, TypeError, ValueError):
        usable = False
    if not usable:
        # What was given may hold a password, so it is not repeated.
        raise InputError(
            "base_url: a web address without name, password or query must be given, such as "
            "“https://api.carbonintensity.org.uk”; got something else. Mend it, or leave it out."
        )
    if has_key and parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
        raise InputError(
            f"base_url: a key travels only encrypted, so the address must begin with https; got http to "
            f"{parts.hostname}. Use https, or a source without a key."
        )
    return base_url.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Whether a host is the loopback: this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def plain(text: object, limit: int = 60) -> str:
    """A foreign text, made fit to print: one line, no control characters, not long."""
    kept = "".join(c if c.isprintable() else " " for c in str(text)[: 4 * limit])
    return " ".join(kept.split())[:limit]


def rows_of(answer: Any, where: str) -> list[Any]:
    """A list with something in it, or NoAnswer."""
    if not isinstance(answer, list) or not answer:
        raise NoAnswer(f"an answer of another shape: {where} must be a list with entries")
    return answer


def fields_of(answer: Any, where: str) -> dict[str, Any]:
    """A set of named fields, or NoAnswer."""
    if not isinstance(answer, dict):
        raise NoAnswer(f"an answer of another shape: {where} must have named fields")
    return answer


def amount(value: Any, where: str) -> float:
    """Grams a kilowatt-hour that can be true, or NoAnswer, which repeats no text of the answer."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoAnswer(f"no usable value: {where} must be a number, got {_KINDS.get(type(value), 'something else')}")
    if not 0 <= value <= MOST_G_PER_KWH:  # neither NaN nor infinity lies there
        raise NoAnswer(f"no usable value: {where} must lie between 0 and {MOST_G_PER_KWH:.0f} g/kWh")
    return float(value)


def moment(value: Any, where: str) -> datetime:
    """A moment in UTC, or NoAnswer."""
    try:
        found = datetime.fromisoformat(value)
        if found.utcoffset() is not None:
            return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise NoAnswer(f"no usable time: {where} must be a date with time and zone")


def by_time(periods: Sequence[IntensityPeriod]) -> tuple[IntensityPeriod, ...]:
    """Periods sorted by time, or NoAnswer where two overlap."""
    ordered = sorted(periods, key=lambda period: period.start)
    if any(later.start < earlier.end for earlier, later in pairwise(ordered)):
        raise NoAnswer("an answer that contradicts itself: two of its periods overlap")
    return tuple(ordered)
