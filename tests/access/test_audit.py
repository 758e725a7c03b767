"""The audit: complete, chained, unchangeable, and free of secrets."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.access.application import PASSWORD, add
from tracer.access.audit import broken_links, record
from tracer.access.operator import OPERATOR
from tracer.access.people import deactivate, set_password, set_roles
from tracer.access.rules import Grant, Role
from tracer.access.signing_in import sign_in, sign_out
from tracer.access.tables import AuditEntry
from tracer.access.tokens import issue_token
from tracer.db.transaction import in_transaction, transaction
from tracer.shared.clock import SetClock

TYPED_WRONG, NEW = "my other secret phrase", "another pass phrase"


def a_working_life(session: Session, clock: SetClock) -> list[str]:
    """Everything an account goes through; returns the secrets that were in it."""
    add(session, clock, "wang", Grant(Role.NURSE, "/HOSP/CARD/"))
    sign_in(session, "wang", TYPED_WRONG, clock, "10.0.0.9")
    sign_in(session, TYPED_WRONG.replace(" ", ""), PASSWORD, clock, "10.0.0.9")  # typed into the wrong field
    secret = sign_in(session, "wang", PASSWORD, clock, "10.0.0.9").secret
    sign_out(session, secret, clock, "10.0.0.9")
    token = issue_token(session, "wang", Role.NURSE, "/HOSP/CARD/", clock)
    set_password(session, OPERATOR, "wang", NEW, clock)
    set_roles(session, OPERATOR, "wang", [Grant(Role.AUDITOR)], clock)
    deactivate(session, OPERATOR, "wang", clock, why="left")
    return [PASSWORD, TYPED_WRONG, TYPED_WRONG.replace(" ", ""), NEW, secret, token]


def test_every_step_leaves_an_entry_saying_who_and_from_where(session: Session, clock: SetClock):
    a_working_life(session, clock)
    entries = session.execute(
        select(AuditEntry.action, AuditEntry.person_id, AuditEntry.origin).order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in entries] == [
        "add_person",
        "sign_in_refused",
        "sign_in_refused",
        "sign_in",
        "sign_out",
        "issue_token",
        "set_password",
        "set_roles",
        "revoke_tokens",
        "deactivate",
    ]
    assert [entry.origin for entry in entries[1:5]] == ["10.0.0.9"] * 4
    assert entries[1].person_id is None and entries[3].person_id is not None
    assert {entry.person_id for entry in entries[5:]} == {OPERATOR.id}


def test_no_secret_is_in_any_entry(session: Session, clock: SetClock):
    secrets = a_working_life(session, clock)
    everything = "\n".join(session.execute(text("SELECT e::text FROM audit_entry e")).scalars())
    assert "wang" in everything
    for secret in secrets:
        assert secret not in everything
    assert not re.search(r"\$argon2|password_hash", everything)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entry SET why = 'because'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE request_key SET answer = '{}'",
        "DELETE FROM request_key",
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(session, clock, tampering):
    record(session, OPERATOR, clock, action="look", subject="person", subject_id=1)
    session.execute(
        text(
            "INSERT INTO request_key (key, person_id, operation, digest, answer, created_at)"
            " VALUES ('k', 1, 'o', '', '{}', now())"
        )
    )
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(tampering))


def test_an_entry_is_gone_if_its_transaction_is(fresh_database: Engine, clock: SetClock):
    with pytest.raises(RuntimeError), transaction(fresh_database) as session:
        add(session, clock, "wang")
        raise RuntimeError
    with transaction(fresh_database) as session:
        assert session.execute(text("SELECT count(*) FROM audit_entry")).scalar() == 0
        assert broken_links(session) == []


@pytest.fixture
def chained(fresh_database: Engine, clock: SetClock) -> Engine:
    """Forty entries, four writers at once."""
    start = threading.Barrier(4)

    def look(session: Session) -> None:
        after = {"中文": [1, None, "x"]}
        record(
            session, OPERATOR, clock, action="look", subject="thing", subject_id=1, after=after, why="测试"
        )

    def write(_: int) -> None:
        start.wait()
        for _ in range(10):
            in_transaction(fresh_database, look)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return fresh_database


def test_entries_of_many_writers_are_all_chained(chained: Engine):
    with transaction(chained) as session:
        assert session.execute(text("SELECT count(*) FROM audit_entry WHERE hash IS NOT NULL")).scalar() == 40
        assert broken_links(session) == []


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE audit_entry SET after = '{}' WHERE id = 20", [20]),
        ("UPDATE audit_entry SET person_id = NULL WHERE id = 20", [20]),
        ("UPDATE audit_entry SET at = at + interval '1 s' WHERE id = 20", [20]),
        ("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)", [0]),
        ("TRUNCATE audit_entry", [0]),
    ],
)
def test_whoever_gets_past_the_trigger_breaks_the_chain(chained: Engine, tampering: str, found: list[int]):
    with transaction(chained) as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text(tampering))
    with transaction(chained) as session:
        breaks = broken_links(session)
    assert set(found) <= set(breaks)
