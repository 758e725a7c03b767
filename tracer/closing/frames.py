"""The ledger of one business date as the frames that `reconcile.variance` takes.

Items and locations travel as their ids (text): a code can pass from one item to another, an id
cannot. pandas is loaded only when a day is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.types import Date

if TYPE_CHECKING:
    import pandas as pd

# Each movement touches one or two real places; a count's correction is no flow (it shows in C).
_MOVEMENTS = text("""
    SELECT m.business_date, side.place::text AS location, m.item_id::text AS material, side.kind, m.quantity,
           m.occurred_at, m.unit_cost::text AS unit_cost,
           CASE m.kind WHEN 'use' THEN m.id WHEN 'use_reversal' THEN m.reverses_id END::text AS reference,
           m.id::text AS id
      FROM movement m
     CROSS JOIN LATERAL (VALUES
           (m.origin_id, CASE m.kind WHEN 'issue' THEN 'transfer_out' WHEN 'transfer' THEN 'transfer_out'
                                     WHEN 'receipt' THEN NULL WHEN 'use_reversal' THEN NULL ELSE m.kind END),
           (m.target_id, CASE m.kind WHEN 'issue' THEN 'transfer_in' WHEN 'transfer' THEN 'transfer_in'
                                     WHEN 'receipt' THEN 'receipt' WHEN 'use_reversal' THEN m.kind END)
           ) side(place, kind)
      JOIN location l ON l.id = side.place AND l.kind <> 'virtual'
     WHERE m.business_date = :day AND m.kind <> 'count' AND side.kind IS NOT NULL
     ORDER BY m.id
""").bindparams(bindparam("day", type_=Date))

_CHARGES = text("""
    SELECT c.business_date, c.location_id::text AS location, c.item_id::text AS material, c.quantity,
           c.occurred_at, coalesce(c.movement_id, o.movement_id)::text AS reference, c.id::text AS id
      FROM charge c LEFT JOIN charge o ON o.id = c.reverses_id
     WHERE c.business_date = :day
     ORDER BY c.id
""").bindparams(bindparam("day", type_=Date))

# What was on the shelf when the day began: the last closed row's closing, and whatever was posted
# on open days in between.
_OPENING = text("""
    WITH active AS (
        SELECT origin_id AS location_id, item_id FROM movement WHERE business_date = :day
        UNION SELECT target_id, item_id FROM movement WHERE business_date = :day
        UNION SELECT location_id, item_id FROM charge WHERE business_date = :day
        UNION SELECT location_id, item_id FROM stock_count WHERE business_date = :day
    ), pair AS (
        SELECT a.* FROM active a JOIN location l ON l.id = a.location_id AND l.kind <> 'virtual'
    ), closed AS (
        SELECT coalesce(max(business_date), '-infinity') AS through FROM business_day
         WHERE business_date < :day
    ), since AS (
        SELECT place AS location_id, item_id, sum(signed)::bigint AS moved
          FROM (SELECT origin_id AS place, item_id, -quantity AS signed FROM movement, closed
                 WHERE business_date > through AND business_date < :day
                UNION ALL
                SELECT target_id, item_id, quantity FROM movement, closed
                 WHERE business_date > through AND business_date < :day) moves
         GROUP BY 1, 2
    )
    SELECT pair.location_id::text AS location, pair.item_id::text AS material,
           coalesce(d.closing, 0) + coalesce(since.moved, 0) AS quantity
      FROM pair
      LEFT JOIN LATERAL (
           SELECT coalesce(r.counted, r.book_closing) AS closing FROM day_row r
            WHERE r.location_id = pair.location_id AND r.item_id = pair.item_id AND r.business_date < :day
            ORDER BY r.business_date DESC LIMIT 1) d ON true
      LEFT JOIN since ON since.location_id = pair.location_id AND since.item_id = pair.item_id
""").bindparams(bindparam("day", type_=Date))

# An accepted count, rolled forward to the day's end: everything the ledger holds after its correction.
_COUNTED = text("""
    SELECT c.location_id::text AS location, c.item_id::text AS material,
           coalesce((SELECT sum(CASE WHEN m.target_id = c.location_id THEN m.quantity ELSE -m.quantity END)
                       FROM movement m
                      WHERE m.business_date = :day AND m.item_id = c.item_id
                        AND c.location_id IN (m.origin_id, m.target_id)), 0)::bigint AS moved
      FROM (SELECT DISTINCT location_id, item_id FROM stock_count WHERE business_date = :day) c
""").bindparams(bindparam("day", type_=Date))

_ITEMS = text("""
    SELECT i.id::text AS material, i.name, i.category, i.chargeable::int AS chargeable,
           (SELECT max(k.base_units) FROM packaging k WHERE k.item_id = i.id) AS pack_quantity,
           (SELECT p.amount::text FROM price p WHERE p.item_id = i.id AND p.kind = 'purchase'
               AND p.status = 'approved' AND p.valid_from <= :day
               AND (p.valid_to IS NULL OR p.valid_to > :day)) AS price
      FROM item i WHERE i.id = ANY(:items)
""").bindparams(bindparam("day", type_=Date))


@dataclass(frozen=True, slots=True)
class DayFrames:
    """One business date for `reconcile.variance`, whose docstring tells the columns."""

    movements: pd.DataFrame
    charges: pd.DataFrame
    opening: pd.DataFrame
    counts: pd.DataFrame
    codes: pd.DataFrame


def day_frames(session: Session, day: date) -> DayFrames:
    """The movements, charges, openings, counts and items of a business date, closed or not."""
    opening = _frame(session, _OPENING, day)
    counted = _frame(session, _COUNTED, day).merge(opening, on=["location", "material"], how="left")
    counted["quantity"] = counted["moved"] + counted["quantity"]
    counted["business_date"] = day
    items = [int(item) for item in opening["material"].unique()]
    return DayFrames(
        movements=_frame(session, _MOVEMENTS, day),
        charges=_frame(session, _CHARGES, day),
        opening=opening,
        counts=counted[["business_date", "location", "material", "quantity"]],
        codes=_frame(session, _ITEMS, day, items=items),
    )


def _frame(session: Session, statement: Any, day: date, **more: Any) -> pd.DataFrame:
    import pandas as pd

    answer = session.execute(statement, {"day": day, **more})
    return pd.DataFrame([tuple(row) for row in answer], columns=list(answer.keys()))
