"""Do the workers reach each other? Looked at before TensorFlow does, which waits for ever and does not say for whom."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from greenlm_edu.errors import InputError, WorkerFailed

__all__ = ["held_ports", "meet"]

RETRY_S: Final = 0.2
ANSWER_S: Final = 2.0
LOOPBACK: Final = "127.0.0.1"


def meet(cluster: Sequence[str], worker: int, timeout_s: float) -> None:
    """Waits until every other worker's address answers, and answers at this worker's own address meanwhile.

    A worker that has met all others closes its port and starts TensorFlow, which opens the same port again and answers
    those who still wait.

    Args:
        cluster: every worker's "host:port".
        worker: whose place in the cluster this is.
        timeout_s: how long to wait.
    Raises:
        InputError: the own port cannot be opened.
        WorkerFailed: somebody did not answer in time.
    """
    port = int(cluster[worker].rpartition(":")[2])
    with _socket() as listener:
        try:
            listener.bind(("", port))
            listener.listen(len(cluster))
        except OSError as err:
            raise InputError(
                f"worker {worker}: port {port} must be free on its machine; got “{err.strerror}”. End what uses it, "
                "or give this worker another port in the address list of all workers."
            ) from err
        missing = [address for number, address in enumerate(cluster) if number != worker]
        ends_s = time.monotonic() + timeout_s
        while missing := [address for address in missing if not _answers(address)]:
            if time.monotonic() > ends_s:
                raise WorkerFailed(
                    f"worker {worker}: every worker must answer within {timeout_s:g} s; got no answer from "
                    f"{', '.join(missing)}. See whether it runs there, whether the name and the port are right, and "
                    "whether a firewall lets this port through in both directions."
                )
            time.sleep(RETRY_S)


@contextmanager
def held_ports(count: int) -> Iterator[tuple[str, ...]]:
    """Addresses on this machine that nobody else is given while they are held, though a worker may listen there.

    Two sockets that both allow the reuse of an address may have one port, as long as only one of them listens; these
    never do. A port that was merely found to be free could be gone in the seconds before TensorFlow opens it.
    """
    held = [_socket() for _ in range(count)]
    try:
        for one in held:
            one.bind((LOOPBACK, 0))
        yield tuple(f"{LOOPBACK}:{one.getsockname()[1]}" for one in held)
    finally:
        for one in held:
            one.close()


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_S).close()
    except OSError:  # not there yet, or its name is not known yet, as in a Kubernetes job that starts
        return False
    return True
