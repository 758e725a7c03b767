"""Every request is let in or refused before it is read."""

from __future__ import annotations

import pytest
from flask import Flask, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, event, text

from tests.access.application import Browser, token_of
from tracer.access.edge import MARK, Permission, current_actor, in_request_transaction, permits
from tracer.access.operator import OPERATOR
from tracer.access.people import deactivate
from tracer.access.rules import Action, Role
from tracer.access.tokens import revoke_tokens
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SetClock


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quantity: int = Field(ge=1)


def planted_routes() -> APIBlueprint:
    """A reading and a writing route as a room would declare them, and what each was called with."""
    api = APIBlueprint("planted", __name__, url_prefix="/api/v1/planted")

    @api.get("/stock")
    @permits(Action.VIEW_STOCK)
    def get_stock() -> dict[str, str]:
        return {"who": current_actor().username}

    @api.post("/scans")
    @permits(Action.SCAN)
    def post_scan(body: Wanted) -> tuple[dict[str, int], int]:
        number = in_request_transaction(lambda session: session.execute(text("SELECT 7")).scalar_one())
        return {"quantity": body.quantity, "number": number}, 201

    @api.post("/sheets")
    @permits(Action.IMPORT_CODES, accepts=("text/csv",))
    def post_sheet() -> dict[str, str]:
        return {"taken": "yes"}

    @api.post("/pictures")
    @permits(Action.SCAN, accepts=("image/png", "multipart/form-data"), at_most=1000)
    def post_picture() -> dict[str, int]:
        return {"bytes": len(request.get_data())}

    return api


@pytest.fixture
def app(app: OpenAPI) -> OpenAPI:
    app.register_api(planted_routes())
    return app


@pytest.fixture
def nurse(app: OpenAPI, house: Engine, clock: SetClock) -> dict[str, str]:
    return token_of(house, clock, "pda-7", Role.NURSE)


