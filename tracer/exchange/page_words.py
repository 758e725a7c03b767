"""What states, kinds and answers are called on the page."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from reconcile.drift import Drift
from tracer.exchange.posting import Outcome
from tracer.exchange.queries import TryView
from tracer.exchange.rules import DeliveryState, EndpointKind, EndpointState, Verdict

# Colour and picture of each state; the word stands beside them.
DELIVERY_LOOKS = {
    DeliveryState.WAITING: ("ask", "pending"),
    DeliveryState.DELIVERED: ("good", "check"),
    DeliveryState.DEAD: ("bad", "warn"),
    DeliveryState.SKIPPED: ("quiet", "dash"),
}


def delivery_names() -> dict[DeliveryState, str]:
    return {
        DeliveryState.WAITING: _("待发送"),
        DeliveryState.DELIVERED: _("已送达"),
        DeliveryState.DEAD: _("死信"),
        DeliveryState.SKIPPED: _("已跳过"),
    }


def endpoint_names() -> dict[EndpointState, str]:
    return {
        EndpointState.ACTIVE: _("发送中"),
        EndpointState.PAUSED: _("已暂停"),
        EndpointState.ENDED: _("已停用"),
    }


def kind_names() -> dict[EndpointKind, str]:
    return {
        EndpointKind.WEBHOOK: _("网络接口（Webhook）"),
        EndpointKind.CSV: _("CSV 文件"),
        EndpointKind.XLSX: _("XLSX 文件"),
    }


def try_words(one: TryView | Outcome) -> str:
    """How a try ended, in a word or two."""
    if one.verdict == Verdict.DELIVERED:
        words = _("已接收")
    elif one.verdict == Verdict.REFUSED:
        words = _("被拒收")
    else:
        words = _("没有回答") if one.status is None else _("未成功")
    return str(words)


DRIFTS: Final[dict[Drift, tuple[str, str]]] = {
    Drift.SILENT: ("对方未更新", "Not done"),
    Drift.CONTRADICTS: ("对方改成了别的", "Changed to something else"),
}


def drift_names(language: str) -> dict[Drift, str]:
    return {drift: words[language.startswith("en")] for drift, words in DRIFTS.items()}
