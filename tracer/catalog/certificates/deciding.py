"""Certificates approved by another person, or turned down.

Approval does two things in one act: the item bears the number from then on, and the number is valid for
every item that bears it as long as was said. What it replaces stays readable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.announcing import announce
from tracer.catalog.approving import Problem, must_say_why
from tracer.catalog.certificates.errors import UnknownCertificate
from tracer.catalog.certificates.numbers import canonical_number
from tracer.catalog.certificates.proposing import keep, payloads, take_turn
from tracer.catalog.certificates.rules import CertificateStatus
from tracer.catalog.errors import ApprovalRefused
from tracer.catalog.suppliers.owning import fellows
from tracer.shared.clock import Clock, today


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReceipt:
    """What an approval did: `replaced` are the records in whose place others stand now, `items` all that
    the change concerns, `refused` what was left out, only where that was asked for."""

    approved: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    refused: tuple[Problem, ...] = ()


def approve_certificates(
    session: Session,
    actor: Actor,
    clock: Clock,
    ids: Iterable[int],
    *,
    skip_refused: bool = False,
    why: str = "",
) -> CertificateReceipt:
    """Approve proposals, one or thousands; all or, unless `skip_refused`, none. Never one's own.

    The event `certificate.approved` goes out for every item that the number covers, not only for the one
    it was proposed with. Raises Forbidden, UnknownCertificate, ApprovalRefused with every problem.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    asked = sorted(set(ids))
    if not asked:
        return CertificateReceipt()
    take_turn(session)
    rows = session.execute(_WANTED, {"ids": asked}).all()
    if len(rows) != len(asked):
        raise UnknownCertificate(certificate=min(set(asked) - {row.id for row in rows}))
    problems = _problems(rows, actor.id, today(clock))
    if problems and not skip_refused:
        raise ApprovalRefused(problems.values())
    passed = [row for row in rows if row.id not in problems]
    if not passed:
        return CertificateReceipt(refused=tuple(problems.values()))
    by = {"by": actor.id, "now": clock.now()}
    numbers = [row.number for row in passed if row.valid_until is not None]
    lasted = _last_days(session, numbers)
    ids_ = [row.id for row in passed]
    # Replaced first, so that no item ever has two in between.
    replaced = list(session.execute(_REPLACE, {"ids": ids_} | by).scalars())
    session.execute(_APPROVE, {"ids": ids_, "why": why.strip()} | by)
    session.execute(_BEAR, {"ids": ids_})
    told = payloads(session, ids_)
    keep(session, actor, clock, "approve_certificate", told, {"status": "approved"}, why)
    concerned = _concerned(session, passed, lasted)
    announce(session, actor, clock, "certificate.approved", concerned)
    return CertificateReceipt(
        approved=tuple(ids_),
        replaced=tuple(replaced),
        items=tuple(sorted(concerned)),
        refused=tuple(problems.values()),
    )


