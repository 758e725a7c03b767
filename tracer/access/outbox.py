"""The outbox: what other systems must hear of, written in the same transaction as what was done.

Either both are there or neither. Nobody waits here for another system: who hears of an event, and whether
they have, is kept and carried out by `tracer.exchange`.

A topic is dotted words, from the general to the particular (`code.approved`), so that an endpoint may ask
for all of `code`. A payload is what a receiver needs to act without asking back. No patient's name
belongs in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Actor
from tracer.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to tell: what it is about, which item if any, and what a receiver needs to know."""

    topic: str
    item_id: int | None
    payload: dict[str, Any]


def tell(
    session: Session,
    actor: Actor | None,
    clock: Clock,
    *,
    topic: str,
    item_id: int | None,
    payload: dict[str, Any],
) -> None:
    """Tell one thing, if this transaction commits. Money and dates in the payload become text."""
    tell_many(session, actor, clock, [Announcement(topic, item_id, payload)])


def tell_many(
    session: Session, actor: Actor | None, clock: Clock, announcements: Sequence[Announcement]
) -> None:
    """Tell many things at once, each item's in the order given; two statements however many they are."""
    if not announcements:
        return
    items = sorted({one.item_id for one in announcements if one.item_id is not None})
    if items:
        session.execute(_TAKE_TURNS, {"items": "{" + ",".join(map(str, items)) + "}"})
    told = json.dumps(
        [(one.topic, one.item_id, one.payload) for one in announcements],
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    )
    session.execute(_WRITE, {"at": clock.now(), "by": actor.id if actor else None, "told": told})


# Events of one item are numbered in the order in which their transactions commit: who tells of an item
# waits for whoever told of it before and has not committed yet. Otherwise the later number could be
# delivered before the earlier is there to be seen. A row's lock, since there are too few advisory locks
# for a bulk of 26,000 items; NO KEY, so that nobody waits who only points at the item.
_TAKE_TURNS = text("""
    SELECT count(*) FROM (
        SELECT id FROM item WHERE id = ANY(CAST(:items AS bigint[])) ORDER BY id FOR NO KEY UPDATE
    ) AS held
""")

# One text goes over: over arrays of 26,000 texts the driver took as long as the server over all the rest.
_WRITE = text("""
    INSERT INTO event (occurred_at, topic, item_id, payload, person_id)
    SELECT :at, one ->> 0, CAST(one ->> 1 AS bigint), one -> 2, CAST(:by AS bigint)
      FROM jsonb_array_elements(CAST(:told AS jsonb)) WITH ORDINALITY AS told (one, place)
     ORDER BY place
""")


def _plain(value: object) -> str:
    """What JSON has no word for. Raises TypeError for anything but money and dates."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # an instant is one too
        return value.isoformat()
    raise TypeError(f"a payload cannot hold {type(value).__name__}")
