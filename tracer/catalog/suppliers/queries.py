"""A supplier's own pages: its items, what became of its entries, how its files were answered.

Every statement names the supplier and goes by way of what it sells here now. It is told nothing of stock,
of charges or charge prices, of other suppliers; of the purchase price only where that is its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Role
from tracer.catalog.certificates.rules import Standing
from tracer.catalog.certificates.validity import covered_items
from tracer.catalog.items import SPECIFICATION
from tracer.catalog.suppliers.entering import value_of
from tracer.catalog.suppliers.errors import NoSuchItemHere, UnknownUpload
from tracer.catalog.suppliers.owning import SupplierRef
from tracer.catalog.suppliers.rules import Field, Outcome, State, Value
from tracer.catalog.suppliers.states import JOINED, STATE
from tracer.shared.clock import Clock, today

T = TypeVar("T")
PAGE: Final = 50
LACKS, WAITS, RETURNED = "lacks", "waits", "returned"
FILTERS: Final = (LACKS, WAITS, RETURNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldItem:
    """An item as its supplier sees it: what holds, and how many of its entries stand how."""

    id: int
    material: str | None
    name: str
    specification: str
    maker: str
    unit: str
    chargeable: bool
    insurance: str | None
    udi: str | None
    certificate: str
    certificate_until: date | None
    standing: Standing
    price: Decimal | None
    waiting: int
    returned: int

    @property
    def lacks(self) -> tuple[Field, ...]:
        """What the hospital would need to charge for it."""
        missing = [Field.INSURANCE] if self.chargeable and not self.insurance else []
        missing += [] if self.udi else [Field.UDI]
        return tuple(missing + ([] if self.certificate else [Field.CERTIFICATE]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a supplier said, and what became of it. `why`: the hospital's reason for returning it."""

    id: int
    item_id: int
    name: str
    specification: str
    material: str | None
    field: Field
    value: Value
    state: State
    since: date | None
    why: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    id: int
    file: str
    taken: int
    unchanged: int
    refused: int
    loaded_at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class RowAnswer:
    row: int
    material: str
    outcome: Outcome
    fields: Mapping[str, str]
    faults: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list, and how many there are."""

    rows: tuple[T, ...]
    found: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a supplier's items: how many there are, lack something, wait, came back."""

    items: int
    lacking: int
    waiting: int
    returned: int


def sold_items(
    session: Session,
    supplier: SupplierRef,
    clock: Clock,
    *,
    words: str = "",
    only: str = "",
    page: int = 1,
    most: int | None = PAGE,
) -> Listed[SoldItem]:
    """The items that the supplier sells here, by name; all of them if `most` is None."""
    found, rows = _items(session, supplier, clock, words=words, only=only, page=page, most=most)
    return Listed(tuple(rows), found, page)


def sold_item(session: Session, supplier: SupplierRef, clock: Clock, item_id: int) -> SoldItem:
    """One of them. Raises NoSuchItemHere, also for an item that others sell."""
    _, rows = _items(session, supplier, clock, item=item_id, most=1)
    if not rows:
        raise NoSuchItemHere()
    return rows[0]


def totals(session: Session, supplier: SupplierRef, clock: Clock) -> Totals:
    row = session.execute(_TOTALS, {"supplier": supplier.id, "on": today(clock)}).one()
    return Totals(row.items, row.lacking, row.waiting, row.returned)


def entries(
    session: Session, supplier: SupplierRef, *, item: int | None = None, state: str = "", page: int = 1
) -> Listed[Entry]:
    """What the supplier has entered, the newest first."""
    values = {
        "supplier": supplier.id, "item": item, "state": state, "most": PAGE, "skip": (page - 1) * PAGE,
    }  # fmt: skip
    rows = session.execute(_ENTRIES, values).all()
    listed = tuple(
        Entry(
            id=row.id,
            item_id=row.item_id,
            name=row.name,
            specification=row.specification,
            material=row.material,
            field=Field(row.field),
            value=value_of(row),
            state=State(row.state),
            since=row.since,
            why=row.why or "",
            entered_by=row.entered_by,
            entered_at=row.entered_at,
        )
        for row in rows
    )
    return Listed(listed, rows[0].found if rows else 0, page)


