"""The rows of closed days, and the causes of their variances (append-only)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id


class DayRow(Base):
    """One (business date, location, item) of a closed day; the columns are `variance.csv`'s.

    `weight` is max(|S|, |B|), what a roll-up divides by; `…_cents` are it and Vc at the unit cost.
    """

    __tablename__ = "day_row"
    __table_args__ = (
        UniqueConstraint("business_date", "location_id", "item_id"),
        CheckConstraint(
            "book_closing = opening + received + transferred_in - transferred_out - used - written_off",
            name="flows_add_up",
        ),
        CheckConstraint("status IN ('OK', 'BREACH', 'INVALID')", name="status"),
        Index("ix_day_row_pair", "location_id", "item_id", "business_date"),
    )

    id: Mapped[Id]
    business_date: Mapped[date] = mapped_column(ForeignKey("business_day.business_date"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    opening: Mapped[int]
    received: Mapped[int]
    transferred_in: Mapped[int]
    transferred_out: Mapped[int]
    used: Mapped[int]
    written_off: Mapped[int]
    book_closing: Mapped[int]
    counted: Mapped[int | None]
    consumed: Mapped[int]
    billed: Mapped[int]
    stock_variance: Mapped[int | None]
    charge_variance: Mapped[int | None]
    rate: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    unit_cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    variance_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    weight: Mapped[int]
    weight_cents: Mapped[int | None]
    variance_cents: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text, default="", server_default="")


class DayCause(Base):
    """One explanation of a row's variance: how many units, and the records that show it."""

    __tablename__ = "day_cause"

    id: Mapped[Id]
    day_row_id: Mapped[int] = mapped_column(ForeignKey("day_row.id"), index=True)
    cause: Mapped[str] = mapped_column(Text)
    units: Mapped[int]
    evidence: Mapped[Any] = mapped_column(JSONB)
