"""What a supplier entered, as differences: what holds now, what it says, what a register says; and decided.

Approving is what it is everywhere: codes and certificates by another person, a price by two. In bulk go only
entries without a doubt, whoever asks and however.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.approving import Problem
from tracer.catalog.bindings import approve_bindings, reject_bindings
from tracer.catalog.certificates.deciding import approve_certificates, reject_certificates
from tracer.catalog.certificates.numbers import canonical_number
from tracer.catalog.certificates.validity import covered_items
from tracer.catalog.items import SPECIFICATION
from tracer.catalog.pricing import approve_prices, reject_prices
from tracer.catalog.registers.tables import CodeKind
from tracer.catalog.suppliers.doubting import Look, doubts
from tracer.catalog.suppliers.entering import value_of
from tracer.catalog.suppliers.errors import DecidedAlready, UnknownEntry, UnknownSupplier
from tracer.catalog.suppliers.owning import SupplierRef
from tracer.catalog.suppliers.registers_say import RegisterWord, register_words
from tracer.catalog.suppliers.rules import Certified, Doubt, Field, State, Value
from tracer.catalog.suppliers.states import JOINED, STATE
from tracer.shared.clock import Clock, today
from tracer.shared.errors import NothingChosen, ReasonNeeded

PAGE: Final = 50
MOST_LOOKED_AT: Final = 2_000
"""On one page and its neighbours: a supplier's first file may hold a hundred thousand entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """An open entry beside everything it is to be compared with. `holder`: another item with the code."""

    id: int
    item_id: int
    name: str
    specification: str
    material: str | None
    unit: str
    field: Field
    value: Value
    now: Value | None
    register: RegisterWord | None
    register_says: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    holder: str | None
    state: State
    first: str | None
    first_approver_id: int | None
    entered_by: str
    entered_at: datetime
    file: str | None
    target: tuple[str, int]

    def may_be_approved_by(self, person_id: int) -> bool:
        return self.first_approver_id != person_id


@dataclass(frozen=True, slots=True)
class Decided:
    """`once`: prices that wait for another approver. `refused`: entries that could not be, and why."""

    approved: int
    once: int
    refused: tuple[Problem, ...]


def get_supplier(session: Session, supplier_id: int) -> SupplierRef:
    """Raises UnknownSupplier."""
    row = session.execute(_SUPPLIER, {"id": supplier_id}).one_or_none()
    if row is None:
        raise UnknownSupplier()
    return SupplierRef(row.id, row.code, row.name)


def open_entries(
    session: Session,
    clock: Clock,
    supplier_id: int,
    *,
    ids: Iterable[int] | None = None,
    most: int | None = None,
) -> list[Reviewed]:
    """What waits of a supplier, item by item; of these entries only, if any are named; the `most` oldest."""
    day = today(clock)
    wanted = None if ids is None else sorted(set(ids))
    rows = session.execute(_OPEN, {"supplier": supplier_id, "ids": wanted, "most": most, "on": day}).all()
    covered = covered_items(session, {row.item_id for row in rows}, day)
    # What a supplier says of the code stands beside what the register says of the identifier it gives.
    device = {row.item_id: row.now_udi for row in rows if row.now_udi}
    device |= {row.item_id: row.value for row in rows if row.field == Field.UDI}
    words = register_words(session, device.values())
    found = []
    for row in rows:
        field_, value = Field(row.field), value_of(row)
        bears = covered[row.item_id]
        now: Value | None = row.now_insurance
        if field_ is Field.UDI:
            now = row.now_udi
        elif field_ is Field.PRICE:
            now = row.now_price
        elif field_ is Field.CERTIFICATE:
            now = Certified(canonical_number(bears.number), bears.valid_until) if bears.number else None
        asked = row.value if field_ is Field.UDI else device.get(row.item_id, "")
        word = words.get(asked)
        look = Look(
            field=field_,
            value=value,
            now=now,
            is_sold=row.is_sold,
            held_elsewhere=row.holder is not None,
            wanted_elsewhere=row.wanted_elsewhere,
            has_rival=row.has_rival,
            is_package=row.is_package or (word is not None and word.kind is CodeKind.PACKAGE),
            is_withdrawn=word is not None and word.withdrawn,
            register_insurance=word.insurance if word else (),
            register_certificates=word.certificates if word else (),
            certificate=canonical_number(bears.number) if bears.number else "",
            listed=row.listed,
            volume_based=row.volume_based,
        )
        found.append(
            Reviewed(
                id=row.id,
                item_id=row.item_id,
                name=row.name,
                specification=row.specification,
                material=row.material,
                unit=row.unit,
                field=field_,
                value=value,
                now=now,
                register=word,
                register_says=_said(field_, word),
                doubts=doubts(look, day),
                holder=row.holder,
                state=State(row.state),
                first=row.first,
                first_approver_id=row.first_approver_id,
                entered_by=row.entered_by,
                entered_at=row.entered_at,
                file=row.file,
                target=_target(row),
            )
        )
    return found


