"""The grid's carbon intensity of this hour, from a live source: only when asked for, and saying what it is.

Nothing else in the package calls this. Importing, measuring and footprints never touch the network.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from greenlm_edu.carbon.intensity import Intensity
from greenlm_edu.carbon.live_ask import Answer, Question, ask, asked_about, checked_seconds
from greenlm_edu.carbon.live_source import NoAnswer
from greenlm_edu.errors import IntensityUnavailable

__all__ = ["LiveIntensity", "LiveIntensityWarning", "live_intensity"]

YEARLY: Final = "yearly average"


class LiveIntensityWarning(UserWarning):
    """A live figure was asked for, and a yearly average or an older answer stands in."""


@dataclass(frozen=True)
class LiveIntensity(Intensity):
    """An Intensity of this hour, or the yearly average that stands in for it and says why.

    Args:
        kind: "actual", "estimated", "forecast" or "yearly average".
        kind_words: the same as the source puts it.
        period_start: when the value begins to hold, in UTC; None for a yearly average.
        period_end: when it ends, in UTC.
        fetched_at: when the source was asked, in UTC.
        method: "operational" (generation only) or "life cycle"; the two cannot be compared one to one.
        method_note: the same as a sentence.
        doubt: where the range is known from.
        licence: how to name the source, and what its data may be used for.
        note: why the answer is an older one; empty for a new one.
        fallback_reason: why the yearly average stands in; None for a live value.
    """

    kind: str = YEARLY
    kind_words: str = YEARLY
    period_start: datetime | None = None
    period_end: datetime | None = None
    fetched_at: datetime | None = None
    method: str = "life cycle"
    method_note: str = "life cycle included"
    doubt: str = "×/÷ 1.2 between years and publishers"
    licence: str = "data: Ember, ember-energy.org, CC BY 4.0"
    note: str = ""
    fallback_reason: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether this is a live value and no yearly average."""
        return self.fallback_reason is None

    def age_s(self, now: datetime | None = None) -> float | None:
        """Seconds since the value's period ended, 0 while it lasts; None for a yearly average."""
        if self.period_end is None:
            return None
        return max(0.0, ((now or datetime.now(UTC)) - self.period_end).total_seconds())

    def text(self, now: datetime | None = None) -> str:
        """Value, how it is known, of which time, by whom, of which emissions; or that it is not live, and why."""
        if self.period_start is None or self.period_end is None:
            return f"{super().text()} · {YEARLY}, not live: {self.fallback_reason}"
        age_s = self.age_s(now) or 0.0
        ended = f", ended {_duration(age_s)} ago" if age_s > 0 else ""
        best, low, high, unit = self.g_per_kwh.figures("g")
        parts = [
            f"{self.name} {best} {unit}/kWh ({low} – {high} {unit}/kWh)",
            f"{self.period_start:%d %b %Y %H:%M}–{self.period_end:%H:%M} UTC{ended}: {self.kind_words}",
            *([self.note] if self.note else []),
            self.source,
            self.method_note,
            self.licence,
        ]
        return " · ".join(parts)


def live_intensity(
    region: str,
    *,
    place: str | int | None = None,
    source: str | None = None,
    time_limit_s: float = 5.0,
    cache_s: float = 300.0,
    fallback: bool = True,
    base_url: str | None = None,
) -> LiveIntensity:
    """The grid's carbon intensity of this hour. This asks a server on the internet.

    Args:
        region: a country, as in `carbon.intensity`.
        place: a part of it. Great Britain: a region's number (1 to 17) or name, or a postcode, of which only the first
            half is sent. Electricity Maps: a zone, such as "US-CAL-CISO".
        source: "uk_carbon_intensity" or "electricity_maps"; left out, the one that covers the country.
        time_limit_s: for the request, all in all.
        cache_s: an answer that came less than so many seconds ago is used again; 0 always asks anew.
        fallback: without an answer, give the country's yearly average, which says so, with a warning; else raise.
        base_url: the source's address, for a proxy of your own or a test.
    Returns:
        The value with its range, period, method, source and licence. It may be given to `carbon.footprint`.
    Raises:
        InputError: no such country, place, source or address, or no time limit.
        IntensityUnavailable: there is no answer, and `fallback` is False.
    """
    time_limit_s = checked_seconds("time_limit_s", time_limit_s, least=0.01)
    cache_s = checked_seconds("cache_s", cache_s, least=0.0)
    question = asked_about("carbon.live_intensity", region, place, source, base_url)
    try:
        answer = ask(question, "latest", horizon_hours=0, time_limit_s=time_limit_s, cache_s=cache_s)
    except NoAnswer as fault:
        if not fallback:
            raise unavailable(
                question, fault, "or let fallback=True give the yearly average"
            ) from fault.with_traceback(None)
        return _yearly(question, fault)
    _warned.discard(_subject(question))
    return _live(question, answer)


def unavailable(question: Question, fault: NoAnswer, instead: str) -> IntensityUnavailable:
    """The error that tells a caller why there is no answer."""
    return IntensityUnavailable(
        f"{question.where}: {question.host} must answer for {question.place.name}; got {fault.reason}. "
        f"{fault.advice.removesuffix('.')}, {instead}."
    )


def _live(question: Question, answer: Answer) -> LiveIntensity:
    source, period = question.source, answer.kept.periods[-1]
    return LiveIntensity(
        region=question.country.region,
        name=answer.kept.name,
        value_g_per_kwh=period.g_per_kwh.best,
        year=period.start.year,
        source=source.publisher,
        g_per_kwh=period.g_per_kwh,
        kind=period.kind,
        kind_words=source.kind_words(period.kind),
        period_start=period.start,
        period_end=period.end,
        fetched_at=answer.kept.fetched_at,
        method=source.method,
        method_note=source.method_note,
        doubt=source.doubt_words(period.kind, question.place),
        licence=source.licence,
        note=answer.note,
    )


# What was warned of: a learner in a loop hears of an outage once, and again only after it was over.
_warned: set[tuple[str, str]] = set()


def _subject(question: Question) -> tuple[str, str]:
    return question.base_url, question.place.key


def _yearly(question: Question, fault: NoAnswer) -> LiveIntensity:
    country = question.country
    yearly = LiveIntensity(
        region=country.region,
        name=country.name,
        value_g_per_kwh=country.value_g_per_kwh,
        year=country.year,
        source=country.source,
        g_per_kwh=country.g_per_kwh,
        fallback_reason=f"{question.host}: {fault.reason}",
    )
    if _subject(question) not in _warned:
        _warned.add(_subject(question))
        warnings.warn(f"{yearly.text()}. {fault.advice}", LiveIntensityWarning, stacklevel=3)
    return yearly


def _duration(seconds: float) -> str:
    """`18 min`, `3 h`, `2 days`: one figure."""
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86_400:.0f} days"
