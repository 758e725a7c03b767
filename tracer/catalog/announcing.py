"""What was decided on codes and prices, told twice: to the audit, and to the systems outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.outbox import Announcement, tell_many
from tracer.access.rules import Actor
from tracer.shared.clock import Clock

# Beyond so many, several records share an audit entry: each entry rewrites its chain's head.
MOST_AUDIT_ENTRIES: Final = 100

Payloads = Mapping[int, dict[str, Any]]
"""Record id → what it says, its item under `item`."""


def keep_record(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    action: str,
    subject: str,
    payloads: Payloads,
    change: dict[str, Any],
    why: str = "",
) -> None:
    """An audit entry for each record, or for several together if there are thousands."""
    if not payloads:
        return
    ids = list(payloads)
    size = -(-len(ids) // MOST_AUDIT_ENTRIES) or 1
    for at in range(0, len(ids), size):
        few = ids[at : at + size]
        after = {str(id_): payloads[id_] | change for id_ in few}
        single = len(few) == 1
        audit.record(
            session,
            actor,
            clock,
            action=action,
            subject=subject if single else f"{subject}s",
            subject_id=str(few[0]) if single else f"{few[0]}…{few[-1]}",
            after=after[str(few[0])] if single else after,
            why=why.strip() or None,
        )


def announce(session: Session, actor: Actor, clock: Clock, topic: str, payloads: Payloads) -> None:
    """One event for each record."""
    told = [Announcement(topic, payload["item"], payload) for payload in payloads.values()]
    tell_many(session, actor, clock, told)
