"""Reading orders: their lines, and how far each has got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracer.access.rules import Action, Actor
from tracer.catalog.rules import CodeSystem
from tracer.catalog.tables import CodeBinding, Item
from tracer.orders.errors import UnknownOrder
from tracer.orders.tables import Bundle, Encounter, Order, OrderLine
from tracer.stock.tables import Location


class LineState(StrEnum):
    EXPECTED = "expected"
    USED = "used"
    NOT_USED = "not_used"


def line_state(*, used: int, ended: bool) -> LineState:
    """A line is used once a piece was; one that was not becomes "not used" when the order ends."""
    if used > 0:
        return LineState.USED
    return LineState.NOT_USED if ended else LineState.EXPECTED


@dataclass(frozen=True, slots=True)
class LineView:
    id: int
    line_no: int
    material: str | None
    name: str
    specification: str
    base_unit: str
    bundle: str | None
    bundle_name: str | None
    expected: int
    used: int
    state: LineState


@dataclass(frozen=True, slots=True)
class OrderView:
    order_no: str
    encounter: str
    location: str
    path: str
    ordered_at: datetime
    ended_at: datetime | None
    lines: tuple[LineView, ...]

    def as_answer(self) -> dict[str, Any]:
        """The order as JSON; a bundle's lines are its components, each one expected and not charged."""
        return {
            "order_no": self.order_no,
            "encounter": self.encounter,
            "location": self.location,
            "ordered_at": self.ordered_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "lines": [
                {
                    "id": line.id,
                    "line_no": line.line_no,
                    "bundle": line.bundle,
                    "bundle_name": line.bundle_name,
                    "material": line.material,
                    "name": line.name,
                    "specification": line.specification,
                    "expected": line.expected,
                    "used": line.used,
                    "state": str(line.state),
                }
                for line in self.lines
            ],
        }


def list_orders(
    session: Session, *, encounter: str | None = None, order_no: str | None = None
) -> list[OrderView]:
    """Orders of an encounter, or the one with a number, newest first; two statements at most."""
    where = Encounter.ref == encounter if encounter is not None else Order.order_no == order_no
    orders = session.execute(
        select(
            Order.id,
            Order.order_no,
            Encounter.ref,
            Location.code,
            Location.path,
            Order.ordered_at,
            Order.ended_at,
        )
        .join(Encounter, Encounter.id == Order.encounter_id)
        .join(Location, Location.id == Order.location_id)
        .where(where)
        .order_by(Order.ordered_at.desc(), Order.id.desc())
    ).all()
    if not orders:
        return []
    lines: dict[int, list[LineView]] = {row.id: [] for row in orders}
    ended = {row.id: row.ended_at is not None for row in orders}
    rows = session.execute(
        select(
            OrderLine.id,
            OrderLine.order_id,
            OrderLine.line_no,
            CodeBinding.code,
            Item.name,
            func.concat_ws(" ", func.nullif(Item.specification, ""), func.nullif(Item.model, "")).label(
                "specification"
            ),
            Item.base_unit,
            Bundle.order_code,
            Bundle.name.label("bundle_name"),
            OrderLine.expected,
            OrderLine.used,
        )
        .join(Item, Item.id == OrderLine.item_id)
        .join(Bundle, Bundle.id == OrderLine.bundle_id, isouter=True)
        .join(
            CodeBinding,
            (CodeBinding.item_id == Item.id)
            & (CodeBinding.system == CodeSystem.MATERIAL)
            & (CodeBinding.status == "approved")
            & (CodeBinding.valid_to.is_(None)),
            isouter=True,
        )
        .where(OrderLine.order_id.in_(lines))
        .order_by(OrderLine.order_id, OrderLine.line_no)
    )
    for row in rows:
        lines[row.order_id].append(
            LineView(
                row.id,
                row.line_no,
                row.code,
                row.name,
                row.specification,
                row.base_unit,
                row.order_code,
                row.bundle_name,
                row.expected,
                row.used,
                line_state(used=row.used, ended=ended[row.order_id]),
            )
        )
    return [
        OrderView(o.order_no, o.ref, o.code, o.path, o.ordered_at, o.ended_at, tuple(lines[o.id]))
        for o in orders
    ]


def get_order(session: Session, actor: Actor, order_no: str) -> OrderView:
    """An order, for who looks after the patient or places orders at its location.

    Raises Forbidden if the actor may do neither anywhere, UnknownOrder (also out of scope).
    """
    if not actor.may(Action.PLACE_ORDER):
        actor.must(Action.VIEW_ENCOUNTER)
    found = list_orders(session, order_no=order_no)
    if not found or not any(
        actor.may(one, found[0].path) for one in (Action.VIEW_ENCOUNTER, Action.PLACE_ORDER)
    ):
        raise UnknownOrder(order_no=order_no)
    return found[0]
