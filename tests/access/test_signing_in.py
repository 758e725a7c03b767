"""Signing in: who is let in, who has to wait, and what nobody can find out by trying."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from tests.access.application import PASSWORD, add
from tracer.access import passwords, signing_in
from tracer.access.accounts import FREE_ATTEMPTS
from tracer.access.errors import SignInRefused, TooManyAttempts
from tracer.access.operator import OPERATOR
from tracer.access.people import deactivate
from tracer.access.queries import find_by_session
from tracer.access.rules import Grant, Role
from tracer.access.signing_in import SignedIn, sign_in, sign_out
from tracer.access.tables import Person, WebSession
from tracer.access.tokens import digest_of
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SetClock


@pytest.fixture
def wang(session: Session, clock: SetClock) -> int:
    return add(session, clock, "wang", Grant(Role.NURSE, "/HOSP/CARD/"))


def attempt(session: Session, clock: SetClock, username: str, password: str = PASSWORD, **options):
    return sign_in(session, username, password, clock, "10.0.0.9", **options)


def answers(session: Session, clock: SetClock, username: str, times: int, every: int = 1) -> list[tuple]:
    """What so many wrong passwords are told, as an onlooker sees it."""
    seen = []
    for _ in range(times):
        outcome = attempt(session, clock, username, "wrong password")
        seen.append((type(outcome), outcome.data))
        clock.advance(timedelta(seconds=every))
    return seen


def test_the_right_password_begins_a_session(session: Session, clock: SetClock, wang: int):
    outcome = attempt(session, clock, " Wang ")
    assert isinstance(outcome, SignedIn)
    assert outcome.actor.id == wang and outcome.actor.origin == "10.0.0.9"
    known = find_by_session(session, digest_of(outcome.secret), clock.now())
    assert known is not None and known.actor.grants == (Grant(Role.NURSE, "/HOSP/CARD/"),)


def test_only_a_digest_of_the_secret_is_kept(session: Session, clock: SetClock, wang: int):
    secret = attempt(session, clock, "wang").secret
    kept = session.execute(select(WebSession.digest)).scalars().all()
    assert len(secret) >= 43
    assert [bytes(one) for one in kept] == [digest_of(secret)]


def test_each_sign_in_has_a_new_secret_and_ends_the_one_it_replaces(session, clock, wang):
    first = attempt(session, clock, "wang").secret
    second = attempt(session, clock, "wang", replaces=first).secret
    assert first != second
    assert find_by_session(session, digest_of(first), clock.now()) is None
    assert find_by_session(session, digest_of(second), clock.now()) is not None


def test_a_session_runs_out(session: Session, clock: SetClock, wang: int):
    digest = digest_of(attempt(session, clock, "wang", hours=12).secret)
    clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert find_by_session(session, digest, clock.now()) is not None
    clock.advance(timedelta(seconds=1))
    assert find_by_session(session, digest, clock.now()) is None


def test_signing_out_ends_the_session_on_the_server(session: Session, clock: SetClock, wang: int):
    secret = attempt(session, clock, "wang").secret
    sign_out(session, secret, clock)
    sign_out(session, secret, clock)
    assert find_by_session(session, digest_of(secret), clock.now()) is None


@pytest.mark.parametrize(
    ("username", "password"),
    [("wang", "wrong"), ("wang", ""), ("nobody", PASSWORD), ("", ""), ("a\x00b", "x"), ("\ud800", "x")],
)
def test_whatever_is_wrong_the_answer_is_the_same(session, clock, wang, username, password):
    outcome = attempt(session, clock, username, password)
    assert isinstance(outcome, SignInRefused) and outcome.data == {}


def test_an_account_without_a_password_cannot_be_signed_in_to(session: Session, clock: SetClock):
    add(session, clock, "pda-7", password=None)
    for password in ("", "a password that nobody has", "None"):
        assert isinstance(attempt(session, clock, "pda-7", password), SignInRefused)
    assert isinstance(attempt(session, clock, "operator", ""), SignInRefused)


def test_an_ended_account_is_refused_like_a_wrong_password(session: Session, clock: SetClock, wang: int):
    deactivate(session, OPERATOR, "wang", clock, why="left")
    assert isinstance(attempt(session, clock, "wang"), SignInRefused)


def test_an_unknown_name_costs_the_same_work(session, clock, wang, monkeypatch):
    checked = []

    class Counting(passwords.PasswordHasher):
        def verify(self, kept, password):
            checked.append((password, kept.rsplit("$", 2)[0]))
            return super().verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting(1, 8, 1))
    for username in ("wang", "nobody"):
        attempt(session, clock, username, "wrong password")
    assert checked == [("wrong password", "$argon2id$v=19$m=8,t=1,p=1")] * 2


def test_many_wrong_passwords_shut_the_account_for_longer_and_longer(session, clock, wang):
    for _ in range(FREE_ATTEMPTS):
        assert isinstance(attempt(session, clock, "wang", "wrong"), SignInRefused)
    shut = attempt(session, clock, "wang")  # the right password, too early
    assert isinstance(shut, TooManyAttempts) and shut.data == {"seconds": 30}
    clock.advance(timedelta(seconds=30))
    assert isinstance(attempt(session, clock, "wang", "wrong"), SignInRefused)
    assert attempt(session, clock, "wang").data == {"seconds": 60}
    clock.advance(timedelta(seconds=60))
    assert isinstance(attempt(session, clock, "wang"), SignedIn)
    assert isinstance(attempt(session, clock, "wang", "wrong"), SignInRefused)  # counted from the start
    assert isinstance(attempt(session, clock, "wang"), SignedIn)


@pytest.mark.parametrize("every", [1, 40, 1000])
def test_lock_out_does_not_tell_which_names_exist(session, clock, wang, every):
    known = answers(session, clock, "wang", 12, every)
    unknown = answers(session, clock, "nobody", 12, every)
    assert known == unknown
    assert TooManyAttempts in {kind for kind, _ in known} or every == 1000


def test_guesses_at_once_are_counted_one_by_one(fresh_database: Engine, clock: SetClock):
    in_transaction(fresh_database, lambda session: add(session, clock, "wang"))
    start, outcomes = threading.Barrier(12), []

    def guess() -> None:
        start.wait()
        outcomes.append(in_transaction(fresh_database, lambda db: attempt(db, clock, "wang", "wrong")))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, SignInRefused) for outcome in outcomes) == FREE_ATTEMPTS
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 12 - FREE_ATTEMPTS
    with Session(fresh_database) as session:
        assert session.execute(select(Person.failed_attempts).where(Person.username == "wang")).scalar() == 5


def test_a_guess_under_way_keeps_nobody_from_recording_under_that_name(fresh_database, clock):
    """The row is locked so that references to it can still be made: a scan must not wait for a sign-in."""
    person = in_transaction(fresh_database, lambda session: add(session, clock, "wang"))
    with Session(fresh_database) as guessing, Session(fresh_database) as working:
        attempt(guessing, clock, "wang", "wrong")
        working.execute(text("SET lock_timeout = '2s'"))
        signing_in.record(working, None, clock, action="scan", subject="person", subject_id=person)
        working.execute(
            text("INSERT INTO token (person_id, digest, created_at) VALUES (:id, 'x', now())"), {"id": person}
        )
        working.rollback()
        guessing.rollback()
