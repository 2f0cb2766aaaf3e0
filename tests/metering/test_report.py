"""What a running measurement is told, and what it shows: progress, curves, guesses, glances, provisional ones."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlm_edu import metering
from greenlm_edu.energy import ScriptedSource
from greenlm_edu.errors import InputError
from greenlm_edu.metering import Curve, Progress, measure


def a_source():
    return ScriptedSource(100.0, component="gpu0", label="GPU 0")


def test_a_follower_sees_every_sample_and_the_steps_add_up_to_the_energy():
    seen = []
    with measure(sources=[a_source()]) as m:
        stop = metering.follow(m, seen.append)
        time.sleep(0.35)
        stop()
        count = len(seen)
        time.sleep(0.2)
    assert 3 <= count == len(seen)
    assert [glance.t_s for glance in seen] == sorted(glance.t_s for glance in seen)
    drawn_j = sum((end - begin) * watts for glance in seen for begin, end, watts in glance.steps.values())
    assert drawn_j == pytest.approx(seen[-1].components[0].energy_j.best, rel=0.02)


def test_a_dropped_measurement_is_told_to_nobody_and_those_inside_it_stand_on_their_own():
    heard = []
    stop = metering.announce_to(heard.append)
    cell = metering.start("cell", sources=[a_source()], provisional=True)
    with measure("block", sources=[a_source()]) as block:
        assert block.parent is None  # nobody knows yet whether the cell will be kept
    metering.drop(cell)
    stop()
    assert heard == [block]
    assert block.parent is None
    assert cell.status == "dropped"
    assert metering.running() is None


def test_a_kept_measurement_is_like_all_others():
    heard = []
    stop = metering.announce_to(heard.append)
    cell = metering.start("cell", sources=[a_source()], provisional=True)
    with measure("block", sources=[a_source()]) as block:
        pass
    metering.keep(cell)
    assert block.parent is cell
    metering.finish(cell)
    stop()
    assert heard == [block, cell]
    assert (cell.status, cell.provisional) == ("finished", False)


def test_dropping_ends_what_was_left_running_inside():
    cell = metering.start("cell", sources=[a_source()], provisional=True)
    left = metering.start("left", sources=[a_source()])
    metering.drop(cell)
    assert (left.status, metering.running()) == ("finished", None)


def test_the_pace_leaves_out_what_came_before_the_first_report():
    # 10 s of compiling, then a tenth of the run in 2 s: nine tenths are left, 18 s of them
    progress = Progress(t_s=12.0, epoch=1, epochs=10, share=0.1, first_t_s=10.0, first_share=0.0, first_energy_j=500.0)
    assert progress.left_s(12.0) == pytest.approx(18)
    assert progress.left_s(13.0) == pytest.approx(17)  # a second later, with no news
    assert progress.left_j(12.0, energy_j=700.0) == pytest.approx(100 * 18)  # 200 J in 2 s is 100 W


@pytest.mark.parametrize(("share", "energy_j"), [(None, 1.0), (0.0, 1.0), (0.5, None)])
def test_what_is_left_is_unknown_where_nobody_can_tell(share, energy_j):
    progress = Progress(5.0, 1, None, share, 1.0, 0.0, 0.0)
    assert progress.left_j(5.0, energy_j) is None


def test_progress_is_reported_to_a_running_measurement_only():
    with measure(sources=[a_source()]) as m:
        metering.report_progress(m, epoch=1, epochs=4, share=0.1)
        time.sleep(0.05)
        metering.report_progress(m, epoch=2, epochs=4, share=0.4)
        first = m.progress
        metering.report_progress(m, epoch=1, epochs=2, share=0.0)  # another `fit` in the same cell
    assert (first.epoch, first.share, first.first_share) == (2, 0.4, 0.1)
    assert first.left_s(first.t_s) == pytest.approx((first.t_s - first.first_t_s) * 2)
    assert m.progress.first_share == 0.0
    ended = m.progress
    metering.report_progress(m, epoch=2, epochs=2, share=1.0)
    assert m.progress is ended


@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=3000), st.sampled_from([4, 16, 64]))
def test_a_curve_stays_bounded_and_in_order(gaps_s, most):
    curve, t_s = Curve(most), 0.0
    for gap_s in gaps_s:
        t_s += gap_s
        curve.add(t_s, 1.0)
    times = [t for t, _ in curve.points]
    assert 1 <= len(times) <= most
    assert times == sorted(times)
    assert times[0] == gaps_s[0]


def test_a_curve_takes_no_value_that_is_not_a_number():
    curve = Curve()
    assert not curve.add(1.0, float("nan"))
    assert not curve.add(2.0, float("inf"))
    assert curve.add(3.0, 0.5)
    assert curve.points == [(3.0, 0.5)]


def test_values_are_kept_by_name():
    with measure(sources=[a_source()]) as m:
        metering.report_value(m, "loss", 2.5)
    metering.report_value(m, "loss", 1.0)
    assert [value for _, value in m.curves["loss"].points] == [2.5]


def test_a_guess_that_comes_after_the_end_is_announced():
    heard = []
    stop = metering.announce_guesses_to(heard.append)
    with measure(sources=[a_source()]) as m:
        metering.set_guess(m, 40)
    assert (heard, m.guess_j) == ([], 40.0)
    metering.set_guess(m, 50)
    stop()
    assert (heard, m.guess_j) == ([m], 50.0)


@pytest.mark.parametrize("joules", [0, -1, float("nan"), float("inf")])
def test_a_guess_that_cannot_be_is_refused(joules):
    with measure(sources=[a_source()]) as m, pytest.raises(InputError, match="a number of joules above 0; got"):
        metering.set_guess(m, joules)
