"""What the catalogue refuses.

Invalid
└── ImportRefused   a file of codes with something wrong in it; carries every finding
NotFound
├── UnknownSystem   not one of the five code systems
├── UnknownCode     nobody has this code on that day
├── UnknownBinding  no such proposal or binding
├── UnknownPrice    no such price
├── UnknownMarkup   no such change of a mark-up
└── UnknownWaiver   no such exception, or closed already
Conflict
├── ApprovalRefused some of what was to be approved cannot be; carries every problem
├── CannotRetire    not in force, or ended already
├── MarkupProposed  another change of this mark-up waits for approval
├── MarkupDecided   decided already, or proposed by who would approve it
├── NotSettled      a chargeable item lacks a code or its charge price, and has no exception
└── WaivedAlready   the item has an open exception
"""

from __future__ import annotations

from collections.abc import Iterable

from tracer.catalog.approving import Problem
from tracer.catalog.codes_file.findings import Finding, in_order
from tracer.catalog.words import problem_text
from tracer.shared.errors import Conflict, Invalid, NotFound


class ImportRefused(Invalid):
    """Nothing of the file was written; `findings` holds all that is wrong with it, row by row.

    `remarks` are what a person should know besides, and would not have stood in the way.
    """

    code = "catalog.import_refused"
    zh = "“{source}”未导入：{count} 处有误，未写入任何数据"
    en = "{source} was not imported: {count} findings; nothing was written"

    def __init__(self, source: str, findings: Iterable[Finding], remarks: Iterable[Finding] = ()) -> None:
        self.findings = in_order(findings)
        self.remarks = in_order(remarks)
        super().__init__(source=source, count=len(self.findings))


class UnknownSystem(NotFound):
    code = "catalog.unknown_system"
    zh = "没有编码系统“{system}”；应为 {systems} 之一"
    en = "there is no code system {system!r}; one of these is expected: {systems}"


class UnknownCode(NotFound):
    code = "catalog.unknown_code"
    zh = "{at} 没有物资使用 {system} 编码“{value}”"
    en = "no item has the {system} code {value!r} on {at}"


class UnknownBinding(NotFound):
    code = "catalog.unknown_binding"
    zh = "没有编号为 {binding} 的编码绑定"
    en = "there is no code binding {binding}"


class UnknownPrice(NotFound):
    code = "catalog.unknown_price"
    zh = "没有编号为 {price} 的价格"
    en = "there is no price {price}"


class UnknownMarkup(NotFound):
    code = "catalog.unknown_markup"
    zh = "没有编号为 {change} 的加价规则变更"
    en = "there is no change {change} of a mark-up"


class MarkupProposed(Conflict):
    code = "catalog.markup_proposed"
    zh = "该类别的加价规则已有一项变更待批准；请先处理"
    en = "another change of this category's mark-up waits for approval; decide that first"


class MarkupDecided(Conflict):
    code = "catalog.markup_decided"
    zh = "加价规则变更 {change} 不能批准：{why_zh}"
    en = "the change {change} of a mark-up cannot be approved: {why_en}"


class ApprovalRefused(Conflict):
    """Nothing was approved; `problems` says of each that cannot be why. The sentence shows the first."""

    code = "catalog.approval_refused"
    zh = "{count} 项不能批准，未作任何变更。编号 {first}：{why_zh}"
    en = "{count} of them cannot be approved; nothing was changed. Number {first} {why_en}"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(
            count=len(self.problems),
            first=first.binding_id,
            reason=first.code,
            why_zh=problem_text(first.code, first.data, "zh"),
            why_en=problem_text(first.code, first.data, "en"),
        )


class CannotRetire(Conflict):
    code = "catalog.cannot_retire"
    zh = "编码 {code} 在那一天无法停用（有效期 {since} 至 {until}）"
    en = "the code {code} cannot be ended on that day (valid {since} – {until})"


class UnknownWaiver(NotFound):
    code = "catalog.unknown_waiver"
    zh = "没有编号为 {waiver} 的例外，或已关闭"
    en = "there is no open exception {waiver}"


class NotSettled(Conflict):
    """`missing` holds code systems, and `charge_price`."""

    code = "catalog.not_settled"
    zh = "“{item}”（{material}）可收费，但尚缺：{missing_zh}。请先补齐并批准，或由医保办、财务批准例外"
    en = (
        "{item} ({material}) is to be charged for, and has no {missing_en} yet. Settle that first, or let "
        "the insurance office or finance allow an exception"
    )


class WaivedAlready(Conflict):
    code = "catalog.waived_already"
    zh = "该物资已有未关闭的例外"
    en = "the item has an open exception already"
