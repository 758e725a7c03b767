"""People, what they may do, how they prove who they are, what they did."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id, Instant, Json


class Person(Base):
    """A person, or a device or system with an account of its own (`password_hash` is null then)."""

    __tablename__ = "person"

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, default="zh", server_default="zh")
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    failed_attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[Instant | None]
    created_at: Mapped[Instant]


class RoleGrant(Base):
    """A role held for one location path and all below it; "/" is the whole hospital."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "scope"),
        CheckConstraint("scope LIKE '/%' AND scope LIKE '%/'", name="scope_is_path"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text, default="/", server_default="/")


class Token(Base):
    """A bearer token; only its SHA-256 is kept."""

    __tablename__ = "token"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]


class WebSession(Base):
    """A signed-in browser; the cookie carries a random value of which only the SHA-256 is kept."""

    __tablename__ = "web_session"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class RequestKey(Base):
    """One idempotency key, its one effect and the answer it was given (append-only)."""

    __tablename__ = "request_key"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    operation: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[Any] = mapped_column(JSONB)
    created_at: Mapped[Instant]


class AuditLane(Base):
    """The head of one hash chain of audit entries.

    There are many chains, so that two nurses never wait for each other to commit; a new entry
    is linked by a trigger to whichever chain is free (see the migration).
    """

    __tablename__ = "audit_lane"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    length: Mapped[int] = mapped_column(default=0, server_default="0")
    head: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntry(Base):
    """Who did what to which record, when, from where, before and after (append-only, hash-chained).

    `lane`, `step` and `hash` are filled in by the database; `hash` covers the entry and its predecessor.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("lane", "step"),
        Index("ix_audit_entry_subject", "subject", "subject_id"),
    )

    id: Mapped[Id]
    at: Mapped[Instant]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    before: Mapped[Any | None] = mapped_column(JSONB)
    after: Mapped[Any | None] = mapped_column(JSONB)
    why: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text, default="", server_default="")
    lane: Mapped[int | None] = mapped_column(SmallInteger)
    step: Mapped[int | None]
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class Event(Base):
    """Something that other systems must hear of, written in the transaction that did it (append-only).

    The outbox stands in the lowest room that knows people, since every room above tells something; who
    hears of it is the business of `exchange`. `uid` is what a receiver knows the event by, however often
    it is told.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("topic ~ '^[a-z][a-z_]*([.][a-z][a-z_]*)*$'", name="topic_is_dotted"),
        Index("ix_event_item_id", "item_id", "id"),
        Index("ix_event_topic", "topic", "id"),
    )

    id: Mapped[Id]
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    occurred_at: Mapped[Instant]
    topic: Mapped[str] = mapped_column(Text)
    # The catalogue's table, by name: its room is above this one.
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    payload: Mapped[Json]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
