"""The indicator cards of the variance page: a figure, what it means for the day, and its formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from reconcile.workbook_words import CAUSES, COLUMNS, INDICATORS, STATUSES
from tracer.closing.queries import Report, RowView


@dataclass(frozen=True, slots=True)
class Indicator:
    """`kind` says how the value is shown: rate, count or money; `tone` good, bad, ask or nothing."""

    label: str
    value: Any
    kind: str
    formula: str
    note: str = ""
    tone: str = ""
    status: str | None = None


def column_names(language: str) -> dict[str, str]:
    """The headings of the report, the same as in the workbook."""
    return {name: words[_at(language)] for name, words in COLUMNS.items()}


def status_names(language: str) -> dict[str, str]:
    return {str(name): words[_at(language)] for name, words in STATUSES.items()}


def cause_names(language: str) -> dict[str, str]:
    return {name: words[_at(language)] for name, words in CAUSES.items()}


def cause_meanings() -> dict[str, str]:
    """What each cause says happened, in a sentence."""
    return {
        "late_posting": _("使用和计费记在了不同的业务日期；另一边在相邻的日期里。"),
        "packaging_factor": _("使用与计费相差整包装：一边按件、一边按包装记了数量。"),
        "used_not_charged": _("耗材已用在患者身上，没有对应的计费；可能漏收。"),
        "charged_not_used": _("有计费，没有对应的使用；可能多收。"),
        "not_chargeable": _("该项目不可收费，却出现了计费。"),
        "unexplained": _("没有找到能解释它的记录，需要人工核查。"),
    }


def indicators_of(report: Report, language: str) -> list[Indicator]:
    """The cards, the one that decides about the day first."""
    summary, at = report.summary, _at(language)
    priced = summary["gross_rate_value"] is not None
    gross, net = ("gross_rate_value", "net_rate_value") if priced else ("gross_rate", "net_rate")
    breached = summary["status"] == "BREACH"
    tolerance = Decimal(summary["tolerance"])

    def named(key: str) -> tuple[str, str]:
        words = INDICATORS[key]
        return words[at], words[2 + at]

    label, formula = named(gross)
    cards = [
        Indicator(
            label,
            summary[gross],
            "rate",
            formula,
            note=_("容差 %(limit)s %%", limit=f"{tolerance * 100:f}".rstrip("0").rstrip(".")),
            tone="bad" if breached else "good",
            status=summary["status"],
        )
    ]
    label, formula = named(net)
    cards.append(Indicator(label, summary[net], "rate", formula, note=_("正负可相抵")))
    label, formula = named("breaches")
    cards.append(
        Indicator(
            label,
            summary["breaches"],
            "count",
            formula,
            note=_("共 %(n)s 行", n=f"{summary['rows']:,}"),
            tone="bad" if summary["breaches"] else "",
        )
    )
    label, formula = named("invalid")
    cards.append(
        Indicator(label, summary["invalid"], "count", formula, tone="bad" if summary["invalid"] else "")
    )
    cards.append(_unexplained(report.rows))
    if priced:
        label, formula = named("net_variance_value")
        cards.append(Indicator(label, summary["net_variance_value"], "money", formula))
    return cards


def _unexplained(rows: Sequence[RowView]) -> Indicator:
    """What no cause accounts for, by value where it has one; pieces of different items are never added."""
    left = [
        (row, sum(cause.units for cause in row.causes if cause.cause == "unexplained"))
        for row in rows
        if row.status != "INVALID"
    ]
    left = [(row, units) for row, units in left if units]
    priced = bool(left) and all(row.unit_cost is not None for row, _units in left)
    value = sum((units * (row.unit_cost or 0) for row, units in left), Decimal(0))
    return Indicator(
        _("未查明"),
        value if priced else len(left),
        "money" if priced else "count",
        _("各行差异中没有任何原因能解释的件数 × 采购价；缺价时只计行数"),
        note=_("%(n)s 行", n=len(left)),
        tone="ask" if left else "good",
    )


def _at(language: str) -> int:
    return 1 if language.startswith("en") else 0
