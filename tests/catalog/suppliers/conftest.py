from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from tests.catalog.suppliers.trade import Trade, begin
from tracer.shared.clock import SetClock


@pytest.fixture(scope="module")
def founded(engine: Engine) -> Iterator[tuple[Connection, Trade]]:
    """The two suppliers, written once for a file of tests; undone after the last of them."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=False
        ) as made:
            trade = begin(made)
            made.flush()
            made.commit()
        yield connection, trade
        outer.rollback()


@pytest.fixture
def trade(founded: tuple[Connection, Trade]) -> Iterator[Trade]:
    """The two suppliers; what a test does to them is undone after it."""
    connection, begun = founded
    point = connection.begin_nested()
    with Session(
        connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=False
    ) as session:
        hospital = begun.hospital
        clock = SetClock(hospital.clock.zone, hospital.clock.instant)
        here = replace(hospital, session=session, clock=clock, items=dict(hospital.items))
        yield replace(begun, hospital=here, people=dict(begun.people))
    point.rollback()
