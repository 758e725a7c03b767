"""What the service refuses, and how it says so.

Refusal                 a request that cannot be carried out; 4xx, nothing was changed
├── Forbidden           the person may not do this anywhere
├── NotFound            no such record, or not one this person may see
├── Invalid             the request itself is wrong
│   ├── ReasonNeeded    what is turned down, ended or let pass says why
│   └── NothingChosen   of a list nothing was ticked
└── Conflict            right by itself, but not as things stand now

A room derives its own refusals from these four; each carries a stable `code`, the HTTP status,
a sentence in Chinese and one in English, and the data by name that both sentences use.
A `Warned` is not an error: something was done, and a person should know one thing more about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


class Refusal(Exception):
    """A request the service will not carry out. Nothing was changed."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    zh: ClassVar[str] = "请求被拒绝"
    en: ClassVar[str] = "The request was refused"

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.message("en"))

    def __reduce__(self) -> tuple[Any, ...]:
        # Refusals cross from one process to another; their data is by name, pickle's is by place.
        return _again, (type(self), self.data)

    def message(self, language: str) -> str:
        """The sentence for a person: `zh` (default) or `en`."""
        template = self.en if language.startswith("en") else self.zh
        return template.format(**self.data)


def _again(kind: type[Refusal], data: dict[str, Any]) -> Refusal:
    refusal = kind.__new__(kind)
    Refusal.__init__(refusal, **data)
    return refusal


class Forbidden(Refusal):
    code = "forbidden"
    status = 403
    zh = "您没有“{action}”的权限"
    en = "You are not allowed to {action}"


class NotFound(Refusal):
    code = "not_found"
    status = 404
    zh = "没有找到该记录"
    en = "No such record"


class Invalid(Refusal):
    code = "invalid"
    status = 422
    zh = "{field}：{reason}"
    en = "{field}: {reason}"


class ReasonNeeded(Invalid):
    zh = "请说明原因"
    en = "a reason is needed"


class NothingChosen(Invalid):
    zh = "请先勾选要处理的"
    en = "tick at least one first"


class Conflict(Refusal):
    code = "conflict"
    status = 409
    zh = "与现有记录冲突"
    en = "In conflict with what is already recorded"


@dataclass(frozen=True, slots=True)
class Warned:
    """A remark on something that was done: a stable code and data; worded at the edge."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)
