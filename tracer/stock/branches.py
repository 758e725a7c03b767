"""The tree of places, for choosing a part of the hospital."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracer.access.rules import Action, Actor
from tracer.stock.rules import LocationKind
from tracer.stock.tables import Location


@dataclass(frozen=True, slots=True)
class Branch:
    """A place and everything below it; `depth` is 0 for the topmost this person may see."""

    code: str
    name: str
    name_en: str
    depth: int


def list_branches(session: Session, actor: Actor, action: Action) -> list[Branch]:
    """Every real place where the actor may do the action, departments included, in tree order."""
    rows = session.execute(
        select(Location.code, Location.name, Location.name_en, Location.path)
        .where(Location.kind != LocationKind.VIRTUAL)
        .order_by(Location.path)
    ).all()
    seen = [row for row in rows if actor.may(action, row.path)]
    least = min((row.path.count("/") for row in seen), default=0)
    return [Branch(row.code, row.name, row.name_en, row.path.count("/") - least) for row in seen]
