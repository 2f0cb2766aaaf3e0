"""measure(): what a block used, by scripted sources whose truth is known, and how it goes on when things fail."""

import time

import pytest

from greenlm_edu import metering
from greenlm_edu.energy import Basis, ScriptedSource
from greenlm_edu.errors import EnergyUnavailable, InputError, UnknownRegion
from greenlm_edu.interval import Interval
from greenlm_edu.metering import Component, measure, total


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def test_a_blocks_joules_are_those_of_the_curve():
    clock = Clock()
    gpu = ScriptedSource([(0, 100), (10, 300)], component="gpu0", clock=clock, gain=Interval(0.95, 1, 1.05))
    cpu = ScriptedSource(10.0, component="cpu", clock=clock)
    with measure("train", region="FRA", pue=1.2, sources=[gpu, cpu]) as m:
        clock.now_s = 10.0
    assert m.components[0].energy_j == Interval(1900, 2000, 2100)
    assert m.energy_j.best == pytest.approx(2100)
    assert m.energy_j.high == pytest.approx(2200)  # the CPU's figure is exact here
    assert m.footprint().emissions_g.best == pytest.approx(2100 * 1.2 / 3.6e6 * 44.18)
    assert m.footprint("SWE", pue=1).intensity.region == "SWE"
    assert (m.status, m.name, m.bases) == ("finished", "train", (Basis.REPLAYED,))


def test_duration_is_of_the_monotonic_clock():
    with measure(sources=[ScriptedSource(1.0)]) as m:
        time.sleep(0.2)
    assert m.duration_s == pytest.approx(0.2, abs=0.1)


def test_this_machines_own_sources_give_a_figure_and_say_what_is_missing():
    with measure() as m:
        sum(n * n for n in range(300_000))
    assert m.energy_j.low > 0
    assert all(part.basis is not Basis.UNAVAILABLE for part in m.components if part.energy_j)
    assert [part.component for part in m.unmeasured][-1] == "rest"
    assert all(part.reason for part in m.unmeasured)


def test_an_error_goes_on_unchanged_and_the_measurement_says_so():
    error = KeyError("x")
    with pytest.raises(KeyError) as caught, measure(sources=[ScriptedSource(1.0)]) as m:
        raise error
    assert caught.value is error
    assert m.status == "failed: KeyError"
    assert m.duration_s > 0


def test_an_interrupt_is_told_as_one():
    with pytest.raises(KeyboardInterrupt), measure(sources=[ScriptedSource(1.0)]) as m:
        raise KeyboardInterrupt
    assert m.status == "interrupted"


def test_bad_arguments_are_told_before_the_block_runs():
    ran = []
    with pytest.raises(UnknownRegion), measure(region="Atlantis"):
        ran.append(1)
    with pytest.raises(InputError, match="pue"), measure(pue=0.5):
        ran.append(2)
    assert ran == []
    assert metering.running() is None


def test_a_lost_source_is_unmeasured_with_its_reason_and_never_zero():
    lost = ScriptedSource(
        300.0, component="gpu0", label="GPU 0", fails_after_s=1e-9, failure=EnergyUnavailable("the GPU is lost")
    )
    with measure(sources=[lost, ScriptedSource(10.0, component="cpu")]) as m:
        time.sleep(0.05)
    gpu = m.components[0]
    assert (gpu.energy_j, gpu.basis, gpu.reason) == (None, Basis.UNAVAILABLE, "the GPU is lost")
    assert m.unmeasured == (gpu,)
    assert m.energy_j.best == pytest.approx(10 * m.duration_s, rel=0.05)


def test_nothing_known_is_none_and_has_no_footprint():
    with measure("dark", sources=[]) as m:
        pass
    assert m.energy_j is None
    assert m.idle_j is None
    with pytest.raises(EnergyUnavailable, match="got none in “dark”"):
        m.footprint()


def test_a_cell_shorter_than_the_counters_step_is_below_resolution_and_not_zero():
    clock = Clock()
    source = ScriptedSource(200.0, step_s=0.1, clock=clock)
    with measure(sources=[source]) as m:
        clock.now_s = 0.05
    part = m.components[0]
    assert part.below_resolution
    assert part.energy_j.low == 0
    assert part.energy_j.low <= 10 <= part.energy_j.high  # the truth: 200 W for 0.05 s
    assert part.energy_j.best > 0


