"""One idempotency key has one effect, forever (domain.md, invariant 5).

The key is made by the client before it sends and kept there until it has an answer. The first
request with it writes the effect and the answer in one transaction; every later one is given
that same answer. The primary key on `request_key.key` is what makes a second effect impossible;
the advisory lock only lets a simultaneous second request be told so at once, instead of waiting.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from tracer.access.errors import KeyInFlight, KeyReused
from tracer.access.rules import Actor
from tracer.access.tables import RequestKey
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid

LONGEST_KEY = 200

_keys: Any = RequestKey.__table__
# One round trip. Should another request with the key commit between this statement's snapshot and its
# lock, the key is held and not seen: then writing it breaks the primary key, and `in_transaction` begins
# again and finds it.
_CLAIM = text("""
    SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0)) AS held,
           k.person_id, k.operation, k.digest, k.answer
      FROM (VALUES (1)) AS one LEFT JOIN request_key k ON k.key = :key
""")


def fingerprint(payload: Any) -> bytes:
    """SHA-256 of a request's content, the same for equal content in any field order."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).digest()


class Answer(dict[str, Any]):
    """What a use case answers to a key: the same for ever. `replayed` if it was made before, by an earlier
    request with that key, and this one changed nothing."""

    replayed = False

    @classmethod
    def again(cls, kept: dict[str, Any]) -> Answer:
        """The answer that was kept with a key."""
        answer = cls(kept)
        answer.replayed = True
        return answer


@dataclass(slots=True)
class Once:
    """The answer a key already has (`known`), or the place to keep the one being made."""

    session: Session
    actor: Actor
    key: str
    operation: str
    digest: bytes
    known: Answer | None = None

    def keep(self, answer: dict[str, Any], clock: Clock) -> Answer:
        """Store the answer with the key, in the same transaction as the effect."""
        self.session.execute(
            insert(_keys),
            {
                "key": self.key,
                "person_id": self.actor.id,
                "operation": self.operation,
                "digest": self.digest,
                "answer": answer,
                "created_at": clock.now(),
            },
        )
        return Answer(answer)


def once(session: Session, actor: Actor, *, key: str, operation: str, payload: Any) -> Once:
    """Claim a key for this transaction.

    Raises KeyInFlight while another transaction holds it, KeyReused if it was used for other
    content, another operation or by another person, Invalid if it is empty or too long.
    """
    if not key.strip() or len(key) > LONGEST_KEY or not key.isprintable():
        raise Invalid(field="idempotency_key", reason=f"1–{LONGEST_KEY} printable characters expected")
    found = session.execute(_CLAIM, {"key": key}).one()
    if not found.held:
        raise KeyInFlight()
    claim = Once(session, actor, key, operation, fingerprint(payload))
    if found.person_id is not None:
        if (found.person_id, found.operation, bytes(found.digest)) != (actor.id, operation, claim.digest):
            raise KeyReused()
        claim.known = Answer.again(found.answer)
    return claim
