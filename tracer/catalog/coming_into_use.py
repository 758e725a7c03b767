"""Coming into use: a chargeable item is received only once its five codes and its charge price are settled.

Else it is bought, used, and nobody can charge it. Where it cannot wait, somebody with the right role allows
an exception, with a reason and a last day; it is listed until closed. The bedside never asks any of this:
what is in hand is used (domain.md, invariant 8). The same exception, of another kind, lets an item in whose
certificate has ended (see `certificates.validity`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.rules import WHOLE_HOSPITAL, Action, Actor
from tracer.catalog.approving import must_say_why
from tracer.catalog.certificates.rules import Standing
from tracer.catalog.certificates.validity import covered_items
from tracer.catalog.errors import NotSettled, UnknownWaiver, WaivedAlready
from tracer.catalog.rules import CodeSystem, WaiverKind
from tracer.catalog.words import CHARGE_PRICE, missing_text
from tracer.shared.clock import Clock, today
from tracer.shared.errors import Invalid

LONGEST_WAIVER: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWaiver:
    """An exception that nobody has closed; `missing` is what is still not settled today, and `ended` the
    last day of a certificate that has ended."""

    id: int
    kind: WaiverKind
    item_id: int
    material: str | None
    name: str
    why: str
    until: date
    granted_by: str
    granted_at: datetime
    missing: tuple[str, ...]
    ended: date | None
    over: bool


def missing_of(reader: Session | Connection, items: Iterable[int], on: date) -> dict[int, tuple[str, ...]]:
    """Item → what it lacks on a day: code systems, and `charge_price`; complete ones are left out.

    What is not charged for lacks nothing.
    """
    rows = reader.execute(_STATE, {"items": sorted(set(items)), "on": on})
    found = {row.id: _missing(row.systems or (), row.priced) for row in rows}
    return {item: missing for item, missing in found.items() if missing}


def must_be_settled(session: Session, items: Iterable[int], on: date) -> None:
    """Raises NotSettled for the first item that lacks a code or its charge price and has no exception."""
    missing = missing_of(session, items, on)
    if not missing:
        return
    waived = session.execute(_WAIVED, {"items": list(missing), "on": on}).scalars()
    for item_id in sorted(set(missing) - set(waived)):
        row = session.execute(_NAMED, {"item": item_id, "on": on}).one()
        lacks = missing[item_id]
        raise NotSettled(
            item=row.name,
            material=row.material or "",
            missing=", ".join(lacks),
            missing_zh=missing_text(lacks, "zh"),
            missing_en=missing_text(lacks, "en"),
        )


def grant_waiver(
    session: Session,
    actor: Actor,
    clock: Clock,
    *,
    item_id: int,
    why: str,
    until: date,
    kind: WaiverKind = WaiverKind.UNSETTLED,
) -> int:
    """Allow that an item is received unsettled, or after its certificate ended, through `until`.

    Returns the exception's number. What the item lacks, or the certificate with its last day, is kept.

    Raises Forbidden, Invalid without a reason or for a last day that is past or too far, WaivedAlready.
    """
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    must_say_why(why)
    day = today(clock)
    if not day <= until <= day + LONGEST_WAIVER:
        most = day + LONGEST_WAIVER
        raise Invalid(field="until", reason=f"应为 {day} 至 {most} / a day from {day} to {most} is expected")
    if session.execute(_NAMED, {"item": item_id, "on": day}).one_or_none() is None:
        raise Invalid(field="item_id", reason="没有该物资 / there is no such item")
    values = {
        "item": item_id,
        "kind": str(kind),
        "why": why.strip(),
        "until": until,
        "by": actor.id,
        "now": clock.now(),
    }
    try:
        with session.begin_nested():
            made: int = session.execute(_GRANT, values).scalar_one()
    except IntegrityError as error:
        raise WaivedAlready() from error
    after: dict[str, object] = {"item": item_id, "kind": str(kind), "until": until.isoformat()}
    if kind is WaiverKind.UNSETTLED:
        after["missing"] = list(missing_of(session, [item_id], day).get(item_id, ()))
    else:
        covered = covered_items(session, [item_id], day)[item_id]
        after |= {"number": covered.number, "valid_until": str(covered.valid_until)}
    audit.record(
        session,
        actor,
        clock,
        action="grant_waiver",
        subject="waiver",
        subject_id=made,
        after=after,
        why=why.strip(),
    )
    return made


def close_waiver(session: Session, actor: Actor, clock: Clock, waiver_id: int) -> None:
    """End an exception: it allows no more and leaves the list. Raises Forbidden, UnknownWaiver."""
    actor.must(Action.APPROVE_CODES, at=WHOLE_HOSPITAL)
    done = session.execute(_CLOSE, {"id": waiver_id, "by": actor.id, "now": clock.now()}).scalar_one_or_none()
    if done is None:
        raise UnknownWaiver(waiver=waiver_id)
    audit.record(session, actor, clock, action="close_waiver", subject="waiver", subject_id=waiver_id)


def open_waivers(reader: Session | Connection, on: date) -> list[OpenWaiver]:
    """Every exception that is not closed, those whose day is over first; also those over: not forgotten."""
    rows = reader.execute(_OPEN, {"on": on}).all()
    missing = missing_of(reader, [row.item_id for row in rows], on)
    covered = covered_items(reader, [row.item_id for row in rows], on)
    return [
        OpenWaiver(
            id=row.id,
            kind=WaiverKind(row.kind),
            item_id=row.item_id,
            material=row.material,
            name=row.name,
            why=row.why,
            until=row.until,
            granted_by=row.granted_by,
            granted_at=row.granted_at,
            missing=missing.get(row.item_id, ()) if row.kind == WaiverKind.UNSETTLED else (),
            ended=(
                covered[row.item_id].valid_until
                if row.kind == WaiverKind.CERTIFICATE and covered[row.item_id].standing is Standing.ENDED
                else None
            ),
            over=row.until < on,
        )
        for row in rows
    ]


def _missing(systems: Iterable[str], priced: bool) -> tuple[str, ...]:
    there = set(systems)
    lacks = [str(system) for system in CodeSystem if system not in there]
    return (*lacks, *(() if priced else (CHARGE_PRICE,)))


_STATE = text("""
    SELECT i.id,
           (SELECT array_agg(b.system) FROM code_binding b
             WHERE b.item_id = i.id AND b.status IN ('approved', 'retired') AND b.valid_from <= :on
               AND (b.valid_to IS NULL OR b.valid_to > :on)) AS systems,
           EXISTS (SELECT FROM price p
                    WHERE p.item_id = i.id AND p.kind = 'charge' AND p.status = 'approved'
                      AND p.valid_from <= :on AND (p.valid_to IS NULL OR p.valid_to > :on)) AS priced
      FROM item i WHERE i.id = ANY(CAST(:items AS bigint[])) AND i.chargeable""")
_WAIVED = text("""
    SELECT item_id FROM waiver
     WHERE item_id = ANY(CAST(:items AS bigint[])) AND kind = 'unsettled' AND closed_at IS NULL
       AND until >= :on""")
_MATERIAL = """
    (SELECT b.code FROM code_binding b
      WHERE b.item_id = i.id AND b.system = 'material' AND b.status IN ('approved', 'retired')
        AND b.valid_from <= :on AND (b.valid_to IS NULL OR b.valid_to > :on))"""
_NAMED = text(f"SELECT i.name, {_MATERIAL} AS material FROM item i WHERE i.id = :item")
_GRANT = text("""
    INSERT INTO waiver (item_id, kind, why, until, granted_by_id, granted_at)
    VALUES (:item, :kind, :why, :until, :by, :now) RETURNING id""")
_CLOSE = text("""
    UPDATE waiver SET closed_at = :now, closed_by_id = :by
     WHERE id = :id AND closed_at IS NULL RETURNING id""")
_OPEN = text(f"""
    SELECT w.id, w.kind, w.item_id, w.why, w.until, w.granted_at, p.name AS granted_by, i.name,
           {_MATERIAL} AS material
      FROM waiver w JOIN item i ON i.id = w.item_id JOIN person p ON p.id = w.granted_by_id
     WHERE w.closed_at IS NULL ORDER BY w.until >= :on, w.until, w.id""")
