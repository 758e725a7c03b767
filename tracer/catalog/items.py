"""The item behind a material code: what a stock document needs to know of it, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracer.catalog.rules import BindingStatus, CodeSystem, Tracking
from tracer.catalog.tables import CodeBinding, Item

BOUND = (BindingStatus.APPROVED, BindingStatus.RETIRED)
# 规格型号, as a person reads it: of twenty stents of one name the model is what tells them apart.
# SQL, for an item called `i`.
SPECIFICATION = "concat_ws(' ', nullif(i.specification, ''), nullif(i.model, ''))"


@dataclass(frozen=True, slots=True)
class ItemRef:
    id: int
    material: str
    name: str
    tracking: Tracking
    chargeable: bool

    def lot_of(self, lot: str) -> str:
        """The lot its stock is kept under: none for an item whose lots are not tracked."""
        return "" if self.tracking is Tracking.NONE else lot


def find_items(session: Session, materials: Iterable[str], on: date) -> dict[str, ItemRef]:
    """The items that own these material codes on a day, by code; codes nobody owns are left out."""
    rows = session.execute(
        select(CodeBinding.code, Item.id, Item.name, Item.tracking, Item.chargeable)
        .join(Item, Item.id == CodeBinding.item_id)
        .where(
            CodeBinding.system == CodeSystem.MATERIAL,
            CodeBinding.code.in_(set(materials)),
            CodeBinding.status.in_(BOUND),
            CodeBinding.valid_from <= on,
            or_(CodeBinding.valid_to.is_(None), CodeBinding.valid_to > on),
        )
    )
    return {
        row.code: ItemRef(row.id, row.code, row.name, Tracking(row.tracking), row.chargeable) for row in rows
    }
