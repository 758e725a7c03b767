"""From what a scan says to what it is: the item, its five codes and price, the piece, the order line.

This is the bedside's hot statement, and a round trip costs more than what it asks for: so one asks for
everything, and what is rarely needed (a piece nobody has received) is asked for on its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Date, Text

from scanners import Agency, Scan
from tracer.catalog.items import SPECIFICATION
from tracer.catalog.rules import Tracking


def item_columns(*, on: str = ":on", lot: str = ":lot") -> str:
    """The columns of a `FoundItem` but `base_units`, of item `i` with `five_codes`; grouped by item."""
    return f"""
    i.id AS item_id, i.name, {SPECIFICATION} AS specification, i.base_unit, i.tracking, i.chargeable,
    max(b.code) FILTER (WHERE b.system = 'material') AS material,
    max(b.code) FILTER (WHERE b.system = 'billing') AS billing,
    max(b.code) FILTER (WHERE b.system = 'order') AS order_code,
    max(b.code) FILTER (WHERE b.system = 'insurance') AS insurance,
    max(b.code) FILTER (WHERE b.system = 'udi') AS udi,
    (SELECT p.amount FROM price p WHERE p.item_id = i.id AND p.kind = 'charge'
        AND p.status = 'approved' AND p.valid_from <= {on}
        AND (p.valid_to IS NULL OR p.valid_to > {on})) AS unit_price,
    (SELECT t.expiry FROM lot t WHERE t.item_id = i.id AND t.lot = {lot}) AS lot_expiry
    """


def five_codes(*, on: str = ":on") -> str:
    """The join of item `i` with the codes `b` it has on a day."""
    return f"LEFT JOIN code_binding b ON b.item_id = i.id AND {_bound(on)}"


def _bound(on: str) -> str:
    return (
        f"b.status IN ('approved', 'retired') AND b.valid_from <= {on}"
        f" AND (b.valid_to IS NULL OR b.valid_to > {on})"
    )


_LAST_MOVE = """
    SELECT unit_step, target_id FROM movement WHERE unit_id = u.id ORDER BY unit_step DESC LIMIT 1
"""
_UNIT_COLUMNS = """
    u.id AS unit_id, u.label, u.serial, u.lot, u.expiry, u.ownership, u.unit_cost,
    coalesce(m.unit_step, 0) AS step, m.target_id AS at_id
"""
_BY_DI = f"""
    SELECT b.item_id, 1 AS base_units FROM code_binding b
     WHERE b.system = 'udi' AND b.code = :di AND {_bound("here.day")}
    UNION
    SELECT k.item_id, k.base_units FROM packaging k WHERE k.di = :di
"""
_BY_LABEL = "SELECT item_id, 1 AS base_units FROM unit WHERE label = :serial"
_UNIT_BY_SERIAL = "u.item_id = i.item_id AND u.serial = :serial"
_UNIT_BY_LABEL = "u.label = :serial"
# A line of another patient or item is never meant; one that was chosen goes before one still expecting.
_ORDER_LINE = """
    SELECT l.id, l.used, l.expected
      FROM order_line l JOIN clinical_order o ON o.id = l.order_id
     WHERE l.encounter_id = here.encounter_id AND l.item_id = i.item_id
     ORDER BY l.id = :wanted DESC, o.ended_at IS NULL DESC, l.used < l.expected DESC, o.ordered_at, l.id
     LIMIT 1
"""
_HERE = """
    SELECT l.id AS location_id, l.kind, l.path, e.id AS encounter_id, e.confirmed,
           greatest(:day, (SELECT max(business_date) + 1 FROM business_day)) AS day
      FROM location l LEFT JOIN encounter e ON e.ref = :encounter
     WHERE l.code = :location AND l.kind <> 'virtual'
