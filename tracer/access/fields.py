"""What the fields of requests have in common: types that refuse in words, and one base for every body.

A number is never taken from a text, a time never without its offset, and a field nobody knows is
refused: what is quietly ignored is found at the month's end.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from tracer.access.once import LONGEST_KEY
from tracer.shared.errors import Invalid

LARGEST_ID = 2**63 - 1
LONGEST_NAME = 100
LONGEST_TEXT = 500
MOST_LINES = 500
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# RFC 3339 §5.6; pydantic alone would also take a number of seconds, a bare date, and a space for the T.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
# Near the ends of what a datetime can say, changing its offset fails.
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)


class BadField(Invalid, ValueError):
    """A field's content is wrong; the request model tells which field."""


class ControlCharacter(BadField):
    zh = "含有控制字符（第 {at} 个字符）"
    en = "has a control character (character {at})"


class NotAnInstant(BadField):
    zh = "应为带时区的时间，如 2025-06-12T08:30:00+08:00"
    en = "must be a time with offset, as 2025-06-12T08:30:00+08:00"


class NotADay(BadField):
    zh = "应为日期，如 2025-06-12"
    en = "must be a date, as 2025-06-12"


class NotMoney(BadField):
    zh = '应为以文本给出的金额（元），最多两位小数，如 "12.50"'
    en = 'must be an amount in CNY as text with two decimals at most, as "12.50"'


def _printable(text: str) -> str:
    found = _CONTROL.search(text)
    if found is not None:
        raise ControlCharacter(at=found.start() + 1)
    return text


def _shaped(shape: re.Pattern[str], refusal: type[BadField]) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or shape.fullmatch(value) is None:
            raise refusal()
        return value

    return BeforeValidator(check)


Key = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_KEY), AfterValidator(_printable)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), AfterValidator(_printable)]
Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AfterValidator(_printable)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_printable)]
Count = Annotated[int, Field(strict=True)]  # which counts are right, the use case says
RecordId = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
PathId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Instant = Annotated[AwareDatetime, _shaped(_INSTANT, NotAnInstant), Field(ge=_FIRST, le=_LAST)]
Day = Annotated[date, _shaped(_DAY, NotADay)]
Money = Annotated[Decimal, _shaped(_MONEY, NotMoney)]


class Request(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def refused(description: str) -> dict[str, Any]:
    """A refusal, for a route's list of answers in the OpenAPI document."""
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": description, "content": {"application/problem+json": problem}}


def answers(model: type[BaseModel]) -> dict[Any, Any]:
    """What a route with an idempotency key answers, for the OpenAPI document."""
    return {
        201: model,
        200: model,
        404: refused("No such record, or not one this person may see"),
        409: refused("In conflict with what is recorded, or the first request with this key is under way"),
    }
