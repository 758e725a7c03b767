from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.catalog.office import Office


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


@pytest.fixture
def statements(session: Session) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as sent:` the statements that SQLAlchemy sends in the block."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        sent: list[str] = []

        def keep(connection, cursor, statement, *rest) -> None:
            sent.append(statement)

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", keep)
        try:
            yield sent
        finally:
            event.remove(connection, "before_cursor_execute", keep)

    return watch
