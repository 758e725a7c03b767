"""`GET /encounters/{ref}`: what the scan page shows after the wristband."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.api.routes import KEYED
from tests.api.ward import Ward, problem
from tests.small_hospital import NURSE_STATION, OTHER_WARD, STENT_DI, SYRINGE_DI, new_key, udi
from tracer.access.rules import Role

ORDER = next(route for route in KEYED if route.path == "/orders")
MEMBERS = {"ref", "known", "confirmed", "name", "bed", "location", "charged", "orders", "scans"}


def stent(n: int) -> str:
    return udi(STENT_DI, lot="A1", serial=f"S{n}")


def seen(ward: Ward, ref: str = "E1", role: str = Role.NURSE) -> dict[str, Any]:
    response = ward.get(f"/encounters/{ref}", role=role)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    assert set(answer) == MEMBERS
    return answer


@contextmanager
def statements(ward: Ward) -> Iterator[list[str]]:
    """What is sent to the database in the block, savepoints left out."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    connection = ward.hospital.session.get_bind()
    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


def test_a_reference_nobody_has_used_is_no_error(ward: Ward) -> None:
    answer = seen(ward, "NEW-77")
    assert (answer["known"], answer["orders"], answer["scans"], answer["charged"]) == (False, [], [], "0.00")
    assert ward.hospital.count("encounter") == 0


def test_the_patient_s_name_is_masked_everywhere(ward: Ward) -> None:
    assert ORDER.call(ward, "his", patient_name="欧阳修之").status_code == 201
    ward.scan(stent(1))
    response = ward.get("/encounters/E1")
    assert response.get_json()["name"] == "欧*"
    assert "欧阳" not in response.text
    assert seen(ward)["bed"] == "12"


def test_orders_and_scans_of_the_stay_are_shown_newest_first(ward: Ward) -> None:
    ORDER.call(ward, "his")
    made = [ward.scan(raw).get_json() for raw in (stent(1), udi(SYRINGE_DI, lot="L1"), "hello", stent(1))]
    undone = ward.post(f"/scans/{made[0]['scan']}/reversal", {"idempotency_key": new_key()})
    assert undone.status_code == 201
    answer = seen(ward)
    assert answer["confirmed"] is True
    assert answer["location"]["code"] == NURSE_STATION
    assert [(s["outcome"], s["reversed"]) for s in answer["scans"]] == [
        ("refused", False),
        ("unresolved", False),
        ("charged", False),
        ("charged", True),
    ]
    assert [s["scan"] for s in answer["scans"]] == [one["scan"] for one in reversed(made)]
    for shown, told in zip(answer["scans"], reversed(made), strict=True):
        assert (shown["item"], shown["charge"]) == (told["item"], told["charge"])
        assert (shown["lot"], shown["serial"]) == (told["lot"], told["serial"])
        assert [w["code"] for w in shown["warnings"]] == [w["code"] for w in told["warnings"]]
    assert answer["charged"] == "1.85"
    (order,) = answer["orders"]
    assert {line["material"]: (line["expected"], line["used"], line["state"]) for line in order["lines"]} == {
        "WZ000001": (1, 0, "expected"),
        "WZ000002": (2, 1, "used"),
        "WZ000003": (5, 0, "expected"),
    }


def test_the_latest_fifty_scans_are_shown_in_few_statements(ward: Ward) -> None:
    ORDER.call(ward, "his")
    for _ in range(52):
        assert ward.scan(udi(SYRINGE_DI, lot="L1")).status_code == 201
    with statements(ward) as sent:
        answer = seen(ward)
    assert len(answer["scans"]) == 50
    assert len(sent) == 5  # who asks; the stay; its orders; their lines; its scans


def test_a_scan_takes_five_statements(ward: Ward) -> None:
    ORDER.call(ward, "his")
    ward.scan(stent(1))
    with statements(ward) as sent:
        assert ward.scan(stent(2)).get_json()["outcome"] == "charged"
    assert len(sent) == 5, sent  # who asks; the key; everything that is known; the movement; all the rest


@pytest.mark.parametrize("role", [Role.NURSE, "surgery"])
def test_a_stay_elsewhere_is_not_there(ward: Ward, role: str) -> None:
    ward.device("surgery", Role.NURSE, "/HOSP/SURG/")
    mine, other = (NURSE_STATION, OTHER_WARD) if role == Role.NURSE else (OTHER_WARD, NURSE_STATION)
    ORDER.call(ward, "his", encounter="HERE", order_no="O-1", location=mine)
    ORDER.call(ward, "his", encounter="THERE", order_no="O-2", location=other)
    assert seen(ward, "HERE", role)["orders"]
    problem(ward.get("/encounters/THERE", role=role), 404, "unknown_encounter")
    assert seen(ward, "THERE", Role.AUDITOR)["orders"]


def test_who_only_scanned_for_a_stay_elsewhere_sees_that_part_of_it(ward: Ward) -> None:
    ward.device("surgery", Role.NURSE, "/HOSP/SURG/")
    ORDER.call(ward, "his")
    ward.scan(stent(1))
    mine = ward.scan(stent(2), role="surgery", location=OTHER_WARD).get_json()["scan"]
    part, whole = seen(ward, role="surgery"), seen(ward)
    assert [one["scan"] for one in part["scans"]] == [mine]
    assert (part["orders"], part["charged"]) == ([], "12800.00")
    assert len(whole["scans"]) == 2
    assert (len(whole["orders"]), whole["charged"]) == (1, "25600.00")


def test_a_reading_changes_nothing(ward: Ward) -> None:
    ORDER.call(ward, "his")
    before = ward.rows()
    seen(ward)
    assert ward.rows() == before
