"""Accounts of people: made, given a password, given roles, ended. All of it is audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tracer.access.accounts import LEAST_PASSWORD, is_acceptable_password, username_of
from tracer.access.audit import record
from tracer.access.errors import NameTaken, UnknownPerson, WeakPassword
from tracer.access.passwords import hash_password
from tracer.access.rules import Action, Actor, Grant
from tracer.access.signing_in import end_sessions
from tracer.access.tables import Person, RoleGrant
from tracer.access.tokens import revoke_tokens
from tracer.shared.clock import Clock

_people: Any = Person.__table__
_grants: Any = RoleGrant.__table__


def add_person(
    session: Session,
    actor: Actor,
    *,
    username: str,
    name: str,
    grants: Sequence[Grant],
    clock: Clock,
    password: str | None = None,
    language: str = "zh",
) -> int:
    """A new account; returns its id. Without a password nobody can sign in as it.

    Raises Forbidden, Invalid, NameTaken, WeakPassword.
    """
    actor.must(Action.MANAGE_PEOPLE)
    username = username_of(username)
    row = {
        "username": username,
        "name": name.strip(),
        "language": language,
        "password_hash": _hashed(password, username) if password is not None else None,
        "created_at": clock.now(),
    }
    made: int | None = session.execute(
        upsert(_people)
        .values(row)
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(_people.c.id)
    ).scalar_one_or_none()
    if made is None:
        raise NameTaken(username=username)
    _grant(session, made, grants)
    after = {"username": username, "name": name.strip(), "grants": _listed(grants)}
    record(session, actor, clock, action="add_person", subject="person", subject_id=made, after=after)
    return made


def set_password(session: Session, actor: Actor, username: str, password: str, clock: Clock) -> None:
    """Give an account a new password: one's own, or as one who manages people. Its sessions end.

    Raises Forbidden, UnknownPerson, WeakPassword.
    """
    person = _get(session, actor, username, own=True)
    session.execute(
        update(_people)
        .where(_people.c.id == person.id)
        .values(password_hash=_hashed(password, person.username), failed_attempts=0, locked_until=None)
    )
    end_sessions(session, person.id, clock)
    record(session, actor, clock, action="set_password", subject="person", subject_id=person.id)


def set_roles(session: Session, actor: Actor, username: str, grants: Sequence[Grant], clock: Clock) -> None:
    """Replace the roles of an account. Its sessions end; its tokens have the new roles at once.

    Raises Forbidden, UnknownPerson.
    """
    person = _get(session, actor, username)
    before = session.execute(
        select(_grants.c.role, _grants.c.scope).where(_grants.c.person_id == person.id).order_by(_grants.c.id)
    ).all()
    session.execute(delete(_grants).where(_grants.c.person_id == person.id))
    _grant(session, person.id, grants)
    end_sessions(session, person.id, clock)
    record(
        session,
        actor,
        clock,
        action="set_roles",
        subject="person",
        subject_id=person.id,
        before={"grants": [list(grant) for grant in before]},
        after={"grants": _listed(grants)},
    )


def deactivate(session: Session, actor: Actor, username: str, clock: Clock, *, why: str) -> None:
    """End an account, its sessions and its tokens. What it did stays under its name.

    Raises Forbidden, UnknownPerson.
    """
    person = _get(session, actor, username)
    session.execute(update(_people).where(_people.c.id == person.id).values(active=False))
    end_sessions(session, person.id, clock)
    revoke_tokens(session, actor, person.id, clock)
    record(session, actor, clock, action="deactivate", subject="person", subject_id=person.id, why=why)


def choose_language(session: Session, actor: Actor, language: str) -> None:
    """Remember the language a person wants to read."""
    session.execute(update(_people).where(_people.c.id == actor.id).values(language=language))


def _get(session: Session, actor: Actor, username: str, *, own: bool = False) -> Row[Any]:
    username = username_of(username)
    if not (own and actor.username == username):
        actor.must(Action.MANAGE_PEOPLE)
    found = session.execute(
        select(_people.c.id, _people.c.username)
        .where(_people.c.username == username)
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise UnknownPerson(username=username)
    return found


def _hashed(password: str, username: str) -> str:
    if not is_acceptable_password(password, username):
        raise WeakPassword(least=LEAST_PASSWORD)
    return hash_password(password)


def _grant(session: Session, person_id: int, grants: Sequence[Grant]) -> None:
    if grants:
        rows = [{"person_id": person_id, "role": grant.role.value, "scope": grant.scope} for grant in grants]
        session.execute(insert(_grants), rows)


def _listed(grants: Sequence[Grant]) -> list[list[str]]:
    return [[grant.role.value, grant.scope] for grant in grants]
