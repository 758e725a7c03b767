"""What is told, to whom, and how far: reads for the pages and the API. No secret is among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from tracer.exchange.rules import DeliveryState

PAGE = 50
LATEST_TRIES = 20  # of each delivery, on the page of an event


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An endpoint and how it stands. `oldest`: when the oldest that waits or is dead happened.

    `resting`: after a failure it is left alone until `due_at`.
    """

    id: int
    name: str
    kind: str
    url: str | None
    folder: str | None
    ca_file: str | None
    source: str | None
    topics: tuple[str, ...]
    state: str
    created_at: datetime
    due_at: datetime
    resting: bool
    failures: int
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str | None
    waiting: int
    dead: int
    oldest: datetime | None

    @property
    def target(self) -> str:
        return self.url or self.folder or ""


@dataclass(frozen=True, slots=True)
class TryView:
    at: datetime
    milliseconds: int
    verdict: str
    status: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """An event at one endpoint. `behind`: the earlier event of its item that it waits for."""

    endpoint_id: int
    endpoint: str
    state: str
    tries: int
    due_at: datetime
    settled_at: datetime | None
    is_over: bool
    behind: int | None
    log: tuple[TryView, ...] = ()


@dataclass(frozen=True, slots=True)
class EventView:
    id: int
    uid: str
    occurred_at: datetime
    topic: str
    item_id: int | None
    item: str | None
    material: str | None
    person: str | None
    payload: dict[str, Any]
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """The newest first; `next` is the id to ask for what is before."""

    rows: tuple[EventView, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events: of the item with this code, of this topic or below, at this endpoint, in this state."""

    item: str | None = None
    topic: str | None = None
    endpoint: int | None = None
    state: DeliveryState | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that a system received, and when."""

    event_id: int
    endpoint_id: int
    item_id: int | None
    topic: str
    occurred_at: datetime
    received_at: datetime
    payload: dict[str, Any]


def list_endpoints(connection: Connection) -> list[EndpointView]:
    """All of them, the ended ones last."""
    return [_endpoint(row) for row in connection.execute(_ENDPOINTS, {"id": None})]


def find_endpoint(connection: Connection, endpoint_id: int) -> EndpointView | None:
    row = connection.execute(_ENDPOINTS, {"id": endpoint_id}).one_or_none()
    return None if row is None else _endpoint(row)


def list_events(connection: Connection, wanted: Filter) -> EventPage:
    """A page of events with what became of them."""
    rows = connection.execute(
        _EVENTS,
        {
            "item": wanted.item,
            "topic": wanted.topic,
            "endpoint": wanted.endpoint,
            "state": None if wanted.state is None else wanted.state.value,
            "before": wanted.before,
            "most": PAGE + 1,
        },
    ).all()
    shown = rows[:PAGE]
    deliveries = _deliveries(connection, [row.id for row in shown])
    return EventPage(
        tuple(_event(row, deliveries.get(row.id, ())) for row in shown),
        shown[-1].id if len(rows) > PAGE else None,
    )


def find_event(connection: Connection, event_id: int) -> EventView | None:
    """One event with every try to tell it."""
    row = connection.execute(_EVENT, {"id": event_id}).one_or_none()
    if row is None:
        return None
    return _event(row, _deliveries(connection, [event_id], tries=LATEST_TRIES).get(event_id, ()))


def list_topics(connection: Connection) -> list[str]:
    """The topics that were ever told."""
    return list(connection.execute(_TOPICS).scalars())


def list_heard(connection: Connection, source: str) -> list[Heard]:
    """What the system, whose exports are taken in under this name, has received; oldest first.

    With this and such an export, `reconcile.drift.watch` says what it did with it.
    """
    return [Heard(**row._mapping) for row in connection.execute(_HEARD, {"source": source})]


def _endpoint(row: Any) -> EndpointView:
    return EndpointView(**{**row._mapping, "topics": tuple(row.topics)})


def _event(row: Any, deliveries: Iterable[DeliveryView]) -> EventView:
    return EventView(**{**row._mapping, "uid": str(row.uid), "deliveries": tuple(deliveries)})


def _deliveries(
    connection: Connection, events: list[int], tries: int = 0
) -> dict[int, tuple[DeliveryView, ...]]:
    if not events:
        return {}
    found: dict[int, list[DeliveryView]] = {}
    rows = connection.execute(_DELIVERIES, {"events": events}).all()
    logs: dict[int, list[TryView]] = {}
    if tries and rows:
        asked = {"deliveries": [row.id for row in rows], "most": tries}
        for one in connection.execute(_TRIES, asked):
            logs.setdefault(one.delivery_id, []).append(
                TryView(one.at, one.milliseconds, one.verdict, one.status, one.answer)
            )
    for row in rows:
        found.setdefault(row.event_id, []).append(
            DeliveryView(
                row.endpoint_id,
                row.endpoint,
                row.state,
                row.tries,
                row.due_at,
                row.settled_at,
                row.is_over,
                row.behind,
                tuple(logs.get(row.id, ())),
            )
        )
    return {event: tuple(each) for event, each in found.items()}


_ENDPOINTS = text("""
    SELECT p.id, p.name, p.kind, p.url, p.folder, p.ca_file, p.source, p.topics, p.state, p.created_at,
           p.due_at, p.failures > 0 AND p.due_at > now() AS resting, p.failures,
           p.last_success_at, p.last_failure_at, p.last_failure,
           w.waiting, w.dead, (SELECT e.occurred_at FROM event e WHERE e.id = w.oldest) AS oldest
      FROM endpoint p,
           LATERAL (SELECT count(*) FILTER (WHERE d.state = 'waiting') AS waiting,
                           count(*) FILTER (WHERE d.state = 'dead') AS dead, min(d.event_id) AS oldest
                      FROM delivery d
                     WHERE d.endpoint_id = p.id AND d.state IN ('waiting', 'dead')) w
     WHERE p.id = coalesce(CAST(:id AS bigint), p.id)
     ORDER BY p.state = 'ended', p.name
""")

_COLUMNS = """
    SELECT e.id, e.uid, e.occurred_at, e.topic, e.item_id, i.name AS item, e.payload, who.name AS person,
           (SELECT b.code FROM code_binding b
             WHERE b.item_id = e.item_id AND b.system = 'material' AND b.status IN ('approved', 'retired')
             ORDER BY b.valid_to IS NULL DESC, b.valid_from DESC LIMIT 1) AS material
      FROM event e LEFT JOIN item i ON i.id = e.item_id LEFT JOIN person who ON who.id = e.person_id
"""
_EVENT = text(f"{_COLUMNS} WHERE e.id = :id")
_EVENTS = text(f"""
    {_COLUMNS}
     WHERE (CAST(:before AS bigint) IS NULL OR e.id < :before)
       AND (CAST(:item AS text) IS NULL
            OR e.item_id IN (SELECT b.item_id FROM code_binding b WHERE b.code = :item))
       AND (CAST(:topic AS text) IS NULL OR e.topic = :topic OR starts_with(e.topic, :topic || '.'))
       AND (CAST(:endpoint AS bigint) IS NULL AND CAST(:state AS text) IS NULL
            OR e.id IN (SELECT d.event_id FROM delivery d
                         WHERE d.endpoint_id = coalesce(CAST(:endpoint AS bigint), d.endpoint_id)
                           AND d.state = coalesce(CAST(:state AS text), d.state)))
     ORDER BY e.id DESC LIMIT :most
""")
_DELIVERIES = text("""
    SELECT d.id, d.event_id, d.endpoint_id, p.name AS endpoint, d.state, d.tries, d.due_at, d.settled_at,
           p.state = 'ended' AS is_over,
           CASE WHEN d.state = 'waiting' THEN (
               SELECT b.event_id FROM delivery b
                WHERE b.endpoint_id = d.endpoint_id AND b.item_id = d.item_id AND b.event_id < d.event_id
                  AND b.state IN ('waiting', 'dead')
                ORDER BY b.event_id LIMIT 1) END AS behind
      FROM delivery d JOIN endpoint p ON p.id = d.endpoint_id
     WHERE d.event_id = ANY(:events)
     ORDER BY p.name
""")
_TRIES = text("""
    SELECT * FROM unnest(CAST(:deliveries AS bigint[])) AS wanted (delivery_id),
           LATERAL (SELECT t.at, t.milliseconds, t.verdict, t.status, t.answer
                      FROM delivery_try t
                     WHERE t.delivery_id = wanted.delivery_id ORDER BY t.id DESC LIMIT :most) AS last
     ORDER BY delivery_id, last.at DESC
""")
# By leaps from one topic to the next; a DISTINCT would read every event.
_TOPICS = text("""
    WITH RECURSIVE leap (topic) AS (
        (SELECT topic FROM event ORDER BY topic LIMIT 1)
        UNION ALL
        SELECT (SELECT e.topic FROM event e WHERE e.topic > leap.topic ORDER BY e.topic LIMIT 1)
          FROM leap WHERE leap.topic IS NOT NULL
    )
    SELECT topic FROM leap WHERE topic IS NOT NULL
""")
_HEARD = text("""
    SELECT e.id AS event_id, p.id AS endpoint_id, e.item_id, e.topic, e.occurred_at,
           d.settled_at AS received_at, e.payload
      FROM endpoint p JOIN delivery d ON d.endpoint_id = p.id JOIN event e ON e.id = d.event_id
     WHERE p.source = :source AND d.state = 'delivered'
     ORDER BY e.id
""")
