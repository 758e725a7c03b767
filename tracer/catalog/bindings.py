"""A code's way into force: proposed by one person, approved by another, effective from a day, retired.

Approving a code of a system in which the item has one already re-points the item: the old code ends on
the day the new one begins, in one act. A code moves from one item to another in the same way, if the
proposal says so (`moves`); else it must be retired first. Nothing is ever overwritten: who had a code on
a day is answered for ever, and charges keep the codes they were made with.

All of it works on whole sets: 26,000 approvals are a handful of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.announcing import announce, keep_record
from tracer.catalog.approving import Decision, Problem, Standing, Wanted, decide
from tracer.catalog.codes_file.cells import LONGEST_CODE
from tracer.catalog.errors import ApprovalRefused, CannotRetire, UnknownBinding
from tracer.catalog.identifiers import canonical_di, wrong_check_digit
from tracer.catalog.rules import BindingStatus, CodeSystem, is_insurance_code
from tracer.catalog.suppliers.owning import ask_leave, fellows
from tracer.shared.clock import Clock, today
from tracer.shared.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedBinding:
    """That an item should have a code from a day on (today, if none is given).

    `moves`: the code may be taken from the item that has it. `source` says where it was read.
    """

    item_id: int
    system: CodeSystem
    code: str
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReceipt:
    """What an approval did.

    `ended` are the bindings that were given an end for it; `later` the approved ones that begin later
    than proposed (approved late, or charged with the old code on that day), each with its first day;
    `refused` what was left out, only where that was asked for.
    """

    approved: tuple[int, ...]
    ended: tuple[int, ...] = ()
    later: dict[int, date] = field(default_factory=dict)
    refused: tuple[Problem, ...] = ()


def propose_bindings(
    session: Session, actor: Actor, clock: Clock, wanted: Sequence[ProposedBinding]
) -> list[int]:
    """Write proposals; returns the binding ids in the order given. Nothing comes into force by it.

    What is proposed already, by anybody, is not proposed twice: its id is returned. All are written or
    none. A supplier's person may for what their supplier sells here. Raises Forbidden, and Invalid for a
    code that cannot be one of its system.
    """
    kinds = {"moves" if one.moves else str(one.system) for one in wanted}
    ask_leave(session, actor, Action.SETTLE_CODES, items=(one.item_id for one in wanted), kinds=kinds)
    if not wanted:
        return []
    _take_turn(session)
    values = _columns(wanted, today(clock))
    known = session.execute(_ITEMS_KNOWN, {"items": sorted(set(values["items"]))}).scalar_one()
    if known != len(set(values["items"])):
        raise Invalid(field="item_id", reason="没有该物资 / there is no such item")
    written = session.execute(_PROPOSE, values | {"by": actor.id, "now": clock.now()}).scalars().all()
    ids = list(session.execute(_PROPOSED_IDS, values).scalars())
    if len(written) > MANY:
        session.execute(_LOOK_AGAIN)
    if written:
        _keep(session, actor, clock, "propose_code", _payloads(session, written), {"status": "proposed"})
    return ids


def approve_bindings(
    session: Session,
    actor: Actor,
    clock: Clock,
    ids: Iterable[int],
    *,
    skip_refused: bool = False,
    why: str = "",
) -> ApprovalReceipt:
    """Approve proposals, one or 26,000, in the caller's transaction; each is announced and audited.

    The event `binding.approved` names the item's former code, which ends by it, under `replaces`; another
    item that loses the code is told of by its own `binding.retired`.

    Who approves is never who proposed. All pass or none does, unless `skip_refused`: then those that
    can be are approved, and the receipt says why the others were not. Approving again what was approved
    is refused (`not_open`), so that nobody thinks to have done it. Raises Forbidden, UnknownBinding,
    ApprovalRefused with every problem.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    asked = sorted(set(ids))
    if not asked:
        return ApprovalReceipt(approved=())
    _take_turn(session)
    wanted, proposed_days = _wanted(session, asked, today(clock))
    units = [one.code for one in wanted if one.system == CodeSystem.UDI]
    packages = {row.di: row.name for row in session.execute(_PACKAGES, {"codes": units})} if units else {}
    decision = decide(wanted, _standing(session, wanted), actor.id, packages)
    if decision.problems and not skip_refused:
        raise ApprovalRefused(decision.problems)
    if decision.approved:
        _write(session, actor, clock, decision, why)
    later = {one.id: one.start for one in decision.approved if one.start != proposed_days[one.id]}
    return ApprovalReceipt(
        approved=tuple(one.id for one in decision.approved),
        ended=tuple(sorted(decision.ends())),
        later=later,
        refused=decision.problems,
    )


