"""NVML through the real pynvml, on a stand-in for NVIDIA's library that plays scripted boards."""

import time

import pytest

from greenlm_edu.energy import Basis, EnergySource, Sample, energy_between
from greenlm_edu.energy.counter import beside
from greenlm_edu.energy.nvml import find_nvml
from greenlm_edu.metering import Meter
from tests.nvml_stand_in.playing import FOREVER, only, poll
from tests.nvml_stand_in.stand_in import Board, energy_j

# ---- what is read ----


def test_a_counter_in_millijoules_becomes_joules(nvml):
    source = only(nvml, Board(((0.0, 250.0),)))
    readings = poll(nvml, source, 3.0)
    energy, below = energy_between(readings[0], readings[-1], source.gain)
    assert energy.best == pytest.approx(750, rel=0.01)
    assert (source.basis, source.label, source.component) == (Basis.COUNTER, "GPU 0 · H100", "gpu0")
    assert not below
    assert isinstance(source, EnergySource)


def test_a_board_without_counter_is_sampled_and_says_so(nvml):
    source = only(nvml, Board(((0.0, 250.0),), counter_s=None))
    readings = poll(nvml, source, 3.0)
    assert source.basis is Basis.SAMPLED
    assert "Not Supported" in source.note
    assert energy_between(readings[0], readings[-1], source.gain)[0].best == pytest.approx(750)


def test_the_instant_field_is_used_where_the_plain_call_averages_over_a_second(nvml):
    source = only(nvml, Board(((0.0, 100.0), (5.0, 100.0), (5.001, 500.0)), plain_s=1.0))
    nvml.set_clock(5.2)
    assert source.read().power_w == pytest.approx(500)


def test_without_the_field_an_averaged_call_is_called_so_and_doubted_for_its_lag(nvml):
    no_field = f"fault field186 {FOREVER} 3"
    source = only(nvml, Board(counter_s=None, plain_s=1.0, extra=(no_field,)))
    assert "averaged over 1 s" in source.note
    assert source.read().lag_s == pytest.approx(0.55)


@pytest.mark.parametrize(
    ("name", "architecture", "lag_s"), [("NVIDIA A100-SXM4", 7, 0.0625), ("Tesla V100", 5, 0.0625), ("A10G", 7, 0.55)]
)
def test_ga100_and_older_boards_tell_the_power_of_the_moment(nvml, name, architecture, lag_s):
    board = Board(name=name, architecture=architecture, counter_s=None, extra=(f"fault field186 {FOREVER} 3",))
    assert only(nvml, board).read().lag_s == pytest.approx(lag_s)


def test_the_step_is_documented_first_and_watched_then(nvml):
    source = only(nvml, Board(((0.0, 100.0),), counter_s=0.5))
    assert "not watched yet" in source.note
    assert source.read().step_j == pytest.approx(100 * 0.1)
    last = poll(nvml, source, 6.0, period_s=0.093)[-1]
    assert 100 * 0.5 <= last.step_j <= 100 * 0.7
    assert "seen to move every" in source.note


def test_a_window_below_the_step_is_never_zero_joules(nvml):
    source = only(nvml, Board(((0.0, 250.0),), limit_w=700))
    nvml.set_clock(0.52)
    first = source.read()
    nvml.set_clock(0.57)
    energy, below = energy_between(first, source.read(), source.gain)
    assert below
    assert energy.low <= 12.5 <= energy.high
    assert energy.best > 0


def test_below_the_step_the_best_figure_is_what_power_tells(nvml):
    source = only(nvml, Board(((0.0, 250.0),), limit_w=700))
    nvml.set_clock(0.52)
    first = source.read()
    nvml.set_clock(0.57)
    assert energy_between(first, source.read(), source.gain)[0].best == pytest.approx(12.5)
    nvml.set_clock(0.61)  # the counter has moved once since, by 25 J
    last = source.read()
    assert energy_between(first, last, source.gain)[0].best == pytest.approx(22.5)
    assert beside(first, last, source.gain) == "" or not energy_between(first, last, source.gain)[1]


def test_a_counter_that_is_stuck_is_below_resolution_not_zero(nvml):
    source = only(nvml, Board(((0.0, 250.0),), counter_s=1e6))
    readings = poll(nvml, source, 5.0)
    energy, below = energy_between(readings[0], readings[-1], source.gain)
    assert below
    assert energy.low <= 1250 <= energy.high


# ---- both at once ----


def test_the_counter_is_the_figure_and_sampled_power_stands_beside_it(nvml):
    source = only(nvml, Board(((0.0, 200.0),)))
    readings = poll(nvml, source, 3.0)
    first, last = (Sample(reading.t_s, {"gpu0": reading}) for reading in (readings[0], readings[-1]))
    (part,) = Meter([source]).components(first, last)
    assert part.basis is Basis.COUNTER
    assert part.energy_j.best == pytest.approx(600, rel=0.01)
    assert "its power, sampled beside it, gives 600 J: the same" in part.note


def test_a_disagreement_is_told(nvml):
    # power is seen in the first quarter of each tenth of a second only, where the board draws nothing else
    curve = [(0.0, 100.0)]
    for tick in range(60):
        at_s = tick / 10
        curve += [(at_s + 0.001, 100.0), (at_s + 0.002, 300.0), (at_s + 0.07, 300.0), (at_s + 0.071, 100.0)]
    source = only(nvml, Board(curve, sensor_s=(0.1, 0.025)))
    readings = poll(nvml, source, 5.0)
    assert beside(readings[0], readings[-1], source.gain).endswith("less")


# ---- scripted curves, in real time ----

CURVES = {
    "steps": [(0.0, 80.0), (0.5, 80.0), (0.501, 400.0), (1.2, 400.0), (1.201, 250.0)],
    "ramp": [(0.0, 80.0), (2.5, 600.0)],
    "bursts": [
        (n / 10 + at_s, watts)
        for n in range(30)
        for at_s, watts in [(0.0, 80.0), (0.001, 500.0), (0.05, 500.0), (0.051, 80.0)]
    ],
}  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
@pytest.mark.parametrize("length_s", [0.2, 2.2])
def test_in_real_time_the_truth_lies_inside(nvml, curve, length_s):
    nvml.play(Board(curve, limit_w=700, sensor_s=(0.1, 0.025)), real_time=True)
    sources, _ = find_nvml(nvml.pynvml, "0")
    meter = Meter(sources)
    with meter.sampler as sampler:
        first = sampler.sample_now().readings["gpu0"]
        time.sleep(length_s)
        last = sampler.sample_now().readings["gpu0"]
    script_start_s = float(nvml.script.read_text().split()[1])
    truth_j = energy_j(curve, first.t_s - script_start_s, last.t_s - script_start_s)
    energy, _ = energy_between(first, last, sources[0].gain)
    assert energy.low <= truth_j <= energy.high
