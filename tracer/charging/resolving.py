"""From what a scan says to what it is: the item, its five codes and price, the piece, the order line.

These are the bedside's hot statements, so each is one round trip written as SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import Date, Text

from scanners import Agency, Scan
from tracer.catalog.rules import Tracking

ITEM_COLUMNS = """
    i.id AS item_id, i.name, i.specification, i.base_unit, i.tracking, i.chargeable,
    max(b.code) FILTER (WHERE b.system = 'material') AS material,
    max(b.code) FILTER (WHERE b.system = 'billing') AS billing,
    max(b.code) FILTER (WHERE b.system = 'order') AS order_code,
    max(b.code) FILTER (WHERE b.system = 'insurance') AS insurance,
    max(b.code) FILTER (WHERE b.system = 'udi') AS udi,
    (SELECT p.amount FROM price p WHERE p.item_id = i.id AND p.kind = 'charge'
        AND p.valid_from <= :on AND (p.valid_to IS NULL OR p.valid_to > :on)) AS unit_price,
    (SELECT t.expiry FROM lot t WHERE t.item_id = i.id AND t.lot = :lot) AS lot_expiry
"""
_BOUND_ON = """
    b.status IN ('approved', 'retired') AND b.valid_from <= :on AND (b.valid_to IS NULL OR b.valid_to > :on)
"""
FIVE_CODES = f"LEFT JOIN code_binding b ON b.item_id = i.id AND {_BOUND_ON}"

_BY_DI = text(f"""
    WITH found AS (
        SELECT b.item_id, 1 AS base_units FROM code_binding b
         WHERE b.system = 'udi' AND b.code = :di AND {_BOUND_ON}
        UNION
        SELECT k.item_id, k.base_units FROM packaging k WHERE k.di = :di
    )
    SELECT f.base_units, {ITEM_COLUMNS}
      FROM found f JOIN item i ON i.id = f.item_id {FIVE_CODES}
     GROUP BY f.base_units, i.id
""").bindparams(bindparam("on", type_=Date), bindparam("lot", type_=Text), bindparam("di", type_=Text))

_BY_LABEL = text(f"""
    SELECT 1 AS base_units, {ITEM_COLUMNS}
      FROM unit u JOIN item i ON i.id = u.item_id {FIVE_CODES}
     WHERE u.label = :label
     GROUP BY i.id
""").bindparams(bindparam("on", type_=Date), bindparam("lot", type_=Text), bindparam("label", type_=Text))

_UNIT = """
    SELECT u.id, u.label, u.serial, u.lot, u.expiry, u.ownership, u.unit_cost,
           coalesce(m.unit_step, 0) AS step, m.target_id AS at_id
      FROM unit u
      LEFT JOIN LATERAL (SELECT unit_step, target_id FROM movement
                          WHERE unit_id = u.id ORDER BY unit_step DESC LIMIT 1) m ON true
"""
_UNIT_BY_LABEL = text(_UNIT + " WHERE u.label = :label")
_UNIT_BY_SERIAL = text(_UNIT + " WHERE u.item_id = :item_id AND u.serial = :serial")


@dataclass(frozen=True, slots=True)
class FoundItem:
    """The item a scan means on a day; `base_units` is how many of it one scanned package holds."""

    base_units: int
    item_id: int
    name: str
    specification: str
    base_unit: str
    tracking: str
    chargeable: bool
    material: str | None
    billing: str | None
    order_code: str | None
    insurance: str | None
    udi: str | None
    unit_price: Decimal | None
    lot_expiry: date | None

    def codes(self) -> dict[str, str | None]:
        """The five codes by system."""
        return {
            "material": self.material,
            "billing": self.billing,
            "order": self.order_code,
            "insurance": self.insurance,
            "udi": self.udi,
        }

    def lot_of(self, lot: str | None) -> str:
        return "" if self.tracking == Tracking.NONE else (lot or "")


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A piece with a name of its own, and where the ledger says it is (`at_id` None: nowhere yet)."""

    id: int
    label: str | None
    serial: str | None
    lot: str
    expiry: date | None
    ownership: str
    unit_cost: Decimal | None
    step: int
    at_id: int | None


_ITEM_FIELDS = tuple(f.name for f in fields(FoundItem))
_UNIT_FIELDS = tuple(f.name for f in fields(FoundUnit))


def as_item(row: Any) -> FoundItem:
    """The item in a row of `ITEM_COLUMNS` and `base_units`."""
    return FoundItem(*(getattr(row, name) for name in _ITEM_FIELDS))


def find_items_scanned(session: Session, scan: Scan, on: date) -> list[FoundItem]:
    """The items that own the scanned code on a day: one, or none, or (against the rules) more."""
    lot = scan.lot or ""
    if scan.agency is Agency.INHOUSE:
        rows = session.execute(_BY_LABEL, {"label": scan.serial, "on": on, "lot": lot})
    elif scan.di is not None:
        rows = session.execute(_BY_DI, {"di": scan.di, "on": on, "lot": lot})
    else:
        return []
    return [as_item(row) for row in rows]


def find_unit(session: Session, scan: Scan, item_id: int) -> FoundUnit | None:
    """The piece that the scan names by label or serial; None if it names none or none is known."""
    if scan.serial is None:
        return None
    if scan.agency is Agency.INHOUSE:
        row = session.execute(_UNIT_BY_LABEL, {"label": scan.serial}).one_or_none()
    else:
        row = session.execute(_UNIT_BY_SERIAL, {"item_id": item_id, "serial": scan.serial}).one_or_none()
    return FoundUnit(*(getattr(row, name) for name in _UNIT_FIELDS)) if row is not None else None


_LAST_USE = text("""
    SELECT m.occurred_at, l.code, l.name, l.name_en
      FROM movement m JOIN location l ON l.id = m.origin_id
     WHERE m.unit_id = :unit_id AND m.kind = 'use' ORDER BY m.unit_step DESC LIMIT 1
""")


def last_use(session: Session, unit_id: int) -> dict[str, Any]:
    """When and where a piece was used. On whom is not anybody's business at another bedside."""
    row = session.execute(_LAST_USE, {"unit_id": unit_id}).one()
    return {
        "at": row.occurred_at.isoformat(),
        "location": row.code,
        "location_name": row.name,
        "location_name_en": row.name_en,
    }


_ORDER_LINE = text("""
    SELECT l.id, l.used, l.expected
      FROM order_line l JOIN clinical_order o ON o.id = l.order_id
     WHERE l.encounter_id = :encounter_id AND l.item_id = :item_id
     ORDER BY l.id = :wanted DESC, o.ended_at IS NULL DESC, l.used < l.expected DESC, o.ordered_at, l.id
     LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class FoundLine:
    id: int
    used: int
    expected: int


def find_order_line(
    session: Session, *, encounter_id: int, item_id: int, wanted: int | None
) -> FoundLine | None:
    """The order line a use counts towards: the one asked for, else the first still expecting."""
    row = session.execute(
        _ORDER_LINE, {"encounter_id": encounter_id, "item_id": item_id, "wanted": wanted or 0}
    ).one_or_none()
    return FoundLine(row.id, row.used, row.expected) if row is not None else None
