"""An order comes from the HIS; a bundle in it is unpacked into the components it expects."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.once import Answer, once
from tracer.access.rules import Action, Actor
from tracer.catalog.items import BOUND
from tracer.catalog.rules import CodeSystem
from tracer.catalog.tables import CodeBinding
from tracer.orders.encounters import get_or_open_encounter
from tracer.orders.errors import OrderNoTaken, UnknownOrderCode
from tracer.orders.queries import list_orders
from tracer.orders.tables import Bundle, BundleLine, Encounter, Order, OrderLine
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.stock.business_days import moment
from tracer.stock.places import get_place

_orders: Any = Order.__table__
_lines: Any = OrderLine.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedCode:
    """An order code, of an item or of a bundle, and how many of it."""

    order_code: str
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    key: str
    order_no: str
    encounter: str
    location: str
    lines: tuple[OrderedCode, ...]
    ordered_at: datetime | None = None
    patient_name: str = ""
    bed: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of an unpacked order."""

    item_id: int
    quantity: int
    bundle_id: int | None
    bundle_no: int | None


def unpack(session: Session, lines: tuple[OrderedCode, ...], on: date) -> list[Expected]:
    """Each ordered code as the items it expects: a bundle gives one line per component.

    Raises UnknownOrderCode (with the line, counted from 1) and Invalid for a quantity below 1.
    """
    codes = {line.order_code for line in lines}
    items = {
        row.code: row.item_id
        for row in session.execute(
            select(CodeBinding.code, CodeBinding.item_id).where(
                CodeBinding.system == CodeSystem.ORDER,
                CodeBinding.code.in_(codes),
                CodeBinding.status.in_(BOUND),
                CodeBinding.valid_from <= on,
                or_(CodeBinding.valid_to.is_(None), CodeBinding.valid_to > on),
            )
        )
    }
    components: dict[str, list[tuple[int, int, int]]] = {}
    for row in session.execute(
        select(Bundle.order_code, Bundle.id, BundleLine.item_id, BundleLine.quantity)
        .join(BundleLine, BundleLine.bundle_id == Bundle.id)
        .where(Bundle.order_code.in_(codes))
        .order_by(BundleLine.id)
    ):
        components.setdefault(row.order_code, []).append((row.id, row.item_id, row.quantity))
    expected = []
    for number, line in enumerate(lines, start=1):
        if not 0 < line.quantity <= 10_000:
            raise Invalid(field=f"lines[{number}].quantity", reason=f"{line.quantity}: 1–10000")
        if line.order_code in items:
            expected.append(Expected(items[line.order_code], line.quantity, None, None))
        elif line.order_code in components:
            expected += [
                Expected(item_id, quantity * line.quantity, bundle_id, number)
                for bundle_id, item_id, quantity in components[line.order_code]
            ]
        else:
            raise UnknownOrderCode(line=number, order_code=line.order_code)
    return expected


def place_order(session: Session, actor: Actor, command: PlaceOrder, clock: Clock) -> Answer:
    """Take in an order. Nothing is charged: its lines are expected until a piece is used.

    Raises Forbidden, UnknownLocation, BadEncounter, UnknownOrderCode, OrderNoTaken, TooLate,
    KeyReused, KeyInFlight. Then nothing was written.
    """
    place = get_place(session, actor, Action.PLACE_ORDER, command.location)
    claim = once(session, actor, key=command.key, operation="order", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    ordered_at, day = moment(clock, command.ordered_at, session)
    if not command.lines:
        raise Invalid(field="lines", reason="至少一行 / at least one line")
    expected = unpack(session, command.lines, day)
    encounter = get_or_open_encounter(session, command.encounter, clock, location_id=place.id, confirmed=True)
    told: dict[str, Any] = {"confirmed": True, "location_id": place.id}
    told |= {"patient_name": command.patient_name} if command.patient_name else {}
    told |= {"bed": command.bed} if command.bed else {}
    session.execute(update(Encounter).where(Encounter.id == encounter.id).values(told))
    order_id = session.execute(
        pg_insert(_orders)
        .values(
            order_no=command.order_no,
            encounter_id=encounter.id,
            location_id=place.id,
            ordered_at=ordered_at,
            business_date=day,
            recorded_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(_orders.c.id)
    ).scalar_one_or_none()
    if order_id is None:
        raise OrderNoTaken(order_no=command.order_no)
    session.execute(
        insert(_lines),
        [
            {
                "order_id": order_id,
                "encounter_id": encounter.id,
                "line_no": number,
                "item_id": line.item_id,
                "bundle_id": line.bundle_id,
                "bundle_no": line.bundle_no,
                "expected": line.quantity,
            }
            for number, line in enumerate(expected, start=1)
        ],
    )
    answer = list_orders(session, order_no=command.order_no)[0].as_answer()
    audit.record(
        session,
        actor,
        clock,
        action="place_order",
        subject="order",
        subject_id=command.order_no,
        after={"encounter": command.encounter, "lines": len(expected)},
    )
    return claim.keep(answer, clock)
