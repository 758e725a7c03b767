"""What is wrong with a request's fields, in words: every fault at once, none of pydantic's jargon."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tracer.shared.errors import Refusal

# By pydantic's error type; the first of these that the type begins with. Data by name from the error.
WORDS: tuple[tuple[str, str, str], ...] = (
    ("missing", "必填", "is required"),
    ("extra_forbidden", "没有这个字段", "there is no such field"),
    ("string_too_short", "至少 {min_length} 个字符", "at least {min_length} characters"),
    ("string_too_long", "最多 {max_length} 个字符", "at most {max_length} characters"),
    ("string_pattern_mismatch", "格式应为 {pattern}", "must match {pattern}"),
    ("string", "应为文本", "must be text"),
    ("int", "应为整数", "must be a whole number"),
    ("float", "应为数字", "must be a number"),
    ("decimal_max_places", "最多 {decimal_places} 位小数", "at most {decimal_places} decimal places"),
    ("decimal_max_digits", "最多 {max_digits} 位数字", "at most {max_digits} digits"),
    (
        "decimal_whole_digits",
        "整数部分最多 {whole_digits} 位",
        "at most {whole_digits} digits before the point",
    ),
    ("decimal", "应为十进制数", "must be a decimal number"),
    ("bool", "应为 true 或 false", "must be true or false"),
    ("greater_than_equal", "应不小于 {ge}", "must be {ge} or more"),
    ("greater_than", "应大于 {gt}", "must be more than {gt}"),
    ("less_than_equal", "应不大于 {le}", "must be {le} or less"),
    ("less_than", "应小于 {lt}", "must be less than {lt}"),
    ("multiple_of", "应为 {multiple_of} 的倍数", "must be a multiple of {multiple_of}"),
    ("finite_number", "应为有限的数", "must be finite"),
    ("enum", "应为以下之一：{expected}", "must be one of: {expected}"),
    ("literal_error", "应为以下之一：{expected}", "must be one of: {expected}"),
    (
        "timezone",
        "时间应带时区，如 2025-06-12T08:30:00+08:00",
        "needs an offset, as 2025-06-12T08:30:00+08:00",
    ),
    ("datetime", "应为时间，如 2025-06-12T08:30:00+08:00", "must be a time, as 2025-06-12T08:30:00+08:00"),
    ("date", "应为日期，如 2025-06-12", "must be a date, as 2025-06-12"),
    ("time", "应为时间，如 08:30:00", "must be a time of day, as 08:30:00"),
    ("uuid", "应为 UUID", "must be a UUID"),
    ("url", "应为网址", "must be a URL"),
    ("too_short", "至少 {min_length} 项", "at least {min_length} entries"),
    ("too_long", "最多 {max_length} 项", "at most {max_length} entries"),
    ("list", "应为列表", "must be a list"),
    ("tuple", "应为列表", "must be a list"),
    ("dict", "应为对象", "must be an object"),
    ("model", "应为对象", "must be an object"),
    ("bytes", "应为文本", "must be text"),
    ("none_required", "应为空", "must be null"),
    ("", "内容不正确", "is not right"),
)


class InvalidRequest(Refusal):
    """Fields of a request that are not as the route wants them, each with its reason."""

    code = "invalid_request"
    status = 422
    zh = "请求中有 {count} 处不正确：{first}"
    en = "{count} faults in the request: {first}"

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        first = f"{errors[0]['field']} {errors[0]['reason']}" if errors else ""
        super().__init__(errors=errors, count=len(errors), first=first)


def in_words(error: ValidationError, language: str) -> InvalidRequest:
    """A pydantic error as a refusal that says of each field what is wrong and what was expected."""
    details = error.errors(include_url=False, include_input=False)
    return InvalidRequest([_worded(detail, language) for detail in details])


def _worded(detail: ErrorDetails, language: str) -> dict[str, Any]:
    kind, context = detail["type"], detail.get("ctx", {})
    worded: dict[str, Any] = {
        "field": ".".join(str(part) for part in detail["loc"]) or "body",
        "reason": _reason(kind, context, language),
    }
    if "expected" in context:
        worded["expected"] = context["expected"]
    return worded


def _reason(kind: str, context: dict[str, Any], language: str) -> str:
    raised = context.get("error")
    if isinstance(raised, Refusal):
        return raised.message(language)
    if kind in {"value_error", "assertion_error"} and raised is not None:
        return str(raised)  # a validator's own words
    _, zh, en = next(words for words in WORDS if kind.startswith(words[0]))
    return (en if language.startswith("en") else zh).format_map(_Lenient(context))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
