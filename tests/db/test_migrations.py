"""Every revision goes up and down, empty and with a hospital in it, and leaves what the code declares."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from migrations.everything import metadata
from tests.closing.test_closing_days import close, use
from tests.small_hospital import SYRINGE_DI, build, table_names, udi
from tracer.db import migrating
from tracer.stock.counting import CountLine, CountStock, count_stock


def tables(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*) FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        ).scalar_one()


def leftovers(engine: Engine) -> list[str]:
    """Functions, types and sequences that a downgrade forgot."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                "   AND relkind IN ('r', 'S') AND relname <> 'alembic_version'"
                " UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
                "   AND typtype IN ('r', 'e', 'd')"
            )
        )
        return [name for (name,) in rows]


def test_up_down_up(empty_database: str) -> None:
    engine = create_engine(empty_database)
    migrating.upgrade(empty_database)
    full = tables(engine)
    assert full > 20
    migrating.downgrade(empty_database, "base")
    assert leftovers(engine) == []
    migrating.upgrade(empty_database)
    assert tables(engine) == full
    engine.dispose()


def test_guards_come_and_go_with_a_hospital_in_it(fresh_database: Engine) -> None:
    url = fresh_database.url.render_as_string(hide_password=False)
    with Session(fresh_database) as session:
        hospital = build(session)
        hospital.scan(udi(SYRINGE_DI, lot="L1"))
        session.commit()
        before = {name: hospital.count(name) for name in table_names(session)}
    fresh_database.dispose()
    migrating.downgrade(url, "0001")
    with Session(fresh_database) as session:
        session.execute(text("UPDATE movement SET document = document"))  # nothing stands guard
        session.rollback()
    fresh_database.dispose()
    migrating.upgrade(url)
    with Session(fresh_database) as session:
        after = {name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in before}
        assert after == before
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text("UPDATE movement SET document = document"))


def test_the_migrations_make_what_the_code_declares(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


APPEND_ONLY = (
    *("movement", "scan", "charge", "stock_count", "audit_entry", "request_key"),
    *("business_day", "day_row", "day_cause"),
)
CHANGES = ("UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE")


def test_append_only_tables_refuse_every_change(session: Session) -> None:
    hospital = build(session)
    hospital.scan(udi(SYRINGE_DI, lot="L1"))
    use(hospital, 2)
    lines = (CountLine(material="WZ000002", counted=40, lot="L1"),)
    command = CountStock(key="count-1", location="CARD-W1", document="PD1", lines=lines)
    count_stock(session, hospital.keeper, command, hospital.clock)
    close(hospital)
    for table in APPEND_ONLY:
        assert hospital.count(table) > 0, table
        column = session.execute(
            text(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = :table AND is_identity = 'NO' LIMIT 1"
            ),
            {"table": table},
        ).scalar_one()
        for change in CHANGES:
            with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
                session.execute(text(change.format(table=table, column=column)))
