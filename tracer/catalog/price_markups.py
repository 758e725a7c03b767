"""What may be added to the purchase price, by category: proposed by one person, approved by another.

A changed mark-up changes no price: what is to be charged by it shows in the report, to be proposed and
approved price by price. Without any rule nothing may be added (零差率).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.outbox import tell
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.errors import MarkupDecided, MarkupProposed, UnknownMarkup
from tracer.catalog.price_rules import MarkupRule
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.shared.money import CENT

MOST_PERCENT: Final = Decimal(1000)
HIGHEST_CAP: Final = Decimal(1_000_000)
Reader = Session | Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkupRow:
    """A category's rule, how many items follow it, and a change that waits for approval, if any.

    `category` "" is every category without a rule of its own. `percent` of None: it has none of its own.
    """

    category: str
    items: int
    percent: Decimal | None
    cap: Decimal | None
    person: str | None
    changed_at: datetime | None
    change: WaitingMarkup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingMarkup:
    id: int
    percent: Decimal | None
    cap: Decimal | None
    why: str
    proposer_id: int
    proposer: str


def markup_rules(reader: Reader) -> dict[str, MarkupRule]:
    """The hospital's rules by category; "" is every category without one."""
    return {
        row.category: MarkupRule(row.percent, row.cap)
        for row in reader.execute(text("SELECT category, percent, cap FROM markup ORDER BY category"))
    }


def list_markups(reader: Reader) -> list[MarkupRow]:
    """Every category that items have or a rule names, that of all others first."""
    waiting = {
        row.category: WaitingMarkup(
            id=row.id,
            percent=row.percent,
            cap=row.cap,
            why=row.why,
            proposer_id=row.proposer_id,
            proposer=row.proposer,
        )
        for row in reader.execute(_WAITING)
    }
    return [
        MarkupRow(
            category=row.category,
            items=row.items,
            percent=row.percent,
            cap=row.cap,
            person=row.person,
            changed_at=row.changed_at,
            change=waiting.get(row.category),
        )
        for row in reader.execute(_LIST)
    ]


def propose_markup(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    category: str,
    percent: Decimal | None,
    cap: Decimal | None = None,
    why: str = "",
) -> int:
    """Propose what may be added in a category ("" for all others); of None, that it has no rule of its own.

    Returns the change's number. Raises Forbidden, Invalid, MarkupProposed if another change waits.
    """
    actor.must(Action.APPROVE_PRICE, at=WHOLE_HOSPITAL)
    if percent is not None and not (percent.is_finite() and 0 <= percent <= MOST_PERCENT):
        raise Invalid(field="percent", reason=f"{percent}: 0–{MOST_PERCENT}")
    if percent is not None and percent != percent.quantize(CENT):
        raise Invalid(field="percent", reason=f"{percent}: 最多两位小数 / at most two decimals")
    if cap is not None and not (cap.is_finite() and 0 <= cap <= HIGHEST_CAP and cap == cap.quantize(CENT)):
        raise Invalid(field="cap", reason=f"{cap}: 0–{HIGHEST_CAP}, 最多两位小数 / at most two decimals")
    if percent is None and cap is not None:
        raise Invalid(field="cap", reason="没有比例就没有上限 / a cap needs a percentage")
    values = {
        "category": category,
        "percent": percent,
        "cap": cap,
        "why": why.strip(),
        "by": actor.id,
        "now": clock.now(),
    }
    try:
        with session.begin_nested():
            made: int = session.execute(_PROPOSE, values).scalar_one()
    except IntegrityError as error:
        raise MarkupProposed(category=category or "*") from error
    after = _said(category, percent, cap)
    audit.record(
        session,
        actor,
        clock,
        action="propose_markup",
        subject="markup_change",
        subject_id=made,
        after=after,
        why=why.strip() or None,
    )
    return made


