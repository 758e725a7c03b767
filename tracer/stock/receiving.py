"""Receiving: goods come from a supplier onto a shelf; high-value pieces get their own label."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from scanners.inhouse import InHouse
from tracer.access import audit
from tracer.access.once import Answer, once
from tracer.access.rules import Action, Actor
from tracer.catalog.certificates.validity import must_be_certified
from tracer.catalog.coming_into_use import must_be_settled
from tracer.catalog.items import ItemRef
from tracer.catalog.rules import Tracking
from tracer.catalog.tables import Supplier
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.stock.business_days import moment
from tracer.stock.documents import Line, Posted, check_lines
from tracer.stock.errors import ExpiryDiffers, UnknownSupplier
from tracer.stock.moving import move
from tracer.stock.places import VIRTUAL_ID, get_place
from tracer.stock.rules import MovementKind, Ownership, Virtual
from tracer.stock.tables import Lot
from tracer.stock.units import Delivered, make_units


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine(Line):
    """`units` are the makers' serials, if the pieces carry any; `unit_cost` in CNY per base unit."""

    expiry: date | None = None
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """A supplier's delivery. Consigned pieces stay the supplier's until used: no stock moves yet."""

    key: str
    location: str
    supplier: str
    document: str
    lines: tuple[ReceiptLine, ...]
    occurred_at: datetime | None = None
    ownership: Ownership = Ownership.OWNED


def receive(
    session: Session, actor: Actor, command: Receive, clock: Clock, labels: InHouse | None = None
) -> Answer:
    """Book a delivery, and make a unit with an in-house label for every piece of a serialised item.

    A chargeable item comes in only with its five codes and its charge price, and no item whose certificate
    has ended, unless somebody allowed an exception. Raises Forbidden, UnknownLocation, UnknownSupplier,
    UnknownItem, NotSettled, CertificateEnded, LotNeeded, UnitTwice, ExpiryDiffers, TooLate, KeyReused,
    KeyInFlight; then nothing was written.
    """
    place = get_place(session, actor, Action.RECEIVE, command.location)
    claim = once(session, actor, key=command.key, operation="receive", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    supplier_id = session.execute(
        select(Supplier.id).where(Supplier.code == command.supplier)
    ).scalar_one_or_none()
    if supplier_id is None:
        raise UnknownSupplier(supplier=command.supplier)
    occurred_at, day = moment(clock, command.occurred_at, session)
    items = check_lines(session, command.lines, day)
    must_be_settled(session, (item.id for item in items.values()), day)
    must_be_certified(session, (item.id for item in items.values()), day)
    movements: list[int] = []
    made: list[str] = []
    pieces: list[tuple[int | None, str, int, int]]  # unit, lot, quantity, where to
    for line in command.lines:
        item = items[line.material]
        _keep_expiry(session, item, line)
        consigned = command.ownership is Ownership.CONSIGNED
        if item.tracking is Tracking.SERIAL:
            delivered = Delivered(
                lot=line.lot,
                expiry=line.expiry,
                ownership=command.ownership,
                supplier_id=supplier_id,
                held_at_id=place.id if consigned else None,
                unit_cost=line.unit_cost,
            )
            units = make_units(
                session,
                item,
                quantity=line.quantity,
                serials=line.units,
                delivered=delivered,
                labels=labels or InHouse(),
                now=clock.now(),
            )
            made += [unit.label for unit in units if unit.label is not None]
            # What was used before its receipt is received where it was used, and a consigned piece is
            # bought by its use.
            pieces = [
                (unit.id, unit.lot, 1, place.id)
                if unit.used_at_id is None
                else (None, unit.lot, 1, unit.used_at_id)
                for unit in units
                if unit.used_at_id is not None or not consigned
            ]
        elif consigned:
            raise Invalid(field="ownership", reason=f"{line.material}: 寄售仅限按件追踪 / only piece-tracked")
        else:
            pieces = [(None, item.lot_of(line.lot), line.quantity, place.id)]
        for unit_id, lot, quantity, target_id in pieces:
            movement = move(
                session,
                origin_id=VIRTUAL_ID[Virtual.SUPPLIER],
                target_id=target_id,
                item_id=item.id,
                lot=lot,
                quantity=quantity,
                kind=MovementKind.RECEIPT,
                occurred_at=occurred_at,
                recorded_at=clock.now(),
                business_date=day,
                person_id=actor.id,
                unit_id=unit_id,
                unit_step=1 if unit_id else None,
                document=command.document,
                unit_cost=line.unit_cost,
            )
            assert movement is not None  # a unit locked or made in this transaction has no rival
            movements.append(movement)
    answer = Posted(command.document, day, tuple(movements), tuple(made)).as_answer()
    audit.record(
        session, actor, clock, action="receive", subject="document", subject_id=command.document, after=answer
    )
    return claim.keep(answer, clock)


def _keep_expiry(session: Session, item: ItemRef, line: ReceiptLine) -> None:
    """Remember the lot's expiry. A lot has one: another date is a typing error or a wrong lot."""
    if not line.lot:
        return
    given = pg_insert(Lot).values(item_id=item.id, lot=line.lot, expiry=line.expiry)
    known = session.execute(
        given.on_conflict_do_update(
            index_elements=["item_id", "lot"],
            set_={"expiry": func.coalesce(Lot.expiry, given.excluded.expiry)},
        ).returning(Lot.expiry)
    ).scalar_one()
    if line.expiry is not None and known is not None and known != line.expiry:
        raise ExpiryDiffers(material=line.material, lot=line.lot, known=str(known), given=str(line.expiry))
