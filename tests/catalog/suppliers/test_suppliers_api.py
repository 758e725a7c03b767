"""Suppliers over HTTP: who may do what, one key and one effect, and nothing of anybody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.access.application import make_app
from tests.catalog.suppliers.trade import NEW_DI, NEW_INSURANCE, OTHER_DI, Trade, begin
from tests.conftest import _copy, _engine
from tests.small_hospital import new_key
from tracer.access.rules import Role
from tracer.access.tokens import issue_token
from tracer.catalog.suppliers.assigning import assign_person
from tracer.catalog.suppliers.entering import enter_one
from tracer.db.transaction import in_transaction

READERS = {Role.PROCUREMENT, Role.FINANCE, Role.INSURANCE_OFFICE, Role.AUDITOR, Role.ADMIN}
MANAGERS = {Role.PROCUREMENT, Role.ADMIN}
APPROVERS = {Role.FINANCE, Role.INSURANCE_OFFICE, Role.ADMIN}


class Market:
    """The two suppliers behind the routes, for good; `north` is the supplier's own system."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with Session(engine, expire_on_commit=False) as session, session.begin():
            self.trade: Trade = begin(session)
            clock = self.trade.hospital.clock
            self.tokens: dict[str, str] = {}
            for name, role in [*((one.value, one) for one in Role), ("new", Role.SUPPLIER)]:
                self.tokens[name] = issue_token(session, f"d-{name}", role, "/", clock)
            found = text("SELECT id FROM person WHERE username = 'd-supplier'")
            self.device = session.execute(found).scalar_one()
            assign_person(session, self.trade.buyer, clock, self.north, self.device)
        self.client: FlaskClient = make_app(engine, self.trade.hospital.clock).test_client()

    @property
    def north(self) -> int:
        return self.trade.suppliers["north"]

    def ask(self, method: str, path: str, who: str | None, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        headers["Accept-Language"] = "en"
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def tell(self, *rows: dict[str, str], key: str = "", who: str = Role.SUPPLIER) -> TestResponse:
        return self.ask(
            "POST", "/supplier/entries", who, {"idempotency_key": key or new_key("s"), "rows": list(rows)}
        )

    def entry(self, di: str = NEW_DI) -> int:
        self.tell({"material": "WZ000001", "udi": di})
        listed = self.ask("GET", f"/suppliers/{self.north}/entries", Role.FINANCE).get_json()["entries"]
        return next(one["id"] for one in listed if one["said"]["value"] == di)

    def sql(self, statement: str) -> list[Any]:
        with self.engine.connect() as db:
            return list(db.execute(text(statement)).scalars())


@pytest.fixture(scope="module")
def market(server_url: str, template: str) -> Iterator[Market]:
    with _copy(server_url, template) as url, _engine(url) as engine:
        yield Market(engine)


def routes(market: Market) -> list[tuple[str, str, set[Role], Any]]:
    here = f"/suppliers/{market.north}"
    return [
        ("GET", "/supplier/items", {Role.SUPPLIER}, None),
        ("GET", "/supplier/entries", {Role.SUPPLIER}, None),
        *_supplier_posts(),
        ("GET", "/suppliers", READERS, None),
        ("POST", "/suppliers", MANAGERS, lambda: {"code": new_key("S"), "name": "商贸"}),
        ("POST", f"{here}/items", MANAGERS, lambda: {"materials": ["WZ000001"]}),
        ("POST", f"{here}/items/endings", MANAGERS, lambda: {"items": [market.trade.item("cotton")]}),
        ("POST", f"{here}/people", MANAGERS, lambda: {"person": market.device}),
        ("POST", f"{here}/people/endings", MANAGERS, lambda: {"person": 10**9}),
        ("GET", f"{here}/entries", READERS, None),
        ("POST", f"{here}/entries/approvals", APPROVERS, lambda: {"undisputed": True}),
        ("POST", f"{here}/entries/returns", APPROVERS, lambda: {"ids": [market.entry(OTHER_DI)], "why": "x"}),
    ]


def _supplier_posts() -> list[tuple[str, str, set[Role], Any]]:
    rows = [{"material": "WZ000001", "price": "3.00"}]
    return [
        (
            *("POST", "/supplier/entries", {Role.SUPPLIER}),
            lambda: {"idempotency_key": new_key("s"), "rows": rows},
        ),
        ("POST", "/supplier/entries/{entry}/withdrawal", {Role.SUPPLIER}, None),
    ]


def test_a_role_may_exactly_what_the_table_says(market: Market) -> None:
    for method, path, roles, body in routes(market):
        address = path.format(entry=market.entry()) if "{entry}" in path else path
        given = body() if body else None
        assert market.ask(method, address, None, given).status_code == 401, path
        for role in set(Role) - roles:
            assert market.ask(method, address, role, given).status_code == 403, (path, role)
        for role in sorted(roles)[:1]:
            answer = market.ask(method, address, role, given)
            assert answer.status_code in (200, 201), (path, role, answer.text)


def test_the_table_holds_every_route(market: Market) -> None:
    served = {
        f"{method} {rule.rule.removeprefix('/api/v1').replace('<int:supplier>', str(market.north))}"
        for rule in market.client.application.url_map.iter_rules()
        if rule.endpoint.startswith("suppliers_api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    table = {f"{method} {path.replace('{entry}', '<int:entry>')}" for method, path, *_ in routes(market)}
    assert served == table


def test_a_key_has_one_effect_and_one_answer(market: Market) -> None:
    rows = ({"material": "WZ000002", "insurance": NEW_INSURANCE}, {"material": "WZ000003", "udi": OTHER_DI},
            {"material": "WZ000001", "udi": "6.9E+12", "price": "-1"})  # fmt: skip
    first = market.tell(*rows, key="once")
    assert first.status_code == 201
    told = first.get_json()
    assert (told["taken"], told["unchanged"], told["refused"]) == (1, 0, 2)
    assert [one["outcome"] for one in told["rows"]] == ["taken", "refused", "refused"]
    assert [fault["column"] for one in told["rows"] for fault in one["faults"]] == [
        "material",
        "udi",
        "price",
    ]
    count = len(market.sql("SELECT id FROM supplier_entry"))
    again = market.tell(*rows, key="once")
    assert (again.status_code, again.get_json()) == (200, told)
    assert market.tell(rows[0], key="once").status_code == 422
    assert market.tell(*rows).get_json()["unchanged"] == 1  # another key: nothing new
    assert len(market.sql("SELECT id FROM supplier_entry")) == count


def test_another_suppliers_entries_and_items_are_not_there(market: Market) -> None:
    clock, south = market.trade.hospital.clock, market.trade.people["south"]
    cotton = market.trade.item("cotton")
    in_transaction(market.engine, lambda db: enter_one(db, south, clock, cotton, {"price": "0.07"}))
    (theirs,) = market.sql("SELECT id FROM supplier_entry WHERE value = '0.07'")
    refused = [
        market.ask("POST", f"/supplier/entries/{number}/withdrawal", Role.SUPPLIER)
        for number in (theirs, 10**9)
    ]
    assert {one.status_code for one in refused} == {404}
    assert refused[0].get_json() == refused[1].get_json()
    shown = market.ask("GET", "/supplier/items", Role.SUPPLIER).get_json()
    assert {item["material"] for item in shown["items"]} == {"WZ000001", "WZ000002"}
    assert "0.07" not in market.ask("GET", "/supplier/entries", Role.SUPPLIER).text
    for path in ("/supplier/items", "/supplier/entries"):
        assert market.ask("GET", path, "new").get_json()["code"] == "catalog.no_supplier"
    assert market.tell({"material": "WZ000001", "udi": NEW_DI}, who="new").status_code == 409
    for path in ("/code-bindings", "/prices", "/certificates", "/items", "/codes/material/WZ000003"):
        method = "GET" if path.startswith(("/items", "/codes")) else "POST"
        assert market.ask(method, path, Role.SUPPLIER, {} if method == "POST" else None).status_code == 403


def test_the_purchase_price_is_shown_only_to_whose_it_is(market: Market) -> None:
    """Syringes are sold by both: what the hospital pays the one is not told to the other."""
    syringe, people = market.trade.item("syringe"), market.trade.hospital.people
    values = f"{syringe}, 'purchase', 1.85, '2026-01-01', 'approved', {people['procurement'].id}"
    with market.engine.begin() as db:
        db.execute(text(
            "INSERT INTO price (item_id, kind, amount, valid_from, status, proposer_id, first_approver_id,"
            f" second_approver_id) VALUES ({values}, {people['finance'].id},"
            f" {people['insurance_office'].id}) "
        ))  # fmt: skip

    def price() -> Any:
        items = market.ask("GET", "/supplier/items?q=WZ000002", Role.SUPPLIER).get_json()["items"]
        return items[0]["price"]

    assert price() is None
    market.tell({"material": "WZ000002", "price": "1.80"})
    (mine,) = market.sql("SELECT price_id FROM supplier_entry WHERE value = '1.80'")
    with market.engine.begin() as db:
        db.execute(text("UPDATE price SET valid_to = '2026-03-10' WHERE status = 'approved' AND amount = 1.85"
                        f" AND kind = 'purchase' AND item_id = {syringe}"))  # fmt: skip
        db.execute(text(f"UPDATE price SET first_approver_id = {people['finance'].id} WHERE id = {mine}"))
        db.execute(text(f"UPDATE price SET status = 'approved', second_approver_id ="
                        f" {people['insurance_office'].id} WHERE id = {mine}"))  # fmt: skip
    assert price() == "1.80"


def test_the_same_said_at_the_same_instant_is_one_proposal(market: Market) -> None:
    """Two devices of one supplier, two transactions: the second waits, and finds nothing new."""
    clock, north = market.trade.hospital.clock, market.trade.people["north"]
    stent, gate, done = market.trade.item("stent"), threading.Barrier(2), []
    mate = replace(north)

    def say(who: Any) -> None:
        gate.wait()
        receipt = in_transaction(
            market.engine, lambda db: enter_one(db, who, clock, stent, {"price": "777.00"})
        )
        done.append((receipt.taken, receipt.unchanged))

    threads = [threading.Thread(target=say, args=(who,)) for who in (north, mate)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [(0, 1), (1, 0)]
    assert len(market.sql("SELECT id FROM price WHERE amount = 777")) == 1
    assert len(market.sql("SELECT id FROM supplier_entry WHERE value = '777.00'")) == 1