def uploads(session: Session, supplier: SupplierRef, *, most: int = PAGE) -> list[Upload]:
    """The supplier's newest files."""
    return [_upload(row) for row in session.execute(_UPLOADS, {"supplier": supplier.id, "most": most})]


def upload(session: Session, supplier: SupplierRef, upload_id: int) -> Upload:
    """One of them. Raises UnknownUpload, also for another supplier's."""
    values = {"supplier": supplier.id, "id": upload_id}
    row = session.execute(_ONE_UPLOAD, values).one_or_none()
    if row is None:
        raise UnknownUpload()
    return _upload(row)


def answers(
    session: Session, upload_id: int, *, outcome: str = "", page: int = 1, most: int | None = PAGE
) -> list[RowAnswer]:
    """How the rows of a file were answered, in the order of the file; all of them if `most` is None."""
    values = {"id": upload_id, "outcome": outcome, "most": most, "skip": (page - 1) * PAGE}
    return [
        RowAnswer(row.row, row.material, Outcome(row.outcome), row.fields, tuple(row.faults))
        for row in session.execute(_ANSWERS, values)
    ]


# --- for the hospital ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierLine:
    """A supplier as the hospital lists it."""

    id: int
    code: str
    name: str
    items: int
    people: tuple[str, ...]
    open: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    id: int
    username: str
    name: str


def list_suppliers(session: Session, words: str = "") -> list[SupplierLine]:
    """All of them: those who wait for the hospital first, the longest list first."""
    return [
        SupplierLine(
            id=row.id,
            code=row.code,
            name=row.name,
            items=row.items,
            people=tuple(row.people or ()),
            open=row.open,
            newest=row.newest,
        )
        for row in session.execute(_SUPPLIERS, {"words": _folded(words)})
    ]


def people_of(session: Session, supplier_id: int) -> list[PersonLine]:
    """Who acts for the supplier now."""
    rows = session.execute(_PEOPLE, {"supplier": supplier_id})
    return [PersonLine(row.id, row.username, row.name) for row in rows]


def people_free(session: Session) -> list[PersonLine]:
    """Who holds the role of a supplier and acts for none."""
    rows = session.execute(_FREE, {"role": Role.SUPPLIER.value})
    return [PersonLine(row.id, row.username, row.name) for row in rows]


def _items(
    session: Session,
    supplier: SupplierRef,
    clock: Clock,
    *,
    words: str = "",
    only: str = "",
    item: int | None = None,
    page: int = 1,
    most: int | None = PAGE,
) -> tuple[int, list[SoldItem]]:
    day = today(clock)
    values: dict[str, Any] = {
        "supplier": supplier.id, "on": day, "words": _folded(words), "only": only, "item": item,
        "most": most, "skip": (page - 1) * PAGE,
    }  # fmt: skip
    rows = session.execute(_ITEMS, values).all()
    covered = covered_items(session, [row.id for row in rows], day)
    sold = [
        SoldItem(
            id=row.id,
            material=row.material,
            name=row.name,
            specification=row.specification,
            maker=row.maker,
            unit=row.unit,
            chargeable=row.chargeable,
            insurance=row.insurance,
            udi=row.udi,
            certificate=covered[row.id].number,
            certificate_until=covered[row.id].valid_until,
            standing=covered[row.id].standing,
            price=row.price,
            waiting=row.waiting,
            returned=row.returned,
        )
        for row in rows
    ]
    return (rows[0].found if rows else 0), sold


def _folded(words: str) -> str:
    """As the database keeps what is searched: half-width, small letters."""
    return unicodedata.normalize("NFKC", words).strip().lower()


