"""The workers of a sweep: a cluster on this machine or one that is there already, looked at before anything runs."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, cast

from distributed import Client, LocalCluster
from distributed.comm.core import connect
from distributed.security import Security

from greenlm_edu.energy.place import host_id
from greenlm_edu.errors import ClusterUnavailable, InputError
from greenlm_edu.training.sweep_task import versions, whereabouts

__all__ = ["check_workers", "different", "open_client", "wait_for_workers"]

GUARD: Final = 'A script must start it under `if __name__ == "__main__":`, as its workers load the script too.'


@contextmanager
def open_client(workers: int | str | Client, timeout_s: float) -> Iterator[Client]:
    """A client of the workers; at the end, whatever happens, all that was started here is closed, and nothing else.

    Args:
        workers: how many to start on this machine, a scheduler's address, or a client.
        timeout_s: how long to wait for an answer.
    Raises:
        InputError: workers is none of these, or this is a worker's own first load of a script without a guard.
        ClusterUnavailable: no answer in time.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise InputError(f"sweep: it cannot start while a worker loads the script that calls it. {GUARD}")
    if isinstance(workers, bool) or not isinstance(workers, int | str | Client):
        raise InputError(
            "sweep: workers must be how many to start here, a scheduler's address such as “tcp://10.0.0.5:8786”, or a "
            f"distributed.Client; got {workers!r}."
        )
    if isinstance(workers, Client):
        if workers.asynchronous or workers.status != "running":
            raise InputError(f"sweep: the client must be a running one that waits; got {workers!r}. Make a new Client.")
        yield workers
    elif isinstance(workers, str):
        client = _connected(workers, timeout_s)
        try:
            yield client
        finally:
            client.close(timeout=5)
    else:
        with _own_cluster(workers, timeout_s) as client:
            yield client


def wait_for_workers(client: Client, timeout_s: float) -> list[str]:
    """The addresses of the workers, once there is one.

    Raises:
        ClusterUnavailable: there is none in time.
    """
    until_s = time.monotonic() + timeout_s
    while not (found := sorted(client.nthreads())):
        if time.monotonic() > until_s:
            raise ClusterUnavailable(
                f"sweep {_name(client)}: the scheduler must have a worker; got none within {timeout_s:g} s. "
                "Start one, as with `dask worker ADDRESS --nthreads 1`."
            )
        time.sleep(0.1)
    return found


def check_workers(client: Client, workers: list[str], *, allow_mixed_versions: bool) -> dict[str, str]:
    """Refuses workers that would train with other versions than stand here, and those inside this process.

    Returns:
        by address, the machine of each worker.
    Raises:
        InputError: there is such a worker; all of them are named.
    """
    unlike, unable = _unlike(client, workers)
    refused = unable if allow_mixed_versions else {**unlike, **unable}
    if refused:
        named = "; ".join(f"{address} has {what}" for address, what in sorted(refused.items()))
        way_out = " Or give allow_mixed_versions=True: losses may differ." if not unable else ""
        raise InputError(
            f"sweep: workers must have the versions of this process; got {named}. Install the same ones there.{way_out}"
        )
    places = client.run(whereabouts, workers=workers)
    for address, (host, _, pid) in places.items():
        if host == host_id() and pid == os.getpid():
            raise InputError(
                f"sweep: workers must be processes of their own, to be metered apart; got {address} inside this one. "
                "Make the cluster with processes=True."
            )
    return {address: host for address, (host, _, _) in places.items()}


def _unlike(client: Client, workers: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """By address, what is of another version there, and what keeps a worker from running anything of ours."""
    here = versions()
    unlike, unable = {}, {}
    # Python is asked for in the scheduler's own words: a worker of another one may not understand ours.
    told = cast(dict[str, Any], client.get_versions())["workers"]
    pythons = {address: told[address]["host"]["python"] for address in workers if address in told}
    for address, python in pythons.items():
        if python.split(".")[:2] != here["python"].split("."):
            unlike[address] = f"Python {python.removesuffix('.final.0')} (here {here['python']})"
    alike = [address for address in workers if address not in unlike]
    answers = client.run(versions, workers=alike, on_error="return") if alike else {}
    for address, answer in answers.items():
        if isinstance(answer, Exception):
            unable[address] = f"no greenlm_edu {here['greenlm_edu']} ({type(answer).__name__}: {answer})"
        elif others := different(answer):
            unlike[address] = others
    return unlike, unable


def different(there: dict[str, str]) -> str:
    """The versions of a worker that are not those of this process; empty where all are the same."""
    here = versions()
    return ", ".join(f"{name} {there.get(name)} (here {here[name]})" for name in here if there.get(name) != here[name])


def _connected(address: str, timeout_s: float) -> Client:
    began_s = time.monotonic()
    try:
        # A Client waits for ever for what accepts and says nothing; so somebody else knocks first. It does so in a
        # thread, because a notebook's own has an event loop already.
        with ThreadPoolExecutor(1) as knocking:
            knocking.submit(lambda: asyncio.run(asyncio.wait_for(_knock(address, timeout_s), timeout_s))).result()
        return Client(address, timeout=max(1.0, timeout_s - (time.monotonic() - began_s)), set_as_default=False)
    except (OSError, TimeoutError) as err:
        raise ClusterUnavailable(
            f"sweep {address}: a scheduler must answer there; got no answer in {time.monotonic() - began_s:.1f} s "
            f"({type(err).__name__}). Start one with `dask scheduler`, or leave the address out for workers here."
        ) from err
    except (ValueError, TypeError, ImportError) as err:
        raise InputError(
            f"sweep: workers must be an address as “tcp://10.0.0.5:8786”; got {address!r} ({err})."
        ) from err


async def _knock(address: str, timeout_s: float) -> None:
    comm = await connect(address, timeout=timeout_s, **Security().get_connection_args("client"))
    await comm.close()


@contextmanager
def _own_cluster(workers: int, timeout_s: float) -> Iterator[Client]:
    """Worker processes on this machine, of one thread each."""
    if workers < 1:
        raise InputError(f"sweep: workers must be 1 or more; got {workers}. 2 is usual.")
    try:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # any port: where 8787 is taken, Dask warns the learner of it
            memory_limit=None,  # else Dask pauses a worker whose training takes more than its part
            silence_logs=logging.CRITICAL,  # a worker that dies is told in the result
        )
    except (OSError, RuntimeError, TimeoutError) as err:
        raise ClusterUnavailable(f"sweep: {workers} workers must start here; got “{err}”. {GUARD}") from err
    with cluster, Client(cluster, timeout=timeout_s, set_as_default=False) as client:
        yield client


def _name(client: Client) -> str:
    return str(client.scheduler.address) if client.scheduler else "cluster"
