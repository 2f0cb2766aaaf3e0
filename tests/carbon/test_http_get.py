"""One JSON document by HTTP: whatever a server does, an answer or a reason comes in time, and a key stays hidden."""

from __future__ import annotations

import http.client
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from greenlm_edu.carbon.http_get import SIZE_LIMIT_BYTES, json_from
from greenlm_edu.carbon.live_source import KeyHeader, NoAnswer
from tests.carbon.intensity_server import (
    Handler,
    Server,
    drips_body,
    drips_headers,
    running,
    says,
    sends_nothing,
    status,
)

pytestmark = pytest.mark.process

KEY = "em-7f3a9c51d2"
HEADER = KeyHeader("auth-token", KEY)
ADVICE = "Check the key."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with running() as started:
        yield started


def ask(server: Server, path: str = "/x", key: KeyHeader | None = None, time_limit_s: float = 5.0) -> dict[str, Any]:
    return json_from(server.base_url + path, key=key, key_advice=ADVICE, time_limit_s=time_limit_s)


def reason(server: Server, **arguments: Any) -> str:
    with pytest.raises(NoAnswer) as caught:
        ask(server, **arguments)
    return caught.value.reason


def test_an_object_comes_as_it_was_sent_and_says_who_asks(server: Server):
    server.play = says({"data": [1, 2.5, "Zürich", None]})
    assert ask(server) == {"data": [1, 2.5, "Zürich", None]}
    (headers,) = server.headers
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("greenlm-edu/")
    assert "auth-token" not in headers


