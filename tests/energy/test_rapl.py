"""RAPL through a powercap tree of the test's own."""

import os

import pytest

from greenlm_edu.energy import Basis
from greenlm_edu.energy.rapl import RaplSource, find_rapl
from greenlm_edu.errors import EnergyUnavailable


def make_zone(root, folder, name, energy_uj=1_000_000, range_uj=262_143_328_850):
    zone = root / folder
    zone.mkdir(parents=True)
    (zone / "name").write_text(name + "\n")
    (zone / "energy_uj").write_text(f"{energy_uj}\n")
    (zone / "max_energy_range_uj").write_text(f"{range_uj}\n")
    return zone


def test_joules_come_from_microjoules(tmp_path):
    zone = make_zone(tmp_path, "intel-rapl:0", "package-0", energy_uj=5_000_000)
    source = RaplSource(zone, "cpu", "CPU package 0")
    first = source.read().energy_j
    (zone / "energy_uj").write_text("7500000\n")
    assert source.read().energy_j - first == pytest.approx(2.5)
    assert source.basis is Basis.COUNTER


def test_a_wrap_adds_the_range(tmp_path):
    zone = make_zone(tmp_path, "intel-rapl:0", "package-0", energy_uj=9_000_000, range_uj=10_000_000)
    source = RaplSource(zone, "cpu", "CPU package 0")
    first = source.read().energy_j
    (zone / "energy_uj").write_text("2000000\n")
    assert source.read().energy_j - first == pytest.approx(3.0)


def test_only_packages_and_dram_count_never_their_parts_nor_the_platform(tmp_path):
    make_zone(tmp_path, "intel-rapl:0", "package-0")
    make_zone(tmp_path, "intel-rapl:0:0", "core")
    make_zone(tmp_path, "intel-rapl:0:1", "uncore")
    make_zone(tmp_path, "intel-rapl:0:2", "dram")
    make_zone(tmp_path, "intel-rapl:1", "package-1")
    make_zone(tmp_path, "intel-rapl:2", "psys")
    sources, missing = find_rapl(tmp_path)
    assert sorted(source.component for source in sources) == ["cpu", "cpu1", "dram"]
    assert missing == []


def test_no_zones_is_missing_with_a_reason(tmp_path):
    sources, missing = find_rapl(tmp_path / "nothing")
    assert sources == []
    assert "holds no RAPL zone" in missing[0].reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_counter_is_missing_with_the_line_that_mends_it(tmp_path):
    zone = make_zone(tmp_path, "intel-rapl:0", "package-0")
    (zone / "energy_uj").chmod(0)
    sources, missing = find_rapl(tmp_path)
    assert sources == []
    assert "chmod" in missing[0].remedy


def test_a_counter_that_vanishes_says_so_and_is_never_zero(tmp_path):
    zone = make_zone(tmp_path, "intel-rapl:0", "package-0")
    source = RaplSource(zone, "cpu", "CPU package 0")
    (zone / "energy_uj").unlink()
    with pytest.raises(EnergyUnavailable, match="it must be readable; got “No such file or directory”"):
        source.read()
