"""Who has a code, and which codes an item has: now, on any day, and over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, text
from sqlalchemy.orm import Session

from tracer.catalog.identifiers import canonical_di
from tracer.catalog.rules import BindingStatus, CodeSystem, FiveCodes, Tracking

Reader = Session | Connection

# The bindings in force as they were known at the instant `:known`: what was approved by then, and the end
# that was on record then. What was withdrawn since was in force then; what ended since had no such end.
AS_KNOWN: Final = """(
    SELECT k.id, k.item_id, k.system, k.code, k.valid_from, 'approved' AS status, k.source, k.taken_over,
           k.moves, k.proposer_id, k.approver_id, k.decided_at, '' AS reason,
           CASE WHEN f.id IS NULL THEN k.valid_to ELSE f.valid_to END AS valid_to
      FROM code_binding k LEFT JOIN LATERAL (
               SELECT e.id, e.valid_to FROM former_end e
                WHERE e.binding_id = k.id AND e.until > :known ORDER BY e.until, e.id LIMIT 1) f ON true
     WHERE coalesce(k.decided_at, k.created_at) <= :known
       AND (k.status IN ('approved', 'retired') OR k.status = 'rejected' AND k.ended_at > :known))"""


class Level(StrEnum):
    """What a code stands for: the item itself, or a package of several."""

    UNIT = "unit"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Holding:
    """An item had the code from `valid_from` until the day before `valid_to`."""

    item_id: int
    name: str
    material: str | None
    valid_from: date
    valid_to: date | None
    status: BindingStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCard:
    """The item that has a code on a day, with its five codes of that day.

    `base_units` is how many pieces one scan of the code stands for. A package's identifier has no
    dates of its own. `history` tells of everybody who ever had the code, the latest first.
    """

    item_id: int
    name: str
    specification: str
    model: str
    maker: str
    certificate: str
    unit: str
    category: str
    tracking: Tracking
    chargeable: bool
    high_value: bool
    sterile: bool
    codes: FiveCodes
    level: Level
    base_units: int
    at: date
    valid_from: date | None
    valid_to: date | None
    history: tuple[Holding, ...]


# "Approved or retired" is what was ever in force; the dates say when.
_IN_FORCE: Final = """
    b.status IN ('approved', 'retired')
    AND b.valid_from <= :on AND (b.valid_to IS NULL OR b.valid_to > :on)"""
_CODES = text(f"SELECT b.system, b.code FROM code_binding b WHERE b.item_id = :item_id AND {_IN_FORCE}")
_ITEM_NOW: Final = f"""
    WITH found AS (
        SELECT b.item_id, 'unit' AS level, 1 AS base_units, b.valid_from, b.valid_to
          FROM code_binding b WHERE b.system = :system AND b.code = :code AND {_IN_FORCE}
        UNION ALL
        SELECT p.item_id, 'package', p.base_units, NULL, NULL
          FROM packaging p WHERE :system = 'udi' AND p.di = :code
    )
    SELECT i.*, f.level, f.base_units, f.valid_from, f.valid_to
      FROM found f JOIN item i ON i.id = f.item_id ORDER BY f.level DESC LIMIT 1"""
_BINDINGS_NOW: Final = """
    SELECT b.item_id, b.system, b.code, b.valid_from, b.valid_to, b.status, i.name,
           (SELECT m.code FROM code_binding m
             WHERE m.item_id = b.item_id AND m.system = 'material' AND m.status IN ('approved', 'retired')
             ORDER BY m.valid_from DESC LIMIT 1) AS material
      FROM code_binding b JOIN item i ON i.id = b.item_id
     WHERE b.status IN ('approved', 'retired')
       AND (b.item_id = :item_id OR (b.system = :system AND b.code = :code))
     ORDER BY b.valid_from DESC, b.id DESC"""
_NOW = (text(_ITEM_NOW), text(_BINDINGS_NOW))
_KNOWN = tuple(
    text(one.replace("code_binding b", f"{AS_KNOWN} b").replace("code_binding m", f"{AS_KNOWN} m"))
    for one in (_ITEM_NOW, _BINDINGS_NOW)
)


def five_codes_of(reader: Reader, item_id: int, on: date) -> FiveCodes:
    """The item's codes on a day; one statement."""
    found = reader.execute(_CODES, {"item_id": item_id, "on": on})
    return FiveCodes(**{row.system: row.code for row in found})


def find_item_by_code(
    reader: Reader, system: CodeSystem, code: str, on: date, known_at: datetime | None = None
) -> ItemCard | None:
    """The item that has the code on a day, or whose package it identifies; at most two statements.

    With `known_at`: as it was known then, whatever has been approved, ended or withdrawn since. GTINs may
    be given with 8, 12 or 13 digits too.
    """
    if not code.isprintable():
        return None  # no code is, and PostgreSQL takes no NUL
    if system is CodeSystem.UDI:
        code = canonical_di(code)
    item, bindings_of = _NOW if known_at is None else _KNOWN
    asked = {"system": system.value, "code": code} | ({} if known_at is None else {"known": known_at})
    row = reader.execute(item, {**asked, "on": on}).one_or_none()
    if row is None:
        return None
    bindings = reader.execute(bindings_of, {**asked, "item_id": row.id}).all()
    return _card(row, bindings, system, code, on)


def _card(row: Row[Any], bindings: Iterable[Row[Any]], system: CodeSystem, code: str, on: date) -> ItemCard:
    codes: dict[str, str] = {}
    history: list[Holding] = []
    for b in bindings:
        if b.item_id == row.id and b.valid_from <= on and (b.valid_to is None or on < b.valid_to):
            codes[b.system] = b.code
        if (b.system, b.code) == (system.value, code):
            history.append(
                Holding(b.item_id, b.name, b.material, b.valid_from, b.valid_to, BindingStatus(b.status))
            )
    return ItemCard(
        item_id=row.id,
        name=row.name,
        specification=row.specification,
        model=row.model,
        maker=row.maker,
        certificate=row.certificate,
        unit=row.base_unit,
        category=row.category,
        tracking=Tracking(row.tracking),
        chargeable=row.chargeable,
        high_value=row.high_value,
        sterile=row.sterile,
        codes=FiveCodes(**codes),
        level=Level(row.level),
        base_units=row.base_units,
        at=on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        history=tuple(history),
    )
