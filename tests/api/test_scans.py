"""`POST /scans` and its reversal, as a device meets them."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.ward import Ward, problem
from tests.small_hospital import (
    NURSE_STATION,
    STENT_DI,
    STORE,
    SYRINGE_BOX_DI,
    SYRINGE_DI,
    TODAY,
    new_key,
    udi,
)

STENT = udi(STENT_DI, lot="A1", serial="S1", expiry=date(2028, 1, 31))
SYRINGE = udi(SYRINGE_DI, lot="L1")
MEMBERS = {
    "scan", "outcome", "item", "quantity", "lot", "expiry", "serial", "encounter", "location", "order_line",
    "business_date", "scanned_at", "charge", "choices", "warnings",
}  # fmt: skip


def codes_of(answer: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in answer["warnings"]}


def test_a_scan_is_told_as_the_interface_says(ward: Ward) -> None:
    response = ward.scan(STENT)
    assert response.status_code == 201
    answer = response.get_json()
    assert set(answer) == MEMBERS
    assert answer["outcome"] == "charged"
    assert answer["item"]["codes"] == {
        "material": "WZ000001",
        "billing": "JF000001",
        "order": "YZ000001",
        "insurance": "C02040100300003091540000010",
        "udi": STENT_DI,
    }
    assert (answer["lot"], answer["serial"], answer["expiry"]) == ("A1", "S1", "2028-01-31")
    assert answer["charge"] | {"id": 0} == {
        "id": 0,
        "quantity": 1,
        "unit_price": "12800.00",
        "amount": "12800.00",
    }


def test_the_document_tells_of_every_member(ward: Ward) -> None:
    document = ward.client.get("/openapi/openapi.json").get_json()
    assert set(document["components"]["schemas"]["ScanOut"]["properties"]) == MEMBERS
    operation = document["paths"]["/api/v1/scans"]["post"]
    assert {"200", "201", "401", "403", "404", "409", "422", "503"} <= set(operation["responses"])


def test_the_same_key_again_is_the_same_body_and_nothing_more_is_written(ward: Ward) -> None:
    key = new_key()
    first = ward.scan(STENT, idempotency_key=key)
    rows = ward.rows()
    for _ in range(3):
        again = ward.scan(STENT, idempotency_key=key)
        assert (again.status_code, again.data) == (200, first.data)
    assert ward.rows() == rows


@pytest.mark.parametrize(
    "change",
    [
        {"raw": SYRINGE},
        {"location": STORE},
        {"encounter": "E2"},
        {"quantity": 1},
        {"device": "other"},
        {"override_reason": "x"},
        {"scanned_at": "2026-03-10T11:00:00+08:00"},
        {"order_line": 1},
    ],
)
def test_the_same_key_with_another_payload_is_refused(ward: Ward, change: dict[str, Any]) -> None:
    key = new_key()
    assert ward.scan(STENT, idempotency_key=key, role="admin").status_code == 201
    rows = ward.rows()
    problem(ward.scan(**{"raw": STENT} | change, idempotency_key=key, role="admin"), 422, "key_reused")
    assert ward.rows() == rows


def test_a_key_of_one_person_or_of_another_operation_is_not_another_ones(ward: Ward) -> None:
    key = new_key()
    scan = ward.scan(STENT, idempotency_key=key).get_json()["scan"]
    problem(ward.scan(STENT, idempotency_key=key, role="admin"), 422, "key_reused")
    problem(ward.post(f"/scans/{scan}/reversal", {"idempotency_key": key}), 422, "key_reused")


def test_while_the_first_is_under_way_the_second_is_told_to_wait(ward: Ward) -> None:
    key, built = new_key(), ward.hospital.session.get_bind()
    with built.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
        answer = ward.scan(STENT, idempotency_key=key)
        problem(answer, 409, "key_in_flight")
        assert answer.headers["Retry-After"] == "1"
    assert ward.scan(STENT, idempotency_key=key).status_code == 201


def test_raw_may_come_as_base64_of_any_bytes(ward: Ward) -> None:
    as_text = ward.scan(SYRINGE).get_json()
    as_bytes = ward.scan(..., raw_b64=base64.b64encode(SYRINGE.encode()).decode()).get_json()
    assert as_bytes["outcome"] == as_text["outcome"] == "charged"
    answer = ward.scan(..., raw_b64=base64.b64encode(b"\xff\xfe\x00]d2").decode()).get_json()
    assert answer["outcome"] == "unresolved"
    kept = ward.hospital.session.execute(
        text("SELECT raw FROM scan WHERE id = :id"), {"id": answer["scan"]}
    ).scalar_one()
    assert bytes(kept) == b"\xff\xfe\x00]d2"


@pytest.mark.parametrize(
    "given",
    [
        {"raw": ...},
        {"raw_b64": ""},
        {"raw": None},
        {"raw": ..., "raw_b64": "é"},
        {"raw": ..., "raw_b64": "A"},
        {"raw": ..., "raw_b64": "====\n"},
        {"raw": "x" * 16_385},
        {"raw": ..., "raw_b64": "A" * 40_000},
        {"raw": 1},
        {"raw": ["]d2"]},
        {"raw": "\ud800"},
        {"quantity": "3"},
        {"quantity": 3.0},
        {"quantity": 1.5},
        {"quantity": True},
        {"scanned_at": "2026-03-10T11:59:00"},
        {"scanned_at": "2026-03-10"},
        {"scanned_at": "2026-02-30T11:59:00+08:00"},
        {"scanned_at": "2026-03-10T24:00:01+08:00"},
        {"scanned_at": 1773115200},
        {"scanned_at": "0001-01-01T00:00:00+08:00"},
        {"scanned_at": "9999-12-31T23:59:59-08:00"},
        {"device": "x" * 101},
        {"device": "a\x00b"},
        {"device": "a\nb"},
        {"order_line": 0},
        {"order_line": 2**63},
        {"order_line": "1"},
        {"idempotency_key": ""},
        {"idempotency_key": "x" * 201},
        {"idempotency_key": ...},
        {"idempotency_key": 7},
        {"idempotency_key": "a\x00"},
        {"location": ...},
        {"encounter": ...},
        {"encounter": "x" * 101},
        {"override_reason": "x" * 501},
        {"qty": 2},
        {"\ud800": 2},
    ],
)
def test_a_malformed_request_is_refused_and_names_the_field(ward: Ward, given: dict[str, Any]) -> None:
    rows = ward.rows()
    body = problem(ward.scan(**{"raw": SYRINGE} | given), 422, "invalid_request")
    assert body["errors"] and all(error["reason"] for error in body["errors"])
    assert ward.rows() == rows


@pytest.mark.parametrize("quantity", [0, -1, 10_001, 2**31, 2**63, 10**40])
def test_a_quantity_that_cannot_be_is_refused(ward: Ward, quantity: int) -> None:
    rows = ward.rows()
    assert "quantity" in problem(ward.scan(SYRINGE, quantity=quantity), 422, "invalid")["detail"]
    assert ward.rows() == rows


@pytest.mark.parametrize("ref", ["", "06901234567892", "E 1", "]d2010690", "x" * 33, "-E", "Ｅ1"])
def test_a_wristband_that_is_none_is_refused(ward: Ward, ref: str) -> None:
    rows = ward.rows()
    problem(ward.scan(STENT, encounter=ref), 422, "bad_encounter")
    assert ward.rows() == rows


@pytest.mark.parametrize(
    ("raw", "remark"),
    [
        ("]d20106901234567893", "not_readable"),  # check digit
        ("]d201069012345678", "not_readable"),  # cut off
        ("]d2010690123456789217280131", "label_needed"),  # whole, but which piece?
        ("]d20106901234567892172813", "not_readable"),
        ("]d2010690123456789217280230" + "10A1", "not_readable"),  # 30 February
        ("]d2" + "0106901234567939", "unknown_code"),
        ("", "not_readable"),
        ("\x00", "not_readable"),
        ("]d2\x00\x00", "not_readable"),
        ("]d20106901234567892\x1d21S\x001", "not_readable"),
        ("🩺" * 4000, "not_readable"),
        ("A" * 16_384, "not_readable"),
    ],
)
def test_what_cannot_be_booked_is_kept(ward: Ward, raw: str, remark: str) -> None:
    response = ward.scan(raw)
    assert response.status_code == 201
    answer = response.get_json()
    assert answer["outcome"] in ("unresolved", "needs_choice")
    assert remark in codes_of(answer)
    assert all(warning["message"] for warning in answer["warnings"])
    assert answer["charge"] is None
    kept = ward.hospital.session.execute(text("SELECT raw FROM scan")).scalar_one()
    assert bytes(kept) == raw.encode()
    assert ward.hospital.count("charge") == 0


def test_a_megabyte_is_refused_without_effort(ward: Ward) -> None:
    rows = ward.rows()
    problem(ward.scan("]d2" + "A" * 2**20), 422, "invalid_request")
    assert ward.rows() == rows


def test_a_remark_is_worded_in_the_reader_s_language(ward: Ward) -> None:
    key = new_key()
    body = {"idempotency_key": key, "location": NURSE_STATION, "encounter": "E1", "raw": STENT}
    heard = [
        ward.client.post(
            "/api/v1/scans", json=body, headers=ward.headers("nurse") | {"Accept-Language": language}
        ).get_json()["warnings"][0]["message"]
        for language in ("zh-CN", "en", "fr")
    ]
    assert heard[0] == heard[2] == "HIS 尚未告知该就诊号，已照常记账"
    assert heard[1].startswith("The HIS has not told")


def test_a_package_asks_how_many_and_is_charged_by_the_piece(ward: Ward) -> None:
    box = udi(SYRINGE_BOX_DI, lot="L1")
    asked = ward.scan(box).get_json()
    assert (asked["outcome"], asked["choices"]) == ("needs_choice", [{"quantity": 1}, {"quantity": 10}])
    answer = ward.scan(box, quantity=7).get_json()
    assert answer["charge"]["amount"] == "12.95"


def test_an_expired_piece_is_refused_until_a_reason_is_given(ward: Ward) -> None:
    expired = udi(STENT_DI, lot="A1", serial="S2", expiry=date(2026, 3, 9))
    assert ward.scan(expired).get_json()["outcome"] == "refused"
    assert "reason" in problem(ward.scan(expired, override_reason="  "), 422, "invalid")["detail"]
    answer = ward.scan(expired, override_reason="抢救").get_json()
    assert answer["outcome"] == "charged"
    assert {"expired", "overridden"} <= codes_of(answer)


def test_what_happened_on_a_closed_day_is_posted_on_the_next_open_one(ward: Ward) -> None:
    ward.close_day(TODAY - timedelta(days=1))
    answer = ward.scan(STENT, scanned_at="2026-03-09T23:50:00+08:00").get_json()
    assert answer["business_date"] == "2026-03-10"
    assert "late_posting" in codes_of(answer)
    assert ward.hospital.session.execute(
        text("SELECT DISTINCT business_date FROM charge")
    ).scalars().all() == [TODAY]
    ward.close_day(TODAY)
    assert ward.scan(SYRINGE).get_json()["business_date"] == "2026-03-11"


@pytest.mark.parametrize(
    "given", ["2026-03-11T00:00:00+08:00", "1970-01-01T00:00:00Z", "2020-01-01T08:00:00+08:00"]
)
def test_a_device_that_lost_its_date_is_put_right(ward: Ward, given: str) -> None:
    answer = ward.scan(STENT, scanned_at=given).get_json()
    assert (answer["outcome"], answer["business_date"]) == ("charged", "2026-03-10")
    assert "clock_skew" in codes_of(answer)


def test_undo_is_answered_once_and_replayed_ever_after(ward: Ward) -> None:
    scan = ward.scan(STENT).get_json()
    path, body = f"/scans/{scan['scan']}/reversal", {"idempotency_key": new_key(), "reason": "扫错"}
    first = ward.post(path, body)
    assert first.status_code == 201
    answer = first.get_json()
    assert answer["charge"]["reverses"] == scan["charge"]["id"]
    assert answer["charge"]["amount"] == "-12800.00"
    again = ward.post(path, body)
    assert (again.status_code, again.data) == (200, first.data)
    problem(ward.post(path, body | {"reason": "anders"}), 422, "key_reused")
    problem(ward.post(path, {"idempotency_key": new_key()}), 409, "already_reversed")
    assert ward.hospital.on_hand("stent") == 10


def test_there_is_nothing_to_undo_where_nothing_was_booked(ward: Ward) -> None:
    scan = ward.scan("hello").get_json()["scan"]
    problem(ward.post(f"/scans/{scan}/reversal", {"idempotency_key": new_key()}), 409, "nothing_to_reverse")


@pytest.mark.parametrize("scan", ["0", str(2**63), "9" * 40])
def test_a_scan_number_beyond_all_numbers_is_refused(ward: Ward, scan: str) -> None:
    problem(ward.post(f"/scans/{scan}/reversal", {"idempotency_key": new_key()}), 422, "invalid_request")
