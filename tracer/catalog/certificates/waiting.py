"""Certificates that wait for somebody's approval, each beside what is in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.certificates.deciding import bearers
from tracer.catalog.certificates.numbers import canonical_number
from tracer.catalog.certificates.validity import covered_numbers
from tracer.catalog.items import SPECIFICATION
from tracer.catalog.suppliers.states import entered_by_supplier
from tracer.catalog.waiting import PAGE, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCertificate:
    """A proposed certificate. `now` is the number the item bears, `lasts` how long the proposed number is
    valid as things stand, `covers` how many items bear it."""

    id: int
    item_id: int | None
    name: str | None
    specification: str
    material: str | None
    number: str
    now: str
    valid_from: date | None
    valid_until: date | None
    lasts: date | None
    covers: int
    proposer_id: int
    proposer: str
    source: str


def waiting_certificates(
    session: Session, actor_id: int, on: date, *, source: str = "", page: int = 1
) -> Waiting:
    """Proposed certificates, of one source if it is named."""
    values = {"by": actor_id, "on": on, "source": source, "most": PAGE, "skip": (page - 1) * PAGE}
    rows = session.execute(_PAGE, values).all()
    found, mine = (rows[0].found, rows[0].mine) if rows else (0, 0)
    shown = [row for row in rows if row.id is not None]
    numbers = [row.number for row in shown]
    lasting = covered_numbers(session, numbers, on)
    covers = Counter(bearers(session, numbers).values())
    return Waiting(
        tuple(
            WaitingCertificate(
                id=row.id,
                item_id=row.item_id,
                name=row.name,
                specification=row.specification,
                material=row.material,
                number=row.number,
                now=canonical_number(row.now or ""),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                lasts=lasting[row.number].valid_until,
                covers=covers[row.number],
                proposer_id=row.proposer_id,
                proposer=row.proposer,
                source=row.source,
            )
            for row in shown
        ),
        found,
        mine,
        page,
    )


def approvable_certificates(session: Session, actor_id: int, source: str = "") -> list[int]:
    """All that wait for this person: those they did not propose, and no supplier entered."""
    return list(session.execute(_ALL, {"by": actor_id, "source": source}).scalars())


_WANTED: Final = "SELECT * FROM certificate WHERE status = 'proposed' AND (:source = '' OR source = :source)"
_ENTERED: Final = entered_by_supplier("certificate", "wanted")
_PAGE = text(f"""
    WITH wanted AS ({_WANTED}),
    page AS (SELECT * FROM wanted ORDER BY id LIMIT :most OFFSET :skip)
    SELECT t.found, t.mine, w.*, i.name, {SPECIFICATION} AS specification, i.certificate AS now,
           p.name AS proposer,
           (SELECT b.code FROM code_binding b
             WHERE b.item_id = w.item_id AND b.system = 'material' AND b.status IN ('approved', 'retired')
               AND b.valid_from <= :on AND (b.valid_to IS NULL OR b.valid_to > :on)) AS material
      FROM (SELECT count(*) AS found, count(*) FILTER (WHERE proposer_id = :by OR {_ENTERED}) AS mine
              FROM wanted) t
      LEFT JOIN page w ON true LEFT JOIN item i ON i.id = w.item_id LEFT JOIN person p ON p.id = w.proposer_id
     ORDER BY w.id""")
_ALL = text(f"SELECT id FROM ({_WANTED}) wanted WHERE proposer_id <> :by AND NOT {_ENTERED} ORDER BY id")
