"""When to run: forecasts from a server, a file and by hand; the best window and its savings by arithmetic."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlm_edu import carbon
from greenlm_edu.errors import InputError, IntensityUnavailable
from greenlm_edu.interval import Interval
from tests.carbon.intensity_server import (
    Server,
    half_hour,
    national,
    regional,
    running,
    says,
    sends_nothing,
    status,
)

MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
KEY = "em-7f3a9c51d2"


def hours(*values: float, start: datetime = MIDNIGHT) -> list[tuple[datetime, datetime, float]]:
    """One value an hour."""
    step = timedelta(hours=1)
    return [(start + n * step, start + (n + 1) * step, value) for n, value in enumerate(values)]


def exact(*values: float, start: datetime = MIDNIGHT) -> list[tuple[datetime, datetime, Interval]]:
    """The same without doubt."""
    return [(begin, end, Interval.exactly(value)) for begin, end, value in hours(*values, start=start)]


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


# The best window, by hand -------------------------------------------------------------------------------------------


def test_the_best_window_with_its_mean_and_what_it_saves():
    # Two hours of 300, 200, 100, 120, 400 g/kWh: means 250, 150, 110, 260; best from 02:00.
    window = carbon.when_to_run(2, forecast=exact(300, 200, 100, 120, 400), energy_kwh=1.5, now=MIDNIGHT)
    assert (window.start, window.end) == (at(2), at(4))
    assert window.g_per_kwh == Interval.exactly(110)
    assert window.emissions_g is not None
    assert (window.emissions_g.low, window.emissions_g.high) == pytest.approx((165, 165))
    assert window.against_now is not None
    assert window.against_now.g_per_kwh == (140, 140, 140)
    assert window.against_now.emissions_g == pytest.approx((210, 210, 210))
    assert window.against_now.share == pytest.approx(140 / 250)
    assert not window.against_now.is_within_doubt
    assert (window.against_worst.other_start, window.against_worst.g_per_kwh[1]) == (at(3), 150)
    # A start at random from 00:00 to 03:00: trapezoids (250 + 150) / 2, (150 + 110) / 2, (110 + 260) / 2.
    assert window.against_mean.other_g_per_kwh.best == pytest.approx((200 + 130 + 185) / 3)


def test_the_best_start_may_lie_inside_a_period():
    # 90 minutes ending as the cheap hour ends: (0.5 × 100 + 50) / 1.5 against (50 + 0.5 × 200) / 1.5.
    window = carbon.when_to_run(1.5, forecast=exact(100, 50, 200), now=MIDNIGHT)
    assert window.start == at(0.5)
    assert window.g_per_kwh.best == pytest.approx(100 / 1.5)


def test_power_stands_for_energy():
    by_power = carbon.when_to_run(2, forecast=exact(300, 100, 100), power_w=750, now=MIDNIGHT)
    assert by_power.energy_kwh == Interval.exactly(1.5)
    assert by_power.emissions_g is not None
    assert by_power.emissions_g.best == pytest.approx(150)


def test_energys_doubt_widens_grams_and_leaves_the_choice():
    window = carbon.when_to_run(1, forecast=exact(300, 100), energy_kwh=Interval(1, 2, 4), now=MIDNIGHT)
    assert window.emissions_g is not None
    assert (window.emissions_g.low, window.emissions_g.high) == pytest.approx((100, 400))
    assert window.against_now is not None
    # 200 g/kWh × 2 kWh, and 200 × 1 and 200 × 4: only the energy is in doubt.
    assert window.against_now.emissions_g == pytest.approx((200, 400, 800))


def test_only_what_lies_between_earliest_and_deadline_is_considered():
    values = exact(10, 300, 200, 100, 10)
    window = carbon.when_to_run(1, forecast=values, earliest=at(1), deadline=at(4), now=MIDNIGHT)
    assert window.start == at(3)
    window = carbon.when_to_run(1, forecast=values, earliest=at(0.5), deadline=at(1.75), now=MIDNIGHT)
    assert window.start == at(0.5)
    assert window.g_per_kwh.best == pytest.approx((10 + 300) / 2)


def test_a_gap_is_never_bridged():
    values = [*exact(300, 10), *exact(10, 200, start=at(3))]
    window = carbon.when_to_run(2, forecast=values, now=MIDNIGHT)
    assert window.g_per_kwh.best == pytest.approx(105)
    assert window.start == at(3)
    with pytest.raises(InputError, match=r"longest stretch without a gap has 2 h; got 3\. Split the job"):
        carbon.when_to_run(3, forecast=values, now=MIDNIGHT)
    with pytest.raises(InputError, match=r"hours: 2 h without a gap must lie .* between .*T01:00.* and .*T04:30"):
        carbon.when_to_run(2, forecast=values, earliest=at(1), deadline=at(4.5), now=MIDNIGHT)


def test_a_start_now_that_the_forecast_does_not_cover_is_said_and_not_guessed():
    window = carbon.when_to_run(1, forecast=exact(300, 100), now=at(-2))
    assert window.start == at(1)
    assert window.against_now is None
    assert "Against starting Fri 27 Nov 2026 22:00 UTC: not known, as the forecast does not cover" in window.text("UTC")
    inside_a_gap = [*exact(10), *exact(20, start=at(2))]
    assert carbon.when_to_run(1, forecast=inside_a_gap, now=at(1.5)).against_now is None


def test_periods_may_come_in_any_order_and_length():
    first, second, third = exact(300, 100, 200)
    half = (at(3), at(3.5), Interval.exactly(1))
    window = carbon.when_to_run(0.5, forecast=[half, third, first, second], now=MIDNIGHT)
    assert window.start == at(3)
    assert [period.start for period in window.periods] == [at(0), at(1), at(2), at(3)]


@settings(deadline=None)
@given(
    values=st.lists(st.floats(0, 1000), min_size=1, max_size=12),
    length_h=st.floats(0.05, 12),
    delay_h=st.floats(0, 6),
    factor=st.floats(1, 3),
)
def test_the_best_window_never_emits_more_than_any_other(values, length_h, delay_h, factor):
    given_periods = [(start, end, Interval.times_over(value, factor)) for start, end, value in hours(*values)]
    try:
        window = carbon.when_to_run(length_h, forecast=given_periods, earliest=at(delay_h))
    except InputError:
        assert length_h + delay_h > len(values) - 1e-6
        return
    slack = 1e-6
    assert window.start >= at(delay_h)
    assert window.end <= at(len(values))
    assert window.end - window.start == timedelta(hours=length_h)
    assert min(values) - slack <= window.g_per_kwh.best <= max(values) + slack
    for saving in (window.against_now, window.against_worst, window.against_mean):
        assert saving is not None
        low, best, high = saving.g_per_kwh
        assert low <= best <= high
        assert best >= -slack
    assert window.against_worst.g_per_kwh[1] >= window.against_mean.g_per_kwh[1] - slack
    assert window.text("UTC")


# Doubt --------------------------------------------------------------------------------------------------------------


def test_two_windows_err_independently():
    values = [(at(n), at(n + 1), Interval.plus_minus(value, 30)) for n, value in enumerate((200, 500, 100))]
    window = carbon.when_to_run(1, forecast=values, now=MIDNIGHT)
    assert window.g_per_kwh == Interval(70, 100, 130)
    assert window.against_now is not None
    assert window.against_now.g_per_kwh == pytest.approx((100 - math.hypot(30, 30), 100, 100 + math.hypot(30, 30)))
    assert not window.against_now.is_within_doubt


def test_a_saving_within_the_doubt_says_so():
    values = [(at(n), at(n + 1), Interval.plus_minus(value, 30)) for n, value in enumerate((200, 180))]
    window = carbon.when_to_run(1, forecast=values, now=MIDNIGHT)
    assert window.start == at(1)
    assert window.against_now is not None
    assert window.against_now.is_within_doubt
    assert "10% less, 20 g/kWh (-22 – 62); within the forecast's doubt, so it may be no better" in window.text("UTC")


def test_hours_that_both_windows_share_cancel():
    # Windows of 4 h, 1 h apart: a quarter of each is not shared, so a quarter of the doubt counts.
    values = [(at(n), at(n + 1), Interval.plus_minus(value, 40)) for n, value in enumerate((300, 100, 100, 100, 100))]
    window = carbon.when_to_run(4, forecast=values, now=MIDNIGHT)
    assert window.against_now is not None
    low, best, high = window.against_now.g_per_kwh
    assert best == pytest.approx(50)
    assert (best - low, high - best) == pytest.approx((math.hypot(10, 10), math.hypot(10, 10)))


def test_the_same_window_saves_nothing_and_says_so():
    window = carbon.when_to_run(1, forecast=hours(100), now=MIDNIGHT)
    assert window.against_now is not None
    assert window.against_now.g_per_kwh == (0, 0, 0)
    assert "Against starting Sat 28 Nov 2026 00:00 UTC: the same window" in window.text("UTC")
    assert "Against a start at random: no difference" in window.text("UTC")


def test_a_value_without_a_range_gets_one_that_is_called_assumed():
    window = carbon.when_to_run(1, forecast=hours(130), now=MIDNIGHT)
    assert window.g_per_kwh == Interval(100, 130, 169)
    assert "×/÷ 1.3, or ± 10 g/kWh where that is more, is assumed" in window.text("UTC")
    # A factor leaves no doubt of a 0, and no forecast is that sure.
    assert carbon.when_to_run(1, forecast=hours(0), now=MIDNIGHT).g_per_kwh == Interval(0, 0, 10)


def test_a_grid_without_emissions_is_no_division_by_zero():
    window = carbon.when_to_run(1, forecast=hours(0, 0), energy_kwh=1, now=MIDNIGHT)
    assert window.against_worst.share is None
    assert "Against the worst start, Sat 28 Nov 2026 00:00 UTC: the same window" in window.text("UTC")
    assert "Against a start at random: no difference" in window.text("UTC")


# Clocks -------------------------------------------------------------------------------------------------------------


def test_the_text_is_in_clock_time_of_the_zone_asked_for():
    text = carbon.when_to_run(1, forecast=exact(300, 200, 100), energy_kwh=2, now=MIDNIGHT).text("Asia/Kolkata")
    assert text.splitlines()[:3] == [
        "Best 1 h: Sat 28 Nov 2026 07:30 IST to Sat 28 Nov 2026 08:30 IST, 100 g/kWh (100 – 100)",
        "Emissions of the job's 2 kWh: 200 g (200 – 200 g)",
        "Against starting Sat 28 Nov 2026 05:30 IST: 67% less, 200 g/kWh (200 – 200); 400 g (400 – 400) for the job",
    ]


def test_without_a_zone_the_text_is_in_this_machines(monkeypatch: pytest.MonkeyPatch):
    window = carbon.when_to_run(1, forecast=exact(300, 100), now=MIDNIGHT)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert window.text().startswith("Best 1 h: Fri 27 Nov 2026 20:00 EST to Fri 27 Nov 2026 21:00 EST")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_a_period_is_kept_in_utc():
    period = carbon.IntensityPeriod(
        datetime(2026, 7, 1, 12, tzinfo=LONDON), datetime(2026, 7, 1, 13, tzinfo=LONDON), Interval.exactly(1)
    )
    assert (period.start.isoformat(), period.end.isoformat()) == (
        "2026-07-01T11:00:00+00:00",
        "2026-07-01T12:00:00+00:00",
    )


def test_the_hour_that_comes_twice_is_two_hours():
    # On 25 October 2026 London's clocks go from 01:59:59 BST to 01:00 GMT, at 01:00 UTC.
    start = datetime(2026, 10, 24, 23, tzinfo=UTC)
    window = carbon.when_to_run(2, forecast=exact(300, 100, 110, 300, start=start), now=start)
    assert (window.start, window.end) == (start + timedelta(hours=1), start + timedelta(hours=3))
    # By the clock one hour passes, in truth two.
    assert "Sun 25 Oct 2026 01:00 BST to Sun 25 Oct 2026 02:00 GMT" in window.text("Europe/London").splitlines()[0]
    window = carbon.when_to_run(1, forecast=exact(300, 100, 110, 300, start=start), now=start)
    assert "Sun 25 Oct 2026 01:00 BST to Sun 25 Oct 2026 01:00 GMT" in window.text("Europe/London").splitlines()[0]


def test_clock_times_given_in_a_zone_are_taken_as_the_moments_that_they_are():
    # 00:30 BST to 01:30 GMT: one hour on the clock's face, two in truth.
    start = datetime(2026, 10, 24, 23, tzinfo=UTC)
    earliest = datetime(2026, 10, 25, 0, 30, tzinfo=LONDON)
    deadline = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1)
    window = carbon.when_to_run(2, forecast=exact(300, 100, 200, start=start), earliest=earliest, deadline=deadline)
    assert window.start == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert window.end == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with pytest.raises(InputError, match="deadline: the job's 2 h must fit"):
        carbon.when_to_run(2, forecast=exact(1, 1, 1), earliest=earliest, deadline=deadline.replace(fold=0))


def test_a_forecast_over_the_change_of_clocks_has_no_gap():
    # Given in London's clock time: subtracting those as they stand would make an hour vanish or overlap.
    begin = datetime(2026, 10, 25, 0, tzinfo=LONDON)
    times = [(begin.astimezone(UTC) + timedelta(hours=n)).astimezone(LONDON) for n in range(5)]
    values = [(a, b, 100.0) for a, b in pairwise(times)]
    assert carbon.when_to_run(4, forecast=values, earliest=begin).end == times[-1].astimezone(UTC)
    spring = datetime(2026, 3, 29, 0, tzinfo=LONDON)  # 01:00 GMT to 02:00 BST: the hour that does not come
    times = [(spring.astimezone(UTC) + timedelta(hours=n)).astimezone(LONDON) for n in range(4)]
    values = [(a, b, 100.0) for a, b in pairwise(times)]
    assert carbon.when_to_run(3, forecast=values, earliest=spring).end == datetime(2026, 3, 29, 3, tzinfo=UTC)


# From a file --------------------------------------------------------------------------------------------------------


def csv_file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "grid.csv"
    path.write_text(text, encoding=encoding)
    return path


ROWS = "2026-11-28T00:00Z,2026-11-28T01:00Z,300\n2026-11-28T01:00+00:00,2026-11-28T03:00+01:00, 100\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_file_is_a_forecast(tmp_path: Path, encoding: str):
    path = csv_file(tmp_path, "start,end, g_per_kwh,remark\n" + ROWS.replace("\n", ",dull\n"), encoding)
    for given_path in (path, str(path)):
        window = carbon.when_to_run(1, forecast=given_path, now=MIDNIGHT)
        assert (window.start, window.g_per_kwh.best) == (at(1), 100)
    assert "Forecast: grid · grid.csv · 28 Nov 2026 00:00 to 28 Nov 2026 02:00 UTC" in window.text("UTC")


def test_a_csv_file_may_give_ranges(tmp_path: Path):
    path = csv_file(tmp_path, "g_per_kwh,low,high,start,end\n100,90,150,2026-11-28T00:00Z,2026-11-28T01:00Z\n")
    assert carbon.forecast_from(path).periods[0].g_per_kwh == Interval(90, 100, 150)
    assert "ranges as given in the file" in carbon.forecast_from(path).text()


BAD_FILES = {
    "empty": ("", "“start” is missing, got an empty file"),
    "misspelled column": ("start,end,g_per_kw\n" + ROWS, "“g_per_kwh” is missing.* Did “g_per_kw” mean it"),
    "no rows": ("start,end,g_per_kwh\n", "at least one period must be given; got none"),
    "no number": (
        "start,end,g_per_kwh\n2026-11-28T00:00Z,2026-11-28T01:00Z,high\n",
        r"grid.csv, line 2: moments as .* must stand there; got .*, high\.",
    ),
    "nan": ("start,end,g_per_kwh\n2026-11-28T00:00Z,2026-11-28T01:00Z,nan\n", "line 2: g_per_kwh must be a number"),
    "negative": ("start,end,g_per_kwh\n2026-11-28T00:00Z,2026-11-28T01:00Z,-1\n", "must be a number from 0 to 3000"),
    "missing cell": ("start,end,g_per_kwh\n2026-11-28T00:00Z,2026-11-28T01:00Z\n", "line 2: moments as .*nothing"),
    "no zone": ("start,end,g_per_kwh\n2026-11-28T00:00,2026-11-28T01:00,5\n", "a time zone must be given"),
    "end before start": (
        "start,end,g_per_kwh\n2026-11-28T01:00Z,2026-11-28T00:00Z,5\n",
        "end must come after its start",
    ),
    "overlap": (
        "start,end,g_per_kwh\n2026-11-28T00:00Z,2026-11-28T02:00Z,5\n2026-11-28T01:00Z,2026-11-28T03:00Z,5\n",
        "periods must not overlap",
    ),
    "range the wrong way": (
        "start,end,g_per_kwh,low,high\n2026-11-28T00:00Z,2026-11-28T01:00Z,5,6,7\n",
        "low ≤ best ≤ high must hold",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_forecast_is_said_with_its_line(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        carbon.when_to_run(1, forecast=csv_file(tmp_path, text), now=MIDNIGHT)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path):
    with pytest.raises(InputError, match=r"none.csv must be a readable CSV file; got No such file"):
        carbon.forecast_from(tmp_path / "none.csv")
    with pytest.raises(InputError, match="got no UTF-8 text"):
        carbon.forecast_from(csv_file(tmp_path, "stärt", "latin-1"))
    with pytest.raises(InputError, match="must be a readable CSV file; got Is a directory"):
        carbon.forecast_from(tmp_path)


# Bad input ----------------------------------------------------------------------------------------------------------


NAIVE = datetime(2026, 11, 28, 9)
BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no hours": ({"hours": 0}, "hours: a job's length in hours, above 0, must be given; got 0"),
    "negative": ({"hours": -1}, "above 0, must be given; got -1"),
    "nan": ({"hours": math.nan}, "got nan"),
    "endless": ({"hours": math.inf}, "got inf"),
    "beyond all time": ({"hours": 1e300}, "got 1e\\+300"),
    "beyond all floats": ({"hours": 10**400}, "hours: a job's length"),
    "less than a microsecond": ({"hours": 1e-20}, "got 1e-20"),
    "text": ({"hours": "3"}, "got '3'"),
    "true": ({"hours": True}, "got True"),
    "longer than the forecast": ({"hours": 4}, "longest stretch without a gap has 3 h; got 4"),
    "empty": ({"forecast": []}, "at least one period must be given; got none"),
    "no forecast": ({"forecast": 5}, "periods, or the path of a CSV file, must be given; got 5"),
    "pairs": ({"forecast": [(MIDNIGHT, 100)]}, r"forecast\[0\]: \(start, end, g_per_kwh\) must be given"),
    "value as text": ({"forecast": [(at(0), at(1), "100")]}, r"forecast\[0\]: g_per_kwh must be a number"),
    "value nan": ({"forecast": [(at(0), at(1), math.nan)]}, "must be a number from 0 to 3000; got nan"),
    "naive period": ({"forecast": [(NAIVE, at(10), 1)]}, r"IntensityPeriod.start: a time zone must be given"),
    "date for a moment": ({"forecast": [(MIDNIGHT.date(), at(10), 1)]}, "a date with a time must be given"),
    "naive earliest": (
        {"earliest": NAIVE},
        r"earliest: a time zone must be given.*got 2026-11-28 09:00:00\. Add tzinfo",
    ),
    "naive deadline": ({"deadline": NAIVE}, "deadline: a time zone must be given"),
    "naive now": ({"now": NAIVE}, "now: a time zone must be given"),
    "text for a moment": ({"earliest": "tomorrow"}, "earliest: a date with a time must be given; got 'tomorrow'"),
    "deadline first": ({"earliest": at(2), "deadline": at(1)}, "deadline: the job's 1 h must fit between its earliest"),
    "too little time": ({"earliest": at(0), "deadline": at(0.5)}, "deadline: the job's 1 h must fit"),
    "after the forecast": (
        {"earliest": at(3)},
        "earliest: the job must start within the forecast.*no forecast for that date",
    ),
    "now after the forecast": ({"now": at(100)}, r"got 2026-12-02T04:00:00\+00:00 \(now, if none was given\)"),
    "before the forecast": (
        {"earliest": at(-9), "deadline": at(-5)},
        "deadline: the job must end within the forecast.*no forecast for that date",
    ),
    "energy and power": ({"energy_kwh": 1, "power_w": 1}, "one of them must be left out; got both"),
    "no energy": ({"energy_kwh": 0}, "energy_kwh: a number above 0, or an Interval, must be given; got 0"),
    "power nan": ({"power_w": math.nan}, "power_w: a number above 0"),
    "energy interval of 0": ({"energy_kwh": Interval(0, 0, 1)}, "energy_kwh: a number above 0"),
    "both": ({"region": "GBR"}, "a region or a forecast must be given, and not both; got region='GBR' and a forecast"),
    "neither": ({"forecast": None}, "and not both; got region=None and no forecast"),
    "end of all time": (
        {"earliest": datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))},
        "must lie in the years 1 to 9999",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_said(arguments: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        carbon.when_to_run(**{"hours": 1, "forecast": hours(300, 100, 200), "now": MIDNIGHT, **arguments})


def test_an_unknown_time_zone_is_said():
    window = carbon.when_to_run(1, forecast=hours(100), now=MIDNIGHT)
    for unknown in ("Europe/Atlantis", "", "../../etc/passwd", 5):
        with pytest.raises(InputError, match="time_zone: a name of the time zone database must be given"):
            window.text(unknown)  # type: ignore[arg-type]


# From a server ------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("GREENLM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ELECTRICITY_MAPS_API_KEY", KEY)
    with running() as started:
        yield started


def half_hours(*values: Any, start: datetime | None = None) -> list[dict[str, Any]]:
    begin = start or datetime.now(UTC)
    return [half_hour(begin + n * timedelta(minutes=30), value) for n, value in enumerate(values)]


def zones_hours(*values: Any, zone: str = "FR", **more: Any) -> dict[str, Any]:
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    moments = [(begin + n * timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z") for n in range(len(values))]
    rows = [{"carbonIntensity": value, "datetime": moment} for value, moment in zip(values, moments, strict=True)]
    return {"zone": zone, "forecast": rows, "updatedAt": moments[0], "temporalGranularity": "hourly", **more}


@pytest.mark.process
def test_great_britains_forecast_is_fetched_and_searched(server: Server):
    rows = half_hours(*[250] * 10, *[80] * 4, *[300] * 82)
    server.play = says(national(*rows))
    window = carbon.when_to_run(2, "GBR", base_url=server.base_url, energy_kwh=1)
    assert re.fullmatch(r"/intensity/\d{4}-\d\d-\d\dT\d\d%3A\d\dZ/fw48h", server.asked[0])
    assert f"{window.start:%Y-%m-%dT%H:%MZ}" == rows[10]["from"]
    # By hand: 1.6 × 24.2 g for the forecast and 8 g for the method, in quadrature.
    assert window.g_per_kwh.high - 80 == pytest.approx(math.hypot(1.6 * 24.2, 8))
    assert window.against_now is not None
    assert window.against_now.other_g_per_kwh.best == pytest.approx(250)
    assert not window.against_now.is_within_doubt
    text = window.text("UTC")
    for words in ("NESO Carbon Intensity API", "CC BY 4.0", "do not compare it with yearly figures", "fetched "):
        assert words in text
    # Three hours take the cheaper neighbour, 250 and not 300, with them.
    assert carbon.when_to_run(3, "GBR", base_url=server.base_url).start == window.start - timedelta(hours=1)
    assert len(server.asked) == 1  # kept for the next question


@pytest.mark.process
def test_a_regions_forecast_has_another_shape_and_says_that_its_error_is_unknown(server: Server):
    rows = half_hours(200, 100, 300)
    server.play = says({"data": regional(13, "London", *rows, postcode="SW7")})
    forecast = carbon.intensity_forecast("UK", place="SW7 2AZ", base_url=server.base_url)
    assert re.fullmatch(r"/regional/intensity/[^/]+/fw48h/postcode/SW7", server.asked[0])
    assert [period.g_per_kwh.best for period in forecast.periods] == [200, 100, 300]
    assert forecast.name == "London (postcode SW7)"
    assert "for regions no error is known" in forecast.text()


@pytest.mark.process
def test_an_answer_for_another_region_is_refused(server: Server):
    server.play = says({"data": regional(14, "South East England", *half_hours(200))})
    with pytest.raises(IntensityUnavailable, match=r"an answer for another region \(14\)"):
        carbon.intensity_forecast("UK", place=13, base_url=server.base_url)


@pytest.mark.process
@pytest.mark.parametrize(("asked_h", "sent_h"), [(1, 6), (24, 24), (25, 48), (48, 48), (100, 72)])
def test_a_zones_forecast_reaches_as_far_as_asked(server: Server, asked_h: float, sent_h: int):
    server.play = says(zones_hours(50, 40, 30))
    forecast = carbon.intensity_forecast("FRA", horizon_hours=asked_h, base_url=server.base_url)
    assert server.asked == [f"/carbon-intensity/forecast?zone=FR&horizonHours={sent_h}&disableCallerLookup=true"]
    assert server.headers[0]["auth-token"] == KEY
    assert [period.g_per_kwh for period in forecast.periods] == [Interval.times_over(v, 1.3) for v in (50, 40, 30)]
    assert forecast.end - forecast.start == timedelta(hours=3)


@pytest.mark.process
@pytest.mark.parametrize(("deadline_h", "sent_h"), [(None, 48), (5, 6), (60, 72)])
def test_a_job_asks_for_as_much_forecast_as_it_needs(server: Server, deadline_h: float | None, sent_h: int):
    server.play = says(zones_hours(*[50] * 80))
    deadline = None if deadline_h is None else datetime.now(UTC) + timedelta(hours=deadline_h)
    carbon.when_to_run(2, "FRA", deadline=deadline, base_url=server.base_url)
    assert f"horizonHours={sent_h}&" in server.asked[0]


@pytest.mark.process
def test_hours_without_a_value_stay_gaps(server: Server):
    server.play = says(national(*half_hours(200, None, 100, 0, 150)))
    forecast = carbon.intensity_forecast("GBR", base_url=server.base_url)
    assert [period.g_per_kwh.best for period in forecast.periods] == [200, 100, 150]
    with pytest.raises(InputError, match=r"longest stretch without a gap has 0\.5 h; got 1"):
        carbon.when_to_run(1, "GBR", base_url=server.base_url)
    server.play = says(zones_hours(50, None, 0, 40))
    zone = carbon.intensity_forecast("FRA", base_url=server.base_url)
    assert [period.end - period.start for period in zone.periods] == [timedelta(hours=1)] * 2


@pytest.mark.process
def test_half_hours_out_of_order_are_sorted(server: Server):
    rows = half_hours(200, 100, 300)
    server.play = says(national(rows[2], rows[0], rows[1]))
    forecast = carbon.intensity_forecast("GBR", base_url=server.base_url)
    assert [period.g_per_kwh.best for period in forecast.periods] == [200, 100, 300]


BAD_FORECASTS: dict[str, tuple[Any, str]] = {
    "overlap": (says(national(*half_hours(100, 200), *half_hours(300))), "two of its periods overlap"),
    "nothing": (says(national()), "data must be a list with entries"),
    "null throughout": (says(national(*half_hours(None, None))), "a forecast without values"),
    "negative": (says(national(*half_hours(100, -1))), "must lie between 0 and 3000 g/kWh"),
    "last week": (
        says(national(*half_hours(100, start=datetime.now(UTC) - timedelta(days=7)))),
        "an answer that is over",
    ),
    "next week": (
        says(national(*half_hours(100, start=datetime.now(UTC) + timedelta(days=7)))),
        "an answer for the future",
    ),
    "fault": (status(500), "HTTP 500"),
    "limit": (status(429, Retry_After="60"), "HTTP 429: too many requests, no more before"),
    "silence": (sends_nothing, "no complete answer within 0.3 s"),
}


@pytest.mark.process
@pytest.mark.parametrize(("play", "why"), BAD_FORECASTS.values(), ids=BAD_FORECASTS)
def test_a_forecast_that_cannot_be_had_is_an_error_as_no_average_can_stand_in(server: Server, play: Any, why: str):
    server.play = play
    with pytest.raises(IntensityUnavailable, match=re.escape(why)) as caught:
        carbon.when_to_run(1, "GBR", base_url=server.base_url, time_limit_s=0.3 if play is sends_nothing else 5)
    assert str(caught.value).startswith("carbon.intensity_forecast: 127.0.0.1:")
    assert "or give a forecast of your own to carbon.when_to_run(…, forecast=)" in str(caught.value)


@pytest.mark.process
def test_a_free_key_without_forecasts_is_told_what_its_plan_lacks(server: Server):
    server.play = status(403, {"error": "not allowed"})
    with pytest.raises(IntensityUnavailable, match="a free one has one zone and no forecast") as caught:
        carbon.intensity_forecast("FRA", base_url=server.base_url)
    assert KEY not in str(caught.value)


@pytest.mark.process
def test_a_kept_forecast_stands_in_for_a_failed_request_and_says_so(server: Server):
    server.play = says(national(*half_hours(200, 100)))
    carbon.intensity_forecast("GBR", base_url=server.base_url)
    server.play = status(500)
    again = carbon.intensity_forecast("GBR", base_url=server.base_url, cache_s=1e-9)
    assert "as a new one failed: HTTP 500" in again.note
    assert again.note in again.text()


@pytest.mark.process
def test_bad_input_is_said_before_anything_is_sent(server: Server):
    for arguments in ({"hours": 0}, {"earliest": NAIVE}, {"energy_kwh": -1}, {"deadline": datetime.now(UTC)}):
        with pytest.raises(InputError):
            carbon.when_to_run(**{"hours": 1, "region": "GBR", "base_url": server.base_url, **arguments})
    for horizon in (0, -1, math.nan, math.inf):
        with pytest.raises(InputError, match="horizon_hours: a finite number above 0"):
            carbon.intensity_forecast("GBR", horizon_hours=horizon, base_url=server.base_url)
    assert server.asked == []


@pytest.mark.process
def test_a_date_beyond_the_fetched_forecast_is_said(server: Server):
    server.play = says(national(*half_hours(*[100] * 96)))
    with pytest.raises(InputError, match="There is no forecast for that date"):
        carbon.when_to_run(1, "GBR", base_url=server.base_url, earliest=datetime.now(UTC) + timedelta(days=5))
