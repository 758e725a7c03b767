"""A certificate's number and last day, proposed by one person. Nothing comes into force by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access.rules import Action, Actor
from tracer.catalog.announcing import Payloads, keep_record
from tracer.catalog.certificates.numbers import read_number
from tracer.catalog.suppliers.owning import ask_leave
from tracer.shared.clock import Clock
from tracer.shared.errors import Invalid

LAST_YEAR: Final = 2200
"""A later last day is a typing error, or stands for "never" in the system it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCertificate:
    """That an item is covered by a certificate, which is valid through `valid_until`, that day included.

    Without an item: that the certificate is valid so, for whatever it covers. Without a last day only the
    item's number is meant; a filing (备案) has none. `source` says where it was read.
    """

    item_id: int | None
    number: str
    valid_until: date | None
    valid_from: date | None = None
    source: str = ""


def propose_certificates(
    session: Session, actor: Actor, clock: Clock, wanted: Sequence[ProposedCertificate]
) -> list[int]:
    """Write proposals; returns their ids in the order given.

    What is proposed already, by anybody, is not proposed twice: its id is returned. All are written or
    none. A supplier's person may for what their supplier sells here. Raises Forbidden, and Invalid for a
    number that cannot be one, or days that cannot be right.
    """
    # What is said of a number alone is not said of a supplier's own item.
    kinds = {"certificate" if one.item_id else "certificates" for one in wanted}
    items = [one.item_id for one in wanted if one.item_id]
    ask_leave(session, actor, Action.SETTLE_CODES, items=items, kinds=kinds)
    if not wanted:
        return []
    take_turn(session)
    values = _columns(wanted)
    named = {id_ for id_ in values["items"] if id_ is not None}
    known = session.execute(_ITEMS_KNOWN, {"items": sorted(named)}).scalar_one()
    if known != len(named):
        raise Invalid(field="item_id", reason="没有该物资 / there is no such item")
    written = session.execute(_PROPOSE, values | {"by": actor.id, "now": clock.now()}).scalars().all()
    ids = list(session.execute(_PROPOSED_IDS, values).scalars())
    keep(session, actor, clock, "propose_certificate", payloads(session, written), {"status": "proposed"})
    return ids


def take_turn(session: Session) -> None:
    """Wait for whoever else writes certificates, and only then look."""
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    session.execute(_TURN)


def keep(
    session: Session,
    actor: Actor,
    clock: Clock,
    action: str,
    told: Payloads,
    change: dict[str, Any],
    why: str = "",
) -> None:
    """The audit's record of what was done to certificates."""
    keep_record(
        session, actor, clock, action=action, subject="certificate", payloads=told, change=change, why=why
    )


def payloads(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What there is to tell of each record."""
    return {
        row.id: {
            "certificate": row.id,
            "item": row.item_id,
            "number": row.number,
            "valid_from": row.valid_from.isoformat() if row.valid_from else None,
            "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        }
        for row in session.execute(_TOLD, {"ids": list(ids)})
    }


def _columns(wanted: Sequence[ProposedCertificate]) -> dict[str, list[Any]]:
    for one in wanted:
        if one.item_id is None and one.valid_until is None:
            raise Invalid(field="valid_until", reason="请填写有效期至 / the last day is needed")
        if one.valid_until is None and one.valid_from is not None:
            raise Invalid(field="valid_until", reason="有起始日须有截止日 / a first day needs a last day")
        if one.valid_until is not None and one.valid_until.year > LAST_YEAR:
            raise Invalid(field="valid_until", reason=f"{one.valid_until}: ≤ {LAST_YEAR}")
        if one.valid_until and one.valid_from and one.valid_until < one.valid_from:
            raise Invalid(field="valid_until", reason="不应早于起始日 / must not be before valid_from")
    return {
        "items": [one.item_id for one in wanted],
        "numbers": [read_number(one.number).text for one in wanted],
        "starts": [one.valid_from for one in wanted],
        "ends": [one.valid_until for one in wanted],
        "sources": [one.source for one in wanted],
    }


_TURN = text("SELECT pg_advisory_xact_lock(7402, 'certificate'::regclass::oid::int)")
_ITEMS_KNOWN = text("SELECT count(*) FROM item WHERE id = ANY(CAST(:items AS bigint[]))")
_ASKED = """unnest(CAST(:items AS bigint[]), CAST(:numbers AS text[]), CAST(:starts AS date[]),
                   CAST(:ends AS date[]), CAST(:sources AS text[])) WITH ORDINALITY
              AS p (item_id, number, valid_from, valid_until, source, place)"""
_PROPOSE = text(f"""
    INSERT INTO certificate (item_id, number, valid_from, valid_until, source, status, proposer_id,
                             created_at)
    SELECT item_id, number, valid_from, valid_until, source, 'proposed', :by, :now
      FROM {_ASKED} ORDER BY place
        ON CONFLICT (item_id, number, valid_from, valid_until) WHERE status = 'proposed' DO NOTHING
    RETURNING id""")
_PROPOSED_IDS = text(f"""
    SELECT c.id FROM {_ASKED}
      JOIN certificate c ON c.number = p.number AND c.status = 'proposed'
       AND (c.item_id, c.valid_from, c.valid_until)
           IS NOT DISTINCT FROM (p.item_id, p.valid_from, p.valid_until)
     ORDER BY place""")
_TOLD = text("""
    SELECT id, item_id, number, valid_from, valid_until FROM certificate
     WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id""")
