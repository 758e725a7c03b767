"""Procurement says who sells what here, and who acts for whom.

That goods of an item came from a supplier does not list it: a slip at the receiving desk would show one
supplier another's item. What is listed here by a person is all that a supplier ever sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor, Role
from tracer.catalog.codes_file.cells import LONGEST_CODE, LONGEST_TEXT
from tracer.catalog.suppliers.errors import (
    ActsForAnother,
    NotASuppliersPerson,
    SupplierExists,
    UnknownMaterials,
    UnknownSupplier,
)
from tracer.shared.clock import Clock, today
from tracer.shared.errors import Invalid

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many items were added, and how many the supplier sold here already."""

    added: int
    already: int


def add_supplier(session: Session, actor: Actor, clock: Clock, *, code: str, name: str) -> int:
    """A supplier that may deliver here. Raises Forbidden, Invalid, SupplierExists."""
    actor.must(Action.MANAGE_SUPPLIERS, at=WHOLE_HOSPITAL)
    code, name = code.strip(), name.strip()
    for field, value, most in (("code", code, LONGEST_CODE), ("name", name, LONGEST_TEXT)):
        if not value or not value.isprintable() or len(value) > most:
            raise Invalid(field=field, reason=f"1–{most} 个可打印字符 / printable characters")
    made: int | None = session.execute(_ADD, {"code": code, "name": name}).scalar_one_or_none()
    if made is None:
        raise SupplierExists(supplier=code)
    _record(session, actor, clock, "add_supplier", made, {"code": code, "name": name})
    return made


def assign_items(
    session: Session, actor: Actor, clock: Clock, supplier_id: int, materials: Iterable[str]
) -> Assigned:
    """From now on the supplier sells these items here, by their material codes; all of them or none.

    Raises Forbidden, UnknownSupplier, Invalid if none is named, UnknownMaterials.
    """
    actor.must(Action.MANAGE_SUPPLIERS, at=WHOLE_HOSPITAL)
    _must_be(session, supplier_id)
    wanted = sorted({code.strip() for code in materials} - {""})
    if not wanted:
        raise Invalid(field="materials", reason="请填写物资编码 / material codes are expected")
    items = {row.code: row.item_id for row in session.execute(_ITEMS, {"codes": wanted, "on": today(clock)})}
    if unknown := [code for code in wanted if code not in items]:
        more = " …" if len(unknown) > MOST_SHOWN else ""
        raise UnknownMaterials(codes=", ".join(unknown[:MOST_SHOWN]) + more)
    values = {"supplier": supplier_id, "items": sorted(items.values()), "by": actor.id, "now": clock.now()}
    added = session.execute(_ASSIGN, values).scalars().all()
    if added:
        session.execute(text("ANALYZE supply"))
        _record(session, actor, clock, "assign_items", supplier_id, {"items": list(added)})
    return Assigned(len(added), len(items) - len(added))


def end_items(session: Session, actor: Actor, clock: Clock, supplier_id: int, items: Iterable[int]) -> int:
    """The supplier sells these no more, and sees nothing of them from now on; how many.

    What it had entered and nobody decided stays for the hospital to decide. Raises Forbidden,
    UnknownSupplier.
    """
    actor.must(Action.MANAGE_SUPPLIERS, at=WHOLE_HOSPITAL)
    _must_be(session, supplier_id)
    values = {"supplier": supplier_id, "items": sorted(set(items)), "by": actor.id, "now": clock.now()}
    ended = session.execute(_END, values).scalars().all()
    if ended:
        _record(session, actor, clock, "end_items", supplier_id, {"items": list(ended)})
    return len(ended)


