"""Trapezoids over irregular readings, and the doubt that they leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.energy import energy_between
from greenlm_edu.energy.sampled_power import AVERAGED, PART_TIME, PowerIntegral, Sensor
from greenlm_edu.interval import Interval

EXACT = Interval.exactly(1.0)
PROMPT = Sensor(every_s=0.0, seen_s=0.0)


def test_irregular_readings_are_integrated_by_trapezoids():
    integral = PowerIntegral(PROMPT)
    for t_s, power_w in [(0, 100), (1, 200), (3, 200)]:
        reading = integral.add(t_s, power_w)
    assert reading.energy_j == pytest.approx(150 + 400)


def test_a_jump_leaves_doubt_for_as_long_as_it_was_not_looked():
    integral = PowerIntegral(PROMPT)
    first = integral.add(0, 100)
    last = integral.add(2, 200)
    energy, _ = energy_between(first, last, EXACT)
    assert (energy.best, energy.high - energy.best) == (pytest.approx(300), pytest.approx(0.8 * 100 * 2))


def test_doubts_of_single_jumps_add_in_quadrature():
    integral = PowerIntegral(PROMPT)
    first = integral.add(0, 100)
    for second in range(1, 17):
        last = integral.add(second, 100 + 50 * (second % 2))
    energy, _ = energy_between(first, last, EXACT)
    assert energy.high - energy.best == pytest.approx(0.8 * 50 * 4)  # √16 jumps, not 16


def test_a_constant_power_leaves_no_doubt_but_the_meters():
    integral = PowerIntegral(PART_TIME)
    first, last = integral.add(0, 100), integral.add(5, 100)
    assert energy_between(first, last, EXACT)[0] == EXACT.scaled_by(500)


@pytest.mark.parametrize("sensor", [PART_TIME, AVERAGED])
def test_a_lag_on_a_ramp_is_set_right(sensor):
    integral = PowerIntegral(sensor)
    first = integral.add(0, 100 - 50 * sensor.lag_s)
    last = integral.add(4, 300 - 50 * sensor.lag_s)  # 50 W a second, told late
    energy, _ = energy_between(first, last, EXACT)
    assert energy.best == pytest.approx(800)
    assert energy.high - energy.best >= 200 * sensor.lag_s


def test_nothing_is_integrated_over_a_time_that_nobody_saw():
    integral = PowerIntegral(PROMPT)
    integral.add(0, 100)
    before = integral.add(1, 100)
    integral.break_off()
    assert integral.add(9, 100).energy_j == before.energy_j
    assert integral.add(10, 100).energy_j == before.energy_j + 100


@given(st.lists(st.tuples(st.floats(0.001, 2), st.floats(0, 700)), min_size=2, max_size=30))
def test_wider_jumps_never_give_a_narrower_interval(steps):
    def window(factor):
        integral, t_s = PowerIntegral(PART_TIME), 0.0
        mean_w = sum(power_w for _, power_w in steps) / len(steps)
        readings = []
        for length_s, power_w in steps:
            t_s += length_s
            readings.append(integral.add(t_s, mean_w + factor * (power_w - mean_w)))
        return readings[-1].spread_j2 - readings[0].spread_j2

    assert window(0.5) <= window(1.0) + 1e-9
