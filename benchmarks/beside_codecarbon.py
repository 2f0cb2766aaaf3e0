"""This meter and CodeCarbon on one and the same scripted GPU: how far each is off, for cells of 0.5, 5 and 30 s.

    python benchmarks/beside_codecarbon.py --codecarbon PYTHON

PYTHON is an interpreter with `codecarbon` installed; it is no dependency of ours. The GPU is the tests' stand-in for
NVIDIA's library, which both programs load through the same pynvml: bursts of 300 W for 0.4 s in every second, 90 W in
between, an energy counter that moves every 0.1 s. The truth is the area under that curve between the two moments that
stand around the cell.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.nvml_stand_in.stand_in import Board, build, energy_j, environment, write_script  # noqa: E402

CELLS_S = (0.5, 5.0, 30.0)
CURVE_S = 300
OURS = """
import sys, time
from greenlm_edu import measure
with measure(): pass
with measure() as m:
    began = time.monotonic()
    time.sleep(float(sys.argv[1]))
    ended = time.monotonic()
gpu = next(part for part in m.components if part.component == "gpu0").energy_j
print(began, ended, gpu.low, gpu.best, gpu.high)
"""
THEIRS = """
import sys, time
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(country_iso_code="FRA", save_to_file=False, log_level="critical")
tracker.start()
began = time.monotonic()
time.sleep(float(sys.argv[1]))
ended = time.monotonic()
tracker.stop()
print(began, ended, tracker.final_emissions_data.gpu_energy * 3.6e6)
"""


def bursts() -> list[tuple[float, float]]:
    """300 W for 0.4 s in each second, 90 W between."""
    points = [[(t, 90.0), (t + 1e-3, 300.0), (t + 0.4, 300.0), (t + 0.401, 90.0)] for t in range(1, CURVE_S)]
    return [(0.0, 90.0), *itertools.chain.from_iterable(points)]


def run(python: str, code: str, cell_s: float, library: Path, script: Path) -> list[float]:
    """The moments around the cell and the joules that the program gives for it."""
    done = subprocess.run(
        [python, "-c", code, str(cell_s)],
        env={**environment(library, script), "PATH": f"{library.parent}{os.pathsep}{os.environ['PATH']}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if done.returncode:
        raise SystemExit(f"{python} failed:\n{done.stderr[-2000:]}")
    return [float(word) for word in done.stdout.split()[-5 if code is OURS else -3 :]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codecarbon", required=True, help="an interpreter with codecarbon")
    python = parser.parse_args().codecarbon
    table = Table("cell", "truth / J", "greenlm_edu / J (range)", "off by", "CodeCarbon / J", "off by")
    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder))
        if library is None:
            raise SystemExit("gcc is needed to build the stand-in library")
        # CodeCarbon looks for an NVIDIA machine by this program.
        smi = Path(folder) / "nvidia-smi"
        smi.write_text("#!/bin/sh\nexit 0\n")
        smi.chmod(0o755)
        for cell_s in CELLS_S:
            cells = [f"{cell_s:g} s"]
            for interpreter, code in ((sys.executable, OURS), (python, THEIRS)):
                curve = bursts()
                script = write_script(Path(folder) / "script", [Board(power_w=curve, limit_w=700.0)])
                start_s = float(script.read_text().split()[1])
                began, ended, *figures = run(interpreter, code, cell_s, library, script)
                truth_j = energy_j(curve, began - start_s, ended - start_s)
                best_j = figures[1] if code is OURS else figures[0]
                if code is OURS:
                    cells += [f"{truth_j:.1f}", f"{best_j:.1f} ({figures[0]:.1f} – {figures[2]:.1f})"]
                else:
                    cells += [f"{best_j:.1f} (truth {truth_j:.1f})"]
                cells.append(f"{best_j / truth_j - 1:+.1%}")
            table.add_row(*cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
