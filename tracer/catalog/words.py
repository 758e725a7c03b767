"""What the catalogue's states and reasons are called, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tracer.catalog.price_rules import PriceRule
from tracer.catalog.rules import BindingStatus, CodeSystem, PriceKind

SYSTEMS: Final[dict[CodeSystem, tuple[str, str]]] = {
    CodeSystem.MATERIAL: ("物资编码", "Material code"),
    CodeSystem.BILLING: ("计费编码", "Billing code"),
    CodeSystem.ORDER: ("医嘱编码", "Order code"),
    CodeSystem.INSURANCE: ("医保编码", "Insurance code"),
    CodeSystem.UDI: ("UDI-DI", "UDI-DI"),
}
PRICE_KINDS: Final[dict[PriceKind, tuple[str, str]]] = {
    PriceKind.LISTED: ("挂网价", "Listed price"),
    PriceKind.VOLUME_BASED: ("集采价", "Volume-based price"),
    PriceKind.PURCHASE: ("采购价", "Purchase price"),
    PriceKind.CHARGE: ("收费价", "Charge price"),
}
STATUSES: Final[dict[BindingStatus, tuple[str, str]]] = {
    BindingStatus.PROPOSED: ("待审批", "Proposed"),
    BindingStatus.APPROVED: ("已批准", "Approved"),
    BindingStatus.RETIRED: ("已停用", "Retired"),
    BindingStatus.REJECTED: ("已退回", "Rejected"),
}
PRICE_RULES: Final[dict[PriceRule, tuple[str, str]]] = {
    PriceRule.ABOVE_LISTED: ("采购价高于挂网价", "Purchase price above the listed price"),
    PriceRule.NOT_VOLUME_BASED: ("未按集采价采购", "Not bought at the volume-based price"),
    PriceRule.CHARGE_NOT_AS_RULED: ("收费价不符合加价规则", "Charge price not as the mark-up rule says"),
    PriceRule.NO_CHARGE: ("缺收费价", "No charge price"),
    PriceRule.NO_PURCHASE: ("缺采购价", "No purchase price"),
}

# Why a code or a price cannot be approved: (中文, English). The names in braces are the problem's data.
PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "not_open": ("已处理过（{status}）", "was decided already ({status})"),
    "own_proposal": (
        "是您自己提出的，须由另一人批准",
        "is your own proposal; another person is to approve it",
    ),
    "nobody_proposed": ("没有提出人", "nobody proposed it"),
    "over_already": ("有效期已于 {until} 结束", "its validity is over on {until}"),
    "has_it_already": ("该物资自 {since} 起已有编码 {code}", "the item has the code {code} since {since}"),
    "code_of_other": (
        "编码 {code} 自 {since} 起属于“{name}”；应先停用，或提出转移",
        'the code {code} belongs to "{name}" since {since}; retire it first, or propose that it moves',
    ),
    "begins_later": (
        "“{name}”自 {since} 起另有编码 {code}；应先撤回",
        '"{name}" has {code} from {since} on; withdraw that first',
    ),
    "is_a_package": (
        "标识 {code} 是“{name}”包装的标识，不能又代表一件",
        'the identifier {code} is that of a package of "{name}"; it cannot stand for one piece as well',
    ),
    "rival": (
        "与所选的另一项（{code}，编号 {binding}）互斥，请二选一",
        "excludes another of those chosen ({code}, number {binding}); choose one",
    ),
    "in_force": ("已生效（{status}），不能退回；请停用", "is in force ({status}); retire it instead"),
    "approved_by_you": (
        "您已批准过，须由另一人作第二次批准",
        "was approved by you; another person is to approve it too",
    ),
    "begins_on": (
        "注册证 {code} 自 {since} 起才有效，届时再批准",
        "brings a certificate ({code}) that is valid only from {since} on; approve it then",
    ),
    "above_listed": (
        "自 {since} 起采购价 {found} 将高于挂网价 {expected}；请与相应的挂网价一并批准，或写明例外原因",
        "would make the purchase price {found} exceed the listed price {expected} from {since} on; approve "
        "it together with a listed price that allows it, or state the reason for an exception",
    ),
    "not_volume_based": (
        "自 {since} 起采购价 {found} 将不等于集采价 {expected}；请与相应的价格一并批准，或写明例外原因",
        "would make the purchase price {found} differ from the volume-based price {expected} from {since} "
        "on; approve both together, or state the reason for an exception",
    ),
    "charge_not_as_ruled": (
        "自 {since} 起收费价 {found} 将不符合加价规则：采购价 {purchase} 对应 {expected}；"
        "请与相应的价格一并批准，或写明例外原因",
        "would make the charge price {found} break the mark-up rule from {since} on: a purchase price of "
        "{purchase} is charged at {expected}; approve both together, or state the reason for an exception",
    ),
    "later_price": ("自 {since} 起已有该类价格，应先撤回", "another price of the kind begins on {since}"),
}


def system_names(language: str) -> dict[str, str]:
    return {system.value: names[language.startswith("en")] for system, names in SYSTEMS.items()}


def problem_text(code: str, data: dict[str, str], language: str) -> str:
    """Why, in a sentence."""
    return PROBLEMS[code][language.startswith("en")].format(**data)


CHARGE_PRICE: Final = "charge_price"


def missing_text(missing: Iterable[str], language: str) -> str:
    """What an item lacks, in words."""
    english = language.startswith("en")
    names = [
        (PRICE_KINDS[PriceKind.CHARGE] if one == CHARGE_PRICE else SYSTEMS[CodeSystem(one)])[english]
        for one in missing
    ]
    return ", ".join(names).lower().replace("udi-di", "UDI-DI") if english else "、".join(names)
