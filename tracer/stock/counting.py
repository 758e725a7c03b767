"""Counting: what is found on a shelf, set against the book, and the book put right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.once import Answer, once
from tracer.access.rules import Action, Actor
from tracer.catalog.items import find_items
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.stock.business_days import moment
from tracer.stock.documents import MOST_PIECES
from tracer.stock.errors import UnknownItem
from tracer.stock.moving import move
from tracer.stock.places import VIRTUAL_ID, get_place
from tracer.stock.rules import MovementKind, Virtual
from tracer.stock.tables import Balance, Count

_counts: Any = Count.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """Zero is a count: "looked, found none"."""

    material: str
    counted: int
    lot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountStock:
    key: str
    location: str
    document: str
    lines: tuple[CountLine, ...]
    blind: bool = True
    occurred_at: datetime | None = None


def count_stock(session: Session, actor: Actor, command: CountStock, clock: Clock) -> Answer:
    """Record what was found, and post each difference from the book as a COUNT movement.

    Raises Invalid for a count below zero, or a lot given twice, Forbidden, UnknownLocation,
    UnknownItem, TooLate, KeyReused, KeyInFlight. Then nothing was written.
    """
    place = get_place(session, actor, Action.COUNT, command.location)
    claim = once(session, actor, key=command.key, operation="count", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    occurred_at, day = moment(clock, command.occurred_at, session)
    if not command.lines:
        raise Invalid(field="lines", reason="至少一行 / at least one line")
    items = find_items(session, (line.material for line in command.lines), day)
    found = []
    for line in command.lines:
        if not 0 <= line.counted <= MOST_PIECES:
            raise Invalid(field="counted", reason=f"{line.counted}: 0–{MOST_PIECES}")
        if line.material not in items:
            raise UnknownItem(material=line.material, on=day.isoformat())
    piles = {(line.material, items[line.material].lot_of(line.lot)) for line in command.lines}
    if len(piles) < len(command.lines):
        raise Invalid(field="lines", reason="同一物资批号出现两次 / one item and lot stands twice")
    for line in sorted(command.lines, key=lambda one: (items[one.material].id, one.lot)):
        item = items[line.material]
        lot = item.lot_of(line.lot)
        # Locked, so that a scan at this very moment is either in the book figure or after the count.
        book = (
            session.execute(
                select(Balance.quantity)
                .where(Balance.location_id == place.id, Balance.item_id == item.id, Balance.lot == lot)
                .with_for_update()
            ).scalar_one_or_none()
            or 0
        )
        movement = None
        if line.counted != book:
            there, gone = place.id, VIRTUAL_ID[Virtual.COUNT]
            movement = move(
                session,
                origin_id=gone if line.counted > book else there,
                target_id=there if line.counted > book else gone,
                item_id=item.id,
                lot=lot,
                quantity=abs(line.counted - book),
                kind=MovementKind.COUNT,
                occurred_at=occurred_at,
                recorded_at=clock.now(),
                business_date=day,
                person_id=actor.id,
                document=command.document,
            )
        session.execute(
            insert(_counts),
            {
                "location_id": place.id,
                "item_id": item.id,
                "lot": lot,
                "counted": line.counted,
                "book": book,
                "movement_id": movement,
                "blind": command.blind,
                "business_date": day,
                "occurred_at": occurred_at,
                "recorded_at": clock.now(),
                "document": command.document,
                "counted_by": actor.id,
                "accepted_by": actor.id,
            },
        )
        found.append({"material": line.material, "lot": line.lot, "counted": line.counted, "book": book})
    answer = {"document": command.document, "business_date": day.isoformat(), "lines": found}
    audit.record(
        session, actor, clock, action="count", subject="document", subject_id=command.document, after=answer
    )
    return claim.keep(answer, clock)
