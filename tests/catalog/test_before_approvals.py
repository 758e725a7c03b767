"""A hospital that was there before approvals were: its codes and prices go on, marked as taken over."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tracer.catalog.queries import five_codes_of
from tracer.db import migrating

OLD = (
    "INSERT INTO person (id, username, name, created_at) OVERRIDING SYSTEM VALUE"
    " VALUES (1002, 'a', 'A', now()), (1003, 'b', 'B', now())",
    "INSERT INTO item (name, created_at) VALUES ('支架', now())",
    "INSERT INTO code_binding"
    " (item_id, system, code, valid_from, status, proposer_id, approver_id, created_at)"
    " SELECT i.id, s.system, s.code, '2025-01-01', s.status, s.proposer, s.approver, now()"
    " FROM item i, (VALUES"
    " ('material', 'WZ1', 'approved', NULL::bigint, NULL::bigint), ('billing', 'J1', 'approved', 1, 1),"
    " ('order', 'Y1', 'approved', 1002, 1003), ('order', 'Y2', 'proposed', 1002, NULL))"
    " AS s (system, code, status, proposer, approver)",
    "INSERT INTO price (item_id, kind, amount, valid_from) SELECT id, 'charge', 7, '2025-01-01' FROM item",
)
DAY = date(2026, 3, 10)


def states(engine: Engine, table: str, name: str) -> list[tuple]:
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT {name}, status, taken_over FROM {table} ORDER BY id"))
        return [tuple(row) for row in found]


def test_what_was_in_force_stays_in_force_and_is_marked(fresh_database: Engine):
    url = fresh_database.url.render_as_string(hide_password=False)
    fresh_database.dispose()
    migrating.downgrade(url, "0003")
    with fresh_database.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement))
    fresh_database.dispose()
    migrating.upgrade(url)
    assert states(fresh_database, "code_binding", "code") == [
        ("WZ1", "approved", True),
        ("J1", "approved", True),
        ("Y1", "approved", False),
        ("Y2", "proposed", False),
    ]
    assert states(fresh_database, "price", "amount::int") == [(7, "approved", True)]
    with Session(fresh_database) as session, session.begin():
        (item,) = session.scalars(text("SELECT id FROM item"))
        codes = five_codes_of(session, item, DAY)
        assert (codes.material, codes.billing, codes.order) == ("WZ1", "J1", "Y1")
        # What was taken over ends like everything else, and what nobody approved is in force nowhere.
        session.execute(
            text("UPDATE code_binding SET valid_to = '2026-01-01', status = 'retired' WHERE code = 'J1'")
        )
        session.execute(
            text(
                "INSERT INTO price (item_id, kind, amount, valid_from, proposer_id)"
                " SELECT id, 'charge', 9, '2025-01-01', 1002 FROM item"
            )
        )
        assert five_codes_of(session, item, DAY).billing is None
    fresh_database.dispose()
    migrating.downgrade(url, "0003")
    with fresh_database.connect() as connection:
        assert connection.execute(text("SELECT amount::int FROM price")).scalars().all() == [7]
