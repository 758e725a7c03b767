"""Taking the pieces from the shelf to the patient, whatever the book thought of the shelf."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.rules import Tracking
from tracer.charging.bedside import PATIENT, Bedside
from tracer.charging.resolving import FoundItem, FoundUnit, find_unit_again, last_use
from tracer.charging.rules import Outcome, Remark
from tracer.stock.moving import move
from tracer.stock.places import VIRTUAL_ID
from tracer.stock.rules import MovementKind, Ownership, Virtual


def book_use(bedside: Bedside) -> Outcome:
    """Move the pieces to the patient; refused only if somebody else used the unit at this instant."""
    item = bedside.item
    assert item is not None
    if bedside.unit is None and item.tracking == Tracking.LOT and not bedside.lot:
        bedside.remark(Remark.LOT_MISSING)
    movement_id = _take(bedside)
    while movement_id is None:
        # Somebody moved the unit since it was looked up: used it, or only carried it elsewhere?
        assert bedside.unit is not None  # only a unit has rivals
        bedside.unit = find_unit_again(bedside.session, bedside.unit.id)
        if bedside.unit.at_id == PATIENT:
            bedside.remark(
                Remark.ALREADY_USED, **last_use(bedside.session, bedside.unit.id, bedside.clock.zone)
            )
            return Outcome.REFUSED
        movement_id = _take(bedside)
    bedside.movement_id = movement_id
    bedside.line = bedside.found.line
    _remark_on_book(bedside, item)
    if item.chargeable and item.unit_price is not None:
        return Outcome.CHARGED
    return Outcome.USED


def _take(bedside: Bedside) -> int | None:
    """The id of the use's movement; None if somebody else moved the unit first."""
    step = None
    if bedside.unit is not None:
        step = _bring_here(bedside, bedside.unit)
        if step is None:
            return None
    return _post(bedside, MovementKind.USE, bedside.location_id, PATIENT, step)


def _bring_here(bedside: Bedside, unit: FoundUnit) -> int | None:
    """Make the ledger say that the unit is here, where it evidently is; the number of its next step.

    None if somebody else moved it first.
    """
    if unit.at_id == bedside.location_id:
        return unit.step + 1
    supplier = VIRTUAL_ID[Virtual.SUPPLIER]
    if unit.at_id is None and unit.ownership != Ownership.CONSIGNED:
        return unit.step + 1  # never received: its shelf goes below zero, which says so
    origin = unit.at_id or supplier
    # A consigned piece is bought by its use; one returned to the supplier was evidently not.
    kind = MovementKind.RECEIPT if origin == supplier else MovementKind.TRANSFER
    if _post(bedside, kind, origin, bedside.location_id, unit.step + 1) is None:
        return None
    bedside.brought = 1
    if kind is MovementKind.TRANSFER:
        bedside.remark(Remark.ELSEWHERE, **_place_names(bedside.session, origin))
    return unit.step + 2


def _place_names(session: Session, location_id: int) -> dict[str, str]:
    row = session.execute(
        text("SELECT code, name, name_en FROM location WHERE id = :id"), {"id": location_id}
    ).one()
    return {"location": row.code, "location_name": row.name, "location_name_en": row.name_en}


def _post(
    bedside: Bedside, kind: MovementKind, origin_id: int, target_id: int, step: int | None
) -> int | None:
    assert bedside.item is not None
    return move(
        bedside.session,
        origin_id=origin_id,
        target_id=target_id,
        item_id=bedside.item.item_id,
        lot=bedside.lot,
        quantity=bedside.quantity,
        kind=kind,
        occurred_at=bedside.occurred_at,
        recorded_at=bedside.recorded_at,
        business_date=bedside.business_date,
        person_id=bedside.actor.id,
        unit_id=bedside.unit.id if bedside.unit else None,
        unit_step=step,
        document=bedside.command.key[:60] if kind is not MovementKind.USE else "",
        unit_cost=bedside.unit.unit_cost if bedside.unit else None,
        encounter_id=bedside.encounter_id if kind is MovementKind.USE else None,
    )


def _remark_on_book(bedside: Bedside, item: FoundItem) -> None:
    """What the book-keepers should know; none of it concerns the nurse's next step."""
    line, wanted = bedside.line, bedside.command.order_line
    if wanted is not None and (line is None or line.id != wanted):
        bedside.remark(Remark.ORDER_LINE_IGNORED)
    if line is not None and line.used + bedside.quantity > line.expected:
        bedside.remark(Remark.MORE_THAN_ORDERED, expected=line.expected)
    # As the book stood when the scan came in: somebody else's scan at this instant remarks on its own.
    left = bedside.found.on_hand + bedside.brought - bedside.quantity
    if left < 0:
        bedside.remark(Remark.NEGATIVE_STOCK, left=left)
    if item.chargeable and item.unit_price is None:
        bedside.remark(Remark.NO_PRICE)
    missing = [system for system, code in item.codes().items() if code is None]
    if item.chargeable and missing:
        bedside.remark(Remark.CODES_INCOMPLETE, missing=", ".join(missing))
