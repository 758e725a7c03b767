"""Who hears of what happens here, and whether they have."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id, Instant, one_of
from tracer.exchange.rules import DeliveryState, EndpointKind, EndpointState


class Endpoint(Base):
    """Another system's ear: an address that is posted to, or a folder that files are put into.

    `topics` of none is all. `due_at`: nothing is sent before. `failures` counts those since the last
    success. `source`: the name under which this system's own exports are taken in; they show whether it did
    what it was told. The secret stands here as it is, since a signature is made with it; no answer and no
    audit entry repeats it. `leased_until` is for files, of which one is written at a time.
    """

    __tablename__ = "endpoint"
    __table_args__ = (
        CheckConstraint(one_of("kind", EndpointKind), name="kind"),
        CheckConstraint(one_of("state", EndpointState), name="state"),
        CheckConstraint(
            "CASE kind WHEN 'webhook' THEN url IS NOT NULL AND secret IS NOT NULL AND folder IS NULL"
            " ELSE folder IS NOT NULL AND url IS NULL AND secret IS NULL END",
            name="has_a_target",
        ),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[str | None] = mapped_column(Text)
    ca_file: Mapped[str | None] = mapped_column(Text)
    folder: Mapped[str | None] = mapped_column(Text, unique=True)
    source: Mapped[str | None] = mapped_column(Text)
    topics: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    state: Mapped[str] = mapped_column(Text, server_default=EndpointState.ACTIVE.value)
    created_at: Mapped[Instant]
    due_at: Mapped[Instant] = mapped_column(server_default=text("now()"))
    leased_until: Mapped[Instant | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    last_success_at: Mapped[Instant | None]
    last_failure_at: Mapped[Instant | None]
    last_failure: Mapped[str | None] = mapped_column(Text)
    last_file: Mapped[int] = mapped_column(server_default="0")


class Delivery(Base):
    """One event to be told to one endpoint; made by a trigger in the transaction that tells.

    Who sends it holds it until `leased_until`; a deliverer that was killed holds it no longer than that.
    `file` is the number of the drop file it stands in.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id"),
        CheckConstraint(one_of("state", DeliveryState), name="state"),
        Index(
            "ix_delivery_waiting",
            *("endpoint_id", "due_at", "event_id"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_delivery_unsettled",
            *("endpoint_id", "item_id", "event_id"),
            postgresql_where=text("state IN ('waiting', 'dead')"),
        ),
        Index("ix_delivery_file", "endpoint_id", "file", postgresql_where=text("file IS NOT NULL")),
    )

    id: Mapped[Id]
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    item_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(Text, server_default=DeliveryState.WAITING.value)
    due_at: Mapped[Instant]
    leased_until: Mapped[Instant | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    settled_at: Mapped[Instant | None]
    file: Mapped[int | None]


class DeliveryTry(Base):
    """One try and how it ended (append-only). `answer` is the beginning of what the receiver said."""

    __tablename__ = "delivery_try"
    __table_args__ = (Index("ix_delivery_try_delivery_id", "delivery_id", "id"),)

    id: Mapped[Id]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    at: Mapped[Instant]
    milliseconds: Mapped[int]
    verdict: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, server_default="")
