"""What the database says about the items and codes of a file: one query for each kind of record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.codes_file.lanes import Span
from tracer.catalog.codes_file.rows import CODES, Row

# A code may be given to its item again, to another item, or be a package: whoever has or had any
# of the file's codes is fetched, and everything those items have or had.
_BY_CODE = text("""
    SELECT b.item_id, b.system, b.code, b.valid_from, b.valid_to
      FROM code_binding b
      JOIN unnest(CAST(:systems AS text[]), CAST(:codes AS text[])) AS asked(system, code)
        ON b.system = asked.system AND b.code = asked.code
     WHERE b.status IN ('approved', 'retired')""")
_BY_ITEM = text("""
    SELECT id, item_id, system, code, valid_from, valid_to FROM code_binding
     WHERE item_id = ANY(CAST(:items AS bigint[])) AND status IN ('approved', 'retired')
     ORDER BY valid_from""")
_ITEMS = text("""
    SELECT id, name, specification, model, maker, certificate, base_unit, category, tracking, chargeable,
           high_value, sterile
      FROM item WHERE id = ANY(CAST(:items AS bigint[]))""")
_PRICES = text("""
    SELECT id, item_id, kind, amount, valid_from, valid_to FROM price
     WHERE item_id = ANY(CAST(:items AS bigint[])) AND kind IN ('charge', 'purchase')
     ORDER BY valid_from""")
_PACKAGES = text("""
    SELECT id, di, item_id, base_units FROM packaging WHERE di = ANY(CAST(:dis AS text[]))""")
_NAMES = text("""
    SELECT i.id, i.name, coalesce((SELECT b.code FROM code_binding b
             WHERE b.item_id = i.id AND b.system = 'material' AND b.status IN ('approved', 'retired')
             ORDER BY b.valid_from DESC LIMIT 1), '') AS material
      FROM item i WHERE i.id = ANY(CAST(:items AS bigint[]))""")


@dataclass(frozen=True, slots=True)
class Package:
    id: int
    item_id: int
    base_units: int


@dataclass(frozen=True, slots=True)
class Holder:
    """An item that has or had a code."""

    item_id: int
    start: date
    end: date | None


@dataclass(slots=True)
class Known:
    """The catalogue as far as a file touches it."""

    holders: dict[tuple[str, str], list[Holder]] = field(default_factory=dict)
    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    lanes: dict[int, dict[str, list[Span]]] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)

    def item_of(self, material: str, on: date) -> int | None:
        """The item a material code names on a day; on a day nobody has it, the last one who had it."""
        holders = self.holders.get(("material", material), [])
        for holder in holders:
            if holder.start <= on and (holder.end is None or on < holder.end):
                return holder.item_id
        return max(holders, key=lambda h: h.start).item_id if holders else None


def load_known(session: Session, rows: Iterable[Row]) -> Known:
    """Fetch what is recorded about every code and package of the rows."""
    asked: set[tuple[str, str]] = set()
    dis: set[str] = set()
    for row in rows:
        asked.update((system, row.values[system]) for system in CODES if system in row.values)
        if di := row.values.get("package_di"):
            dis.add(di)
            asked.add(("udi", di))
        if di := row.values.get("udi"):
            dis.add(di)
    known = Known()
    _load_holders(session, known, asked)
    items = sorted(
        {h.item_id for (system, _), hs in known.holders.items() if system == "material" for h in hs}
    )
    for found in session.execute(_ITEMS, {"items": items}).mappings():
        facts = dict(found)
        known.items[facts.pop("id")] = facts
    lanes: dict[int, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for statement in (_BY_ITEM, _PRICES):
        for id_, item_id, lane, value, start, end in session.execute(statement, {"items": items}):
            lanes[item_id][lane].append(Span(value, start, end, id=id_))
    known.lanes = lanes
    for id_, di, item_id, base_units in session.execute(_PACKAGES, {"dis": sorted(dis)}):
        known.packages[di] = Package(id_, item_id, base_units)
    return known


def names_of(session: Session, items: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Item → (name, material code), for messages."""
    found = session.execute(_NAMES, {"items": sorted(set(items))})
    return {id_: (name, material) for id_, name, material in found}


def _load_holders(session: Session, known: Known, asked: set[tuple[str, str]]) -> None:
    pairs = sorted(asked)
    found = session.execute(_BY_CODE, {"systems": [p[0] for p in pairs], "codes": [p[1] for p in pairs]})
    for item_id, system, code, start, end in found:
        known.holders.setdefault((system, code), []).append(Holder(item_id, start, end))
