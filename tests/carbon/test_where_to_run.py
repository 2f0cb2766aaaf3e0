"""Where to run: yearly averages sorted, and those that their doubt does not tell apart marked."""

from __future__ import annotations

import math
from typing import Any

import pytest

from greenlm_edu import carbon
from greenlm_edu.errors import InputError, UnknownRegion
from greenlm_edu.interval import Interval


def test_countries_come_from_the_least_to_the_most_with_ranges():
    table = carbon.where_to_run(2, ["Poland", "FRA", "GBR"])
    assert [row.intensity.region for row in table.rows] == ["FRA", "GBR", "POL"]
    france = table.rows[0]
    assert france.emissions_g.best == pytest.approx(2 * 44.18)
    assert (france.emissions_g.low, france.emissions_g.high) == pytest.approx((2 * 44.18 / 1.2, 2 * 44.18 * 1.2))
    assert [row.as_good_as for row in table.rows] == [(), (), ()]


def test_the_energys_doubt_widens_every_row_and_tells_none_from_another():
    wide = carbon.where_to_run(Interval(1, 2, 4), ["FRA", "GBR"])
    assert wide.rows[0].emissions_g.high == pytest.approx(2 * 44.18 * math.exp(math.hypot(math.log(2), math.log(1.2))))
    assert wide.rows[0].as_good_as == ()  # though the ranges of the grams overlap


def test_rows_within_one_anothers_doubt_are_marked():
    grids = {row.region: row.value_g_per_kwh for row in carbon.regions()}
    table = carbon.where_to_run(1)
    assert len(table.rows) == len(grids)
    # Two factors of 1.2, independent: 1.2 to the power of the square root of 2 is 1.294.
    limit = math.exp(math.hypot(math.log(1.2), math.log(1.2)))
    assert limit == pytest.approx(1.294, abs=0.001)
    for row in table.rows:
        value = row.intensity.value_g_per_kwh
        expected = {
            code
            for code, other in grids.items()
            if code != row.intensity.region and max(value, other) / min(value, other) <= limit
        }
        assert set(row.as_good_as) == expected
    values = [row.intensity.value_g_per_kwh for row in table.rows]
    assert values == sorted(values)


def test_the_text_marks_what_the_first_may_not_be_better_than():
    # Norway 30.75, Sweden 35.89 (1.17 times), Poland 614.98 g/kWh.
    lines = carbon.where_to_run(1, ["POL", "SWE", "NOR"]).text().splitlines()
    assert lines[0] == "1 kWh, yearly averages, life cycle included:"
    assert [line[:2] for line in lines[1:4]] == ["  ", "≈ ", "  "]
    assert lines[2] == "≈ 36 g (30 – 43 g) · Sweden 36 g/kWh · 2024 · Ember"
    assert lines[4] == "≈ within the doubt of Norway: not known to be worse"
    assert "≈" not in carbon.where_to_run(1, ["POL", "NOR"]).text()


def test_a_country_named_twice_has_one_row_and_none_has_none():
    assert len(carbon.where_to_run(1, ["FRA", "France", "fr"]).rows) == 1
    assert carbon.where_to_run(1, []).text() == "no countries"


@pytest.mark.parametrize("energy", [0, -1, math.nan, math.inf, "2", True, None, 10**400, Interval(0, 0, 1)])
def test_an_energy_that_is_none_is_refused(energy: Any):
    with pytest.raises(InputError, match="energy_kwh: a number above 0, or an Interval, must be given"):
        carbon.where_to_run(energy)


def test_one_name_in_place_of_a_list_is_said():
    with pytest.raises(InputError, match=r"regions: a list of countries must be given; got 'FRA'\. Write \['FRA'\]"):
        carbon.where_to_run(1, "FRA")
    with pytest.raises(UnknownRegion, match="Nearest: France"):
        carbon.where_to_run(1, ["Frnace"])
