"""Proposals, approvals, exceptions and searches over HTTP: who may, what is answered, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.access.application import make_app
from tests.conftest import _copy, _engine
from tests.small_hospital import TODAY, SmallHospital, build
from tracer.access.rules import Role
from tracer.access.tokens import issue_token

READERS = {Role.NURSE, Role.STOREKEEPER, Role.PROCUREMENT, Role.FINANCE, Role.INSURANCE_OFFICE}
READERS |= {Role.AUDITOR, Role.ADMIN, Role.HIS}
APPROVERS = {Role.FINANCE, Role.INSURANCE_OFFICE, Role.ADMIN}
FIGURES = {Role.PROCUREMENT, Role.FINANCE, Role.INSURANCE_OFFICE, Role.AUDITOR, Role.ADMIN}


class Office:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with Session(engine) as session, session.begin():
            self.hospital: SmallHospital = build(session)
            clock = self.hospital.clock
            self.tokens = {role: issue_token(session, f"d-{role}", role, "/", clock) for role in Role}
        self.client: FlaskClient = make_app(engine, self.hospital.clock).test_client()
        self.cotton = self.hospital.items["cotton"]

    def call(
        self, method: str, path: str, role: Role | None, body: Any = None, status: int | None = 200
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        headers["Accept-Language"] = "en"
        answer = self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)
        if status is None:
            return answer
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def propose(self, code: str = "JF9", by: Role = Role.PROCUREMENT, **more: Any) -> int:
        body = {"bindings": [{"item": self.cotton, "system": "billing", "code": code, **more}]}
        (made,) = self.call("POST", "/code-bindings", by, body, 201)["ids"]
        return made

    def price(self, amount: str = "0.05") -> int:
        body = {"prices": [{"item": self.cotton, "kind": "charge", "amount": amount}]}
        (made,) = self.call("POST", "/prices", Role.PROCUREMENT, body, 201)["ids"]
        return made


@pytest.fixture
def office(server_url: str, template: str) -> Iterator[Office]:
    with _copy(server_url, template) as url, _engine(url) as engine:
        yield Office(engine)


Body = Callable[[Office], Any]
ROUTES: list[tuple[str, str, set[Role], Body | None]] = [
    ("GET", "/items", READERS, None),
    ("GET", "/waivers", READERS, None),
    ("GET", "/prices/disagreements", FIGURES, None),
    (
        *("POST", "/code-bindings", {Role.PROCUREMENT, Role.INSURANCE_OFFICE, Role.ADMIN}),
        lambda o: {"bindings": [{"item": o.cotton, "system": "order", "code": "YZ9"}]},
    ),
    ("POST", "/code-bindings/approvals", APPROVERS, lambda o: {"ids": [o.propose(by=Role.PROCUREMENT)]}),
    (
        *("POST", "/code-bindings/rejections", APPROVERS | {Role.PROCUREMENT}),
        lambda o: {"ids": [o.propose()], "why": "x"},
    ),
    (
        *("POST", "/code-bindings/retirements", APPROVERS),
        lambda o: {"ids": [binding(o, "JF000002")], "why": "x"},
    ),
    (
        *("POST", "/prices", {Role.PROCUREMENT, Role.ADMIN}),
        lambda o: {"prices": [{"item": o.cotton, "kind": "listed", "amount": "0.06"}]},
    ),
    ("POST", "/prices/approvals", APPROVERS, lambda o: {"ids": [o.price()]}),
    (
        *("POST", "/prices/rejections", APPROVERS | {Role.PROCUREMENT}),
        lambda o: {"ids": [o.price()], "why": "x"},
    ),
    (
        *("POST", "/waivers", APPROVERS),
        lambda o: {"item": o.cotton, "why": "急用", "until": str(TODAY)},
    ),
    ("POST", "/waivers/{waiver}/closing", APPROVERS, None),
]


def binding(office: Office, code: str) -> int:
    with office.engine.connect() as connection:
        found = text("SELECT id FROM code_binding WHERE code = :code")
        return connection.execute(found, {"code": code}).scalar_one()


def ready(office: Office, path: str) -> str:
    if "{waiver}" not in path:
        return path
    body = {"item": office.cotton, "why": "急用", "until": str(TODAY)}
    return path.format(waiver=office.call("POST", "/waivers", Role.FINANCE, body, 201)["id"])


def test_the_table_holds_every_route(office: Office):
    served = {
        f"{method} {rule.rule.removeprefix('/api/v1').replace('<int:', '{').replace('>', '}')}"
        for rule in office.client.application.url_map.iter_rules()
        if rule.endpoint.startswith("catalog_workflow.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {f"{method} {path}" for method, path, *_ in ROUTES}


@pytest.mark.parametrize(("method", "path", "roles", "body"), ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])
def test_a_role_may_exactly_what_the_table_says(office: Office, method, path, roles, body):
    address, given = ready(office, path), body(office) if body else None
    assert office.call(method, address, None, given, None).status_code == 401
    for role in set(Role) - roles:
        assert office.call(method, address, role, given, None).status_code == 403, role
    doer = sorted(roles - {Role.ADMIN})[0]
    assert office.call(method, address, doer, given, None).status_code in (200, 201)


def test_from_proposal_to_force(office: Office):
    made = office.propose()
    assert office.propose() == made
    body = {"ids": [made]}
    answer = office.call("POST", "/code-bindings/approvals", Role.INSURANCE_OFFICE, body)
    assert answer == {"approved": [made], "once": [], "ended": [], "excepted": [], "later": [], "refused": []}
    again = office.call("POST", "/code-bindings/approvals", Role.INSURANCE_OFFICE, body, 409)
    assert again["type"].endswith("catalog.approval_refused") and "decided already" in again["detail"]
    known = office.call("GET", "/codes/billing/JF9", Role.NURSE)
    assert known["item"]["codes"]["billing"] == "JF9"


def test_thousands_at_once_with_those_that_cannot_pass(office: Office):
    good, bad = office.propose("JF9"), office.propose("JF000002")
    body = {"ids": [good, bad]}
    refused = office.call("POST", "/code-bindings/approvals", Role.FINANCE, body, 409)
    assert refused["count"] == 2  # one item cannot have both
    alone = office.call(
        "POST", "/code-bindings/approvals", Role.FINANCE, {"ids": [bad], "skip_refused": True}
    )
    assert (alone["approved"], alone["refused"][0]["code"]) == ([], "code_of_other")
    assert "一次性注射器 10ml" in alone["refused"][0]["message"]


def test_a_price_by_three_people(office: Office):
    made = office.price()
    body = {"ids": [made]}
    assert office.call("POST", "/prices/approvals", Role.FINANCE, body)["once"] == [made]
    office.call("POST", "/prices/approvals", Role.FINANCE, body, 409)
    assert office.call("POST", "/prices/approvals", Role.INSURANCE_OFFICE, body)["approved"] == [made]


def test_who_proposed_takes_it_back(office: Office):
    made = office.propose()
    body = {"ids": [made], "why": "填错"}
    assert office.call("POST", "/code-bindings/rejections", Role.PROCUREMENT, body) == {"rejected": 1}
    price = {"ids": [office.price()], "why": "填错"}
    assert office.call("POST", "/prices/rejections", Role.PROCUREMENT, price) == {"rejected": 1}


def test_exceptions_are_listed(office: Office):
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE item SET chargeable = true"))
    body = {"item": office.cotton, "why": "急用", "until": str(TODAY)}
    made = office.call("POST", "/waivers", Role.FINANCE, body, 201)["id"]
    office.call("POST", "/waivers", Role.FINANCE, body, 409)
    (listed,) = office.call("GET", "/waivers", Role.AUDITOR)["waivers"]
    assert (listed["id"], listed["missing"], listed["over"]) == (
        made,
        ["billing", "order", "insurance", "charge_price"],
        False,
    )
    line = {"material": "WZ000003", "quantity": 1}
    receipt = {
        "idempotency_key": "k9",
        "document": "D",
        "location": "STORE",
        "supplier": "SUP1",
        "lines": [line],
    }
    office.call("POST", "/receipts", Role.STOREKEEPER, receipt, 201)
    office.call("POST", f"/waivers/{made}/closing", Role.FINANCE)
    refused = office.call("POST", "/receipts", Role.STOREKEEPER, receipt | {"idempotency_key": "k10"}, 409)
    assert refused["type"].endswith("catalog.not_settled") and "charge price" in refused["detail"]


def test_search(office: Office):
    answer = office.call("GET", "/items?q=gmzj", Role.NURSE)
    assert [(one["name"], one["codes"]["billing"]) for one in answer["items"]] == [("冠脉支架", "JF000001")]
    assert office.call("GET", "/items?q=nothing-so-called", Role.NURSE)["found"] == 0


def test_prices_that_disagree(office: Office):
    answer = office.call("GET", "/prices/disagreements", Role.AUDITOR)
    assert answer["counts"]["no_purchase"] == 2
    assert {row["material"] for row in answer["rows"]} == {"WZ000001", "WZ000002"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/code-bindings", {"bindings": []}),
        ("/code-bindings", {"bindings": [{"item": 1, "system": "barcode", "code": "X"}]}),
        ("/code-bindings", {"bindings": [{"item": 10**9, "system": "billing", "code": "X"}]}),
        ("/code-bindings", {"bindings": [{"item": 1, "system": "insurance", "code": "C12"}]}),
        ("/code-bindings", {"bindings": [{"item": 1, "system": "billing", "code": "X\x00"}]}),
        (
            "/code-bindings",
            {"bindings": [{"item": 1, "system": "billing", "code": "X", "status": "approved"}]},
        ),
        ("/code-bindings/approvals", {"ids": []}),
        ("/code-bindings/approvals", {"ids": ["1"]}),
        ("/code-bindings/approvals", {"ids": [-1]}),
        ("/code-bindings/rejections", {"ids": [1], "why": ""}),
        ("/prices", {"prices": [{"item": 1, "kind": "charge", "amount": 1.5}]}),
        ("/prices", {"prices": [{"item": 1, "kind": "charge", "amount": "1.555"}]}),
        ("/prices", {"prices": [{"item": 1, "kind": "gift", "amount": "1.55"}]}),
        ("/waivers", {"item": 1, "why": "x", "until": "2020-01-01"}),
    ],
)
def test_bad_input_is_refused_in_words(office: Office, path: str, body: dict):
    answer = office.call("POST", path, Role.ADMIN, body, None)
    assert answer.status_code in (404, 422), answer.text
    assert answer.mimetype == "application/problem+json" and answer.get_json()["detail"]
