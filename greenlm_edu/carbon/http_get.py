"""One JSON document by HTTP: a time limit for all of it, a size limit, no way for a key to get out.

`urlopen`'s own timeout counts each read anew, so a server that sends a byte a second would hold a learner for hours,
and a name that is not resolved is not covered at all. The exchange therefore runs in a thread of its own, which is
left, and its connection cut, when the time is over.

Imported only when a live figure is asked for: it brings the whole of Python's network library with it.
"""

from __future__ import annotations

import http.client
import json
import math
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO, Any, Final, NoReturn
from urllib.parse import urljoin, urlsplit

from greenlm_edu import __version__
from greenlm_edu.carbon.live_source import KeyHeader, NoAnswer, is_this_machine, plain

__all__ = ["SIZE_LIMIT_BYTES", "json_from"]

SIZE_LIMIT_BYTES: Final = 1_000_000  # a regional forecast of 48 h with its generation mix is near 70 kB
ERROR_BYTES: Final = 4_096
SLACK_S: Final = 1.0
# A service that asks to wait without saying how long; and the longest wait that is taken for meant.
USUAL_WAIT_S: Final = 60.0
LONGEST_WAIT_S: Final = 30 * 86_400.0
STATUS_WORDS: Final = {
    400: "the request is not understood",
    401: "the key is not accepted",
    403: "this is not allowed with the key, or without one",
    404: "there is no such place or address",
    429: "too many requests",
    500: "the service has a fault",
    503: "the service is not ready",
}


def json_from(address: str, *, key: KeyHeader | None, key_advice: str, time_limit_s: float) -> dict[str, Any]:
    """The JSON object at an address.

    Args:
        address: http or https; a proxy of the environment is used, except towards this machine itself.
        key: sent as a header, to this very host only.
        key_advice: what to do where the service does not let one in.
        time_limit_s: for the whole of it, name look-up and body included.
    Raises:
        NoAnswer: why there is none.
    """
    exchange = _Exchange(address, key, key_advice, time_limit_s)
    threading.Thread(target=exchange.run, daemon=True, name="live intensity").start()
    in_time = False
    try:
        in_time = exchange.over.wait(time_limit_s)
    finally:  # an interrupt by the learner, too, ends it
        if not in_time:
            exchange.hang_up()
    if not in_time:
        raise NoAnswer(
            f"no complete answer within {time_limit_s:g} s", "Try again later, or give it longer with time_limit_s=."
        )
    if exchange.fault is not None:
        raise exchange.fault
    return exchange.answer


class _Exchange:
    """One request and its answer; `run` belongs to a thread of its own, all else to the caller's."""

    def __init__(self, address: str, key: KeyHeader | None, key_advice: str, time_limit_s: float) -> None:
        self.over = threading.Event()
        self.answer: dict[str, Any] = {}
        self.fault: BaseException | None = None
        self._address, self._key, self._key_advice, self._time_limit_s = address, key, key_advice, time_limit_s
        self._sockets: list[socket.socket] = []
        self._is_given_up = False

    def run(self) -> None:
        try:
            self.answer = self._ask()
        except urllib.error.HTTPError as err:
            with err:
                self.fault = self._refusal(err)
            self.fault.__cause__ = self._shown(err)
        except (http.client.HTTPException, ValueError) as err:
            self.fault = _failure(err)
            self.fault.__cause__ = self._shown(err)
        except OSError as err:
            self.fault = _failure(err)
            self.fault.__cause__ = _without_frames(err)
        except NoAnswer as err:
            self.fault = _without_frames(err)
        except BaseException as err:  # a fault of ours: raised again where the caller waits
            self.fault = err
        finally:
            self.over.set()

    def connected(self, line: socket.socket) -> None:
        """Keep hold of a line: `urlopen` lets go of the connection while the body still comes in over it."""
        self._sockets.append(line)
        if self._is_given_up:
            self.hang_up()

    def hang_up(self) -> None:
        """Cut the line, so that the thread ends and the server is left alone."""
        self._is_given_up = True
        for line in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def _ask(self) -> dict[str, Any]:
        request = urllib.request.Request(self._address)
        request.add_header("Accept", "application/json")
        request.add_header("User-Agent", f"greenlm-edu/{__version__} (Python urllib)")
        if self._key is not None:
            request.add_header(self._key.name, self._key.value)
        handlers: list[urllib.request.BaseHandler] = [_Http(self), _Https(self), _SameOrigin()]
        if is_this_machine(urlsplit(self._address).hostname or ""):
            # Another machine's proxy cannot reach this one, and would see the key.
            handlers.append(urllib.request.ProxyHandler({}))
        # Each read gets a little longer than the whole may take: the caller's clock is the one that counts.
        with urllib.request.build_opener(*handlers).open(request, timeout=self._time_limit_s + SLACK_S) as answer:
            return _document(answer)

    def _shown(self, cause: Exception) -> BaseException | None:
        """The cause of a fault, unless its text quotes a server that knows the key."""
        return None if self._key is not None else _without_frames(cause)

    def _refusal(self, err: urllib.error.HTTPError) -> NoAnswer:
        # What a service says may repeat the key that it was sent, so it is quoted only where none was.
        quoted = self._key is None
        words = STATUS_WORDS.get(err.code) or (quoted and plain(err.reason, 40)) or "no success"
        if err.code in (429, 503):
            wait_s = _wait_s(err.headers.get("Retry-After"), default_s=USUAL_WAIT_S if err.code == 429 else 0.0)
            if wait_s > 0:
                until = datetime.now(UTC) + timedelta(seconds=wait_s)
                return NoAnswer(
                    f"HTTP {err.code}: {words}, no more before {until:%Y-%m-%d %H:%M:%S} UTC",
                    "Try again after that; nothing is sent before.",
                    until,
                )
        if err.code in (401, 403):
            return NoAnswer(f"HTTP {err.code}: {words}", self._key_advice)
        return NoAnswer(f"HTTP {err.code}: {words}{_said(err) if quoted else ''}")


