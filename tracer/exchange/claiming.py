"""Who sends what: deliveries are taken for a while, and given back with what became of them.

A delivery is taken by writing until when, in a transaction of its own that ends before anything is sent; a
deliverer that dies holds nothing longer than that. What is locked at this moment is passed over, so any
number of deliverers may take at once. Only the first unsettled event of an item can be taken: that keeps an
item's events in order, whoever sends them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.exchange.posting import Outcome
from tracer.exchange.rules import OUTAGE, DeliveryState, EndpointKind

# Longer than one try may take (see `posting`), with room for a slow commit.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ear:
    """An endpoint as its deliverer needs it. Never shown: it holds the secret."""

    id: int
    kind: EndpointKind
    url: str | None
    secret: str | None
    ca_file: str | None
    folder: str | None
    failures: int = field(compare=False)

    def __repr__(self) -> str:
        return f"Ear({self.id})"


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery that is ours until `leased_until`, and the event it carries."""

    id: int
    leased_until: datetime
    tries: int
    event_id: int
    uid: UUID
    occurred_at: datetime
    topic: str
    item_id: int | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a delivery: the state it has now, and when it is tried again if it waits.

    `outcome` of None: it was given back untried.
    """

    taken: Taken
    state: DeliveryState
    wait: float = 0.0
    outcome: Outcome | None = None


def list_due(session: Session) -> list[Ear]:
    """The endpoints that something is due for."""
    return [_ear(row) for row in session.execute(_DUE)]


def find_ear(session: Session, endpoint_id: int) -> Ear | None:
    """The endpoint as it is now."""
    row = session.execute(_FIND, {"endpoint": endpoint_id}).one_or_none()
    return None if row is None else _ear(row)


def take(session: Session, endpoint_id: int, most: int, lease: timedelta = LEASE) -> list[Taken]:
    """Take up to so many deliveries of an endpoint, none two of them of one item."""
    _relax(session)
    rows = session.execute(_TAKE, {"endpoint": endpoint_id, "most": most, "lease": lease})
    return sorted((Taken(**row._mapping) for row in rows), key=lambda one: one.event_id)


def settle(session: Session, settled: Sequence[Settled]) -> None:
    """Write what became of deliveries. One that was not ours any more keeps the state that others gave it."""
    _relax(session)
    session.execute(
        _SETTLE,
        {
            "ids": [one.taken.id for one in settled],
            "leases": [one.taken.leased_until for one in settled],
            "states": [one.state.value for one in settled],
            "waits": [one.wait for one in settled],
            "tried": [int(one.outcome is not None) for one in settled],
        },
    )
    record_tries(session, [(one.taken.id, one.outcome) for one in settled if one.outcome is not None])


def record_tries(session: Session, tries: Sequence[tuple[int, Outcome]]) -> None:
    """Write how tries of deliveries, given by id, ended."""
    if tries:
        session.execute(
            _TRIED,
            {
                "ids": [delivery for delivery, _ in tries],
                "at": [outcome.at for _, outcome in tries],
                "took": [outcome.milliseconds for _, outcome in tries],
                "verdicts": [outcome.verdict.value for _, outcome in tries],
                "statuses": [outcome.status for _, outcome in tries],
                "answers": [outcome.answer for _, outcome in tries],
            },
        )


def note_success(session: Session, endpoint_id: int, failures: int, rest: float = 0.0) -> None:
    """The endpoint answers, and is left alone for `rest` seconds. After an outage nobody waits any longer."""
    session.execute(_SUCCESS, {"endpoint": endpoint_id, "rest": rest})
    if failures >= OUTAGE:
        session.execute(_WAKE, {"endpoint": endpoint_id})


def note_trouble(session: Session, endpoint_id: int, pause: float, said: str) -> None:
    """The endpoint does not answer as it should, and is left alone for `pause` seconds."""
    session.execute(_TROUBLE, {"endpoint": endpoint_id, "pause": pause, "said": said})


def _ear(row: Any) -> Ear:
    return Ear(row.id, EndpointKind(row.kind), row.url, row.secret, row.ca_file, row.folder, row.failures)


def _relax(session: Session) -> None:
    """Do not wait for the disk: should the server lose this, something is sent twice, which it may be."""
    session.execute(text("SET LOCAL synchronous_commit = off"))


_EAR = "SELECT p.id, p.kind, p.url, p.secret, p.ca_file, p.folder, p.failures FROM endpoint p"
_FIND = text(f"{_EAR} WHERE p.id = :endpoint")
_DUE = text(f"""
    {_EAR}
     WHERE p.state = 'active' AND p.due_at <= now()
       AND EXISTS (SELECT FROM delivery d
                    WHERE d.endpoint_id = p.id AND d.state = 'waiting' AND d.due_at <= now()
                      AND (d.leased_until IS NULL OR d.leased_until < now()))
     ORDER BY p.id
""")

# The first unsettled event of an item is found by a subquery, which is always carried out through the index:
# of a NOT EXISTS the planner made a hash over everything that waits, each time for 64 rows.
_TAKE = text("""
    WITH ready AS (
        SELECT d.id
          FROM delivery d
         WHERE d.endpoint_id = :endpoint AND d.state = 'waiting' AND d.due_at <= now()
           AND (d.leased_until IS NULL OR d.leased_until < now())
           AND (d.item_id IS NULL OR d.event_id = (
                   SELECT b.event_id FROM delivery b
                    WHERE b.endpoint_id = d.endpoint_id AND b.item_id = d.item_id
                      AND b.state IN ('waiting', 'dead')
                    ORDER BY b.event_id LIMIT 1))
         ORDER BY d.due_at, d.event_id
         LIMIT :most
           FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE delivery d SET leased_until = clock_timestamp() + :lease
      FROM ready, event e, endpoint p
     WHERE d.id = ready.id AND e.id = d.event_id AND p.id = d.endpoint_id AND p.state = 'active'
    RETURNING d.id, d.leased_until, d.tries, e.id AS event_id, e.uid, e.occurred_at, e.topic, e.item_id,
              e.payload
""")

_SETTLE = text("""
    UPDATE delivery d
       SET state = told.state, tries = d.tries + told.tried, leased_until = NULL,
           due_at = CASE WHEN told.wait > 0 THEN now() + told.wait * interval '1 second' ELSE d.due_at END,
           settled_at = CASE WHEN told.state = 'waiting' THEN NULL ELSE now() END
      FROM unnest(CAST(:ids AS bigint[]), CAST(:leases AS timestamptz[]), CAST(:states AS text[]),
                  CAST(:waits AS double precision[]), CAST(:tried AS int[]))
           AS told (id, lease, state, wait, tried)
     WHERE d.id = told.id AND d.leased_until = told.lease AND d.state = 'waiting'
""")

_TRIED = text("""
    INSERT INTO delivery_try (delivery_id, at, milliseconds, verdict, status, answer)
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:at AS timestamptz[]), CAST(:took AS bigint[]),
                         CAST(:verdicts AS text[]), CAST(:statuses AS bigint[]), CAST(:answers AS text[]))
""")

_SUCCESS = text("""
    UPDATE endpoint SET failures = 0, last_success_at = now(), due_at = now() + :rest * interval '1 second'
     WHERE id = :endpoint
""")

_WAKE = text("""
    UPDATE delivery SET due_at = now() WHERE endpoint_id = :endpoint AND state = 'waiting' AND due_at > now()
""")

_TROUBLE = text("""
    UPDATE endpoint
       SET failures = failures + 1, last_failure_at = now(), last_failure = :said,
           due_at = greatest(due_at, now() + :pause * interval '1 second')
     WHERE id = :endpoint
""")
