"""Suggested → proposed by a person → approved by another → told to every system that has to change a row.

Everything works on sets: thousands of suggestions are accepted, and approved, in one act each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.outbox import Announcement, tell_many
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.mismatches.errors import AlreadyDecided, NotYours, UnknownSettlement
from tracer.catalog.mismatches.running import Run, run
from tracer.catalog.mismatches.tables import HOUSE
from tracer.shared.clock import Clock

_LOCK: Final = text("""
    SELECT id, ruling, proposer_id FROM settlement WHERE id = ANY(:ids) ORDER BY id FOR UPDATE""")
_SURE: Final = text("""
    SELECT id FROM settlement
     WHERE ruling = 'suggested' AND is_complete AND score >= :least
       AND (:kind = '' OR kind = :kind) ORDER BY score DESC, id LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Settled:
    """`ids`: what was decided. `run`: what the run after it left; None where nothing came into force."""

    ids: tuple[int, ...]
    run: Run | None = None


def propose_suggested(
    session: Session, actor: Actor, clock: Clock, ids: Sequence[int], *, why: str = ""
) -> Settled:
    """Take suggestions as one's own proposals: all or none.

    Raises Forbidden, UnknownSettlement, AlreadyDecided.
    """
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    lock(session, ids, expected="suggested")
    session.execute(
        text("""UPDATE settlement SET ruling = 'proposed', proposer_id = :by, proposed_at = :now, why = :why
                 WHERE id = ANY(:ids)"""),
        {"by": actor.id, "now": clock.now(), "ids": list(ids), "why": why},
    )
    record(session, actor, clock, "propose_settlements", ids, why)
    return Settled(tuple(ids))


def propose_for_groups(session: Session, actor: Actor, clock: Clock, group_keys: Sequence[str]) -> Settled:
    """Propose what is suggested for these groups; a group without a suggestion is passed over."""
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    ids = (
        session.execute(
            text("""SELECT id FROM settlement
                     WHERE ruling = 'suggested' AND group_keys && CAST(:keys AS text[]) ORDER BY id"""),
            {"keys": list(group_keys)},
        )
        .scalars()
        .all()
    )
    return propose_suggested(session, actor, clock, ids) if ids else Settled(())


def propose_sure(
    session: Session, actor: Actor, clock: Clock, *, least: float, kind: str = "", most: int = 100_000
) -> Settled:
    """Propose everything that evidence suggests at least this surely and that settles its groups wholly."""
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    ids = session.execute(_SURE, {"least": least, "kind": kind, "most": most}).scalars().all()
    return propose_suggested(session, actor, clock, ids) if ids else Settled(())


def approve(session: Session, actor: Actor, clock: Clock, ids: Sequence[int]) -> Settled:
    """Bring proposals into force, tell the systems, and run again over all claims: all or none.

    Raises Forbidden, UnknownSettlement, AlreadyDecided, NotYours.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    proposers = lock(session, ids, expected="proposed")
    own = [id for id, proposer in proposers.items() if proposer == actor.id]
    if own:
        raise NotYours(id=own[0])
    session.execute(
        text("""UPDATE settlement SET ruling = 'approved', approver_id = :by, decided_at = :now
                 WHERE id = ANY(:ids)"""),
        {"by": actor.id, "now": clock.now(), "ids": list(ids)},
    )
    record(session, actor, clock, "approve_settlements", ids)
    tell_many(session, actor, clock, announcements(session, ids))
    return Settled(tuple(ids), run(session, clock))


def approve_all(session: Session, actor: Actor, clock: Clock) -> Settled:
    """Everything that others have proposed."""
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    ids = (
        session.execute(
            text("SELECT id FROM settlement WHERE ruling = 'proposed' AND proposer_id <> :me ORDER BY id"),
            {"me": actor.id},
        )
        .scalars()
        .all()
    )
    return approve(session, actor, clock, ids) if ids else Settled(())


def reject(session: Session, actor: Actor, clock: Clock, ids: Sequence[int], *, why: str) -> Settled:
    """Turn down suggestions or proposals; the same is not suggested again. One's own may be taken back.

    Raises Forbidden, UnknownSettlement, AlreadyDecided.
    """
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    lock(session, ids, expected="suggested", or_expected="proposed")
    session.execute(
        text("""UPDATE settlement SET ruling = 'rejected', proposer_id = coalesce(proposer_id, :by),
                       proposed_at = coalesce(proposed_at, :now), decided_at = :now, why = :why
                 WHERE id = ANY(:ids)"""),
        {"by": actor.id, "now": clock.now(), "ids": list(ids), "why": why},
    )
    record(session, actor, clock, "reject_settlements", ids, why)
    return Settled(tuple(ids))


def assign(
    session: Session,
    actor: Actor,
    clock: Clock,
    group_keys: Sequence[str],
    *,
    owner_id: int | None,
    due_on: object,
) -> int:
    """Who looks after the open findings of these groups, and until when; how many findings that are."""
    actor.must(Action.SETTLE_CODES, at=WHOLE_HOSPITAL)
    done = session.execute(
        text("""UPDATE code_finding SET owner_id = :owner, due_on = :due
                 WHERE closed_at IS NULL AND group_key = ANY(:keys)"""),
        {"owner": owner_id, "due": due_on, "keys": list(group_keys)},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def lock(
    session: Session, ids: Sequence[int], *, expected: str, or_expected: str = ""
) -> dict[int, int | None]:
    """id → who proposed it, of settlements that stand where they must."""
    found = {row.id: row for row in session.execute(_LOCK, {"ids": list(ids)})}
    for id in ids:
        if id not in found:
            raise UnknownSettlement(id=id)
        if found[id].ruling not in {expected, or_expected}:
            raise AlreadyDecided(id=id)
    return {id: found[id].proposer_id for id in ids}


_TOLD: Final = text("""
    SELECT c.before, c.after, s.name AS source, t.id AS settlement, t.kind, b.item_id
      FROM correction c
      JOIN settlement t ON t.id = c.settlement_id JOIN claim_source s ON s.id = c.source_id
      LEFT JOIN code_binding b ON b.system = 'material' AND b.status = 'approved' AND b.valid_to IS NULL
           AND b.code = coalesce(c.before->>'material', c.after->>'material',
                                 t.items->0->'codes'->>'material')
     WHERE c.settlement_id = ANY(:ids) AND s.name <> :house ORDER BY c.id""")


def announcements(session: Session, ids: Sequence[int], *, taken_back: bool = False) -> list[Announcement]:
    return [
        Announcement(
            "claim.taken_back" if taken_back else "claim.corrected",
            row.item_id,
            {
                "source": row.source,
                "before": row.after if taken_back else row.before,
                "after": row.before if taken_back else row.after,
                "settlement": row.settlement,
                "kind": row.kind,
            },
        )
        for row in session.execute(_TOLD, {"ids": list(ids), "house": HOUSE})
    ]


def record(
    session: Session, actor: Actor, clock: Clock, action: str, ids: Sequence[int], why: str = ""
) -> None:
    """One entry for the act; which settlements is in them themselves, with time and person."""
    single = len(ids) == 1
    audit.record(
        session, actor, clock, action=action, subject="settlement" if single else "settlements",
        subject_id=str(ids[0]) if single else f"{min(ids)}…{max(ids)}", after={"count": len(ids)},
        why=why or None,
    )  # fmt: skip
