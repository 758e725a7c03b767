"""A scan at the bedside becomes exactly one stock movement and one charge.

`record_scan` never stops a nurse for a book reason: missing receipt, negative stock, no order, no
price, an interface that lags are remarked on and booked all the same. It refuses what endangers the
patient or breaks the law (expired, already used), and keeps what it cannot resolve as pending.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from scanners import InHouse
from scanners import Scan as Reading
from tracer.access.once import Answer, Once, once
from tracer.access.rules import Action, Actor
from tracer.charging.bedside import Bedside, RecordScan, approach
from tracer.charging.booking import open_exception
from tracer.charging.identifying import identify
from tracer.charging.rules import ExceptionKind, Outcome
from tracer.charging.using import book_use
from tracer.charging.writing_scans import NO_CODES, write_scan
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.shared.money import amount_of

MOST_PIECES = 10_000


def record_scan(
    session: Session, actor: Actor, command: RecordScan, clock: Clock, labels: InHouse | None = None
) -> Answer:
    """Record a scan and book what it means; returns the answer that its key keeps forever.

    Raises Forbidden, UnknownLocation, NoStockHere, BadEncounter, Invalid, KeyReused, KeyInFlight:
    then nothing was recorded. Everything else is an outcome, recorded with the raw bytes.
    """
    _check_command(command)
    actor.must(Action.SCAN)
    claim = once(session, actor, key=command.key, operation="scan", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    bedside = approach(session, actor, command, clock, labels)
    outcome = identify(bedside) or book_use(bedside)
    return _record(bedside, outcome, claim)


def _check_command(command: RecordScan) -> None:
    if command.quantity is not None and not 0 < command.quantity <= MOST_PIECES:
        raise Invalid(field="quantity", reason=f"{command.quantity}: 1–{MOST_PIECES}")
    if command.override_reason is not None and not command.override_reason.strip():
        raise Invalid(field="override_reason", reason="须写明理由 / a reason is expected")


def _record(bedside: Bedside, outcome: Outcome, claim: Once) -> Answer:
    """Write the scan with its charge, or why there is none, and keep the answer."""
    session, item, unit, command = bedside.session, bedside.item, bedside.unit, bedside.command
    charge = None
    if outcome is Outcome.CHARGED:
        assert item is not None and item.unit_price is not None
        charge = {
            "quantity": bedside.quantity,
            "unit_price": str(item.unit_price),
            "amount": str(amount_of(bedside.quantity, item.unit_price)),
        }
    elif outcome is Outcome.USED and item is not None and item.chargeable:
        open_exception(
            session,
            ExceptionKind.NO_PRICE,
            quantity=bedside.quantity,
            opened_at=bedside.recorded_at,
            movement_id=bedside.movement_id,
        )
    answer = _answer(bedside, outcome, charge)
    scan_id, charge_id = write_scan(
        session,
        {
            "idempotency_key": command.key,
            "digest": claim.digest,
            "answer": answer,
            "raw": command.raw,
            "person_id": bedside.actor.id,
            "origin": bedside.actor.origin,
            "location_id": bedside.location_id,
            "encounter_id": bedside.encounter_id,
            "order_line_id": bedside.line.id if bedside.line else None,
            "device": command.device,
            "scanned_at": command.scanned_at or bedside.recorded_at,
            "occurred_at": bedside.occurred_at,
            "recorded_at": bedside.recorded_at,
            "business_date": bedside.business_date,
            "parsed": _storable(bedside.reading),
            "item_id": item.item_id if item else None,
            "unit_id": unit.id if unit else None,
            "lot": bedside.lot,
            "quantity": bedside.quantity,
            "outcome": str(outcome),
            "warnings": bedside.remarks,
            "movement_id": bedside.movement_id,
            "override_reason": command.override_reason,
            "charge": charge,
            "unit_price": charge["unit_price"] if charge else None,
            "amount": charge["amount"] if charge else None,
            **(item.codes() if item else NO_CODES),
        },
    )
    answer["scan"] = scan_id
    if charge is not None:
        charge["id"] = charge_id
    return Answer(answer)


def _storable(reading: Reading) -> dict[str, Any]:
    """What was read, as JSON that PostgreSQL takes: its text knows no NUL and no lone surrogate."""
    read = reading.as_dict()
    del read["raw"]  # kept byte for byte in its own column
    return {name: _clean(value) for name, value in read.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value


def _answer(bedside: Bedside, outcome: Outcome, charge: dict[str, Any] | None) -> dict[str, Any]:
    """What the device is told; `write_scan` adds the ids."""
    item, unit, reading = bedside.item, bedside.unit, bedside.reading
    expiry = reading.expiry or (unit.expiry if unit else None)
    return {
        "outcome": str(outcome),
        "item": {
            "name": item.name,
            "specification": item.specification,
            "unit": item.base_unit,
            "codes": item.codes(),
        }
        if item
        else None,
        "quantity": bedside.quantity,
        "lot": bedside.lot or None,
        "expiry": expiry.isoformat() if expiry else None,
        "serial": (unit.serial or unit.label) if unit else reading.serial,
        "encounter": bedside.command.encounter,
        "location": bedside.command.location,
        "order_line": bedside.line.id if bedside.line else None,
        "business_date": bedside.business_date.isoformat(),
        "scanned_at": bedside.occurred_at.isoformat(),
        "charge": charge,
        "choices": bedside.choices,
        "warnings": bedside.remarks,
    }
