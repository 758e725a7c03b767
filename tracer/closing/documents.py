"""From a figure to its documents: the movements, charges and counts behind one row of the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import Date

from tracer.access.rules import Action, Actor
from tracer.stock.places import Place, get_place


@dataclass(frozen=True, slots=True)
class MovementView:
    """`quantity` has the sign it has for the place: what left is negative."""

    id: int
    kind: str
    quantity: int
    lot: str
    unit: str | None
    other_place: str
    occurred_at: datetime
    recorded_at: datetime
    document: str
    encounter: str | None
    person: str
    reverses: int | None


@dataclass(frozen=True, slots=True)
class ChargeView:
    id: int
    quantity: int
    unit_price: Decimal
    amount: Decimal
    billing: str | None
    insurance: str | None
    encounter: str
    source: str
    occurred_at: datetime
    recorded_at: datetime
    document: str
    person: str
    use: int | None
    reverses: int | None


@dataclass(frozen=True, slots=True)
class CountView:
    id: int
    lot: str
    counted: int
    book: int
    occurred_at: datetime
    document: str
    person: str


@dataclass(frozen=True, slots=True)
class Documents:
    """Everything posted for one item at one place on one business date, in the order it happened."""

    place: Place
    movements: tuple[MovementView, ...]
    charges: tuple[ChargeView, ...]
    counts: tuple[CountView, ...]


_ITEM = """
    (SELECT b.item_id FROM code_binding b WHERE b.system = 'material' AND b.code = :material
        AND b.status IN ('approved', 'retired') AND b.valid_from <= :day
        AND (b.valid_to IS NULL OR b.valid_to > :day))
"""
_MOVEMENTS = text(f"""
    SELECT m.id, m.kind, CASE WHEN m.target_id = :place THEN m.quantity ELSE -m.quantity END AS quantity,
           m.lot, coalesce(u.label, u.serial) AS unit, o.code AS other_place, m.occurred_at, m.recorded_at,
           m.document, e.ref AS encounter, p.name AS person, m.reverses_id AS reverses
      FROM movement m
      JOIN location o ON o.id = CASE WHEN m.target_id = :place THEN m.origin_id ELSE m.target_id END
      JOIN person p ON p.id = m.person_id
      LEFT JOIN unit u ON u.id = m.unit_id LEFT JOIN encounter e ON e.id = m.encounter_id
     WHERE m.business_date = :day AND m.item_id = {_ITEM} AND :place IN (m.origin_id, m.target_id)
     ORDER BY m.occurred_at, m.id
""").bindparams(bindparam("day", type_=Date))
_CHARGES = text(f"""
    SELECT c.id, c.quantity, c.unit_price, c.amount, c.billing, c.insurance, e.ref AS encounter, c.source,
           c.occurred_at, c.recorded_at, c.document, p.name AS person,
           coalesce(c.movement_id, o.movement_id) AS use, c.reverses_id AS reverses
      FROM charge c JOIN encounter e ON e.id = c.encounter_id JOIN person p ON p.id = c.person_id
      LEFT JOIN charge o ON o.id = c.reverses_id
     WHERE c.business_date = :day AND c.item_id = {_ITEM} AND c.location_id = :place
     ORDER BY c.occurred_at, c.id
""").bindparams(bindparam("day", type_=Date))
_COUNTS = text(f"""
    SELECT k.id, k.lot, k.counted, k.book, k.occurred_at, k.document, p.name AS person
      FROM stock_count k JOIN person p ON p.id = k.counted_by
     WHERE k.business_date = :day AND k.item_id = {_ITEM} AND k.location_id = :place
     ORDER BY k.occurred_at, k.id
""").bindparams(bindparam("day", type_=Date))


def documents_of(session: Session, actor: Actor, day: date, location: str, material: str) -> Documents:
    """What was posted for an item at a place on a day; empty for a code nobody owned then.

    Raises Forbidden, UnknownLocation (also out of scope), NoStockHere.
    """
    place = get_place(session, actor, Action.VIEW_VARIANCE, location)
    wanted: dict[str, Any] = {"day": day, "place": place.id, "material": material}
    return Documents(
        place,
        tuple(MovementView(**row._mapping) for row in session.execute(_MOVEMENTS, wanted)),
        tuple(ChargeView(**row._mapping) for row in session.execute(_CHARGES, wanted)),
        tuple(CountView(**row._mapping) for row in session.execute(_COUNTS, wanted)),
    )
