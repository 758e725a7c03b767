"""The smallest hospital behind its HTTP routes: a device for each role, and requests in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.small_hospital import NOON, NURSE_STATION, ZONE, SmallHospital, build, new_key
from tracer.access.edge import Service
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.app import create_app
from tracer.settings import Settings
from tracer.shared.clock import SetClock

SETTINGS = Settings(secret_key="0123456789abcdef0123456789abcdef")
API = "/api/v1"
WRITTEN = (
    "scan", "movement", "charge", "stock_count", "request_key", "audit_entry", "unit", "lot", "encounter",
    "clinical_order", "order_line", "ledger_exception", "balance",
)  # fmt: skip
SCOPES = {Role.NURSE: "/HOSP/CARD/"}


@dataclass
class Built:
    engine: Engine
    hospital: SmallHospital
    tokens: dict[str, str]
    app: Flask


@dataclass
class Ward:
    hospital: SmallHospital
    client: FlaskClient
    tokens: dict[str, str]

    def get(self, path: str, *, role: str | None = Role.NURSE, **more: Any) -> TestResponse:
        return self.client.get(API + path, headers=self.headers(role), **more)

    def post(self, path: str, body: Any = None, *, role: str | None = Role.NURSE) -> TestResponse:
        # Dumped here, since the client's own way knows no lone surrogates.
        given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.post(API + path, headers=self.headers(role), **given)

    def headers(self, role: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}

    def scan(self, raw: Any, *, role: str | None = Role.NURSE, **more: Any) -> TestResponse:
        """A scan at CARD-W1 for encounter E1, unless said otherwise; `...` leaves a field out."""
        body = {"idempotency_key": new_key("scan"), "location": NURSE_STATION, "encounter": "E1", "raw": raw}
        return self.post("/scans", {k: v for k, v in (body | more).items() if v is not ...}, role=role)

    def rows(self) -> dict[str, int]:
        """How many records there are, of each kind that a request may write."""
        return {table: self.hospital.count(table) for table in WRITTEN}

    def device(self, name: str, role: Role, scope: str) -> None:
        """A device more, to be named as a role."""
        self.tokens = self.tokens | {
            name: issue_token(self.hospital.session, name, role, scope, self.hospital.clock)
        }
        self.hospital.session.commit()

    def close_day(self, day: date) -> None:
        """As the night's close leaves it for those who post."""
        self.hospital.session.execute(
            text("INSERT INTO business_day VALUES (:day, now(), :by, '{}')"),
            {"day": day, "by": self.hospital.people["finance"].id},
        )
        self.hospital.session.commit()


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, after checking that it is one."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    document: dict[str, Any] = response.get_json()
    assert document["type"] == f"/problems/{code}"
    assert (document["code"], document["status"]) == (code, status)
    assert document["title"] and document["detail"]
    return document


def build_committed(engine: Engine) -> Built:
    """Fill a database for good, and make the application that serves it."""
    with Session(engine, expire_on_commit=False) as session:
        hospital = build(session)
        tokens = {
            role: issue_token(session, f"device-{role}", role, SCOPES.get(role, "/"), hospital.clock)
            for role in Role
        }
        session.commit()
    app = create_app(SETTINGS, clock=hospital.clock, engine=engine)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False  # answer as in service
    return Built(engine, hospital, tokens, app)


@contextmanager
def open_ward(built: Built) -> Iterator[Ward]:
    """A ward whose every transaction is a savepoint of one connection, undone at the end."""
    with built.engine.connect() as connection:
        outer = connection.begin()
        connection.begin_nested()  # inside it, a session's commit releases a savepoint of its own
        clock = SetClock(ZONE, NOON)
        here = Service(connection, clock, SETTINGS)  # type: ignore[arg-type]
        here.__dict__["reader"] = _Reader(connection)
        built.app.extensions["tracer"] = here
        with Session(connection, expire_on_commit=False) as session:
            hospital = replace(built.hospital, session=session, clock=clock)
            yield Ward(hospital, built.app.test_client(), built.tokens)
        outer.rollback()


@dataclass
class _Reader:
    """Reads on the test's one connection, where the service would take another."""

    connection: Connection

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        yield self.connection