def test_nested_measurements_each_have_their_own_figure():
    source = ScriptedSource(100.0)
    with measure("outer", sources=[source]) as outer:
        time.sleep(0.1)
        with measure("inner") as inner:
            assert metering.running() is inner
            time.sleep(0.1)
        assert metering.running() is outer
    assert inner.parent is outer
    assert inner.duration_s < outer.duration_s


def test_marks_carry_the_joules_up_to_then():
    clock = Clock()
    with measure(sources=[ScriptedSource(50.0, clock=clock)]) as m:
        clock.now_s = 2.0
        mark = metering.mark(m, "epoch", epoch=1, loss=3.2)
        clock.now_s = 4.0
    assert mark.energy_j == pytest.approx(100)
    assert m.marks == [mark]
    assert m.energy_j.best == pytest.approx(200)


def test_idle_is_measured_and_never_more_than_the_whole():
    meter = metering.Meter([ScriptedSource(40.0)])
    idle = meter.measure_idle(0.2)
    assert idle["scripted"].best == pytest.approx(40, rel=0.01)
    with meter.sampler as sampler:
        first = sampler.sample_now()
        time.sleep(0.1)
        (part,) = meter.components(first, sampler.sample_now())
    assert part.idle_j == pytest.approx(part.energy_j.best, rel=0.02)
    assert part.idle_j <= part.energy_j.best


def test_gross_and_above_idle_are_both_given():
    busy = Component("gpu0", "GPU", Basis.COUNTER, Interval(90, 100, 110), idle_j=30.0)
    m = metering.Measurement(components=(busy,))
    assert (m.energy_j.best, m.idle_j, m.above_idle_j) == (100, 30, 70)
    unknown = Component("cpu", "CPU", Basis.MODELLED, Interval(1, 2, 4))
    assert metering.Measurement(components=(busy, unknown)).above_idle_j is None


def test_a_negative_idle_window_is_refused():
    with pytest.raises(InputError, match="window_s must be above 0 seconds; got -1"):
        metering.Meter([ScriptedSource(1.0)]).measure_idle(-1)


def test_shared_doubts_add_linearly_and_others_in_quadrature():
    def part(key, group):
        return Component(key, key, Basis.MODELLED, Interval(7, 10, 14), error_group=group)

    assert total([part("cpu", "model"), part("memory", "model")]) == Interval(14, 20, 28)
    independent = total([part("gpu0", "board a"), part("gpu1", "board b")])
    assert independent.high == pytest.approx(20 + (4**2 + 4**2) ** 0.5)


def test_whoever_listens_hears_of_the_end_and_a_failing_listener_only_leaves_a_notice():
    heard = []

    def fails(measurement):
        raise RuntimeError("disk full")

    stops = [metering.announce_to(heard.append), metering.announce_to(fails)]
    try:
        with measure(sources=[ScriptedSource(1.0)]) as m:
            pass
    finally:
        for stop in stops:
            stop()
    assert heard == [m]
    assert m.notices == ["RuntimeError: disk full"]


def test_the_region_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("GREENLM_REGION", "NOR")
    with measure(sources=[ScriptedSource(1.0)]) as m:
        time.sleep(0.01)
    assert m.footprint().intensity.region == "NOR"


@pytest.mark.slow
def test_entering_and_leaving_takes_less_than_a_millisecond_once_warm():
    with measure():
        pass
    took = []
    for _ in range(50):
        began = time.perf_counter()
        with measure():
            pass
        took.append(time.perf_counter() - began)
    assert sorted(took)[25] < 1e-3


def test_a_source_beside_belongs_to_the_measurement_it_was_given_and_to_those_inside_it():
    film = ScriptedSource(5.0, component="film")
    with measure("outer") as outer, measure("middle", beside=[film]) as middle:
        metering.refresh(outer)
        assert "film" not in {part.component for part in outer.components}
        with measure("inner") as inner:
            pass
    keys = [{part.component for part in m.components} for m in (outer, middle, inner)]
    assert ["film" in key for key in keys] == [False, True, True]
    assert metering.default_meter().sampler.sources == tuple(
        source for source in metering.default_meter().sampler.sources if source.component != "film"
    )


def test_a_source_beside_leaves_also_where_the_block_fails():
    with pytest.raises(KeyError), measure(beside=[ScriptedSource(5.0, component="film")]):
        raise KeyError
    assert "film" not in {source.component for source in metering.default_meter().sampler.sources}