class _Http(urllib.request.HTTPHandler):
    def __init__(self, exchange: _Exchange) -> None:
        super().__init__(debuglevel=0)  # a debug level set for the whole process would print the key
        self._exchange = exchange

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPConnection, self._exchange), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, exchange: _Exchange) -> None:
        super().__init__(debuglevel=0)
        self._exchange = exchange

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        connection = _watched(http.client.HTTPSConnection, self._exchange)
        return self.do_open(connection, req, context=ssl.create_default_context())


def _watched(kind: type[http.client.HTTPConnection], exchange: _Exchange) -> type[http.client.HTTPConnection]:
    """A connection of this kind that tells the exchange of its line."""

    class Watched(kind):  # type: ignore[misc, valid-type]
        def connect(self) -> None:
            super().connect()
            exchange.connected(self.sock)

    return Watched


class _SameOrigin(urllib.request.HTTPRedirectHandler):
    """Follows only to the same scheme, host and port: headers go along, and the key is one of them."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if _origin(urljoin(req.full_url, newurl)) != _origin(req.full_url):
            raise NoAnswer(
                f"HTTP {code}: it sends on to another host, which is not followed", "Check base_url and the proxy."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def _document(answer: http.client.HTTPResponse) -> dict[str, Any]:
    """The body as a JSON object, or NoAnswer."""
    kind = answer.headers.get_content_type() if "Content-Type" in answer.headers else "no content type"
    if kind != "application/json" and not kind.endswith("+json"):
        raise NoAnswer(
            f"{plain(kind, 40)} instead of JSON", "A log-in page of the network may stand between: open a browser."
        )
    body = answer.read(SIZE_LIMIT_BYTES + 1)
    if len(body) > SIZE_LIMIT_BYTES:
        raise NoAnswer(f"an answer of more than {SIZE_LIMIT_BYTES / 1e6:.0f} MB")
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as err:
        raise NoAnswer("an answer that is not whole JSON") from err
    if not isinstance(document, dict):
        raise NoAnswer("an answer of another shape: an object with named fields must come")
    return document


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _said(err: urllib.error.HTTPError) -> str:
    """“ (its words: …)” from the body of a refusal, if it has any for people."""
    with suppress(OSError, http.client.HTTPException, ValueError, RecursionError):
        found = json.loads(err.read(ERROR_BYTES))
        while isinstance(found, Mapping):
            found = found.get("message") or found.get("error")
        if isinstance(found, str) and plain(found):
            return f" (its words: {plain(found, 120)})"
    return ""


def _wait_s(retry_after: str | None, default_s: float) -> float:
    """Seconds that a Retry-After header asks to wait, given as seconds or as a date."""
    if retry_after is None:
        return default_s
    wait_s = math.nan
    with suppress(ValueError, OverflowError):
        wait_s = float(retry_after)
    if math.isnan(wait_s):
        with suppress(ValueError, TypeError, OverflowError):
            date = parsedate_to_datetime(retry_after)
            wait_s = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    if math.isnan(wait_s) or wait_s < 0:
        return default_s
    return min(wait_s, LONGEST_WAIT_S)


def _failure(err: Exception) -> NoAnswer:
    """What went wrong below HTTP, in words."""
    cause = err.reason if isinstance(err, urllib.error.URLError) and isinstance(err.reason, Exception) else err
    if isinstance(cause, socket.gaierror):
        return NoAnswer("its name is not found", "Check that this machine is on line.")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoAnswer(
            "its certificate is not trusted", "Check this machine's date, and whether a proxy stands between."
        )
    if isinstance(cause, ssl.SSLError):
        return NoAnswer("no secure connection", "Check base_url, and whether a proxy stands between.")
    if isinstance(cause, TimeoutError):
        return NoAnswer("no answer in time", "Try again later, or give it longer with time_limit_s=.")
    if isinstance(cause, ConnectionRefusedError):
        return NoAnswer("connection refused", "Check that this machine is on line, and its proxy.")
    if isinstance(cause, http.client.HTTPException | ValueError):
        return NoAnswer(f"an answer that is not HTTP ({type(cause).__name__})", "Check base_url and the proxy.")
    words = getattr(cause, "strerror", None) or cause
    return NoAnswer(f"no connection ({plain(words, 80)})", "Check that this machine is on line, and its proxy.")


def _without_frames(err: BaseException) -> BaseException:
    """The same error, whose frames are let go: headers and bodies are among their variables, and so is the key."""
    link: BaseException | None = err
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return err
