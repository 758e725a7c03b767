"""What was said of certificates. Once decided it is not rewritten: a trigger refuses (see the migration)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracer.catalog.certificates.rules import CertificateStatus
from tracer.db.base import Base, Id, Instant, one_of


class Certificate(Base):
    """Somebody says: this certificate is valid through `valid_until`, and covers this item.

    Without an item it speaks of the certificate alone (a renewal for all its items); without a last day,
    of the item alone, or of a filing, which has none. `valid_until` is the last day on which it holds.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(one_of("status", CertificateStatus), name="status"),
        CheckConstraint("number <> ''", name="number_not_empty"),
        CheckConstraint("valid_until >= valid_from", name="validity_in_order"),
        CheckConstraint("item_id IS NOT NULL OR valid_until IS NOT NULL", name="says_something"),
        CheckConstraint(
            "status NOT IN ('approved', 'replaced') OR approver_id IS NOT NULL AND approver_id <> proposer_id"
            " AND decided_at IS NOT NULL",
            name="two_people",
        ),
        Index("ix_certificate_number", "number"),
        Index("ix_certificate_item", "item_id"),
        Index(
            "uq_certificate_of_item",
            "item_id",
            unique=True,
            postgresql_where=text("status = 'approved' AND item_id IS NOT NULL"),
        ),
        Index(
            "uq_certificate_proposed",
            "item_id",
            "number",
            "valid_from",
            "valid_until",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    number: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
