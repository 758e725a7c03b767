"""Whose items these are: the one question that stands before everything a supplier writes or sees.

What its people may propose is asked here in the database, by the functions that write proposals themselves;
there is no way to them that does not pass here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.suppliers.errors import NoSuchItemHere, NoSupplier
from tracer.shared.errors import Forbidden

OPEN_TO_SUPPLIERS: Final = frozenset({"insurance", "udi", "certificate", "purchase"})
"""What a supplier knows of its items better than the hospital: code systems, and kinds of price."""


@dataclass(frozen=True, slots=True)
class SupplierRef:
    id: int
    code: str
    name: str


def find_supplier_of(reader: Session | Connection, actor: Actor) -> SupplierRef | None:
    """The supplier this person acts for now; None if nobody has said so, or the role has gone."""
    if not actor.may(Action.SUPPLY):
        return None
    row = reader.execute(_OF_PERSON, {"by": actor.id}).one_or_none()
    return SupplierRef(row.id, row.code, row.name) if row else None


def supplier_of(reader: Session | Connection, actor: Actor) -> SupplierRef:
    """The supplier this person acts for now. Raises Forbidden, NoSupplier."""
    actor.must(Action.SUPPLY)
    found = find_supplier_of(reader, actor)
    if found is None:
        raise NoSupplier()
    return found


def ask_leave(
    session: Session, actor: Actor, action: Action, *, items: Iterable[int], kinds: Iterable[str]
) -> None:
    """May this person propose something of these kinds for these items?

    Who may do the action in the whole hospital may; a supplier's person may for what their supplier sells
    here, and only what is a supplier's to say. Raises Forbidden, NoSupplier, NoSuchItemHere.
    """
    if actor.may(action, at=WHOLE_HOSPITAL):
        return
    if not actor.may(Action.SUPPLY) or not OPEN_TO_SUPPLIERS.issuperset(kinds):
        raise Forbidden(action=action.value)
    supplier = supplier_of(session, actor)
    wanted = sorted(set(items))
    sold = session.execute(_SOLD, {"supplier": supplier.id, "items": wanted}).scalar_one()
    if sold != len(wanted):
        raise NoSuchItemHere()


def fellows(session: Session, actor: Actor) -> set[int]:
    """Whose proposals this person may take back: their own, and those of who acts for the same supplier."""
    if not actor.may(Action.SUPPLY):
        return {actor.id}
    return {actor.id, *session.execute(_FELLOWS, {"by": actor.id}).scalars()}


_OF_PERSON = text("""
    SELECT s.id, s.code, s.name FROM supplier_person p JOIN supplier s ON s.id = p.supplier_id
     WHERE p.person_id = :by AND p.ended_at IS NULL""")
_SOLD = text("""
    SELECT count(*) FROM supply
     WHERE supplier_id = :supplier AND ended_at IS NULL AND item_id = ANY(CAST(:items AS bigint[]))""")
_FELLOWS = text("""
    SELECT f.person_id FROM supplier_person p JOIN supplier_person f ON f.supplier_id = p.supplier_id
     WHERE p.person_id = :by AND p.ended_at IS NULL""")