def undeclared(app: Flask) -> list[str]:
    """The routes that do not say who may use them."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not isinstance(getattr(app.view_functions[rule.endpoint], MARK, None), Permission)
    ]


def test_every_route_says_who_may_use_it(app: OpenAPI):
    assert undeclared(app) == []


def test_a_route_that_does_not_is_found_and_never_entered(app: OpenAPI, nurse: dict[str, str]):
    entered = []
    app.add_url_rule("/forgotten", "forgotten", lambda: entered.append(1) or "in")
    assert undeclared(app) == ["/forgotten"]
    assert app.test_client().get("/forgotten", headers=nurse).status_code == 500
    assert not entered


def test_only_these_routes_are_open_to_everybody(app: OpenAPI):
    """A list kept by hand: who adds a route to it has thought about it."""
    opened = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], MARK).public
    }
    assert opened - {rule for rule in opened if rule.startswith("/openapi/")} == {
        "/healthz",
        "/readyz",
        "/sign-in",
        "/sign-out",
        "/variance/bokeh-<version>.js",
        "/language",
        "/static/<path:filename>",
        "/bootstrap/static/<path:filename>",
    } | ({"/metrics"} & opened)


# --- who -------------------------------------------------------------------------------------------------


def test_a_token_is_let_in_where_its_role_may(app: OpenAPI, nurse: dict[str, str]):
    client = app.test_client()
    assert client.get("/api/v1/planted/stock", headers=nurse).json == {"who": "pda-7"}
    assert client.post("/api/v1/planted/scans", json={"quantity": 2}, headers=nurse).status_code == 201


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic d2FuZzp4", "bearer trc_x y", "Token abc", "\xff\xfe"],
)
def test_without_a_good_token_nobody_is_let_in(app: OpenAPI, header: str):
    answer = app.test_client().get(
        "/api/v1/planted/stock", headers={"Authorization": header} if header else {}
    )
    assert answer.status_code == 401
    assert answer.json["code"] == "not_signed_in"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_read_in_any_case(app: OpenAPI, nurse: dict[str, str]):
    token = nurse["Authorization"].split()[1]
    answer = app.test_client().get("/api/v1/planted/stock", headers={"Authorization": f"bearer {token}"})
    assert answer.status_code == 200


def test_a_wrong_token_is_not_saved_by_a_good_cookie(app: OpenAPI, browser: Browser):
    browser.sign_in("wang")
    assert browser.get("/api/v1/planted/stock").status_code == 200
    assert browser.get("/api/v1/planted/stock", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_role_that_may_not_is_refused(app: OpenAPI, house: Engine, clock: SetClock):
    finance = token_of(house, clock, "report", Role.FINANCE)
    answer = app.test_client().post("/api/v1/planted/scans", json={"quantity": 2}, headers=finance)
    assert answer.status_code == 403
    assert answer.json["code"] == "forbidden" and answer.json["action"] == "scan"
    assert answer.json["detail"] == "您没有“扫码”的权限"


def test_a_revoked_token_and_an_ended_account_are_out_at_once(app, nurse, house, clock):
    client, other = app.test_client(), token_of(house, clock, "pda-8", Role.NURSE)
    assert client.get("/api/v1/planted/stock", headers=nurse).status_code == 200

    def end(session) -> None:
        person = session.execute(text("SELECT id FROM person WHERE username = 'pda-7'")).scalar_one()
        revoke_tokens(session, OPERATOR, person, clock)
        deactivate(session, OPERATOR, "pda-8", clock, why="lost")

    in_transaction(house, end)
    assert client.get("/api/v1/planted/stock", headers=nurse).status_code == 401
    assert client.get("/api/v1/planted/stock", headers=other).status_code == 401


def test_a_token_costs_one_statement_and_no_transaction(app, nurse, house):
    sent = []
    client = app.test_client()
    client.get("/api/v1/planted/stock", headers=nurse)
    event.listen(house, "before_cursor_execute", lambda *a: sent.append(a[2]))
    event.listen(house, "begin", lambda _: sent.append("begin"))
    client.get("/api/v1/planted/stock", headers=nurse)
    assert len([one for one in sent if one != "begin"]) == 1
    with house.connect() as connection:
        idle = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state ~ '^idle in'"
        )
        assert connection.execute(text(idle)).scalar() == 0


def test_nobody_learns_what_a_request_should_look_like_before_being_let_in(app: OpenAPI):
    answer = app.test_client().post("/api/v1/planted/scans", json={"quantity": "x"})
    assert answer.status_code == 401


def test_a_connection_the_server_dropped_is_replaced(app, nurse, house):
    client = app.test_client()
    assert client.get("/api/v1/planted/stock", headers=nurse).status_code == 200
    with house.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert client.get("/api/v1/planted/stock", headers=nurse).status_code == 200


# --- what ------------------------------------------------------------------------------------------------


def test_a_device_needs_no_csrf_token_and_a_browser_does(
    app: OpenAPI, browser: Browser, nurse: dict[str, str]
):
    browser.sign_in("wang")
    wanted = {"json": {"quantity": 2}}
    refused = browser.client.post("/api/v1/planted/scans", **wanted)
    assert (refused.status_code, refused.json["code"]) == (400, "page_expired")
    forged = browser.client.post("/api/v1/planted/scans", **wanted, headers={"X-CSRFToken": "made.up.token"})
    assert forged.status_code == 400
    sent = browser.client.post("/api/v1/planted/scans", **wanted, headers={"X-CSRFToken": browser.csrf()})
    assert sent.status_code == 201


def test_another_browsers_csrf_token_does_not_fit(app: OpenAPI, browser: Browser):
    browser.sign_in("wang")
    theirs = Browser(app).csrf()
    answer = browser.client.post(
        "/api/v1/planted/scans", json={"quantity": 2}, headers={"X-CSRFToken": theirs}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "?"],
)
def test_only_json_is_read_as_json(app: OpenAPI, nurse: dict[str, str], content_type: str):
    answer = app.test_client().post(
        "/api/v1/planted/scans", data=b'{"quantity": 2}', content_type=content_type, headers=nurse
    )
    assert (answer.status_code, answer.json["code"]) == (415, "wrong_content_type")


def test_a_route_may_take_another_type(app, house, clock):
    headers = token_of(house, clock, "buyer", Role.PROCUREMENT)
    client = app.test_client()
    for content_type, status in (("text/csv", 200), ("application/json", 415)):
        answer = client.post("/api/v1/planted/sheets", data="a,b", content_type=content_type, headers=headers)
        assert answer.status_code == status


def test_a_route_may_take_less_than_all_routes_do(app: OpenAPI, browser: Browser, nurse: dict[str, str]):
    browser.sign_in("wang")
    page = {"X-CSRFToken": browser.csrf()}
    for client, headers in ((app.test_client(), nurse), (browser.client, page)):
        for size, status in ((1000, 200), (1001, 413)):
            answer = client.post(
                "/api/v1/planted/pictures", data=b"x" * size, content_type="image/png", headers=headers
            )
            assert answer.status_code == status
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 1000 + b"\r\n--x--\r\n"
    answer = browser.client.post(
        "/api/v1/planted/pictures", data=form, content_type="multipart/form-data; boundary=x", headers=page
    )
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body", [b"{", b'{"quantity": 2', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5_000, b"nul"]
)
def test_broken_json_is_called_that(app: OpenAPI, nurse: dict[str, str], body: bytes):
    answer = app.test_client().post(
        "/api/v1/planted/scans", data=body, content_type="application/json", headers=nurse
    )
    assert (answer.status_code, answer.json["code"]) == (400, "bad_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"3", b"true", b"{}", b""])
def test_json_of_another_shape_is_told_what_is_missing(app: OpenAPI, nurse: dict[str, str], body: bytes):
    answer = app.test_client().post(
        "/api/v1/planted/scans", data=body, content_type="application/json", headers=nurse
    )
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert answer.json["errors"][0]["reason"]
