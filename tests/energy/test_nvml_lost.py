"""A board that is lost, or whose driver is reloaded, while a cell runs: the known part stays, the rest is told."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenlm_edu.energy import PowerTrace, Sample, energy_between
from greenlm_edu.energy.nvml import find_nvml
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.metering import measure
from tests.nvml_stand_in.playing import only, poll
from tests.nvml_stand_in.stand_in import Board, energy_j


def test_what_was_known_before_a_board_was_lost_stays(nvml):
    source = only(
        nvml, Board(((0.0, 200.0),), limit_w=400, extra=("fault nvmlDeviceGetTotalEnergyConsumption 3 9 15",))
    )
    readings = poll(nvml, source, 5.0)
    energy, _ = energy_between(readings[0], readings[-1], source.gain)
    assert energy.low <= 600
    assert energy.best == pytest.approx(600, rel=0.06)
    assert energy.high >= 1000  # it may have gone on, at its limit at most
    assert "GPU is lost" in readings[-1].lost


def test_of_a_window_wholly_in_the_lost_time_nothing_is_known(nvml):
    source = only(nvml, Board(extra=("fault nvmlDeviceGetTotalEnergyConsumption 1 9 15",)))
    readings = poll(nvml, source, 5.0)
    with pytest.raises(EnergyUnavailable, match="GPU is lost"):
        energy_between(readings[20], readings[-1], source.gain)


def test_a_board_that_answers_again_is_known_again(nvml):
    source = only(nvml, Board(((0.0, 200.0),), extra=("fault nvmlDeviceGetTotalEnergyConsumption 1 2 999",)))
    readings = poll(nvml, source, 4.0)
    energy, _ = energy_between(readings[0], readings[-1], source.gain)
    assert energy.best == pytest.approx(800, rel=0.03)  # the counter counted on
    assert readings[-1].unseen_j == readings[0].unseen_j


@pytest.mark.parametrize("code", [0, 1, 999])
def test_a_driver_reset_keeps_both_known_parts_and_tells_the_gap(nvml, code):
    source = only(nvml, Board(((0.0, 200.0),), limit_w=400, extra=(f"reset 2.05 {code}",)))
    readings = poll(nvml, source, 5.0)
    energy, _ = energy_between(readings[0], readings[-1], source.gain)
    assert energy.low <= 1000 <= energy.high
    assert 900 <= energy.best <= 1000
    assert "started again: its driver was reloaded" in readings[-1].lost


def test_sampled_power_that_fails_in_mid_run_leaves_the_known_part(nvml):
    source = only(nvml, Board(((0.0, 200.0),), counter_s=None, extra=("fault field186 2.05 3.05 15",)))
    readings = poll(nvml, source, 5.0)
    energy, _ = energy_between(readings[0], readings[-1], source.gain)
    assert energy.low <= 1000 <= energy.high
    assert energy.best == pytest.approx(800, abs=30)
    assert "not told any more" in readings[-1].lost


def test_a_measurement_tells_what_it_lost(nvml):
    nvml.play(Board(((0.0, 200.0),), extra=("fault nvmlDeviceGetTotalEnergyConsumption 0.6 9 15",)), real_time=True)
    sources, _ = find_nvml(nvml.pynvml, "0")
    with measure("lost in mid-cell", sources=sources) as m:
        time.sleep(1.0)
    (part,) = m.components
    assert part.energy_j is not None
    assert part.energy_j.low <= 200 <= part.energy_j.high
    assert part.reason.startswith("in part not measured: ")
    assert "GPU is lost" in part.reason


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.floats(20, 700), min_size=2, max_size=8),
    st.floats(0.3, 5.5),
    st.sampled_from(["reset", "lost for ever", "lost for a second"]),
    st.sampled_from([0.1, None]),
    st.floats(0, 0.1),
)
def test_the_truth_lies_inside_whenever_the_driver_fails(nvml, powers_w, at_s, how, counter_s, start_s):
    curve = [
        (n * 6 / len(powers_w) + edge, watts)
        for n, watts in enumerate(powers_w)
        for edge in (0.0, 5.999 / len(powers_w))
    ]
    if counter_s is None:
        curve = curve[:1]  # sampled jumps are a matter of chance; what is lost is not
    until_s = {"reset": 0, "lost for ever": 9.0, "lost for a second": at_s + 1}[how]
    functions = ("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues", "nvmlDeviceGetPowerUsage")
    faults = (
        tuple(f"fault {function} {at_s} {until_s} 15" for function in functions) if until_s else (f"reset {at_s} 1",)
    )
    source = only(nvml, Board(curve, counter_s=counter_s, limit_w=700.0, extra=faults))
    nvml.set_clock(start_s)
    readings = poll(nvml, source, 6.0, period_s=0.093)
    energy, _ = energy_between(readings[0], readings[-1], source.gain)
    truth_j = energy_j(curve, start_s, 6.0)
    assert energy.high >= truth_j
    assert energy.low <= truth_j


def test_a_lost_stretch_is_a_hole_in_the_trace_not_a_zero(nvml):
    source = only(
        nvml, Board(((0.0, 200.0),), counter_s=0.001, extra=("fault nvmlDeviceGetTotalEnergyConsumption 1.05 9 15",))
    )
    trace = PowerTrace(0.0)
    for reading in poll(nvml, source, 3.0):
        trace.add(Sample(reading.t_s, {"gpu0": reading}))
    steps = trace.steps("gpu0")
    assert steps[-1][1] == pytest.approx(1.0)
    assert all(watts > 100 for _, _, watts in steps)
