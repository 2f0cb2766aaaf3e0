"""The stand-in is what it says: the real pynvml on it gives the curves and the errors of its script."""

import ctypes
import time

import pytest

from tests.conftest import unavailable
from tests.nvml_stand_in.stand_in import Board, build, energy_j, loaded

RAMP = ((0.0, 100.0), (2.0, 300.0))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    library = build(tmp_path_factory.mktemp("nvml"))
    return library or unavailable("gcc is not on this machine, and the stand-in NVML library needs it")


@pytest.fixture
def stand_in(library, tmp_path):
    with loaded(library, tmp_path / "script") as stand_in:
        yield stand_in


def opened(stand_in, *boards, **arguments):
    stand_in.play(*boards, **arguments)
    stand_in.pynvml.nvmlInit()
    return stand_in.pynvml.nvmlDeviceGetHandleByIndex(0)


def test_the_module_is_the_real_pynvml(stand_in):
    import pynvml

    assert stand_in.pynvml is not pynvml
    assert stand_in.pynvml.__file__ == pynvml.__file__


def test_it_stands_in_where_a_drivers_own_library_is_loaded_already(library, tmp_path):
    # As on a machine with a GPU, where `detect` has loaded the driver's library before.
    drivers = build(tmp_path / "driver")
    with loaded(drivers, tmp_path / "other") as other:
        opened(other, Board())
        with loaded(library, tmp_path / "script") as stand_in:
            handle = opened(stand_in, Board(((0.0, 100.0),)))
            before_mj = stand_in.pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
            stand_in.set_clock(10.0)  # this library's clock, and not the other's
            after_mj = stand_in.pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    assert after_mj - before_mj == pytest.approx(1_000_000, abs=1)


def test_the_counter_holds_the_area_under_the_curve_at_its_last_step(stand_in):
    handle = opened(stand_in, Board(RAMP))
    at_start_mj = stand_in.pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    stand_in.set_clock(1.55)
    moved_mj = stand_in.pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) - at_start_mj
    assert moved_mj == pytest.approx(1000 * (100 * 1.5 + 100 * 1.5**2 / 2), abs=1)
    assert energy_j(RAMP, 0, 1.5) == pytest.approx(moved_mj / 1000, abs=1e-3)


def test_power_is_the_mean_of_25_of_each_100_ms(stand_in):
    handle = opened(stand_in, Board(RAMP, sensor_s=(0.1, 0.025), plain_s=1.0))
    stand_in.set_clock(1.55)  # told at 1.5 s: from 1.475 s on, and from 0.5 s on
    (field,) = stand_in.pynvml.nvmlDeviceGetFieldValues(handle, [stand_in.pynvml.NVML_FI_DEV_POWER_INSTANT])
    assert field.value.uiVal == pytest.approx(248_750, abs=1)
    assert stand_in.pynvml.nvmlDeviceGetPowerUsage(handle) == pytest.approx(200_000, abs=1)


def test_in_real_time_the_curve_runs_on_the_monotonic_clock(stand_in):
    handle = opened(stand_in, Board(((0.0, 100.0),), counter_s=0.01), real_time=True)
    before_mj, began = stand_in.pynvml.nvmlDeviceGetTotalEnergyConsumption(handle), time.monotonic()
    time.sleep(0.2)
    after_mj, ended = stand_in.pynvml.nvmlDeviceGetTotalEnergyConsumption(handle), time.monotonic()
    assert (after_mj - before_mj) / 1000 == pytest.approx(100 * (ended - began), abs=2.1)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 17, 18, 20, 999, 555])
def test_any_error_can_be_had_from_any_function(stand_in, code):
    handle = opened(stand_in, Board(extra=(f"fault nvmlDeviceGetPowerUsage 1 2 {code}",)))
    assert stand_in.pynvml.nvmlDeviceGetPowerUsage(handle) == 100_000
    stand_in.set_clock(1.5)
    with pytest.raises(stand_in.pynvml.NVMLError) as caught:
        stand_in.pynvml.nvmlDeviceGetPowerUsage(handle)
    assert caught.value.value == code
    stand_in.set_clock(2.0)
    assert stand_in.pynvml.nvmlDeviceGetPowerUsage(handle) == 100_000


def test_a_call_can_hang(stand_in):
    handle = opened(stand_in, Board(extra=("hang nvmlDeviceGetPowerUsage 0 9 0.3",)))
    began = time.monotonic()
    assert stand_in.pynvml.nvmlDeviceGetPowerUsage(handle) == 100_000
    assert time.monotonic() - began >= 0.3


def test_after_a_reset_the_counter_starts_again_and_old_handles_fail(stand_in):
    pynvml = stand_in.pynvml
    handle = opened(stand_in, Board(extra=("reset 1 999",)))
    stand_in.set_clock(2.0)
    with pytest.raises(pynvml.NVMLError):
        pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    assert pynvml.nvmlDeviceGetTotalEnergyConsumption(pynvml.nvmlDeviceGetHandleByUUID(Board().uuid)) == 100_000


def test_afterwards_nothing_finds_it_any_more(library, tmp_path):
    with loaded(library, tmp_path / "script") as stand_in:
        opened(stand_in, Board())
    try:
        found = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return  # this machine has no NVIDIA driver
    assert not hasattr(found, "nvml_stand_in_now_s")
