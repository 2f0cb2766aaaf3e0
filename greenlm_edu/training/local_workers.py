"""The workers of `distributed` as child processes: started, watched, and ended together."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from greenlm_edu.errors import InputError, WorkerFailed
from greenlm_edu.training.distributed_job import Job, part_file
from greenlm_edu.training.distributed_worker import LOST_OTHERS
from greenlm_edu.training.meeting import held_ports

__all__ = ["check_local", "run_workers"]

LOOK_EVERY_S: Final = 0.1
LINE_EVERY_S: Final = 2.0
CULPRIT_S: Final = 5.0  # a worker that lost another may end before that one has
LAST_LINES: Final = 12


def check_local(cluster: Sequence[str]) -> None:
    """Raise InputError where an address is not one of this machine's."""
    here = {"127.0.0.1", "localhost", socket.gethostname()}
    away = [address for address in cluster if address.rpartition(":")[0] not in here]
    if away:
        raise InputError(
            f"distributed: it starts workers on this machine only; got {', '.join(away)}. Leave cluster out, or write "
            "the job with training.prepare_job and start the workers there (docs/several_workers.md)."
        )


def run_workers(folder: Path, job: Job, timeout_s: float, progress: bool) -> None:
    """Run the job in a folder; when this returns, each worker has written its part. None is left running.

    Raises:
        WorkerFailed: one ended too early, or none came forward for timeout_s.
    """
    with ExitStack() as stack:
        cluster = job.cluster or stack.enter_context(held_ports(job.workers))
        processes: list[subprocess.Popen[bytes]] = []
        stack.callback(_end, processes)
        for worker in range(job.workers):
            processes.append(_start(folder, worker, cluster, timeout_s, job.workers))
        _watch(folder, job, processes, timeout_s, progress)


def _start(
    folder: Path, worker: int, cluster: Sequence[str], timeout_s: float, workers: int
) -> subprocess.Popen[bytes]:
    threads = str(max(1, _cpus() // workers))
    package = str(Path(__file__).resolve().parents[2])  # the same copy of this package as here
    environment = {
        "TF_CPP_MIN_LOG_LEVEL": "1",
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))),
        "TF_NUM_INTRAOP_THREADS": threads,
        "OMP_NUM_THREADS": threads,
    }
    environment.pop("TF_CONFIG", None)
    command = [sys.executable, "-m", "greenlm_edu.training.distributed_worker", str(folder)]
    options = ["--worker", str(worker), "--cluster", ",".join(cluster), "--timeout-s", str(timeout_s)]
    with part_file(folder, worker, "log").open("wb") as log:
        return subprocess.Popen(
            [*command, *options, "--until-input-ends"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _watch(
    folder: Path, job: Job, processes: Sequence[subprocess.Popen[bytes]], timeout_s: float, progress: bool
) -> None:
    """Wait for all, and say who failed."""
    seen, moved_s = _signs_of_life(folder, job.workers), time.monotonic()
    lost_s: float | None = None
    line_s = time.monotonic()
    while True:
        codes = [process.poll() for process in processes]
        failed = [number for number, code in enumerate(codes) if code not in (None, 0)]
        culprits = [number for number in failed if codes[number] != LOST_OTHERS]
        if failed and lost_s is None:
            lost_s = time.monotonic()
        if culprits or (lost_s is not None and time.monotonic() - lost_s > CULPRIT_S):
            worker = (culprits or failed)[0]
            told = _last_words(folder, worker, processes[worker])
            silent = [str(number) for number, code in enumerate(codes) if code is None]
            if silent and not culprits:  # whoever waited has ended, and whom it waited for has not
                told = f"{told}\nThe one that hangs is probably worker {' or '.join(silent)}."
            raise WorkerFailed(told)
        if not failed and all(code == 0 for code in codes):
            return
        now_s, signs = time.monotonic(), _signs_of_life(folder, job.workers)
        if signs != seen:
            seen, moved_s = signs, now_s
        if now_s - moved_s > timeout_s:
            still = [number for number, code in enumerate(codes) if code is None]
            raise WorkerFailed(
                f"distributed: the workers must come forward within {timeout_s:g} s; got nothing from worker "
                f"{', '.join(map(str, still))}. All were ended. Give a longer timeout_s if steps take that long. "
                f"Worker {still[0]}'s last words:\n{_log(folder, still[0])}"
            )
        if progress and now_s - line_s > LINE_EVERY_S:
            line_s = now_s
            _tell(folder, job)
        time.sleep(LOOK_EVERY_S)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Those that still run are killed: TensorFlow, while it waits for another worker, hears nothing milder."""
    for process in processes:
        if process.poll() is None:
            process.kill()
    for process in processes:
        process.wait()
        if process.stdin:
            process.stdin.close()


def _signs_of_life(folder: Path, workers: int) -> tuple[int, ...]:
    files = [part_file(folder, worker, kind) for worker in range(workers) for kind in ("began", "progress", "pkl")]
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


def _last_words(folder: Path, worker: int, process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    told = part_file(folder, worker, "failed")
    words = told.read_text(encoding="utf-8") if told.exists() else _log(folder, worker)
    advice = " The system may have run out of memory." if code == -signal.SIGKILL else ""
    return (
        f"distributed: every worker must train to the end; got {how} from worker {worker} (process {process.pid})."
        f"{advice} The others were ended. Its last words:\n{words}"
    )


def _log(folder: Path, worker: int) -> str:
    lines = part_file(folder, worker, "log").read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line[:500] for line in lines[-LAST_LINES:]) or "(none)"


def _tell(folder: Path, job: Job) -> None:
    file = part_file(folder, 0, "progress")
    if file.exists():
        losses = pickle.loads(file.read_bytes())
        print(f"step {len(losses)} of {job.steps}, loss {losses[-1]:.3f}", flush=True)


def _cpus() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
