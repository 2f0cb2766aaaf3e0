"""What is recorded is replayed: the same joules, within the trace's rounding, and nothing that names a person."""

import time

import pytest

from greenlm_edu.energy import (
    Basis,
    Reading,
    Recorder,
    ReplaySource,
    Sample,
    ScriptedSource,
    detect,
    load_trace,
    save_trace,
)
from greenlm_edu.energy.recorder import nvidia_driver
from greenlm_edu.errors import EnergyUnavailable, InputError
from greenlm_edu.interval import Interval


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def board(clock, **options):
    """A board of known power that stands in for hardware with a counter."""
    usual = {"basis": Basis.COUNTER, "gain": Interval(0.95, 1, 1.05), "component": "gpu0", "label": "GPU 0 · A100"}
    return ScriptedSource([(0, 100), (2, 300), (4, 300)], **{**usual, **options}, clock=clock)


def recorded(source, clock, seconds=4.0, step_s=0.1):
    """The trace of a source whose clock is moved by hand, a reading every step."""
    with Recorder([source], period_s=60) as recorder:
        for tick in range(1, round(seconds / step_s) + 1):
            clock.now_s = tick * step_s
            recorder._add(recorder._sampler.sample_now())
    return recorder.trace("board", "python train.py")


def replayed_j(trace, seconds):
    clock = Clock()
    source = ReplaySource(trace, clock=clock)
    first = source.read().energy_j
    clock.now_s = seconds
    return source.read().energy_j - first


@pytest.mark.parametrize("basis", [Basis.COUNTER, Basis.SAMPLED, Basis.MODELLED])
def test_record_save_load_and_replay_give_the_joules_that_were_used(tmp_path, basis):
    clock = Clock()
    trace = recorded(board(clock, basis=basis), clock)
    save_trace(trace, tmp_path / "board.trace.json")
    loaded = load_trace(tmp_path / "board.trace.json")
    assert loaded == trace
    (device,) = loaded.devices
    assert bool(device.counter_mj) == (basis is Basis.COUNTER)
    assert device.basis == str(basis)
    # By hand: 2 s at 200 W on average, then 2 s at 300 W.
    assert device.total_j().best == pytest.approx(1000, abs=0.01)
    assert replayed_j(loaded, 4.0) == pytest.approx(1000, abs=0.01)
    assert replayed_j(loaded, 2.0) == pytest.approx(400, abs=0.01)
    energy_j = device.total_j()
    assert (energy_j.low, energy_j.high) == (pytest.approx(950, rel=1e-4), pytest.approx(1050, rel=1e-4))


def test_steps_and_doubts_come_with_it():
    clock = Clock()
    (device,) = recorded(board(clock, step_s=0.1), clock).devices
    assert device.step_j(0) >= 10  # 100 W and more for 0.1 s
    assert device.total_j().low < 0.95 * 1000 - 0.9 * device.step_j(0)


def test_rounded_power_does_not_add_up_to_an_error():
    clock = Clock()
    source = ScriptedSource(1 / 3e3, basis=Basis.MODELLED, component="cpu", clock=clock)  # a third of a milliwatt
    (device,) = recorded(source, clock, seconds=100.0).devices
    assert device.total_j().best == pytest.approx(100 / 3e3, abs=1e-3 * 0.1)


def test_a_device_that_is_lost_keeps_what_was_recorded_and_says_why():
    clock = Clock()
    failure = EnergyUnavailable("the GPU is lost; see /home/anna/nvidia/bug-report.log for more")
    trace = recorded(board(clock, fails_after_s=2.05, failure=failure), clock)
    (device,) = trace.devices
    assert device.t_s[-1] == pytest.approx(2.0)
    assert device.lost == "the GPU is lost; see bug-report.log for more"


def test_a_counter_that_goes_back_ends_the_recording_there():
    clock = Clock()
    with Recorder([board(clock)], period_s=60) as recorder:
        for at, joules in ((1.0, 100.0), (2.0, 200.0), (3.0, 5.0), (4.0, 300.0)):
            clock.now_s = at
            recorder._add(Sample(at, {"gpu0": Reading(at, joules)}))
    (device,) = recorder.trace("t", "python").devices
    assert device.t_s == (0.0, 1.0, 2.0)
    assert "must not go backwards" in device.lost


def test_nothing_recorded_is_said():
    source = ScriptedSource(1.0, basis=Basis.COUNTER, fails_after_s=0, failure=EnergyUnavailable("permission denied"))
    with Recorder([source]) as recorder:
        pass
    with pytest.raises(EnergyUnavailable, match=r"got none \(scripted: permission denied\)"):
        recorder.trace("t", "python")


def test_a_replay_is_not_recorded_again():
    with pytest.raises(InputError, match="only a machine's own sources are recorded; got the replay “scripted source”"):
        Recorder([ScriptedSource(1.0)])


def test_a_trace_stays_small():
    source = ScriptedSource(1.0, basis=Basis.MODELLED, component="cpu")
    with Recorder([source], period_s=0.005, most_points=10) as recorder:
        time.sleep(0.2)
    assert recorder.is_full
    assert len(recorder.trace("t", "sleep").devices[0].t_s) == 10


def test_this_machines_own_sources_are_recorded_and_name_nobody():
    import getpass
    import socket

    with Recorder(detect().sources, period_s=0.02) as recorder:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            sum(range(1000))
    trace = recorder.trace("here", "a loop")
    assert all(device.total_j().best > 0 for device in trace.devices)
    assert "this process" not in trace.text()
    assert socket.gethostname() not in trace.text()
    assert f"/{getpass.getuser()}" not in trace.text()


def test_the_driver_is_told_by_the_kernels_file(tmp_path):
    line = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
    (tmp_path / "version").write_text(line)
    assert nvidia_driver(tmp_path / "version") == "550.54.15"
    assert nvidia_driver(tmp_path / "none") == ""
