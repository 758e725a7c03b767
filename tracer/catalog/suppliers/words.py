"""What a supplier's entries, their outcomes and the reasons are called, in Chinese and in English."""

from __future__ import annotations

from typing import Any, Final

from tracer.catalog.codes_file.findings import REASONS as OF_CELLS
from tracer.catalog.suppliers.rules import Doubt, Fault, Field, Outcome, State

FIELDS: Final[dict[Field, tuple[str, str]]] = {
    Field.INSURANCE: ("医保编码", "Insurance code"),
    Field.UDI: ("UDI-DI", "UDI-DI"),
    Field.CERTIFICATE: ("注册证", "Certificate"),
    Field.PRICE: ("供货价", "Supply price"),
}
OUTCOMES: Final[dict[Outcome, tuple[str, str]]] = {
    Outcome.TAKEN: ("已提交", "Submitted"),
    Outcome.UNCHANGED: ("无变化", "Unchanged"),
    Outcome.REFUSED: ("未接受", "Refused"),
}
STATES: Final[dict[State, tuple[str, str]]] = {
    State.WAITING: ("待医院审核", "Awaiting the hospital"),
    State.HALF: ("一人已批准，待第二人", "Approved once, awaiting a second approver"),
    State.APPROVED: ("已批准", "Approved"),
    State.ENDED: ("已停用", "No longer in force"),
    State.RETURNED: ("已退回", "Returned"),
    State.WITHDRAWN: ("已撤回", "Withdrawn"),
}
DOUBTS: Final[dict[Doubt, tuple[str, str]]] = {
    Doubt.HELD_ELSEWHERE: ("该编码现属另一物资", "Another item has this code"),
    Doubt.WANTED_ELSEWHERE: ("另有人为别的物资提出了该编码", "The same code is proposed for another item"),
    Doubt.RIVAL: ("该物资另有不同的待审提案", "Something else is proposed for this item too"),
    Doubt.REPLACES: ("与现行的不同", "Differs from what holds now"),
    Doubt.REGISTER_DIFFERS: ("与标识数据库不符", "The register says otherwise"),
    Doubt.WITHDRAWN_THERE: ("标识数据库中已下架", "Withdrawn from the register"),
    Doubt.IS_PACKAGE: ("是外包装的标识", "Identifies a package, not the piece"),
    Doubt.DEARER: ("高于现行采购价", "Dearer than now"),
    Doubt.ABOVE_LISTED: ("高于挂网价", "Above the listed price"),
    Doubt.NOT_VOLUME_BASED: ("与集采价不同", "Not the volume-based price"),
    Doubt.OVER_ALREADY: ("注册证已过有效期", "The certificate's last day is past"),
    Doubt.NOT_SOLD: ("已不再由该供应商供应", "No longer supplied by them"),
}

# Beside those of any spreadsheet's cell. The names in braces are the fault's data.
REASONS: Final[dict[str, tuple[str, str]]] = OF_CELLS | {
    "material_required": (
        "不能为空；合并的单元格只有第一行有值，请取消合并并逐行填写",
        "must not be empty; of merged cells only the first row has the value: unmerge them",
    ),
    "no_such_item": (
        "在您向本院供应的物资中没有该编码；应为模板中列出的物资编码",
        "is none of the items you supply here; a material code from the template is expected",
    ),
    "item_twice": (
        "第 {row} 行对同一物资填的是“{other}”；请只保留一个",
        'row {row} says "{other}" of the same item; keep one of them',
    ),
    "code_twice": (
        "第 {row} 行把同一编码给了另一物资；一个编码只属于一个物资",
        "row {row} gives the same code to another item; a code belongs to one item only",
    ),
    "udi_characters": (
        "不是 UDI-DI；应为 8、12、13、14 位数字，或 HIBC、ICCBBA、MA 标识，不含批号、效期和括号",
        "is no UDI-DI; 8, 12, 13 or 14 digits are expected, or an identifier of HIBC, ICCBBA or MA, without "
        "lot, expiry or brackets",
    ),
    "udi_check_digit": (
        "校验位错误：应为 {expected}，实为 {got}",
        "wrong check digit: {expected} is expected, not {got}",
    ),
    "certificate_number": (
        "不是注册证号；应如 {expected}",
        "is no certificate number; expected as in {expected}",
    ),
    "certificate_without_number": (
        "填写了有效期，也应填写注册证号",
        "a last day of validity is given; the certificate's number is expected too",
    ),
    "until_required": (
        "新的注册证应填写有效期最后一天，如 2029-12-31",
        "the last day of validity of a new certificate is expected, as 2029-12-31",
    ),
    "price_below_a_cent": ("应大于 0", "an amount above 0 is expected"),
    "formula": ("是公式，应为值", "is a formula; a value is expected"),
}


def fault_text(fault: Fault, language: str) -> str:
    """What is wrong and what was expected, in a sentence."""
    return REASONS[fault.code][language.startswith("en")].format(**fault.data)


def chosen(names: dict[Any, tuple[str, str]], language: str) -> dict[str, str]:
    """The names in the reader's language."""
    return {str(key): pair[language.startswith("en")] for key, pair in names.items()}