@pytest.mark.parametrize("play", [sends_nothing, drips_headers, drips_body])
def test_the_time_limit_holds_for_all_of_it_and_the_thread_ends(server: Server, play: Any):
    server.play = play
    began = time.monotonic()
    assert reason(server, time_limit_s=0.4) == "no complete answer within 0.4 s"
    assert 0.4 <= time.monotonic() - began < 1.5
    # Each byte comes within 0.05 s, so only the cut line can have ended the thread.
    deadline = time.monotonic() + 5
    while any(thread.name == "live intensity" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the thread of the exchange lives on"
        time.sleep(0.01)


JUNK = {
    "HTML": (says(b"<html><body>Log in to the hotel's network", kind="text/html"), "text/html instead of JSON"),
    "no content type": (says(b"{}", kind=None), "no content type instead of JSON"),
    "HTML that claims to be JSON": (says(b"<html>"), "an answer that is not whole JSON"),
    "truncated": (says(b'{"data": [{"from": "2026-'), "an answer that is not whole JSON"),
    "NaN": (says(b'{"data": NaN}'), "an answer that is not whole JSON"),
    "Infinity": (says(b'{"data": -Infinity}'), "an answer that is not whole JSON"),
    "not UTF-8": (says(b'{"data": "\xff\xfe"}'), "an answer that is not whole JSON"),
    "nested without end": (says(b"[" * 100_000), "an answer that is not whole JSON"),
    "a number of 5,000 digits": (says(b'{"data": ' + b"9" * 5_000 + b"}"), "an answer that is not whole JSON"),
    "empty": (says(b""), "an answer that is not whole JSON"),
    "a list": (says([1]), "an answer of another shape: an object with named fields must come"),
    "10 MB": (says(b'{"data": "' + b"x" * 10_000_000 + b'"}'), "an answer of more than 1 MB"),
}


@pytest.mark.parametrize(("play", "said"), JUNK.values(), ids=JUNK)
def test_junk_is_no_answer(server: Server, play: Any, said: str):
    server.play = play
    assert reason(server) == said


def test_a_body_as_large_as_the_limit_is_read_and_a_byte_more_is_not(server: Server):
    filling = SIZE_LIMIT_BYTES - len(b'{"x": ""}')
    server.play = says(b'{"x": "' + b"a" * filling + b'"}')
    assert len(ask(server)["x"]) == filling
    server.play = says(b'{"x": "' + b"a" * (filling + 1) + b'"}')
    assert reason(server) == "an answer of more than 1 MB"


def test_what_is_not_http_is_said_without_repeating_it(server: Server):
    server.play = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")  # type: ignore[assignment]
    assert reason(server) == "an answer that is not HTTP (BadStatusLine)"
    server.play = lambda handler: None
    assert "no connection" in reason(server) or "RemoteDisconnected" in reason(server)


STATUSES = {
    400: "HTTP 400: the request is not understood (its words: No postcode match can be found.)",
    404: "HTTP 404: there is no such place or address (its words: No postcode match can be found.)",
    500: "HTTP 500: the service has a fault (its words: No postcode match can be found.)",
    503: "HTTP 503: the service is not ready (its words: No postcode match can be found.)",
    418: "HTTP 418: I'm a Teapot (its words: No postcode match can be found.)",
}


@pytest.mark.parametrize(("code", "said"), STATUSES.items(), ids=str)
def test_a_refusal_is_said_with_the_services_words(server: Server, code: int, said: str):
    server.play = status(code, {"error": {"code": str(code), "message": "No postcode\nmatch\x1b can be found."}})
    assert reason(server) == said


@pytest.mark.parametrize(
    ("code", "said"), [(401, "the key is not accepted"), (403, "this is not allowed with the key")]
)
def test_a_refused_key_is_said_with_what_to_do(server: Server, code: int, said: str):
    server.play = status(code, {"message": f"token {KEY} is unknown"})
    with pytest.raises(NoAnswer, match=rf"HTTP {code}: {said}") as caught:
        ask(server, key=HEADER)
    assert caught.value.advice == ADVICE


def retry_at(server: Server, code: int, **headers: str) -> datetime | None:
    server.play = status(code, **headers)
    with pytest.raises(NoAnswer) as caught:
        ask(server)
    if caught.value.retry_at is not None:
        assert f"no more before {caught.value.retry_at:%Y-%m-%d %H:%M:%S} UTC" in caught.value.reason
    return caught.value.retry_at


@pytest.mark.parametrize(
    ("code", "header", "wait_s"),
    [
        (429, "120", 120),
        (503, "7", 7),
        (429, None, 60),
        (429, "soon", 60),
        (429, "-5", 60),
        (429, "nan", 60),
        (429, "1e300", 30 * 86_400),
    ],
)
def test_a_wait_is_read_from_the_header(server: Server, code: int, header: str | None, wait_s: float):
    began = datetime.now(UTC)
    until = retry_at(server, code, **({} if header is None else {"Retry_After": header}))
    assert until is not None
    assert timedelta(0) <= until - began - timedelta(seconds=wait_s) < timedelta(seconds=5)


def test_a_wait_may_be_a_date(server: Server):
    wanted = (datetime.now(UTC) + timedelta(minutes=10)).replace(microsecond=0)
    until = retry_at(server, 429, Retry_After=format_datetime(wanted, usegmt=True))
    assert until is not None
    assert abs(until - wanted) < timedelta(seconds=2)


def test_a_service_that_is_not_ready_may_be_asked_again_at_once_if_it_names_no_time(server: Server):
    assert retry_at(server, 503) is None


def test_a_name_that_nobody_has_is_said():
    nobody = ".".join(["a" * 63] * 5)  # longer than names can be, so no name server is asked
    with pytest.raises(NoAnswer, match="its name is not found") as caught:
        json_from(f"http://{nobody}/", key=None, key_advice=ADVICE, time_limit_s=5)
    assert "on line" in caught.value.advice


def test_a_closed_port_is_said(server: Server):
    with running() as closed:
        address = closed.base_url
    with pytest.raises(NoAnswer, match="connection refused"):
        json_from(address, key=None, key_advice=ADVICE, time_limit_s=5)


def test_a_server_without_encryption_is_not_trusted_with_https(server: Server):
    with pytest.raises(NoAnswer, match=r"no secure connection|not trusted"):
        json_from(server.base_url.replace("http:", "https:"), key=HEADER, key_advice=ADVICE, time_limit_s=5)
    assert server.asked == []


def test_a_redirect_on_the_same_host_is_followed_with_the_key(server: Server):
    def play(handler: Handler) -> None:
        if handler.path == "/old":
            handler.answer(b"", 301, Location="/new")
        else:
            handler.answer(b'{"path": "new"}')

    server.play = play
    assert ask(server, "/old", key=HEADER) == {"path": "new"}
    assert [headers["auth-token"] for headers in server.headers] == [KEY, KEY]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_refused_and_the_key_stays_here(server: Server, code: int):
    with running() as other:
        server.play = status(code, Location=f"{other.base_url}/catch")
        assert reason(server, key=HEADER) == f"HTTP {code}: it sends on to another host, which is not followed"
        assert other.asked == []


@pytest.mark.parametrize(
    "target", ["https://127.0.0.1/x", "file:///etc/hostname", "ftp://127.0.0.1/x", "//evil.example/x"]
)
def test_a_redirect_to_another_scheme_or_port_is_refused(server: Server, target: str):
    server.play = status(302, Location=target)
    assert reason(server, key=HEADER).startswith("HTTP 302: ")
    assert len(server.asked) == 1


def test_a_circle_of_redirects_ends(server: Server):
    server.play = lambda handler: handler.answer(b"", 302, Location="/x")
    assert reason(server).startswith("HTTP 302: ")
    assert len(server.asked) < 30


def test_the_environments_proxy_is_asked_for_other_machines_and_never_for_this_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    server.play = says({"from": "proxy"})
    monkeypatch.setenv("http_proxy", server.base_url)
    answer = json_from("http://intensity.example/intensity", key=None, key_advice=ADVICE, time_limit_s=5)
    assert answer == {"from": "proxy"}
    assert server.asked == ["http://intensity.example/intensity"]
    with running() as own:
        own.play = says({"from": "own"})
        assert ask(own, key=HEADER) == {"from": "own"}
    assert len(server.asked) == 1


def test_a_proxy_that_refuses_is_said(server: Server, monkeypatch: pytest.MonkeyPatch):
    server.play = status(404)
    monkeypatch.setenv("https_proxy", server.base_url)  # it knows no CONNECT, and so answers 501
    with pytest.raises(NoAnswer, match=r"no connection \(Tunnel connection failed: 501"):
        json_from("https://intensity.example/", key=HEADER, key_advice=ADVICE, time_limit_s=5)
    assert server.headers == []


def leaks(error: BaseException) -> bool:
    """Whether the key shows in an error's text, or in its traceback with all variables."""
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return KEY in str(error) + repr(error) + shown


FAILURES = {
    "refused": status(401, {"message": f"token {KEY} is unknown"}),
    "forbidden": status(403, {"error": KEY}),
    "fault": status(500, {"message": KEY}),
    "limit": status(429, {"message": KEY}),
    "echo as a header": status(404, {}, X_Key=KEY),
    "echo as HTML": says(f"<p>{KEY}".encode(), kind="text/html"),
    "echo as broken JSON": says(f'{{"{KEY}'.encode()),
    "echo as a list": says([KEY]),
    "echo as an address": status(302, Location=f"http://{KEY}.example/"),
    "echo as no HTTP": lambda handler: handler.wfile.write(KEY.encode()),
    "echo as the status": lambda handler: handler.wfile.write(f"HTTP/1.1 418 {KEY}\r\n\r\n".encode()),
    "hang up": lambda handler: None,
    "silence": sends_nothing,
}


@pytest.mark.parametrize("play", FAILURES.values(), ids=FAILURES)
def test_a_key_shows_in_no_error_whatever_the_server_returns(
    server: Server, play: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)  # what a learner may have set to look at traffic
    server.play = play
    with pytest.raises(NoAnswer) as caught:
        ask(server, key=HEADER, time_limit_s=1.0)
    assert server.headers[0]["auth-token"] == KEY
    assert not leaks(caught.value)
    out, err = capfd.readouterr()
    assert KEY not in out + err
    assert KEY not in repr(HEADER)


def test_a_key_shows_in_no_error_where_nobody_listens():
    with running() as closed:
        address = closed.base_url
    with pytest.raises(NoAnswer) as caught:
        json_from(address, key=HEADER, key_advice=ADVICE, time_limit_s=5)
    assert not leaks(caught.value)
