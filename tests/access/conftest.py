from __future__ import annotations

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine

from tests.access.application import MORNING, ZONE, Browser, add, make_app
from tracer.access import passwords
from tracer.access.rules import Grant, Role
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SetClock


@pytest.fixture(autouse=True, scope="session")
def cheap_hashes():
    """The same algorithm with less work: hundreds of accounts are made here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(ZONE, MORNING)


@pytest.fixture
def app(fresh_database: Engine, clock: SetClock) -> OpenAPI:
    """The application on a database of its own, where nurse Wang and finance officer Li work."""

    def people(session) -> None:
        add(session, clock, "wang", Grant(Role.NURSE, "/HOSP/CARD/"))
        add(session, clock, "li", Grant(Role.FINANCE))

    in_transaction(fresh_database, people)
    return make_app(fresh_database, clock)


@pytest.fixture
def browser(app: OpenAPI) -> Browser:
    return Browser(app)
