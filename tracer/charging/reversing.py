"""Undoing a scan: its use and its charge are reversed together, by new rows that name the old ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.once import Answer, once
from tracer.access.rules import Action, Actor
from tracer.charging.booking import count_towards_line, write_charge
from tracer.charging.errors import AlreadyReversed, NothingToReverse, UnknownScan
from tracer.charging.rules import ChargeSource
from tracer.shared.clock import Clock
from tracer.stock.business_days import moment
from tracer.stock.moving import move, whereabouts
from tracer.stock.rules import MovementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseScan:
    key: str
    scan: int
    reason: str = ""


_SCAN = text("""
    SELECT s.id, s.movement_id, s.order_line_id, s.encounter_id, s.location_id, e.ref, l.path, l.code,
           m.origin_id, m.target_id, m.item_id, m.lot, m.unit_id, m.quantity, m.unit_cost
      FROM scan s JOIN location l ON l.id = s.location_id JOIN encounter e ON e.id = s.encounter_id
      LEFT JOIN movement m ON m.id = s.movement_id
     WHERE s.id = :scan
""")
_CHARGES = text("SELECT * FROM charge WHERE movement_id = :movement_id")
_CLOSE_EXCEPTIONS = text("""
    UPDATE ledger_exception SET closed_at = :now, note = 'use reversed'
     WHERE movement_id = :movement_id AND closed_at IS NULL
""")


def reverse_scan(session: Session, actor: Actor, command: ReverseScan, clock: Clock) -> Answer:
    """Bring the pieces back to the shelf they were taken from and refund their charge, on the open day.

    Raises Forbidden, UnknownScan (also out of scope), NothingToReverse, AlreadyReversed, KeyReused,
    KeyInFlight. Then nothing was written.
    """
    actor.must(Action.SCAN)
    claim = once(session, actor, key=command.key, operation="reversal", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    scan = session.execute(_SCAN, {"scan": command.scan}).one_or_none()
    if scan is None or not actor.may(Action.SCAN, scan.path):
        raise UnknownScan(scan=command.scan)
    if scan.movement_id is None:
        raise NothingToReverse()
    unit_step = None
    if scan.unit_id is not None:
        last_step, at = whereabouts(session, scan.unit_id)
        if at != scan.target_id:
            raise AlreadyReversed()
        unit_step = last_step + 1
    now = clock.now()
    occurred_at, day = moment(clock, None, session)
    movement_id = move(
        session,
        origin_id=scan.target_id,
        target_id=scan.origin_id,
        item_id=scan.item_id,
        lot=scan.lot,
        quantity=scan.quantity,
        kind=MovementKind.USE_REVERSAL,
        occurred_at=occurred_at,
        recorded_at=now,
        business_date=day,
        person_id=actor.id,
        unit_id=scan.unit_id,
        unit_step=unit_step,
        unit_cost=scan.unit_cost,
        encounter_id=scan.encounter_id,
        reverses_id=scan.movement_id,
    )
    if movement_id is None:
        raise AlreadyReversed()
    refund = _refund(session, actor, scan.movement_id, command, occurred_at, now, day)
    session.execute(_CLOSE_EXCEPTIONS, {"movement_id": scan.movement_id, "now": now})
    if scan.order_line_id is not None:
        count_towards_line(session, scan.order_line_id, -scan.quantity)
    answer = {
        "scan": scan.id,
        "outcome": "reversed",
        "encounter": scan.ref,
        "location": scan.code,
        "quantity": -scan.quantity,
        "business_date": day.isoformat(),
        "charge": refund,
    }
    audit.record(
        session,
        actor,
        clock,
        action="reverse_scan",
        subject="scan",
        subject_id=scan.id,
        after={"charge": refund, "movement": movement_id},
        why=command.reason or None,
    )
    return claim.keep(answer, clock)


def _refund(
    session: Session,
    actor: Actor,
    use_id: int,
    command: ReverseScan,
    occurred_at: datetime,
    now: datetime,
    day: date,
) -> dict[str, Any] | None:
    """The reversing charge at the original's price and codes; None if the use was never charged."""
    charge = session.execute(_CHARGES, {"movement_id": use_id}).one_or_none()
    if charge is None:
        return None
    price: Decimal = charge.unit_price
    refund_id, amount = write_charge(
        session,
        encounter_id=charge.encounter_id,
        item_id=charge.item_id,
        location_id=charge.location_id,
        lot=charge.lot,
        unit_id=charge.unit_id,
        quantity=-charge.quantity,
        unit_price=price,
        codes={
            "material": charge.material,
            "billing": charge.billing,
            "order": charge.order_code,
            "insurance": charge.insurance,
            "udi": charge.udi,
        },
        source=ChargeSource(charge.source),
        occurred_at=occurred_at,
        recorded_at=now,
        business_date=day,
        person_id=actor.id,
        scan_id=command.scan,
        order_line_id=charge.order_line_id,
        reverses_id=charge.id,
    )
    return {
        "id": refund_id,
        "quantity": -charge.quantity,
        "unit_price": str(price),
        "amount": str(amount),
        "reverses": charge.id,
    }
