"""What the catalogue's states and reasons are called, in Chinese and in English."""

from __future__ import annotations

from typing import Final

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
    "rival": (
        "与所选的另一项（{code}，编号 {binding}）互斥，请二选一",
        "excludes another of those chosen ({code}, number {binding}); choose one",
    ),
    "in_force": ("已生效（{status}），不能退回；请停用", "is in force ({status}); retire it instead"),
    "approved_by_you": (
        "您已批准过，须由另一人作第二次批准",
        "was approved by you; another person is to approve it too",
    ),
    "later_price": ("自 {since} 起已有该类价格，应先撤回", "another price of the kind begins on {since}"),
}


def problem_text(code: str, data: dict[str, str], language: str) -> str:
    """Why, in a sentence."""
    return PROBLEMS[code][language.startswith("en")].format(**data)
