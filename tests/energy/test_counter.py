"""Counters: wraps, restarts and steps smaller than the counter's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.energy import Reading, WrappingCounter, energy_between
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.interval import Interval

EXACT = Interval.exactly(1.0)


def test_energy_is_the_difference_with_a_step_of_slack_either_way():
    energy, below = energy_between(Reading(0, 100, step_j=3), Reading(5, 160, step_j=3), EXACT)
    assert energy == Interval(57, 60, 63)
    assert not below


def test_a_window_below_the_step_is_never_zero_joules():
    energy, below = energy_between(Reading(0, 100, step_j=20), Reading(0.05, 100, step_j=20), EXACT)
    assert below
    assert energy == Interval(0, 10, 20)


def test_gain_widens_both_ways_and_keeps_the_best_figure():
    energy, _ = energy_between(Reading(0, 0), Reading(1, 100), Interval(0.95, 1, 1.05))
    assert energy == Interval(95, 100, 105)


def test_sampling_doubt_is_that_of_this_window_only():
    energy, _ = energy_between(Reading(0, 0, doubt_j=50), Reading(1, 100, doubt_j=54), EXACT)
    assert energy == Interval(96, 100, 104)


def test_a_counter_that_goes_backwards_is_unavailable_not_a_wrap():
    with pytest.raises(EnergyUnavailable, match=r"must not go backwards; got 500\.000 J, then 3\.000 J"):
        energy_between(Reading(0, 500), Reading(1, 3), EXACT)


@given(st.lists(st.floats(0, 200), max_size=40), st.floats(250, 1000))
def test_a_wrapping_counter_gives_the_whole_energy(steps_j, range_j):
    counter, true_j = WrappingCounter(range_j), 100.0
    first = counter.total(true_j % range_j, 0.0)
    for number, step in enumerate(steps_j, 1):
        true_j += step
        last = counter.total(true_j % range_j, number * 0.1)
        assert last - first == pytest.approx(true_j - 100.0, abs=1e-6)
    assert counter.continuity == 0


def test_a_gap_in_which_it_may_have_wrapped_more_than_once_makes_readings_incomparable():
    counter = WrappingCounter(range_j=1000, most_w=100)  # full in 10 s at the most
    counter.total(500, 0.0)
    counter.total(600, 9.9)
    assert counter.continuity == 0
    counter.total(700, 20.0)
    assert counter.continuity == 1
    with pytest.raises(EnergyUnavailable, match=r"may have done so more than once \(the cell took 20 s"):
        energy_between(Reading(0, 500, continuity=0), Reading(20, 700, continuity=1), EXACT)


def test_a_range_of_zero_is_refused():
    with pytest.raises(InputError, match="range_j must be above 0; got 0"):
        WrappingCounter(0)


@given(
    st.floats(1, 500),
    st.floats(0, 0.099),
    st.floats(0.001, 30),
    st.sampled_from([0.05, 0.1]),
)
def test_the_truth_lies_inside_for_any_window_on_a_stepping_counter(power_w, offset_s, length_s, step_s):
    def counter(t_s):
        return Reading(t_s, power_w * step_s * int(t_s / step_s + 1e-9), step_j=power_w * step_s * (1 + 1e-6))

    energy, _ = energy_between(counter(offset_s), counter(offset_s + length_s), EXACT)
    assert energy.low - 1e-6 <= power_w * length_s <= energy.high + 1e-6
    assert energy.best > 0