def reject_bindings(session: Session, actor: Actor, clock: Clock, ids: Iterable[int], *, why: str) -> int:
    """Turn proposals down, or withdraw approved codes whose first day has not come; how many.

    What was to end for a code that is withdrawn goes on, and is announced as in force. Who proposed may
    take a proposal back. Raises Forbidden, Invalid without a reason, UnknownBinding, ApprovalRefused if one
    was decided already and is, or was, in force.
    """
    asked = sorted(set(ids))
    wanted, _ = _wanted(session, asked, today(clock)) if asked else ([], {})
    ours = fellows(session, actor)
    own = all(one.proposer_id in ours and one.status is BindingStatus.PROPOSED for one in wanted)
    if not (own and actor.may(Action.SUPPLY)):
        actor.must(Action.SETTLE_CODES if own else Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    _must_say_why(why)
    if not asked:
        return 0
    _take_turn(session)
    values = {"ids": asked, "by": actor.id, "now": clock.now(), "today": today(clock), "why": why.strip()}
    done = session.execute(_REJECT, values).all()
    if len(done) != len(asked):
        left = set(asked) - {row.id for row in done}
        raise ApprovalRefused(
            Problem(one.id, "in_force", {"status": one.status}) for one in wanted if one.id in left
        )
    told = _payloads(session, asked)
    _keep(session, actor, clock, "reject_code", told, {"status": "rejected"}, why)
    withdrawn = {row.id: told[row.id] for row in done if row.was == BindingStatus.APPROVED}
    announce(session, actor, clock, "binding.withdrawn", withdrawn)
    if withdrawn:
        restored = session.execute(_RESTORE, values | {"ids": sorted(withdrawn)}).scalars().all()
        going_on = _payloads(session, restored)
        _keep(session, actor, clock, "restore_code", going_on, {"status": "approved"}, why)
        announce(session, actor, clock, "binding.approved", going_on)
    return len(done)


def retire_bindings(
    session: Session, actor: Actor, clock: Clock, ids: Iterable[int], *, why: str, on: date | None = None
) -> dict[int, date]:
    """End codes in force, from a day on (today); binding → the first day on which it no longer holds.

    A code with which something was charged on that day ends the day after. Raises Forbidden, Invalid
    without a reason or for a day that is past, UnknownBinding, CannotRetire.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    _must_say_why(why)
    asked, day = sorted(set(ids)), on or today(clock)
    if day < today(clock):
        raise Invalid(field="on", reason="不能早于今天 / must not be past")
    if not asked:
        return {}
    _take_turn(session)
    found = session.execute(_TO_RETIRE, {"ids": asked, "day": day}).all()
    if len(found) != len(asked):
        raise UnknownBinding(binding=min(set(asked) - {row.id for row in found}))
    for row in found:
        in_force = row.status == BindingStatus.APPROVED and row.valid_from < row.day
        if not in_force or (row.valid_to is not None and row.valid_to <= row.day):
            raise CannotRetire(code=row.code, since=row.valid_from, until=row.valid_to or "…")
    ends = {row.id: row.day for row in found}
    _end(session, actor, clock, ends, clock.now(), why)
    told = _payloads(session, sorted(ends))
    _keep(session, actor, clock, "retire_code", told, {"status": "retired"}, why)
    announce(session, actor, clock, "binding.retired", told)
    return ends


def _columns(wanted: Sequence[ProposedBinding], day: date) -> dict[str, list[Any]]:
    for one in wanted:
        if one.valid_to is not None and one.valid_to <= (one.valid_from or day):
            raise Invalid(field="valid_to", reason="应晚于生效日期 / must be later than valid_from")
    return {
        "items": [one.item_id for one in wanted],
        "systems": [str(one.system) for one in wanted],
        "codes": [_readable(one.system, one.code) for one in wanted],
        "starts": [one.valid_from or day for one in wanted],
        "ends": [one.valid_to for one in wanted],
        "sources": [one.source for one in wanted],
        "moves": [one.moves for one in wanted],
    }


def _readable(system: CodeSystem, code: str) -> str:
    """The code as it is kept. Raises Invalid if it cannot be one of its system."""
    if not code or code != code.strip() or not code.isprintable() or len(code) > LONGEST_CODE:
        reason = (
            f"{code!r}: 1–{LONGEST_CODE} 个可打印字符，首尾无空格 / printable, without blanks at its ends"
        )
        raise Invalid(field="code", reason=reason)
    if system is CodeSystem.INSURANCE and not is_insurance_code(code):
        raise Invalid(field="code", reason=f"{code}: C + 19 或 26 位数字 / C and 19 or 26 digits")
    if system is not CodeSystem.UDI:
        return code
    if (wrong := wrong_check_digit(code)) is not None:
        reason = f"{code}: 校验位应为 {wrong[0]} / check digit {wrong[0]} is expected, not {wrong[1]}"
        raise Invalid(field="code", reason=reason)
    return canonical_di(code)


def _must_say_why(why: str) -> None:
    if not why.strip():
        raise Invalid(field="why", reason="请说明原因 / a reason is needed")


def _take_turn(session: Session) -> None:
    """Wait for whoever else writes bindings, and only then look: as the table's own trigger does."""
    session.execute(_PATIENCE)
    session.execute(_TURN)


def _wanted(session: Session, ids: list[int], day: date) -> tuple[list[Wanted], dict[int, date]]:
    found = session.execute(_WANTED, {"ids": ids, "today": day}).all()
    if len(found) != len(ids):
        raise UnknownBinding(binding=min(set(ids) - {row.id for row in found}))
    wanted = [
        Wanted(
            id=row.id,
            item_id=row.item_id,
            system=row.system,
            code=row.code,
            start=row.start,
            end=row.valid_to,
            status=BindingStatus(row.status),
            proposer_id=row.proposer_id,
            moves=row.moves,
        )
        for row in found
    ]
    return wanted, {row.id: row.valid_from for row in found}


def _standing(session: Session, wanted: Sequence[Wanted]) -> list[Standing]:
    values = {"ids": [one.id for one in wanted], "starts": [one.start for one in wanted]}
    return [
        Standing(
            wanted_id=row.wanted_id,
            id=row.id,
            item_id=row.item_id,
            code=row.code,
            start=row.valid_from,
            end=row.valid_to,
            name=row.name,
        )
        for row in session.execute(_STANDING, values)
    ]


def _write(session: Session, actor: Actor, clock: Clock, decision: Decision, why: str) -> None:
    # Ends first, so that no code ever has two items in between. One instant for both: by it, what ends for
    # an approval is known if that is withdrawn.
    now = clock.now()
    _end(session, actor, clock, decision.ends(), now, why)
    taken = _payloads(session, [former.id for former in decision.taken.values()])
    _keep(session, actor, clock, "retire_code", taken, {"status": "retired"}, why)
    announce(session, actor, clock, "binding.retired", taken)
    approved = decision.approved
    values = {
        "ids": [one.id for one in approved],
        "starts": [one.start for one in approved],
        "by": actor.id,
        "now": now,
    }
    session.execute(_APPROVE, values)
    told = _payloads(session, [one.id for one in approved])
    for id_, former in decision.replaced.items():
        told[id_]["replaces"] = {"binding": former.id, "code": former.code}
    _keep(session, actor, clock, "approve_code", told, {"status": "approved"}, why)
    announce(session, actor, clock, "binding.approved", told)
    if len(approved) > MANY:
        session.execute(_LOOK_AGAIN)


def _end(
    session: Session, actor: Actor, clock: Clock, ends: dict[int, date], now: datetime, why: str
) -> None:
    if not ends:
        return
    ids = sorted(ends)
    values = {
        "ids": ids,
        "ends": [ends[id_] for id_ in ids],
        "by": actor.id,
        "now": now,
        "today": today(clock),
        "why": why.strip(),
    }
    session.execute(_END, values)


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
        session,
        actor,
        clock,
        action=action,
        subject="code_binding",
        payloads=payloads,
        change=change,
        why=why,
    )


