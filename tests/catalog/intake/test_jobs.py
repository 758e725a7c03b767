"""Files are taken in one after another, in the name of whoever handed them in, and count once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.access.application import add
from tests.catalog.intake.taking import job_of, put, take_all
from tests.reconcile.registers.releases import numbered, part
from tracer.access.operator import OPERATOR
from tracer.access.queries import find_actor
from tracer.access.rules import Actor, Grant, Role
from tracer.catalog.intake.errors import Ended, UnknownJob
from tracer.catalog.intake.folder import PLACE, Folder
from tracer.catalog.intake.jobs import stop
from tracer.catalog.intake.tables import JobKind, JobState
from tracer.settings import Settings
from tracer.shared.clock import SystemClock
from tracer.shared.errors import Forbidden

CLOCK = SystemClock(Settings().timezone)
HRP = "物资编码,名称,计费编码\nM1,支架甲,B1\nM2,支架乙,B1\n".encode("gb18030")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "in")


@pytest.fixture
def buyer(fresh_database: Engine) -> Actor:
    with Session(fresh_database) as session, session.begin():
        add(session, CLOCK, "buyer", Grant(Role.PROCUREMENT))
        found = find_actor(session, "buyer", origin="10.0.0.7")
    assert found is not None
    return found


def rows(engine: Engine, sql: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_files_wait_their_turn_and_tell_what_came_of_them(
    fresh_database: Engine, folder: Folder, buyer: Actor
) -> None:
    release = part([*numbered(3), "<device><deviceRecordKey>X</deviceRecordKey><cpms>A & B</cpms></device>"])
    first = put(fresh_database, CLOCK, folder, HRP, actor=buyer)
    second = put(fresh_database, CLOCK, folder, release, actor=buyer, kind=JobKind.REGISTER, file="国家.xml")
    again = put(fresh_database, CLOCK, folder, HRP, actor=buyer)
    waiting = job_of(fresh_database, again)
    assert (waiting.state, waiting.ahead, waiting.is_attended) == (JobState.WAITING, 2, False)
    take_all(fresh_database, CLOCK, folder)
    done = job_of(fresh_database, first)
    assert (done.state, done.who, done.ahead) == (JobState.DONE, "Buyer", 0)
    assert (done.outcome["records"], done.outcome["refused"], done.outcome["open"]) == (2, 0, 1)
    register = job_of(fresh_database, second)
    assert (register.outcome["added"], register.outcome["refused"]) == (3, 1)
    assert rows(fresh_database, "SELECT id, file FROM register_batch") == [(register.batch_id, "国家.xml")]
    assert job_of(fresh_database, again).outcome["known"]
    assert [path.name for path in folder.root.iterdir()] == [PLACE]  # nothing is left lying
    # In the uploader's name, from where they were.
    who = "SELECT person_id, origin FROM audit_entry WHERE action IN ('load_export', 'import_register')"
    assert set(rows(fresh_database, who)) == {(buyer.id, "10.0.0.7")}


@pytest.mark.parametrize("what", ["ended", "less", "gone"])
def test_what_may_not_be_taken_in_any_more_is_refused(
    fresh_database: Engine, folder: Folder, buyer: Actor, what: str
) -> None:
    number = put(fresh_database, CLOCK, folder, HRP, actor=buyer)
    with fresh_database.begin() as connection:
        if what == "ended":
            connection.execute(text("UPDATE person SET active = false WHERE username = 'buyer'"))
        elif what == "less":
            connection.execute(
                text("UPDATE role_grant SET role = 'nurse' WHERE person_id = :id"), {"id": buyer.id}
            )
    if what == "gone":
        folder.sweep(lambda name: False)
    take_all(fresh_database, CLOCK, folder)
    job = job_of(fresh_database, number)
    said = {"ended": "账号已停用", "less": "权限", "gone": "已不在服务器上"}[what]
    assert job.state == JobState.REFUSED and said in job.outcome["zh"]
    assert rows(fresh_database, "SELECT count(*) FROM claim") == [(0,)]


def test_an_export_that_cannot_be_used_says_why(fresh_database: Engine, folder: Folder) -> None:
    number = put(fresh_database, CLOCK, folder, b"a,b\n1,2\n")
    take_all(fresh_database, CLOCK, folder)
    job = job_of(fresh_database, number)
    assert job.state == JobState.REFUSED and job.outcome["bad"]
    assert rows(fresh_database, "SELECT count(*) FROM claim_source") == [(0,)]  # nothing of it stays


def test_what_waits_can_be_taken_back(fresh_database: Engine, folder: Folder, buyer: Actor) -> None:
    number = put(fresh_database, CLOCK, folder, HRP)
    with Session(fresh_database) as session, session.begin():
        with pytest.raises(Forbidden):
            stop(session, replace(buyer, grants=(Grant(Role.AUDITOR),)), CLOCK, number)
        stop(session, buyer, CLOCK, number)
        with pytest.raises(Ended):
            stop(session, OPERATOR, CLOCK, number)
        with pytest.raises(UnknownJob):
            stop(session, OPERATOR, CLOCK, number + 1)
    take_all(fresh_database, CLOCK, folder)
    job = job_of(fresh_database, number)
    assert (job.state, job.stopper) == (JobState.STOPPED, "Buyer")
    assert rows(fresh_database, "SELECT count(*) FROM claim") == [(0,)]
