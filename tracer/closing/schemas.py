"""What the variance routes take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tracer.access.fields import Code, Day, Name
from tracer.closing.queries import Report, RowView


class DayPath(BaseModel):
    date: Day = Field(description="The business date, as 2026-01-05")


class VarianceQuery(BaseModel):
    """Filters of the report; one that is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    date: Day = Field(description="The business date; open days are answered provisionally")
    location: Code | None = Field(default=None, description="A place, or what it belongs to")
    category: Name | None = None
    status: Name | None = Field(default=None, json_schema_extra={"enum": ["INVALID", "BREACH", "OK"]})
    format: Name | None = Field(
        default=None,
        description="json, csv or xlsx; as the Accept header says, if not given",
        json_schema_extra={"enum": ["json", "csv", "xlsx"]},
    )


class CauseOut(BaseModel):
    cause: str
    units: int
    evidence: list[str] = Field(description="Record ids, as movements:17 or charges:9")


class VarianceRowOut(BaseModel):
    """One row; quantities in base units, money in CNY as text."""

    business_date: date
    location: str
    material: str
    name: str
    opening: int
    received: int
    transferred_in: int
    transferred_out: int
    used: int
    written_off: int
    book_closing: int
    counted: int | None
    consumed: int
    billed: int
    stock_variance: int | None
    charge_variance: int | None
    rate: str | None
    variance_value: str | None
    status: str
    cause: str
    causes: list[CauseOut]


class VarianceOut(BaseModel):
    business_date: date
    provisional: bool = Field(description="True while the day is open")
    closed_at: datetime | None
    summary: dict[str, Any]
    rows: list[VarianceRowOut]


class ClosedOut(BaseModel):
    """A closed day's figures, as `summary.json` of `python -m reconcile variance` has them."""

    model_config = ConfigDict(extra="allow")

    business_date: date
    rows: int


def as_answer(report: Report) -> dict[str, Any]:
    """The report as JSON: exact decimals as text, days as ISO dates."""
    return {
        "business_date": report.business_date.isoformat(),
        "provisional": report.provisional,
        "closed_at": report.closed_at.isoformat() if report.closed_at else None,
        "summary": report.summary,
        "rows": [_row(row) for row in report.rows],
    }


def _row(row: RowView) -> dict[str, Any]:
    answer = {name: getattr(row, name) for name in VarianceRowOut.model_fields if name != "causes"}
    answer["business_date"] = row.business_date.isoformat()
    for name in ("rate", "variance_value"):
        answer[name] = None if answer[name] is None else str(answer[name])
    answer["causes"] = [
        {"cause": one.cause, "units": one.units, "evidence": list(one.evidence)} for one in row.causes
    ]
    return answer
