"""Our part of a whole machine's counter, against figures worked out by hand."""

import os

import pytest

from greenlm_edu.energy import Basis, ScriptedSource
from greenlm_edu.energy.container import Share
from greenlm_edu.energy.shared import MemoryPart, ProcessorPart
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.interval import Interval

TICKS = os.sysconf("SC_CLK_TCK")


class Machine:
    """A counter of 100 W for the whole machine, and CPU times that the test moves."""

    def __init__(self, tmp_path, cpus):
        self.now_s, self.own_s = 0.0, 0.0
        self.stat = tmp_path / "stat"
        self.set(busy_s=0, idle_s=0)
        self.counter = ScriptedSource(
            100.0,
            component="cpu",
            label="CPU package 0 · whole machine",
            basis=Basis.COUNTER,
            gain=Interval(0.95, 1, 1.05),
            clock=lambda: self.now_s,
        )
        self.share = Share("this container", cpus, lambda: self.own_s, lambda: 4e9, True)

    def set(self, busy_s, idle_s, steal_s=0):
        ticks = [busy_s, 0, 0, idle_s, 0, 0, 0, steal_s, 0, 0]
        self.stat.write_text("cpu  " + " ".join(str(round(s * TICKS)) for s in ticks) + "\ncpu0 1 2 3\n")


def test_alone_on_the_machine_all_of_it_is_ours(tmp_path):
    machine = Machine(tmp_path, cpus=os.cpu_count())
    source = ProcessorPart(machine.counter, machine.share, machine.stat)
    source.read()
    machine.now_s, machine.own_s = 10.0, 6.0
    machine.set(busy_s=6, idle_s=14)
    assert source.read().energy_j == pytest.approx(1000)


def test_a_neighbours_busy_time_is_not_ours(tmp_path):
    machine = Machine(tmp_path, cpus=os.cpu_count())
    source = ProcessorPart(machine.counter, machine.share, machine.stat)
    source.read()
    machine.now_s, machine.own_s = 10.0, 10.0
    machine.set(busy_s=20, idle_s=0)
    assert source.read().energy_j == pytest.approx(500)
    assert source.label == "CPU package 0 · this container"
    assert "50% of what the counter says of the whole machine (1e+03 J since metering began)" in source.note
    assert source.basis is Basis.COUNTER


def test_idle_time_is_shared_out_by_the_threads_that_we_may_use(tmp_path):
    machine = Machine(tmp_path, cpus=os.cpu_count() / 4)
    source = ProcessorPart(machine.counter, machine.share, machine.stat)
    source.read()
    machine.now_s = 10.0
    machine.set(busy_s=0, idle_s=20)
    assert source.read().energy_j == pytest.approx(250)


def test_stolen_time_changes_nothing(tmp_path):
    machine = Machine(tmp_path, cpus=os.cpu_count())
    source = ProcessorPart(machine.counter, machine.share, machine.stat)
    source.read()
    machine.now_s, machine.own_s = 10.0, 10.0
    machine.set(busy_s=20, idle_s=0, steal_s=500)
    assert source.read().energy_j == pytest.approx(500)


def test_the_doubt_of_the_part_is_added_to_the_counters(tmp_path):
    machine = Machine(tmp_path, cpus=2)
    gain = ProcessorPart(machine.counter, machine.share, machine.stat).gain
    assert gain.high > 1.3
    assert gain.low < 1 / 1.3


def test_memory_is_shared_out_by_bytes(tmp_path):
    machine = Machine(tmp_path, cpus=2)
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       15625000 kB\nMemFree: 1 kB\n")  # 16 GB
    source = MemoryPart(machine.counter, machine.share, meminfo)
    source.read()
    machine.now_s = 10.0
    assert source.read().energy_j == pytest.approx(250)


def test_a_machine_that_does_not_tell_its_times_is_unavailable(tmp_path):
    machine = Machine(tmp_path, cpus=2)
    with pytest.raises(EnergyUnavailable, match="CPU time must be readable"):
        ProcessorPart(machine.counter, machine.share, tmp_path / "none")