def approve_entries(
    session: Session,
    actor: Actor,
    clock: Clock,
    supplier_id: int,
    ids: Sequence[int],
    *,
    why: str = "",
    exception: str = "",
) -> Decided:
    """Approve these entries; those that cannot be are named, the others pass.

    `exception` is why prices that break a rule come into force all the same.
    Raises Forbidden, UnknownSupplier, UnknownEntry, DecidedAlready.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    get_supplier(session, supplier_id)
    return _approve(session, actor, clock, _chosen(session, clock, supplier_id, ids), why, exception)


def approve_undisputed(session: Session, actor: Actor, clock: Clock, supplier_id: int) -> Decided:
    """Approve all that waits of a supplier and of which nothing speaks for a look.

    Raises Forbidden, UnknownSupplier.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    get_supplier(session, supplier_id)
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    waiting = open_entries(session, clock, supplier_id)
    clear = [one for one in waiting if not one.doubts and one.may_be_approved_by(actor.id)]
    return _approve(session, actor, clock, clear)


def return_entries(
    session: Session, actor: Actor, clock: Clock, supplier_id: int, ids: Sequence[int], *, why: str
) -> int:
    """Give entries back with a reason that the supplier reads; how many.

    Raises Forbidden, Invalid without a reason, UnknownSupplier, UnknownEntry, DecidedAlready.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    get_supplier(session, supplier_id)
    if not why.strip():
        raise ReasonNeeded(field="why")
    chosen = _chosen(session, clock, supplier_id, ids)
    targets = _by_table(chosen)
    for table, reject in (
        ("binding", reject_bindings),
        ("certificate", reject_certificates),
        ("price", reject_prices),
    ):
        if targets[table]:
            reject(session, actor, clock, targets[table], why=why)
    return len(chosen)


def _chosen(session: Session, clock: Clock, supplier_id: int, ids: Sequence[int]) -> list[Reviewed]:
    if not ids:
        raise NothingChosen(field="id")
    found = open_entries(session, clock, supplier_id, ids=ids)
    if len(found) != len(set(ids)):
        theirs = session.execute(_THEIRS, {"supplier": supplier_id, "ids": list(ids)}).scalar_one()
        raise DecidedAlready() if theirs == len(set(ids)) else UnknownEntry()
    return found


def _approve(
    session: Session,
    actor: Actor,
    clock: Clock,
    chosen: Sequence[Reviewed],
    why: str = "",
    exception: str = "",
) -> Decided:
    targets = _by_table(chosen)
    entry_of = {one.target: one.id for one in chosen}
    codes = approve_bindings(session, actor, clock, targets["binding"], skip_refused=True, why=why)
    papers = approve_certificates(session, actor, clock, targets["certificate"], skip_refused=True, why=why)
    prices = approve_prices(session, actor, clock, targets["price"], skip_refused=True, exception=exception)
    refused = [
        Problem(entry_of[table, one.binding_id], one.code, one.data)
        for table, problems in (
            ("binding", codes.refused),
            ("certificate", papers.refused),
            ("price", prices.refused),
        )
        for one in problems
    ]
    approved = len(codes.approved) + len(papers.approved) + len(prices.approved)
    return Decided(approved, len(prices.once), tuple(refused))


def _by_table(chosen: Iterable[Reviewed]) -> dict[str, list[int]]:
    targets: dict[str, list[int]] = {"binding": [], "certificate": [], "price": []}
    for one in chosen:
        table, id_ = one.target
        targets[table].append(id_)
    return targets


def _target(row: Any) -> tuple[str, int]:
    """What the entry proposed: its table, its number."""
    if row.binding_id is not None:
        return "binding", row.binding_id
    return ("price", row.price_id) if row.price_id is not None else ("certificate", row.certificate_id)


def _said(field_: Field, word: RegisterWord | None) -> tuple[str, ...]:
    """What the register says in this entry's place."""
    if word is None:
        return ()
    if field_ is Field.UDI:
        return tuple(one for one in (word.name, word.model, word.maker) if one)
    return {Field.INSURANCE: word.insurance, Field.CERTIFICATE: word.certificates}.get(field_, ())


