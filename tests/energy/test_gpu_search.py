"""A driver that does not answer costs less than a second, and its GPU comes in once it has answered."""

import threading
import time

from greenlm_edu.energy import GpuSearch, ScriptedSource, detect
from greenlm_edu.errors import EnergyUnavailable
from greenlm_edu.metering import Meter


def test_a_driver_that_hangs_is_missing_with_its_reason_and_found_later(tmp_path):
    answer = threading.Event()

    def hangs():
        answer.wait(20)
        return [ScriptedSource(70.0, component="gpu0", label="GPU 0")], []

    search = GpuSearch(hangs)
    began = time.monotonic()
    meter = Meter(gpu_search=search)
    assert time.monotonic() - began < 1.0
    gpu = next(gone for gone in meter.missing if gone.component == "gpu")
    assert "did not answer within 0.9 s; the next measurement looks again" in gpu.reason
    assert meter.completed() is meter

    answer.set()
    deadline = time.monotonic() + 3
    while not search.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    complete = meter.completed()
    assert "gpu0" in [source.component for source in complete.sampler.sources]
    assert all(gone.component != "gpu" for gone in complete.missing)


def test_whatever_the_driver_does_is_told_and_ends_nothing(tmp_path):
    def unavailable():
        raise EnergyUnavailable("NVML nvmlInit: the driver must answer; got “Driver Not Loaded”.")

    def surprises():
        raise ValueError("what")

    (tmp_path / "nvidia0").touch()
    for search, words in [(unavailable, "Driver Not Loaded"), (surprises, "ValueError: what")]:
        found = detect(powercap_root=tmp_path, device_root=tmp_path, gpu_search=GpuSearch(search))
        assert words in next(gone.reason for gone in found.missing if gone.component == "gpu")


def test_no_driver_is_known_without_loading_pynvml():
    import subprocess
    import sys

    code = (
        "import ctypes, sys\nfrom greenlm_edu.energy import detect\ndetect()\n"
        "try: ctypes.CDLL('libnvidia-ml.so.1')\nexcept OSError: assert 'pynvml' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
