"""What the scan page shows: a patient's stay, its orders, what was scanned for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Action, Actor
from tracer.catalog.items import SPECIFICATION
from tracer.charging.errors import UnknownEncounter
from tracer.charging.remarks import worded
from tracer.orders.encounters import is_encounter_ref
from tracer.orders.errors import BadEncounter
from tracer.orders.queries import OrderView, list_orders
from tracer.orders.rules import masked

LATEST = 50


@dataclass(frozen=True, slots=True)
class PlaceView:
    code: str
    name: str
    name_en: str
    path: str


@dataclass(frozen=True, slots=True)
class ScanView:
    """One scan; `unit_price` and `amount` (CNY) are None for what was not charged."""

    id: int
    outcome: str
    reversed: bool
    scanned_at: datetime
    by: str
    location: str
    path: str
    name: str | None
    specification: str | None
    base_unit: str | None
    codes: dict[str, str | None] | None
    quantity: int
    lot: str | None
    serial: str | None
    order_line: int | None
    charge_id: int | None
    unit_price: Decimal | None
    amount: Decimal | None
    warnings: list[dict[str, Any]]

    def as_answer(self, language: str) -> dict[str, Any]:
        item = {
            "name": self.name,
            "specification": self.specification,
            "unit": self.base_unit,
            "codes": self.codes,
        }
        charge = {
            "id": self.charge_id,
            "quantity": self.quantity,
            "unit_price": str(self.unit_price),
            "amount": str(self.amount),
        }
        return {
            "scan": self.id,
            "outcome": self.outcome,
            "reversed": self.reversed,
            "scanned_at": self.scanned_at.isoformat(),
            "by": self.by,
            "location": self.location,
            "item": item if self.name is not None else None,
            "quantity": self.quantity,
            "lot": self.lot,
            "serial": self.serial,
            "order_line": self.order_line,
            "charge": charge if self.charge_id is not None else None,
            "warnings": worded(self.warnings, language),
        }


@dataclass(frozen=True, slots=True)
class EncounterView:
    """A stay as this actor may see it; `known` is False for a reference nobody has used yet."""

    ref: str
    known: bool = False
    confirmed: bool = False
    name: str = ""
    bed: str = ""
    location: PlaceView | None = None
    charged: Decimal = Decimal("0.00")
    orders: tuple[OrderView, ...] = ()
    scans: tuple[ScanView, ...] = ()

    def as_answer(self, language: str) -> dict[str, Any]:
        """The stay as JSON, remarks worded in the reader's language."""
        place = self.location
        return {
            "ref": self.ref,
            "known": self.known,
            "confirmed": self.confirmed,
            "name": self.name,
            "bed": self.bed,
            "location": {"code": place.code, "name": place.name, "name_en": place.name_en} if place else None,
            "charged": str(self.charged),
            "orders": [order.as_answer() for order in self.orders],
            "scans": [scan.as_answer(language) for scan in self.scans],
        }


_ENCOUNTER = text("""
    SELECT e.id, e.confirmed, e.patient_name, e.bed, l.code, l.name, l.name_en, l.path,
           coalesce((SELECT sum(c.amount) FROM charge c WHERE c.encounter_id = e.id), 0.00) AS charged
      FROM encounter e LEFT JOIN location l ON l.id = e.location_id
     WHERE e.ref = :ref
""")

# A use that was charged shows the codes of its charge; another those bound on its business date.
_SCANS = text(f"""
    SELECT s.id, s.outcome, s.scanned_at, p.name AS by, l.code AS location, l.path, s.quantity, s.warnings,
           s.order_line_id, i.name, {SPECIFICATION} AS specification, i.base_unit,
           coalesce(m.lot, u.lot, s.parsed ->> 'lot') AS lot,
           coalesce(u.serial, u.label, s.parsed ->> 'serial') AS serial,
           c.id AS charge_id, c.unit_price, c.amount,
           EXISTS (SELECT FROM movement r WHERE r.reverses_id = s.movement_id) AS reversed,
           CASE WHEN c.id IS NULL
                THEN (SELECT jsonb_object_agg(b.system, b.code) FROM code_binding b
                       WHERE b.item_id = s.item_id AND b.status IN ('approved', 'retired')
                         AND b.valid_from <= s.business_date
                         AND (b.valid_to IS NULL OR b.valid_to > s.business_date))
                ELSE jsonb_build_object('material', c.material, 'billing', c.billing, 'order', c.order_code,
                                        'insurance', c.insurance, 'udi', c.udi)
            END AS codes
      FROM scan s
      JOIN person p ON p.id = s.person_id
      JOIN location l ON l.id = s.location_id
      LEFT JOIN item i ON i.id = s.item_id
      LEFT JOIN unit u ON u.id = s.unit_id
      LEFT JOIN movement m ON m.id = s.movement_id
      LEFT JOIN charge c ON c.movement_id = s.movement_id
     WHERE s.encounter_id = :encounter_id
     ORDER BY s.id DESC LIMIT {LATEST}
""")

_SYSTEMS = ("material", "billing", "order", "insurance", "udi")


def find_encounter(session: Session, actor: Actor, ref: str) -> EncounterView:
    """What a wristband's reference stands for, in four statements at most.

    Who may see the ward a patient lies in sees the whole stay; who scanned or ordered for the
    patient elsewhere (a theatre) sees their own part of it. Raises Forbidden, BadEncounter, and
    UnknownEncounter for a stay of which nothing lies in the actor's scope. A reference nobody has used
    yet is no error: the HIS may be late, and the nurse goes on.
    """
    actor.must(Action.VIEW_ENCOUNTER)
    if not is_encounter_ref(ref):
        raise BadEncounter(ref=ref[:40])
    row = session.execute(_ENCOUNTER, {"ref": ref}).one_or_none()
    if row is None:
        return EncounterView(ref)
    orders = tuple(list_orders(session, encounter=ref))
    scans = tuple(_scan(one) for one in session.execute(_SCANS, {"encounter_id": row.id}))
    charged = row.charged
    place = PlaceView(row.code, row.name, row.name_en, row.path) if row.code is not None else None
    if place is None or not actor.may(Action.VIEW_ENCOUNTER, place.path):
        orders = tuple(one for one in orders if actor.may(Action.VIEW_ENCOUNTER, one.path))
        scans = tuple(one for one in scans if actor.may(Action.VIEW_ENCOUNTER, one.path))
        if not orders and not scans:
            raise UnknownEncounter(ref=ref)
        charged = sum((s.amount for s in scans if s.amount and not s.reversed), Decimal("0.00"))
    return EncounterView(
        ref, True, row.confirmed, masked(row.patient_name), row.bed, place, charged, orders, scans
    )


def _scan(row: Any) -> ScanView:
    codes = {system: (row.codes or {}).get(system) for system in _SYSTEMS} if row.name is not None else None
    return ScanView(
        row.id,
        row.outcome,
        row.reversed,
        row.scanned_at,
        row.by,
        row.location,
        row.path,
        row.name,
        row.specification,
        row.base_unit,
        codes,
        row.quantity,
        row.lot or None,
        row.serial,
        row.order_line_id,
        row.charge_id,
        row.unit_price,
        row.amount,
        row.warnings,
    )
