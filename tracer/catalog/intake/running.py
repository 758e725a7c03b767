"""The process that takes files in, one after another: alone (`tracer intake`), or beside a web server.

Of several on one folder one works and the others stand by. Who works holds a lock in the database, which
falls as soon as it dies: by that the pages know whether anybody does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from tracer.catalog.intake.doing import LATER
from tracer.catalog.intake.folder import Folder
from tracer.catalog.intake.jobs import Job, begin, finish, in_both, is_wanted, next_job
from tracer.catalog.intake.tables import JobState
from tracer.db.engine import make_engine
from tracer.settings import Settings, read_settings
from tracer.shared.clock import SystemClock
from tracer.shared.companion import ROOT, Companion, accompany

LOOK_SECONDS: Final = 1.0
GLANCE_SECONDS: Final = 0.2
SWEEP_SECONDS: Final = 60.0
# A file that brings its process down so often is not tried again: more memory than there is, perhaps.
MOST_BEGUN: Final = 3
GOODBYE_SECONDS: Final = 10.0
LOCK: Final = "hashtextextended('tracer intake ' || :place, 0)"
_TAKE_TURN: Final = text(f"SELECT pg_try_advisory_lock({LOCK})")
_GIVE_TURN: Final = text(f"SELECT pg_advisory_unlock({LOCK})")
_FORGIVE: Final = text("UPDATE intake_job SET begun = greatest(begun - 1, 0) WHERE id = :id")
_STOP_BATCH: Final = text("""
    UPDATE register_batch b SET status = 'stopped' FROM intake_job j
     WHERE j.id = :id AND b.id = j.batch_id AND b.status = 'running'""")
_STOPPED_BY: Final = text("SELECT stopper_id FROM intake_job WHERE id = :id")


class BesideServer(Companion):
    """The web server's end of it."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None
        super().__init__(
            [sys.executable, "-m", "tracer.catalog.intake.running"],
            {**os.environ, "TRACER_DATABASE_URL": settings.database_url},
        )


class Worker:
    """Takes in what was handed in to one folder, until stopped. `command` begins the process that takes in
    the file whose number follows."""

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None] = lambda line: None,
        command: Sequence[str] = (sys.executable, "-m", "tracer.catalog.intake.doing"),
    ) -> None:
        assert settings.database_url is not None
        self._url, self._say, self._command = settings.database_url, say, command
        self._clock, self._folder = SystemClock(settings.timezone), Folder(settings.intake_root)
        self._stopped = threading.Event()
        self._forgiven: set[int] = set()  # what ended without its own fault

    def run(self) -> None:
        """Work until stopped; wait for an absent database, and for one's turn."""
        engine = make_engine(self._url, pool_size=1, max_overflow=0)
        complaint = ""
        while not self._stopped.is_set():
            try:
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    if connection.execute(_TAKE_TURN, {"place": self._folder.place}).scalar_one():
                        complaint = ""
                        self._work(connection)
            except (SQLAlchemyError, OSError) as error:
                if type(error).__name__ != complaint:
                    complaint = type(error).__name__
                    told = error if isinstance(error, OSError) else "the database does not answer"
                    self._say(f"{told}; taking files in goes on when that has passed")
            self._stopped.wait(LOOK_SECONDS)
        engine.dispose()

    def stop(self) -> None:
        """Take nothing more; what is under way is let go, and gone on with by whoever comes next."""
        self._stopped.set()

    def _work(self, connection: Connection) -> None:
        swept = -SWEEP_SECONDS
        try:
            while not self._stopped.is_set():
                self._forgive(connection)
                if time.monotonic() - swept > SWEEP_SECONDS:
                    swept = time.monotonic()
                    self._folder.sweep(lambda kept: is_wanted(connection, kept))
                job = next_job(connection, self._folder.place)
                if job is None:
                    self._stopped.wait(LOOK_SECONDS)
                else:
                    self._take(connection, job)
        finally:
            with suppress(SQLAlchemyError):
                self._forgive(connection)
                connection.execute(_GIVE_TURN, {"place": self._folder.place})

    def _take(self, connection: Connection, job: Job) -> None:
        if job.stopper_id is not None:
            self._finish(connection, job, {})
            return
        if job.begun >= MOST_BEGUN:
            self._finish(connection, job, TOO_OFTEN)
            return
        if not begin(connection, self._clock, job):
            return
        status = self._watch_over(connection, job)
        if not is_wanted(connection, job.kept):
            self._folder.remove(job.kept)
        elif status in (LATER, -signal.SIGTERM, 128 + signal.SIGTERM):
            self._forgiven.add(job.id)
            self._stopped.wait(LOOK_SECONDS)
        else:
            self._say(f"the process that took in {job.file} ended with {status}; it is begun again")

    def _forgive(self, connection: Connection) -> None:
        """Do not count what a file could do nothing for: a database that was away, a stop."""
        for job_id in list(self._forgiven):
            connection.execute(_FORGIVE, {"id": job_id})
            self._forgiven.discard(job_id)

    def _finish(self, connection: Connection, job: Job, outcome: dict[str, object]) -> None:
        finish(connection, self._clock, job.id, JobState.STOPPED, outcome)
        connection.execute(_STOP_BATCH, {"id": job.id})  # whoever was killed left it as it was
        self._folder.remove(job.kept)

    def _watch_over(self, connection: Connection, job: Job) -> int:
        """The status of the process that takes it in, which is ended if it should stop."""
        process = subprocess.Popen(
            [*self._command, str(job.id)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd=ROOT,
            env={
                **os.environ,
                "TRACER_DATABASE_URL": self._url,
                "TRACER_INTAKE_FOLDER": str(self._folder.root.absolute()),
            },
        )
        try:
            while process.poll() is None:
                if self._stopped.wait(GLANCE_SECONDS):
                    break
                if connection.execute(_STOPPED_BY, {"id": job.id}).scalar_one() is not None:
                    break
        finally:
            _end(process)
        return process.wait()


TOO_OFTEN: Final = in_both(
    "处理此文件的进程多次意外中止（可能是内存不足）；请把文件拆小后再试，或联系管理员",
    "the process that took this file in was brought down again and again (perhaps by want of memory): split"
    " the file, or ask whoever runs the server",
)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to leave, and see to it."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GOODBYE_SECONDS)
        process.kill()
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()


def take_in(settings: Settings, say: Callable[[str], None], until: Callable[[], None]) -> None:
    """Take files in until `until` returns; `settings` must name a running database."""
    worker = Worker(settings, say)
    work = threading.Thread(target=worker.run, daemon=True)
    work.start()
    try:
        until()
    finally:
        worker.stop()
        work.join(GOODBYE_SECONDS + LOOK_SECONDS)


if __name__ == "__main__":
    accompany(lambda say, until: take_in(read_settings(os.environ), say, until))
