"""Builds the stand-in NVML library, writes scripts for it, and knows the true joules of a scripted curve.

`loaded` gives the real pynvml, in a fresh copy of its own, on top of the stand-in: the library is loaded before it
and handed to it, as a driver's own, where there is one, may be loaded already. `environment` does the same for a child
process.
"""

from __future__ import annotations

import _ctypes
import bisect
import ctypes
import importlib.util
import itertools
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Board", "StandIn", "build", "energy_j", "environment", "loaded", "write_script"]

SOURCE = Path(__file__).with_name("stand_in.c")
LIBRARY = "libnvidia-ml.so.1"
Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Board:
    """One scripted GPU; see stand_in.c for what each word means.

    Args:
        power_w: (seconds, watts) points of its curve, straight between them and level outside.
        counter_s: how often its energy counter moves; None where it has no counter.
        sensor_s: (how often its power is told, how much of the time before is seen).
        plain_s: how much the plain power call averages over, where that differs.
        extra: further lines of the script, such as "fault nvmlDeviceGetPowerUsage 0 9 4".
    """

    power_w: Curve = ((0.0, 100.0),)
    uuid: str = "GPU-11111111-2222-3333-4444-555555555555"
    name: str = "NVIDIA H100"
    architecture: int = 9
    counter_s: float | None = 0.1
    counter_base_j: float = 5_000_000.0
    sensor_s: tuple[float, float] = (0.0, 0.001)
    plain_s: float | None = None
    limit_w: float | None = None
    gain: float = 1.0
    extra: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        lines = [f"gpu {self.uuid} {self.architecture} {self.name}", f"gain {self.gain!r}"]
        lines += [f"power {t!r} {watts!r}" for t, watts in self.power_w]
        lines += [f"sensor {self.sensor_s[0]!r} {self.sensor_s[1]!r}"]
        if self.counter_s is not None:
            lines.append(f"counter {self.counter_s!r} {self.counter_base_j!r}")
        if self.plain_s is not None:
            lines.append(f"plain {self.plain_s!r}")
        if self.limit_w is not None:
            lines.append(f"limit {self.limit_w!r}")
        return [*lines, *self.extra]


def write_script(
    path: Path, boards: Sequence[Board], *, start_s: float | None = None, driver: Sequence[str] = ()
) -> Path:
    """Writes a script; its second 0 is `start_s` of the monotonic clock, now if left out."""
    start_s = time.monotonic() if start_s is None else start_s
    lines = [f"start {start_s!r}", *driver, *itertools.chain.from_iterable(board.lines() for board in boards)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def energy_j(curve: Curve, from_s: float, to_s: float) -> float:
    """The true area under a curve, by arithmetic of its own: the oracle of every test here.

    >>> energy_j([(0, 100), (2, 300)], 0, 3)
    700.0
    """

    times = [t for t, _ in curve]

    def watts(t_s: float) -> float:
        after = bisect.bisect_right(times, t_s)
        if after in (0, len(times)):
            return curve[min(after, len(times) - 1)][1]
        (t_a, w_a), (t_b, w_b) = curve[after - 1], curve[after]
        return w_a + (w_b - w_a) * (t_s - t_a) / (t_b - t_a)

    edges = [from_s, *(t for t, _ in curve if from_s < t < to_s), to_s]
    return math.fsum((b - a) * watts((a + b) / 2) for a, b in itertools.pairwise(edges))


def build(folder: Path, without: Sequence[str] = ()) -> Path | None:
    """Compiles the library into a folder; None where there is no gcc. `without` names the symbols left out."""
    gcc = shutil.which("gcc")
    if gcc is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / LIBRARY
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-Wl,-soname,{LIBRARY}"]
    subprocess.run(
        [gcc, *flags, *(f"-DWITHOUT_{name}" for name in without), "-o", str(library), str(SOURCE)], check=True
    )
    return library


def environment(library: Path, script: Path) -> dict[str, str]:
    """What a child process needs to find the stand-in where it looks for a driver."""
    paths = filter(None, (str(library.parent), os.environ.get("LD_LIBRARY_PATH")))
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(paths), "NVML_STAND_IN": str(script)}


@dataclass
class StandIn:
    """The real pynvml on the stand-in library, and the clock of the script.

    Args:
        pynvml: a fresh copy of the module.
        script: where the script lies.
    """

    pynvml: Any
    script: Path
    _now_s: ctypes.c_double

    def play(self, *boards: Board, driver: Sequence[str] = (), real_time: bool = False) -> None:
        """Writes a script and stands at its second 0: on a clock of its own, or in real time."""
        write_script(self.script, boards, driver=driver)
        self._now_s.value = -1.0 if real_time else 0.0

    def set_clock(self, now_s: float) -> None:
        """Moves the script's clock, in its own seconds."""
        self._now_s.value = now_s

    def clock(self) -> float:
        """The script's clock, to give to whatever takes a clock."""
        return self._now_s.value


@contextmanager
def loaded(library: Path, script: Path) -> Iterator[StandIn]:
    """The real pynvml, a copy apart from the one that the package imports, on the stand-in library."""
    handle = ctypes.CDLL(str(library))
    now_s = ctypes.c_double.in_dll(handle, "nvml_stand_in_now_s")
    origin = importlib.util.find_spec("pynvml")
    assert origin is not None
    assert origin.origin is not None
    spec = importlib.util.spec_from_file_location("pynvml_on_stand_in", origin.origin)
    assert spec is not None
    assert spec.loader is not None
    pynvml = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # it looks itself up there
    spec.loader.exec_module(pynvml)
    pynvml.nvmlLib = handle  # by its soname it would find a driver's own library, where one was loaded before
    before = os.environ.get("NVML_STAND_IN")
    os.environ["NVML_STAND_IN"] = str(script)
    try:
        yield StandIn(pynvml, script, now_s)
    finally:
        if before is None:
            os.environ.pop("NVML_STAND_IN")
        else:
            os.environ["NVML_STAND_IN"] = before
        for lent in {id(one): one for one in (pynvml.nvmlLib, handle) if one}.values():
            _ctypes.dlclose(lent._handle)  # so that nothing later finds it by its soname
