"""kill -9 of whoever takes files in, at named points and from outside: each file counts once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, text

from tests.catalog.intake.taking import job_of, put
from tests.reconcile.registers.releases import numbered, part, zipped
from tracer.access.operator import OPERATOR
from tracer.catalog.intake.folder import PLACE, Folder
from tracer.catalog.intake.jobs import stop
from tracer.catalog.intake.running import Worker
from tracer.catalog.intake.tables import JobKind, JobState
from tracer.db.transaction import in_transaction
from tracer.settings import Settings
from tracer.shared.clock import SystemClock

ROOT = Path(__file__).resolve().parents[3]
CLOCK = SystemClock(Settings().timezone)
HRP = "物资编码,名称,计费编码\nM1,支架甲,B1\nM2,支架乙,B1\n".encode("gb18030")
RELEASE = part(numbered(1500))
Kind = tuple[JobKind, bytes]
EXPORT, REGISTER = (JobKind.EXPORT, HRP), (JobKind.REGISTER, RELEASE)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "in")


def count(engine: Engine, what: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def eventually(what: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@contextmanager
def working(engine: Engine, folder: Folder) -> Iterator[list[str]]:
    """A worker whose process dies where FAULT says; what it complains of."""
    said: list[str] = []
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, intake_folder=folder.root)
    worker = Worker(settings, said.append, (sys.executable, "-m", "tests.catalog.intake.dying_taker"))
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield said
    worker.stop()
    thread.join(30)
    assert not thread.is_alive()


def ended(engine: Engine, number: int) -> bool:
    return not job_of(engine, number).is_open


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("after_step", REGISTER),
        ("before_finish", REGISTER),
        ("after_all", REGISTER),
        ("before_finish", EXPORT),
        ("after_finish", EXPORT),
        ("before_commit", EXPORT),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0].value,
)
def test_who_dies_at_a_named_point_is_followed_by_another(
    fresh_database: Engine, folder: Folder, monkeypatch: pytest.MonkeyPatch, fault: str, kind: Kind
) -> None:
    monkeypatch.setenv("FAULT", fault)
    number = put(fresh_database, CLOCK, folder, kind[1], kind=kind[0])
    with working(fresh_database, folder) as said:
        eventually(lambda: ended(fresh_database, number))
        eventually(lambda: [one.name for one in folder.root.iterdir()] == [PLACE])
    job = job_of(fresh_database, number)
    # An export is finished in the transaction that loads it: before and after that it was never loaded.
    assert (job.state, job.outcome["known"]) == (JobState.DONE, False)
    assert len(said) == (fault != "after_all")  # then everything was done
    if kind is EXPORT:
        assert count(fresh_database, "claim_extract") == 1 and count(fresh_database, "claim") == 2
    else:
        assert job.outcome["added"] == 1500 and count(fresh_database, "register_record") == 1500
        assert count(fresh_database, "register_batch") == 1


def test_what_brings_its_process_down_again_and_again_is_let_go(
    fresh_database: Engine, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULT", "after_load")
    monkeypatch.setenv("FAULT_TIMES", "99")
    number = put(fresh_database, CLOCK, folder, HRP)
    after = put(fresh_database, CLOCK, folder, RELEASE, kind=JobKind.REGISTER)
    with working(fresh_database, folder) as said:
        eventually(lambda: ended(fresh_database, after))
    job = job_of(fresh_database, number)
    assert job.state == JobState.STOPPED and "内存不足" in job.outcome["zh"] and len(said) == 3
    assert count(fresh_database, "claim") == 0
    assert job_of(fresh_database, after).state == JobState.DONE


# --- the process itself, as a server begins it ------------------------------------------------------------


@contextmanager
def taker(engine: Engine, folder: Folder) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tracer.catalog.intake.running"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "TRACER_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "TRACER_INTAKE_FOLDER": str(folder.root),
        },
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        assert process.stdin is not None and process.stderr is not None
        process.stdin.close()
        process.stderr.close()


def let_go(process: subprocess.Popen[bytes]) -> None:
    """As a server that ends does; it has nothing to complain of."""
    _, complaint = process.communicate(b"\n", timeout=30)
    assert (process.returncode, complaint) == (0, b"")


def test_a_kill_a_server_that_stops_and_a_person_that_stops_it(
    fresh_database: Engine, folder: Folder
) -> None:
    records = numbered(50_000)  # more than two steps
    release = zipped({f"P{n}.xml": part(records[n * 5000 : n * 5000 + 5000]) for n in range(10)})
    number = put(fresh_database, CLOCK, folder, release, kind=JobKind.REGISTER, file="a.zip")
    with taker(fresh_database, folder) as process:
        eventually(lambda: count(fresh_database, "register_record") > 0)
        orphans = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        assert psutil.wait_procs(orphans, timeout=20)[1] == []  # nobody works on for the dead
    killed = job_of(fresh_database, number)
    assert (killed.state, killed.is_attended) == (JobState.RUNNING, False)
    behind = count(fresh_database, "register_record")
    with taker(fresh_database, folder) as process:
        eventually(lambda: job_of(fresh_database, number).rows >= behind)  # it goes on from there
        let_go(process)
    assert job_of(fresh_database, number).state == JobState.RUNNING
    assert count(fresh_database, "intake_job WHERE begun = 1") == 1  # a stop is not its own fault
    with taker(fresh_database, folder) as process:
        eventually(lambda: job_of(fresh_database, number).step == "reading")
        in_transaction(fresh_database, lambda session: stop(session, OPERATOR, CLOCK, number))
        eventually(lambda: ended(fresh_database, number))
        eventually(lambda: [one.name for one in folder.root.iterdir()] == [PLACE])
        let_go(process)
    job = job_of(fresh_database, number)
    assert (job.state, job.is_stopping) == (JobState.STOPPED, False)
    with fresh_database.connect() as connection:
        status = connection.execute(text("SELECT status FROM register_batch")).scalar_one()
    assert status == "stopped" and behind <= count(fresh_database, "register_record") < 50_000
