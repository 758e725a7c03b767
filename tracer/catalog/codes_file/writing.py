"""The changes of a file, written in bulk: ends first, so that no code ever has two items in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.codes_file.planning import Draft
from tracer.catalog.codes_file.rows import CODES
from tracer.catalog.rules import BindingStatus, PriceStatus
from tracer.catalog.searching import initials_of

# Rows for one COPY: each stays far below the statement timeout, however slow the machine.
CHUNK: Final = 20_000
FACTS: Final = (
    "name",
    "specification",
    "model",
    "maker",
    "certificate",
    "base_unit",
    "category",
    "tracking",
    "chargeable",
    "high_value",
    "sterile",
)
_NEW_IDS = text("""
    SELECT nextval(pg_get_serial_sequence('item', 'id')) FROM generate_series(1, CAST(:count AS int))""")
_CHANGE_ITEM = text(f"UPDATE item SET {', '.join(f'{fact} = :{fact}' for fact in FACTS)} WHERE id = :id")
_END_BINDINGS = text("""
    UPDATE code_binding b SET valid_to = e.valid_to, status = e.status, ended_at = :now, ended_by_id = :by
      FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS date[]), CAST(:statuses AS text[]))
           AS e(id, valid_to, status)
     WHERE b.id = e.id""")
_END_PRICES = text("""
    UPDATE price p SET valid_to = e.valid_to, ended_at = :now, ended_by_id = :by
      FROM unnest(CAST(:ids AS bigint[]), CAST(:ends AS date[])) AS e(id, valid_to)
     WHERE p.id = e.id""")
_CHANGE_PACKAGES = text("""
    UPDATE packaging p SET base_units = c.base_units
      FROM unnest(CAST(:ids AS bigint[]), CAST(:units AS bigint[])) AS c(id, base_units)
     WHERE p.id = c.id""")


@dataclass(frozen=True, slots=True)
class Approved:
    """Who proposed what a file says and who approved it, on paper, before it was imported."""

    proposer_id: int
    approver_id: int
    second_approver_id: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who imported what, and when. Without `approved` it is taken over, as the hospital's founding."""

    person_id: int
    source: str
    now: datetime
    today: date
    approved: Approved | None = None

    @property
    def signed(self) -> tuple[int, int | None, int | None, bool]:
        """Proposer, first and second approver, and whether it is taken over."""
        if self.approved is None:
            return self.person_id, None, None, True
        return self.approved.proposer_id, self.approved.approver_id, self.approved.second_approver_id, False


def status_on(end: date | None, today: date) -> BindingStatus:
    """A binding counts as approved until its last day is past: until then it is the item's code."""
    return BindingStatus.RETIRED if end is not None and end <= today else BindingStatus.APPROVED


def write(
    session: Session, drafts: Sequence[Draft], known_items: dict[int, dict[str, Any]], stamp: Stamp
) -> None:
    """Write all changes of the drafts; new items are given their ids. Nothing is committed here."""
    _end(session, drafts, stamp)
    write_items(session, drafts, known_items, stamp)
    _write_codes(session, drafts, stamp)


def write_items(
    session: Session, drafts: Sequence[Draft], known_items: dict[int, dict[str, Any]], stamp: Stamp
) -> None:
    """Write what needs nobody's approval: new items, attributes, packages."""
    _change_items(session, drafts, known_items)
    new = [draft for draft in drafts if draft.is_new]
    ids = session.execute(_NEW_IDS, {"count": len(new)}).scalars().all() if new else ()
    for draft, id_ in zip(new, ids, strict=True):
        draft.item_id = id_
    _copy(
        session,
        f"item (id, {', '.join(FACTS)}, initials, created_at)",
        (
            (d.item_id, *(d.facts[fact] for fact in FACTS), initials_of(d.facts["name"]), stamp.now)
            for d in new
        ),
    )
    _write_packages(session, drafts)


def _write_codes(session: Session, drafts: Sequence[Draft], stamp: Stamp) -> None:
    proposer, first, second, taken_over = stamp.signed
    _copy(
        session,
        "code_binding (item_id, system, code, valid_from, valid_to, status, proposer_id, approver_id,"
        " taken_over, source, created_at, decided_at)",
        (
            (
                *(draft.item_id, lane, span.value, span.start, span.end, status_on(span.end, stamp.today)),
                *(proposer, first, taken_over, stamp.source, stamp.now, stamp.now),
            )
            for draft in drafts
            for lane, span in draft.added()
            if lane in CODES
        ),
    )
    _copy(
        session,
        "price (item_id, kind, amount, valid_from, valid_to, status, proposer_id, first_approver_id,"
        " second_approver_id, taken_over, source, created_at, decided_at)",
        (
            (
                *(draft.item_id, lane, span.value, span.start, span.end, PriceStatus.APPROVED),
                *(proposer, first, second, taken_over, stamp.source, stamp.now, stamp.now),
            )
            for draft in drafts
            for lane, span in draft.added()
            if lane not in CODES
        ),
    )


def _end(session: Session, drafts: Sequence[Draft], stamp: Stamp) -> None:
    ended = [(lane, span) for draft in drafts for lane, span in draft.ended()]
    by: dict[str, Any] = {"now": stamp.now, "by": stamp.person_id}
    if bindings := [span for lane, span in ended if lane in CODES]:
        values = {
            "ids": [span.id for span in bindings],
            "ends": [span.end for span in bindings],
            "statuses": [status_on(span.end, stamp.today) for span in bindings],
        } | by
        session.execute(_END_BINDINGS, values)
    if prices := [span for lane, span in ended if lane not in CODES]:
        session.execute(
            _END_PRICES, {"ids": [span.id for span in prices], "ends": [span.end for span in prices]} | by
        )


def _change_items(session: Session, drafts: Sequence[Draft], known_items: dict[int, dict[str, Any]]) -> None:
    changed = [
        {"id": draft.item_id, **known_items[draft.item_id], **draft.facts}
        for draft in drafts
        if draft.item_id is not None and draft.facts
    ]
    if changed:
        session.execute(_CHANGE_ITEM, changed)


def _write_packages(session: Session, drafts: Sequence[Draft]) -> None:
    stated = [(draft, package) for draft in drafts for package in draft.packages]
    changed = [package for _, package in stated if package.id is not None and package.is_changed]
    if changed:
        values = {"ids": [p.id for p in changed], "units": [p.base_units for p in changed]}
        session.execute(_CHANGE_PACKAGES, values)
    _copy(
        session,
        "packaging (di, item_id, base_units)",
        ((p.di, draft.item_id, p.base_units) for draft, p in stated if p.id is None),
    )


def _copy(session: Session, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows into a table, a chunk a statement. The text comes from this file only."""
    # SQLAlchemy has no COPY; its own connection lends psycopg's, inside the same transaction.
    raw = session.connection().connection.driver_connection
    assert raw is not None
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        with raw.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in chunk:
                copy.write_row(row)
