"""The databases the tests themselves stand on."""

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from tracer.db import migrating


def test_a_test_starts_on_a_migrated_database(session: Session) -> None:
    assert migrating.is_current(session.connection())


def test_what_a_session_commits_is_gone_afterwards(engine: Engine, session: Session) -> None:
    session.execute(text("CREATE TABLE left_behind ()"))
    session.commit()
    with engine.connect() as other:
        assert not inspect(other).has_table("left_behind")


def test_a_fresh_database_keeps_what_is_committed(fresh_database: Engine) -> None:
    with fresh_database.begin() as connection:
        connection.execute(text("CREATE TABLE kept ()"))
    with fresh_database.connect() as other:
        assert inspect(other).has_table("kept")
        assert migrating.is_current(other)


def test_an_empty_database_is_empty(empty_database: str) -> None:
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()
