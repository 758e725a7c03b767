"""The stock ledger's tables.

`movement` is append-only (a trigger refuses update and delete) and double-entry: each row leaves
one location and enters another. `balance` is kept by a trigger on `movement`, in the same
transaction, for real locations only: a virtual one (PATIENT, SUPPLIER …) would be one row that
every scan in the hospital waits for, and can be summed from the ledger when somebody asks.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id, Instant, one_of
from tracer.stock.rules import LocationKind, MovementKind, Ownership


class Location(Base):
    """A place; `path` is the codes from the root down to it, "/HOSP/CARD/CARD-W1/"."""

    __tablename__ = "location"
    __table_args__ = (CheckConstraint(one_of("kind", LocationKind), name="kind"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    path: Mapped[str] = mapped_column(Text, unique=True)


class Lot(Base):
    """What is known of a lot of an item beside its pieces."""

    __tablename__ = "lot"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    lot: Mapped[str] = mapped_column(Text, primary_key=True)
    expiry: Mapped[date | None]


class Unit(Base):
    """One physical piece of a SERIAL item. Where it is follows from its movements."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(one_of("ownership", Ownership), name="ownership"),
        CheckConstraint("label IS NOT NULL OR serial IS NOT NULL", name="can_be_told_apart"),
        Index(
            "uq_unit_serial", "item_id", "serial", unique=True, postgresql_where=text("serial IS NOT NULL")
        ),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    label: Mapped[str | None] = mapped_column(Text, unique=True)
    serial: Mapped[str | None] = mapped_column(Text)
    lot: Mapped[str] = mapped_column(Text, default="", server_default="")
    expiry: Mapped[date | None]
    ownership: Mapped[str] = mapped_column(Text, default=Ownership.OWNED, server_default=Ownership.OWNED)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    held_at_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    unit_cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    created_at: Mapped[Instant]


class Movement(Base):
    """`quantity` base units of an item went from one location to another (append-only).

    A unit's movements are numbered 1, 2, 3 … in `unit_step`, and (unit, step) is unique: whoever
    moves a unit takes the next number, so of two who move it at the same instant one fails.
    That index is what keeps a unit in exactly one place and used at most once (invariant 4).
    """

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("origin_id <> target_id", name="two_places"),
        CheckConstraint(one_of("kind", MovementKind), name="kind"),
        CheckConstraint("(unit_id IS NULL) = (unit_step IS NULL)", name="unit_has_step"),
        CheckConstraint("unit_id IS NULL OR quantity = 1", name="unit_is_one_piece"),
        CheckConstraint("(kind = 'use_reversal') = (reverses_id IS NOT NULL)", name="reversal_names_use"),
        Index(
            "uq_movement_unit_step",
            "unit_id",
            "unit_step",
            unique=True,
            postgresql_where=text("unit_id IS NOT NULL"),
        ),
        Index(
            "uq_movement_reverses",
            "reverses_id",
            unique=True,
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        Index("ix_movement_day", "business_date", "item_id"),
        Index("ix_movement_item", "item_id", "lot"),
    )

    id: Mapped[Id]
    origin_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot: Mapped[str] = mapped_column(Text, default="", server_default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit_step: Mapped[int | None]
    quantity: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    business_date: Mapped[date]
    document: Mapped[str] = mapped_column(Text, default="", server_default="")
    unit_cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    encounter_id: Mapped[int | None] = mapped_column(ForeignKey("encounter.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Balance(Base):
    """Book stock now, by location, item and lot; kept by a trigger on `movement`. May be negative."""

    __tablename__ = "balance"
    __table_args__ = (Index("ix_balance_item", "item_id"),)

    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    lot: Mapped[str] = mapped_column(Text, primary_key=True)
    quantity: Mapped[int]


class Count(Base):
    """What was found on the shelf, and what the book said at that moment (append-only).

    The difference is posted at once as a COUNT movement, so the book agrees afterwards.
    """

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        Index("ix_stock_count_day", "business_date", "location_id", "item_id"),
    )

    id: Mapped[Id]
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    lot: Mapped[str] = mapped_column(Text, default="", server_default="")
    counted: Mapped[int]
    book: Mapped[int]
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))
    blind: Mapped[bool] = mapped_column(default=True, server_default="true")
    business_date: Mapped[date]
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    document: Mapped[str] = mapped_column(Text, default="", server_default="")
    counted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class BusinessDay(Base):
    """A closed business date and its hospital-level figures (append-only).

    It stands in this room, and not where days are closed, because every posting must know it:
    nothing is posted on or before the last closed date (a trigger refuses).
    """

    __tablename__ = "business_day"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[Instant]
    closed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    summary: Mapped[Any] = mapped_column(JSONB)
