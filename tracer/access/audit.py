"""The record of who did what, written in the same transaction as what was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, text
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


def broken_links(session: Session) -> list[int]:
    """The entries whose chain does not hold before them (altered, removed, put in between), by id.

    0 stands for a chain whose end was cut off.
    """
    return list(session.execute(_BROKEN).scalars())


# Each chain begins with a hash of its number (see the migration); its head says how long it is.
_BROKEN = text("""
WITH link AS (
    SELECT e.id, e.lane, e.step, e.hash,
           row_number() OVER chain AS place,
           audit_digest(
               lag(e.hash, 1, sha256(convert_to('tracer audit lane ' || e.lane, 'UTF8'))) OVER chain,
               e.step, e
           ) AS due
      FROM audit_entry e
    WINDOW chain AS (PARTITION BY e.lane ORDER BY e.step)
)
SELECT id FROM link WHERE hash IS DISTINCT FROM due OR step <> place
UNION ALL
SELECT 0 FROM audit_lane l
 WHERE l.length <> coalesce((SELECT max(step) FROM link WHERE lane = l.id), 0)
    OR l.length > 0 AND l.head IS DISTINCT FROM (SELECT hash FROM link WHERE lane = l.id AND step = l.length)
ORDER BY 1
""")
