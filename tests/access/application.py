"""The application in tests: on a database of its own, with an account for each role and a still clock."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.orm import Session

from tracer.access.operator import OPERATOR
from tracer.access.people import add_person
from tracer.access.rules import Grant, Role
from tracer.access.tokens import issue_token
from tracer.app import create_app
from tracer.db.engine import make_engine
from tracer.db.transaction import in_transaction
from tracer.settings import DEFAULT_DATA, Settings
from tracer.shared.clock import SetClock

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 10, 8, 0, tzinfo=ZONE)
SETTINGS = Settings(secret_key="0123456789abcdef0123456789abcdef")
PASSWORD = "a long enough pass phrase"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def make_app(engine: Engine, clock: SetClock, settings: Settings = SETTINGS) -> OpenAPI:
    if settings.data == DEFAULT_DATA:  # what is uploaded belongs to this run
        settings = replace(settings, data=Path(os.environ["TRACER_DATA"]))
    app = create_app(settings, clock=clock, engine=engine)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False  # answer as in service
    return app


def add(
    session: Session, clock: SetClock, username: str, *grants: Grant, password: str | None = PASSWORD
) -> int:
    return add_person(
        session,
        OPERATOR,
        username=username,
        name=username.title(),
        grants=grants or (Grant(Role.NURSE),),
        clock=clock,
        password=password,
    )


def token_of(engine: Engine, clock: SetClock, name: str, role: Role, scope: str = "/") -> dict[str, str]:
    """The headers of a device with this role."""
    token = in_transaction(engine, lambda session: issue_token(session, name, role, scope, clock))
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def copied_database(server_url: str, template: str) -> Iterator[Engine]:
    """An engine on a new migrated database, for a whole file of tests."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    postgres = create_engine(
        make_url(server_url).set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with postgres.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine = make_engine(make_url(server_url).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with postgres.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def begin_again(engine: Engine, clock: SetClock) -> None:
    """Nurse Wang and finance officer Li as if new; who was there before is out of the way.

    Audited accounts cannot be deleted, so they are renamed.
    """

    def people(session: Session) -> None:
        session.execute(text("UPDATE person SET active = false, username = username || id WHERE id > 100"))
        add(session, clock, "wang", Grant(Role.NURSE, "/HOSP/CARD/"))
        add(session, clock, "li", Grant(Role.FINANCE))

    in_transaction(engine, people)


class Browser:
    """A browser on the application: keeps cookies, and sends the CSRF token it was given."""

    def __init__(self, app: OpenAPI, *, https: bool = False) -> None:
        self.base = "https://localhost" if https else "http://localhost"
        self.client = app.test_client()

    def get(self, path: str, **options):
        return self.client.get(path, base_url=self.base, **options)

    def csrf(self) -> str:
        found = CSRF.search(self.get("/no-such-page").get_data(as_text=True))
        assert found
        return found[1]

    def post(self, path: str, **fields: str):
        referrer = {"Referer": f"{self.base}/sign-in"}
        return self.client.post(
            path, data={"csrf_token": self.csrf(), **fields}, base_url=self.base, headers=referrer
        )

    def sign_in(self, username: str, password: str = PASSWORD, **fields: str):
        return self.post("/sign-in", username=username, password=password, **fields)

    def cookie(self) -> str | None:
        name = "__Host-tracer" if self.base.startswith("https") else "tracer"
        found = self.client.get_cookie(name)
        return found.value if found else None
