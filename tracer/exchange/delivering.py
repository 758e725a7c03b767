"""Sending what waits: at least once, an item's events in order, whatever happens to whoever sends it.

A deliverer takes a few deliveries, sends them, and writes what became of them. Killed between sending and
writing, it leaves them taken until their lease ends; then they are sent again, with the same message id, by
which a receiver knows them. Nothing later of their items is sent before.

Endpoints do not wait for each other: each has a thread that takes and writes, and a few that send.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tracer.db.transaction import in_transaction
from tracer.exchange.claiming import (
    LEASE,
    Ear,
    Settled,
    Taken,
    find_ear,
    list_due,
    note_success,
    note_trouble,
    settle,
    take,
)
from tracer.exchange.posting import WHOLE_SECONDS, Outcome, Poster
from tracer.exchange.rules import DeliveryState, EndpointKind, Verdict, pause_after, wait_before
from tracer.exchange.signing import key_of

AT_ONCE = 8  # messages under way to one endpoint
BATCH = 64  # taken at once; as many at most are sent twice after a kill
SLACK_SECONDS = 5.0

_chance = Random()


class Deliverer:
    """One process's deliverer. Any number may run on one database, on any number of machines."""

    def __init__(
        self,
        engine: Engine,
        *,
        tries: int,
        folder: Path,
        file_seconds: float,
        lease: timedelta = LEASE,
        whole_seconds: float = WHOLE_SECONDS,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`tries`: an event that failed so often is a dead letter. `folder`: where drop files' folders are;
        an endpoint gets a file every `file_seconds` at most."""
        self._engine, self._tries, self._folder, self._file_seconds = engine, tries, folder, file_seconds
        self._lease, self._whole_seconds, self._say = lease, whole_seconds, say
        self._stopped = threading.Event()
        self._couriers: dict[int, threading.Thread] = {}

    def run(self, interval: float) -> None:
        """Look for something to send every `interval` seconds, until stopped; wait for an absent database."""
        complaint = ""
        while not self._stopped.is_set():
            try:
                self._send_couriers()
                complaint = ""
            except SQLAlchemyError as error:
                if type(error).__name__ != complaint:
                    complaint = type(error).__name__
                    self._say("the database does not answer; delivering goes on when it does")
            self._stopped.wait(interval)
        for courier in list(self._couriers.values()):
            courier.join()

    def stop(self) -> None:
        """Take nothing more; what is under way is finished."""
        self._stopped.set()

    def drain(self) -> int:
        """Send what is due now, endpoint by endpoint; returns how many were settled."""
        return sum(self.serve(ear) for ear in in_transaction(self._engine, list_due))

    def serve(self, ear: Ear) -> int:
        """Send what is due to one endpoint, until nothing is or it is in trouble; returns how many."""
        if ear.kind is EndpointKind.WEBHOOK:
            return self._post_all(ear)
        from tracer.exchange.drop_files import drop_file  # brings XlsxWriter, which few need

        return drop_file(self._engine, ear, self._folder, self._file_seconds, self._lease, _chance)

    def _send_couriers(self) -> None:
        for ear in in_transaction(self._engine, list_due):
            courier = self._couriers.get(ear.id)
            if courier is None or not courier.is_alive():
                courier = threading.Thread(target=self._carry, args=(ear,), name=f"endpoint {ear.id}")
                self._couriers[ear.id] = courier
                courier.start()

    def _carry(self, ear: Ear) -> None:
        # A database that is away is said by `run`, which meets the same; what was taken comes free when its
        # lease ends.
        with suppress(SQLAlchemyError):
            try:
                self.serve(ear)
            except SQLAlchemyError:
                raise
            except Exception as error:
                # A mistake of ours stops one endpoint, and is seen on its page.
                said = f"{type(error).__name__}: {error}"
                self._say(f"endpoint {ear.id}: {said}")
                pause = pause_after(ear.failures + 1, None, _chance)
                in_transaction(self._engine, lambda session: note_trouble(session, ear.id, pause, said))

    def _post_all(self, ear: Ear) -> int:
        assert ear.url is not None and ear.secret is not None
        poster = Poster(ear.url, key_of(ear.secret), ear.ca_file, AT_ONCE, self._whole_seconds)
        count, failures = 0, ear.failures
        try:
            with ThreadPoolExecutor(AT_ONCE) as threads:
                while not self._stopped.is_set():
                    # One knock at the door of an endpoint that did not answer, until it does again.
                    most = 1 if failures else BATCH
                    began = time.monotonic()
                    taken = in_transaction(self._engine, partial(self._take, ear, most))
                    if not taken:
                        break
                    results = self._post_batch(poster, threads, taken, began)
                    troubled = self._write(ear, results, failures)
                    count += sum(one.outcome is not None for one in results)
                    if troubled:
                        break
                    failures = 0
        finally:
            poster.close()
        return count

    def _take(self, ear: Ear, most: int, session: Session) -> list[Taken]:
        """Nothing, if the endpoint was changed: it is begun again with its new address or secret."""
        return take(session, ear.id, most, self._lease) if find_ear(session, ear.id) == ear else []

    def _post_batch(
        self, poster: Poster, threads: ThreadPoolExecutor, taken: Sequence[Taken], began: float
    ) -> list[Settled]:
        """Send a batch; no more of it once the endpoint is in trouble, or a try could outlast the lease."""
        last_start = began + self._lease.total_seconds() - self._whole_seconds - SLACK_SECONDS
        troubled = threading.Event()

        def send(one: Taken) -> Settled:
            if troubled.is_set() or self._stopped.is_set() or time.monotonic() > last_start:
                return Settled(one, DeliveryState.WAITING)
            outcome = poster.post(str(one.uid), body_of(one))
            if outcome.verdict is Verdict.TROUBLE:
                troubled.set()
            return self._judged(one, outcome)

        return list(threads.map(send, taken))

    def _judged(self, taken: Taken, outcome: Outcome) -> Settled:
        if outcome.verdict is Verdict.DELIVERED:
            return Settled(taken, DeliveryState.DELIVERED, outcome=outcome)
        tries = taken.tries + 1
        if outcome.verdict is Verdict.REFUSED or tries >= self._tries:
            return Settled(taken, DeliveryState.DEAD, outcome=outcome)
        wait = wait_before(tries, outcome.retry_after, _chance)
        return Settled(taken, DeliveryState.WAITING, wait, outcome)

    def _write(self, ear: Ear, results: Sequence[Settled], failures: int) -> bool:
        """Write what became of a batch; says whether the endpoint is in trouble."""
        outcomes = [one.outcome for one in results if one.outcome is not None]
        troubles = [one for one in outcomes if one.verdict is Verdict.TROUBLE]

        def write(session: Session) -> None:
            # The endpoint first, as whoever changes it does: then the two wait, and do not block each other.
            if troubles:
                asked = max((one.retry_after or 0.0 for one in troubles), default=0.0)
                said = f"{troubles[0].status or ''} {troubles[0].answer}".strip()
                note_trouble(session, ear.id, pause_after(failures + 1, asked, _chance), said)
            elif outcomes:
                note_success(session, ear.id, failures)
            settle(session, results)

        in_transaction(self._engine, write)
        return bool(troubles)


def body_of(taken: Taken) -> bytes:
    """The message: type, timestamp and data as Standard Webhooks has them, and where it stands in order."""
    message = {
        "id": str(taken.uid),
        "type": taken.topic,
        "timestamp": taken.occurred_at.isoformat(),
        "sequence": taken.event_id,
        "item": taken.item_id,
        "data": taken.payload,
    }
    return json.dumps(message, ensure_ascii=False).encode()
