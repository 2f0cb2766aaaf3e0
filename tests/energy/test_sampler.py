"""The sampler's thread: it answers at once, keeps its period, and does not wait for a driver that hangs."""

import itertools
import math
import threading
import time

import pytest

from greenlm_edu.energy import PowerTrace, Reading, Sample, Sampler, ScriptedSource
from greenlm_edu.errors import EnergyUnavailable, InputError


@pytest.mark.parametrize("period_s", [0, -1, float("nan")])
def test_a_period_that_is_not_above_zero_is_refused(period_s):
    with pytest.raises(InputError, match=f"period_s must be above 0 seconds; got {period_s}"):
        Sampler([], period_s=period_s)


def test_two_sources_with_one_key_are_refused():
    with pytest.raises(InputError, match="component key of its own"):
        Sampler([ScriptedSource(1.0), ScriptedSource(2.0)])


def test_a_sample_is_taken_after_it_was_asked_for():
    with Sampler([ScriptedSource(5.0)]) as sampler:
        for _ in range(50):
            asked = time.monotonic()
            assert sampler.sample_now().readings["scripted"].t_s >= asked


def test_it_samples_by_itself_every_period():
    seen = []
    with Sampler([ScriptedSource(5.0)], period_s=0.02) as sampler:
        stop = sampler.listen(seen.append)
        time.sleep(0.5)
        stop()
    assert 12 <= len(seen) <= 30


def test_the_thread_ends_with_the_last_user_and_starts_again():
    sampler = Sampler([ScriptedSource(5.0)])
    for _ in range(3):
        with sampler, sampler:
            sampler.sample_now()
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and any(t.name == "greenlm-sampler" for t in threading.enumerate()):
            time.sleep(0.01)
        assert not any(t.name == "greenlm-sampler" for t in threading.enumerate())


def test_a_source_that_fails_is_told_and_the_others_go_on():
    broken = ScriptedSource(1.0, component="broken", fails_after_s=0, failure=EnergyUnavailable("the GPU is lost"))
    with Sampler([ScriptedSource(5.0), broken]) as sampler:
        sample = sampler.sample_now()
    assert set(sample.readings) == {"scripted"}
    assert sample.failures == {"broken": "the GPU is lost"}


class Hanging(ScriptedSource):
    """Its driver answers only once `release` is set."""

    def __init__(self, release, **options):
        super().__init__(1.0, component="hangs", **options)
        self.release = release

    def read(self):
        self.release.wait(20)
        return super().read()


def test_a_driver_that_hangs_holds_nobody_up_for_a_second_and_the_others_go_on():
    release = threading.Event()
    with Sampler([ScriptedSource(5.0), Hanging(release)]) as sampler:
        began = time.monotonic()
        sample = sampler.sample_now()
        assert time.monotonic() - began < 1.0
        assert sample.failures == {"hangs": "its driver did not answer within 0.7 s"}
        assert sample.readings["scripted"].t_s >= began
        again = time.monotonic()
        assert "scripted" in sampler.sample_now().readings
        assert time.monotonic() - again < 0.1  # it is not waited for a second time
        release.set()
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and "hangs" not in sampler.sample_now().readings:
            time.sleep(0.02)
        assert "hangs" in sampler.sample_now().readings  # it answers again, so it is asked again


def test_a_driver_that_hangs_first_does_not_cost_the_others_their_figures():
    release = threading.Event()
    with Sampler([Hanging(release), ScriptedSource(5.0)]) as sampler:
        sample = sampler.sample_now()
        release.set()
    assert set(sample.readings) == {"scripted"}


def test_a_fault_in_a_source_is_told_and_ends_nothing():
    class Faulty(ScriptedSource):
        def read(self):
            raise ZeroDivisionError("oh")

    with Sampler([Faulty(1.0, component="faulty"), ScriptedSource(5.0)]) as sampler:
        sample = sampler.sample_now()
        assert sample.failures == {"faulty": "reading it failed: ZeroDivisionError: oh"}
        assert set(sampler.sample_now().readings) == {"scripted"}


def area_j(steps):
    return sum((b - a) * watts for a, b, watts in steps)


def test_where_power_was_sampled_beside_a_stepping_counter_its_curve_is_drawn():
    trace = PowerTrace(0.0)
    for tick in range(20):
        t_s = tick * 0.093
        counter_j = 20.0 * math.floor(t_s / 0.1)  # 200 W in steps of 0.1 s: no step, or one, in each period
        beside = Reading(t_s, 200.0 * t_s)
        trace.add(Sample(t_s, {"gpu0": Reading(t_s, counter_j, step_j=20.0, also=beside)}))
    assert [watts for _, _, watts in trace.steps("gpu0")] == pytest.approx([200.0] * 19)


def test_a_full_trace_keeps_its_area():
    trace = PowerTrace(0.0, capacity=16)
    energy_j = 0.0
    for tick in range(2001):
        energy_j += 0.1 * (50 + tick % 7)
        trace.add(Sample(tick * 0.1, {"gpu0": Reading(tick * 0.1, energy_j)}))
        if tick == 0:
            first_j = energy_j
    last = Sample(200.1, {"gpu0": Reading(200.1, energy_j + 3)})
    trace.add(last, final=True)
    steps = trace.steps("gpu0")
    assert len(steps) <= 17
    assert area_j(steps) == pytest.approx(energy_j + 3 - first_j)
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(steps))
    assert area_j(trace.steps("gpu0", most=3)) == pytest.approx(energy_j + 3 - first_j)


def test_a_source_beside_is_read_until_it_leaves_and_needs_a_key_of_its_own():
    with Sampler([ScriptedSource(5.0)]) as sampler:
        with pytest.raises(InputError, match="component key of its own"):
            sampler.beside([ScriptedSource(1.0)])
        stop = sampler.beside([ScriptedSource(1.0, component="film")])
        assert set(sampler.sample_now().readings) == {"scripted", "film"}
        stop()
        assert set(sampler.sample_now().readings) == {"scripted"}
