"""GET /api/v1/registers and /api/v1/registers/{di}."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.access.application import make_app, token_of
from tests.catalog.office import NOON, ZONE
from tests.reconcile.registers.releases import part, real_records
from tracer.access.rules import Role
from tracer.catalog.registers.importing import Progress
from tracer.shared.clock import SetClock


@pytest.fixture
def ask(fresh_database: Engine, imported: Callable[[bytes], Progress]) -> Callable[..., Any]:
    imported(part(real_records()))
    clock = SetClock(ZONE, NOON)
    client = make_app(fresh_database, clock).test_client()

    def get(path: str, role: Role | None = Role.NURSE) -> Any:
        token = token_of(fresh_database, clock, f"device-{role}", role) if role else {}
        return client.get(f"/api/v1/registers{path}", headers={**token, "Accept-Language": "en"})

    return get


def test_facts(ask: Callable[..., Any]) -> None:
    answer = ask("/04054585068524")
    assert answer.status_code == 200
    body = answer.json
    assert (body["name"], body["model"], body["kind"]) == ("输尿管支架", "MR-414818-XS", "sales_unit")
    assert body["insurance"][0]["models_of_kind"] == 3
    assert body["packs"] == [{"kind": "sales_unit", "di": "04054585068524", "sales_units": 1, "use_units": 1}]


def test_nobody_knows_it(ask: Callable[..., Any]) -> None:
    answer = ask("/A/B")
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (
        404,
        "registers.unknown_identifier",
    )


def test_search(ask: Callable[..., Any]) -> None:
    answer = ask("?q=取石网篮&limit=3")
    assert answer.status_code == 200
    assert len(answer.json["hits"]) == 3
    assert answer.json["more"] is True
    assert answer.json["hits"][0]["register"] == "nmpa"
    assert ask("?q=a").status_code == 422
    assert ask("?q=支架&limit=0").status_code == 422
    assert ask("?q=支架&page=2").status_code == 422


def test_who_may(ask: Callable[..., Any]) -> None:
    assert ask("/04054585068524", None).status_code == 401
    assert ask("/04054585068524", Role.SUPPLIER).status_code == 403
