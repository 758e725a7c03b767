"""Pieces that bear an in-house label: where they lie, and how often their label was printed.

A label is printed when the audit says so: there is no other record of it, and it is never overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Date, Text

from tracer.catalog.items import SPECIFICATION
from tracer.stock.places import Place

PRINTED = "print_label"  # the action in the audit, on the subject `unit`, whose id is the label
NEWEST = 2_000  # pieces that a list without a search goes back
BATCHES = 50  # of a page
MOST_PIECES = 1_000  # of a batch


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces of one item and lot that were received on one day and lie at one place."""

    item_id: int
    material: str | None
    name: str
    specification: str
    location: str
    location_name: str
    location_name_en: str
    lot: str
    expiry: date | None
    day: date
    pieces: int
    unprinted: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece; `printed` says how often its label was, and the last time by whom."""

    label: str
    serial: str | None
    name: str
    specification: str
    lot: str
    expiry: date | None
    location: str
    location_name: str
    location_name_en: str
    printed: int
    printed_at: datetime | None
    printed_by_id: int | None
    printed_by: str | None


# Where a piece lies is where its last movement brought it; a consigned one has moved nowhere yet.
_PLACE = """coalesce((SELECT m.target_id FROM movement m WHERE m.unit_id = u.id
                       ORDER BY m.unit_step DESC LIMIT 1), u.held_at_id)"""
_TIMES = f"""SELECT count(*) AS printed, max(a.id) AS last FROM audit_entry a
              WHERE a.subject = 'unit' AND a.subject_id = u.label AND a.action = '{PRINTED}'"""
# A label, a serial, a lot, any code of the item, a part of its name, or the number of a delivery.
_FOUND = """
    u.label = :search OR u.serial = :search OR u.lot = :search
    OR u.item_id IN (SELECT i.id FROM item i WHERE i.name ILIKE :part)
    OR u.item_id IN (SELECT k.item_id FROM code_binding k
                      WHERE k.code = :search AND k.status IN ('approved', 'retired'))
    OR u.label IN (SELECT jsonb_array_elements_text(a.after -> 'labels') FROM audit_entry a
                    WHERE a.subject = 'document' AND a.subject_id = :search AND a.action = 'receive')
"""
_BATCHES = text(f"""
    WITH newest AS MATERIALIZED (
        SELECT u.id, u.item_id, u.label, u.lot, u.expiry, u.created_at, {_PLACE} AS place_id
          FROM unit u WHERE u.label IS NOT NULL AND (:search = '' OR {_FOUND})
         ORDER BY u.id DESC LIMIT :newest
    )
    SELECT u.item_id, k.code AS material, i.name, {SPECIFICATION} AS specification,
           l.code AS location, l.name AS location_name, l.name_en AS location_name_en,
           u.lot, u.expiry, (u.created_at AT TIME ZONE :zone)::date AS day,
           count(*) AS pieces, count(*) FILTER (WHERE t.printed = 0) AS unprinted,
           count(*) OVER () AS found
      FROM newest u JOIN item i ON i.id = u.item_id JOIN location l ON l.id = u.place_id
     CROSS JOIN LATERAL ({_TIMES}) t
      LEFT JOIN code_binding k ON k.item_id = u.item_id AND k.system = 'material'
                              AND k.status IN ('approved', 'retired') AND k.valid_from <= :today
                              AND (k.valid_to IS NULL OR k.valid_to > :today)
     WHERE u.place_id = ANY(:places)
     GROUP BY u.item_id, k.code, i.name, i.specification, i.model, l.id, u.lot, u.expiry, day
    HAVING NOT :unprinted OR count(*) FILTER (WHERE t.printed = 0) > 0
     ORDER BY max(u.id) DESC LIMIT :most OFFSET :skip
""").bindparams(
    bindparam("today", type_=Date), *(bindparam(name, type_=Text) for name in ("search", "part", "zone"))
)
_PIECES = text(f"""
    SELECT u.label, u.serial, i.name, {SPECIFICATION} AS specification, u.lot, u.expiry,
           l.code AS location, l.name AS location_name, l.name_en AS location_name_en,
           t.printed, a.at AS printed_at, a.person_id AS printed_by_id, p.name AS printed_by
      FROM (SELECT u.*, {_PLACE} AS place_id FROM unit u
             WHERE CASE WHEN :named THEN u.label = ANY(:labels)
                        ELSE u.item_id = :item AND u.lot = :lot AND u.label IS NOT NULL
                         AND (u.created_at AT TIME ZONE :zone)::date = :day END) u
      JOIN item i ON i.id = u.item_id JOIN location l ON l.id = u.place_id
     CROSS JOIN LATERAL ({_TIMES}) t
      LEFT JOIN audit_entry a ON a.id = t.last
      LEFT JOIN person p ON p.id = a.person_id
     WHERE u.place_id = ANY(:places)
     ORDER BY u.id LIMIT :most
""").bindparams(
    bindparam("day", type_=Date),
    bindparam("labels", type_=ARRAY(Text)),
    *(bindparam(name, type_=Text) for name in ("lot", "zone")),
)


@dataclass(frozen=True, slots=True)
class BatchPage:
    batches: tuple[Batch, ...]
    page: int
    found: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // BATCHES))


def list_batches(
    session: Session,
    places: Sequence[Place],
    *,
    zone: ZoneInfo,
    today: date,
    search: str = "",
    unprinted: bool = False,
    page: int = 1,
) -> BatchPage:
    """What was received last and lies at these places, the newest first, in one statement.

    It goes back `NEWEST` pieces, or as many of those that the search finds.
    """
    literal = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = session.execute(
        _BATCHES,
        {
            "places": [place.id for place in places],
            "zone": zone.key,
            "today": today,
            "search": search,
            "part": f"%{literal}%",
            "unprinted": unprinted,
            "newest": NEWEST,
            "most": BATCHES,
            "skip": (page - 1) * BATCHES,
        },
    ).all()
    batches = tuple(Batch(**{name: row._mapping[name] for name in Batch.__slots__}) for row in rows)
    return BatchPage(batches, page, rows[0].found if rows else 0)


def pieces_of_batch(
    session: Session, place: Place, *, item_id: int, lot: str, day: date, zone: ZoneInfo
) -> list[Piece]:
    """The pieces of a batch, in the order of their labels; at most `MOST_PIECES`."""
    return _pieces(session, [place], named=False, item=item_id, lot=lot, day=day, zone=zone.key)


def pieces_by_label(session: Session, places: Sequence[Place], labels: Sequence[str]) -> list[Piece]:
    """Those of the labels that name a piece at one of these places, in the order of their numbers."""
    return _pieces(session, places, named=True, labels=list(labels))


def _pieces(session: Session, places: Sequence[Place], **wanted: object) -> list[Piece]:
    nothing = {"labels": [], "item": 0, "lot": "", "day": date.min, "zone": "UTC"}
    asked = nothing | wanted | {"places": [place.id for place in places], "most": MOST_PIECES}
    rows = session.execute(_PIECES, asked).all()
    return [Piece(**{name: row._mapping[name] for name in Piece.__slots__}) for row in rows]
