"""Invariant 1, held by the database itself: whoever writes, and however many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.catalog.office import Office, stent, syringe
from tracer.catalog.errors import ImportRefused
from tracer.db.transaction import constraint_of, in_transaction

ONE_ITEM = "ex_code_binding_one_item_per_code"
ONE_CODE = "ex_code_binding_one_code_per_item"
INSERT = text(
    "INSERT INTO code_binding"
    " (item_id, system, code, valid_from, valid_to, status, proposer_id, approver_id, created_at)"
    " SELECT :item, :system, :code, CAST(:start AS date), CAST(:end AS date), :status, min(id), max(id),"
    "        now() FROM person"
)
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


ANOTHER = text("INSERT INTO person (username, name, created_at) VALUES ('another', '另一人', now())")


@pytest.fixture
def items(session: Session) -> list[int]:
    session.execute(ANOTHER)
    found = session.execute(
        text("INSERT INTO item (name, created_at) VALUES ('a', now()), ('b', now()) RETURNING id")
    )
    return list(found.scalars())


def bind(
    session: Session,
    item: int,
    code: str,
    start: date,
    end: date | None = None,
    *,
    system: str = "billing",
    status: str = "approved",
) -> None:
    values = {"item": item, "system": system, "code": code, "start": start, "end": end, "status": status}
    session.execute(INSERT, values)


def refused_by(session: Session, work: Callable[[], object]) -> str | None:
    with pytest.raises(IntegrityError) as error, session.begin_nested():
        work()
    return constraint_of(error.value)


@pytest.mark.parametrize("status", ["approved", "retired"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (JAN, APR),
        (FEB, MAR),
        (date(2025, 1, 1), None),
        (date(2026, 2, 28), None),
        (date(2025, 1, 1), date(2026, 1, 2)),
    ],
)
def test_a_code_has_no_two_items_and_an_item_no_two_codes_on_any_day(session, items, start, end, status):
    bind(session, items[0], "J1", JAN, MAR, status="retired")
    end = end or (date(2027, 1, 1) if status == "retired" else None)
    assert refused_by(session, lambda: bind(session, items[1], "J1", start, end, status=status)) == ONE_ITEM
    assert refused_by(session, lambda: bind(session, items[0], "J2", start, end, status=status)) == ONE_CODE


def test_neighbours_in_time_other_systems_and_mere_proposals_are_no_offence(session, items):
    bind(session, items[0], "J1", JAN, MAR, status="retired")
    bind(session, items[1], "J1", MAR)
    bind(session, items[0], "J2", MAR)
    bind(session, items[1], "J1", JAN, system="order")
    bind(session, items[1], "J1", JAN, status="proposed")
    bind(session, items[1], "J9", JAN, status="rejected")


def test_what_looks_alike_is_not_taken_for_the_same(session, items):
    # The constraint compares "system:code": no code may reach into another system's.
    bind(session, items[0], "x", JAN)
    bind(session, items[1], "x ", JAN)
    bind(session, items[0], "order:x", JAN, system="material")
    bind(session, items[1], "X", JAN, system="order")


def test_an_update_cannot_get_round_it(session, items):
    bind(session, items[0], "J1", JAN, MAR)
    bind(session, items[1], "J1", MAR)
    bind(session, items[1], "J1", JAN, FEB, status="proposed", system="order")
    bind(session, items[0], "J1", JAN, FEB, system="order")
    for change in (
        "valid_to = NULL WHERE valid_to = '2026-03-01'",
        "valid_to = '2026-03-02' WHERE valid_to = '2026-03-01'",
        "status = 'approved' WHERE status = 'proposed'",
    ):
        update = text(f"UPDATE code_binding SET {change}")
        assert refused_by(session, lambda: session.execute(update)) == ONE_ITEM  # noqa: B023


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [(FEB, FEB, "approved"), (FEB, JAN, "approved"), (JAN, None, "retired")],
)
def test_an_end_comes_after_its_start_and_what_is_retired_has_one(session, items, start, end, status):
    name = refused_by(session, lambda: bind(session, items[0], "J1", start, end, status=status))
    assert name in {"ck_code_binding_validity_in_order", "ck_code_binding_retired_has_end"}


def test_two_prices_of_a_kind_never_overlap(session, items):
    insert = text(
        "INSERT INTO price (item_id, kind, amount, valid_from, status, taken_over)"
        " VALUES (:item, :kind, 1, :start, 'approved', true)"
    )
    session.execute(insert, {"item": items[0], "kind": "charge", "start": JAN})
    session.execute(insert, {"item": items[0], "kind": "purchase", "start": JAN})
    again = {"item": items[0], "kind": "charge", "start": FEB}
    assert refused_by(session, lambda: session.execute(insert, again)) == "ex_price_one_at_a_time"


def race(*works: Callable[[], object]) -> list[object]:
    """Run all at once; results or exceptions, in order."""
    gate = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(at: int) -> None:
        gate.wait()
        try:
            results[at] = works[at]()
        except Exception as error:
            results[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_transactions_that_bind_one_code_one_is_refused(fresh_database: Engine):
    with fresh_database.begin() as connection:
        connection.execute(ANOTHER)
        ids = (
            connection.execute(
                text(
                    "INSERT INTO item (name, created_at) SELECT 'x', now() FROM generate_series(1, 4)"
                    " RETURNING id"
                )
            )
            .scalars()
            .all()
        )

    def bind_to(item: int) -> Callable[[], object]:
        return lambda: in_transaction(fresh_database, lambda session: bind(session, item, "J1", JAN))

    results = race(*map(bind_to, ids))
    assert sum(result is None for result in results) == 1
    assert {constraint_of(r) for r in results if isinstance(r, IntegrityError)} == {ONE_ITEM}
    assert sum(isinstance(r, IntegrityError) for r in results) == 3


def test_of_two_imports_at_once_the_second_is_told_what_the_first_has_done(fresh_database: Engine):
    def importing(record: dict[str, object]) -> Callable[[], object]:
        return lambda: in_transaction(fresh_database, lambda session: Office(session).imports(record))

    results = race(importing(stent()), importing(syringe(计费编码="J1")))
    refused = [result for result in results if isinstance(result, ImportRefused)]
    assert len(refused) == 1
    assert [finding.code for finding in refused[0].findings] == ["code_of_other_item"]
    with fresh_database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM code_binding WHERE code = 'J1'")).scalar() == 1


def test_the_same_new_file_imported_twice_at_once_makes_its_items_once(fresh_database: Engine):
    def importing() -> object:
        return in_transaction(fresh_database, lambda session: Office(session).imports(stent(), syringe()))

    first, second = race(importing, importing)
    assert sorted((first.items_new, second.items_new)) == [0, 2]
