"""The record of who did what, written in the same transaction as what was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tracer.access.rules import Actor
from tracer.access.tables import AuditEntry
from tracer.shared.clock import Clock

_entries: Any = AuditEntry.__table__


def record(
    session: Session,
    actor: Actor | None,
    clock: Clock,
    *,
    action: str,
    subject: str,
    subject_id: str | int,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str | None = None,
    origin: str = "",
) -> None:
    """Add one entry; the database links it into a hash chain. No patient's name belongs in it.

    `origin` says where from, if there is no actor to say it.
    """
    session.execute(
        insert(_entries),
        {
            "at": clock.now(),
            "person_id": actor.id if actor else None,
            "action": action,
            "subject": subject,
            "subject_id": str(subject_id),
            "before": before,
            "after": after,
            "why": why,
            "origin": actor.origin if actor else origin,
        },
    )
