"""The end of an order: what was expected and not used ends as "not used", and is never charged."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.rules import Action, Actor
from tracer.orders.errors import UnknownOrder
from tracer.orders.queries import list_orders
from tracer.orders.tables import Order
from tracer.shared.clock import Clock
from tracer.stock.tables import Location


def end_order(session: Session, actor: Actor, order_no: str, clock: Clock) -> dict[str, Any]:
    """End an order; ending it again changes nothing. A piece scanned later still counts as used.

    Raises Forbidden, UnknownOrder (also for one outside the actor's scope).
    """
    actor.must(Action.END_ORDER)
    row = session.execute(
        select(Order.id, Order.ended_at, Location.path)
        .join(Location, Location.id == Order.location_id)
        .where(Order.order_no == order_no)
        .with_for_update(of=Order)
    ).one_or_none()
    if row is None or not actor.may(Action.END_ORDER, row.path):
        raise UnknownOrder(order_no=order_no)
    if row.ended_at is None:
        session.execute(update(Order).where(Order.id == row.id).values(ended_at=clock.now()))
        audit.record(session, actor, clock, action="end_order", subject="order", subject_id=order_no)
    return list_orders(session, order_no=order_no)[0].as_answer()


def end_orders_of_day(session: Session, day: date, clock: Clock) -> int:
    """End every order placed on or before a day that is being closed; returns how many."""
    ended = session.execute(
        update(Order)
        .where(Order.business_date <= day, Order.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(Order.id)
    )
    return len(ended.all())
