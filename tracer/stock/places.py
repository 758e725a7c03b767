"""Locations: finding one by its code, within what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracer.access.rules import Action, Actor
from tracer.stock.errors import NoStockHere, UnknownLocation
from tracer.stock.rules import HOLDS_STOCK, LocationKind, Virtual
from tracer.stock.tables import Location

# The virtual places have fixed ids (first migration), so that a movement needs no look-up for them.
VIRTUAL_ID = {Virtual.SUPPLIER: 1, Virtual.PATIENT: 2, Virtual.LOSS: 3, Virtual.COUNT: 4}


@dataclass(frozen=True, slots=True)
class Place:
    id: int
    code: str
    name: str
    name_en: str
    kind: LocationKind
    path: str


def get_place(session: Session, actor: Actor, action: Action, code: str) -> Place:
    """The place with this code where the actor may do the action and stock can lie.

    Raises Forbidden if the actor may do it nowhere, UnknownLocation if there is no such place or it
    is out of the actor's scope (the answer does not tell which), NoStockHere for a mere department.
    """
    actor.must(action)
    row = session.execute(
        select(
            Location.id, Location.code, Location.name, Location.name_en, Location.kind, Location.path
        ).where(Location.code == code, Location.kind != LocationKind.VIRTUAL)
    ).one_or_none()
    if row is None or not actor.may(action, row.path):
        raise UnknownLocation(location=code)
    place = Place(row.id, row.code, row.name, row.name_en, LocationKind(row.kind), row.path)
    if place.kind not in HOLDS_STOCK:
        raise NoStockHere(location=code)
    return place


def list_places(session: Session, actor: Actor, action: Action) -> list[Place]:
    """Every place that holds stock where the actor may do the action, in tree order."""
    rows = session.execute(
        select(Location.id, Location.code, Location.name, Location.name_en, Location.kind, Location.path)
        .where(Location.kind.in_(HOLDS_STOCK))
        .order_by(Location.path)
    )
    places = (Place(r.id, r.code, r.name, r.name_en, LocationKind(r.kind), r.path) for r in rows)
    return [place for place in places if actor.may(action, place.path)]
