"""The CPU and memory models against arithmetic by hand."""

import time

import pytest

from greenlm_edu.energy import Basis, CpuModelSource, MemoryModelSource, Reading, energy_between
from greenlm_edu.energy.container import Share
from greenlm_edu.energy.cpu_model import CpuClass, classify_cpu, cpu_name
from greenlm_edu.errors import EnergyUnavailable


def share_of(cpu_seconds=0.0, memory=2e9, cpus=2.0, limited=True):
    state = {"cpu": cpu_seconds}
    return state, Share("this container", cpus, lambda: state["cpu"], lambda: memory, limited)


FOUR_WATTS = CpuClass("test", 4.0, 2.0, "", "")


def test_a_busy_second_costs_the_busy_share_above_idle():
    state, share = share_of()
    source = CpuModelSource(share, FOUR_WATTS)
    first = source.read()
    state["cpu"] += 10.0
    last = source.read()
    idle_j = 4.0 * 0.15 * 2.0 * (last.t_s - first.t_s)
    assert last.energy_j - first.energy_j == pytest.approx(0.85 * 4.0 * 10 + idle_j)


def test_a_slow_look_at_the_cpu_time_is_dated_by_its_end():
    def slowly():
        time.sleep(0.1)
        return time.monotonic()

    reading = CpuModelSource(Share("this process", 1, slowly, lambda: 1.0, False), FOUR_WATTS).read()
    assert reading.t_s >= time.monotonic() - 0.05


def test_at_rest_it_costs_the_idle_share_and_not_nothing():
    _, share = share_of()
    assert CpuModelSource(share, FOUR_WATTS).idle_power_w == pytest.approx(1.2)


def test_the_models_range_is_its_factor():
    _, share = share_of()
    source = CpuModelSource(share, FOUR_WATTS)
    energy, _ = energy_between(Reading(0, 0), Reading(1, 100), source.gain)
    assert (energy.low, energy.best, energy.high) == (50, 100, 200)
    assert source.basis is Basis.MODELLED


def test_memory_costs_watts_a_gigabyte_of_its_limit(monkeypatch):
    times = iter([0.0, 10.0])
    monkeypatch.setattr("greenlm_edu.energy.cpu_model.time.monotonic", lambda: next(times))
    _, share = share_of(memory=2e9)
    source = MemoryModelSource(share)
    assert source.read().energy_j == pytest.approx(2 * 0.3725 * 10)
    assert "limit" in source.note


def test_unreadable_cpu_time_is_unavailable_never_zero():
    def fails():
        raise OSError("gone")

    source = CpuModelSource(Share("this container", 1, fails, lambda: 1.0, True), FOUR_WATTS)
    with pytest.raises(EnergyUnavailable, match="the CPU time of this container must be readable; got “gone”"):
        source.read()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("AMD EPYC 7763 64-Core Processor", "x86 server"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "x86 server"),
        ("Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz", "x86 laptop"),
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", "x86 laptop"),
        ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "x86 desktop"),
        ("AMD Ryzen 9 5950X 16-Core Processor", "x86 desktop"),
        ("AMD Ryzen 7 5800H with Radeon Graphics", "x86 laptop"),
        ("Apple M2 Pro", "Apple silicon"),
        ("Neoverse-N1", "ARM server"),
        ("Raspberry Pi 4 Model B Rev 1.4", "ARM board"),
        ("Some New Thing", "unknown processor"),
    ],
)
def test_processors_are_classed_by_name(name, kind):
    assert classify_cpu(name).name == kind


def test_the_name_is_read_from_cpuinfo(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: AMD EPYC 7B13\n")
    assert cpu_name(file) == "AMD EPYC 7B13"
