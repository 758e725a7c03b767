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

from sqlalchemy.orm import Session

from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog import binding_rows as rows
from tracer.catalog.announcing import announce, keep_record
from tracer.catalog.approving import Decision, Problem, decide, must_say_why
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
    rows.take_turn(session)
    values = _columns(wanted, today(clock))
    known = session.execute(rows.ITEMS_KNOWN, {"items": sorted(set(values["items"]))}).scalar_one()
    if known != len(set(values["items"])):
        raise Invalid(field="item_id", reason="没有该物资 / there is no such item")
    written = session.execute(rows.PROPOSE, values | {"by": actor.id, "now": clock.now()}).scalars().all()
    ids = list(session.execute(rows.PROPOSED_IDS, values).scalars())
    if len(written) > rows.MANY:
        session.execute(rows.LOOK_AGAIN)
    if written:
        _keep(session, actor, clock, "propose_code", rows.payloads(session, written), {"status": "proposed"})
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
    rows.take_turn(session)
    wanted, proposed_days = rows.wanted(session, asked, today(clock))
    units = [one.code for one in wanted if one.system == CodeSystem.UDI]
    packages = {row.di: row.name for row in session.execute(rows.PACKAGES, {"codes": units})} if units else {}
    decision = decide(wanted, rows.standing(session, wanted), actor.id, packages)
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
    wanted, _ = rows.wanted(session, asked, today(clock)) if asked else ([], {})
    ours = fellows(session, actor)
    own = all(one.proposer_id in ours and one.status is BindingStatus.PROPOSED for one in wanted)
    if not (own and actor.may(Action.SUPPLY)):
        actor.must(Action.SETTLE_CODES if own else Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    must_say_why(why)
    if not asked:
        return 0
    rows.take_turn(session)
    values = {"ids": asked, "by": actor.id, "now": clock.now(), "today": today(clock), "why": why.strip()}
    done = session.execute(rows.REJECT, values).all()
    if len(done) != len(asked):
        left = set(asked) - {row.id for row in done}
        raise ApprovalRefused(
            Problem(one.id, "in_force", {"status": one.status}) for one in wanted if one.id in left
        )
    told = rows.payloads(session, asked)
    _keep(session, actor, clock, "reject_code", told, {"status": "rejected"}, why)
    withdrawn = {row.id: told[row.id] for row in done if row.was == BindingStatus.APPROVED}
    announce(session, actor, clock, "binding.withdrawn", withdrawn)
    if withdrawn:
        restored = session.execute(rows.RESTORE, values | {"ids": sorted(withdrawn)}).scalars().all()
        going_on = rows.payloads(session, restored)
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
    must_say_why(why)
    asked, day = sorted(set(ids)), on or today(clock)
    if day < today(clock):
        raise Invalid(field="on", reason="不能早于今天 / must not be past")
    if not asked:
        return {}
    rows.take_turn(session)
    found = session.execute(rows.TO_RETIRE, {"ids": asked, "day": day}).all()
    if len(found) != len(asked):
        raise UnknownBinding(binding=min(set(asked) - {row.id for row in found}))
    for row in found:
        in_force = row.status == BindingStatus.APPROVED and row.valid_from < row.day
        if not in_force or (row.valid_to is not None and row.valid_to <= row.day):
            raise CannotRetire(code=row.code, since=row.valid_from, until=row.valid_to or "…")
    ends = {row.id: row.day for row in found}
    _end(session, actor, clock, ends, clock.now(), why)
    told = rows.payloads(session, sorted(ends))
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


def _write(session: Session, actor: Actor, clock: Clock, decision: Decision, why: str) -> None:
    # Ends first, so that no code ever has two items in between. One instant for both: by it, what ends for
    # an approval is known if that is withdrawn.
    now = clock.now()
    _end(session, actor, clock, decision.ends(), now, why)
    taken = rows.payloads(session, [former.id for former in decision.taken.values()])
    _keep(session, actor, clock, "retire_code", taken, {"status": "retired"}, why)
    announce(session, actor, clock, "binding.retired", taken)
    approved = decision.approved
    values = {
        "ids": [one.id for one in approved],
        "starts": [one.start for one in approved],
        "by": actor.id,
        "now": now,
    }
    session.execute(rows.APPROVE, values)
    told = rows.payloads(session, [one.id for one in approved])
    for id_, former in decision.replaced.items():
        told[id_]["replaces"] = {"binding": former.id, "code": former.code}
    _keep(session, actor, clock, "approve_code", told, {"status": "approved"}, why)
    announce(session, actor, clock, "binding.approved", told)
    if len(approved) > rows.MANY:
        session.execute(rows.LOOK_AGAIN)


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
    session.execute(rows.END, values)


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
