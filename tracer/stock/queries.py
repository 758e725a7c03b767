"""Stock as procurement looks at it: the day's book by place, item and lot, and the movements behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import Date, Text

from tracer.catalog.items import SPECIFICATION
from tracer.stock.places import Place

PAGE = 50  # rows on a page
SOON = timedelta(days=90)  # what expires within this is pointed out


class Flag(StrEnum):
    """What deserves attention about a row; also the filters of the page."""

    NEGATIVE = "negative"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class StockRow:
    """The book of one lot at one place: closing = opening + came - gone - used, in base units."""

    location: str
    location_name: str
    location_name_en: str
    item_id: int
    material: str | None
    name: str
    specification: str
    base_unit: str
    lot: str
    expiry: date | None
    opening: int
    came: int
    gone: int
    used: int
    closing: int
    flags: frozenset[Flag]


@dataclass(frozen=True, slots=True)
class StockPage:
    """One page of the day's stock; the figures are over every row the search finds, whatever page."""

    rows: tuple[StockRow, ...]
    page: int
    found: int
    items: int
    lots: int
    flagged: dict[Flag, int]
    value: Decimal
    unpriced: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


_MOVED = """
    SELECT place, item_id, lot,
           sum(came)::bigint AS came, sum(gone)::bigint AS gone, sum(used)::bigint AS used
      FROM (SELECT target_id AS place, item_id, lot,
                   CASE WHEN kind = 'use_reversal' THEN 0 ELSE quantity END AS came, 0 AS gone,
                   CASE WHEN kind = 'use_reversal' THEN -quantity ELSE 0 END AS used
              FROM movement WHERE business_date >= :day
            UNION ALL
            SELECT origin_id, item_id, lot, 0, CASE WHEN kind = 'use' THEN 0 ELSE quantity END,
                   CASE WHEN kind = 'use' THEN quantity ELSE 0 END
              FROM movement WHERE business_date >= :day) flows
     GROUP BY place, item_id, lot
"""
# A code is searched in every system, as a package's, and as a lot; a name anywhere in it.
_FOUND = """
    SELECT id FROM item WHERE name ILIKE :part OR specification ILIKE :part OR model ILIKE :part
    UNION SELECT item_id FROM code_binding WHERE code ILIKE :start AND status IN ('approved', 'retired')
    UNION SELECT item_id FROM packaging WHERE di = :search
    UNION SELECT item_id FROM unit WHERE label = :search OR serial = :search
"""
_STOCK = text(f"""
    WITH moved AS MATERIALIZED ({_MOVED}), held AS MATERIALIZED (
        SELECT b.location_id, b.item_id, b.lot, b.quantity AS closing, t.expiry, c.amount AS cost,
               coalesce(m.came, 0) AS came, coalesce(m.gone, 0) AS gone, coalesce(m.used, 0) AS used,
               b.quantity < 0 AS negative, b.quantity > 0 AND t.expiry < :today AS expired,
               b.quantity > 0 AND t.expiry >= :today AND t.expiry <= :soon AS expiring,
               m.item_id IS NOT NULL AS moved
          FROM balance b
          LEFT JOIN moved m ON m.place = b.location_id AND m.item_id = b.item_id AND m.lot = b.lot
          LEFT JOIN lot t ON t.item_id = b.item_id AND t.lot = b.lot
          LEFT JOIN price c ON c.item_id = b.item_id AND c.kind = 'purchase' AND c.status = 'approved'
                           AND c.valid_from <= :today AND (c.valid_to IS NULL OR c.valid_to > :today)
         WHERE b.location_id = ANY(:places) AND (b.quantity <> 0 OR m.item_id IS NOT NULL)
           AND (:search = '' OR b.item_id IN ({_FOUND}) OR b.lot = :search)
    ), totals AS (
        SELECT count(*) AS lots, count(DISTINCT item_id) AS items,
               count(*) FILTER (WHERE negative) AS negative, count(*) FILTER (WHERE expired) AS expired,
               count(*) FILTER (WHERE expiring) AS expiring, count(*) FILTER (WHERE moved) AS moved,
               coalesce(sum(closing * cost), 0) AS value,
               count(DISTINCT item_id) FILTER (WHERE cost IS NULL) AS unpriced
          FROM held
    ), page AS (
        SELECT h.*, k.code AS material, i.name, {SPECIFICATION} AS specification, i.base_unit,
               l.code AS location, l.name AS location_name, l.name_en AS location_name_en,
               row_number() OVER (ORDER BY NOT h.negative, NOT h.expired, NOT h.expiring, k.code NULLS LAST,
                                           l.path, h.lot) AS place
          FROM held h JOIN item i ON i.id = h.item_id JOIN location l ON l.id = h.location_id
          LEFT JOIN code_binding k ON k.item_id = h.item_id AND k.system = 'material'
                                  AND k.status IN ('approved', 'retired') AND k.valid_from <= :today
                                  AND (k.valid_to IS NULL OR k.valid_to > :today)
         WHERE CASE :flag WHEN 'negative' THEN h.negative WHEN 'expired' THEN h.expired
                          WHEN 'expiring' THEN h.expiring WHEN 'moved' THEN h.moved ELSE true END
         ORDER BY place LIMIT :most OFFSET :skip
    )
    SELECT t.lots, t.items, t.negative AS all_negative, t.expired AS all_expired,
           t.expiring AS all_expiring, t.moved AS all_moved, t.value, t.unpriced, p.*
      FROM totals t LEFT JOIN page p ON true
     ORDER BY p.place
""").bindparams(
    *(bindparam(name, type_=Date) for name in ("day", "today", "soon")),
    *(bindparam(name, type_=Text) for name in ("search", "part", "start", "flag")),
)


