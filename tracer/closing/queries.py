"""Reading the variance: a day's rows with their causes and roll-ups, the trend.

A closed day is read as it was written down. A day that is still open is computed from the ledger as
it stands, by the same function that will close it, and is marked provisional.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session
from sqlalchemy.types import Date

from reconcile.rollup import SUMS, indicators
from tracer.access.rules import Action, Actor
from tracer.catalog.items import SPECIFICATION
from tracer.closing.closing_days import FIGURES, TOLERANCE, compute_day
from tracer.closing.errors import UnknownFilter
from tracer.stock.business_days import closed_through
from tracer.stock.errors import UnknownLocation
from tracer.stock.tables import BusinessDay, Location

STATUSES = ("INVALID", "BREACH", "OK")


@dataclass(frozen=True, slots=True)
class CauseView:
    """One explanation: `evidence` names records, as `movements:17` or `charges:9`."""

    cause: str
    units: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the report; the names are `variance.csv`'s."""

    business_date: date
    location: str
    location_name: str
    location_name_en: str
    path: str
    material: str
    name: str
    specification: str
    base_unit: str
    category: str
    opening: int
    received: int
    transferred_in: int
    transferred_out: int
    used: int
    written_off: int
    book_closing: int
    counted: int | None
    consumed: int
    billed: int
    stock_variance: int | None
    charge_variance: int | None
    rate: Decimal | None
    unit_cost: Decimal | None
    variance_value: Decimal | None
    weight: int
    weight_cents: int | None
    variance_cents: int | None
    status: str
    cause: str
    causes: tuple[CauseView, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A day's rows after the filters, and the figures over exactly these rows."""

    business_date: date
    closed_at: datetime | None
    rows: tuple[RowView, ...]
    summary: dict[str, Any]
    categories: tuple[str, ...] = ()

    @property
    def provisional(self) -> bool:
        """True while the day is open: late scans and charges may still change it."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class DayPoint:
    """One closed day in the trend; rates are shares, None where no value could be given."""

    business_date: date
    gross_rate: Decimal
    gross_rate_value: Decimal | None
    breaches: int
    invalid: int
    status: str


@dataclass(frozen=True, slots=True)
class Filters:
    """`location`: the code of a place or of what it belongs to; every empty filter lets all through."""

    location: str | None = None
    category: str | None = None
    status: str | None = None
    scopes: tuple[str, ...] = field(default=())

    def let_through(self, row: RowView, path: str | None) -> bool:
        return (
            any(row.path.startswith(scope) for scope in self.scopes)
            and (path is None or row.path.startswith(path))
            and (self.category is None or row.category == self.category)
            and (self.status is None or row.status == self.status)
        )


def variance_of(
    session: Session,
    actor: Actor,
    day: date,
    *,
    location: str | None = None,
    category: str | None = None,
    status: str | None = None,
    tolerance: Decimal = TOLERANCE,
) -> Report:
    """The variance of one business date, INVALID rows first, then breaches.

    `tolerance` is for a day that is still open; a closed one keeps the tolerance it was closed with.
    Raises Forbidden, UnknownLocation (also out of scope), UnknownFilter.
    """
    actor.must(Action.VIEW_VARIANCE)
    if status is not None and status not in STATUSES:
        raise UnknownFilter(field="status", value=status, allowed=", ".join(STATUSES))
    filters = Filters(location, category, status, actor.scopes(Action.VIEW_VARIANCE))
    path = _path_of(session, actor, location)
    closed = session.execute(
        select(BusinessDay.closed_at, BusinessDay.summary).where(BusinessDay.business_date == day)
    ).one_or_none()
    if closed is not None:
        tolerance = Decimal(closed.summary["tolerance"])
    everything = list(_closed_rows(session, day) if closed else _open_rows(session, day, tolerance))
    rows = tuple(row for row in everything if filters.let_through(row, path))
    categories = tuple(sorted({row.category for row in everything if row.category}))
    if category is not None and category not in categories:
        raise UnknownFilter(field="category", value=category, allowed=", ".join(categories) or "-")
    closed_at = closed.closed_at if closed else None
    return Report(day, closed_at, rows, _roll_up(rows, tolerance), categories)


def is_closed(session: Session, day: date) -> bool:
    """Whether a day's report can be read as it was written down."""
    return (
        session.execute(
            select(BusinessDay.business_date).where(BusinessDay.business_date == day)
        ).scalar_one_or_none()
        is not None
    )


def _path_of(session: Session, actor: Actor, location: str | None) -> str | None:
    if location is None:
        return None
    path: str | None = session.execute(
        select(Location.path).where(Location.code == location, Location.kind != "virtual")
    ).scalar_one_or_none()
    scopes = actor.scopes(Action.VIEW_VARIANCE)
    if path is None or not any(path.startswith(scope) or scope.startswith(path) for scope in scopes):
        raise UnknownLocation(location=location)
    return path


_PLACE_AND_ITEM = f"""
    l.code AS location, l.name AS location_name, l.name_en AS location_name_en, l.path,
    coalesce((SELECT b.code FROM code_binding b
               WHERE b.item_id = i.id AND b.system = 'material' AND b.status IN ('approved', 'retired')
                 AND b.valid_from <= :day AND (b.valid_to IS NULL OR b.valid_to > :day)),
             '#' || i.id) AS material,
    i.name, {SPECIFICATION} AS specification, i.base_unit, i.category
"""
_CLOSED = text(f"""
    SELECT r.business_date, {_PLACE_AND_ITEM}, r.opening, r.received, r.transferred_in, r.transferred_out,
           r.used, r.written_off, r.book_closing, r.counted, r.consumed, r.billed, r.stock_variance,
           r.charge_variance, r.rate, r.unit_cost, r.variance_value, r.weight, r.weight_cents,
           r.variance_cents, r.status, r.cause,
           (SELECT jsonb_agg(jsonb_build_object('cause', c.cause, 'units', c.units, 'evidence', c.evidence)
                             ORDER BY c.id) FROM day_cause c WHERE c.day_row_id = r.id) AS causes
      FROM day_row r JOIN location l ON l.id = r.location_id JOIN item i ON i.id = r.item_id
     WHERE r.business_date = :day
     ORDER BY array_position(ARRAY['INVALID', 'BREACH', 'OK'], r.status), l.path, material
""").bindparams(bindparam("day", type_=Date))


def _closed_rows(session: Session, day: date) -> Iterable[RowView]:
    for row in session.execute(_CLOSED, {"day": day}):
        values = dict(row._mapping)
        causes = values.pop("causes") or ()
        yield RowView(
            **values, causes=tuple(CauseView(c["cause"], c["units"], tuple(c["evidence"])) for c in causes)
        )


_NAMES = text(f"""
    SELECT l.id AS location_id, i.id AS item_id, {_PLACE_AND_ITEM}
      FROM unnest(CAST(:locations AS bigint[]), CAST(:items AS bigint[])) pair(location_id, item_id)
      JOIN location l ON l.id = pair.location_id JOIN item i ON i.id = pair.item_id
""").bindparams(bindparam("day", type_=Date))


def _open_rows(session: Session, day: date, tolerance: Decimal) -> list[RowView]:
    """The rows of a day as the ledger stands now; none for a day before the last closed one."""
    closed = closed_through(session)
    if closed is not None and day <= closed:
        return []
    result = compute_day(session, day, tolerance)
    frame = result.rows.astype(object).where(result.rows.notna(), None)
    if len(frame) == 0:
        return []
    keys = [(int(location), int(item)) for location, item in zip(frame.location, frame.material, strict=True)]
    names = {
        (row.location_id, row.item_id): dict(row._mapping)
        for row in session.execute(
            _NAMES, {"day": day, "locations": [k[0] for k in keys], "items": [k[1] for k in keys]}
        )
    }
    causes: dict[tuple[int, int], list[CauseView]] = {}
    for one in result.causes.to_dict("records"):
        evidence = tuple(json.loads(one["evidence"]))
        key = (int(one["location"]), int(one["material"]))
        causes.setdefault(key, []).append(CauseView(one["cause"], int(one["units"]), evidence))
    rows = []
    for key, values in zip(keys, frame[list(FIGURES)].to_dict("records"), strict=True):
        known = {name: value for name, value in names[key].items() if not name.endswith("_id")}
        for money in ("rate", "unit_cost", "variance_value"):
            values[money] = None if values[money] is None else Decimal(values[money])
        values["cause"] = values["cause"] or ""
        rows.append(RowView(business_date=day, **known, **values, causes=tuple(causes.get(key, ()))))
    return sorted(rows, key=lambda row: (STATUSES.index(row.status), row.path, row.material))


def _roll_up(rows: tuple[RowView, ...], tolerance: Decimal) -> dict[str, Any]:
    """`reconcile`'s figures over these rows, overall and by location; unmapped charges cannot occur here."""
    groups: dict[str, list[RowView]] = {}
    for row in rows:
        groups.setdefault(row.location, []).append(row)
    scale = int(tolerance * 1_000_000)
    return {
        **indicators(_sums(rows), scale),
        "by_location": {code: indicators(_sums(group), scale) for code, group in sorted(groups.items())},
        "unmapped": 0,
    }


def _sums(rows: Iterable[RowView]) -> dict[str, int]:
    sums = dict.fromkeys(SUMS, 0)
    for row in rows:
        sums["rows"] += 1
        sums["breaches"] += row.status == "BREACH"
        sums["invalid"] += row.status == "INVALID"
        if row.charge_variance is None or row.status == "INVALID":
            continue
        sums["rated"] += 1
        sums["unpriced"] += row.unit_cost is None
        sums["gross"] += abs(row.charge_variance)
        sums["net"] += row.charge_variance
        sums["weight"] += row.weight
        sums["gross_cents"] += abs(row.variance_cents or 0)
        sums["net_cents"] += row.variance_cents or 0
        sums["weight_cents"] += row.weight_cents or 0
    return sums


def list_days(session: Session, actor: Actor, *, most: int = 60) -> list[DayPoint]:
    """The last closed days, oldest first, for the trend; figures of the whole hospital."""
    actor.must(Action.VIEW_VARIANCE)
    days = session.execute(
        select(BusinessDay.business_date, BusinessDay.summary)
        .order_by(BusinessDay.business_date.desc())
        .limit(most)
    ).all()
    return [
        DayPoint(
            day,
            Decimal(summary["gross_rate"]),
            Decimal(summary["gross_rate_value"]) if summary["gross_rate_value"] else None,
            summary["breaches"],
            summary["invalid"],
            summary["status"],
        )
        for day, summary in reversed(days)
    ]