def _payloads(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {
        row.id: {
            "binding": row.id,
            "item": row.item_id,
            "material": row.material,
            "name": row.name,
            "system": row.system,
            "code": row.code,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        }
        for row in session.execute(_TOLD, {"ids": list(ids)})
    }


MANY = 1_000
"""Changed at once, the planner's picture of the table is wrong until it is drawn anew: `tracer check` then
ran into its time limit where it takes a second."""
_LOOK_AGAIN = text("ANALYZE code_binding")
_PATIENCE = text("SET LOCAL statement_timeout = '5min'")
_TURN = text("SELECT pg_advisory_xact_lock(7402, 'code_binding'::regclass::oid::int)")
_ITEMS_KNOWN = text("SELECT count(*) FROM item WHERE id = ANY(CAST(:items AS bigint[]))")
_ASKED = """unnest(CAST(:items AS bigint[]), CAST(:systems AS text[]), CAST(:codes AS text[]),
                   CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:sources AS text[]),
                   CAST(:moves AS boolean[])) WITH ORDINALITY
              AS p (item_id, system, code, valid_from, valid_to, source, moves, place)"""
_PROPOSE = text(f"""
    INSERT INTO code_binding (item_id, system, code, valid_from, valid_to, source, moves, status, proposer_id,
                              created_at)
    SELECT item_id, system, code, valid_from, valid_to, source, moves, 'proposed', :by, :now
      FROM {_ASKED} ORDER BY place
        ON CONFLICT (item_id, system, code) WHERE status = 'proposed' DO NOTHING
    RETURNING id""")
_PROPOSED_IDS = text(f"""
    SELECT b.id FROM {_ASKED}
      JOIN code_binding b ON b.item_id = p.item_id AND b.system = p.system AND b.code = p.code
                         AND b.status = 'proposed'
     ORDER BY place""")
_WANTED = text("""
    WITH charged AS MATERIALIZED (
        SELECT item_id, max(business_date) AS day FROM charge WHERE business_date >= :today GROUP BY item_id
    )
    SELECT b.*, greatest(b.valid_from, :today, c.day + 1) AS start
      FROM code_binding b LEFT JOIN charged c ON c.item_id = b.item_id AND c.day >= b.valid_from
     WHERE b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id""")
_STANDING = text("""
    WITH wanted AS MATERIALIZED (
        SELECT w.id, w.start, p.item_id, p.system, p.code, p.valid_to
          FROM unnest(CAST(:ids AS bigint[]), CAST(:starts AS date[])) AS w (id, start)
          JOIN code_binding p ON p.id = w.id
    ), found AS (
        SELECT w.id AS wanted_id, w.start, w.valid_to AS until, b.*
          FROM wanted w JOIN code_binding b ON b.system = w.system AND b.code = w.code
        UNION
        SELECT w.id, w.start, w.valid_to, b.*
          FROM wanted w JOIN code_binding b ON b.system = w.system AND b.item_id = w.item_id
    )
    SELECT f.wanted_id, f.id, f.item_id, f.code, f.valid_from, f.valid_to, i.name
      FROM found f JOIN item i ON i.id = f.item_id
     WHERE f.status IN ('approved', 'retired') AND f.id <> f.wanted_id
       AND (f.valid_to IS NULL OR f.valid_to > f.start) AND (f.until IS NULL OR f.valid_from < f.until)
     ORDER BY f.wanted_id, f.valid_from, f.id""")
_PACKAGES = text("""
    SELECT p.di, i.name FROM packaging p JOIN item i ON i.id = p.item_id
     WHERE p.di = ANY(CAST(:codes AS text[]))""")
_APPROVE = text("""
    UPDATE code_binding b
       SET status = 'approved', valid_from = w.start, approver_id = :by, decided_at = :now
      FROM unnest(CAST(:ids AS bigint[]), CAST(:starts AS date[])) AS w (id, start)
     WHERE b.id = w.id""")
_END = text("""
    UPDATE code_binding b
       SET valid_to = e.valid_to, ended_at = :now, ended_by_id = :by, reason = :why,
           status = CASE WHEN e.valid_to <= :today THEN 'retired' ELSE 'approved' END
      FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS date[])) AS e (id, valid_to)
     WHERE b.id = e.id""")
_REJECT = text("""
    UPDATE code_binding b
       SET status = 'rejected', reason = :why,
           approver_id = CASE WHEN o.status = 'proposed' THEN CAST(:by AS bigint) ELSE b.approver_id END,
           decided_at = CASE WHEN o.status = 'proposed' THEN CAST(:now AS timestamptz) ELSE b.decided_at END,
           ended_at = CASE WHEN o.status = 'approved' THEN CAST(:now AS timestamptz) END,
           ended_by_id = CASE WHEN o.status = 'approved' THEN CAST(:by AS bigint) END
      FROM code_binding o
     WHERE o.id = b.id AND b.id = ANY(CAST(:ids AS bigint[]))
       AND (b.status = 'proposed' OR b.status = 'approved' AND b.valid_from > :today)
    RETURNING b.id, o.status AS was""")
_RESTORE = text("""
    UPDATE code_binding b SET valid_to = g.valid_to, ended_at = :now, ended_by_id = :by, reason = :why
      FROM (SELECT o.id, least(f.valid_to, (
                       SELECT min(n.valid_from) FROM code_binding n
                        WHERE n.status = 'approved' AND n.system = o.system AND n.id <> o.id
                          AND (n.item_id = o.item_id OR n.code = o.code) AND n.valid_from >= o.valid_to
                   )) AS valid_to
              FROM code_binding w
              JOIN code_binding o ON o.system = w.system AND o.valid_to = w.valid_from
                                 AND o.status = 'approved' AND o.ended_at = w.decided_at
                                 AND (o.item_id = w.item_id OR o.code = w.code)
              JOIN former_end f ON f.binding_id = o.id AND f.until = w.decided_at
             WHERE w.id = ANY(CAST(:ids AS bigint[]))) g
     WHERE b.id = g.id AND g.valid_to IS DISTINCT FROM b.valid_to RETURNING b.id""")
_TO_RETIRE = text("""
    WITH charged AS MATERIALIZED (
        SELECT item_id, max(business_date) AS day FROM charge WHERE business_date >= :day GROUP BY item_id
    )
    SELECT b.id, b.code, b.status, b.valid_from, b.valid_to, greatest(:day, c.day + 1) AS day
      FROM code_binding b LEFT JOIN charged c ON c.item_id = b.item_id
     WHERE b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id""")
_TOLD = text("""
    SELECT b.id, b.item_id, b.system, b.code, b.valid_from, b.valid_to, i.name, m.code AS material
      FROM code_binding b JOIN item i ON i.id = b.item_id
      LEFT JOIN LATERAL (
          SELECT m.code FROM code_binding m
           WHERE m.item_id = b.item_id AND m.system = 'material' AND m.status IN ('approved', 'retired')
           ORDER BY m.valid_from DESC LIMIT 1) m ON true
     WHERE b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id""")
