"""What every stock document has in common: its lines, checked before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracer.catalog.items import ItemRef, find_items
from tracer.catalog.rules import Tracking
from tracer.shared.errors import Invalid
from tracer.stock.errors import LotNeeded, UnitsNeeded, UnitTwice, UnknownItem, UnknownUnit
from tracer.stock.tables import Unit

MOST_PIECES = 1_000_000
MOST_UNITS = 1_000  # each of them is written on its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many base units of one item, from one lot; pieces of a serialised item by name."""

    material: str
    quantity: int
    lot: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """What a document did: the ledger's answer, kept with the key."""

    document: str
    business_date: date
    movements: tuple[int, ...]
    labels: tuple[str, ...] = ()

    def as_answer(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "business_date": self.business_date.isoformat(),
            "movements": list(self.movements),
            "labels": list(self.labels),
        }


def check_lines(session: Session, lines: Sequence[Line], on: date) -> dict[str, ItemRef]:
    """The items of a document's lines, by material code.

    Raises Invalid for an empty document or a quantity that is no positive integer, UnknownItem,
    LotNeeded, UnitsNeeded, UnitTwice. Nothing is written before all lines passed.
    """
    if not lines:
        raise Invalid(field="lines", reason="至少一行 / at least one line")
    items = find_items(session, (line.material for line in lines), on)
    for line in lines:
        if not 0 < line.quantity <= MOST_PIECES:
            raise Invalid(field="quantity", reason=f"{line.quantity}: 1–{MOST_PIECES}")
        item = items.get(line.material)
        if item is None:
            raise UnknownItem(material=line.material, on=on.isoformat())
        if item.tracking is Tracking.SERIAL and line.quantity > MOST_UNITS:
            raise Invalid(field="quantity", reason=f"{line.quantity}: 1–{MOST_UNITS}")
        if item.tracking is Tracking.LOT and not line.lot:
            raise LotNeeded(material=line.material)
        if line.units and (item.tracking is not Tracking.SERIAL or len(line.units) != line.quantity):
            raise UnitsNeeded(material=line.material)
    named = Counter((line.material, unit) for line in lines for unit in line.units)
    for (_, unit), times in named.items():
        if times > 1:
            raise UnitTwice(unit=unit)
    return items


@dataclass(frozen=True, slots=True)
class UnitRef:
    id: int
    name: str
    lot: str


def named_units(session: Session, item: ItemRef, line: Line) -> list[UnitRef]:
    """The pieces a line names by in-house label or maker's serial, in the line's order.

    Raises UnitsNeeded if it names none, UnknownUnit for the first name nobody bears.
    """
    if not line.units:
        raise UnitsNeeded(material=line.material)
    rows = session.execute(
        select(Unit.id, Unit.label, Unit.serial, Unit.lot).where(
            Unit.item_id == item.id, Unit.label.in_(line.units) | Unit.serial.in_(line.units)
        )
    ).all()
    by_name = {row.serial: row for row in rows} | {row.label: row for row in rows}
    units = []
    for name in line.units:
        row = by_name.get(name)
        if row is None:
            raise UnknownUnit(material=line.material, unit=name)
        units.append(UnitRef(row.id, name, row.lot))
    return units
