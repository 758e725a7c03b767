"""Files handed in, and how far each is: for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.intake.tables import OPEN_STATES, JobKind, JobState

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class JobView:
    """One file. `ahead`: how many are taken in before it. `is_attended`: a process is there to take it in."""

    id: int
    kind: str
    file: str
    size: int
    state: str
    step: str
    done: int
    total: int
    rows: int
    batch_id: int | None
    who: str
    handed_in_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    outcome: dict[str, Any]
    stopper: str | None
    ahead: int
    is_attended: bool

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_stopping(self) -> bool:
        return self.state == JobState.RUNNING and self.stopper is not None

    @property
    def share(self) -> float | None:
        """Of what is being done, how much is behind, from 0 to 1; None if nobody knows."""
        return min(self.done / self.total, 1.0) if self.total else None


# A process that works holds a lock for its folder; the server knows at once when it died.
_JOBS: Final = """
    SELECT j.id, j.kind, j.file, j.size, j.state, j.step, j.done, j.total, j.rows, j.batch_id, p.name AS who,
           j.handed_in_at, j.updated_at, j.finished_at, j.outcome, s.name AS stopper,
           CASE WHEN j.finished_at IS NULL THEN (
                SELECT count(*) FROM intake_job o
                 WHERE o.place = j.place AND o.id < j.id AND o.finished_at IS NULL) ELSE 0 END AS ahead,
           j.finished_at IS NOT NULL OR EXISTS (
                SELECT FROM pg_locks l
                 WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND (l.classid::bigint << 32 | l.objid::bigint)
                     = hashtextextended('tracer intake ' || j.place, 0)) AS is_attended
      FROM intake_job j JOIN person p ON p.id = j.person_id LEFT JOIN person s ON s.id = j.stopper_id
"""
_ONE: Final = text(_JOBS + "WHERE j.id = :id")
_NEWEST: Final = text(_JOBS + "WHERE j.kind = :kind ORDER BY j.id DESC LIMIT :most")


def find_job(reads: Connection | Session, job_id: int) -> JobView | None:
    row = reads.execute(_ONE, {"id": job_id}).one_or_none()
    return JobView(*row) if row is not None else None


def list_jobs(reads: Connection | Session, kind: JobKind, *, most: int = SHOWN) -> list[JobView]:
    """The newest of a kind."""
    return [JobView(*row) for row in reads.execute(_NEWEST, {"kind": kind, "most": most})]
