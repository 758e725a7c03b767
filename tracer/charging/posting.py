"""Uses and charges that no scan made: a ward's consumption sheet, a charge keyed in the HIS.

They are booked as what they are, one side without the other, and each leaves an open exception
until its other side is found: that is how the variance gets its causes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import Date, Text

from tracer.access import audit
from tracer.access.once import Answer, once
from tracer.access.rules import Action, Actor
from tracer.catalog.rules import CodeSystem, Tracking
from tracer.charging.booking import open_exception, write_charge
from tracer.charging.errors import UnknownBillingCode, UnknownUse
from tracer.charging.resolving import FoundItem, as_item, five_codes, item_columns
from tracer.charging.rules import ChargeSource, ExceptionKind
from tracer.orders.encounters import get_or_open_encounter
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid
from tracer.stock.business_days import moment
from tracer.stock.documents import Line, Posted, check_lines
from tracer.stock.errors import UnitsNeeded
from tracer.stock.moving import move
from tracer.stock.places import VIRTUAL_ID, get_place
from tracer.stock.rules import MovementKind, Virtual


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUse:
    """Pieces a ward reports as used, without a scan; of items that are not tracked one by one."""

    key: str
    location: str
    document: str
    lines: tuple[Line, ...]
    encounter: str | None = None
    occurred_at: datetime | None = None


def post_use(session: Session, actor: Actor, command: PostUse, clock: Clock) -> Answer:
    """Book the use; what is chargeable stays an open exception until its charge comes.

    Raises Forbidden, UnknownLocation, UnknownItem, LotNeeded, UnitsNeeded (a serialised piece is
    scanned, never listed), BadEncounter, TooLate, KeyReused, KeyInFlight. Then nothing was written.
    """
    place = get_place(session, actor, Action.POST_USE, command.location)
    claim = once(session, actor, key=command.key, operation="use", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    occurred_at, day = moment(clock, command.occurred_at, session)
    items = check_lines(session, command.lines, day)
    encounter_id = None
    if command.encounter is not None:
        encounter_id = get_or_open_encounter(
            session, command.encounter, clock, location_id=place.id, confirmed=False
        ).id
    movements = []
    for line in sorted(command.lines, key=lambda one: (items[one.material].id, one.lot)):
        item = items[line.material]
        if item.tracking is Tracking.SERIAL:
            raise UnitsNeeded(material=line.material)
        movement = move(
            session,
            origin_id=place.id,
            target_id=VIRTUAL_ID[Virtual.PATIENT],
            item_id=item.id,
            lot=item.lot_of(line.lot),
            quantity=line.quantity,
            kind=MovementKind.USE,
            occurred_at=occurred_at,
            recorded_at=clock.now(),
            business_date=day,
            person_id=actor.id,
            document=command.document,
            encounter_id=encounter_id,
        )
        assert movement is not None  # pieces without a name have no rivals
        movements.append(movement)
        if item.chargeable:
            open_exception(
                session,
                ExceptionKind.USED_NOT_CHARGED,
                quantity=line.quantity,
                opened_at=clock.now(),
                movement_id=movement,
                note=command.document,
            )
    answer = Posted(command.document, day, tuple(movements)).as_answer()
    audit.record(
        session, actor, clock, action="use", subject="document", subject_id=command.document, after=answer
    )
    return claim.keep(answer, clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCharge:
    """A charge the HIS made itself; `use` names the use it is for, where the HIS knows it."""

    key: str
    encounter: str
    location: str
    system: CodeSystem
    code: str
    quantity: int
    occurred_at: datetime | None = None
    document: str = ""
    use: int | None = None


_BY_CODE = text(f"""
    SELECT 1 AS base_units, {item_columns()}
      FROM code_binding k JOIN item i ON i.id = k.item_id {five_codes()}
     WHERE k.system = :system AND k.code = :code AND k.status IN ('approved', 'retired')
       AND k.valid_from <= :on AND (k.valid_to IS NULL OR k.valid_to > :on)
     GROUP BY i.id
""").bindparams(bindparam("on", type_=Date), bindparam("lot", type_=Text))
_USE = text("""
    SELECT m.item_id, m.lot, m.quantity FROM movement m
     WHERE m.id = :use AND m.kind = 'use'
       AND NOT EXISTS (SELECT FROM charge c WHERE c.movement_id = m.id)
""")
_SETTLE = text("""
    UPDATE ledger_exception SET closed_at = :now, note = note || ' charged by the HIS'
     WHERE movement_id = :use AND closed_at IS NULL
""")


def post_charge(session: Session, actor: Actor, command: PostCharge, clock: Clock) -> Answer:
    """Book a charge made elsewhere, at the price and codes of its business date.

    Raises Forbidden, UnknownLocation, UnknownBillingCode, UnknownUse, BadEncounter, Invalid (a
    quantity below 1, an item without a charge price), TooLate, KeyReused, KeyInFlight.
    """
    place = get_place(session, actor, Action.POST_CHARGE, command.location)
    claim = once(session, actor, key=command.key, operation="charge", payload=asdict(command))
    if claim.known is not None:
        return claim.known
    if not 0 < command.quantity <= 10_000:
        raise Invalid(field="quantity", reason=f"{command.quantity}: 1–10000")
    occurred_at, day = moment(clock, command.occurred_at, session)
    item = _item_of(session, command, day)
    if item.unit_price is None:
        raise Invalid(field="code", reason=f"{command.code}: 无收费价 / no charge price")
    encounter = get_or_open_encounter(session, command.encounter, clock, location_id=place.id, confirmed=True)
    use = None
    if command.use is not None:
        use = session.execute(_USE, {"use": command.use}).one_or_none()
        if use is None or use.item_id != item.item_id:
            raise UnknownUse(use=command.use)
        session.execute(_SETTLE, {"use": command.use, "now": clock.now()})
    charge_id, amount = write_charge(
        session,
        encounter_id=encounter.id,
        item_id=item.item_id,
        location_id=place.id,
        lot=use.lot if use else "",
        unit_id=None,
        quantity=command.quantity,
        unit_price=item.unit_price,
        codes=item.codes(),
        source=ChargeSource.HIS,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
        business_date=day,
        person_id=actor.id,
        movement_id=command.use,
        document=command.document,
    )
    if use is None or use.quantity != command.quantity:
        open_exception(
            session,
            ExceptionKind.QUANTITY_DIFFERS if use else ExceptionKind.CHARGED_NOT_USED,
            quantity=command.quantity - (use.quantity if use else 0),
            opened_at=clock.now(),
            charge_id=charge_id,
            note=command.document,
        )
    answer = {
        "charge": {
            "id": charge_id,
            "quantity": command.quantity,
            "unit_price": str(item.unit_price),
            "amount": str(amount),
        },
        "business_date": day.isoformat(),
        "item": {"name": item.name, "codes": item.codes()},
    }
    audit.record(session, actor, clock, action="charge", subject="charge", subject_id=charge_id, after=answer)
    return claim.keep(answer, clock)


def _item_of(session: Session, command: PostCharge, day: date) -> FoundItem:
    row = session.execute(
        _BY_CODE, {"system": str(command.system), "code": command.code, "on": day, "lot": ""}
    ).one_or_none()
    if row is None:
        raise UnknownBillingCode(system=str(command.system), value=command.code, on=day.isoformat())
    return as_item(row)
