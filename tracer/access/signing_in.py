"""Signing in and out with a browser: each sign-in is a session, kept and ended by the server."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, text, update
from sqlalchemy.orm import Session

from tracer.access.accounts import LONGEST_PASSWORD, username_of, wait_after
from tracer.access.audit import record
from tracer.access.errors import SignInRefused, TooManyAttempts
from tracer.access.passwords import is_password
from tracer.access.queries import find_actor
from tracer.access.rules import Actor
from tracer.access.tables import AuditEntry, Person, WebSession
from tracer.access.tokens import digest_of
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid

_people: Any = Person.__table__
_sessions: Any = WebSession.__table__
_entries: Any = AuditEntry.__table__
_LOCK_NAME = text("SELECT pg_advisory_xact_lock(7402, :bucket)")
# Failures of a name that nobody has are counted in the audit, and no further back than this many.
MOST_COUNTED = 20


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the secret for the browser's cookie: told only now."""

    actor: Actor
    language: str
    secret: str


def sign_in(
    session: Session,
    username: str,
    password: str,
    clock: Clock,
    origin: str,
    *,
    hours: int = 12,
    replaces: str | None = None,
) -> SignedIn | SignInRefused | TooManyAttempts:
    """Begin a session of `hours`; the session whose secret is `replaces` ends.

    A refusal is returned and not raised: the attempt itself is recorded, so the transaction must be
    committed either way. Whether there is an account of that name cannot be told from the answer.
    """
    now = clock.now()
    try:
        name = username_of(username)
    except Invalid:
        name = ""
    # The row stays locked while the password is checked: a hundred guesses at once are counted one by one.
    person = session.execute(
        select(_people).where(_people.c.username == name).with_for_update(key_share=True)
    ).one_or_none()
    wait = _wait(session, name, person, now)
    if wait > timedelta():
        return TooManyAttempts(seconds=max(1, round(wait.total_seconds())))
    kept = person.password_hash if person is not None and person.active else None
    if not is_password(password[: LONGEST_PASSWORD + 1], kept):
        _count_failure(session, name, person, clock, origin)
        return SignInRefused()
    actor = find_actor(session, name, origin=origin)
    assert person is not None and actor is not None
    session.execute(
        update(_people).where(_people.c.id == person.id).values(failed_attempts=0, locked_until=None)
    )
    if replaces is not None:
        sign_out(session, replaces, clock, origin)
    secret = secrets.token_urlsafe(32)
    session.execute(
        insert(_sessions),
        {
            "person_id": person.id,
            "digest": digest_of(secret),
            "created_at": now,
            "expires_at": now + timedelta(hours=hours),
        },
    )
    record(session, actor, clock, action="sign_in", subject="person", subject_id=person.id)
    return SignedIn(actor, person.language, secret)


def sign_out(session: Session, secret: str, clock: Clock, origin: str = "") -> None:
    """End the session with this secret; nothing happens if there is none or it ended."""
    ended = session.execute(
        update(_sessions)
        .where(_sessions.c.digest == digest_of(secret), _sessions.c.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(_sessions.c.person_id)
    ).scalar_one_or_none()
    if ended is not None:
        username = session.execute(select(_people.c.username).where(_people.c.id == ended)).scalar_one()
        actor = find_actor(session, username, origin=origin)
        record(session, actor, clock, action="sign_out", subject="person", subject_id=ended)


def end_sessions(session: Session, person_id: int, clock: Clock) -> None:
    """End every session of a person: the password or the roles changed, or the account ended."""
    session.execute(
        update(_sessions)
        .where(_sessions.c.person_id == person_id, _sessions.c.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def _wait(session: Session, name: str, person: Row[Any] | None, now: datetime) -> timedelta:
    """How long this name is still shut."""
    if person is not None:
        return (person.locked_until or now) - now
    session.execute(_LOCK_NAME, {"bucket": _bucket(name)})
    failures = session.execute(_failures_of(name)).all()
    last = max((row.at for row in failures), default=now)
    return last + wait_after(len(failures)) - now


def _failures_of(name: str) -> Any:
    return (
        select(_entries.c.at)
        .where(_entries.c.subject == "unknown_name", _entries.c.subject_id == str(_bucket(name)))
        .order_by(_entries.c.id.desc())
        .limit(MOST_COUNTED)
    )


def _count_failure(session: Session, name: str, person: Row[Any] | None, clock: Clock, origin: str) -> None:
    if person is None:
        record(
            session,
            None,
            clock,
            action="sign_in_refused",
            subject="unknown_name",
            subject_id=_bucket(name),
            origin=origin,
        )
        return
    failures: int = person.failed_attempts + 1
    wait = wait_after(failures)
    session.execute(
        update(_people)
        .where(_people.c.id == person.id)
        .values(failed_attempts=failures, locked_until=clock.now() + wait if wait else None)
    )
    record(
        session,
        None,
        clock,
        action="sign_in_refused",
        subject="person",
        subject_id=person.id,
        after={"failures": failures, "seconds_shut": int(wait.total_seconds())},
        origin=origin,
    )


def _bucket(name: str) -> int:
    """One of 65,536 numbers for a name that nobody has.

    People type their password where the name belongs: neither the text nor a hash that could be
    tried against a list of passwords may be kept.
    """
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:2])
