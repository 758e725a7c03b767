"""Encounters, orders, bundles. Expected is not charged: only what is used is."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id, Instant


class Encounter(Base):
    """A patient's stay, known by the reference on the wristband.

    `confirmed` is false for one that was scanned before the HIS told of it.
    """

    __tablename__ = "encounter"

    id: Mapped[Id]
    ref: Mapped[str] = mapped_column(Text, unique=True)
    patient_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    bed: Mapped[str] = mapped_column(Text, default="", server_default="")
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    confirmed: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[Instant]


class Bundle(Base):
    """An order bundle (组套). It has an order code and nothing else: it is not an item."""

    __tablename__ = "bundle"

    id: Mapped[Id]
    order_code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)


class BundleLine(Base):
    __tablename__ = "bundle_line"
    __table_args__ = (
        UniqueConstraint("bundle_id", "item_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[Id]
    bundle_id: Mapped[int] = mapped_column(ForeignKey("bundle.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int]


class Order(Base):
    """A clinical order from the HIS."""

    __tablename__ = "clinical_order"
    __table_args__ = (Index("ix_clinical_order_encounter", "encounter_id"),)

    id: Mapped[Id]
    order_no: Mapped[str] = mapped_column(Text, unique=True)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    ordered_at: Mapped[Instant]
    business_date: Mapped[date]
    ended_at: Mapped[Instant | None]
    recorded_at: Mapped[Instant]


class OrderLine(Base):
    """An expected item of an order; `bundle_id` says which bundle it was unpacked from.

    `used` counts live uses against the line and is kept in the transaction of the use. The state
    is derived: used when `used > 0`, else not used once the order has ended, else expected.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line_no"),
        CheckConstraint("expected > 0", name="expected_positive"),
        CheckConstraint("used >= 0", name="used_not_negative"),
        Index("ix_order_line_encounter_item", "encounter_id", "item_id"),
        Index("ix_order_line_open", "order_id", postgresql_where=text("used = 0")),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("clinical_order.id"))
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"))
    line_no: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("bundle.id"))
    bundle_no: Mapped[int | None]
    expected: Mapped[int]
    used: Mapped[int] = mapped_column(default=0, server_default="0")
