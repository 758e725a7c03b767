"""Sends what waits, one after the other, until each has its answer: the second thread.

A scan leaves the disk only after its answer was told. Killed in between, it is sent once more with the key
it had, and the service answers as before.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracer.bridge.link import Answer, Verdict, verdict_on_scan
from tracer.bridge.telling import Teller
from tracer.bridge.waiting import Entry, NotKept, Waiting

SCANS = "/api/v1/scans"
LONGEST_PAUSE_SECONDS = 30.0
# While the token or the address is wrong only a person can help; a new scan asks again at once.
PERSON_PAUSE_SECONDS = 60.0
# A service that fails on one scan so often may still take the others.
MOST_FAILURES = 5
_AWAY = {502, 503, 504}


def pause_seconds(tries: int, retry_after_seconds: float | None, chance: float) -> float:
    """1, 2, 4 … 30 s, or what the server asks for; a little apart from other bridges. `chance` is 0–1."""
    wanted = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(tries - 1, 5))
    return max(wanted, retry_after_seconds or 0.0) * (0.85 + 0.3 * chance)


@dataclass
class Sending:
    """`post(path, body)` asks the service and never raises."""

    waiting: Waiting
    post: Callable[[str, str], Answer]
    teller: Teller
    server: str
    on_broken: Callable[[Exception], None]
    _tries: int = 0
    _failures: int = 0
    _trouble: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _wake: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sending", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something new to send: also a reason to try again at once."""
        self._wake.set()

    def end(self, patience_seconds: float = 2.0) -> bool:
        """Stop; True if the thread has ended. One that still waits for an answer may be left alone."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=patience_seconds)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.clear()
                entry = self.waiting.first()
                if entry is None:
                    self._wake.wait()
                else:
                    self._send(entry)
        except Exception as error:  # a bridge that sends nothing must not look alive
            self.on_broken(error)

    def _send(self, entry: Entry) -> None:
        answer = self.post(SCANS, entry.body)
        verdict = verdict_on_scan(answer)
        try:
            if verdict is Verdict.ANSWERED:
                self._is_well()
                self._tell_answer(entry, answer.body or {})
                self.waiting.forget(entry)
            elif verdict is Verdict.REFUSED:
                self._is_well()
                self._refuse(entry, answer)
            elif verdict is Verdict.RETRY:
                self._try_later(entry, answer)
            else:
                self._is_in_trouble(verdict.value, answer)
                self._wake.wait(PERSON_PAUSE_SECONDS)
        except NotKept as error:
            self.teller.tell("cannot_note", reason=error)
            self._stop.wait(LONGEST_PAUSE_SECONDS)

    def _try_later(self, entry: Entry, answer: Answer) -> None:
        self._tries += 1
        if answer.status == 0 or answer.status >= 500 or self._tries >= MOST_FAILURES:
            self._is_in_trouble("offline", answer)
        if answer.status >= 500 and answer.status not in _AWAY:
            self._failures += 1
            if self._failures >= MOST_FAILURES and self.waiting.count() > 1:
                self.waiting.step_behind(entry)
                self.teller.tell("stepped_behind", number=entry.number, reason=f"HTTP {answer.status}")
                self._failures = 0
        pause = pause_seconds(self._tries, answer.retry_after_seconds, random.random())
        # Who asks for time gets it; a connection may be back with the next scan.
        (self._stop if answer.retry_after_seconds else self._wake).wait(pause)

    def _tell_answer(self, entry: Entry, body: dict[str, Any]) -> None:
        outcome, charge = str(body["outcome"]), body.get("charge") or {}
        self.teller.tell(
            outcome if outcome in OUTCOMES else "unresolved",
            number=entry.number,
            item=(body.get("item") or {}).get("name", ""),
            quantity=body.get("quantity", 1),
            amount=charge.get("amount", ""),
            remarks=self.teller.of_remarks(body.get("warnings") or ()),
        )

    def _refuse(self, entry: Entry, answer: Answer) -> None:
        reason = {"status": answer.status, "code": answer.code, "detail": answer.detail}
        self.waiting.set_aside(entry, reason)
        told = self.teller.of_refusal(answer.code, answer.detail)
        self.teller.tell("not_taken", number=entry.number, reason=told, file=self.waiting.refused_file)

    def _is_well(self) -> None:
        if self._trouble is not None:
            self.teller.tell("online", waiting=self.waiting.count())
        self._trouble, self._tries, self._failures = None, 0, 0

    def _is_in_trouble(self, kind: str, answer: Answer) -> None:
        """Said once, until it is over or is another."""
        if self._trouble != kind:
            reason = self.teller.of_refusal(answer.code, answer.detail)
            self.teller.tell(kind, server=self.server, reason=reason)
        self._trouble = kind


OUTCOMES = frozenset({"charged", "used", "needs_choice", "unresolved", "refused"})