"""


def _everything(items: str, unit: str) -> TextClause:
    # The lot under which the shelf keeps it: the piece's own, else the pack's, if lots are tracked.
    statement = f"""
    WITH here AS ({_HERE})
    SELECT here.*, i.*, u.*, line.id AS line_id, line.used, line.expected, s.quantity AS on_hand
      FROM here
      LEFT JOIN LATERAL (
          SELECT f.base_units, {item_columns(on="here.day")}
            FROM ({items}) f JOIN item i ON i.id = f.item_id {five_codes(on="here.day")}
           GROUP BY f.base_units, i.id
      ) i ON true
      LEFT JOIN LATERAL (
          SELECT {_UNIT_COLUMNS} FROM unit u LEFT JOIN LATERAL ({_LAST_MOVE}) m ON true WHERE {unit}
      ) u ON true
      LEFT JOIN LATERAL ({_ORDER_LINE}) line ON true
      LEFT JOIN balance s ON s.location_id = here.location_id AND s.item_id = i.item_id
           AND s.lot = coalesce(nullif(u.lot, ''), CASE WHEN i.tracking = 'NONE' THEN '' ELSE :lot END)
    """
    return _typed(statement)


def _typed(statement: str) -> TextClause:
    """PostgreSQL must know what a null or an untyped text is meant to be."""
    named = (name for name in _TYPES if re.search(rf":{name}\b", statement))
    return text(statement).bindparams(*(bindparam(name, type_=_TYPES[name]) for name in named))


_TYPES: dict[str, Any] = {
    "location": Text,
    "encounter": Text,
    "day": Date,
    "di": Text,
    "serial": Text,
    "lot": Text,
    "wanted": BigInteger,
    "item_id": BigInteger,
}
_PLACE_ONLY = _typed(_HERE)
_WITH_DI = _everything(_BY_DI, _UNIT_BY_SERIAL)
_WITH_LABEL = _everything(_BY_LABEL, _UNIT_BY_LABEL)
_UNIT = f"SELECT {_UNIT_COLUMNS} FROM unit u LEFT JOIN LATERAL ({_LAST_MOVE}) m ON true"
_BY_SERIAL = _typed(f"{_UNIT} WHERE u.item_id = :item_id AND u.serial = :serial")
_BY_ID = text(f"{_UNIT} WHERE u.id = :id")


@dataclass(frozen=True, slots=True)
class Here:
    """Where and for whom; `encounter_id` None: nobody has told of it. `day` is the first open one."""

    location_id: int
    kind: str
    path: str
    encounter_id: int | None
    confirmed: bool | None
    day: date


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


@dataclass(frozen=True, slots=True)
class FoundLine:
    """The order line a use counts towards: the one asked for, else the first still expecting."""

    id: int
    used: int
    expected: int


@dataclass(frozen=True, slots=True)
class Found:
    """What one scan means: one item, or none, or (against the rules) more; the rest is of the first.

    `on_hand` is what the book said of the shelf and the lot just before.
    """

    here: Here
    items: tuple[FoundItem, ...] = ()
    unit: FoundUnit | None = None
    line: FoundLine | None = None
    on_hand: int = 0

    @property
    def knows_the_piece(self) -> bool:
        """Whether the book has the very piece that was scanned, or its lot."""
        lot_known = bool(self.items) and self.items[0].lot_expiry is not None
        return self.unit is not None or self.on_hand != 0 or lot_known


_ITEM = len(fields(Here))
_PIECE = _ITEM + len(fields(FoundItem))
_LINE = _PIECE + len(fields(FoundUnit))
_ON_HAND = _LINE + len(fields(FoundLine))
_ITEM_FIELDS = tuple(f.name for f in fields(FoundItem))


def as_item(row: Any) -> FoundItem:
    """The item in a row of `item_columns` and `base_units`."""
    return FoundItem(*(getattr(row, name) for name in _ITEM_FIELDS))


def look_up(
    session: Session, scan: Scan, *, location: str, encounter: str, day: date, wanted_line: int | None
) -> Found | None:
    """Everything the book knows of a scan, in one round trip; None if there is no such location."""
    where = {"location": location, "encounter": encounter, "day": day}
    inhouse = scan.agency is Agency.INHOUSE
    if scan.error is not None or (scan.di is None and not inhouse):
        row = session.execute(_PLACE_ONLY, where).one_or_none()
        return Found(Here(*row)) if row is not None else None
    what = {"serial": scan.serial, "lot": scan.lot or "", "wanted": wanted_line or 0}
    if inhouse:
        rows = session.execute(_WITH_LABEL, where | what).all()
    else:
        rows = session.execute(_WITH_DI, where | what | {"di": scan.di}).all()
    if not rows:
        return None
    first = rows[0]
    here = Here(*first[:_ITEM])
    if first.item_id is None:
        return Found(here)
    return Found(
        here,
        tuple(FoundItem(*row[_ITEM:_PIECE]) for row in rows),
        FoundUnit(*first[_PIECE:_LINE]) if first.unit_id is not None else None,
        FoundLine(*first[_LINE:_ON_HAND]) if first.line_id is not None else None,
        first.on_hand or 0,
    )


def find_unit(session: Session, item_id: int, serial: str) -> FoundUnit | None:
    """The piece of an item with this maker's serial."""
    row = session.execute(_BY_SERIAL, {"item_id": item_id, "serial": serial}).one_or_none()
    return FoundUnit(*row) if row is not None else None


def find_unit_again(session: Session, unit_id: int) -> FoundUnit:
    """A known piece, where it is now."""
    return FoundUnit(*session.execute(_BY_ID, {"id": unit_id}).one())


_LAST_USE = text("""
    SELECT m.occurred_at, l.code, l.name, l.name_en
      FROM movement m JOIN location l ON l.id = m.origin_id
     WHERE m.unit_id = :unit_id AND m.kind = 'use' ORDER BY m.unit_step DESC LIMIT 1
""")


def last_use(session: Session, unit_id: int, zone: ZoneInfo) -> dict[str, Any]:
    """When and where a piece was used. On whom is not anybody's business at another bedside."""
    row = session.execute(_LAST_USE, {"unit_id": unit_id}).one()
    at = row.occurred_at.astimezone(zone)
    return {
        "at": at.isoformat(timespec="seconds"),
        "when": f"{at:%m-%d %H:%M}",
        "location": row.code,
        "location_name": row.name,
        "location_name_en": row.name_en,
    }
