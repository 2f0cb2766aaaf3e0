"""Which boards are metered, and why the others are not, through the real pynvml on the stand-in library."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenlm_edu.energy import Basis, energy_between
from tests.nvml_stand_in.playing import FOREVER, SECOND, found, only, poll
from tests.nvml_stand_in.stand_in import Board, environment, write_script

# ---- which boards ----


def test_keys_and_labels_count_visible_boards_and_doubt_goes_by_uuid(nvml):
    sources, _ = found(nvml, Board(), Board(uuid=SECOND, name="NVIDIA A100"), visible="1,0")
    assert [s.component for s in sources] == ["gpu0", "gpu1"]
    assert [s.label for s in sources] == ["GPU 0 · A100", "GPU 1 · H100"]
    assert [s.error_group for s in sources] == [SECOND, Board().uuid]


def test_hidden_boards_are_absent_not_lost_from_the_total(nvml):
    sources, (gone,) = found(nvml, Board(), visible="")
    assert (sources, gone.present) == ([], False)
    assert "CUDA_VISIBLE_DEVICES='' hides" in gone.reason


def test_a_mig_device_gives_its_boards_figure_marked_shared(nvml):
    board = Board(uuid=SECOND, extra=("mig MIG-aaaa-1", "mig MIG-bbbb-2"))
    source = only(nvml, Board(), board, visible="MIG-bbbb")
    assert (source.error_group, source.basis) == (SECOND, Basis.COUNTER)
    assert "shared: the figure is of the whole board, seen as MIG-bbbb-2" in source.note


def test_a_board_in_mig_mode_is_shared_however_it_is_named(nvml):
    source = only(nvml, Board(extra=("mig MIG-aaaa-1", "mig MIG-bbbb-2")), visible="0")
    assert "seen as one of its 2 MIG devices, a part of it" in source.note


def test_ordinals_of_unlike_boards_warn_of_cudas_own_order(nvml, monkeypatch):
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    boards = (Board(), Board(uuid=SECOND, name="NVIDIA A100"))
    assert "set CUDA_DEVICE_ORDER=PCI_BUS_ID" in only(nvml, *boards, visible="1").note
    assert "CUDA_DEVICE_ORDER" not in only(nvml, *boards, visible=SECOND).note
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert "CUDA_DEVICE_ORDER" not in only(nvml, *boards, visible="1").note


def test_other_processes_are_named_and_our_own_is_not(nvml):
    board = Board(extra=("process 99999991 /usr/bin/python train.py", f"process {os.getpid()} pytest"))
    note = only(nvml, board).note
    assert "shared: the figure is of the whole board, used by python (pid 99999991) too" in note
    assert str(os.getpid()) not in note


def test_a_board_of_ones_own_is_not_called_shared(nvml):
    assert "shared" not in only(nvml, Board()).note


@pytest.mark.parametrize("code", [3, 4, 13, 999])
def test_who_else_is_on_it_may_be_secret(nvml, code):
    refused = f"fault nvmlDeviceGetComputeRunningProcesses_v3 {FOREVER} {code}"
    source = only(nvml, Board(extra=(refused, "process 99999991 python")))
    assert "shared" not in source.note
    nameless = (f"fault nvmlSystemGetProcessName {FOREVER} {code}",)
    assert "a process (pid 99999991)" in only(nvml, Board(extra=("process 99999991 x",)), driver=nameless).note


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    visible=st.one_of(
        st.text(max_size=20), st.lists(st.sampled_from(["0", "1", "-1", SECOND, "GPU-", "MIG-a", "x"])).map(",".join)
    )
)
def test_no_value_of_cuda_visible_devices_crashes(nvml, visible):
    sources, missing = found(nvml, Board(), Board(uuid=SECOND), visible=visible)
    assert len({s.component for s in sources}) == len(sources) <= 2
    assert bool(sources) != bool(missing)


# ---- reasons ----


@pytest.mark.parametrize("function", ["nvmlInit", "nvmlDeviceGetCount"])
@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (4, "Insufficient Permissions", "leave to read the GPU"),
        (9, "Driver Not Loaded", "install the NVIDIA driver"),
        (12, "NVML Shared Library Not Found", "install the NVIDIA driver"),
        (18, "version mismatch", "restart the machine"),
        (999, "Unknown Error", "ask whoever runs the machine"),
        (555, "made up", "ask whoever runs the machine"),
    ],
)
def test_a_driver_that_does_not_start_is_missing_with_a_reason(nvml, function, code, words, remedy):
    sources, (gone,) = found(nvml, Board(), driver=(f"fault {function} {FOREVER} {code}",))
    assert sources == []
    assert words in gone.reason
    assert remedy in gone.remedy


def test_no_device_is_missing_with_a_reason(nvml):
    sources, (gone,) = found(nvml)
    assert (sources, gone.reason) == ([], "NVML: the driver shows no GPU")


FUNCTIONS = ["HandleByIndex", "UUID", "HandleByUUID", "Name", "PowerUsage", "TotalEnergyConsumption", "FieldValues",
             "EnforcedPowerLimit", "Architecture", "MigMode", "ComputeRunningProcesses_v3"]  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 9, 10, 13, 15, 16, 17, 999, 555])
def test_any_error_of_any_function_gives_a_source_or_a_reason(nvml, function, code):
    sources, missing = found(nvml, Board(extra=(f"fault nvmlDeviceGet{function} {FOREVER} {code}",)), visible=None)
    assert len(sources) + len(missing) == 1
    assert all("the driver must answer; got" in gone.reason for gone in missing)
    for source in sources:
        readings = poll(nvml, source, 3.0)
        assert energy_between(readings[0], readings[-1], source.gain)[0].best == pytest.approx(300, rel=0.02)


def test_one_lost_board_leaves_the_others(nvml):
    lost = Board(uuid=SECOND, extra=(f"fault nvmlDeviceGetUUID {FOREVER} 15",))
    (source,), (gone,) = found(nvml, lost, Board())
    assert (source.component, gone.component) == ("gpu1", "gpu0")
    assert ("GPU is lost" in gone.reason, gone.remedy) == (True, "restart the machine")


# ---- drivers of old, and none ----

LIST = """
import json
from greenlm_edu.energy.nvml import find_nvml
sources, missing = find_nvml()
print(json.dumps([[s.basis, s.note, s.read().power_w] for s in sources] + [[m.reason, m.remedy] for m in missing]))
"""


def child(library, script, **more):
    environ = {**environment(library, script), "CUDA_VISIBLE_DEVICES": "0", **more}
    done = subprocess.run([sys.executable, "-c", LIST], env=environ, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("missing", "basis"),
    [
        ("nvmlDeviceGetTotalEnergyConsumption", "sampled"),
        ("nvmlDeviceGetFieldValues", "counter"),
        ("nvmlDeviceGetMigMode", "counter"),
        ("nvmlDeviceGetArchitecture", "counter"),
        ("nvmlDeviceGetEnforcedPowerLimit", "counter"),
        ("nvmlDeviceGetComputeRunningProcesses_v3", "counter"),
    ],
)
def test_an_old_driver_that_lacks_a_function_is_metered_with_what_it_has(nvml_library, tmp_path, missing, basis):
    script = write_script(tmp_path / "script", [Board()])
    ((found_basis, note, power_w),) = child(nvml_library(missing), script)
    assert (found_basis, power_w) == (basis, 100.0)
    assert ("Function Not Found" in note) == (basis == "sampled")


def test_no_library_is_missing_with_a_reason(nvml_library, tmp_path):
    ((reason, remedy),) = child(nvml_library(), tmp_path / "no such script")
    assert "NVML Shared Library Not Found" in reason
    assert "install the NVIDIA driver" in remedy
