"""One scan on its way through: where, for whom, when; what was found; what to remark."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from scanners import Agency, InHouse, parse, repairs
from scanners import Scan as Reading
from tracer.access.rules import Action, Actor
from tracer.charging.resolving import Found, FoundItem, FoundLine, FoundUnit, look_up
from tracer.charging.rules import Remark
from tracer.orders.encounters import get_or_open_encounter
from tracer.shared.clock import Clock, day_of
from tracer.stock.business_days import LONGEST_DELAY, SKEW
from tracer.stock.errors import NoStockHere, UnknownLocation
from tracer.stock.places import VIRTUAL_ID
from tracer.stock.rules import HOLDS_STOCK, Virtual

PATIENT = VIRTUAL_ID[Virtual.PATIENT]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScan:
    """What a device sends for one pull of the trigger; `raw` exactly as the scanner gave it."""

    key: str
    raw: bytes
    location: str
    encounter: str
    order_line: int | None = None
    quantity: int | None = None
    scanned_at: datetime | None = None
    device: str = ""
    caps_lock: bool = False
    override_reason: str | None = None


@dataclass(slots=True)
class Bedside:
    """What is known of a scan so far; filled in step by step, recorded at the end."""

    session: Session
    actor: Actor
    command: RecordScan
    clock: Clock
    recorded_at: datetime
    occurred_at: datetime
    day: date
    business_date: date
    location_id: int
    encounter_id: int
    reading: Reading
    found: Found
    remarks: list[dict[str, Any]] = field(default_factory=list)
    item: FoundItem | None = None
    unit: FoundUnit | None = None
    line: FoundLine | None = None
    quantity: int = 1
    brought: int = 0
    movement_id: int | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)

    def remark(self, code: Remark, **data: Any) -> None:
        self.remarks.append({"code": str(code), "data": data})

    @property
    def lot(self) -> str:
        if self.unit is not None and self.unit.lot:
            return self.unit.lot
        return self.item.lot_of(self.reading.lot) if self.item else (self.reading.lot or "")


def _with_donation(reading: Reading) -> Reading:
    """The serial of a product of human origin counts the pieces of one donation: only both name a piece."""
    if reading.agency is not Agency.ICCBBA or reading.serial is None:
        return reading
    donation = dict(reading.elements).get("donation_id")
    return reading._replace(serial=donation + reading.serial) if donation else reading


def _looked_up(session: Session, command: RecordScan, reading: Reading, day: date) -> Found | None:
    return look_up(
        session,
        reading,
        location=command.location,
        encounter=command.encounter,
        day=day,
        wanted_line=command.order_line,
    )


def _may_be_flipped(reading: Reading, found: Found) -> bool:
    """Whether Caps Lock could be why the book does not know a lot or serial in small letters."""
    if reading.error is not None or repairs.CASE_FLIPPED in reading.repairs or found.knows_the_piece:
        return False
    return ((reading.lot or "") + (reading.serial or "")).islower()


def approach(
    session: Session, actor: Actor, command: RecordScan, clock: Clock, labels: InHouse | None
) -> Bedside:
    """Where, for whom and on which business date; with the remarks these call for.

    Raises UnknownLocation (also out of scope), NoStockHere, BadEncounter.
    """
    now = clock.now()
    occurred_at = command.scanned_at or now
    # Ahead of us, or so far back that the device forgot its clock with an empty battery.
    skewed = occurred_at > now + SKEW or occurred_at < now - LONGEST_DELAY
    if skewed:
        occurred_at = now
    day = day_of(clock, occurred_at)
    reading = parse(command.raw, today=day_of(clock, now), inhouse=labels, caps_lock=command.caps_lock)
    reading = _with_donation(reading)
    found = _looked_up(session, command, reading, day)
    if found is not None and found.items and not command.caps_lock and _may_be_flipped(reading, found):
        flipped = parse(command.raw, today=day_of(clock, now), inhouse=labels, caps_lock=True)
        meant = _looked_up(session, command, flipped, day)
        if meant is not None and meant.knows_the_piece:
            reading, found = flipped, meant  # the book has this piece in capitals, and none in small letters
    if found is None or not actor.may(Action.SCAN, found.here.path):
        raise UnknownLocation(location=command.location)
    here = found.here
    if here.kind not in HOLDS_STOCK:
        raise NoStockHere(location=command.location)
    encounter_id, confirmed = here.encounter_id, here.confirmed
    if encounter_id is None:
        opened = get_or_open_encounter(
            session, command.encounter, clock, location_id=here.location_id, confirmed=False
        )
        encounter_id, confirmed = opened.id, opened.confirmed
    bedside = Bedside(
        session,
        actor,
        command,
        clock,
        recorded_at=now,
        occurred_at=occurred_at,
        day=day,
        business_date=here.day,
        location_id=here.location_id,
        encounter_id=encounter_id,
        reading=reading,
        found=found,
        unit=found.unit,
        quantity=command.quantity or 1,
    )
    if skewed and command.scanned_at is not None:
        bedside.remark(Remark.CLOCK_SKEW, given=command.scanned_at.isoformat())
    if here.day != day:
        bedside.remark(Remark.LATE_POSTING, given=day.isoformat(), posted=here.day.isoformat())
    if not confirmed:
        bedside.remark(Remark.ENCOUNTER_UNCONFIRMED)
    if bedside.reading.repairs:
        bedside.remark(Remark.REPAIRED, repairs=", ".join(bedside.reading.repairs))
    return bedside
