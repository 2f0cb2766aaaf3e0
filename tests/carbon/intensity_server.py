"""A server on loopback that plays a source of live intensities: a good one, a slow one, one that returns junk."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Play = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.play: Play = status(404)
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.play(self)

    def answer(self, body: bytes, code: int = 200, kind: str | None = "application/json", **headers: str) -> None:
        self.send_response(code)
        if kind is not None:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def says(document: Any, kind: str | None = "application/json; charset=utf-8") -> Play:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return lambda handler: handler.answer(body, kind=kind)


def status(code: int, body: Any = None, **headers: str) -> Play:
    return lambda handler: handler.answer(json.dumps(body or {}).encode(), code, **headers)


def sends_nothing(handler: Handler) -> None:
    handler.server.closing.wait(30)


def drips_headers(handler: Handler) -> None:
    _drip(handler, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Long: " + b"a" * 1000)


def drips_body(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    _drip(handler, b'{"data": [' + b" " * 990)


def _drip(handler: Handler, content: bytes) -> None:
    """A byte at a time, each long before a time limit of its own would be over."""
    with suppress(OSError):
        for byte in content:
            handler.wfile.write(bytes([byte]))
            if handler.server.closing.wait(0.05):
                return


def half_hour(at: datetime, forecast: Any = 200, actual: Any = None) -> dict[str, Any]:
    """The half hour of the Carbon Intensity API that holds a moment."""
    start = at.astimezone(UTC).replace(minute=at.minute // 30 * 30, second=0, microsecond=0)
    words = "%Y-%m-%dT%H:%MZ"
    return {
        "from": start.strftime(words),
        "to": (start + timedelta(minutes=30)).strftime(words),
        "intensity": {"forecast": forecast, "actual": actual, "index": "moderate"},
    }


def national(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"data": list(rows)}


def regional(regionid: int, name: str, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The shape of /regional/…; the forecast of a region has no list around it."""
    for row in rows:
        row["intensity"].pop("actual", None)
        row["generationmix"] = [{"fuel": "wind", "perc": 60.5}]
    return {"regionid": regionid, "dnoregion": f"DNO {name}", "shortname": name, **more, "data": list(rows)}
