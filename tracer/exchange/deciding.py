"""What a person decides about an event at an endpoint: once more, or not at all.

A dead letter holds back the later events of its item at that endpoint until one of the two is decided: a
receiver that never got one change of an item would build the next upon something it does not know. Other
items, and other endpoints, go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.audit import record
from tracer.access.rules import Action, Actor
from tracer.exchange.errors import (
    AlreadySettled,
    BeingSent,
    EndpointOver,
    NotToldThere,
    UnknownEvent,
    WhyMissing,
)
from tracer.exchange.rules import DeliveryState, EndpointState
from tracer.shared.clock import Clock

LONGEST_WHY = 200


@dataclass(frozen=True, slots=True)
class Decide:
    """An event, an endpoint, and why."""

    event_id: int
    endpoint_id: int
    why: str


def send_again(session: Session, actor: Actor, command: Decide, clock: Clock) -> None:
    """Send an event to an endpoint once more, with all its tries before it and the id it always had.

    Also one that was delivered: the receiver may have lost it; one that has it knows it by its id.
    Raises Forbidden, UnknownEvent, NotToldThere, EndpointOver, BeingSent, WhyMissing.
    """
    found = _hold(session, actor, command)
    session.execute(_AGAIN, {"id": found.id})
    _record(session, actor, clock, "send_again", found, command, DeliveryState.WAITING)


def skip(session: Session, actor: Actor, command: Decide, clock: Clock) -> None:
    """Do without telling this endpoint of this event; what waits behind it goes on.

    Raises Forbidden, UnknownEvent, NotToldThere, EndpointOver, BeingSent, AlreadySettled, WhyMissing.
    """
    found = _hold(session, actor, command)
    if found.state not in (DeliveryState.WAITING, DeliveryState.DEAD):
        raise AlreadySettled()
    session.execute(_SKIP, {"id": found.id})
    _record(session, actor, clock, "skip_event", found, command, DeliveryState.SKIPPED)


def _hold(session: Session, actor: Actor, command: Decide) -> Any:
    actor.must(Action.MANAGE_EXCHANGE)
    why = command.why.strip()
    if not 2 <= len(why) <= LONGEST_WHY or not why.isprintable():
        raise WhyMissing()
    asked = {"event": command.event_id, "endpoint": command.endpoint_id}
    if not session.execute(_EVENT, asked).scalar():
        raise UnknownEvent(event=command.event_id)
    found = session.execute(_HOLD, asked).one_or_none()
    if found is None:
        raise NotToldThere()
    if found.endpoint_state == EndpointState.ENDED:
        raise EndpointOver()
    if found.taken:
        raise BeingSent()
    return found


def _record(
    session: Session,
    actor: Actor,
    clock: Clock,
    action: str,
    found: Any,
    command: Decide,
    after: DeliveryState,
) -> None:
    record(
        session,
        actor,
        clock,
        action=action,
        subject="event",
        subject_id=command.event_id,
        before={"endpoint": command.endpoint_id, "state": found.state, "tries": found.tries},
        after={"endpoint": command.endpoint_id, "state": after.value},
        why=command.why.strip(),
    )


_EVENT = text("SELECT EXISTS (SELECT FROM event WHERE id = :event)")
# A row in a file that is being made is taken as long as the endpoint is.
_HOLD = text("""
    SELECT d.id, d.state, d.tries, p.state AS endpoint_state,
           coalesce(d.leased_until > now(), false)
           OR d.state = 'waiting' AND d.file = p.last_file AND coalesce(p.leased_until > now(), false)
              AS taken
      FROM delivery d JOIN endpoint p ON p.id = d.endpoint_id
     WHERE d.event_id = :event AND d.endpoint_id = :endpoint
       FOR UPDATE OF d
""")
# A fresh start: its tries are counted anew, and told in full by `delivery_try`.
_AGAIN = text("""
    UPDATE delivery
       SET state = 'waiting', due_at = now(), tries = 0, leased_until = NULL, settled_at = NULL, file = NULL
     WHERE id = :id
""")
_SKIP = text("""
    UPDATE delivery SET state = 'skipped', leased_until = NULL, settled_at = now(), file = NULL WHERE id = :id
""")
