"""GET /api/v1/codes/{system}/{code}."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.access.application import make_app, token_of
from tests.catalog.office import BOX, C27, NOON, STENT, ZONE, Office, stent, syringe
from tracer.access.rules import Role
from tracer.db.transaction import in_transaction
from tracer.shared.clock import SetClock


@pytest.fixture
def ask(fresh_database: Engine):
    """GET a code as a device with a role."""

    def fill(session) -> None:
        office = Office(session)
        office.imports(stent(包装标识=BOX, 包装数量=10), syringe(计费编码="J/2 a", 生效日期="2026-01-01"))
        office.imports(stent(计费编码="J9", 生效日期="2026-02-01"))

    in_transaction(fresh_database, fill)
    clock = SetClock(ZONE, NOON)
    client = make_app(fresh_database, clock).test_client()

    def get(path: str, role: Role | None = Role.NURSE):
        token = token_of(fresh_database, clock, f"device-{role}", role) if role else {}
        return client.get(f"/api/v1/codes/{path}", headers={**token, "Accept-Language": "en"})

    return get


def test_the_item_and_its_five_codes(ask):
    answer = ask(f"udi/{STENT}")
    assert answer.status_code == 200
    assert answer.json == {
        "item": {
            "name": "冠脉支架",
            "specification": "3.0×18mm",
            "model": "",
            "maker": "",
            "certificate": "",
            "unit": "个",
            "category": "",
            "tracking": "SERIAL",
            "chargeable": True,
            "high_value": False,
            "sterile": False,
            "codes": {"material": "WZ1", "billing": "J9", "order": "Y1", "insurance": C27, "udi": STENT},
        },
        "level": "unit",
        "base_units": 1,
        "at": "2026-03-10",
        "valid_from": "2026-01-01",
        "valid_to": None,
        "history": [
            {
                "name": "冠脉支架",
                "material": "WZ1",
                "valid_from": "2026-01-01",
                "valid_to": None,
                "status": "approved",
            }
        ],
    }


def test_other_days_packages_and_spellings(ask):
    assert ask(f"udi/{STENT}?at=2026-01-31").json["item"]["codes"]["billing"] == "J1"
    assert ask("billing/J1?at=2026-01-31").json["valid_to"] == "2026-02-01"
    assert ask("billing/J1").status_code == 404
    package = ask(f"udi/{BOX}").json
    assert (package["level"], package["base_units"], package["item"]["name"]) == ("package", 10, "冠脉支架")
    assert ask(f"udi/{STENT[1:]}").json["item"]["codes"]["udi"] == STENT
    assert ask("billing/J%2F2%20a").json["item"]["name"] == "注射器"


def test_as_it_was_known_at_an_instant(ask):
    before, then = "2026-03-10T11:59:59%2B08:00", "2026-03-10T04:00:00Z"  # the files came in at noon
    assert ask(f"billing/J1?at=2026-01-15&known_at={before}").status_code == 404
    assert ask(f"billing/J1?at=2026-01-15&known_at={then}").json["item"]["name"] == "冠脉支架"


def test_refusals_are_problem_documents(ask):
    for path, status, code in [
        ("billing/none", 404, "catalog.unknown_code"),
        ("billing/a%00b", 404, "catalog.unknown_code"),
        ("colour/red", 404, "catalog.unknown_system"),
        ("udi/1?at=2026-02-30", 422, "invalid_request"),
        ("udi/1?at=0", 422, "invalid_request"),
        ("udi/1?at=20260101", 422, "invalid_request"),
        ("udi/1?day=2026-01-01", 422, "invalid_request"),
        ("udi/1?known_at=2026-01-01", 422, "invalid_request"),
        ("udi/" + "1" * 101, 422, "invalid_request"),
    ]:
        answer = ask(path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
        assert (answer.json["type"], answer.json["status"]) == (f"/problems/{code}", status), path
    detail = ask("colour/red").json["detail"]
    assert all(system in detail for system in ("material", "billing", "order", "insurance", "udi"))


def test_who_may_ask(ask):
    assert ask(f"udi/{STENT}", role=None).status_code == 401
    for role in Role:
        assert ask(f"udi/{STENT}", role=role).status_code == (403 if role is Role.SUPPLIER else 200)
