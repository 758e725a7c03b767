"""A price's way into force: proposed by one person, approved by two others, effective from a day.

The price of the same kind that is in force ends on the day the new one begins. Nothing is charged, bought
or reported at a price that fewer than two others have approved (the database holds it), and none begins
before its second approval, nor, for a charge price, on a day on which the item was charged already. Prices
of one item that were proposed for one day and are approved in one act begin on one day.

The approval that would bring a price into force is refused if the item's prices would then break a rule of
`price_rules`; who approves may state a reason for an exception, which is kept and stays in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.announcing import announce, keep_record
from tracer.catalog.approving import Problem, must_say_why
from tracer.catalog.codes_file.cells import HIGHEST_PRICE
from tracer.catalog.errors import ApprovalRefused, UnknownPrice
from tracer.catalog.price_exceptions import keep_exceptions, prices_that_break, prices_that_hold
from tracer.catalog.price_holding import Break
from tracer.catalog.rules import PriceKind, PriceStatus
from tracer.catalog.suppliers.owning import ask_leave, fellows
from tracer.shared.clock import Clock, today
from tracer.shared.errors import Invalid
from tracer.shared.money import CENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPrice:
    """What one base unit should cost from a day on (today, if none is given), in CNY."""

    item_id: int
    kind: PriceKind
    amount: Decimal
    valid_from: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReceipt:
    """What an approval did: `once` wait for another approver, `approved` are in force from their day on.

    `ended` are the prices that end for it; `later` those that begin later than proposed; `excepted` those
    that break a rule for the reason given; `refused` what was left out, only where that was asked for.
    """

    once: tuple[int, ...] = ()
    excepted: tuple[int, ...] = ()
    approved: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    later: dict[int, date] = field(default_factory=dict)
    refused: tuple[Problem, ...] = ()


def propose_prices(
    session: Session, actor: Actor, clock: Clock, wanted: Sequence[ProposedPrice]
) -> list[int]:
    """Write proposals; returns the price ids in the order given. What is proposed already is not twice.

    A supplier's person may for the purchase price of what their supplier sells here. Raises Forbidden, and
    Invalid for an amount below zero, with parts of a cent, or beyond all bounds.
    """
    kinds = {str(one.kind) for one in wanted}
    ask_leave(session, actor, Action.PROPOSE_PRICE, items=(one.item_id for one in wanted), kinds=kinds)
    if not wanted:
        return []
    for one in wanted:
        if not one.amount.is_finite() or not 0 <= one.amount <= HIGHEST_PRICE:
            raise Invalid(field="amount", reason=f"{one.amount}: 0–{HIGHEST_PRICE}")
        if one.amount != one.amount.quantize(CENT):
            raise Invalid(field="amount", reason=f"{one.amount}: 最多两位小数 / at most two decimals")
    _take_turn(session)
    values: dict[str, Any] = {
        "items": [one.item_id for one in wanted],
        "kinds": [str(one.kind) for one in wanted],
        "amounts": [one.amount for one in wanted],
        "starts": [one.valid_from or today(clock) for one in wanted],
        "sources": [one.source for one in wanted],
    }
    known = session.execute(_ITEMS_KNOWN, {"items": sorted(set(values["items"]))}).scalar_one()
    if known != len(set(values["items"])):
        raise Invalid(field="item_id", reason="没有该物资 / there is no such item")
    written = session.execute(_PROPOSE, values | {"by": actor.id, "now": clock.now()}).scalars().all()
    _keep(session, actor, clock, "propose_price", _payloads(session, written), {"status": "proposed"})
    return list(session.execute(_PROPOSED_IDS, values).scalars())


def approve_prices(
    session: Session,
    actor: Actor,
    clock: Clock,
    ids: Iterable[int],
    *,
    skip_refused: bool = False,
    exception: str = "",
) -> PriceReceipt:
    """Approve proposals, the first or the second time; all or, unless `skip_refused`, none.

    Neither approver is who proposed, nor is the second the first. `exception` is why prices that break a
    rule may come into force nevertheless. Raises Forbidden, UnknownPrice, ApprovalRefused with every
    problem.
    """
    actor.must(Action.APPROVE_PRICE, at=WHOLE_HOSPITAL)
    asked = sorted(set(ids))
    if not asked:
        return PriceReceipt()
    _take_turn(session)
    rows = session.execute(_WANTED, {"ids": asked, "today": today(clock)}).all()
    if len(rows) != len(asked):
        raise UnknownPrice(price=min(set(asked) - {row.id for row in rows}))
    problems = _problems(rows, actor.id)
    passed = [row for row in rows if row.id not in problems]
    first = [row.id for row in passed if row.first_approver_id is None]
    second = [row for row in passed if row.first_approver_id is not None]
    allowed: list[Break] = []
    if second and exception.strip():
        allowed = prices_that_break(session, second)
    elif second:
        holding, broken = prices_that_hold(session, second)
        problems |= {id_: _broken(id_, one) for one in broken for id_ in one.by}
        second = [row for row in second if row.id in holding]
    if problems and not skip_refused:
        raise ApprovalRefused(problems.values())
    by = {"by": actor.id, "now": clock.now()}
    if first:
        session.execute(_FIRST, {"ids": first, "by": actor.id})
        _keep(session, actor, clock, "approve_price", _payloads(session, first), {"approval": 1})
    ended = [row for row in second if row.current_id is not None]
    if ended:
        # Ends first, so that no item ever has two prices in between.
        ends = {"ids": [row.current_id for row in ended], "ends": [row.start for row in ended]}
        session.execute(_END, ends | by)
    if second:
        ids_, starts = [row.id for row in second], [row.start for row in second]
        session.execute(_SECOND, {"ids": ids_, "starts": starts} | by)
        told = _payloads(session, ids_)
        for row in ended:
            told[row.id]["replaces"] = {"price": row.current_id, "amount": str(row.current_amount)}
        _keep(session, actor, clock, "approve_price", told, {"approval": 2}, exception if allowed else "")
        keep_exceptions(session, actor, clock, allowed, exception.strip())
        announce(session, actor, clock, "price.approved", told)
    return PriceReceipt(
        once=tuple(first),
        excepted=tuple(sorted({id_ for one in allowed for id_ in one.by})),
        approved=tuple(row.id for row in second),
        ended=tuple(row.current_id for row in ended),
        later={row.id: row.start for row in second if row.start != row.valid_from},
        refused=tuple(problems.values()),
    )


def reject_prices(session: Session, actor: Actor, clock: Clock, ids: Iterable[int], *, why: str) -> int:
    """Turn proposals down, or withdraw approved prices whose first day has not come; how many.

    The price that was to end for one that is withdrawn goes on, and is announced as in force. Who proposed
    may take a proposal back. Raises Forbidden, Invalid without a reason, UnknownPrice, ApprovalRefused if
    one is, or was, in force.
    """
    asked = sorted(set(ids))
    rows = session.execute(_WANTED, {"ids": asked, "today": today(clock)}).all() if asked else []
    ours = fellows(session, actor)
    own = all(row.proposer_id in ours and row.status == PriceStatus.PROPOSED for row in rows)
    if not (own and actor.may(Action.SUPPLY)):
        actor.must(Action.PROPOSE_PRICE if own else Action.APPROVE_PRICE, at=WHOLE_HOSPITAL)
    must_say_why(why)
    if len(rows) != len(asked):
        raise UnknownPrice(price=min(set(asked) - {row.id for row in rows}))
    if not asked:
        return 0
    _take_turn(session)
    values = {"ids": asked, "by": actor.id, "now": clock.now(), "today": today(clock), "why": why.strip()}
    done = session.execute(_REJECT, values).all()
    if len(done) != len(asked):
        left = set(asked) - {row.id for row in done}
        raise ApprovalRefused(
            Problem(row.id, "in_force", {"status": row.status}) for row in rows if row.id in left
        )
    told = _payloads(session, asked)
    _keep(session, actor, clock, "reject_price", told, {"status": "rejected"}, why)
    withdrawn = {row.id: told[row.id] for row in done if row.was == PriceStatus.APPROVED}
    announce(session, actor, clock, "price.withdrawn", withdrawn)
    if withdrawn:
        restored = session.execute(_RESTORE, values | {"ids": sorted(withdrawn)}).scalars().all()
        going_on = _payloads(session, restored)
        _keep(session, actor, clock, "restore_price", going_on, {"status": "approved"}, why)
        announce(session, actor, clock, "price.approved", going_on)
    return len(done)


def _problems(rows: Sequence[Any], approver_id: int) -> dict[int, Problem]:
    """Why some cannot be approved by this person now, by price."""
    found: dict[int, Problem] = {}
    lanes: dict[tuple[int, str], Any] = {}

    def stop(row: Any, why: str, /, **data: object) -> None:
        found.setdefault(row.id, Problem(row.id, why, {name: str(value) for name, value in data.items()}))

    for row in rows:
        if row.status != PriceStatus.PROPOSED:
            stop(row, "not_open", status=row.status)
        elif row.proposer_id is None:
            stop(row, "nobody_proposed")
        elif row.proposer_id == approver_id:
            stop(row, "own_proposal")
        elif row.first_approver_id == approver_id:
            stop(row, "approved_by_you")
        elif row.first_approver_id is not None:
            if row.later is not None:
                stop(row, "later_price", since=row.later)
            rival = lanes.setdefault((row.item_id, row.kind), row)
            if rival is not row:
                stop(row, "rival", code=rival.amount, binding=rival.id)
                stop(rival, "rival", code=row.amount, binding=row.id)
    return found


def _broken(id_: int, one: Break) -> Problem:
    """The rule in words, with both prices."""
    broken, since = one.broken, one.since.isoformat()
    data = {"since": since, "found": str(broken.found), "expected": str(broken.expected)}
    if one.purchase is not None:
        data["purchase"] = str(one.purchase)
    return Problem(id_, broken.rule.value, data)


def _take_turn(session: Session) -> None:
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    session.execute(_TURN)


def _keep(
    session: Session,
    actor: Actor,
    clock: Clock,
    action: str,
    payloads: dict[int, dict[str, Any]],
    change: dict[str, Any],
    why: str = "",
) -> None:
    keep_record(
        session, actor, clock, action=action, subject="price", payloads=payloads, change=change, why=why
    )


def _payloads(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {
        row.id: {
            "price": row.id,
            "item": row.item_id,
            "material": row.material,
            "name": row.name,
            "kind": row.kind,
            "amount": str(row.amount),
            "valid_from": row.valid_from.isoformat(),
        }
        for row in session.execute(_TOLD, {"ids": list(ids)})
    }


_TURN = text("SELECT pg_advisory_xact_lock(7402, 'price'::regclass::oid::int)")
_ITEMS_KNOWN = text("SELECT count(*) FROM item WHERE id = ANY(CAST(:items AS bigint[]))")
_ASKED = """unnest(CAST(:items AS bigint[]), CAST(:kinds AS text[]), CAST(:amounts AS numeric[]),
                   CAST(:starts AS date[]), CAST(:sources AS text[])) WITH ORDINALITY
              AS p (item_id, kind, amount, valid_from, source, place)"""
_PROPOSE = text(f"""
    INSERT INTO price (item_id, kind, amount, valid_from, source, status, proposer_id, created_at)
    SELECT item_id, kind, amount, valid_from, source, 'proposed', :by, :now FROM {_ASKED} ORDER BY place
        ON CONFLICT (item_id, kind, valid_from, amount) WHERE status = 'proposed' DO NOTHING
    RETURNING id""")
_PROPOSED_IDS = text(f"""
    SELECT b.id FROM {_ASKED}
      JOIN price b ON b.item_id = p.item_id AND b.kind = p.kind AND b.valid_from = p.valid_from
                  AND b.amount = p.amount AND b.status = 'proposed'
     ORDER BY place""")
_WANTED = text("""
    WITH charged AS MATERIALIZED (
        SELECT item_id, max(business_date) AS day FROM charge WHERE business_date >= :today GROUP BY item_id
    ), alone AS (
        SELECT p.*, greatest(p.valid_from, :today) AS day, greatest(
                   p.valid_from, :today,
                   CASE WHEN p.kind = 'charge' AND c.day >= p.valid_from THEN c.day + 1 END) AS earliest
          FROM price p LEFT JOIN charged c ON c.item_id = p.item_id
         WHERE p.id = ANY(CAST(:ids AS bigint[]))
    ), wanted AS (
        -- Of one item and for one day, approved in one act: they begin together.
        SELECT a.*, max(earliest) OVER (
                   PARTITION BY item_id, day, status = 'proposed' AND first_approver_id IS NOT NULL) AS start
          FROM alone a
    )
    SELECT w.*, now.id AS current_id, now.amount AS current_amount,
           (SELECT min(n.valid_from) FROM price n
             WHERE n.item_id = w.item_id AND n.kind = w.kind AND n.status = 'approved'
               AND n.valid_from >= w.start AND n.id <> w.id) AS later
      FROM wanted w
      LEFT JOIN price now ON now.item_id = w.item_id AND now.kind = w.kind AND now.status = 'approved'
                         AND now.valid_from < w.start AND (now.valid_to IS NULL OR now.valid_to > w.start)
     ORDER BY w.id""")
_FIRST = text("UPDATE price SET first_approver_id = :by WHERE id = ANY(CAST(:ids AS bigint[]))")
_SECOND = text("""
    UPDATE price p SET status = 'approved', valid_from = w.start, second_approver_id = :by, decided_at = :now
      FROM unnest(CAST(:ids AS bigint[]), CAST(:starts AS date[])) AS w (id, start)
     WHERE p.id = w.id""")
_END = text("""
    UPDATE price p SET valid_to = e.valid_to, ended_at = :now, ended_by_id = :by
      FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS date[])) AS e (id, valid_to)
     WHERE p.id = e.id""")
_REJECT = text("""
    UPDATE price p
       SET status = 'rejected', reason = :why, ended_at = CAST(:now AS timestamptz),
           ended_by_id = CAST(:by AS bigint)
      FROM price o
     WHERE o.id = p.id AND p.id = ANY(CAST(:ids AS bigint[]))
       AND (p.status = 'proposed' OR p.status = 'approved' AND p.valid_from > :today)
    RETURNING p.id, o.status AS was""")
_RESTORE = text("""
    UPDATE price p SET valid_to = g.valid_to, ended_at = :now, ended_by_id = :by
      FROM (SELECT o.id, (SELECT min(n.valid_from) FROM price n
                           WHERE n.item_id = o.item_id AND n.kind = o.kind AND n.status = 'approved'
                             AND n.id <> o.id AND n.valid_from >= o.valid_to) AS valid_to
              FROM price w
              JOIN price o ON o.item_id = w.item_id AND o.kind = w.kind AND o.status = 'approved'
                          AND o.valid_to = w.valid_from AND o.ended_at = w.decided_at
             WHERE w.id = ANY(CAST(:ids AS bigint[]))) g
     WHERE p.id = g.id AND g.valid_to IS DISTINCT FROM p.valid_to RETURNING p.id""")
_TOLD = text("""
    SELECT p.id, p.item_id, p.kind, p.amount, p.valid_from, i.name, m.code AS material
      FROM price p JOIN item i ON i.id = p.item_id
      LEFT JOIN LATERAL (
          SELECT m.code FROM code_binding m
           WHERE m.item_id = p.item_id AND m.system = 'material' AND m.status IN ('approved', 'retired')
           ORDER BY m.valid_from DESC LIMIT 1) m ON true
     WHERE p.id = ANY(CAST(:ids AS bigint[])) ORDER BY p.id""")
