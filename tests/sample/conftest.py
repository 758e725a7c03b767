"""The sample hospital, loaded once for the whole run; every test that asks for it gets a copy.

`sample`       an engine on a copy of the loaded sample, for this test alone
`sample_clock` noon of the day it was loaded on
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from fixtures.loading import load
from tests.conftest import _copy, _engine, _renamed
from tracer.shared.clock import SetClock

LOADED = "sample_template"
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE)


@pytest.fixture
def sample_clock() -> SetClock:
    return SetClock(ZONE, NOON)


@pytest.fixture(scope="session")
def sample_template(server_url: str, template: str) -> str:
    """The name of the database that holds the loaded sample; one worker makes it, the others wait."""
    control = create_engine(
        _renamed(server_url, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with control.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7401, 99)"))
        known = connection.execute(text("SELECT FROM pg_database WHERE datname = :name"), {"name": LOADED})
        if known.first() is None:
            draft = f"{LOADED}_draft"
            connection.execute(text(f"CREATE DATABASE {draft} TEMPLATE {template}"))
            with _engine(_renamed(server_url, draft)) as engine:
                load(engine, SetClock(ZONE, NOON))
            connection.execute(text(f"ALTER DATABASE {draft} RENAME TO {LOADED}"))
    return LOADED


@pytest.fixture
def sample(server_url: str, sample_template: str) -> Iterator[Engine]:
    with _copy(server_url, sample_template) as url, _engine(url) as engine:
        yield engine