def stock_of_day(
    session: Session,
    places: list[Place],
    *,
    today: date,
    posting_day: date,
    search: str = "",
    flag: Flag | None = None,
    page: int = 1,
) -> StockPage:
    """The book of these places now, and what `posting_day` has done to it; what needs attention first.

    One statement. `search` is part of a name, the beginning of any of the five codes, a lot, a
    label or a serial. `came` and `gone` include counts' corrections, so that the row adds up.
    """
    literal = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = session.execute(
        _STOCK,
        {
            "places": [place.id for place in places],
            "today": today,
            "soon": today + SOON,
            "day": posting_day,
            "search": search,
            "part": f"%{literal}%",
            "start": f"{literal}%",
            "flag": str(flag or ""),
            "most": PAGE,
            "skip": (page - 1) * PAGE,
        },
    ).all()
    total = rows[0]
    flagged = {one: getattr(total, f"all_{one}") for one in Flag}
    return StockPage(
        tuple(_row(row) for row in rows if row.item_id is not None),
        page,
        flagged[flag] if flag else total.lots,
        total.items,
        total.lots,
        flagged,
        Decimal(total.value).quantize(Decimal("0.01")),
        total.unpriced,
    )


def _row(row: object) -> StockRow:
    values = row._mapping  # type: ignore[attr-defined]
    names = [name for name in StockRow.__slots__ if name not in ("opening", "flags")]
    opening = values["closing"] - values["came"] + values["gone"] + values["used"]
    flags = frozenset(one for one in Flag if values[str(one)])
    return StockRow(**{name: values[name] for name in names}, opening=opening, flags=flags)


@dataclass(frozen=True, slots=True)
class Step:
    """A movement as one place sees it: `quantity` is negative for what left, `left` the book after it."""

    id: int
    kind: str
    quantity: int
    left: int
    lot: str
    unit: str | None
    other: str
    other_en: str
    occurred_at: datetime
    recorded_at: datetime
    business_date: date
    document: str
    person: str
    reverses: int | None


@dataclass(frozen=True, slots=True)
class ItemAtPlace:
    """An item's book at a place, and one page of what made it so, newest first."""

    name: str
    specification: str
    base_unit: str
    codes: dict[str, str]
    expiry: date | None
    closing: int
    steps: tuple[Step, ...]
    page: int
    found: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


_ITEM = text(f"""
    SELECT i.name, {SPECIFICATION} AS specification, i.base_unit,
           (SELECT coalesce(jsonb_object_agg(k.system, k.code), '{{}}') FROM code_binding k
             WHERE k.item_id = i.id AND k.status IN ('approved', 'retired') AND k.valid_from <= :today
               AND (k.valid_to IS NULL OR k.valid_to > :today)) AS codes,
           (SELECT t.expiry FROM lot t WHERE t.item_id = i.id AND t.lot = :lot) AS expiry,
           coalesce((SELECT sum(b.quantity) FROM balance b WHERE b.item_id = i.id AND b.location_id = :place
                        AND (:any_lot OR b.lot = :lot)), 0)::bigint AS closing
      FROM item i WHERE i.id = :item
""").bindparams(bindparam("today", type_=Date), bindparam("lot", type_=Text))
_STEPS = text("""
    SELECT m.id, m.kind, m.signed AS quantity, m.lot, m.occurred_at, m.recorded_at, m.business_date,
           m.document, m.reverses_id AS reverses, m.left, m.found, coalesce(u.label, u.serial) AS unit,
           o.name AS other, o.name_en AS other_en, p.name AS person
      FROM (SELECT *, count(*) OVER () AS found, sum(signed) OVER (ORDER BY id)::bigint AS left
              FROM (SELECT *, CASE WHEN target_id = :place THEN quantity ELSE -quantity END AS signed
                      FROM movement
                     WHERE item_id = :item AND :place IN (origin_id, target_id) AND (:any_lot OR lot = :lot)
                   ) signed
             ORDER BY id DESC LIMIT :most OFFSET :skip) m
      JOIN location o ON o.id = CASE WHEN m.target_id = :place THEN m.origin_id ELSE m.target_id END
      JOIN person p ON p.id = m.person_id
      LEFT JOIN unit u ON u.id = m.unit_id
     ORDER BY m.id DESC
""").bindparams(bindparam("lot", type_=Text))


def item_at_place(
    session: Session, place: Place, item_id: int, *, lot: str | None, today: date, page: int = 1
) -> ItemAtPlace | None:
    """What an item's book at a place consists of, in two statements; `lot` None: of all its lots.

    None if there is no such item.
    """
    wanted = {"place": place.id, "item": item_id, "lot": lot or "", "any_lot": lot is None}
    item = session.execute(_ITEM, {**wanted, "today": today}).one_or_none()
    if item is None:
        return None
    rows = session.execute(_STEPS, {**wanted, "most": PAGE, "skip": (page - 1) * PAGE}).all()
    steps = tuple(Step(**{name: row._mapping[name] for name in Step.__slots__}) for row in rows)
    return ItemAtPlace(
        item.name,
        item.specification,
        item.base_unit,
        item.codes,
        item.expiry,
        item.closing,
        steps,
        page,
        rows[0].found if rows else 0,
    )
