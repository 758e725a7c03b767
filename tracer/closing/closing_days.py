"""Closing a business day: its variance is computed once, written down, and never changes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from reconcile.columns import VARIANCE_COLUMNS
from tracer.access import audit
from tracer.access.rules import Action, Actor
from tracer.closing.errors import DayNotOver, EarlierDayOpen
from tracer.closing.frames import day_frames
from tracer.closing.tables import DayCause, DayRow
from tracer.orders.ending import end_orders_of_day
from tracer.shared.clock import Clock, today
from tracer.stock.business_days import LONGEST_DELAY, closed_through
from tracer.stock.tables import BusinessDay

if TYPE_CHECKING:
    from reconcile import VarianceResult

TOLERANCE = Decimal("0.05")

_rows: Any = DayRow.__table__
_causes: Any = DayCause.__table__
# What a row of the report says of its pair, and what roll-ups need of it.
FIGURES = (
    *VARIANCE_COLUMNS[VARIANCE_COLUMNS.index("opening") :],
    *("unit_cost", "weight", "weight_cents", "variance_cents"),
)
# Alone, against the shared lock that every posting on such a day takes (trigger require_open_day).
# Earlier days that are still open are locked too: nothing may slip in behind the day being closed.
_LOCK = text("""
    SELECT pg_advisory_xact_lock(7401, day::date - DATE '2000-01-01')
      FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') day
""")
_FIRST_OPEN = text("""
    SELECT min(business_date) FROM (
        SELECT min(business_date) AS business_date FROM movement WHERE business_date > :closed
        UNION ALL SELECT min(business_date) FROM charge WHERE business_date > :closed
        UNION ALL SELECT min(business_date) FROM stock_count WHERE business_date > :closed
    ) d
""")


def first_open_day(session: Session) -> date | None:
    """The earliest business date with postings that is not closed; None if there is none."""
    closed = closed_through(session) or date.min
    earliest: date | None = session.execute(_FIRST_OPEN, {"closed": closed}).scalar_one()
    return earliest


def compute_day(session: Session, day: date, tolerance: Decimal = TOLERANCE) -> VarianceResult:
    """The variance of a business date as the ledger stands; of a day not closed yet it is provisional."""
    from reconcile import variance

    frames = day_frames(session, day)
    return variance(
        frames.movements,
        frames.charges,
        opening=frames.opening,
        counts=frames.counts,
        codes=frames.codes,
        tolerance=tolerance,
        counts_rolled_forward=True,
    )


def close_day(
    session: Session, actor: Actor, day: date, clock: Clock, tolerance: Decimal = TOLERANCE
) -> dict[str, Any]:
    """Close a business date: write its rows and causes, end its orders; returns its summary.

    Closing a closed day again changes nothing and returns the same summary. Raises Forbidden,
    DayNotOver for a day ahead, EarlierDayOpen while an earlier day has open postings.
    """
    actor.must(Action.CLOSE_DAY)
    if day > today(clock):
        raise DayNotOver(day=day.isoformat())
    known_closed = closed_through(session)
    earliest_possible = known_closed + timedelta(days=1) if known_closed else day - LONGEST_DELAY
    session.execute(_LOCK, {"first": min(earliest_possible, day), "last": day})
    closed = closed_through(session)  # again, now that nobody else is closing
    if closed is not None and day <= closed:
        known = session.execute(
            select(BusinessDay.summary).where(BusinessDay.business_date == day)
        ).scalar_one_or_none()
        return known or {"business_date": day.isoformat(), "rows": 0}
    earliest = first_open_day(session)
    if earliest is not None and earliest < day:
        raise EarlierDayOpen(earlier=earliest.isoformat())
    result = compute_day(session, day, tolerance)
    summary = {"business_date": day.isoformat(), **_with_location_codes(session, result.summary)}
    ended = end_orders_of_day(session, day, clock)
    session.execute(
        insert(BusinessDay),
        {"business_date": day, "closed_at": clock.now(), "closed_by": actor.id, "summary": summary},
    )
    _write_rows(session, day, result)
    audit.record(
        session,
        actor,
        clock,
        action="close_day",
        subject="business_day",
        subject_id=day.isoformat(),
        after={
            "rows": summary["rows"],
            "breaches": summary["breaches"],
            "status": summary["status"],
            "orders_ended": ended,
        },
    )
    return summary


def _with_location_codes(session: Session, summary: dict[str, Any]) -> dict[str, Any]:
    """The computation knows locations by id; people know them by code."""
    codes = {str(row.id): row.code for row in session.execute(text("SELECT id, code FROM location"))}
    return summary | {"by_location": {codes[key]: value for key, value in summary["by_location"].items()}}


def _write_rows(session: Session, day: date, result: VarianceResult) -> None:
    """Rows and causes in bulk, by COPY: a hospital's day has thousands."""
    rows = result.rows.astype(object).where(result.rows.notna(), None)
    rows["cause"] = result.rows["cause"].fillna("")
    keys = ("business_date", "location_id", "item_id")
    raw: Any = session.connection().connection.driver_connection
    columns = ", ".join((*keys, *FIGURES))
    with raw.cursor() as cursor, cursor.copy(f"COPY day_row ({columns}) FROM STDIN") as copy:
        for row in rows[["location", "material", *FIGURES]].itertuples(index=False, name=None):
            copy.write_row((day, int(row[0]), int(row[1]), *row[2:]))
    causes = result.causes
    if len(causes) == 0:
        return
    ids = {
        (str(row.location_id), str(row.item_id)): row.id
        for row in session.execute(
            select(DayRow.id, DayRow.location_id, DayRow.item_id).where(DayRow.business_date == day)
        )
    }
    session.execute(
        insert(_causes),
        [
            {
                "day_row_id": ids[location, material],
                "cause": cause,
                "units": units,
                "evidence": json.loads(evidence),
            }
            for location, material, cause, units, evidence in zip(
                *(causes[name].tolist() for name in ("location", "material", "cause", "units", "evidence")),
                strict=True,
            )
        ],
    )
