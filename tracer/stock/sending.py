"""Goods that leave a shelf by a document: issued, transferred, returned to the supplier, written off."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.once import Answer, once
from tracer.access.rules import Action, Actor
from tracer.catalog.items import ItemRef
from tracer.catalog.rules import Tracking
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.stock.business_days import moment
from tracer.stock.documents import Line, Posted, check_lines, named_units
from tracer.stock.errors import NotEnoughStock, UnitElsewhere
from tracer.stock.moving import move, whereabouts
from tracer.stock.places import VIRTUAL_ID, Place, get_place
from tracer.stock.rules import MovementKind, Virtual
from tracer.stock.tables import Balance

# Where goods go by which document, and what leave it takes. None: to another shelf, named in the command.
ROUTES: dict[MovementKind, tuple[Action, Virtual | None]] = {
    MovementKind.ISSUE: (Action.ISSUE, None),
    MovementKind.TRANSFER: (Action.ISSUE, None),
    MovementKind.SUPPLIER_RETURN: (Action.RECEIVE, Virtual.SUPPLIER),
    MovementKind.WRITE_OFF: (Action.WRITE_OFF, Virtual.LOSS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Pieces that leave `origin`; `target` only for an issue or a transfer."""

    key: str
    kind: MovementKind
    origin: str
    document: str
    lines: tuple[Line, ...]
    target: str | None = None
    reason: str = ""
    occurred_at: datetime | None = None


def send(session: Session, actor: Actor, command: Send, clock: Clock) -> Answer:
    """Book goods from one place to another.

    Away from the bedside the book is binding: raises NotEnoughStock or UnitElsewhere where it does
    not hold what is to leave; also Forbidden, UnknownLocation, UnknownItem, UnknownUnit, UnitsNeeded,
    LotNeeded, TooLate, KeyReused, KeyInFlight. Then nothing was written.
    """
    action, virtual = ROUTES[command.kind]
    origin = get_place(session, actor, action, command.origin)
    if virtual is not None:
        target_id = VIRTUAL_ID[virtual]
    else:
        target_id = get_place(session, actor, action, command.target or "").id
        if target_id == origin.id:
            raise Invalid(field="target", reason="与来源相同 / the same place as the origin")
    if command.kind is MovementKind.WRITE_OFF and not command.reason.strip():
        raise Invalid(field="reason", reason="报损须写明原因 / a write-off states its reason")
    claim = once(session, actor, key=command.key, operation=str(command.kind), payload=asdict(command))
    if claim.known is not None:
        return claim.known
    occurred_at, day = moment(clock, command.occurred_at, session)
    items = check_lines(session, command.lines, day)
    movements: list[int] = []
    # In one order for everybody, so that two documents over the same items cannot block each other.
    for line in sorted(command.lines, key=lambda one: (items[one.material].id, one.lot)):
        item = items[line.material]
        for unit_id, unit_step, lot, quantity in _pieces(session, item, line, origin):
            movement = move(
                session,
                origin_id=origin.id,
                target_id=target_id,
                item_id=item.id,
                lot=lot,
                quantity=quantity,
                kind=command.kind,
                occurred_at=occurred_at,
                recorded_at=clock.now(),
                business_date=day,
                person_id=actor.id,
                unit_id=unit_id,
                unit_step=unit_step,
                document=command.document,
            )
            if movement is None:
                raise UnitElsewhere(unit=line.units[0], location=origin.code)
            movements.append(movement)
        _refuse_negative(session, item, line, origin)
    answer = Posted(command.document, day, tuple(movements)).as_answer()
    audit.record(
        session,
        actor,
        clock,
        action=str(command.kind),
        subject="document",
        subject_id=command.document,
        after=answer,
        why=command.reason or None,
    )
    return claim.keep(answer, clock)


def _pieces(
    session: Session, item: ItemRef, line: Line, origin: Place
) -> list[tuple[int | None, int | None, str, int]]:
    """(unit id, its next step, lot, quantity) of each movement a line makes."""
    if item.tracking is not Tracking.SERIAL:
        return [(None, None, item.lot_of(line.lot), line.quantity)]
    pieces: list[tuple[int | None, int | None, str, int]] = []
    for unit in named_units(session, item, line):
        step, at = whereabouts(session, unit.id)
        if at != origin.id:
            raise UnitElsewhere(unit=unit.name, location=origin.code)
        pieces.append((unit.id, step + 1, unit.lot, 1))
    return pieces


def _refuse_negative(session: Session, item: ItemRef, line: Line, origin: Place) -> None:
    """After posting, so that the balance row is locked and nobody else can take the same pieces."""
    if item.tracking is Tracking.SERIAL:
        return  # a unit that was there is there; the balance of its lot follows
    left = session.execute(
        select(Balance.quantity).where(
            Balance.location_id == origin.id, Balance.item_id == item.id, Balance.lot == item.lot_of(line.lot)
        )
    ).scalar_one()
    if left < 0:
        raise NotEnoughStock(
            location=origin.code,
            material=line.material,
            lot=line.lot or "-",
            wanted=line.quantity,
            on_hand=left + line.quantity,
        )
