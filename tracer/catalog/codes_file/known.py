"""What the database says about the items and codes of a file: one query for each kind of record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.codes_file.lanes import Span
from tracer.catalog.codes_file.rows import CODES, Row

# First who the file's material codes name; then everything those items have or had; then who else
# has or had any of the file's codes.
_BY_CODE = text("""
    SELECT b.item_id, b.system, b.code, b.valid_from, b.valid_to
      FROM code_binding b
      JOIN unnest(CAST(:systems AS text[]), CAST(:codes AS text[])) AS asked(system, code)
        ON b.system = asked.system AND b.code = asked.code
     WHERE (b.status IN ('approved', 'retired') OR :proposed AND b.status = 'proposed')
       AND NOT EXISTS (SELECT FROM unnest(CAST(:but AS bigint[])) AS known(id) WHERE known.id = b.item_id)""")
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
       AND status = 'approved'
     ORDER BY valid_from""")
_PACKAGES = text("""
    SELECT id, di, item_id, base_units FROM packaging WHERE di = ANY(CAST(:dis AS text[]))""")
_NAMES = text("""
    SELECT i.id, i.name, coalesce((SELECT b.code FROM code_binding b
             WHERE b.item_id = i.id AND b.system = 'material' AND b.status IN ('approved', 'retired')
             ORDER BY b.valid_from DESC LIMIT 1), '') AS material
      FROM item i WHERE i.id = ANY(CAST(:items AS bigint[]))""")
# A million bindings come in pieces, not as one answer held beside what is made of it.
_STREAMED = {"yield_per": 20_000}


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

    materials: dict[str, list[Holder]] = field(default_factory=dict)
    """Material code → the items it names or named."""
    others: dict[tuple[str, str], list[Holder]] = field(default_factory=dict)
    """(system, code) → items that no material code of the file names."""
    units: dict[str, int] = field(default_factory=dict)
    """Package identifier of the file → an item whose own UDI it is or was."""
    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    lanes: dict[int, dict[str, list[Span]]] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)

    def item_of(self, material: str, on: date) -> int | None:
        """The item a material code names on a day; on a day nobody has it, the last one who had it."""
        holders = self.materials.get(material, [])
        for holder in holders:
            if holder.start <= on and (holder.end is None or on < holder.end):
                return holder.item_id
        return max(holders, key=lambda h: h.start).item_id if holders else None


def load_known(session: Session, rows: Sequence[Row], *, proposed: bool = False) -> Known:
    """Fetch what is recorded about every item, code and package of the rows; `proposed`: a material code
    that is only proposed names its item too."""
    known = Known()
    for item_id, _, code, start, end in _holders(session, _asked(rows, ("material",)), proposed=proposed):
        known.materials.setdefault(code, []).append(Holder(item_id, start, end))
    items = sorted({holder.item_id for holders in known.materials.values() for holder in holders})
    _load_items(session, known, items)
    for item_id, system, code, start, end in _holders(session, _asked(rows, CODES), but=items):
        known.others.setdefault((system, code), []).append(Holder(item_id, start, end))
    dis = {di for row in rows if (di := row.get("package_di")) is not None}
    for item_id, _, code, _, _ in _holders(session, {("udi", di) for di in dis}):
        known.units[code] = item_id
    dis.update(udi for row in rows if (udi := row.get("udi")) is not None)
    for id_, di, item_id, base_units in session.execute(_PACKAGES, {"dis": sorted(dis)}):
        known.packages[di] = Package(id_, item_id, base_units)
    return known


def _load_items(session: Session, known: Known, items: list[int]) -> None:
    for found in session.execute(_ITEMS, {"items": items}, execution_options=_STREAMED).mappings():
        facts = dict(found)
        known.items[facts.pop("id")] = facts
    known.lanes = {item_id: {} for item_id in items}
    for statement in (_BY_ITEM, _PRICES):
        spans = session.execute(statement, {"items": items}, execution_options=_STREAMED)
        for id_, item_id, lane, value, start, end in spans:
            known.lanes[item_id].setdefault(lane, []).append(Span(value, start, end, id=id_))


def _asked(rows: Iterable[Row], systems: Sequence[str]) -> set[tuple[str, str]]:
    return {(system, code) for row in rows for system in systems if (code := row.get(system)) is not None}


def _holders(
    session: Session, asked: set[tuple[str, str]], but: Sequence[int] = (), *, proposed: bool = False
) -> Iterable[Any]:
    """(item, system, code, from, to) of everybody who has or had one of the codes, but not of these items."""
    if not asked:
        return ()
    pairs = sorted(asked)
    values = {"systems": [p[0] for p in pairs], "codes": [p[1] for p in pairs], "but": list(but)}
    values["proposed"] = proposed
    return session.execute(_BY_CODE, values, execution_options=_STREAMED)


def names_of(session: Session, items: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Item → (name, material code), for messages."""
    found = session.execute(_NAMES, {"items": sorted(set(items))})
    return {id_: (name, material) for id_, name, material in found}
