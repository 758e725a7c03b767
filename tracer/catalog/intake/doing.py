"""One file is taken in, in the name of whoever handed it in; killed at any moment, it may be begun again.

`python -m tracer.catalog.intake.doing NUMBER` does it in a process of its own, since what reads an export
keeps hundreds of megabytes until it ends. It leaves when its standard input ends: then whoever began it died.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from reconcile.registers.records import Register
from tracer.access.queries import find_actor
from tracer.access.rules import Actor
from tracer.catalog.intake.errors import AccountEnded, FileGone
from tracer.catalog.intake.folder import Folder
from tracer.catalog.intake.jobs import Job, finish, in_both
from tracer.catalog.intake.tables import JobKind, JobState
from tracer.catalog.mismatches.errors import ExportUnreadable
from tracer.catalog.registers.errors import ImportRunning
from tracer.db.engine import make_engine
from tracer.db.transaction import in_transaction
from tracer.settings import read_settings
from tracer.shared.clock import Clock, SystemClock
from tracer.shared.errors import Refusal

# What the process returns if it could not begin for now: the database is away, or another import runs.
LATER: Final = 75
MOST_BAD_SHOWN: Final = 1_000
SAY_EVERY_SECONDS: Final = 0.4
CONNECTIONS: Final = 3
_JOB: Final = text("""
    SELECT id, kind, file, kept, asked, person_id, origin, begun, batch_id, stopper_id
      FROM intake_job WHERE id = :id AND finished_at IS NULL""")
_WHO: Final = text("SELECT username FROM person WHERE id = :id")
_TELL: Final = text("""
    UPDATE intake_job SET step = :step, done = :done, total = :total, rows = :rows, updated_at = :now,
           batch_id = coalesce(:batch, batch_id) WHERE id = :id""")


class Teller:
    """Writes down how far it is, a few times a second at most, beside the transaction that does the work."""

    def __init__(self, engine: Engine, clock: Clock, job_id: int) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock, self._job_id = clock, job_id
        self._told, self._step = 0.0, ""

    def __call__(
        self, step: str, done: int = 0, total: int = 0, rows: int = 0, batch: int | None = None
    ) -> None:
        if step == self._step and time.monotonic() - self._told < SAY_EVERY_SECONDS:
            return
        self._told, self._step = time.monotonic(), step
        values = {
            "id": self._job_id,
            "step": step,
            "done": done,
            "total": total,
            "rows": rows,
            "batch": batch,
        }
        with self._engine.connect() as connection:
            connection.execute(_TELL, {**values, "now": self._clock.now()})


def do_job(engine: Engine, clock: Clock, folder: Folder, job: Job) -> None:
    """Take a file in, and say what came of it; a refusal is an outcome like another.

    Raises ImportRunning and DBAPIError, after which it may be tried again.
    """
    try:
        path = folder.path(job.kept)
        if not path.is_file():
            raise FileGone(file=job.file)
        actor = in_transaction(engine, lambda session: _who_handed_in(session, job))
        _TAKERS[job.kind](engine, actor, clock, path, job)
    except ImportRunning:
        raise
    except Refusal as refusal:
        cells = refusal.cells[:MOST_BAD_SHOWN] if isinstance(refusal, ExportUnreadable) else ()
        bad = [{language: cell.said(language) for language in ("zh", "en")} for cell in cells]
        outcome = in_both(refusal.message("zh"), refusal.message("en"), bad)
        in_transaction(engine, lambda session: finish(session, clock, job.id, JobState.REFUSED, outcome))


def _who_handed_in(session: Session, job: Job) -> Actor:
    """As they are now: an account may have ended since, or may do less."""
    username = session.execute(_WHO, {"id": job.person_id}).scalar_one()
    actor = find_actor(session, username, origin=job.origin)
    if actor is None:
        raise AccountEnded(file=job.file)
    return actor


def _take_register(engine: Engine, actor: Actor, clock: Clock, path: Path, job: Job) -> None:
    # Imported here: what takes an export in need not wait for the readers of registers, nor the other way.
    from tracer.catalog.registers.importing import Progress, import_register

    tell = Teller(engine, clock, job.id)
    tell("opening")

    def watch(now: Progress) -> None:
        tell("reading", now.bytes_done, now.bytes_total, now.records, now.batch_id)

    wanted = job.asked.get("register")
    done = import_register(
        engine, actor, path, clock=clock, file=job.file, watch=watch,
        register=Register(wanted) if wanted else None,
    )  # fmt: skip
    counts = ("records", "added", "changed", "unchanged", "older", "twice", "refused", "remarked")
    outcome: dict[str, Any] = {name: getattr(done, name) for name in counts}
    # Killed after its last step and before this line, it is its own batch that it finds done.
    outcome["known"] = done.known and job.batch_id != done.batch_id
    tell("", batch=done.batch_id)
    in_transaction(engine, lambda session: finish(session, clock, job.id, JobState.DONE, outcome))


def _take_export(engine: Engine, actor: Actor, clock: Clock, path: Path, job: Job) -> None:
    from tracer.catalog.mismatches.loading import load_export
    from tracer.catalog.mismatches.watching import Step

    tell = Teller(engine, clock, job.id)

    def watch(step: Step) -> None:
        tell(step.name, step.done, step.total, step.rows)

    def load(session: Session) -> None:
        receipt = load_export(
            session, actor, clock, path, source=job.asked["source"], owns=job.asked["owns"], file=job.file,
            watch=watch,
        )  # fmt: skip
        outcome: dict[str, Any] = {
            "source": receipt.source, "records": receipt.rows, "refused": receipt.bad_rows,
            "known": receipt.run is None,
            "bad": [{language: cell.said(language) for language in ("zh", "en")} for cell in receipt.bad],
        }  # fmt: skip
        if receipt.run is not None:
            outcome |= {"open": receipt.run.open, "opened": receipt.run.opened, "closed": receipt.run.closed}
        finish(session, clock, job.id, JobState.DONE, outcome)  # with what was loaded, or not at all

    in_transaction(engine, load)


_TAKERS: Final[dict[str, Callable[[Engine, Actor, Clock, Path, Job], None]]] = {
    JobKind.REGISTER: _take_register,
    JobKind.EXPORT: _take_export,
}


# --- as a process -----------------------------------------------------------------------------------------


def main(number: int) -> int:
    """Do it; returns the process's status."""
    settings = read_settings(os.environ)
    assert settings.database_url is not None
    engine = make_engine(settings.database_url, pool_size=CONNECTIONS, max_overflow=0)
    clock = SystemClock(settings.timezone)
    try:
        with engine.connect() as connection:
            row = connection.execute(_JOB, {"id": number}).one_or_none()
        if row is not None:
            do_job(engine, clock, Folder(settings.intake_root), Job(*row))
        return 0
    except (ImportRunning, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not _is_away(error):
            return _broken(engine, clock, number)
        return LATER
    except Exception:
        return _broken(engine, clock, number)


def _is_away(error: DBAPIError) -> bool:
    from sqlalchemy.exc import InterfaceError, OperationalError

    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _broken(engine: Engine, clock: Clock, number: int) -> int:
    """A mistake of ours: told to the operator in full, to the person that it is one."""
    traceback.print_exc()
    outcome = in_both("服务器内部错误，详情已写入日志", "an error of the server's own; its log says more")
    in_transaction(engine, lambda session: finish(session, clock, number, JobState.STOPPED, outcome))
    return 0


def _leave_with_standard_input() -> None:
    while os.read(0, 1024):  # not by `sys.stdin`, whose lock would be held when the interpreter ends
        pass
    os._exit(1)


def _leave(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_leave_with_standard_input, daemon=True).start()
    status = main(int(sys.argv[1]))
    sys.stderr.flush()
    os._exit(status)  # a thread that reads standard input holds nothing up
