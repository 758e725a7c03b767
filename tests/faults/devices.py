"""Scanners that never give up: each keeps a log of its own of what it was told, and asks until it is told."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.small_hospital import NURSE_STATION

TIMEOUT_SECONDS = 10.0
PAUSE_SECONDS = 0.05


@dataclass
class Log:
    """What one device knows: the answer it holds for each scan, and how often none came."""

    told: dict[str, bytes] = field(default_factory=dict)
    tries_in_vain: int = 0
    replays: int = 0


@dataclass
class Devices:
    """So many devices that scan what they are given, one piece after the other, until told to stop.

    With `new_key_each_try` they forget the key when no answer came: the mistake the service cannot mend.
    """

    port: int
    token: str
    work: Iterator[str]
    number: int = 6
    new_key_each_try: bool = False
    logs: list[Log] = field(default_factory=list)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        for _ in range(self.number):
            log = Log()
            self.logs.append(log)
            self._threads.append(threading.Thread(target=self._scan_all_day, args=(log,)))
            self._threads[-1].start()

    def stop(self) -> None:
        """Let each finish what it has begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)
        assert not any(thread.is_alive() for thread in self._threads), "a device waits for ever"
        assert self.errors == []

    @property
    def told(self) -> dict[str, bytes]:
        """The answer to each key."""
        return {key: answer for log in self.logs for key, answer in log.told.items()}

    def _scan_all_day(self, log: Log) -> None:
        link = Link(self.port, self.token)
        try:
            while not self._stop.is_set():
                with self._turn:
                    raw = next(self.work)
                self._scan(link, raw, log)
        except BaseException as error:
            self.errors.append(error)
        finally:
            link.close()

    def _scan(self, link: Link, raw: str, log: Log) -> None:
        key = str(uuid.uuid4())
        while True:
            body = {"idempotency_key": key, "raw": raw, "location": NURSE_STATION, "encounter": "E1"}
            self.bodies[key] = body
            status, answer = link.post("/api/v1/scans", body)
            if status in (200, 201):
                log.told[key] = answer
                log.replays += status == 200
                return
            # No answer, "wait", "away for a moment": all of them mean to ask again. Nothing else is right.
            assert status in (0, 409, 503), (status, answer)
            log.tries_in_vain += 1
            time.sleep(PAUSE_SECONDS)
            if self.new_key_each_try:
                key = str(uuid.uuid4())


class Link:
    """A connection that is made again when it broke."""

    def __init__(self, port: int, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """(status, body); (0, b"") if no answer came."""
        try:
            self._connection.request("POST", path, json.dumps(body), self._headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the next request opens it again
            return 0, b""
