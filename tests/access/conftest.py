from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine

from tests.access.application import MORNING, ZONE, Browser, begin_again, copied_database, make_app
from tracer.access import passwords
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


@pytest.fixture(scope="module")
def _copied(server_url: str, template: str) -> Iterator[Engine]:
    with copied_database(server_url, template) as engine:
        yield engine


@pytest.fixture
def house(_copied: Engine, clock: SetClock) -> Engine:
    """A database where only nurse Wang and finance officer Li work; one for a file of tests."""
    begin_again(_copied, clock)
    return _copied


@pytest.fixture
def app(house: Engine, clock: SetClock) -> OpenAPI:
    return make_app(house, clock)


@pytest.fixture
def browser(app: OpenAPI) -> Browser:
    return Browser(app)
