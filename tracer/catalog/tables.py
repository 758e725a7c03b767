"""The catalogue's tables. That an item has one code per system, and a code one item, at any
instant, is held by triggers on `code_binding` (invariant 1); that nothing is in force which another
person has not approved, and that what was decided is not rewritten, by checks and triggers on
`code_binding` and `price` (see the migrations)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracer.catalog.price_rules import PriceRule
from tracer.catalog.rules import BindingStatus, CodeSystem, PriceKind, PriceStatus, Tracking, WaiverKind
from tracer.db.base import Base, Id, Instant, Money, one_of


class Item(Base):
    """A consumable: one row per smallest specification (最小规格)."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint(one_of("tracking", Tracking), name="tracking"),
        Index("ix_item_initials_unread", "id", postgresql_where=text("initials IS NULL")),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    specification: Mapped[str] = mapped_column(Text, default="", server_default="")
    model: Mapped[str] = mapped_column(Text, default="", server_default="")
    maker: Mapped[str] = mapped_column(Text, default="", server_default="")
    certificate: Mapped[str] = mapped_column(Text, default="", server_default="")
    base_unit: Mapped[str] = mapped_column(Text, default="个", server_default="个")
    category: Mapped[str] = mapped_column(Text, default="", server_default="")
    tracking: Mapped[str] = mapped_column(Text, default=Tracking.LOT, server_default=Tracking.LOT)
    chargeable: Mapped[bool] = mapped_column(default=True, server_default="true")
    high_value: Mapped[bool] = mapped_column(default=False, server_default="false")
    sterile: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[Instant]
    # What is looked for in a search: kept by the database, but for the pinyin initials of the name,
    # which are null until the service has read it (see `searching`).
    search: Mapped[str | None] = mapped_column(
        Text,
        Computed(
            "lower(normalize(name || ' ' || specification || ' ' || model || ' ' || maker || ' '"
            " || certificate, NFKC))",
            persisted=True,
        ),
    )
    initials: Mapped[str | None] = mapped_column(Text)


