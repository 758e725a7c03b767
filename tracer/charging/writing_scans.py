"""All that one scan leaves behind, written in one round trip.

The scan, its charge, the order line's count, the audit entry and the answer that the key keeps are one
statement: five would cost the nurse four more waits, and the database no less work.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Date, DateTime, LargeBinary, Numeric, Text

SYSTEMS = ("material", "billing", "order", "insurance", "udi")
NO_CODES: dict[str, None] = dict.fromkeys(SYSTEMS)

_WRITE = """
WITH scanned AS (
    INSERT INTO scan (
        idempotency_key, raw, person_id, location_id, encounter_id, order_line_id, device,
        scanned_at, recorded_at, business_date, parsed, item_id, unit_id, quantity, outcome,
        warnings, movement_id, override_reason
    ) VALUES (
        :idempotency_key, :raw, :person_id, :location_id, :encounter_id, :order_line_id, :device,
        :scanned_at, :recorded_at, :business_date, :parsed, :item_id, :unit_id, :quantity, :outcome,
        :warnings, :movement_id, :override_reason
    ) RETURNING id
), charged AS (
    INSERT INTO charge (
        encounter_id, item_id, location_id, lot, unit_id, quantity, unit_price, amount,
        material, billing, order_code, insurance, udi, source, scan_id, movement_id, order_line_id,
        occurred_at, recorded_at, business_date, person_id
    )
    SELECT :encounter_id, :item_id, :location_id, :lot, :unit_id, :quantity, :unit_price, :amount,
           :material, :billing, :order, :insurance, :udi, 'scan', id, :movement_id, :order_line_id,
           :occurred_at, :recorded_at, :business_date, :person_id
      FROM scanned WHERE :outcome = 'charged'
    RETURNING id
), counted AS (
    UPDATE order_line SET used = used + :quantity WHERE id = :order_line_id AND :movement_id IS NOT NULL
), made AS (
    SELECT scanned.id AS scan_id, charged.id AS charge_id,
           :charge || jsonb_build_object('id', charged.id) AS charge
      FROM scanned LEFT JOIN charged ON true
), audited AS (
    INSERT INTO audit_entry (at, person_id, action, subject, subject_id, after, why, origin)
    SELECT :recorded_at, :person_id, 'scan', 'scan', scan_id,
           jsonb_build_object('outcome', :outcome, 'item', :item_id, 'charge', charge),
           :override_reason, :origin
      FROM made
), kept AS (
    INSERT INTO request_key (key, person_id, operation, digest, answer, created_at)
    SELECT :idempotency_key, :person_id, 'scan', :digest,
           :answer || jsonb_build_object('scan', scan_id, 'charge', charge), :recorded_at
      FROM made
)
SELECT scan_id, charge_id FROM made
"""
_TYPES: dict[Any, tuple[str, ...]] = {
    Text: ("idempotency_key", "device", "outcome", "override_reason", "lot", "origin", *SYSTEMS),
    BigInteger: (
        "person_id",
        "location_id",
        "encounter_id",
        "order_line_id",
        "item_id",
        "unit_id",
        "movement_id",
    ),
    DateTime(timezone=True): ("scanned_at", "occurred_at", "recorded_at"),
    LargeBinary: ("raw", "digest"),
    JSONB(none_as_null=True): ("answer", "parsed", "warnings", "charge"),
    Numeric: ("unit_price", "amount"),
}
_WRITE_SCAN = text(_WRITE).bindparams(
    bindparam("quantity", type_=BigInteger),
    bindparam("business_date", type_=Date),
    *(bindparam(name, type_=kind) for kind, names in _TYPES.items() for name in names),
)


def write_scan(session: Session, values: dict[str, Any]) -> tuple[int, int | None]:
    """(scan id, charge id) of what was written; a charge only for the outcome "charged".

    `answer` and its `charge` come without ids and are kept with them.
    """
    row = session.execute(_WRITE_SCAN, values).one()
    return row.scan_id, row.charge_id
