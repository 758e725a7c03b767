"""A supplier takes back what nobody has decided yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Actor
from tracer.catalog.bindings import reject_bindings
from tracer.catalog.certificates.deciding import reject_certificates
from tracer.catalog.pricing import reject_prices
from tracer.catalog.suppliers.errors import DecidedAlready, UnknownEntry
from tracer.catalog.suppliers.owning import SupplierRef, supplier_of
from tracer.catalog.suppliers.rules import OPEN
from tracer.catalog.suppliers.states import JOINED, STATE
from tracer.shared.clock import Clock

WITHDRAWN: Final = "供应商撤回 / withdrawn by the supplier"


def withdraw(session: Session, actor: Actor, clock: Clock, entry_id: int) -> None:
    """Take one entry back. Raises Forbidden, NoSupplier, UnknownEntry, DecidedAlready."""
    supplier = supplier_of(session, actor)
    found = session.execute(_FIND, {"id": entry_id, "supplier": supplier.id}).one_or_none()
    if found is None:
        raise UnknownEntry()
    if found.state not in OPEN:
        raise DecidedAlready()
    take_back(session, actor, clock, supplier, [entry_id], why=WITHDRAWN)


def take_back(
    session: Session, actor: Actor, clock: Clock, supplier: SupplierRef, entries: Sequence[int], *, why: str
) -> None:
    """Mark entries withdrawn, and turn down what they proposed unless somebody else proposes it too."""
    values = {"ids": list(entries), "supplier": supplier.id, "by": actor.id, "now": clock.now()}
    session.execute(_MARK, values)
    alone = session.execute(_ALONE, values).all()
    for column, reject in (
        ("binding_id", reject_bindings),
        ("certificate_id", reject_certificates),
        ("price_id", reject_prices),
    ):
        if ids := [getattr(row, column) for row in alone if getattr(row, column) is not None]:
            reject(session, actor, clock, ids, why=why)


_FIND = text(f"""
    SELECT {STATE} AS state FROM supplier_entry e {JOINED}
      JOIN supply s ON s.supplier_id = e.supplier_id AND s.item_id = e.item_id AND s.ended_at IS NULL
     WHERE e.id = :id AND e.supplier_id = :supplier FOR UPDATE OF e""")
_MARK = text("""
    UPDATE supplier_entry SET withdrawn_at = :now, withdrawn_by_id = :by
     WHERE id = ANY(CAST(:ids AS bigint[])) AND supplier_id = :supplier AND withdrawn_at IS NULL""")
_OTHERS = "o.withdrawn_at IS NULL AND o.supplier_id <> e.supplier_id"
# Proposed by this supplier's own people, and by no other supplier's entry that still stands.
_ALONE = text(f"""
    SELECT e.binding_id, e.certificate_id, e.price_id FROM supplier_entry e {JOINED}
     WHERE e.id = ANY(CAST(:ids AS bigint[])) AND e.supplier_id = :supplier
       AND coalesce(b.status, c.status, p.status) = 'proposed'
       AND coalesce(b.proposer_id, c.proposer_id, p.proposer_id) IN (
           SELECT person_id FROM supplier_person WHERE supplier_id = :supplier)
       AND NOT EXISTS (SELECT FROM supplier_entry o WHERE o.binding_id = e.binding_id AND {_OTHERS})
       AND NOT EXISTS (SELECT FROM supplier_entry o WHERE o.certificate_id = e.certificate_id AND {_OTHERS})
       AND NOT EXISTS (SELECT FROM supplier_entry o WHERE o.price_id = e.price_id AND {_OTHERS})""")
