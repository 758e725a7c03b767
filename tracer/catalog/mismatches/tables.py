"""Claims as they stand, and what became of the findings in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id, Instant, one_of


class Ruling(StrEnum):
    """Where a settlement stands. Suggested by evidence only, it is nobody's proposal yet."""

    SUGGESTED = "suggested"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class Heed(StrEnum):
    """What the system that was told has done since."""

    AWAITED = "awaited"
    FOLLOWED = "followed"
    SILENT = "silent"
    CONTRADICTED = "contradicted"


HOUSE = "settled"
"""The source of what this house has decided itself: each item's codes, in one row."""


class ClaimSource(Base):
    """A system that exports codes. `owns`: the code systems of which its export lists every code."""

    __tablename__ = "claim_source"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text, unique=True)
    owns: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class ClaimExtract(Base):
    """One export as it was loaded; the newest of a source is the one whose claims count."""

    __tablename__ = "claim_extract"

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("claim_source.id"), index=True)
    file: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    bad: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    bad_rows: Mapped[int] = mapped_column(server_default="0")
    given: Mapped[list[str]] = mapped_column(ARRAY(Text))
    loaded_at: Mapped[Instant]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Claim(Base):
    """A row of a source's newest export: the codes it holds belong together. Empty where it is silent."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("source_id", "row"),
        *(
            Index(f"ix_claim_{system}", system, postgresql_where=text(f"\"{system}\" <> ''"))
            for system in ("material", "billing", "order", "insurance", "udi")
        ),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("claim_source.id"))
    row: Mapped[int]
    material: Mapped[str] = mapped_column(Text, server_default="")
    billing: Mapped[str] = mapped_column(Text, server_default="")
    order: Mapped[str] = mapped_column(Text, server_default="")
    insurance: Mapped[str] = mapped_column(Text, server_default="")
    udi: Mapped[str] = mapped_column(Text, server_default="")
    name: Mapped[str] = mapped_column(Text, server_default="")
    specification: Mapped[str] = mapped_column(Text, server_default="")
    model: Mapped[str] = mapped_column(Text, server_default="")
    maker: Mapped[str] = mapped_column(Text, server_default="")
    certificate: Mapped[str] = mapped_column(Text, server_default="")
    unit: Mapped[str] = mapped_column(Text, server_default="")
    pack_quantity: Mapped[str] = mapped_column(Text, server_default="")
    price: Mapped[str] = mapped_column(Text, server_default="")
    valid_from: Mapped[str] = mapped_column(Text, server_default="")


class CodeFinding(Base):
    """Something in a group of codes that is not one-to-one, from the run that found it until it was gone.

    `fingerprint`: what makes it the same finding in the next run. `group_key`: its group's first code.
    """

    __tablename__ = "code_finding"
    __table_args__ = (
        CheckConstraint("class IN ('CONFLICT', 'DANGLING', 'MISMATCH', 'MISSING')", name="class"),
        Index("uq_code_finding_open", "fingerprint", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_code_finding_group", "group_key"),
        Index("ix_code_finding_opened", "opened_at"),
        Index("ix_code_finding_closed", "closed_at"),
    )

    id: Mapped[Id]
    fingerprint: Mapped[str] = mapped_column(Text)
    group_key: Mapped[str] = mapped_column(Text)
    class_: Mapped[str] = mapped_column("class", Text)
    system: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    values: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text))
    remove: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_proved: Mapped[bool]
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    name: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[Instant]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]


class Settlement(Base):
    """How groups of codes shall be told apart: suggested by evidence, or thought of by a person.

    `items`: the items as they shall be, each {codes, new, claims}. `reasons`: [{zh, en, supports}].
    `differences`: [{item, field, values, agrees}]. `fingerprint`: the same decision has the same. One that
    is approved may be taken back, again by two people: `undo_…`, until the second has agreed a wish only.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint(one_of("ruling", Ruling), name="ruling"),
        CheckConstraint(
            "ruling = 'suggested' OR (proposer_id IS NOT NULL AND proposed_at IS NOT NULL)",
            name="proposed_by",
        ),
        CheckConstraint(
            "ruling <> 'approved' OR (approver_id IS NOT NULL AND approver_id <> proposer_id)",
            name="two_people",
        ),
        CheckConstraint(
            "undo_proposer_id IS NULL OR (approver_id IS NOT NULL AND undo_proposed_at IS NOT NULL"
            " AND undo_why <> '')",
            name="undo_proposed",
        ),
        CheckConstraint(
            "ruling = 'approved' OR approver_id IS NULL"
            " OR (undo_approver_id IS NOT NULL AND undo_proposer_id IS NOT NULL"
            " AND undo_approver_id <> undo_proposer_id)",
            name="undo_two_people",
        ),
        Index(
            "ix_settlement_undo", "undo_proposed_at",
            postgresql_where=text("undo_proposer_id IS NOT NULL AND undo_approver_id IS NULL"),
        ),
        Index("ix_settlement_ruling", "ruling", "score"),
        Index("ix_settlement_groups", "group_keys", postgresql_using="gin"),
        Index(
            "uq_settlement_pending", "fingerprint", unique=True,
            postgresql_where=text("ruling IN ('suggested', 'proposed')"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    fingerprint: Mapped[str] = mapped_column(Text)
    group_keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    kind: Mapped[str] = mapped_column(Text)
    score: Mapped[float | None] = mapped_column(Double)
    is_complete: Mapped[bool]
    items: Mapped[list[Any]] = mapped_column(JSONB)
    reasons: Mapped[list[Any]] = mapped_column(JSONB)
    differences: Mapped[list[Any]] = mapped_column(JSONB)
    ruling: Mapped[str] = mapped_column(Text)
    made_at: Mapped[Instant]
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    why: Mapped[str] = mapped_column(Text, server_default="")
    undo_proposer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undo_proposed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undo_why: Mapped[str] = mapped_column(Text, server_default="")
    undo_approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Correction(Base):
    """What a row of a source should read instead.

    `before`: all its codes, and the fields that change, as they were; none for a row that the source
    should have and has not. `after`: the same once corrected; none for a row that should go. Empty cells
    are left out.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(one_of("heed", Heed), name="heed"),
        CheckConstraint("before IS NOT NULL OR after IS NOT NULL", name="says_something"),
        CheckConstraint("before IS DISTINCT FROM after", name="changes_something"),
        Index("ix_correction_heed", "source_id", "heed"),
    )

    id: Mapped[Id]
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("claim_source.id"))
    before: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    heed: Mapped[str] = mapped_column(Text, server_default=Heed.AWAITED)
    heeded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
