"""Bearer tokens for devices and other systems. Only their SHA-256 is kept: a lost one is replaced."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tracer.access.accounts import username_of
from tracer.access.audit import record
from tracer.access.errors import AccountEnded, NameTaken, UnknownRole
from tracer.access.operator import OPERATOR
from tracer.access.queries import Reads, find_by_token, scope_of
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor, Role
from tracer.access.tables import Person, RoleGrant, Token
from tracer.shared.clock import Clock

PREFIX = "trc_"  # lets a scanner for leaked secrets tell what it has found

_people: Any = Person.__table__
_grants: Any = RoleGrant.__table__
_tokens: Any = Token.__table__


def digest_of(secret: str) -> bytes:
    """What is kept of a token, or of a browser session's secret."""
    return hashlib.sha256(secret.encode()).digest()


def find_actor_by_token(reads: Reads, token: str) -> Actor | None:
    """The account a token speaks for; None if it is unknown or revoked, or the account ended."""
    known = find_by_token(reads, digest_of(token))
    return known.actor if known else None


def issue_token(
    session: Session,
    name: str,
    role: Role,
    scope_path: str,
    clock: Clock,
    *,
    actor: Actor = OPERATOR,
) -> str:
    """A new token, told only now, for the account `name`, which is made if there is none.

    Raises Forbidden; AccountEnded; NameTaken if the account's role or scope is another, or the
    name is the one that commands on the server are recorded under.
    """
    actor.must(Action.MANAGE_PEOPLE)
    username = username_of(name)
    if username == OPERATOR.username:
        raise NameTaken(username=username)
    person_id = _account(session, username, name.strip(), role, scope_path, clock, actor)
    token = PREFIX + secrets.token_urlsafe(32)
    made = {"person_id": person_id, "digest": digest_of(token), "created_at": clock.now()}
    token_id = session.execute(insert(_tokens).returning(_tokens.c.id), made).scalar_one()
    record(
        session,
        actor,
        clock,
        action="issue_token",
        subject="person",
        subject_id=person_id,
        after={"token": token_id, "role": role.value, "scope": scope_path},
    )
    return token


def token_for(session: Session, name: str, role: str, location: str | None, clock: Clock) -> str:
    """`issue_token` from words that an operator typed: a role's name, a location's code (None: everywhere).

    Raises UnknownRole, UnknownScope and what `issue_token` raises.
    """
    if role not in set(Role):
        raise UnknownRole(role=role, known=" ".join(Role))
    scope = WHOLE_HOSPITAL if location is None else scope_of(session, location)
    return issue_token(session, name, Role(role), scope, clock)


def revoke_tokens(session: Session, actor: Actor, person_id: int, clock: Clock) -> int:
    """End every token of an account; returns how many there were. Raises Forbidden."""
    actor.must(Action.MANAGE_PEOPLE)
    ended = session.execute(
        update(_tokens)
        .where(_tokens.c.person_id == person_id, _tokens.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(_tokens.c.id)
    ).all()
    if ended:
        record(
            session,
            actor,
            clock,
            action="revoke_tokens",
            subject="person",
            subject_id=person_id,
            after={"tokens": [row.id for row in ended]},
        )
    return len(ended)


def _account(
    session: Session, username: str, name: str, role: Role, scope: str, clock: Clock, actor: Actor
) -> int:
    """The id of the account, made now if there is none."""
    row = {"username": username, "name": name, "created_at": clock.now()}
    made = session.execute(
        upsert(_people)
        .values(row)
        .on_conflict_do_nothing(index_elements=["username"])
        .returning(_people.c.id)
    ).scalar_one_or_none()
    if made is not None:
        session.execute(insert(_grants), {"person_id": made, "role": role.value, "scope": scope})
        record(
            session,
            actor,
            clock,
            action="add_person",
            subject="person",
            subject_id=made,
            after={"username": username, "device": True, "grants": [[role.value, scope]]},
        )
        return int(made)
    found = session.execute(
        select(_people.c.id, _people.c.active)
        .where(_people.c.username == username)
        .with_for_update(key_share=True)
    ).one()
    if not found.active:
        raise AccountEnded(username=username)
    held = session.execute(
        select(_grants.c.role, _grants.c.scope).where(_grants.c.person_id == found.id)
    ).all()
    if [tuple(grant) for grant in held] != [(role.value, scope)]:
        raise NameTaken(username=username)
    return int(found.id)
