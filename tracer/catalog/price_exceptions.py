"""Prices about to come into force set against the rules; and the exceptions that were allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.access.rules import Actor
from tracer.catalog.price_holding import Break, Chargeable, Dated, breaks, passing
from tracer.catalog.price_markups import markup_rules
from tracer.catalog.price_rules import Disagreement, PriceRule, markup_for
from tracer.catalog.rules import PriceKind
from tracer.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who allowed that two prices of an item disagree by so much, when, and why."""

    why: str
    who: str
    when: datetime


Agreed = dict[tuple[int, PriceRule, Decimal, Decimal], Allowed]


def prices_that_hold(session: Session, rows: Sequence[Any]) -> tuple[set[int], list[Break]]:
    """Of prices that would begin on `row.start`: the ids of those that break no rule, and all breaks."""
    coming, standing, items = _state(session, rows)
    held, found = passing(coming, standing, items)
    return {one.id for one in held if one.id is not None}, found


def prices_that_break(session: Session, rows: Sequence[Any]) -> list[Break]:
    """Which rules all of them together would break."""
    return breaks(*_state(session, rows))


def keep_exceptions(session: Session, actor: Actor, clock: Clock, broken: Sequence[Break], why: str) -> None:
    """Write down why these may be; each with one of the prices that come into force by it."""
    if not broken:
        return
    values = {
        "prices": [one.by[-1] for one in broken],
        "rules": [str(one.broken.rule) for one in broken],
        "found": [one.broken.found for one in broken],
        "expected": [one.broken.expected for one in broken],
        "why": why,
        "by": actor.id,
        "now": clock.now(),
    }
    session.execute(_KEEP, values)


def agreed_exceptions(reader: Session | Connection, item_id: int | None = None) -> Agreed:
    """What was allowed, of one item or of all; of the same disagreement what was said last."""
    return {
        (row.item_id, PriceRule(row.rule), row.found, row.expected): Allowed(
            row.why, row.name, row.granted_at
        )
        for row in reader.execute(_AGREED, {"item": item_id})
    }


def exception_for(agreed: Agreed, item_id: int, broken: Disagreement) -> Allowed | None:
    """The exception for exactly this disagreement; another amount is another disagreement."""
    if broken.found is None or broken.expected is None:
        return None
    return agreed.get((item_id, broken.rule, broken.found, broken.expected))


def _state(session: Session, rows: Sequence[Any]) -> tuple[list[Dated], list[Dated], dict[int, Chargeable]]:
    """The coming prices, those in force then or later, and what the rules ask of the items."""
    coming = [
        Dated(id=row.id, item_id=row.item_id, kind=PriceKind(row.kind), amount=row.amount, start=row.start)
        for row in rows
    ]
    ids = sorted({one.item_id for one in coming})
    rules = markup_rules(session)
    items = {
        row.id: Chargeable(row.chargeable, markup_for(row.category, rules))
        for row in session.execute(_ITEMS, {"items": ids})
    }
    asked = {"items": ids, "since": min(one.start for one in coming)}
    standing = [
        Dated(
            item_id=row.item_id,
            kind=PriceKind(row.kind),
            amount=row.amount,
            start=row.valid_from,
            end=row.valid_to,
        )
        for row in session.execute(_STANDING, asked)
    ]
    return coming, standing, items


_ITEMS = text("SELECT id, chargeable, category FROM item WHERE id = ANY(CAST(:items AS bigint[]))")
_STANDING = text("""
    SELECT item_id, kind, amount, valid_from, valid_to FROM price
     WHERE item_id = ANY(CAST(:items AS bigint[])) AND status = 'approved'
       AND (valid_to IS NULL OR valid_to > :since)""")
_KEEP = text("""
    INSERT INTO price_exception (price_id, rule, found, expected, why, person_id, granted_at)
    SELECT price_id, rule, found, expected, :why, :by, :now
      FROM unnest(CAST(:prices AS bigint[]), CAST(:rules AS text[]), CAST(:found AS numeric[]),
                  CAST(:expected AS numeric[])) AS e (price_id, rule, found, expected)""")
_AGREED = text("""
    SELECT p.item_id, e.rule, e.found, e.expected, e.why, e.granted_at, w.name
      FROM price_exception e JOIN price p ON p.id = e.price_id JOIN person w ON w.id = e.person_id
     WHERE CAST(:item AS bigint) IS NULL OR p.item_id = :item
     ORDER BY e.id""")
