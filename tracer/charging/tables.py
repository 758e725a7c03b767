"""Scans, charges and the exceptions that keep them matched with use. Scans and charges are append-only."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.charging.rules import ChargeSource, ExceptionKind, Outcome
from tracer.db.base import Base, Id, Instant, Money, one_of


class Scan(Base):
    """What a scanner sent, byte for byte, who sent it from where, and what became of it."""

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint(one_of("outcome", Outcome), name="outcome"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_scan_encounter", "encounter_id", "id"),
        Index("ix_scan_unresolved", "id", postgresql_where=text("outcome = 'unresolved'")),
    )

    id: Mapped[Id]
    idempotency_key: Mapped[str] = mapped_column(Text, unique=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))
    device: Mapped[str] = mapped_column(Text, default="", server_default="")
    scanned_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    business_date: Mapped[date]
    parsed: Mapped[Any] = mapped_column(JSONB)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    quantity: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    warnings: Mapped[Any] = mapped_column(JSONB)
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"), unique=True)
    override_reason: Mapped[str | None] = mapped_column(Text)


class Charge(Base):
    """Money for pieces, with the five codes and the price as they stood; a refund has the minus sign.

    `movement_id` is unique, so one use has at most one charge; `reverses_id` is unique, so a charge
    is refunded at most once.
    """

    __tablename__ = "charge"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
        CheckConstraint("amount = round(quantity * unit_price, 2)", name="amount_is_product"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="refund_names_charge"),
        CheckConstraint(one_of("source", ChargeSource), name="source"),
        Index(
            "uq_charge_movement", "movement_id", unique=True, postgresql_where=text("movement_id IS NOT NULL")
        ),
        Index(
            "uq_charge_reverses", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")
        ),
        Index("ix_charge_encounter", "encounter_id", "id"),
        Index("ix_charge_day", "business_date", "item_id"),
    )

    id: Mapped[Id]
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    lot: Mapped[str] = mapped_column(Text, default="", server_default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    quantity: Mapped[int]
    unit_price: Mapped[Money]
    amount: Mapped[Money]
    material: Mapped[str | None] = mapped_column(Text)
    billing: Mapped[str | None] = mapped_column(Text)
    order_code: Mapped[str | None] = mapped_column(Text)
    insurance: Mapped[str | None] = mapped_column(Text)
    udi: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("scan.id"), index=True)
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    business_date: Mapped[date]
    document: Mapped[str] = mapped_column(Text, default="", server_default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class LedgerException(Base):
    """A use without its charge, or a charge without its use: kept in sight until somebody settles it."""

    __tablename__ = "ledger_exception"
    __table_args__ = (
        CheckConstraint(one_of("kind", ExceptionKind), name="kind"),
        CheckConstraint("(movement_id IS NULL) <> (charge_id IS NULL)", name="names_one_row"),
        Index("ix_ledger_exception_open", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_ledger_exception_movement", "movement_id"),
        Index("ix_ledger_exception_charge", "charge_id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    quantity: Mapped[int]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
