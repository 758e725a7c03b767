"""The variance over HTTP: as JSON, as files, filtered; and the close of a day."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from tests.api.ward import Ward
from tests.small_hospital import SYRINGE_DI, udi
from tracer.access.rules import Role

DAY = "2026-03-10"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def gaps(ward: Ward) -> Ward:
    """Three syringes scanned, and four more used that nobody charged."""
    assert ward.scan(udi(SYRINGE_DI, lot="L1"), quantity=3).status_code == 201
    body = {
        "idempotency_key": "xh-1",
        "location": "CARD-W1",
        "document": "XH1",
        "lines": [{"material": "WZ000002", "quantity": 4, "lot": "L1"}],
    }
    assert ward.post("/uses", body, role=Role.STOREKEEPER).status_code == 201
    return ward


def test_the_report_names_the_breach_and_its_cause(gaps: Ward) -> None:
    answer = gaps.get(f"/variance?date={DAY}", role=Role.FINANCE)
    assert answer.status_code == 200
    assert answer.json["provisional"] is True
    (breach,) = [row for row in answer.json["rows"] if row["status"] == "BREACH"]
    assert (breach["used"], breach["billed"], breach["charge_variance"]) == (7, 3, -4)
    assert breach["rate"] == "0.571429"
    assert breach["causes"][0] | {"evidence": []} == {
        "cause": "used_not_charged",
        "units": 4,
        "evidence": [],
    }
    assert answer.json["summary"]["breaches"] == 1


def test_closing_is_idempotent_and_the_report_no_longer_provisional(gaps: Ward) -> None:
    first = gaps.post(f"/days/{DAY}/close", role=Role.FINANCE)
    assert first.status_code == 200
    assert gaps.post(f"/days/{DAY}/close", role=Role.FINANCE).json == first.json
    answer = gaps.get(f"/variance?date={DAY}&status=BREACH", role=Role.AUDITOR)
    assert answer.json["provisional"] is False
    assert len(answer.json["rows"]) == 1


def test_the_files_say_what_the_page_says(gaps: Ward) -> None:
    rows = gaps.get(f"/variance?date={DAY}", role=Role.FINANCE).json["rows"]
    headers = gaps.headers(Role.FINANCE)
    answer = gaps.client.get(f"/api/v1/variance?date={DAY}", headers=headers | {"Accept": "text/csv"})
    assert answer.mimetype == "text/csv"
    told = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["location"], one["material"], one["charge_variance"]) for one in told] == [
        (
            row["location"],
            row["material"],
            "" if row["charge_variance"] is None else str(row["charge_variance"]),
        )
        for row in rows
    ]
    answer = gaps.client.get(
        f"/api/v1/variance?date={DAY}&format=xlsx", headers=headers | {"Accept-Language": "zh"}
    )
    assert answer.mimetype == XLSX
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert sheet.max_row == len(rows) + 2  # headings and totals
    assert "期初" in [cell.value for cell in sheet[1]]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/variance?date=2026-02-30", 422, None),
        ("/variance?date=yesterday", 422, None),
        ("/variance", 422, None),
        (f"/variance?date={DAY}&status=bad", 422, "unknown_filter"),
        (f"/variance?date={DAY}&format=pdf", 422, "unknown_filter"),
        (f"/variance?date={DAY}&colour=red", 422, None),
        (f"/variance?date={DAY}&location=NOWHERE", 404, "unknown_location"),
    ],
)
def test_a_wrong_question_is_refused_in_words(ward: Ward, path: str, status: int, code: str | None) -> None:
    answer = ward.get(path, role=Role.FINANCE)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]
    assert code is None or answer.json["code"] == code


@pytest.mark.parametrize("path", ["/days/2026-02-30/close", "/days/nonsense/close"])
def test_a_day_that_does_not_exist_cannot_be_closed(ward: Ward, path: str) -> None:
    assert ward.post(path, role=Role.FINANCE).status_code == 422


def test_a_day_ahead_cannot_be_closed(ward: Ward) -> None:
    answer = ward.post("/days/2026-03-11/close", role=Role.FINANCE)
    assert (answer.status_code, answer.json["code"]) == (409, "day_not_over")
