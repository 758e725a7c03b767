"""Pieces get their names: at receipt, each of a serialised item becomes a unit with a label of its own.

A piece may be known before its delivery is booked, because a nurse scanned the maker's serial: paper is
slower than patients. The receipt then completes what is known of it, and says where it was used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from scanners.inhouse import InHouse, make
from tracer.catalog.items import ItemRef
from tracer.stock.errors import UnitTwice
from tracer.stock.rules import Ownership
from tracer.stock.tables import Movement, Unit

_units: Any = Unit.__table__


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit at its receipt; `used_at_id` is the shelf whose book it was used from before that, `lot` as
    the book there has it."""

    id: int
    lot: str
    label: str | None = None
    used_at_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What the receipt says of every piece of a line."""

    lot: str
    expiry: Any
    ownership: Ownership
    supplier_id: int
    held_at_id: int | None
    unit_cost: Any


def make_units(
    session: Session,
    item: ItemRef,
    *,
    quantity: int,
    serials: tuple[str, ...],
    delivered: Delivered,
    labels: InHouse,
    now: datetime,
) -> list[NewUnit]:
    """One unit per piece, in the order of `serials` if there are any. Raises UnitTwice."""
    known = _known(session, item, serials)
    numbers = session.execute(
        text("SELECT nextval('unit_label_number') FROM generate_series(1, :n)"), {"n": quantity}
    ).scalars()
    made = []
    for position, number in enumerate(numbers):
        serial = serials[position] if serials else None
        label = make(number, labels)
        fields = {
            "label": label,
            "lot": delivered.lot,
            "expiry": delivered.expiry,
            "ownership": str(delivered.ownership),
            "supplier_id": delivered.supplier_id,
            "held_at_id": delivered.held_at_id,
            "unit_cost": delivered.unit_cost,
        }
        if serial in known:
            made.append(_complete(session, known[serial], fields))
            continue
        unit_id = session.execute(
            insert(_units)
            .values(item_id=item.id, serial=serial, created_at=now, **fields)
            .on_conflict_do_nothing()
            .returning(_units.c.id)
        ).scalar_one_or_none()
        if unit_id is None:  # somebody scanned or received it at this instant
            raise UnitTwice(unit=serial or label)
        made.append(NewUnit(unit_id, delivered.lot, label))
    return made


def _known(session: Session, item: ItemRef, serials: tuple[str, ...]) -> dict[str | None, Any]:
    """The units that only the bedside knows, by serial. Raises UnitTwice for one that was received."""
    if not serials:
        return {}
    rows = session.execute(
        select(Unit.id, Unit.serial, Unit.lot, Unit.supplier_id, Movement.origin_id)
        .join(Movement, (Movement.unit_id == Unit.id) & (Movement.unit_step == 1), isouter=True)
        .where(Unit.item_id == item.id, Unit.serial.in_(serials))
        .with_for_update(of=Unit)
    ).all()
    for row in rows:
        if row.supplier_id is not None:
            raise UnitTwice(unit=row.serial)
    return {row.serial: row for row in rows}


def _complete(session: Session, row: Any, fields: dict[str, Any]) -> NewUnit:
    if row.origin_id is not None:
        # Its movements stand under the lot that was scanned, and it is on no shelf to be labelled.
        fields = {name: value for name, value in fields.items() if name in ("supplier_id", "unit_cost")}
    session.execute(update(Unit).where(Unit.id == row.id).values(fields))
    return NewUnit(row.id, fields.get("lot", row.lot), fields.get("label"), row.origin_id)
