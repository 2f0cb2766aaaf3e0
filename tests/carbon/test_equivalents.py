"""Comparisons against arithmetic by hand, each with a source."""

import pytest

from greenlm_edu import carbon
from greenlm_edu.interval import Interval


def amounts(energy_j: Interval, emissions_g: Interval) -> dict[str, Interval]:
    return {text: amount for text, amount, _ in carbon.equivalents(energy_j, emissions_g)}


def test_a_kilowatt_hour_by_physics_and_by_definition():
    found = amounts(Interval.exactly(3.6e6), Interval.exactly(0))
    assert found["hours of a 10 W lamp"].best == pytest.approx(100)
    assert found["litres of water heated from 20 to 100 °C"].best == pytest.approx(1 / 0.0930, rel=1e-3)
    assert found["hours of streamed video"].best == pytest.approx(1 / 0.077)


@pytest.mark.parametrize(
    ("text", "one_g"),
    [
        ("charges of a smartphone in the United States", 12.4),
        ("km in an average car of the United States", 244.2),
        ("km in a new car of the European Union", 106.8),
        ("passengers flown between New York and San Francisco", 570e3),
        ("whole jets flown from San Francisco to New York and back", 180.4e6),
    ],
)
def test_the_emissions_of_one_give_one(text, one_g):
    assert amounts(Interval.exactly(0), Interval.exactly(one_g))[text].best == pytest.approx(1, rel=1e-4)


def test_amounts_carry_the_range_of_what_is_compared():
    found = amounts(Interval(1.8e6, 3.6e6, 7.2e6), Interval(53.4, 106.8, 320.4))
    lamp, car = found["hours of a 10 W lamp"], found["km in a new car of the European Union"]
    assert (lamp.low, lamp.best, lamp.high) == pytest.approx((50, 100, 200))
    assert (car.low, car.best, car.high) == pytest.approx((0.5, 1, 3))


def test_each_says_what_is_equal_and_who_says_so():
    found = carbon.equivalents(Interval.exactly(1), Interval.exactly(1))
    assert len({one.text for one in found}) == len(found) == 8
    for one in found:
        equal, _, who = one.source.partition("; ")
        assert equal in ("as much electricity", "as much CO2e")
        assert who


def test_electricity_and_emissions_are_not_mixed_up():
    for one in carbon.equivalents(Interval.exactly(1), Interval.exactly(0)):
        assert (one.amount.best > 0) == one.source.startswith("as much electricity")
    for one in carbon.equivalents(Interval.exactly(0), Interval.exactly(1)):
        assert (one.amount.best > 0) == one.source.startswith("as much CO2e")
