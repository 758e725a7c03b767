"""What a scan means: the item and the piece, or why that cannot be said, or must be refused."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Text

from scanners import ParseError, Scan
from tracer.access.rules import Action
from tracer.catalog.rules import Tracking
from tracer.charging.bedside import PATIENT, Bedside
from tracer.charging.pairing import is_mismatched, lacks_its_first, lacks_its_second
from tracer.charging.resolving import FoundItem, FoundUnit, find_unit, last_use
from tracer.charging.rules import Outcome, Remark, governing_expiry, is_expired
from tracer.shared.errors import Invalid
from tracer.stock.tables import Unit


def identify(bedside: Bedside) -> Outcome | None:
    """Find item and unit; an outcome if that already decides the scan, None if it can be booked."""
    reading, found = bedside.reading, bedside.found.items
    if reading.error is not None:
        _remark_on_fault(bedside, reading.error)
        return Outcome.UNRESOLVED
    if len(found) != 1:
        code = Remark.CLAIMED_TWICE if found else Remark.UNKNOWN_CODE
        bedside.remark(code, di=reading.di or reading.serial or "")
        return Outcome.UNRESOLVED
    item = bedside.item = found[0]
    given = bedside.command.quantity
    if lacks_its_second(reading) and given is None:
        # Booked as it is only if somebody says that there is no more on the pack: else its lot and expiry
        # would be missing, and the second symbol could be booked as another piece.
        bedside.remark(Remark.SECOND_SYMBOL)
        bedside.choices = _amounts(item.base_units)
        return Outcome.NEEDS_CHOICE
    if item.tracking == Tracking.SERIAL and (reading.serial is None or item.base_units > 1):
        # A box of such pieces, or a code without a serial, does not say which of them it was.
        bedside.remark(Remark.LABEL_NEEDED)
        bedside.choices = _labels_here(bedside)
        return Outcome.NEEDS_CHOICE
    if item.base_units > 1 or (reading.quantity or 1) > 1:
        holds = item.base_units * (reading.quantity or 1)
        if given is None:
            bedside.remark(Remark.PACKAGE_SCANNED, base_units=holds, unit=item.base_unit)
            bedside.choices = _amounts(holds)
            return Outcome.NEEDS_CHOICE
    elif reading.serial is not None and (given or 1) != 1:
        raise Invalid(field="quantity", reason="一物一码，数量只能是 1 / a serialised piece is one piece")
    if reading.serial is not None and bedside.unit is None and item.base_units == 1:
        bedside.unit = _unit_never_received(bedside, item)
    return _refused(bedside, item)


def _amounts(holds: int) -> list[dict[str, Any]]:
    return [{"quantity": n} for n in sorted({1, holds})]


def _remark_on_fault(bedside: Bedside, fault: ParseError) -> None:
    """Why a text cannot be booked, and what to scan next."""
    reading, command = bedside.reading, bedside.command
    if lacks_its_first(reading):
        bedside.remark(Remark.FIRST_SYMBOL, lot=reading.lot, serial=reading.serial)
    elif is_mismatched(command.raw, reading, caps_lock=command.caps_lock):
        bedside.remark(Remark.NOT_ONE_PACK)
    elif reading.readings:
        shown = [_shown(one) for one in reading.readings]
        bedside.remark(Remark.NOT_READABLE, reason=str(fault.code), at=fault.at, readings=shown)
    else:
        bedside.remark(Remark.NOT_READABLE, reason=str(fault.code), at=fault.at)


def _shown(reading: Scan) -> dict[str, Any]:
    """One of several readings: what a person compares with the pack."""
    read = reading.as_dict()
    return {name: read[name] for name in ("agency", "di", "lot", "serial", "expiry", "quantity", "elements")}


_LABELS_HERE = text("""
    SELECT u.label, u.lot, u.expiry FROM unit u
      JOIN LATERAL (SELECT target_id FROM movement WHERE unit_id = u.id ORDER BY unit_step DESC LIMIT 1) m
        ON m.target_id = :location_id
     WHERE u.item_id = :item_id AND u.label IS NOT NULL AND (:lot = '' OR u.lot = :lot)
     ORDER BY u.expiry NULLS LAST, u.id LIMIT 20
""").bindparams(bindparam("lot", type_=Text))


def _labels_here(bedside: Bedside) -> list[dict[str, Any]]:
    """The labels of the pieces on this shelf that the code could mean; the nurse scans the right one."""
    assert bedside.item is not None
    rows = bedside.session.execute(
        _LABELS_HERE,
        {
            "location_id": bedside.location_id,
            "item_id": bedside.item.item_id,
            "lot": bedside.reading.lot or "",
        },
    )
    return [
        {"label": row.label, "lot": row.lot, "expiry": row.expiry.isoformat() if row.expiry else None}
        for row in rows
    ]


def _unit_never_received(bedside: Bedside, item: FoundItem) -> FoundUnit | None:
    """Make the unit for a serial the hospital has not seen, so that it too is used only once."""
    reading = bedside.reading
    assert reading.serial is not None
    bedside.session.execute(
        insert(Unit)
        .values(
            item_id=item.item_id,
            serial=reading.serial,
            lot=item.lot_of(reading.lot),
            expiry=reading.expiry,
            created_at=bedside.recorded_at,
        )
        .on_conflict_do_nothing()
    )
    if item.tracking == Tracking.SERIAL:
        bedside.remark(Remark.NO_RECEIPT)
    return find_unit(bedside.session, item.item_id, reading.serial)


def _refused(bedside: Bedside, item: FoundItem) -> Outcome | None:
    """Refuse what endangers the patient or breaks the law; an authorised reason lets expiry through."""
    unit, reading, command = bedside.unit, bedside.reading, bedside.command
    if unit is not None and unit.at_id == PATIENT:
        bedside.remark(Remark.ALREADY_USED, **last_use(bedside.session, unit.id, bedside.clock.zone))
        return Outcome.REFUSED
    known = unit.expiry if unit is not None and unit.expiry else item.lot_expiry
    if reading.expiry and known and reading.expiry != known:
        bedside.remark(Remark.EXPIRY_DIFFERS, scanned=reading.expiry.isoformat(), known=known.isoformat())
    expiry = governing_expiry(reading.expiry, known)
    if is_expired(expiry, bedside.day):
        assert expiry is not None
        bedside.remark(Remark.EXPIRED, expiry=expiry.isoformat())
        if command.override_reason is None or not bedside.actor.may(Action.OVERRIDE_SAFETY):
            return Outcome.REFUSED
        bedside.remark(Remark.OVERRIDDEN, reason=command.override_reason)
    return None