def assign_person(session: Session, actor: Actor, clock: Clock, supplier_id: int, person_id: int) -> None:
    """The person acts for the supplier from now on. Nothing happens if they do already.

    Raises Forbidden, UnknownSupplier, NotASuppliersPerson, ActsForAnother.
    """
    actor.must(Action.MANAGE_SUPPLIERS, at=WHOLE_HOSPITAL)
    _must_be(session, supplier_id)
    values = {"person": person_id, "supplier": supplier_id, "role": Role.SUPPLIER.value}
    person = session.execute(_PERSON, values).one_or_none()
    if person is None or not person.holds:
        raise NotASuppliersPerson(name=person.name if person else f"#{person_id}")
    values = {"person": person_id, "supplier": supplier_id, "by": actor.id, "now": clock.now()}
    if session.execute(_ACT, values).scalar_one_or_none() is not None:
        _record(session, actor, clock, "assign_person", supplier_id, {"person": person_id})
        return
    current = session.execute(_ACTS_FOR, {"person": person_id}).one()
    if current.id != supplier_id:
        raise ActsForAnother(name=person.name, supplier=current.name)


def end_person(session: Session, actor: Actor, clock: Clock, supplier_id: int, person_id: int) -> bool:
    """The person acts for the supplier no more; false if they did not. Raises Forbidden, UnknownSupplier."""
    actor.must(Action.MANAGE_SUPPLIERS, at=WHOLE_HOSPITAL)
    _must_be(session, supplier_id)
    values = {"person": person_id, "supplier": supplier_id, "by": actor.id, "now": clock.now()}
    ended = session.execute(_END_PERSON, values).scalar_one_or_none() is not None
    if ended:
        _record(session, actor, clock, "end_person", supplier_id, {"person": person_id})
    return ended


def _must_be(session: Session, supplier_id: int) -> None:
    if session.execute(_SUPPLIER, {"id": supplier_id}).one_or_none() is None:
        raise UnknownSupplier()


def _record(
    session: Session, actor: Actor, clock: Clock, action: str, supplier_id: int, after: dict[str, object]
) -> None:
    audit.record(
        session, actor, clock, action=action, subject="supplier", subject_id=supplier_id, after=after
    )


_SUPPLIER = text("SELECT id FROM supplier WHERE id = :id")
_ADD = text("""
    INSERT INTO supplier (code, name) VALUES (:code, :name) ON CONFLICT (code) DO NOTHING RETURNING id""")
_ITEMS = text("""
    SELECT code, item_id FROM code_binding
     WHERE system = 'material' AND code = ANY(CAST(:codes AS text[])) AND status IN ('approved', 'retired')
       AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)""")
_ASSIGN = text("""
    INSERT INTO supply (supplier_id, item_id, begun_at, begun_by_id)
    SELECT :supplier, i, :now, :by FROM unnest(CAST(:items AS bigint[])) AS w (i)
        ON CONFLICT (supplier_id, item_id) WHERE ended_at IS NULL DO NOTHING RETURNING item_id""")
_END = text("""
    UPDATE supply SET ended_at = :now, ended_by_id = :by
     WHERE supplier_id = :supplier AND item_id = ANY(CAST(:items AS bigint[])) AND ended_at IS NULL
    RETURNING item_id""")
_PERSON = text("""
    SELECT p.name, p.active AND EXISTS (
               SELECT FROM role_grant g WHERE g.person_id = p.id AND g.role = :role) AS holds
      FROM person p WHERE p.id = :person""")
_ACT = text("""
    INSERT INTO supplier_person (supplier_id, person_id, begun_at, begun_by_id)
    VALUES (:supplier, :person, :now, :by)
        ON CONFLICT (person_id) WHERE ended_at IS NULL DO NOTHING RETURNING id""")
_ACTS_FOR = text("""
    SELECT s.id, s.name FROM supplier_person p JOIN supplier s ON s.id = p.supplier_id
     WHERE p.person_id = :person AND p.ended_at IS NULL""")
_END_PERSON = text("""
    UPDATE supplier_person SET ended_at = :now, ended_by_id = :by
     WHERE supplier_id = :supplier AND person_id = :person AND ended_at IS NULL RETURNING id""")
