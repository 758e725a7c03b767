"""One message posted to one address, and what became of it.

Nothing that a receiver does may hold a deliverer: neither silence, nor an answer that never ends, nor one
that comes a byte a minute. A redirect is not followed. Certificates are always verified.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import urllib3
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from tracer import __version__
from tracer.exchange.rules import Verdict, judge, seconds_asked
from tracer.exchange.signing import signature

CONNECT_SECONDS, SILENCE_SECONDS = 5.0, 10.0
WHOLE_SECONDS = 15.0  # from the first byte sent to the last read
READ_BYTES = 4_096
KEPT_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended. `status` of None: no answer came, and `answer` says why."""

    at: datetime
    milliseconds: int
    verdict: Verdict
    status: int | None
    answer: str
    retry_after: float | None = None


class Poster:
    """The connections to one endpoint, kept open between messages; for several threads."""

    def __init__(
        self,
        url: str,
        key: bytes,
        ca_file: str | None,
        connections: int,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._url, self._key, self._whole_seconds = url, key, whole_seconds
        self._pools = urllib3.PoolManager(
            1,
            maxsize=connections,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS),
            cert_reqs="CERT_REQUIRED",
            ca_certs=ca_file,
        )
        self._pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def close(self) -> None:
        self._pools.clear()

    def post(self, message: str, body: bytes) -> Outcome:
        """Send it now, once. Raises nothing that the network or a receiver could cause."""
        at, began = datetime.now(UTC), time.monotonic()
        status, asked = None, None
        try:
            with _watch.over(self._whole_seconds):
                status, asked, answer = self._send(message, int(at.timestamp()), body)
        except (HTTPError, OSError, ValueError) as error:
            status, asked, answer = None, None, _reason(error)
        took = round((time.monotonic() - began) * 1000)
        verdict = judge(status)
        retry_after = seconds_asked(asked, datetime.now(UTC)) if verdict is Verdict.TROUBLE else None
        return Outcome(at, took, verdict, status, _readable(answer), retry_after)

    def _send(self, message: str, second: int, body: bytes) -> tuple[int, str | None, str]:
        response = self._pools.request(
            "POST",
            self._url,
            body=body,
            headers={
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": f"Tracer/{__version__}",
                "webhook-id": message,
                "webhook-timestamp": str(second),
                "webhook-signature": signature(self._key, message, second, body),
            },
            redirect=False,
            preload_content=False,
        )
        try:
            said = response.read(READ_BYTES)
        except (HTTPError, OSError):
            said = b""
        # What was not read to its end would be taken for the next answer's beginning.
        response.close() if response.length_remaining != 0 else response.release_conn()
        return response.status, response.headers.get("Retry-After"), said.decode("utf-8", "replace")


# --- the whole of a try has an end -----------------------------------------------------------------------

WATCH_SECONDS = 0.2


class _Line:
    """The socket a try is using, if it has one yet, and when it is taken away."""

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_cut = False

    def use(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self.is_cut:
                self._shut()

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            self._shut()

    def done(self) -> bool:
        """No more to be cut: the connection serves another try. True if it was."""
        with self._lock:
            self._socket = None
            return self.is_cut

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # The plain socket's: TLS's own would first forget its keys under the reader's feet.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Watch:
    """Cuts the lines whose time is up: a socket's own timeout begins anew at every byte."""

    def __init__(self) -> None:
        self._lines: set[_Line] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, seconds: float) -> Iterator[None]:
        """Watch over what this thread does in the block. Raises TimeoutError if it was cut."""
        line = _mine.line = _Line(time.monotonic() + seconds)
        with self._changed:
            self._lines.add(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            elif len(self._lines) == 1:
                self._changed.notify()
        too_late = TimeoutError(f"no whole answer within {seconds:g} s")
        try:
            yield
        except (HTTPError, OSError) as error:
            if line.is_cut:
                raise too_late from error
            raise
        finally:
            _mine.line = None
            with self._changed:
                self._lines.discard(line)
        if line.done():  # what was read is the beginning of an answer
            raise too_late

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._lines:
                    self._changed.wait()
                late = [line for line in self._lines if line.ends < time.monotonic()]
            for line in late:
                line.cut()
            time.sleep(WATCH_SECONDS)


_mine = threading.local()
_watch = _Watch()


def _use(connection: HTTPConnection) -> None:
    if connection.sock is None:
        connection.connect()
    line: _Line | None = getattr(_mine, "line", None)
    if line is not None and connection.sock is not None:
        line.use(connection.sock)


class _Plain(HTTPConnection):
    def request(self, *arguments: Any, **named: Any) -> None:
        _use(self)
        super().request(*arguments, **named)


class _Secure(HTTPSConnection):
    def request(self, *arguments: Any, **named: Any) -> None:
        _use(self)
        super().request(*arguments, **named)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


def _reason(error: Exception) -> str:
    """What a person needs to put it right; urllib3 names its own objects before it."""
    text = str(error)
    return f"{type(error).__name__}: {text.rpartition('>: ')[2] or text}"


def _readable(text: str) -> str:
    """The beginning, without what a database cannot hold or a page cannot show."""
    return "".join(one if one.isprintable() else " " for one in text[:KEPT_CHARACTERS]).strip()
