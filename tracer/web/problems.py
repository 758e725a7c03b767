"""One shape for every refusal (RFC 9457): what the problem is, in the caller's language, and its data."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field

from tracer.access.edge import API, current_language
from tracer.access.words import action_name
from tracer.shared.errors import Forbidden, Refusal

MEDIA_TYPE = "application/problem+json"
RESERVED = frozenset({"type", "title", "status", "detail", "code", "instance"})
TITLES_ZH = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的方法",
    409: "与现状冲突",
    413: "内容过大",
    415: "不支持的内容类型",
    422: "内容不正确",
    429: "请求过多",
    500: "系统内部错误",
    503: "暂时不可用",
}
# For refusals that come from Flask and not from us.
WORDS: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "请求无法理解", "The request cannot be understood"),
    404: ("not_found", "没有这个地址", "There is no such address"),
    405: ("method_not_allowed", "该地址不支持这种请求方法", "This address does not take that method"),
    408: ("too_slow", "请求发送太慢", "The request took too long to arrive"),
    413: ("too_large", "发送的内容过大", "What was sent is too large"),
    414: ("too_large", "地址过长", "The address is too long"),
    415: ("wrong_content_type", "不支持的内容类型", "This type of content is not taken"),
    431: ("too_large", "请求头过长", "The request's headers are too long"),
    500: ("internal_error", "系统内部错误，已记录", "Something broke here; it has been recorded"),
    503: ("unavailable", "数据库暂时不可用，请稍候重试", "The database is away for a moment; try again"),
}


class Problem(BaseModel):
    """An RFC 9457 problem document. Further members carry the data the sentence speaks of."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Stable; /problems/ and the code", examples=["/problems/not_found"])
    title: str
    status: int
    detail: str = Field(description="A sentence in the caller's language")
    code: str = Field(description="Stable", examples=["not_found"])


def wants_json() -> bool:
    """Whether this caller is a program: under /api/, or one that asks for JSON rather than a page."""
    if request.path.startswith(API):
        return True
    accepts = request.accept_mimetypes
    json = max(accepts["application/json"], accepts[MEDIA_TYPE])
    return json > accepts["text/html"] or (request.is_json and not accepts["text/html"] > json)


def sentence(refusal: Refusal, language: str) -> str:
    """A refusal in words."""
    if isinstance(refusal, Forbidden) and "action" in refusal.data:
        named = {**refusal.data, "action": action_name(refusal.data["action"], language)}
        return type(refusal)(**named).message(language)
    return refusal.message(language)


def title(status: int, language: str) -> str:
    """What kind of problem a status is."""
    phrase = HTTPStatus(status).phrase
    return phrase if language.startswith("en") else TITLES_ZH.get(status, phrase)


def problem(status: int, code: str, detail: str, data: dict[str, Any] | None = None) -> Response:
    """A problem document as an answer."""
    members = {key: value for key, value in (data or {}).items() if key not in RESERVED}
    document = {
        "type": f"/problems/{code}",
        "title": title(status, current_language()),
        "status": status,
        "detail": detail,
        "code": code,
        **members,
    }
    body = current_app.json.dumps(document, default=_as_text)
    # A refusal may quote what it was sent, and JSON can send half a character (a lone surrogate).
    return Response(body.encode("utf-8", "replace"), status=status, mimetype=MEDIA_TYPE)


def _as_text(value: Any) -> Any:
    # A refusal must be told even if its data holds something unforeseen.
    try:
        return current_app.json.default(value)  # type: ignore[attr-defined]
    except TypeError:
        return str(value)
