"""Whatever stands in a request's fields: refused in one shape or carried out, never a failure of ours."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from werkzeug.test import TestResponse

from tests.api.routes import KEYED, ROUTES, Route
from tests.api.ward import Ward, problem

NASTY: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 3.0, 10**30, float("nan"), "", "3", "\x00", "a\x00b", "\ud800", "\u202e",
    "x" * 100_000, "2026-02-30", "9999-12-31T23:59:59Z", "'; DROP TABLE scan; --", "{0.__class__}",
    [], [None], {"\ud800": "\x00"},
)  # fmt: skip
keyed = pytest.mark.parametrize("route", KEYED, ids=lambda route: route.name)


def places_in(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a request, within lists and objects too."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inside:
        yield (*path, name)
        yield from places_in(value, (*path, name))


def changed(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = copy.deepcopy(body)
    holder: Any = made
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    return made


def is_decent(answer: TestResponse) -> bool:
    """Carried out, or refused as a problem document in valid UTF-8."""
    if answer.status_code in (200, 201):
        return json.loads(answer.data) is not None
    body = json.loads(answer.data)
    shaped = body["type"] == f"/problems/{body['code']}" and body["status"] == answer.status_code
    return shaped and 400 <= answer.status_code < 500 and answer.mimetype == "application/problem+json"


@keyed
def test_no_value_in_any_field_breaks_a_route(ward: Ward, route: Route) -> None:
    assert route.body is not None
    path = route.path_in(ward)
    for place in places_in(route.body()):
        for value in NASTY:
            body = changed(route.body(), place, value)
            answer = ward.post(path, body, role=route.someone)
            assert is_decent(answer), (place, str(value)[:40], answer.status_code, answer.text[:400])


@keyed
def test_a_field_nobody_knows_is_refused(ward: Ward, route: Route) -> None:
    path = route.path_in(ward)
    before = ward.rows()
    body = problem(route.call(ward, route.someone, path, no_such_field=1), 422, "invalid_request")
    assert [error["field"] for error in body["errors"]] == ["no_such_field"]
    assert ward.rows() == before


@keyed
def test_every_required_field_is_asked_for_at_once(ward: Ward, route: Route) -> None:
    path = route.path_in(ward)
    body = problem(
        ward.client.post(f"/api/v1{path}", json={}, headers=ward.headers("admin")), 422, "invalid_request"
    )
    assert "idempotency_key" in {error["field"] for error in body["errors"]}


@keyed
def test_only_json_is_taken(ward: Ward, route: Route) -> None:
    assert route.body is not None
    path, before = f"/api/v1{route.path_in(ward)}", ward.rows()
    headers = ward.headers("admin")
    given = json.dumps(route.body())
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        problem(
            ward.client.post(path, data=given, content_type=kind, headers=headers), 415, "wrong_content_type"
        )
    for broken in (
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"quantity": ' + b"9" * 5000 + b"}",
    ):
        answer = ward.client.post(path, data=broken, content_type="application/json", headers=headers)
        problem(answer, 400, "bad_json")
    for other in (b"[]", b'"\\ud800"', b"null", b"1", b'"{}"'):
        answer = ward.client.post(path, data=other, content_type="application/json", headers=headers)
        problem(answer, 422, "invalid_request")
    problem(ward.client.post(path, headers=headers), 422, "invalid_request")
    assert ward.rows() == before


@keyed
def test_a_replay_is_the_same_body_and_another_payload_is_refused(ward: Ward, route: Route) -> None:
    path = route.path_in(ward)
    first = route.call(ward, route.someone, path, idempotency_key="one key")
    assert first.status_code == 201, first.text
    rows = ward.rows()
    again = route.call(ward, route.someone, path, idempotency_key="one key")
    assert (again.status_code, again.data) == (200, first.data)
    changes = {"reason": "anders"} if "reversal" in path else {"document": "D-9"}
    changes = {"device": "9"} if path == "/scans" else {"order_no": "O-9"} if path == "/orders" else changes
    problem(route.call(ward, route.someone, path, idempotency_key="one key", **changes), 422, "key_reused")
    assert ward.rows() == rows


@pytest.mark.parametrize(
    "path", ["/encounters/%00", "/encounters/%ff", "/encounters/06901234567892", "/encounters/" + "x" * 33]
)
def test_what_is_no_wristband_is_refused(ward: Ward, path: str) -> None:
    problem(ward.get(path), 422, "bad_encounter")


@pytest.mark.parametrize("order_no", ["%00", "a%00b", "%1d", "x" * 101])
def test_what_is_no_order_number_is_refused(ward: Ward, order_no: str) -> None:
    problem(ward.get(f"/orders/{order_no}"), 422, "invalid_request")
    problem(ward.post(f"/orders/{order_no}/end"), 422, "invalid_request")


def test_refusals_are_in_the_reader_s_language(ward: Ward) -> None:
    heard = [
        ward.client.post(
            "/api/v1/scans", json={"qty": 1}, headers=ward.headers("nurse") | {"Accept-Language": language}
        ).get_json()
        for language in ("zh-CN", "en-GB")
    ]
    assert [one["title"] for one in heard] == ["内容不正确", "Unprocessable Entity"]
    assert {"没有这个字段", "there is no such field"} <= {
        error["reason"] for one in heard for error in one["errors"]
    }


def test_every_route_is_told_with_a_summary_and_its_answers(ward: Ward) -> None:
    document = ward.client.get("/openapi/openapi.json").get_json()
    for route in ROUTES:
        operation = document["paths"][f"/api/v1{route.path}"][route.method.lower()]
        assert operation["summary"]
        answered = {"200", "201"} if route in KEYED else {"200"}
        for status in answered:
            schema = operation["responses"][status]["content"]["application/json"]["schema"]
            assert schema["$ref"].rpartition("/")[2] in document["components"]["schemas"]


def test_no_two_models_of_the_document_share_a_name() -> None:
    """Of two with one name the document would show only one, for both."""
    models: dict[str, type] = {}
    waiting: list[type] = [BaseModel]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("tracer."):
            assert models.setdefault(model.__name__, model) is model
    assert "ScanOut" in models
