"""One request to the service, one answer, and what the answer means for the scan that was sent."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracer import __version__
from tracer.bridge.errors import BadCertificates, BadServer, BadToken, NoToken
from tracer.bridge.telling import language

LIMIT_SECONDS = 15.0  # after this the answer counts as lost, and the same body is sent again
LONGEST_ANSWER = 1 << 20
LONGEST_WAIT_SECONDS = 300.0
BROKE_OFF = "the answer broke off"
_TOKEN = re.compile(r"[\x21-\x7e]+")
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` 0: nothing did, `reason` says why."""

    status: int
    body: dict[str, Any] | None = None
    is_problem: bool = False
    retry_after_seconds: float | None = None
    reason: str = ""

    @property
    def code(self) -> str:
        """A refusal's stable code."""
        return str((self.body or {}).get("code", ""))

    @property
    def detail(self) -> str:
        """A refusal in words."""
        return str((self.body or {}).get("detail") or self.reason or f"HTTP {self.status}")


class Verdict(StrEnum):
    """What an answer means for a scan."""

    ANSWERED = "answered"
    RETRY = "retry"
    """Nothing was decided: the same body again, a little later."""
    NOT_ALLOWED = "not_allowed"
    """The token: nothing will be taken until a person has seen to it."""
    NOT_TRACER = "not_tracer"
    """Something else answers at this address."""
    REFUSED = "refused"
    """This scan will never be taken."""


def verdict_on_scan(answer: Answer) -> Verdict:
    """What the service said of a scan."""
    status = answer.status
    if status == 0 or status >= 500 or status in {408, 425, 429}:
        return Verdict.RETRY
    if status in {200, 201} and answer.body is not None and {"scan", "outcome"} <= set(answer.body):
        return Verdict.ANSWERED
    if status in {401, 403}:
        return Verdict.NOT_ALLOWED
    if status == 409 and answer.code == "key_in_flight":
        return Verdict.RETRY
    return Verdict.REFUSED if 400 <= status < 500 and answer.is_problem else Verdict.NOT_TRACER


@dataclass(frozen=True, slots=True)
class Token:
    """The bearer token: read anew for every request, so that a replaced file needs no restart."""

    file: Path | None
    from_environment: str = field(default="", repr=False)

    def read(self) -> str:
        """Raises NoToken, BadToken."""
        text, source = self.from_environment, "TRACER_TOKEN"
        if self.file is not None:
            source = str(self.file)
            try:
                text = self.file.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise NoToken(reason=f"{self.file}: {getattr(error, 'strerror', None) or error}") from error
        text = text.strip()
        if not text:
            raise NoToken(reason=source)
        if not _TOKEN.fullmatch(text):
            raise BadToken(source=source)
        return text


@dataclass(frozen=True, slots=True)
class Server:
    """Where the service is, and how it proves to be it."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None

    @classmethod
    def at(cls, url: str, ca_file: Path | None) -> Server:
        """Raises BadServer, BadCertificates."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise BadServer(url=url) from error
        is_known = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        if not is_known or parts.query or parts.fragment:
            raise BadServer(url=url)
        assert parts.hostname is not None
        tls = None
        if parts.scheme == "https":
            try:
                tls = ssl.create_default_context(cafile=ca_file)
            except OSError as error:
                raise BadCertificates(path=ca_file, reason=error.strerror or error) from error
        return cls(parts.hostname, port or (443 if tls else 80), parts.path.rstrip("/"), tls)

    @property
    def is_open_to_listeners(self) -> bool:
        """Whether the token travels where others can read it."""
        return self.tls is None and self.host not in _THIS_MACHINE

    def connect(self, limit_seconds: float) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=limit_seconds)
        return http.client.HTTPSConnection(self.host, self.port, timeout=limit_seconds, context=self.tls)


class Link:
    """A connection that is made again when it broke. Follows no redirect: the token is for one address."""

    def __init__(self, server: Server, token: Token, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._server = server
        self._token = token
        self._connection = server.connect(limit_seconds)
        self._is_used = False

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        """Never raises."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: str) -> Answer:
        """Never raises. May carry the request to the service twice; its key makes that one."""
        return self._ask("POST", path, body.encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        try:
            token = self._token.read()
        except (NoToken, BadToken) as error:
            return Answer(401, reason=error.format_message())
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Language": language(),
            "User-Agent": f"tracer-scanner-bridge/{__version__}",
        } | ({"Content-Type": "application/json"} if body is not None else {})
        while True:
            was_used, self._is_used = self._is_used, False
            try:
                self._connection.request(method, self._server.path + path, body, headers)
                response = self._connection.getresponse()
                content = response.read(LONGEST_ANSWER)
            except (ConnectionError, http.client.BadStatusLine) as error:
                self._connection.close()
                if was_used:
                    continue  # a kept connection that the other end closed meanwhile, and nothing more
                return Answer(0, reason=_reason(error))
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                self._connection.close()
                return Answer(0, reason=_reason(error))
            self._is_used = not response.will_close
            if response.length:  # it broke off, or is longer than any answer of ours
                self._connection.close()
                return Answer(0, reason=BROKE_OFF)
            return _answer(response, content)


def _answer(response: http.client.HTTPResponse, content: bytes) -> Answer:
    kind = response.headers.get_content_type()
    try:
        body = json.loads(content) if content and kind.endswith("json") else None
    except (ValueError, RecursionError):
        return Answer(0, reason=BROKE_OFF)
    return Answer(
        response.status,
        body if isinstance(body, dict) else None,
        kind == "application/problem+json" and isinstance(body, dict),
        _seconds(response.headers.get("Retry-After")),
        response.headers.get("Location", ""),
    )


def _seconds(retry_after: str | None, now: Callable[[], float] = time.time) -> float | None:
    """RFC 9110 §10.2.3: a number of seconds, or a date."""
    if retry_after is None:
        return None
    try:
        seconds = float(int(retry_after))
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - now()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
