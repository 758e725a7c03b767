"""Files that were handed in, and what became of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tracer.db.base import Base, Id, Instant, Json, one_of


class JobKind(StrEnum):
    """What a file is taken for."""

    REGISTER = "register"
    EXPORT = "export"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    # Nothing of it could be used, or who handed it in may not do so any more.
    REFUSED = "refused"
    # By a person, or because it brought its process down again and again.
    STOPPED = "stopped"


OPEN_STATES = (JobState.WAITING, JobState.RUNNING)


class IntakeJob(Base):
    """One file that was handed in. `place` is the folder it lies in, `kept` its name there.

    `step`, `done`, `total` and `rows` say how far it is, in the words and measures of the room that takes it;
    `begun` how often it was begun and did not come to an end. `outcome` is what came of it.
    """

    __tablename__ = "intake_job"
    __table_args__ = (
        CheckConstraint(one_of("kind", JobKind), name="kind"),
        CheckConstraint(one_of("state", JobState), name="state"),
        CheckConstraint("(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished"),
        Index("ix_intake_job_kind", "kind", "id"),
        Index("ix_intake_job_open", "place", "id", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    place: Mapped[str] = mapped_column(Text)
    kept: Mapped[str] = mapped_column(Text, unique=True)
    asked: Mapped[Json]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    origin: Mapped[str] = mapped_column(Text)
    handed_in_at: Mapped[Instant]
    state: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text, server_default="")
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    rows: Mapped[int] = mapped_column(server_default="0")
    begun: Mapped[int] = mapped_column(server_default="0")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("register_batch.id"))
    stopper_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    updated_at: Mapped[Instant]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
