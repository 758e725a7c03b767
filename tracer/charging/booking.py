"""Writing a use and its charge: the statements that scanning, HIS feeds and documents share."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from tracer.charging.rules import ChargeSource, ExceptionKind
from tracer.charging.tables import Charge, LedgerException
from tracer.shared.money import amount_of

_charges: Any = Charge.__table__
_exceptions: Any = LedgerException.__table__
_ADD_CHARGE = insert(_charges).returning(_charges.c.id)
_ADD_USED = text("UPDATE order_line SET used = used + :pieces WHERE id = :id")


def write_charge(
    session: Session,
    *,
    encounter_id: int,
    item_id: int,
    location_id: int,
    lot: str,
    unit_id: int | None,
    quantity: int,
    unit_price: Decimal,
    codes: dict[str, str | None],
    source: ChargeSource,
    occurred_at: datetime,
    recorded_at: datetime,
    business_date: date,
    person_id: int,
    scan_id: int | None = None,
    movement_id: int | None = None,
    order_line_id: int | None = None,
    reverses_id: int | None = None,
    document: str = "",
) -> tuple[int, Decimal]:
    """One charge (or, with a negative quantity, one refund), its codes and price frozen: (id, amount)."""
    amount = amount_of(quantity, unit_price)
    charge_id = session.execute(
        _ADD_CHARGE,
        {
            "encounter_id": encounter_id,
            "item_id": item_id,
            "location_id": location_id,
            "lot": lot,
            "unit_id": unit_id,
            "quantity": quantity,
            "unit_price": unit_price,
            "amount": amount,
            "material": codes["material"],
            "billing": codes["billing"],
            "order_code": codes["order"],
            "insurance": codes["insurance"],
            "udi": codes["udi"],
            "source": str(source),
            "scan_id": scan_id,
            "movement_id": movement_id,
            "order_line_id": order_line_id,
            "reverses_id": reverses_id,
            "occurred_at": occurred_at,
            "recorded_at": recorded_at,
            "business_date": business_date,
            "document": document,
            "person_id": person_id,
        },
    ).scalar_one()
    return charge_id, amount


def open_exception(
    session: Session,
    kind: ExceptionKind,
    *,
    quantity: int,
    opened_at: datetime,
    movement_id: int | None = None,
    charge_id: int | None = None,
    note: str = "",
) -> None:
    """Keep a use without charge, or a charge without use, in sight (domain.md, invariant 7)."""
    session.execute(
        insert(_exceptions),
        {
            "kind": str(kind),
            "movement_id": movement_id,
            "charge_id": charge_id,
            "quantity": quantity,
            "opened_at": opened_at,
            "note": note,
        },
    )


def count_towards_line(session: Session, line_id: int, pieces: int) -> None:
    """Add pieces used (negative: undone) to an order line."""
    session.execute(_ADD_USED, {"id": line_id, "pieces": pieces})
