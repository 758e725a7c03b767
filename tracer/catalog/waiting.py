"""What waits for somebody's approval: codes and prices, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.items import SPECIFICATION
from tracer.catalog.rules import CodeSystem, PriceKind
from tracer.catalog.suppliers.states import entered_by_supplier

PAGE: Final = 50
Reader = Session | Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCode:
    """A proposed code beside what the item has now; `holder` is another item that has it now."""

    id: int
    item_id: int
    name: str
    specification: str
    material: str | None
    system: CodeSystem
    code: str
    now: str | None
    holder: str | None
    moves: bool
    valid_from: date
    proposer_id: int | None
    proposer: str | None
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPrice:
    """A proposed price beside the one in force; `first` has approved it already."""

    id: int
    item_id: int
    name: str
    specification: str
    material: str | None
    kind: PriceKind
    amount: Decimal
    now: Decimal | None
    valid_from: date
    proposer_id: int | None
    proposer: str | None
    first_approver_id: int | None
    first: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One page of what waits, and how many there are; `mine` of those the asker may not approve with all
    others: their own, and what a supplier entered."""

    rows: tuple[Any, ...]
    found: int
    mine: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


def waiting_codes(reader: Reader, actor_id: int, on: date, *, source: str = "", page: int = 1) -> Waiting:
    """Proposed codes, of one source if it is named."""
    values = {"by": actor_id, "on": on, "source": source, "most": PAGE, "skip": (page - 1) * PAGE}
    return _waiting(reader, _CODES, values, page, _code)


def waiting_prices(reader: Reader, actor_id: int, on: date, *, source: str = "", page: int = 1) -> Waiting:
    """Proposed prices, of one source if it is named."""
    values = {"by": actor_id, "on": on, "source": source, "most": PAGE, "skip": (page - 1) * PAGE}
    return _waiting(reader, _PRICES, values, page, _price)


def approvable(session: Session, kind: str, actor_id: int, source: str = "") -> list[int]:
    """All codes or prices that wait for this person: those they neither proposed nor approved already, and
    no supplier entered."""
    statement = _ALL_CODES if kind == "codes" else _ALL_PRICES
    return list(session.execute(statement, {"by": actor_id, "source": source}).scalars())


def count_waiting(reader: Reader) -> tuple[int, int]:
    """How many codes and how many prices wait."""
    codes, prices = reader.execute(_COUNTS).one()
    return codes, prices


def _waiting(reader: Reader, statement: Any, values: dict[str, Any], page: int, read: Any) -> Waiting:
    rows = reader.execute(statement, values).all()
    found, mine = (rows[0].found, rows[0].mine) if rows else (0, 0)
    return Waiting(tuple(read(row) for row in rows if row.id is not None), found, mine, page)


def _code(row: Any) -> WaitingCode:
    return WaitingCode(
        id=row.id,
        item_id=row.item_id,
        name=row.name,
        specification=row.specification,
        material=row.material,
        system=CodeSystem(row.system),
        code=row.code,
        now=row.now,
        holder=row.holder,
        moves=row.moves,
        valid_from=row.valid_from,
        proposer_id=row.proposer_id,
        proposer=row.proposer,
        source=row.source,
        created_at=row.created_at,
    )


def _price(row: Any) -> WaitingPrice:
    return WaitingPrice(
        id=row.id,
        item_id=row.item_id,
        name=row.name,
        specification=row.specification,
        material=row.material,
        kind=PriceKind(row.kind),
        amount=row.amount,
        now=row.now,
        valid_from=row.valid_from,
        proposer_id=row.proposer_id,
        proposer=row.proposer,
        first_approver_id=row.first_approver_id,
        first=row.first,
        source=row.source,
    )


_IN_FORCE = "status IN ('approved', 'retired') AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
_CODE_ENTERED = entered_by_supplier("binding", "wanted")
_PRICE_ENTERED = entered_by_supplier("price", "wanted")
_MATERIAL = f"""
    (SELECT code FROM code_binding WHERE item_id = w.item_id AND system = 'material' AND {_IN_FORCE})"""
_CODES = text(f"""
    WITH wanted AS (
        SELECT * FROM code_binding WHERE status = 'proposed' AND (:source = '' OR source = :source)
    ), page AS (SELECT * FROM wanted ORDER BY id LIMIT :most OFFSET :skip)
    SELECT t.found, t.mine, w.*, i.name, {SPECIFICATION} AS specification, p.name AS proposer,
           {_MATERIAL} AS material,
           (SELECT code FROM code_binding
             WHERE item_id = w.item_id AND system = w.system AND {_IN_FORCE}) AS now,
           (SELECT h.name FROM item h WHERE h.id = (
               SELECT item_id FROM code_binding
                WHERE code = w.code AND system = w.system AND item_id <> w.item_id AND {_IN_FORCE})) AS holder
      FROM (SELECT count(*) AS found, count(*) FILTER (WHERE proposer_id = :by OR {_CODE_ENTERED}) AS mine
              FROM wanted) t
      LEFT JOIN page w ON true LEFT JOIN item i ON i.id = w.item_id LEFT JOIN person p ON p.id = w.proposer_id
     ORDER BY w.id""")
_PRICES = text(f"""
    WITH wanted AS (
        SELECT * FROM price WHERE status = 'proposed' AND (:source = '' OR source = :source)
    ), page AS (SELECT * FROM wanted ORDER BY id LIMIT :most OFFSET :skip)
    SELECT t.found, t.mine, w.*, i.name, {SPECIFICATION} AS specification, p.name AS proposer,
           f.name AS first, {_MATERIAL} AS material,
           (SELECT amount FROM price WHERE item_id = w.item_id AND kind = w.kind AND {_IN_FORCE}) AS now
      FROM (SELECT count(*) AS found, count(*) FILTER (WHERE :by IN (proposer_id, first_approver_id)
                                                     OR {_PRICE_ENTERED}) AS mine
              FROM wanted) t
      LEFT JOIN page w ON true LEFT JOIN item i ON i.id = w.item_id
      LEFT JOIN person p ON p.id = w.proposer_id LEFT JOIN person f ON f.id = w.first_approver_id
     ORDER BY w.id""")
_ALL_CODES = text(f"""
    SELECT id FROM code_binding wanted
     WHERE status = 'proposed' AND proposer_id <> :by AND (:source = '' OR source = :source)
       AND NOT {_CODE_ENTERED} ORDER BY id""")
_ALL_PRICES = text(f"""
    SELECT id FROM price wanted
     WHERE status = 'proposed' AND proposer_id <> :by AND first_approver_id IS DISTINCT FROM :by
       AND (:source = '' OR source = :source) AND NOT {_PRICE_ENTERED} ORDER BY id""")
_COUNTS = text("""
    SELECT (SELECT count(*) FROM code_binding WHERE status = 'proposed'),
           (SELECT count(*) FROM price WHERE status = 'proposed')""")
