"""Approved → to be taken back, as one person wants with a reason → taken back, as another approves.

Until then it stays in force. Afterwards the systems are told the opposite, what was settled is open again,
and the same is not suggested again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.outbox import tell_many
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.mismatches.errors import AlreadyDecided, NotYourUndo
from tracer.catalog.mismatches.running import run
from tracer.catalog.mismatches.settling import Settled, announcements, lock, record
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid

_PROPOSE: Final = text("""
    UPDATE settlement SET undo_proposer_id = :by, undo_proposed_at = :now, undo_why = :why
     WHERE id = ANY(:ids)""")
_APPROVE: Final = text("""
    UPDATE settlement SET ruling = 'rejected', undo_approver_id = :by, decided_at = :now
     WHERE id = ANY(:ids)""")
_KEEP: Final = text("""
    UPDATE settlement SET undo_proposer_id = NULL, undo_proposed_at = NULL, undo_why = ''
     WHERE id = ANY(:ids)""")
_WANTED: Final = text("""
    SELECT id, undo_proposer_id FROM settlement
     WHERE id = ANY(:ids) AND undo_proposer_id IS NOT NULL AND undo_approver_id IS NULL""")


def propose_taking_back(
    session: Session, actor: Actor, clock: Clock, ids: Sequence[int], *, why: str
) -> Settled:
    """Ask for approved settlements to be taken back.

    Raises Forbidden, UnknownSettlement, AlreadyDecided (also where somebody has asked), and Invalid without a
    reason.
    """
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    if not why.strip():
        raise Invalid(field="why", reason="请写明原因 / say why")
    lock(session, ids, expected="approved")
    for id in _wanted(session, ids):
        raise AlreadyDecided(id=id)
    given = {"by": actor.id, "now": clock.now(), "ids": list(ids), "why": why.strip()}
    session.execute(_PROPOSE, given)
    record(session, actor, clock, "propose_taking_back", ids, why)
    return Settled(tuple(ids))


def approve_taking_back(session: Session, actor: Actor, clock: Clock, ids: Sequence[int]) -> Settled:
    """Take back what another person has asked for, tell the systems, and run again: all or none.

    Raises Forbidden, UnknownSettlement, AlreadyDecided, NotYourUndo.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    for id, asker in _locked(session, ids).items():
        if asker == actor.id:
            raise NotYourUndo(id=id)
    told = announcements(session, ids, taken_back=True)
    session.execute(_APPROVE, {"by": actor.id, "now": clock.now(), "ids": list(ids)})
    record(session, actor, clock, "approve_taking_back", ids)
    tell_many(session, actor, clock, told)
    return Settled(tuple(ids), run(session, clock))


def keep_in_force(session: Session, actor: Actor, clock: Clock, ids: Sequence[int]) -> Settled:
    """Turn down what was asked for, one's own wish also: the settlements stay as they are.

    Raises Forbidden, UnknownSettlement, AlreadyDecided.
    """
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    _locked(session, ids)
    session.execute(_KEEP, {"ids": list(ids)})
    record(session, actor, clock, "refuse_taking_back", ids)
    return Settled(tuple(ids))


def _locked(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """id → who asked, of settlements that somebody wants taken back."""
    lock(session, ids, expected="approved")
    wanted = _wanted(session, ids)
    for id in ids:
        if id not in wanted:
            raise AlreadyDecided(id=id)
    return wanted


def _wanted(session: Session, ids: Sequence[int]) -> dict[int, int]:
    return {row.id: row.undo_proposer_id for row in session.execute(_WANTED, {"ids": list(ids)})}
