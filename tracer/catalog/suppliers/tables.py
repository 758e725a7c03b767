"""Who acts for which supplier, what each sells here, and what it entered.

Nothing is deleted: an assignment ends. What became of an entry is not kept here but follows from the code,
certificate or price that it proposed; only that it was withdrawn is the supplier's own doing.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.catalog.suppliers.rules import Field, Outcome
from tracer.db.base import Base, Id, Instant, one_of


class SupplierPerson(Base):
    """A person acts for a supplier, from `begun_at` until `ended_at`; at a time for one at most."""

    __tablename__ = "supplier_person"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index("uq_supplier_person_now", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_supplier_person_supplier_id", "supplier_id"),
    )

    id: Mapped[Id]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    begun_at: Mapped[Instant]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Supply(Base):
    """A supplier sells an item here, from `begun_at` until `ended_at`. Several may sell the same one."""

    __tablename__ = "supply"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index(
            "uq_supply_now",
            "supplier_id",
            "item_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_supply_item_id", "item_id"),
    )

    id: Mapped[Id]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    begun_at: Mapped[Instant]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SupplierUpload(Base):
    """A supplier's file as it was answered: how many rows were taken, unchanged, refused."""

    __tablename__ = "supplier_upload"
    __table_args__ = (Index("ix_supplier_upload_supplier_id", "supplier_id", "id"),)

    id: Mapped[Id]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    file: Mapped[str] = mapped_column(Text)
    taken: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    loaded_at: Mapped[Instant]


class SupplierAnswer(Base):
    """What one row of a supplier's file was answered.

    `fields`: field → its own outcome; `faults`: [{column, value, zh, en}] for a row that was refused.
    """

    __tablename__ = "supplier_answer"
    __table_args__ = (CheckConstraint(one_of("outcome", Outcome), name="outcome"),)

    upload_id: Mapped[int] = mapped_column(ForeignKey("supplier_upload.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    material: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    fields: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    faults: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")


class SupplierEntry(Base):
    """That a supplier says something of an item, and the proposal that says the same to the hospital.

    `value` is the code, the certificate's number or the amount; `valid_until` is a certificate's last day.
    """

    __tablename__ = "supplier_entry"
    __table_args__ = (
        CheckConstraint(one_of("field", Field), name="field"),
        CheckConstraint("num_nonnulls(binding_id, certificate_id, price_id) = 1", name="proposes_one"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
        Index("ix_supplier_entry_supplier_id", "supplier_id", "id"),
        Index("ix_supplier_entry_item_id", "item_id", "supplier_id"),
        *(
            Index(
                f"uq_supplier_entry_{one}",
                f"{one}_id",
                "supplier_id",
                unique=True,
                postgresql_where=text(f"{one}_id IS NOT NULL AND withdrawn_at IS NULL"),
            )
            for one in ("binding", "certificate", "price")
        ),
    )

    id: Mapped[Id]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    field: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date | None]
    binding_id: Mapped[int | None] = mapped_column(ForeignKey("code_binding.id"))
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    price_id: Mapped[int | None] = mapped_column(ForeignKey("price.id"))
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("supplier_upload.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
