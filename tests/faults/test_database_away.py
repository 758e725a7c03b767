"""The database goes away and comes back: 503 and "ask again", then as before; nobody restarts anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.api.ward import SETTINGS, problem
from tests.small_hospital import NURSE_STATION, SYRINGE_DI, build, udi
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.app import create_app
from tracer.db import embedded, migrating
from tracer.db.embedded import EmbeddedServer
from tracer.db.engine import make_engine
from tracer.db.transaction import transaction


class Service:
    """The application on a server of its own, which can be taken away."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        migrating.upgrade(server.url)
        self.engine = make_engine(server.url)
        with transaction(self.engine) as session:
            hospital = build(session)
            token = issue_token(session, "scanner", Role.NURSE, "/", hospital.clock)
        self.headers = {"Authorization": f"Bearer {token}"}
        app = create_app(SETTINGS, clock=hospital.clock, engine=self.engine)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        self.client: FlaskClient = app.test_client()

    def scan(self, key: str) -> TestResponse:
        body = {"idempotency_key": key, "raw": udi(SYRINGE_DI, lot="L1")}
        body |= {"location": NURSE_STATION, "encounter": "E1"}
        return self.client.post("/api/v1/scans", json=body, headers=self.headers)

    def kill_database(self) -> None:
        process = embedded.running(self.server.dwelling.cluster)
        assert process is not None
        process.kill()
        process.wait()

    def alter_database(self, change: str) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f"ALTER DATABASE tracer {change}"))
        self.engine.dispose()

    def charges(self) -> int:
        with transaction(self.engine) as session:
            return int(session.execute(text("SELECT count(*) FROM charge")).scalar_one())


@pytest.fixture
def service(data_folder: Path) -> Iterator[Service]:
    server = embedded.start(data_folder)
    made = Service(server)
    yield made
    made.engine.dispose()
    server.stop()


def test_away_is_503_with_a_time_to_come_back_and_back_is_back(service: Service) -> None:
    first = service.scan("before")
    assert first.status_code == 201
    for _ in range(2):
        service.kill_database()
        answer = service.scan("meanwhile")
        problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert service.client.get("/readyz").status_code == 503
        assert service.client.get("/healthz").status_code == 200
        assert service.server.revive()
        # Every connection the pool still holds is dead; whoever comes first must not be the one to find out.
        again = service.scan("before")
        assert (again.status_code, again.data) == (200, first.data)
    assert service.scan("meanwhile").status_code == 201
    assert service.charges() == 2
    assert service.client.get("/readyz").status_code == 200


def test_a_server_that_may_only_be_read_is_answered_503_and_is_read(service: Service) -> None:
    assert service.scan("before").status_code == 201

    service.alter_database("SET default_transaction_read_only = on")
    problem(service.scan("meanwhile"), 503, "unavailable")
    shown = service.client.get("/api/v1/encounters/E1", headers=service.headers)
    assert shown.status_code == 200 and len(shown.get_json()["scans"]) == 1
    service.alter_database("RESET default_transaction_read_only")
    assert service.scan("meanwhile").status_code == 201
