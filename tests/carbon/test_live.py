"""The live intensity: what it says of itself, what stands in for it and why, and what it never does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlm_edu import carbon
from greenlm_edu.carbon import live_cache
from greenlm_edu.carbon.electricity_maps import ElectricityMaps
from greenlm_edu.carbon.live_source import NoAnswer, Place
from greenlm_edu.carbon.uk_carbon_intensity import REGIONS, UKCarbonIntensity
from greenlm_edu.errors import InputError, IntensityUnavailable, UnknownRegion
from greenlm_edu.interval import Interval
from tests.carbon.intensity_server import Server, half_hour, national, regional, running, says, sends_nothing, status

KEY = "em-7f3a9c51d2"
ZULU = "%Y-%m-%dT%H:%M:%S.000Z"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, no proxy and no cache of the person who runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("ELECTRICITY_MAPS_API_KEY", raising=False)
    monkeypatch.setenv("GREENLM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def british(server: Server, **options: Any) -> carbon.LiveIntensity:
    return carbon.live_intensity("GBR", **{"base_url": server.base_url, **options})


def french(server: Server, **options: Any) -> carbon.LiveIntensity:
    return carbon.live_intensity("FRA", **{"base_url": server.base_url, **options})


def hour_of(zone: str = "FR", value: Any = 40, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """An answer of Electricity Maps for the newest hour."""
    start = (at or now()).replace(minute=0, second=0, microsecond=0)
    return {
        "zone": zone,
        "carbonIntensity": value,
        "datetime": start.strftime(ZULU),
        "emissionFactorType": "lifecycle",
        "isEstimated": False,
        "temporalGranularity": "hourly",
        **more,
    }


# What a value says of itself ----------------------------------------------------------------------------------------


@pytest.mark.process
def test_an_actual_half_hour_says_value_time_method_source_and_licence(server: Server):
    last = now() - timedelta(minutes=30)
    server.play = says(national(half_hour(last, forecast=180, actual=200)))
    live = british(server)
    assert server.asked == ["/intensity"]
    assert (live.value_g_per_kwh, live.kind, live.is_live, live.fallback_reason) == (200, "actual", True, None)
    assert (live.region, live.name, live.year, live.method) == ("GBR", "Great Britain", last.year, "operational")
    assert live.g_per_kwh == Interval(180, 200, 220)  # ± 10 % is assumed
    assert live.period_end == live.period_start + timedelta(minutes=30)
    at = live.period_end + timedelta(minutes=18)
    assert live.age_s(at) == 18 * 60
    assert live.text(at) == (
        f"Great Britain 200 g/kWh (180 – 220 g/kWh) · {live.period_start:%d %b %Y %H:%M}–{live.period_end:%H:%M} UTC, "
        "ended 18 min ago: estimated from metered generation · NESO Carbon Intensity API · CO2 of generation only, "
        "without fuel supply and plants (wind, sun and nuclear count as 0): do not compare it with yearly figures, "
        "which hold the life cycle · data: National Energy System Operator, carbonintensity.org.uk, CC BY 4.0"
    )
    assert "assumed" in live.doubt


@pytest.mark.process
def test_a_half_hour_under_way_is_a_forecast_with_the_error_that_was_published(server: Server):
    server.play = says(national(half_hour(now(), forecast=200)))
    live = british(server)
    assert live.kind == "forecast"
    # By hand: 1.6 × 10 g for the forecast and 20 g for the method, in quadrature.
    assert live.g_per_kwh.high - 200 == pytest.approx((16**2 + 20**2) ** 0.5)
    assert live.age_s(live.period_start) == 0
    assert "ended" not in live.text(live.period_start)


@pytest.mark.process
def test_an_old_value_says_its_age(server: Server):
    server.play = says(national(half_hour(now() - timedelta(hours=6), actual=200)))
    assert re.search(r"ended [56] h ago", british(server).text())


@pytest.mark.process
@pytest.mark.parametrize(
    ("place", "path", "name"),
    [
        (13, "/regional/regionid/13", "London"),
        ("london", "/regional/regionid/13", "London"),
        ("SW7", "/regional/postcode/SW7", "London (postcode SW7)"),
        ("sw7 2az", "/regional/postcode/SW7", "London (postcode SW7)"),
        ("SW72AZ", "/regional/postcode/SW7", "London (postcode SW7)"),
        ("W1A 1AA", "/regional/postcode/W1A", "London (postcode W1A)"),
    ],
)
def test_a_region_or_the_first_half_of_a_postcode_is_asked_for(server: Server, place: Any, path: str, name: str):
    server.play = says({"data": [regional(13, "London", half_hour(now(), forecast=150))]})
    live = british(server, place=place)
    assert server.asked == [path]
    assert (live.name, live.kind, live.value_g_per_kwh) == (name, "forecast", 150)
    assert live.g_per_kwh.high - 150 > 1.6 * 24.2  # no error is known for regions: no less than the nation's
    assert "for regions no error is known" in live.doubt


@pytest.mark.process
def test_a_postcode_in_a_region_with_its_neighbours_number_keeps_its_own_name(server: Server):
    server.play = says({"data": [regional(13, "South East England", half_hour(now(), forecast=150), postcode="BN3")]})
    assert british(server, place="BN3").name == "South East England (postcode BN3)"


@pytest.mark.process
def test_a_zone_of_electricity_maps_is_asked_for_with_the_key_and_without_guessing_where_i_am(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", f" {KEY}\n")
    server.play = says(hour_of())
    live = french(server)
    assert server.asked == ["/carbon-intensity/latest?zone=FR&emissionFactorType=lifecycle&disableCallerLookup=true"]
    assert server.headers[0]["auth-token"] == KEY
    assert (live.region, live.name, live.kind, live.method) == ("FRA", "France", "actual", "life cycle")
    assert live.g_per_kwh == Interval.times_over(40, 1.1)
    for words in ("from measured generation", "Electricity Maps", "flow-traced", "terms of the key's plan"):
        assert words in live.text()
    assert "do not compare" not in live.text()


@pytest.mark.process
@pytest.mark.parametrize("more", [{"isEstimated": True}, {"isEstimated": None}])
def test_what_is_not_measured_yet_is_called_estimated_and_ranges_wider(
    server: Server, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", KEY)
    server.play = says(hour_of(**more))
    live = french(server)
    assert live.kind == "estimated"
    assert live.g_per_kwh == Interval.times_over(40, 1.3)
    assert "estimated, not measured yet" in live.text()


@pytest.mark.process
def test_a_part_of_a_country_is_a_zone(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", KEY)
    server.play = says(hour_of("US-CAL-CISO", 158))
    live = carbon.live_intensity("usa", place="us-cal-ciso", base_url=server.base_url)
    assert (live.region, live.name) == ("USA", "United States, zone US-CAL-CISO")
    server.play = says(hour_of("GB-NIR", 300))
    northern = carbon.live_intensity("UK", place="GB-NIR", source="electricity_maps", base_url=server.base_url)
    assert northern.value_g_per_kwh == 300


@pytest.mark.process
def test_a_live_value_makes_a_footprint(server: Server):
    server.play = says(national(half_hour(now(), actual=200)))
    footprint = carbon.footprint(Interval.exactly(3.6e6), british(server))
    assert footprint.emissions_g.best == pytest.approx(200)
    assert footprint.emissions_g.low == pytest.approx(180)


# What stands in, and why --------------------------------------------------------------------------------------------


BAD_ANSWERS: dict[str, tuple[Any, str]] = {
    "refused": (status(401), "HTTP 401: the key is not accepted"),
    "forbidden": (status(403), "HTTP 403"),
    "missing": (status(404), "HTTP 404: there is no such place or address"),
    "broken": (status(500), "HTTP 500: the service has a fault"),
    "HTML": (says(b"<html>", kind="text/html"), "text/html instead of JSON"),
    "truncated": (says(b'{"data": ['), "not whole JSON"),
    "10 MB": (says(b'{"data": "' + b"x" * 10_000_000 + b'"}'), "more than 1 MB"),
    "empty object, as in an outage": (says({}), "data must be a list with entries"),
    "empty list": (says({"data": []}), "data must be a list with entries"),
    "strings for rows": (says({"data": ["a"]}), "a period must have named fields"),
    "no times": (says({"data": [{"intensity": {"forecast": 1}}]}), "from must be a date with time and zone"),
    "clock time alone": (
        says({"data": [{"from": "2026-11-27T12:00", "to": "2026-11-27T12:30", "intensity": {"forecast": 1}}]}),
        "from must be a date with time and zone",
    ),
    "null": (says(national(half_hour(now(), None, None))), "no value for the current half hour"),
    "a national 0": (says(national(half_hour(now(), 0, 0))), "no value for the current half hour"),
    "negative": (says(national(half_hour(now(), -5))), "must lie between 0 and 3000 g/kWh"),
    "far too large": (says(national(half_hour(now(), 10**400))), "must lie between 0 and 3000 g/kWh"),
    "a number in quotes": (says(national(half_hour(now(), "200"))), "must be a number, got a text"),
    "true": (says(national(half_hour(now(), True))), "must be a number, got true or false"),
    "ends before it starts": (
        says({"data": [{"from": "2026-11-27T12:30Z", "to": "2026-11-27T12:00Z", "intensity": {"forecast": 1}}]}),
        "a period ends before it starts",
    ),
    "twice the same time": (says(national(half_hour(now(), 100), half_hour(now(), 200))), "two of its periods overlap"),
    "last week": (says(national(half_hour(now() - timedelta(days=7), 100))), "an answer that is over"),
    "next week": (says(national(half_hour(now() + timedelta(days=7), 100))), "an answer for the future"),
}


@pytest.mark.process
@pytest.mark.parametrize(("play", "why"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_without_a_usable_answer_the_yearly_average_stands_in_and_says_so(server: Server, play: Any, why: str):
    server.play = play
    with pytest.warns(carbon.LiveIntensityWarning, match=re.escape(why)) as caught:
        instead = british(server)
    yearly = carbon.intensity("GBR")
    assert (instead.value_g_per_kwh, instead.g_per_kwh, instead.year) == (215.79, yearly.g_per_kwh, 2024)
    assert (instead.kind, instead.is_live, instead.method) == ("yearly average", False, "life cycle")
    assert instead.age_s() is None
    assert instead.fallback_reason is not None
    assert why in instead.fallback_reason
    assert instead.text() == f"{yearly.text()} · yearly average, not live: {instead.fallback_reason}"
    assert Path(caught[0].filename).name == "test_live.py"  # it points at the caller's line


@pytest.mark.process
@pytest.mark.parametrize(("play", "why"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_without_a_fallback_an_error_says_it(server: Server, play: Any, why: str):
    server.play = play
    with pytest.raises(IntensityUnavailable, match=re.escape(why)) as caught:
        british(server, fallback=False)
    host = server.base_url.removeprefix("http://")
    assert str(caught.value).startswith(f"carbon.live_intensity: {host} must answer for Great Britain; got ")
    assert str(caught.value).endswith("or let fallback=True give the yearly average.")


@pytest.mark.process
def test_a_slow_server_is_left_in_time(server: Server):
    server.play = sends_nothing
    with pytest.warns(carbon.LiveIntensityWarning, match="no complete answer within 0.3 s"):
        assert british(server, time_limit_s=0.3).fallback_reason == (
            f"{server.base_url.removeprefix('http://')}: no complete answer within 0.3 s"
        )


def test_without_a_key_nothing_is_sent_and_the_way_to_one_is_said():
    with pytest.warns(carbon.LiveIntensityWarning, match=r"Get a key at electricitymaps.com and put it into"):
        instead = carbon.live_intensity("France")
    assert instead.text() == (
        "France 44 g/kWh · 2024 · Ember · yearly average, not live: "
        "api.electricitymaps.com: ELECTRICITY_MAPS_API_KEY is not set"
    )
    with pytest.raises(IntensityUnavailable, match=r"ELECTRICITY_MAPS_API_KEY is not set\. Get a key"):
        carbon.live_intensity("France", fallback=False)


@pytest.mark.process
def test_an_outage_is_warned_of_once_and_again_after_it_was_over(server: Server):
    def heard() -> int:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            british(server, cache_s=0)
        return len(caught)

    server.play = status(500)
    assert [heard(), heard(), heard()] == [1, 0, 0]
    server.play = says(national(half_hour(now())))
    assert heard() == 0
    server.play = status(500)
    assert [heard(), heard()] == [1, 0]


EM_JUNK: dict[str, tuple[Any, str]] = {
    "another zone": (hour_of("DE"), "an answer for another zone than FR"),
    "no zone": ({"carbonIntensity": 40}, "an answer for another zone than FR"),
    "direct emissions": (hour_of(emissionFactorType="direct"), "emissions of the life cycle were asked for"),
    "a year": (hour_of(temporalGranularity="yearly"), "values for hours, or parts of one, are needed"),
    "null": (hour_of(value=None), "no value for the newest hour"),
    "zero": (hour_of(value=0), "no value for the newest hour"),
    "text": (hour_of(value="40"), "must be a number"),
    "false": (hour_of(value=False), "must be a number"),
    "no time": (hour_of(datetime=None), "datetime must be a date with time and zone"),
    "the year 9999": (hour_of(datetime="9999-12-31T23:30:00Z"), "years 1 to 9999"),
}


@pytest.mark.process
@pytest.mark.parametrize(("document", "why"), EM_JUNK.values(), ids=EM_JUNK)
def test_a_zones_unusable_answer_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any], why: str
):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", KEY)
    server.play = says(document)
    with pytest.raises(IntensityUnavailable, match=re.escape(why)):
        french(server, fallback=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-11-27T12:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "from", "to", "intensity", "forecast", "actual", "zone", "datetime", "carbonIntensity"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)  # the machine may be busy
@given(
    source=st.sampled_from([UKCarbonIntensity(), ElectricityMaps()]),
    key=st.sampled_from(["national", "regionid/13", "postcode/SW7", "FR"]),
    document=st.dictionaries(st.sampled_from(["data", "forecast", "zone", "datetime", "carbonIntensity"]), JSON),
    way=st.sampled_from(["read_latest", "read_forecast"]),
)
def test_any_json_is_periods_or_no_answer_and_never_another_error(source, key, document, way):
    try:
        _, periods = getattr(source, way)({"zone": key, **document}, Place("GBR", "somewhere", key))
    except NoAnswer:
        return
    assert periods
    assert all(0 <= period.g_per_kwh.best <= 3000 and period.start < period.end for period in periods)


# What is kept -------------------------------------------------------------------------------------------------------


@pytest.mark.process
def test_an_answer_is_used_again_for_some_minutes_even_by_another_process(server: Server):
    server.play = says(national(half_hour(now(), actual=200)))
    first = british(server)
    assert british(server) == first
    assert len(server.asked) == 1
    assert british(server, cache_s=0).value_g_per_kwh == 200
    assert len(server.asked) == 2
    code = f"from greenlm_edu import carbon; print(carbon.live_intensity('GBR', base_url={server.base_url!r}).text())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert told.stdout.startswith("Great Britain 200 g/kWh")
    assert len(server.asked) == 2


@pytest.mark.process
def test_an_answer_that_is_too_old_is_asked_for_anew(server: Server):
    server.play = says(national(half_hour(now(), actual=200)))
    british(server)
    (file,) = live_cache.cache_folder().glob("answer-*.json")
    kept = json.loads(file.read_text())
    kept["fetched_at"] = (now() - timedelta(minutes=6)).isoformat()
    file.write_text(json.dumps(kept))
    server.play = says(national(half_hour(now(), actual=300)))
    assert british(server).value_g_per_kwh == 300


@pytest.mark.process
def test_other_places_and_addresses_have_answers_of_their_own(server: Server):
    server.play = says(national(half_hour(now(), actual=200)))
    british(server)
    server.play = says({"data": [regional(13, "London", half_hour(now(), forecast=150))]})
    assert british(server, place="London").value_g_per_kwh == 150
    with running() as other:
        other.play = says(national(half_hour(now(), actual=90)))
        assert british(other).value_g_per_kwh == 90


@pytest.mark.process
def test_while_a_kept_answer_still_holds_it_stands_in_for_a_failed_request_and_says_so(server: Server):
    server.play = says(national(half_hour(now(), actual=200)))
    kept = british(server)
    server.play = status(500)
    again = british(server, cache_s=1e-9)
    assert (again.value_g_per_kwh, again.is_live, again.fetched_at) == (200, True, kept.fetched_at)
    assert (
        again.note
        == f"the answer of {kept.fetched_at:%H:%M} UTC, as a new one failed: HTTP 500: the service has a fault"
    )
    assert again.note in again.text()


@pytest.mark.process
def test_once_its_period_is_over_a_kept_answer_does_not_stand_in(server: Server):
    server.play = says(national(half_hour(now() - timedelta(minutes=30), actual=200)))
    assert british(server).is_live
    server.play = status(500)
    with pytest.warns(carbon.LiveIntensityWarning):
        assert not british(server, cache_s=1e-9).is_live


@pytest.mark.process
@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"question": 1}',
        b"NaN",
        b"[" * 99_999,
        None,
        "fetched_at",
        "periods",
        "negative",
        "question",
    ],
    ids=str,
)
def test_a_damaged_file_is_no_answer_and_is_replaced(server: Server, damage: Any, tmp_path: Path):
    server.play = says(national(half_hour(now(), actual=200)))
    british(server)
    (file,) = live_cache.cache_folder().glob("answer-*.json")
    if isinstance(damage, bytes):
        live_cache.forget()  # as in another process
        file.write_bytes(damage)
    else:
        kept = json.loads(file.read_text())
        kept |= {
            "fetched_at": {"fetched_at": "yesterday"},
            "periods": {"periods": [1]},
            "question": {"question": "another one, of which the file's name has the same checksum"},
            "negative": {"periods": [[kept["periods"][0][0], kept["periods"][0][1], -3, -2, -1, "actual"]]},
            None: {"periods": []},
        }[damage]
        file.write_text(json.dumps(kept))
    server.play = says(national(half_hour(now(), actual=300)))
    assert british(server).value_g_per_kwh == 300
    assert json.loads(file.read_text())["periods"][0][3] == 300


@pytest.mark.process
def test_where_no_folder_can_be_made_the_memory_keeps(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GREENLM_CACHE", str(tmp_path / "file"))
    server.play = says(national(half_hour(now(), actual=200)))
    assert british(server) == british(server)
    assert len(server.asked) == 1


@pytest.mark.process
def test_a_clock_that_was_put_back_does_not_make_an_answer_young_for_ever(server: Server):
    server.play = says(national(half_hour(now(), actual=200)))
    british(server)
    (file,) = live_cache.cache_folder().glob("answer-*.json")
    kept = json.loads(file.read_text())
    kept["fetched_at"] = (now() + timedelta(hours=2)).isoformat()
    file.write_text(json.dumps(kept))
    british(server)
    assert len(server.asked) == 2


@pytest.mark.process
def test_a_wait_that_is_asked_for_is_kept_by_all_questions_and_by_another_process(server: Server):
    server.play = status(429, Retry_After="3600")
    with pytest.raises(IntensityUnavailable, match=r"HTTP 429: too many requests, no more before .* UTC"):
        british(server, fallback=False)
    server.play = says(national(half_hour(now(), actual=200)))
    said = r"it asked for no request before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, so none was sent"
    with pytest.raises(IntensityUnavailable, match=said):
        british(server, fallback=False, cache_s=0)
    with pytest.raises(IntensityUnavailable, match=said):
        british(server, fallback=False, place=13)
    with pytest.raises(IntensityUnavailable, match=said):
        carbon.intensity_forecast("GBR", base_url=server.base_url)
    code = f"from greenlm_edu import carbon; print(carbon.live_intensity('GBR', base_url={server.base_url!r}).text())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert re.search(said, told.stdout)
    assert re.search(f"LiveIntensityWarning: .*{said}", told.stderr)
    assert len(server.asked) == 1


@pytest.mark.process
def test_after_the_wait_it_is_asked_again(server: Server):
    server.play = status(503, Retry_After="1")
    with pytest.raises(IntensityUnavailable, match="HTTP 503"):
        british(server, fallback=False)
    (file,) = live_cache.cache_folder().glob("wait-*.json")
    live_cache.keep_wait(server.base_url, now() - timedelta(seconds=1))
    assert json.loads(file.read_text())["origin"] == server.base_url
    server.play = says(national(half_hour(now(), actual=200)))
    assert british(server).value_g_per_kwh == 200


# What never happens -------------------------------------------------------------------------------------------------


@pytest.mark.process
@pytest.mark.parametrize(
    "play", [says(hour_of()), status(401, {"message": KEY}), status(429, {"error": KEY}), says({"zone": KEY})], ids=str
)
def test_a_key_is_in_no_text_no_error_and_no_file(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str], play: Any
):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", KEY)
    server.play = play
    shown = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        live = french(server)
    shown += live.text() + repr(live) + "".join(str(warning.message) for warning in caught)
    try:
        french(server, fallback=False, cache_s=0)
    except IntensityUnavailable as err:
        shown += "".join(traceback.TracebackException.from_exception(err, capture_locals=True).format())
    assert server.headers[0]["auth-token"] == KEY
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files or not live.is_live
    shown += "".join(str(file) + file.read_text() for file in files)
    out, err_out = capfd.readouterr()
    assert KEY not in shown + out + err_out


@pytest.mark.parametrize("key", ["em-7f3a\n9c51d2", "em 7f3a9c51d2", "ém-7f3a9c51d2"])
def test_a_key_that_is_none_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, key: str):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", key)
    with pytest.raises(InputError, match="ELECTRICITY_MAPS_API_KEY: a key is made of printable ASCII") as caught:
        carbon.live_intensity("FRA")
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    # The test's own frames hold it; the package's must not.
    assert "9c51d2" not in shown[shown.index("in live_intensity") :]


def test_a_key_does_not_travel_unencrypted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", KEY)
    with pytest.raises(InputError, match=r"base_url: a key travels only encrypted.* got http to maps.example"):
        carbon.live_intensity("FRA", base_url="http://maps.example/v4")


def test_importing_and_footprints_load_nothing_that_could_reach_a_network():
    code = (
        "import sys; from greenlm_edu import carbon; from greenlm_edu.interval import Interval\n"
        "carbon.footprint(Interval.exactly(1.0), carbon.intensity('GBR')); carbon.where_to_run(1.0, ['FRA', 'POL'])\n"
        "print([name for name in ('socket', 'ssl', 'http.client', 'urllib.request') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


# Bad input ----------------------------------------------------------------------------------------------------------


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no region": ({"region": None}, "region: a live figure belongs to one grid.* got None"),
    "the world": ({"region": "World"}, "region: a live figure belongs to one grid.* got 'World'"),
    "a number": ({"region": 5}, "region: a country's code or name must be given; got 5"),
    "unknown source": ({"source": "electricity_map"}, "source: one of .* Did you mean “electricity_maps”?"),
    "source as a number": ({"source": 5}, "source: one of “uk_carbon_intensity”, “electricity_maps” must be given"),
    "the UK's source for France": ({"region": "FRA", "source": "uk_carbon_intensity"}, "knows Great Britain alone"),
    "region number": ({"place": 18}, r"place: a region's number \(1 to 17\) or name, or a postcode.*; got 18\. Leave"),
    "region true": ({"place": True}, "got True"),
    "region misspelled": ({"place": "Yorkshir"}, "Nearest: Yorkshire"),
    "no postcode": ({"place": "../../x"}, "place: a region's number"),
    "Belfast": ({"place": "BT1 5GS"}, "Northern Ireland is not part of Great Britain's grid.*GB-NIR"),
    "another country's zone": ({"region": "FRA", "place": "DE"}, "beginning with “FR”; got 'DE'"),
    "no zone": ({"region": "FRA", "place": "FR&x=1"}, "beginning with “FR”"),
    "no time": ({"time_limit_s": 0}, "time_limit_s: seconds from 0.01 to 31622400 must be given; got 0"),
    "endless time": ({"time_limit_s": float("inf")}, "time_limit_s: seconds.* got inf"),
    "time beyond all floats": ({"time_limit_s": 10**400}, "time_limit_s: seconds"),
    "time as text": ({"time_limit_s": "5"}, "time_limit_s: seconds.* got '5'"),
    "negative age": ({"cache_s": -1}, "cache_s: seconds from 0 to .* must be given; got -1"),
    "no address": ({"base_url": "carbonintensity.org.uk"}, "base_url: a web address"),
    "a file": ({"base_url": "file:///etc/passwd"}, "base_url: a web address"),
    "address with a space": ({"base_url": "http://a b"}, "base_url: a web address"),
    "address with a query": ({"base_url": "http://a/?x"}, "base_url: a web address"),
    "port 0": ({"base_url": "http://127.0.0.1:0"}, "base_url: a web address"),
    "port too large": ({"base_url": "http://127.0.0.1:99999"}, "base_url: a web address"),
    "address as a number": ({"base_url": 5}, "base_url: a web address"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_said_whatever_the_fallback(arguments: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        carbon.live_intensity(**{"region": "GBR", "base_url": "http://127.0.0.1:9", **arguments})


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(InputError, match="without name, password or query") as caught:
        carbon.live_intensity("GBR", base_url="https://me:secret@carbon.example")
    assert "secret" not in str(caught.value)


def test_an_unknown_region_names_the_nearest():
    with pytest.raises(UnknownRegion, match=r"Nearest: France \(FRA\)"):
        carbon.live_intensity("Frnace")


def test_every_british_region_has_a_number_and_a_name():
    assert len(set(REGIONS)) == 17
    source = UKCarbonIntensity()
    for number, name in enumerate(REGIONS, start=1):
        assert source.place("GBR", "GB", "United Kingdom", name).key == f"regionid/{number}"
        assert source.place("GBR", "GB", "United Kingdom", number).name == name
