"""What the exchange refuses.

Refusal
├── UnknownEndpoint    no endpoint of that number
├── UnknownEvent       no event of that number
├── NotToldThere       the event was never meant for that endpoint
├── NameInUse          another endpoint has that name or folder
├── WrongEndpoint      an address, folder, topic, secret or certificate file that cannot be right
├── EndpointOver       an endpoint that was ended is not begun again
├── BeingSent          the event is being sent at this moment
├── AlreadySettled     the event waits for nobody's decision there
└── WhyMissing         a decision without its reason
"""

from __future__ import annotations

from tracer.exchange.rules import Wrong
from tracer.shared.errors import Conflict, Invalid, NotFound


class UnknownEndpoint(NotFound):
    code = "unknown_endpoint"
    zh = "没有编号为 {endpoint} 的接收端"
    en = "There is no endpoint {endpoint}"


class UnknownEvent(NotFound):
    code = "unknown_event"
    zh = "没有编号为 {event} 的事件"
    en = "There is no event {event}"


class NotToldThere(NotFound):
    code = "not_told_there"
    zh = "该事件不发往此接收端"
    en = "This event is not for that endpoint"


class NameInUse(Conflict):
    code = "name_in_use"
    zh = "已有接收端使用该名称或目录"
    en = "Another endpoint has this name or folder"


class WrongEndpoint(Invalid):
    code = "wrong_endpoint"
    zh = "{field}：{reason_zh}"
    en = "{field}: {reason}"

    @classmethod
    def of(cls, wrong: Wrong) -> WrongEndpoint:
        return cls(field=wrong.field, reason=wrong.en, reason_zh=wrong.zh)


class EndpointOver(Conflict):
    code = "endpoint_over"
    zh = "该接收端已停用，不能再改动；请新建一个"
    en = "This endpoint was ended and stays so; make a new one"


class BeingSent(Conflict):
    code = "being_sent"
    zh = "该事件正在发送，请稍候再试"
    en = "This event is being sent at this moment; try again in a minute"


class AlreadySettled(Conflict):
    code = "already_settled"
    zh = "该事件已送达或已跳过，无需处理"
    en = "This event was delivered or skipped already"


class WhyMissing(Invalid):
    code = "why_missing"
    zh = "请填写原因（2–200 字）"
    en = "Give a reason of 2 to 200 characters"
