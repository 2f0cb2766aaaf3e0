"""What is found here, and how what is missing is told."""

from greenlm_edu.energy import Basis, detect


def test_every_component_has_a_source_or_a_reason(tmp_path):
    found = detect(powercap_root=tmp_path / "none", device_root=tmp_path)
    kinds = {source.component for source in found.sources}
    assert {"cpu", "memory"} <= kinds
    assert all(source.basis in (Basis.MODELLED, Basis.COUNTER, Basis.SAMPLED) for source in found.sources)
    assert found.improvable[0].component == "cpu"
    assert any(gone.component == "rest" and gone.reason for gone in found.missing)


def test_a_readable_counter_takes_the_models_place(tmp_path):
    zone = tmp_path / "intel-rapl:0"
    zone.mkdir()
    for name, text in {"name": "package-0", "energy_uj": "1", "max_energy_range_uj": "1000000"}.items():
        (zone / name).write_text(text)
    found = detect(powercap_root=tmp_path, device_root=tmp_path)
    bases = {source.component: source.basis for source in found.sources}
    assert bases["cpu"] is Basis.COUNTER
    assert bases["memory"] is Basis.MODELLED


def test_a_gpu_without_a_driver_is_missing_and_one_that_is_not_there_is_absent(tmp_path):
    without = detect(powercap_root=tmp_path, device_root=tmp_path)
    if any(source.component.startswith("gpu") for source in without.sources):
        return  # this machine has a working GPU; the other case cannot be seen here
    assert [gone.present for gone in without.absent] == [False]
    (tmp_path / "nvidia0").touch()
    assert any(gone.component == "gpu" for gone in detect(powercap_root=tmp_path, device_root=tmp_path).missing)


def test_a_zone_that_cannot_be_read_beside_one_that_can_is_missing_from_the_total(tmp_path):
    for number, energy in enumerate(["1", "not a number"]):
        zone = tmp_path / f"intel-rapl:{number}"
        zone.mkdir()
        for name, text in {"name": f"package-{number}", "energy_uj": energy, "max_energy_range_uj": "1000000"}.items():
            (zone / name).write_text(text)
    found = detect(powercap_root=tmp_path, device_root=tmp_path)
    assert [source.component for source in found.sources if source.component.startswith("cpu")] == ["cpu"]
    assert [gone.component for gone in found.missing] == ["cpu1", "rest"]
    assert found.improvable == ()
