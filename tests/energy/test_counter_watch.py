"""The counter's step is found by watching it; the looks here are computed by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu.energy.counter_watch import CounterWatch


def watched(step_s, period_s, looks=60, phase_s=0.0, power_w=100.0):
    watch = CounterWatch()
    for look in range(looks):
        t_s = 50 + look * period_s
        watch.look(t_s, power_w * step_s * math.floor((t_s - phase_s) / step_s))
    return watch, t_s


def test_before_anything_was_seen_the_documented_step_is_taken():
    watch = CounterWatch()
    watch.look(7.0, 1000.0)
    assert (watch.watched, watch.step_s(7.0)) == (False, 0.1)


@pytest.mark.parametrize("step_s", [0.1, 0.25, 1.0])
def test_a_step_longer_than_the_looks_is_found(step_s):
    watch, now_s = watched(step_s, 0.093, looks=64)
    assert watch.watched
    assert step_s <= watch.step_s(now_s) <= step_s * 1.35


def test_a_counter_faster_than_the_looks_is_taken_to_move_at_each():
    watch, now_s = watched(0.02, 0.1)
    assert 0.02 <= watch.step_s(now_s) <= 0.11


def test_a_counter_that_stands_still_is_late_by_as_long_as_it_stands():
    watch, now_s = watched(0.1, 0.1)
    stuck_j = 1e6
    watch.look(now_s + 0.1, stuck_j)
    for tick in range(2, 80):
        watch.look(now_s + 0.1 * tick, stuck_j)
    assert watch.step_s(now_s + 7.9) == pytest.approx(7.8)


@given(st.floats(0.001, 0.099), st.floats(0.085, 0.096))
def test_the_beats_phase_is_found_to_a_few_milliseconds(phase_s, period_s):
    watch, _ = watched(0.1, period_s, phase_s=phase_s)
    beat = watch.beat()
    assert beat is not None
    off_s = (beat.at_s - phase_s + 0.05) % 0.1 - 0.05
    assert abs(off_s) <= 0.1 - period_s + 0.002


def test_a_counter_with_another_beat_has_none():
    assert watched(0.37, 0.093)[0].beat() is None


def test_a_counter_that_starts_again_goes_on_from_where_it_was():
    watch = CounterWatch()
    assert watch.look(0.0, 500.0) == (500.0, False)
    assert watch.look(0.1, 510.0) == (510.0, False)
    assert watch.look(0.2, 3.0) == (510.0, True)
    assert watch.look(0.3, 10.0) == (517.0, False)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=50))
def test_the_total_never_falls_whatever_the_counter_does(moves):
    watch, counter_j, last_j, known_j = CounterWatch(), 1000.0, 1000.0, 0.0
    watch.look(0.0, counter_j)
    for tick, (rise_j, reset) in enumerate(moves):
        known_j += 0.0 if reset and counter_j > 0.5 * rise_j / 100 else rise_j
        counter_j = 0.5 * rise_j / 100 if reset and counter_j > 0.5 * rise_j / 100 else counter_j + rise_j
        total_j, _ = watch.look(0.1 * (tick + 1), counter_j)
        assert total_j >= last_j - 1e-9
        last_j = total_j
    assert last_j == pytest.approx(1000.0 + known_j)