def _upload(row: Any) -> Upload:
    return Upload(
        id=row.id,
        file=row.file,
        taken=row.taken,
        unchanged=row.unchanged,
        refused=row.refused,
        loaded_at=row.loaded_at,
        person=row.person,
    )


_IN_FORCE = "status IN ('approved', 'retired') AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
# Each item that is sold here now, with what holds, and how this supplier's entries stand. An entry that came
# back counts until the supplier has said something else of the same.
_SOLD = f"""
    mine AS MATERIALIZED (
        SELECT item_id FROM supply WHERE supplier_id = :supplier AND ended_at IS NULL
    ), coded AS MATERIALIZED (
        SELECT b.item_id, max(b.code) FILTER (WHERE b.system = 'material') AS material,
               max(b.code) FILTER (WHERE b.system = 'insurance') AS insurance,
               max(b.code) FILTER (WHERE b.system = 'udi') AS udi
          FROM code_binding b JOIN mine m ON m.item_id = b.item_id WHERE {_IN_FORCE} GROUP BY b.item_id
    ), stated AS MATERIALIZED (
        SELECT e.item_id, e.field, {STATE} AS state,
               row_number() OVER (PARTITION BY e.item_id, e.field ORDER BY e.id DESC) AS back
          FROM supplier_entry e {JOINED} WHERE e.supplier_id = :supplier
    ), standing AS MATERIALIZED (
        SELECT item_id, count(*) FILTER (WHERE state IN ('waiting', 'half')) AS waiting,
               count(*) FILTER (WHERE state = 'returned' AND back = 1) AS returned
          FROM stated GROUP BY item_id
    ), sold AS MATERIALIZED (
        SELECT i.id, i.name, {SPECIFICATION} AS specification, i.maker, i.base_unit AS unit, i.chargeable,
               i.certificate, i.search, c.material, c.insurance, c.udi,
               coalesce(s.waiting, 0) AS waiting, coalesce(s.returned, 0) AS returned,
               i.certificate = '' OR c.udi IS NULL OR i.chargeable AND c.insurance IS NULL AS lacks
          FROM mine m JOIN item i ON i.id = m.item_id
          LEFT JOIN coded c ON c.item_id = i.id LEFT JOIN standing s ON s.item_id = i.id
    )"""
# The price in force is the supplier's to see if it is its own, or if nobody else ever sold the item here.
_ITEMS = text(f"""
    WITH {_SOLD}, wanted AS MATERIALIZED (
        SELECT * FROM sold
         WHERE (CAST(:item AS bigint) IS NULL OR id = :item)
           AND (:only = '' OR :only = 'lacks' AND lacks OR :only = 'waits' AND waiting > 0
                OR :only = 'returned' AND returned > 0)
           AND (:words = '' OR position(:words IN search) > 0
                OR :words IN (lower(material), lower(insurance), lower(udi)))
    )
    SELECT w.*, (SELECT count(*) FROM wanted) AS found,
           (SELECT p.amount FROM price p
             WHERE p.item_id = w.id AND p.kind = 'purchase' AND {_IN_FORCE.replace("status", "p.status")}
               AND (EXISTS (SELECT FROM supplier_entry e
                             WHERE e.price_id = p.id AND e.supplier_id = :supplier)
                    OR NOT EXISTS (SELECT FROM supply o
                                    WHERE o.item_id = w.id AND o.supplier_id <> :supplier))) AS price
      FROM wanted w ORDER BY w.returned > 0 DESC, w.lacks DESC, w.name, w.specification, w.id
     LIMIT :most OFFSET :skip""")
_TOTALS = text(f"""
    WITH {_SOLD}
    SELECT count(*) AS items, count(*) FILTER (WHERE lacks) AS lacking,
           count(*) FILTER (WHERE waiting > 0) AS waiting, count(*) FILTER (WHERE returned > 0) AS returned
      FROM sold""")
