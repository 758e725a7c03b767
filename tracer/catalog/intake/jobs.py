"""Files handed in, from the first row to the last word: handed in, begun, watched, finished, stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, text
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.intake.errors import Ended, UnknownJob
from tracer.catalog.intake.tables import IntakeJob, JobKind, JobState
from tracer.shared.clock import Clock

_jobs: Any = IntakeJob.__table__
_OF: Final = text("SELECT id, file, state FROM intake_job WHERE id = :id FOR UPDATE")
_STOP_WAITING: Final = text("""
    UPDATE intake_job SET state = 'stopped', stopper_id = :by, updated_at = :now, finished_at = :now
     WHERE id = :id""")
_ASK_TO_STOP: Final = text("UPDATE intake_job SET stopper_id = :by, updated_at = :now WHERE id = :id")
_NEXT: Final = text("""
    SELECT id, kind, file, kept, asked, person_id, origin, begun, batch_id, stopper_id
      FROM intake_job WHERE place = :place AND finished_at IS NULL ORDER BY id LIMIT 1""")
_BEGIN: Final = text("""
    UPDATE intake_job SET state = 'running', begun = begun + 1, step = '', done = 0, total = 0, rows = 0,
           updated_at = :now WHERE id = :id AND finished_at IS NULL""")
_WANTS: Final = text("SELECT EXISTS (SELECT FROM intake_job WHERE kept = :kept AND finished_at IS NULL)")
_FINISH: Final = text("""
    UPDATE intake_job SET state = :state, outcome = CAST(:outcome AS jsonb), updated_at = :now,
           finished_at = :now WHERE id = :id AND finished_at IS NULL""")


@dataclass(frozen=True, slots=True)
class HandIn:
    """A file and what it is handed in for. `asked`: {"register"} or {"source", "owns"}."""

    kind: JobKind
    file: str
    size: int
    place: str
    kept: str
    asked: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What has to be known to take a file in."""

    id: int
    kind: str
    file: str
    kept: str
    asked: dict[str, Any]
    person_id: int
    origin: str
    begun: int
    batch_id: int | None
    stopper_id: int | None


def hand_in(session: Session, actor: Actor, clock: Clock, command: HandIn) -> int:
    """Note that a file waits to be taken in; returns its number. Raises Forbidden."""
    actor.must(Action.IMPORT_CODES, at=WHOLE_HOSPITAL)
    now = clock.now()
    values = {
        "kind": command.kind, "file": command.file, "size": command.size, "place": command.place,
        "kept": command.kept, "asked": command.asked, "person_id": actor.id, "origin": actor.origin,
        "handed_in_at": now, "state": JobState.WAITING, "updated_at": now,
    }  # fmt: skip
    job_id: int = session.execute(insert(_jobs).returning(_jobs.c.id), values).scalar_one()
    audit.record(
        session, actor, clock, action="hand_in_file", subject="intake_job", subject_id=job_id,
        after={"kind": command.kind, "file": command.file, "size": command.size, **command.asked},
    )  # fmt: skip
    return job_id


def stop(session: Session, actor: Actor, clock: Clock, job_id: int) -> None:
    """Take a file back that waits; one that is being taken in is let go within a second or two.

    What of a register was taken stays; of an export nothing does. Raises Forbidden, UnknownJob, Ended.
    """
    actor.must(Action.IMPORT_CODES, at=WHOLE_HOSPITAL)
    found = session.execute(_OF, {"id": job_id}).one_or_none()
    if found is None:
        raise UnknownJob(id=job_id)
    if found.state not in (JobState.WAITING, JobState.RUNNING):
        raise Ended(file=found.file)
    how = _STOP_WAITING if found.state == JobState.WAITING else _ASK_TO_STOP
    session.execute(how, {"id": job_id, "by": actor.id, "now": clock.now()})
    audit.record(session, actor, clock, action="stop_file", subject="intake_job", subject_id=job_id)


# --- for the process that takes files in ------------------------------------------------------------------


def next_job(connection: Connection, place: str) -> Job | None:
    """The oldest in this place that has not come to an end, begun or not."""
    row = connection.execute(_NEXT, {"place": place}).one_or_none()
    return Job(*row) if row is not None else None


def begin(connection: Connection, clock: Clock, job: Job) -> bool:
    """Note that it is being taken in once more; False if it came to an end meanwhile."""
    return connection.execute(_BEGIN, {"id": job.id, "now": clock.now()}).rowcount == 1


def is_wanted(connection: Connection, kept: str) -> bool:
    """Whether something waits for the kept file."""
    return bool(connection.execute(_WANTS, {"kept": kept}).scalar_one())


def finish(
    writes: Connection | Session, clock: Clock, job_id: int, state: JobState, outcome: dict[str, Any]
) -> None:
    values = {"id": job_id, "state": state, "outcome": json.dumps(outcome), "now": clock.now()}
    writes.execute(_FINISH, values)


def in_both(zh: str, en: str, bad: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """An outcome in words."""
    return {"zh": zh, "en": en, "bad": list(bad)}