def count_open(session: Session, supplier_id: int) -> int:
    """How many entries of a supplier wait."""
    return int(session.execute(_COUNT, {"supplier": supplier_id}).scalar_one())


def count_by_doubt(entries: Iterable[Reviewed]) -> tuple[int, int]:
    """(without, with a doubt)."""
    counts = Counter(bool(one.doubts) for one in entries)
    return counts[False], counts[True]


_IN_FORCE = "status IN ('approved', 'retired') AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
_NEVER_OVER = "h.status IN ('approved', 'retired') AND (h.valid_to IS NULL OR h.valid_to > :on)"
_SUPPLIER = text("SELECT id, code, name FROM supplier WHERE id = :id")
_THEIRS = text("""
    SELECT count(*) FROM supplier_entry
     WHERE supplier_id = :supplier AND id = ANY(CAST(:ids AS bigint[]))""")
_COUNT = text(f"""
    SELECT count(*) FROM supplier_entry e {JOINED}
     WHERE e.supplier_id = :supplier AND {STATE} IN ('waiting', 'half')""")
_OPEN = text(f"""
    WITH waiting AS MATERIALIZED (
        SELECT e.*, {STATE} AS state, b.system, b.code, p.first_approver_id
          FROM supplier_entry e {JOINED}
         WHERE e.supplier_id = :supplier AND {STATE} IN ('waiting', 'half')
           AND (CAST(:ids AS bigint[]) IS NULL OR e.id = ANY(CAST(:ids AS bigint[])))
         ORDER BY e.id LIMIT :most
    ), concerned AS MATERIALIZED (SELECT DISTINCT item_id FROM waiting),
    coded AS MATERIALIZED (
        SELECT item_id, max(code) FILTER (WHERE system = 'material') AS material,
               max(code) FILTER (WHERE system = 'insurance') AS insurance,
               max(code) FILTER (WHERE system = 'udi') AS udi
          FROM code_binding JOIN concerned USING (item_id) WHERE {_IN_FORCE} GROUP BY item_id
    ), priced AS MATERIALIZED (
        SELECT item_id, max(amount) FILTER (WHERE kind = 'purchase') AS purchase,
               max(amount) FILTER (WHERE kind = 'listed') AS listed,
               max(amount) FILTER (WHERE kind = 'volume_based') AS volume_based
          FROM price JOIN concerned USING (item_id) WHERE {_IN_FORCE} GROUP BY item_id
    )
    SELECT w.*, i.name, {SPECIFICATION} AS specification, i.base_unit AS unit, c.material,
           c.insurance AS now_insurance, c.udi AS now_udi, q.purchase AS now_price, q.listed, q.volume_based,
           who.name AS entered_by, f.name AS first, u.file,
           EXISTS (SELECT FROM supply s WHERE s.supplier_id = w.supplier_id AND s.item_id = w.item_id
                      AND s.ended_at IS NULL) AS is_sold,
           (SELECT o.name FROM code_binding h JOIN item o ON o.id = h.item_id
             WHERE h.code = w.code AND h.system = w.system AND h.item_id <> w.item_id AND {_NEVER_OVER}
             LIMIT 1) AS holder,
           EXISTS (SELECT FROM code_binding h WHERE h.code = w.code AND h.system = w.system
                      AND h.item_id <> w.item_id AND h.status = 'proposed') AS wanted_elsewhere,
           EXISTS (SELECT FROM code_binding h WHERE h.item_id = w.item_id AND h.system = w.system
                      AND h.id <> w.binding_id AND h.status = 'proposed')
             OR EXISTS (SELECT FROM price h WHERE h.item_id = w.item_id AND h.kind = 'purchase'
                           AND h.id <> w.price_id AND h.status = 'proposed')
             OR EXISTS (SELECT FROM certificate h WHERE h.item_id = w.item_id
                           AND h.id <> w.certificate_id AND h.status = 'proposed') AS has_rival,
           w.system = 'udi' AND EXISTS (SELECT FROM packaging k WHERE k.di = w.code) AS is_package
      FROM waiting w JOIN item i ON i.id = w.item_id JOIN person who ON who.id = w.person_id
      LEFT JOIN coded c ON c.item_id = w.item_id LEFT JOIN priced q ON q.item_id = w.item_id
      LEFT JOIN person f ON f.id = w.first_approver_id LEFT JOIN supplier_upload u ON u.id = w.upload_id
     ORDER BY i.name, w.item_id, w.id""")
