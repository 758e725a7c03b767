"""Who is asking: one statement for each way of proving it, since every request begins with one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, text
from sqlalchemy.orm import Session

from tracer.access.errors import UnknownScope
from tracer.access.rules import GRANTED, Action, Actor, Grant, Role

Reads = Session | Connection

_PERSON = """
SELECT p.id, p.username, p.name, p.language,
       ARRAY(SELECT g.role || ' ' || g.scope FROM role_grant g
              WHERE g.person_id = p.id ORDER BY g.id) AS grants
  FROM person p
"""
_BY_TOKEN = text(
    _PERSON
    + "JOIN token t ON t.person_id = p.id WHERE t.digest = :digest AND t.revoked_at IS NULL AND p.active"
)
_BY_SESSION = text(
    _PERSON + "JOIN web_session w ON w.person_id = p.id"
    " WHERE w.digest = :digest AND w.ended_at IS NULL AND w.expires_at > :now AND p.active"
)
_BY_USERNAME = text(_PERSON + "WHERE p.username = :username AND p.active")
_WHO_MAY = text("""
    SELECT p.id, p.name FROM person p
     WHERE p.active AND EXISTS (SELECT FROM role_grant g WHERE g.person_id = p.id AND g.role = ANY(:roles))
     ORDER BY p.name, p.id""")
_SCOPE = text("SELECT path FROM location WHERE code = :code")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody recognised: who they are to the rules, and the language they chose."""

    actor: Actor
    language: str


def find_by_token(reads: Reads, digest: bytes) -> Known | None:
    """The device or person a bearer token's SHA-256 belongs to; None if it or the account ended."""
    return _known(reads.execute(_BY_TOKEN, {"digest": digest}).one_or_none())


def find_by_session(reads: Reads, digest: bytes, now: datetime) -> Known | None:
    """The person a browser session's SHA-256 belongs to; None if it ran out, or it or the account ended."""
    return _known(reads.execute(_BY_SESSION, {"digest": digest, "now": now}).one_or_none())


def find_actor(reads: Reads, username: str, *, origin: str = "") -> Actor | None:
    """The account of that name, as the rules see it; None if there is none or it ended."""
    known = _known(reads.execute(_BY_USERNAME, {"username": username}).one_or_none())
    return replace(known.actor, origin=origin) if known else None


def list_people_who_may(reads: Reads, action: Action) -> list[tuple[int, str]]:
    """(id, name) of everybody whose roles allow the action somewhere, by name."""
    roles = [role.value for role, granted in GRANTED.items() if action in granted and role is not Role.ADMIN]
    return [(row.id, row.name) for row in reads.execute(_WHO_MAY, {"roles": roles})]


def scope_of(reads: Reads, location: str) -> str:
    """The path of a location, as a scope for a role. Raises UnknownScope."""
    path: str | None = reads.execute(_SCOPE, {"code": location}).scalar_one_or_none()
    if path is None:
        raise UnknownScope(location=location)
    return path


def _known(row: Row[tuple[int, str, str, str, list[str]]] | None) -> Known | None:
    if row is None:
        return None
    pairs = (grant.split(" ", 1) for grant in row.grants)
    grants = tuple(Grant(Role(role), scope) for role, scope in pairs)
    return Known(Actor(row.id, row.username, row.name, grants), row.language)