def reject_certificates(session: Session, actor: Actor, clock: Clock, ids: Iterable[int], *, why: str) -> int:
    """Turn proposals down; how many. Who proposed may take a proposal back.

    Raises Forbidden, Invalid without a reason, UnknownCertificate, ApprovalRefused if one was decided.
    """
    asked = sorted(set(ids))
    take_turn(session)
    rows = session.execute(_WANTED, {"ids": asked}).all()
    ours = fellows(session, actor)
    own = all(row.proposer_id in ours for row in rows)
    if not (own and actor.may(Action.SUPPLY)):
        actor.must(Action.SETTLE_CODES if own else Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    must_say_why(why)
    if len(rows) != len(asked):
        raise UnknownCertificate(certificate=min(set(asked) - {row.id for row in rows}))
    decided = [row for row in rows if row.status != CertificateStatus.PROPOSED]
    if decided:
        raise ApprovalRefused(Problem(row.id, "not_open", {"status": row.status}) for row in decided)
    if asked:
        values = {"ids": asked, "by": actor.id, "now": clock.now(), "why": why.strip()}
        session.execute(_REJECT, values)
        told = payloads(session, asked)
        keep(session, actor, clock, "reject_certificate", told, {"status": "rejected"}, why)
    return len(asked)


def _problems(rows: Sequence[Any], approver_id: int, day: date) -> dict[int, Problem]:
    """Why some cannot be approved by this person now, by record."""
    found: dict[int, Problem] = {}

    def stop(row: Any, why: str, /, **data: object) -> None:
        found.setdefault(row.id, Problem(row.id, why, {name: str(value) for name, value in data.items()}))

    for row in rows:
        if row.status != CertificateStatus.PROPOSED:
            stop(row, "not_open", status=row.status)
        elif row.proposer_id == approver_id:
            stop(row, "own_proposal")
        elif (
            row.item_id is not None
            and row.valid_from is not None
            and row.valid_from > day
            and canonical_number(row.borne) != row.number
        ):
            # Until then the item is covered by the number it bears now.
            stop(row, "begins_on", since=row.valid_from, code=row.number)
    lanes: dict[tuple[str, str | int], list[Any]] = defaultdict(list)
    for row in rows:
        if row.item_id is not None:
            lanes["item", row.item_id].append(row)
        if row.valid_until is not None:
            lanes["number", row.number].append(row)
    for (lane, _), rivals in lanes.items():
        for one, other in combinations(rivals, 2):
            if lane == "item" or _contradict(one, other):
                stop(one, "rival", code=_said(other), binding=other.id)
                stop(other, "rival", code=_said(one), binding=one.id)
    return found


def _contradict(one: Any, other: Any) -> bool:
    """Whether two of one number cannot both be so: the same time, and another last day."""
    same_time = one.valid_from == other.valid_from or None in (one.valid_from, other.valid_from)
    return bool(same_time and one.valid_until != other.valid_until)


def _said(row: Any) -> str:
    return f"{row.number} – {row.valid_until}" if row.valid_until else str(row.number)


def bearers(session: Session, numbers: Iterable[str]) -> dict[int, str]:
    """Item → its number, of all items that bear one of these, however it is written there."""
    wanted = set(numbers)
    if not wanted:
        return {}
    written = {
        one: canonical_number(one)
        for one in session.execute(_WRITTEN).scalars()
        if canonical_number(one) in wanted
    }
    found = session.execute(_BEARERS, {"written": list(written)})
    return {row.id: written[row.certificate] for row in found}


def _last_days(session: Session, numbers: Sequence[str]) -> dict[str, date]:
    """What was said last of each number, before now."""
    return {
        row.number: row.valid_until for row in session.execute(_LASTED, {"numbers": sorted(set(numbers))})
    }


def _concerned(session: Session, passed: Sequence[Any], lasted: dict[str, date]) -> dict[int, dict[str, Any]]:
    """Item → what is to be told of it: the item of the proposal, and all others under the number."""
    former = {row.item_id: row.borne for row in passed if row.item_id is not None}
    speaking = {row.number: row for row in passed if row.valid_until is not None}
    items = bearers(session, speaking) | {r.item_id: r.number for r in passed if r.item_id is not None}
    own = {row.item_id: row for row in passed}
    told: dict[int, dict[str, Any]] = {}
    for row in session.execute(_NAMED, {"items": sorted(items)}):
        number = items[row.id]
        saying = speaking.get(number) or own[row.id]
        until = lasted.get(number)
        told[row.id] = {
            "certificate": saying.id,
            "item": row.id,
            "material": row.material,
            "name": row.name,
            "number": number,
            "valid_from": saying.valid_from.isoformat() if saying.valid_from else None,
            "valid_until": saying.valid_until.isoformat() if saying.valid_until else None,
            "replaces": {
                "number": former.get(row.id, number) or None,
                "valid_until": until.isoformat() if until else None,
            },
        }
    return told


_WANTED = text("""
    SELECT c.*, i.certificate AS borne FROM certificate c LEFT JOIN item i ON i.id = c.item_id
     WHERE c.id = ANY(CAST(:ids AS bigint[])) ORDER BY c.id""")
_REPLACE = text("""
    UPDATE certificate o SET status = 'replaced', ended_at = :now, ended_by_id = :by
      FROM certificate n
     WHERE n.id = ANY(CAST(:ids AS bigint[])) AND o.status = 'approved'
       AND (n.item_id = o.item_id
            OR n.item_id IS NULL AND o.item_id IS NULL AND n.number = o.number
               AND (n.valid_from IS NULL OR n.valid_from IS NOT DISTINCT FROM o.valid_from))
    RETURNING o.id""")
_APPROVE = text("""
    UPDATE certificate SET status = 'approved', approver_id = :by, decided_at = :now, reason = :why
     WHERE id = ANY(CAST(:ids AS bigint[]))""")
_BEAR = text("""
    UPDATE item i SET certificate = c.number FROM certificate c
     WHERE c.id = ANY(CAST(:ids AS bigint[])) AND i.id = c.item_id AND i.certificate <> c.number""")
_REJECT = text("""
    UPDATE certificate SET status = 'rejected', approver_id = :by, decided_at = :now, reason = :why
     WHERE id = ANY(CAST(:ids AS bigint[]))""")
_WRITTEN = text("SELECT DISTINCT certificate FROM item WHERE certificate <> ''")
_BEARERS = text("SELECT id, certificate FROM item WHERE certificate = ANY(CAST(:written AS text[]))")
_LASTED = text("""
    SELECT DISTINCT ON (number) number, valid_until FROM certificate
     WHERE number = ANY(CAST(:numbers AS text[])) AND status IN ('approved', 'replaced')
       AND valid_until IS NOT NULL
     ORDER BY number, decided_at DESC, valid_from DESC NULLS LAST, id DESC""")
_NAMED = text("""
    SELECT i.id, i.name, m.code AS material FROM item i
      LEFT JOIN LATERAL (
          SELECT m.code FROM code_binding m
           WHERE m.item_id = i.id AND m.system = 'material' AND m.status IN ('approved', 'retired')
           ORDER BY m.valid_from DESC LIMIT 1) m ON true
     WHERE i.id = ANY(CAST(:items AS bigint[])) ORDER BY i.id""")