_ENTRIES = text(f"""
    WITH said AS MATERIALIZED (
        SELECT e.*, {STATE} AS state, coalesce(b.valid_from, p.valid_from) AS starts,
               coalesce(b.reason, c.reason, p.reason) AS reason
          FROM supplier_entry e {JOINED}
          JOIN supply s ON s.supplier_id = e.supplier_id AND s.item_id = e.item_id AND s.ended_at IS NULL
         WHERE e.supplier_id = :supplier AND (CAST(:item AS bigint) IS NULL OR e.item_id = :item)
    ), wanted AS MATERIALIZED (
        SELECT * FROM said
         WHERE :state = '' OR state = :state OR :state = 'waiting' AND state = 'half'
    ), page AS (SELECT * FROM wanted ORDER BY id DESC LIMIT :most OFFSET :skip)
    SELECT w.*, i.name, {SPECIFICATION} AS specification, who.name AS entered_by,
           CASE WHEN w.state = 'approved' THEN w.starts END AS since,
           CASE WHEN w.state = 'returned' THEN w.reason END AS why,
           (SELECT m.code FROM code_binding m
             WHERE m.item_id = w.item_id AND m.system = 'material' AND m.status IN ('approved', 'retired')
             ORDER BY m.valid_from DESC LIMIT 1) AS material,
           (SELECT count(*) FROM wanted) AS found
      FROM page w JOIN item i ON i.id = w.item_id JOIN person who ON who.id = w.person_id
     ORDER BY w.id DESC""")
_UPLOADS = text("""
    SELECT u.*, p.name AS person FROM supplier_upload u JOIN person p ON p.id = u.person_id
     WHERE u.supplier_id = :supplier ORDER BY u.id DESC LIMIT :most""")
_ONE_UPLOAD = text("""
    SELECT u.*, p.name AS person FROM supplier_upload u JOIN person p ON p.id = u.person_id
     WHERE u.supplier_id = :supplier AND u.id = :id""")
_ANSWERS = text("""
    SELECT * FROM supplier_answer WHERE upload_id = :id AND (:outcome = '' OR outcome = :outcome)
     ORDER BY row LIMIT :most OFFSET :skip""")
_SUPPLIERS = text(f"""
    WITH waiting AS MATERIALIZED (
        SELECT e.supplier_id, count(*) AS open, max(e.entered_at) AS newest
          FROM supplier_entry e {JOINED} WHERE {STATE} IN ('waiting', 'half') GROUP BY e.supplier_id
    ), sold AS MATERIALIZED (
        SELECT supplier_id, count(*) AS items FROM supply WHERE ended_at IS NULL GROUP BY supplier_id
    )
    SELECT s.id, s.code, s.name, coalesce(o.items, 0) AS items, coalesce(w.open, 0) AS open, w.newest,
           (SELECT array_agg(p.name ORDER BY p.name)
              FROM supplier_person a JOIN person p ON p.id = a.person_id
             WHERE a.supplier_id = s.id AND a.ended_at IS NULL) AS people
      FROM supplier s LEFT JOIN waiting w ON w.supplier_id = s.id LEFT JOIN sold o ON o.supplier_id = s.id
     WHERE :words = '' OR position(:words IN lower(s.code || ' ' || s.name)) > 0
     ORDER BY coalesce(w.open, 0) DESC, s.name, s.id LIMIT 500""")
_PEOPLE = text("""
    SELECT p.id, p.username, p.name FROM supplier_person a JOIN person p ON p.id = a.person_id
     WHERE a.supplier_id = :supplier AND a.ended_at IS NULL ORDER BY p.name, p.id""")
_FREE = text("""
    SELECT p.id, p.username, p.name FROM person p
     WHERE p.active AND EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id AND g.role = :role)
       AND NOT EXISTS (SELECT FROM supplier_person a WHERE a.person_id = p.id AND a.ended_at IS NULL)
     ORDER BY p.name, p.id""")