def approve_markup(session: Session, actor: Actor, clock: Clock, change: int) -> None:
    """Let a change hold from now on. Never one's own. Raises Forbidden, UnknownMarkup, MarkupDecided."""
    actor.must(Action.APPROVE_PRICE, at=WHOLE_HOSPITAL)
    # Prices that are being approved are set against one rule, not half against each.
    session.execute(text("SELECT pg_advisory_xact_lock(7402, 'price'::regclass::oid::int)"))
    row = _to_decide(session, change)
    if row.proposer_id == actor.id:
        raise MarkupDecided(
            change=change,
            why_zh="由您提出，须由另一人批准",
            why_en="you proposed it; another is to approve it",
        )
    before = markup_rules(session).get(row.category)
    values = {"category": row.category, "percent": row.percent, "cap": row.cap}
    by = {"id": change, "by": actor.id, "now": clock.now()}
    session.execute(_DECIDE, by | {"status": "approved"})
    session.execute(_REMOVE if row.percent is None else _SET, values | by)
    after = _said(row.category, row.percent, row.cap)
    audit.record(
        session,
        actor,
        clock,
        action="approve_markup",
        subject="markup_change",
        subject_id=change,
        before=_said(row.category, before.percent, before.cap) if before else None,
        after=after,
        why=row.why or None,
    )
    tell(session, actor, clock, topic="markup.approved", item_id=None, payload=after)


def reject_markup(session: Session, actor: Actor, clock: Clock, change: int) -> None:
    """Turn a change down, or take one's own back. Raises Forbidden, UnknownMarkup, MarkupDecided."""
    actor.must(Action.APPROVE_PRICE, at=WHOLE_HOSPITAL)
    row = _to_decide(session, change)
    values = {"id": change, "by": actor.id, "now": clock.now(), "status": "rejected"}
    session.execute(_DECIDE, values)
    audit.record(
        session,
        actor,
        clock,
        action="reject_markup",
        subject="markup_change",
        subject_id=change,
        after=_said(row.category, row.percent, row.cap),
    )


def _to_decide(session: Session, change: int) -> Any:
    row = session.execute(_CHANGE, {"id": change}).one_or_none()
    if row is None:
        raise UnknownMarkup(change=change)
    if row.status != "proposed":
        raise MarkupDecided(change=change, why_zh="已处理过", why_en="it was decided already")
    return row


def _said(category: str, percent: Decimal | None, cap: Decimal | None) -> dict[str, str | None]:
    return {
        "category": category,
        "percent": None if percent is None else str(percent),
        "cap": None if cap is None else str(cap),
    }


_LIST = text("""
    WITH named AS (
        SELECT category, count(*) AS items FROM item GROUP BY category
        UNION ALL SELECT category, 0 FROM markup
        UNION ALL SELECT category, 0 FROM markup_change WHERE status = 'proposed'
        UNION ALL SELECT '', 0
    ), counted AS (SELECT category, sum(items)::bigint AS items FROM named GROUP BY category)
    SELECT c.category, m.percent, m.cap, m.changed_at, p.name AS person,
           CASE WHEN c.category = '' THEN (
               SELECT coalesce(sum(o.items), 0)::bigint FROM counted o
                WHERE o.category = '' OR NOT EXISTS (SELECT FROM markup x WHERE x.category = o.category))
           ELSE c.items END AS items
      FROM counted c LEFT JOIN markup m ON m.category = c.category LEFT JOIN person p ON p.id = m.person_id
     ORDER BY c.category <> '', m.category IS NULL, c.category""")
_WAITING = text("""
    SELECT m.*, p.name AS proposer FROM markup_change m JOIN person p ON p.id = m.proposer_id
     WHERE m.status = 'proposed'""")
_PROPOSE = text("""
    INSERT INTO markup_change (category, percent, cap, why, status, proposer_id, created_at)
    VALUES (:category, :percent, :cap, :why, 'proposed', :by, :now) RETURNING id""")
_CHANGE = text("SELECT * FROM markup_change WHERE id = :id FOR UPDATE")
_DECIDE = text(
    "UPDATE markup_change SET status = :status, approver_id = :by, decided_at = :now WHERE id = :id"
)
_REMOVE = text("DELETE FROM markup WHERE category = :category")
_SET = text("""
    INSERT INTO markup (category, percent, cap, person_id, changed_at)
    VALUES (:category, :percent, :cap, :by, :now)
    ON CONFLICT (category) DO UPDATE
       SET percent = EXCLUDED.percent, cap = EXCLUDED.cap, person_id = EXCLUDED.person_id,
           changed_at = EXCLUDED.changed_at""")