class CodeBinding(Base):
    """An item has this code in this system from `valid_from` until the day before `valid_to`.

    `moves`: its approval takes the code from whoever has it. `taken_over`: in force from before anybody
    approved anything here. `decided_at` is when it was approved or rejected, `ended_at` when its end was
    recorded, so that what was known at an instant can be told from what held on a day.
    """

    __tablename__ = "code_binding"
    __table_args__ = (
        CheckConstraint(one_of("system", CodeSystem), name="system"),
        CheckConstraint(one_of("status", BindingStatus), name="status"),
        CheckConstraint("code <> ''", name="code_not_empty"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity_in_order"),
        CheckConstraint("status <> 'retired' OR valid_to IS NOT NULL", name="retired_has_end"),
        CheckConstraint(
            "status NOT IN ('approved', 'retired') OR taken_over"
            " OR proposer_id IS NOT NULL AND approver_id IS NOT NULL AND approver_id <> proposer_id",
            name="two_people",
        ),
        Index("ix_code_binding_code", "code", "system"),
        Index("ix_code_binding_item", "item_id", "system"),
        Index("ix_code_binding_begins", "code", postgresql_ops={"code": "text_pattern_ops"}),
        Index(
            "ix_code_binding_approved_here",
            "id",
            postgresql_where=text("NOT taken_over AND status IN ('approved', 'retired')"),
        ),
        Index(
            "uq_code_binding_proposed",
            "item_id",
            "system",
            "code",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    system: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text)
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[Instant]
    moves: Mapped[bool] = mapped_column(default=False, server_default="false")
    taken_over: Mapped[bool] = mapped_column(default=False, server_default="false")
    decided_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class FormerEnd(Base):
    """Until the instant `until`, a binding was to end on `valid_to` (null: on no day). Written by a trigger
    whenever an end changes, so that what was known at an instant can be told for ever (append-only)."""

    __tablename__ = "former_end"
    __table_args__ = (Index("ix_former_end_binding", "binding_id", "until"),)

    id: Mapped[Id]
    binding_id: Mapped[int] = mapped_column(ForeignKey("code_binding.id"))
    valid_to: Mapped[date | None]
    until: Mapped[Instant]


class Packaging(Base):
    """A package's own DI and how many base units of the item it holds."""

    __tablename__ = "packaging"
    __table_args__ = (CheckConstraint("base_units > 0", name="base_units_positive"),)

    id: Mapped[Id]
    di: Mapped[str] = mapped_column(Text, unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    base_units: Mapped[int]
    level: Mapped[str] = mapped_column(Text, default="", server_default="")


class Price(Base):
    """What one base unit costs, by kind, from `valid_from` until the day before `valid_to`.

    In force once two people have approved it who are not each other nor the proposer. Two prices of one
    kind in force never overlap for an item (a trigger refuses, see the migration).
    """

    __tablename__ = "price"
    __table_args__ = (
        CheckConstraint(one_of("kind", PriceKind), name="kind"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity_in_order"),
        CheckConstraint(
            "first_approver_id <> second_approver_id AND proposer_id <> first_approver_id"
            " AND proposer_id <> second_approver_id",
            name="three_people",
        ),
        CheckConstraint(one_of("status", PriceStatus), name="status"),
        CheckConstraint(
            "status <> 'approved' OR taken_over OR proposer_id IS NOT NULL"
            " AND first_approver_id IS NOT NULL AND second_approver_id IS NOT NULL",
            name="approved_by_two",
        ),
        Index("ix_price_item", "item_id", "kind"),
        Index(
            "ix_price_approved_here", "id", postgresql_where=text("NOT taken_over AND status = 'approved'")
        ),
        Index(
            "uq_price_proposed",
            "item_id",
            "kind",
            "valid_from",
            "amount",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[Money]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    first_approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second_approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    status: Mapped[str] = mapped_column(Text, default=PriceStatus.PROPOSED, server_default="proposed")
    created_at: Mapped[Instant | None]
    taken_over: Mapped[bool] = mapped_column(default=False, server_default="false")
    decided_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class Markup(Base):
    """What may be added to the purchase price in a category; "" is every category without a row of its
    own. No row at all: nothing may (zero mark-up). `cap` is the most yuan a piece."""

    __tablename__ = "markup"
    __table_args__ = (
        CheckConstraint("percent >= 0", name="percent_not_negative"),
        CheckConstraint("cap >= 0", name="cap_not_negative"),
    )

    category: Mapped[str] = mapped_column(Text, primary_key=True)
    percent: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    cap: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[Instant]


class MarkupChange(Base):
    """That the mark-up of a category should be another: proposed by one person, approved by another.
    Without a percentage: that the category has no rule of its own any more."""

    __tablename__ = "markup_change"
    __table_args__ = (
        CheckConstraint("percent >= 0", name="percent_not_negative"),
        CheckConstraint("cap >= 0", name="cap_not_negative"),
        CheckConstraint("percent IS NOT NULL OR cap IS NULL", name="cap_of_something"),
        CheckConstraint(one_of("status", PriceStatus), name="status"),
        CheckConstraint(
            "status <> 'approved' OR approver_id IS NOT NULL AND approver_id <> proposer_id",
            name="two_people",
        ),
        Index(
            "uq_markup_change_proposed", "category", unique=True, postgresql_where=text("status = 'proposed'")
        ),
    )

    id: Mapped[Id]
    category: Mapped[str] = mapped_column(Text)
    percent: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    cap: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    why: Mapped[str] = mapped_column(Text, default="", server_default="")
    status: Mapped[str] = mapped_column(Text)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[Instant | None]


class PriceException(Base):
    """That a price came into force though it breaks a rule: which, by how much, who allowed it and why.
    It speaks of these two amounts only (append-only)."""

    __tablename__ = "price_exception"
    __table_args__ = (
        CheckConstraint(one_of("rule", PriceRule), name="rule"),
        CheckConstraint("why <> ''", name="why_not_empty"),
        Index("ix_price_exception_price_id", "price_id"),
    )

    id: Mapped[Id]
    price_id: Mapped[int] = mapped_column(ForeignKey("price.id"))
    rule: Mapped[str] = mapped_column(Text)
    found: Mapped[Money]
    expected: Mapped[Money]
    why: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[Instant]


class Waiver(Base):
    """That an item may be received before its codes and its charge price are settled, or after its
    certificate ended: who allowed it, why, until when. It is listed until somebody closes it."""

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint(one_of("kind", WaiverKind), name="kind"),
        CheckConstraint("why <> ''", name="why_not_empty"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_somebody"),
        Index("uq_waiver_open", "item_id", "kind", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[str] = mapped_column(Text, default=WaiverKind.UNSETTLED, server_default="unsettled")
    why: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[Instant]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[Instant | None]


class Supplier(Base):
    __tablename__ = "supplier"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
