from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from tests.access.application import CSRF, make_app
from tests.conftest import _copy, _engine
from tests.small_hospital import SmallHospital, build
from tracer.access import passwords

PASSWORD = "correct horse battery"


class House:
    """The small hospital behind its pages, for good in a database of these tests."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with Session(engine) as session, session.begin():
            self.hospital: SmallHospital = build(session)
            hashed = passwords.PasswordHasher(1, 8, 1).hash(PASSWORD)
            session.execute(text("UPDATE person SET password_hash = :hashed"), {"hashed": hashed})
        self.app = make_app(engine, self.hospital.clock)

    def sign_in(self, role: str, language: str = "zh") -> FlaskClient:
        client = self.app.test_client()
        found = CSRF.search(client.get("/sign-in").get_data(as_text=True))
        assert found
        token = {"csrf_token": found[1]}
        client.post("/language", data={**token, "language": language})
        answer = client.post("/sign-in", data={**token, "username": f"t-{role}", "password": PASSWORD})
        assert answer.status_code == 303
        return client

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The statements sent meanwhile, transaction control apart."""
        seen: list[str] = []

        def note(_conn, _cursor, statement, *_rest):
            seen.append(statement)

        event.listen(self.engine, "before_cursor_execute", note)
        yield seen
        event.remove(self.engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def house(server_url: str, template: str) -> Iterator[House]:
    with _copy(server_url, template) as url, _engine(url) as engine:
        yield House(engine)


@pytest.fixture
def as_role(house: House) -> Callable[..., FlaskClient]:
    return house.sign_in
