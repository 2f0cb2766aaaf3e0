"""Hands the runs of a sweep to its workers, one at a time each, and notices those that die.

Dask would give a dead worker's task to another by itself. It is not let: an attempt belongs to one process, so that
what it used is counted as spent, and the next attempt as another.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

from distributed import Client, Future, KilledWorker
from distributed.client import ClosedClientError
from distributed.comm.core import CommClosedError

from greenlm_edu.errors import InputError
from greenlm_edu.metering import Measurement
from greenlm_edu.training.heartbeat import spent_unheard, spent_until_lost
from greenlm_edu.training.sweep_cluster import check_workers
from greenlm_edu.training.sweep_task import Outcome, Task, get_ready, run_task

__all__ = ["Dispatch", "Run"]

POLL_S: Final = 0.05
WORKERS_EVERY_S: Final = 0.25
# A result lies in its worker's memory until it is fetched; if the worker is gone, Dask waits for it for ever.
FETCH_S: Final = 30.0
LOST: Final = "its worker died"
# How Dask says that the worker, the scheduler or the connection is gone, or does not answer.
GONE: Final = (CancelledError, ClosedClientError, CommClosedError, KilledWorker, OSError, TimeoutError)


@dataclass(eq=False)
class Run:
    """One configuration with one seed, and how far it has come.

    Args:
        configuration, seed: what `train` is called with.
        spent: what each attempt used, in their order.
        worker: where the last attempt was.
        outcome: what came of it; None while nothing has.
        error: what went wrong with the worker; empty where nothing did.
    """

    configuration: Any
    seed: int
    spent: list[Measurement] = field(default_factory=list)
    worker: str = ""
    outcome: Outcome | None = None
    error: str = ""


@dataclass(frozen=True)
class _Attempt:
    run: Run
    name: str
    worker: str
    begun_s: float
    begun_at: datetime


class Dispatch:
    """The runs that wait, those under way, and the workers.

    Args:
        client: of the workers.
        hosts: by address, the machine of each worker, looked at already.
        train: the learner's function, pickled.
        imports: modules that every run needs.
        retries: how often a run is begun anew after its worker died.
        timeout_s: how long to go on without any worker.
        region, pue: of all measurements.
        allow_mixed_versions: as for `check_workers`, for workers that come later.
        tell: called with each run that has ended.
    """

    def __init__(
        self,
        client: Client,
        hosts: dict[str, str],
        train: bytes,
        imports: Sequence[str],
        *,
        retries: int,
        timeout_s: float,
        region: str | None,
        pue: float,
        allow_mixed_versions: bool,
        tell: Callable[[Run], None],
    ) -> None:
        self.notices: list[str] = []
        self._client, self._train, self._imports, self._tell = client, train, list(imports), tell
        self._retries, self._timeout_s, self._region, self._pue = retries, timeout_s, region, pue
        self._mixed = allow_mixed_versions
        self._topic = f"greenlm-sweep-{uuid.uuid4().hex}"
        self._hosts = dict(hosts)
        self._per_host = Counter(hosts.values())
        self._waiting: deque[Run] = deque()
        self._running: dict[Future[Outcome], _Attempt] = {}
        self._preparing: dict[Future[str], str] = {}  # by future, the worker's address
        self._ready: dict[str, str] = {}  # by address, the process's name
        self._unusable: set[str] = set()
        self._beats: dict[str, tuple[float, dict[str, Any]]] = {}  # by attempt, when it was heard, and what
        self._looked_s = float("-inf")
        self._seen_worker_s = time.monotonic()

    def run_all(self, runs: Sequence[Run]) -> None:
        """Until every run has an outcome or an error.

        Raises:
            InputError: no worker can load `train`.
        """
        self._waiting.extend(runs)
        for address in self._hosts:
            self._prepare(address)
        self._client.subscribe_topic(self._topic, self._hear)
        try:
            while self._waiting or self._running:
                self._look_at_workers()
                self._collect_ready()
                self._begin()
                self._collect()
                self._give_up_without_workers()
                time.sleep(POLL_S)
        finally:
            for future, attempt in list(self._running.items()):  # none, unless it was broken off
                self._lose(future, attempt, "broken off")
            with suppress(*GONE, ValueError):
                for preparing in self._preparing:
                    preparing.cancel()
                self._client.unsubscribe_topic(self._topic)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """In Dask's thread."""
        _, beat = event
        self._beats[beat["attempt"]] = time.monotonic(), beat

    def _look_at_workers(self) -> None:
        if time.monotonic() - self._looked_s < WORKERS_EVERY_S:
            return
        self._looked_s = time.monotonic()
        try:
            there = set(cast(Any, self._client).sync(_workers_of, self._client, callback_timeout=self._timeout_s))
        except GONE:
            there = set()  # the scheduler is gone, or too busy to say
        for future, attempt in list(self._running.items()):
            if attempt.worker not in there and not future.done():
                self._lose(future, attempt, LOST)
        for address in set(self._hosts) - there:
            del self._hosts[address]
            self._ready.pop(address, None)
        for preparing, address in list(self._preparing.items()):
            if address not in there:
                with suppress(*GONE):
                    preparing.cancel()
                del self._preparing[preparing]
        for address in there - set(self._hosts) - self._unusable:
            self._welcome(address)
        if self._ready or self._preparing:
            self._seen_worker_s = time.monotonic()

    def _welcome(self, address: str) -> None:
        """A worker that came later, such as the one that stands in for a dead one."""
        try:
            self._hosts |= check_workers(self._client, [address], allow_mixed_versions=self._mixed)
        except InputError as err:
            self._leave_out(address, str(err))
        except (*GONE, KeyError):
            return  # it is gone again, or not all there yet
        else:
            self._per_host = Counter(self._hosts.values()) | self._per_host
            self._prepare(address)

    def _leave_out(self, address: str, why: str) -> None:
        self._unusable.add(address)
        self._hosts.pop(address, None)
        self.notices.append(f"worker {address} was not used: {why}")

    def _prepare(self, address: str) -> None:
        count = self._per_host[self._hosts[address]]
        with suppress(*GONE):  # the scheduler, just now
            future = self._client.submit(
                get_ready, self._train, self._imports, count, workers=[address], pure=False, retries=0
            )
            self._preparing[future] = address

    def _collect_ready(self) -> None:
        for future, address in list(self._preparing.items()):
            if not future.done():
                continue
            del self._preparing[future]
            try:
                self._ready[address] = future.result(timeout=FETCH_S)
            except Exception as err:  # whatever loading the learner's code raises
                if _is_gone(future, err):
                    continue  # the next look at the workers notices
                if not (self._ready or self._running or self._preparing):
                    raise InputError(
                        "sweep: the workers must be able to load train and what it needs; got "
                        f"{type(err).__name__}: {err} on {address}. Install or import there what it needs."
                    ) from err
                self._leave_out(address, f"it cannot load train: {type(err).__name__}: {err}")

    def _begin(self) -> None:
        busy = {attempt.worker for attempt in self._running.values()}
        for address in sorted(set(self._ready) - busy):
            if not self._waiting:
                return
            run = self._waiting.popleft()
            attempt = _Attempt(run, uuid.uuid4().hex, address, time.monotonic(), datetime.now(UTC))
            run.worker = address
            task = Task(
                attempt.name, self._topic, self._train, run.configuration, run.seed, self._ready[address],
                self._per_host[self._hosts[address]], self._region, self._pue,
            )  # fmt: skip
            try:
                future = self._client.submit(run_task, task, workers=[address], pure=False, retries=0)
            except GONE:  # the scheduler, just now
                self._waiting.appendleft(run)
                return
            self._running[future] = attempt

    def _collect(self) -> None:
        for future, attempt in list(self._running.items()):
            if not future.done():
                continue
            try:
                outcome = future.result(timeout=FETCH_S)
            except Exception as err:  # what was raised outside the learner's code, such as a result that cannot travel
                if _is_gone(future, err):
                    self._lose(future, attempt, LOST)
                    continue
                outcome = Outcome(self._spent_by(attempt, "its result was lost"), {}, f"{type(err).__name__}: {err}")
            del self._running[future]
            if outcome.measurement is None:  # another process is at this address now
                self._ready.pop(attempt.worker, None)
                self._hosts.pop(attempt.worker, None)
                if attempt.name in self._beats:
                    self._count_lost(attempt, LOST)
                else:
                    self._waiting.appendleft(attempt.run)
                continue
            attempt.run.spent.append(outcome.measurement)
            attempt.run.outcome, attempt.run.error = outcome, outcome.error
            self._tell(attempt.run)

    def _lose(self, future: Future[Outcome], attempt: _Attempt, why: str) -> None:
        with suppress(*GONE):
            future.cancel()  # else Dask would run it again
        del self._running[future]
        self._ready.pop(attempt.worker, None)
        self._count_lost(attempt, why)

    def _count_lost(self, attempt: _Attempt, why: str) -> None:
        run = attempt.run
        run.spent.append(self._spent_by(attempt, why))
        run.error = f"{why} ({attempt.worker})"
        if why == LOST and len(run.spent) <= self._retries:
            self._waiting.appendleft(run)
        else:
            self._tell(run)

    def _spent_by(self, attempt: _Attempt, why: str) -> Measurement:
        """What an attempt used that nobody will tell of any more."""
        now_s = time.monotonic()
        if attempt.name in self._beats:
            heard_s, beat = self._beats[attempt.name]
            return spent_until_lost(beat, max(0.0, now_s - heard_s), why, region=self._region, pue=self._pue)
        return spent_unheard(attempt.begun_at, now_s - attempt.begun_s, why, region=self._region, pue=self._pue)

    def _give_up_without_workers(self) -> None:
        if not self._waiting or time.monotonic() - self._seen_worker_s <= self._timeout_s:
            return
        for run in self._waiting:
            run.error = run.error or f"no worker was there for {self._timeout_s:g} s"
            self._tell(run)
        self._waiting.clear()


def _is_gone(future: Future[Any], err: Exception) -> bool:
    """Whether an error says that the worker died; the task itself may have raised one of the same type."""
    return isinstance(err, KilledWorker) or (isinstance(err, GONE) and future.status != "error")


async def _workers_of(client: Any) -> dict[str, int]:
    if client.scheduler is None:
        raise CommClosedError("the scheduler is gone")
    return dict(await client.scheduler.ncores())
