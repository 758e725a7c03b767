"""The patients a nurse may choose from, named only as far as a bedside needs it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Action, Actor
from tracer.orders.rules import masked
from tracer.stock.places import get_place


@dataclass(frozen=True, slots=True)
class Patient:
    """An encounter as the patient bar shows it; `name` is masked."""

    ref: str
    name: str
    bed: str
    open_orders: int
    confirmed: bool


# Encounters are never closed here (the HIS knows the discharge), so the list is of the recent ones. They
# are found from the newest on by the primary key: a ward's patients are among the hospital's last thousands.
_WARD = text("""
    WITH recent AS (
        SELECT id, ref, patient_name, bed, location_id, confirmed FROM encounter ORDER BY id DESC LIMIT 3000
    ), here AS (
        SELECT e.*, (SELECT count(*) FROM clinical_order o
                      WHERE o.encounter_id = e.id AND o.ended_at IS NULL) AS open_orders
          FROM recent e WHERE e.location_id = :location_id
    )
    SELECT ref, patient_name, bed, confirmed, open_orders FROM here
     ORDER BY open_orders > 0 DESC, id DESC
     LIMIT 40
""")


def list_patients(session: Session, actor: Actor, location: str) -> list[Patient]:
    """The latest encounters of a ward, those with open orders first, then by bed.

    Raises Forbidden, UnknownLocation, NoStockHere.
    """
    place = get_place(session, actor, Action.VIEW_ENCOUNTER, location)
    rows = session.execute(_WARD, {"location_id": place.id})
    found = [Patient(r.ref, masked(r.patient_name), r.bed, r.open_orders, r.confirmed) for r in rows]
    return sorted(found, key=lambda one: (one.open_orders == 0, _natural(one.bed), one.ref))


def _natural(bed: str) -> tuple[int, str]:
    """Bed 9 before bed 12."""
    digits = "".join(filter(str.isdigit, bed))
    return (int(digits) if digits.isascii() and digits else 10**9, bed)
