"""Posting to the ledger: the one place where a movement is written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tracer.stock.rules import MovementKind
from tracer.stock.tables import Movement

_movements: Any = Movement.__table__
# A conflict means that another movement took the unit's next step, or reversed the same use, first.
_POST = insert(_movements).on_conflict_do_nothing().returning(_movements.c.id)


def move(
    session: Session,
    *,
    origin_id: int,
    target_id: int,
    item_id: int,
    lot: str,
    quantity: int,
    kind: MovementKind,
    occurred_at: datetime,
    recorded_at: datetime,
    business_date: date,
    person_id: int,
    unit_id: int | None = None,
    unit_step: int | None = None,
    document: str = "",
    unit_cost: Decimal | None = None,
    encounter_id: int | None = None,
    reverses_id: int | None = None,
) -> int | None:
    """Write one movement; the database keeps the balances with it.

    Returns the movement's id, or None if another transaction moved the unit (or reversed the same
    use) first: then nothing was written, and the caller finds out what happened and says so.
    """
    return session.execute(
        _POST,
        {
            "origin_id": origin_id,
            "target_id": target_id,
            "item_id": item_id,
            "lot": lot,
            "unit_id": unit_id,
            "unit_step": unit_step,
            "quantity": quantity,
            "kind": str(kind),
            "occurred_at": occurred_at,
            "recorded_at": recorded_at,
            "business_date": business_date,
            "document": document,
            "unit_cost": unit_cost,
            "encounter_id": encounter_id,
            "reverses_id": reverses_id,
            "person_id": person_id,
        },
    ).scalar_one_or_none()


def whereabouts(session: Session, unit_id: int) -> tuple[int, int | None]:
    """(number of the unit's last step, the location id it is at); (0, None) if it never moved."""
    row = session.execute(
        select(Movement.unit_step, Movement.target_id)
        .where(Movement.unit_id == unit_id)
        .order_by(Movement.unit_step.desc())
        .limit(1)
    ).one_or_none()
    return (row.unit_step, row.target_id) if row else (0, None)
