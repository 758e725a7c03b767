"""Telling others over HTTP: who may, what is answered, and that no answer holds a secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.ward import Ward, problem
from tests.exchange.receiver import Receiver, receiving
from tracer.access.outbox import tell
from tracer.access.rules import Role

MISSING = 10**9


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def send(ward: Ward, method: str, path: str, body: Any = None, role: str | None = "admin") -> TestResponse:
    given = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return ward.client.open(f"/api/v1{path}", method=method, headers=ward.headers(role), **given)


def made(ward: Ward, receiver: Receiver, name: str = "HIS", **more: Any) -> int:
    body = {"name": name, "kind": "webhook", "url": receiver.url} | more
    answer = send(ward, "POST", "/endpoints", body)
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def told(ward: Ward) -> int:
    hospital = ward.hospital
    item = hospital.items["stent"]
    tell(hospital.session, hospital.people["admin"], hospital.clock, topic="binding.approved", item_id=item,
         payload={"code": "JF1"})  # fmt: skip
    hospital.session.commit()
    events = send(ward, "GET", "/events").get_json()["events"]
    return int(events[0]["id"])


Body = Callable[[int, str], Any]
# Every route, its body, and what the administrator is answered.
ROUTES: dict[tuple[str, str], tuple[Body | None, int]] = {
    ("GET", "/endpoints"): (None, 200),
    ("POST", "/endpoints"): (lambda e, url: {"name": "HIS 2", "kind": "webhook", "url": url}, 201),
    ("PUT", "/endpoints/{endpoint}"): (lambda e, url: {"name": "H", "state": "paused", "url": url}, 200),
    ("POST", "/endpoints/{endpoint}/secret"): (None, 200),
    ("POST", "/endpoints/{endpoint}/test"): (None, 200),
    ("GET", "/events"): (None, 200),
    ("GET", "/events/{event}"): (None, 200),
    ("POST", "/events/{event}/again"): (lambda e, url: {"endpoint": e, "why": "对方丢失"}, 200),
    ("POST", "/events/{event}/skip"): (lambda e, url: {"endpoint": e, "why": "不再需要"}, 200),
}
each = pytest.mark.parametrize(("method", "path"), ROUTES)


def test_the_table_holds_every_route_of_this_room(ward: Ward) -> None:
    served = {
        (method, rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for rule in ward.client.application.url_map.iter_rules()
        if rule.endpoint.startswith("exchange_api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(ROUTES)


@each
def test_only_the_administrator_may(ward: Ward, receiver: Receiver, method: str, path: str) -> None:
    endpoint = made(ward, receiver)
    event = told(ward)
    make, status = ROUTES[method, path]
    there = path.format(endpoint=endpoint, event=event)
    body = make(endpoint, receiver.url) if make else None
    before = ward.rows()
    for role in [role for role in Role if role is not Role.ADMIN]:
        problem(send(ward, method, there, body, role), 403, "forbidden")
    problem(send(ward, method, there, body, None), 401, "not_signed_in")
    assert ward.rows() == before and receiver.messages == []
    answer = send(ward, method, there, body)
    assert answer.status_code == status, answer.text
    assert ("whsec_" in answer.text) == (there.endswith("/secret") or status == 201)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "{" in route[1]])
def test_what_is_not_there_is_not_found(ward: Ward, receiver: Receiver, method: str, path: str) -> None:
    make, _ = ROUTES[method, path]
    body = make(1, receiver.url) if make else None
    answer = send(ward, method, path.format(endpoint=MISSING, event=MISSING), body)
    problem(answer, 404, "unknown_endpoint" if "endpoint" in path else "unknown_event")


def test_an_event_tells_what_became_of_it(ward: Ward, receiver: Receiver) -> None:
    endpoint = made(ward, receiver, topics=["binding"], source="his")
    event = told(ward)
    found = send(ward, "GET", f"/events/{event}").get_json()
    assert found["material"] == "WZ000001" and found["payload"] == {"code": "JF1"}
    (delivery,) = found["deliveries"]
    assert (delivery["endpoint_id"], delivery["state"], delivery["tries"]) == (endpoint, "waiting", 0)
    (one,) = send(ward, "GET", "/endpoints").get_json()["endpoints"]
    assert (one["waiting"], one["dead"], one["source"], one["topics"]) == (1, 0, "his", ["binding"])
    after = send(ward, "POST", f"/events/{event}/skip", {"endpoint": endpoint, "why": "不再需要"}).get_json()
    assert after["deliveries"][0]["state"] == "skipped"
    again = send(ward, "POST", f"/events/{event}/skip", {"endpoint": endpoint, "why": "不再需要"})
    problem(again, 409, "already_settled")
    elsewhere = send(ward, "POST", f"/events/{event}/skip", {"endpoint": endpoint + 1, "why": "不再需要"})
    problem(elsewhere, 404, "not_told_there")


def test_an_ended_endpoint_stays_ended(ward: Ward, receiver: Receiver) -> None:
    endpoint = made(ward, receiver)
    event = told(ward)
    body = {"name": "HIS", "state": "ended", "url": receiver.url}
    assert send(ward, "PUT", f"/endpoints/{endpoint}", body).status_code == 200
    for path, given in (
        (f"/endpoints/{endpoint}/test", None),
        (f"/endpoints/{endpoint}/secret", None),
        (f"/events/{event}/again", {"endpoint": endpoint, "why": "再发"}),
    ):
        problem(send(ward, "POST", path, given), 409, "endpoint_over")
    problem(send(ward, "PUT", f"/endpoints/{endpoint}", body | {"state": "active"}), 409, "endpoint_over")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "fax"},
        {"url": "file:///etc/passwd"},
        {"url": None},
        {"url": ""},
        {"topics": ["A"]},
        {"topics": "binding"},
        {"secret": "short"},
        {"kind": "csv", "folder": ".."},
        {"kind": "csv"},
        {"nonsense": 1},
        {"name": ""},
        {"name": "x\u0000"},
        {"ca_file": "/no/such"},
    ],
)
def test_what_cannot_be_right_is_refused(ward: Ward, receiver: Receiver, change: dict[str, Any]) -> None:
    body = {"name": "HIS", "kind": "webhook", "url": receiver.url} | change
    answer = send(ward, "POST", "/endpoints", body)
    assert answer.status_code == 422, answer.text
    assert send(ward, "GET", "/endpoints").get_json() == {"endpoints": []}
