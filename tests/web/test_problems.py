"""One shape for everything that is refused, whoever refused it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pytest
from flask import abort
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.openapi import OpenAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Engine, text
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from tests.access.application import ZONE, Browser, make_app, token_of
from tracer.access.edge import in_request_transaction, permits, public
from tracer.access.errors import KeyInFlight, TooManyAttempts
from tracer.access.rules import Action, Role
from tracer.db.engine import make_engine
from tracer.shared.clock import SetClock
from tracer.shared.errors import Conflict, Refusal

MEMBERS = {"type", "title", "status", "detail", "code"}
MARKED = "patient-Zhang-0042"


class NotEnough(Conflict):
    code = "stock.not_enough"
    zh = "只有 {left} 件"
    en = "Only {left} pieces are left"


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=5, pattern="^[a-z]+$")
    quantity: int = Field(ge=1, le=9)
    price: Decimal | None = Field(default=None, decimal_places=2)
    day: dt.date | None = None
    at: AwareDatetime | None = None
    colour: Colour | None = None
    lines: list[int] = Field(default=[], max_length=2)


@dataclass(frozen=True)
class Shelf:
    code: str


def in_database(statement: str):
    return lambda: in_request_transaction(
        lambda session: session.execute(text(statement), {"who": MARKED}).all()
    )


def raising(error: BaseException):
    def view():
        raise error

    return view


FAILING = {
    "conflict": (409, raising(NotEnough(left=3))),
    "in-flight": (409, raising(KeyInFlight())),
    "too-many": (429, raising(TooManyAttempts(seconds=77))),
    "aborted": (418, lambda: abort(418)),
    "too-large": (413, lambda: abort(413)),
    "broken": (500, raising(RuntimeError(MARKED))),
    "out-of-range": (422, in_database("SELECT 9999999999999999999999::text::bigint, :who")),
    "nul": (422, lambda: in_request_transaction(lambda s: s.execute(text("SELECT :x"), {"x": "\x00"}).all())),
    "mistake": (500, in_database("SELECT no_such_column, :who")),
    "twice": (
        500,
        in_database("INSERT INTO person (username, name, created_at) VALUES ('operator', :who, now())"),
    ),
    "no-connection": (503, raising(NoConnectionFree("QueuePool limit"))),
}


@pytest.fixture
def app(app: OpenAPI) -> OpenAPI:
    api = APIBlueprint("planted", __name__, url_prefix="/api/v1/planted")

    @api.post("/wanted")
    @permits(Action.SCAN)
    def post_wanted(body: Wanted) -> dict[str, str]:
        return {"taken": body.name}

    app.register_api(api)
    for name, (_, view) in FAILING.items():
        for prefix in ("/api/v1/fail/", "/fail/"):
            app.add_url_rule(prefix + name, prefix + name, public(lambda _view=view: _view()))
    return app


@pytest.fixture
def nurse(house: Engine, clock: SetClock) -> dict[str, str]:
    return token_of(house, clock, "pda-7", Role.NURSE)


def assert_is_problem(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) >= MEMBERS
    assert answer.json["status"] == status
    assert answer.json["type"] == f"/problems/{answer.json['code']}"
    assert answer.json["title"] and answer.json["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_data(as_text=True)
    for inside in (MARKED, "psycopg", "sqlalchemy", "SELECT", "Traceback", "no_such_column", "uq_person"):
        assert inside not in told
    return answer.json


@pytest.mark.parametrize("name", FAILING)
def test_programs_are_told_in_one_shape(app: OpenAPI, name: str):
    assert_is_problem(app.test_client().get(f"/api/v1/fail/{name}"), FAILING[name][0])


@pytest.mark.parametrize("name", FAILING)
def test_people_are_told_on_a_page(app: OpenAPI, name: str):
    answer = app.test_client().get(f"/fail/{name}", headers={"Accept": "text/html"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == FAILING[name][0] and answer.mimetype == "text/html"
    assert 'role="alert"' in page and 'href="/"' in page and MARKED not in page


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("DELETE", "/api/v1/planted/wanted", 405, "method_not_allowed"),
        ("POST", "/api/v1/planted/wanted", 401, "not_signed_in"),
    ],
)
def test_what_flask_refuses_has_the_shape_too(app: OpenAPI, method: str, path: str, status: int, code: str):
    answer = app.test_client().open(path, method=method)
    assert assert_is_problem(answer, status)["code"] == code
    assert ("Allow" in answer.headers) is (status == 405)


def test_a_body_beyond_the_limit_is_not_read(app: OpenAPI, nurse: dict[str, str]):
    app.config["MAX_CONTENT_LENGTH"] = 100
    answer = app.test_client().post("/api/v1/planted/wanted", json={"name": "x" * 200}, headers=nurse)
    assert assert_is_problem(answer, 413)["code"] == "too_large"


def test_a_refusal_carries_its_data(app: OpenAPI):
    told = app.test_client().get("/api/v1/fail/conflict", headers={"Accept-Language": "en-GB,en;q=0.9"}).json
    assert told == {
        "type": "/problems/stock.not_enough",
        "title": "Conflict",
        "status": 409,
        "detail": "Only 3 pieces are left",
        "code": "stock.not_enough",
        "left": 3,
    }


@pytest.mark.parametrize(
    ("accepts", "detail"),
    [
        ("", "只有 3 件"),
        ("zh-CN,zh;q=0.9,en;q=0.5", "只有 3 件"),
        ("zh-TW", "只有 3 件"),
        ("fr, de;q=0.5", "只有 3 件"),
        ("en-US", "Only 3 pieces are left"),
        ("fr, en;q=0.2", "Only 3 pieces are left"),
        ("*;q=x,,;", "只有 3 件"),
    ],
)
def test_a_program_is_answered_in_the_language_it_asks_for(app: OpenAPI, accepts: str, detail: str):
    answer = app.test_client().get("/api/v1/fail/conflict", headers={"Accept-Language": accepts})
    assert answer.json["detail"] == detail


def test_a_browser_is_answered_in_the_language_it_chose(app: OpenAPI, browser: Browser):
    browser.post("/language", language="en")
    answer = browser.get("/api/v1/fail/conflict", headers={"Accept-Language": "zh"})
    assert answer.json["detail"] == "Only 3 pieces are left"


@pytest.mark.parametrize(
    ("name", "seconds"), [("in-flight", "1"), ("too-many", "77"), ("no-connection", "1")]
)
def test_who_may_come_back_is_told_when(app: OpenAPI, name: str, seconds: str):
    assert app.test_client().get(f"/api/v1/fail/{name}").headers["Retry-After"] == seconds


def test_data_of_any_kind_can_be_told(app: OpenAPI):
    data = {
        "money": Decimal("12800.00"),
        "day": dt.date(2026, 3, 10),
        "at": dt.datetime(2026, 3, 10, 8, 30, tzinfo=ZONE),
        "shelf": Shelf("A1"),
        "roles": frozenset({"b", "a"}),
        "odd": object,
        "status": "kept out",
    }

    class Odd(Refusal):
        zh = en = "odd"

    app.add_url_rule("/api/v1/odd", "odd", public(raising(Odd(**data))))
    told = assert_is_problem(app.test_client().get("/api/v1/odd"), 400)
    assert told["money"] == "12800.00" and told["day"] == "2026-03-10"
    assert told["at"] == "2026-03-10T08:30:00+08:00"
    assert told["shelf"] == {"code": "A1"} and told["roles"] == ["a", "b"]


@pytest.mark.parametrize(
    ("language", "reasons"),
    [
        (
            "zh",
            {"name": "至少 2 个字符", "quantity": "应不小于 1", "colour": "应为以下之一：'red' or 'green'"},
        ),
        (
            "en",
            {
                "name": "at least 2 characters",
                "quantity": "must be 1 or more",
                "colour": "must be one of: 'red' or 'green'",
            },
        ),
    ],
)
def test_every_wrong_field_is_named_at_once_in_words(app, nurse, language, reasons):
    body = {"name": "a", "quantity": 0, "colour": "blue"}
    answer = app.test_client().post(
        "/api/v1/planted/wanted", json=body, headers={**nurse, "Accept-Language": language}
    )
    told = assert_is_problem(answer, 422)
    assert {error["field"]: error["reason"] for error in told["errors"]} == reasons
    assert told["count"] == 3 and "name" in told["detail"]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": None},
        {"name": "ABC"},
        {"name": "abcdef"},
        {"name": "\ud800a"},
        {"\ud800": 1},
        {"quantity": "many"},
        {"quantity": 1.5},
        {"quantity": True, "name": 1},
        {"quantity": 10**30},
        {"price": "1.234"},
        {"price": "NaN"},
        {"price": []},
        {"day": "2026-02-30"},
        {"day": "yesterday"},
        {"at": "2026-03-10T08:00:00"},
        {"at": "never"},
        {"lines": [1, 2, 3]},
        {"lines": ["x"]},
        {"lines": 3},
        {"patient": MARKED},
    ],
)
def test_reasons_are_words_without_jargon(app: OpenAPI, nurse: dict[str, str], fields: dict):
    body = {"name": "abc", "quantity": 2, **fields}
    for language in ("zh", "en"):
        answer = app.test_client().post(
            "/api/v1/planted/wanted",
            data=json.dumps(body),
            content_type="application/json",
            headers={**nurse, "Accept-Language": language},
        )
        for error in assert_is_problem(answer, 422)["errors"]:
            assert error["field"] and error["reason"]
            assert error["reason"] not in {"内容不正确", "is not right"}, error
            assert "…" not in error["reason"].replace("…T08", "") and "pydantic" not in error["reason"]


@pytest.mark.parametrize("name", ["mistake", "twice"])
def test_a_mistake_is_logged_without_the_values_it_was_made_with(app: OpenAPI, caplog, name: str):
    assert_is_problem(app.test_client().get(f"/api/v1/fail/{name}"), 500)
    assert "DatabaseMistake: 42703" in caplog.text or "uq_person_username" in caplog.text
    assert "in_request_transaction" in caplog.text  # where it was made is still there
    assert MARKED not in caplog.text


# --- the database away -----------------------------------------------------------------------------------


def test_a_database_that_is_away_is_503_and_back_at_once(clock: SetClock):
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    client = make_app(engine, clock).test_client()
    answer = client.get("/api/v1/codes/udi/1", headers={"Authorization": "Bearer x"})
    if answer.status_code != 404:
        assert assert_is_problem(answer, 503)["code"] == "unavailable"
        assert answer.headers["Retry-After"] == "1"
    assert client.get("/healthz").json == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json["status"] == "not_ready"
    page = Browser(make_app(engine, clock)).sign_in("wang")
    assert page.status_code == 503 and "数据库暂时不可用" in page.get_data(as_text=True)


def test_statements_that_took_too_long_and_read_only_servers_are_503(app: OpenAPI):
    def slow(session):
        session.execute(text("SET LOCAL statement_timeout = 20"))
        session.execute(text("SELECT pg_sleep(5)"))

    def write(session):
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text("DELETE FROM web_session"))

    for name, work in (("slow", slow), ("write", write)):
        app.add_url_rule(f"/api/v1/{name}", name, public(lambda _work=work: in_request_transaction(_work)))
    for name in ("slow", "write"):
        assert_is_problem(app.test_client().get(f"/api/v1/{name}"), 503)


def test_ready_means_reachable_and_migrated(app: OpenAPI, house: Engine):
    assert app.test_client().get("/readyz").json == {"status": "ready"}
    with house.begin() as connection:
        head = connection.execute(
            text("UPDATE alembic_version SET version_num = '0000' RETURNING 1")
        ).scalar()
    assert head and app.test_client().get("/readyz").status_code == 503
