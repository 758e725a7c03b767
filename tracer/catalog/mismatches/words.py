"""What the workbench's classes, fields and states are called, in Chinese and in English."""

from __future__ import annotations

from typing import Final

CLASSES: Final[dict[str, tuple[str, str]]] = {
    "CONFLICT": ("编码冲突", "Codes conflict"),
    "DANGLING": ("无主编码", "Code nobody owns"),
    "MISMATCH": ("属性不一致", "Fields disagree"),
    "MISSING": ("缺编码", "Code missing"),
}
FIELDS: Final[dict[str, tuple[str, str]]] = {
    "name": ("名称", "Name"),
    "specification": ("规格", "Specification"),
    "model": ("型号", "Model"),
    "maker": ("生产企业", "Maker"),
    "certificate": ("注册证号", "Certificate"),
    "unit": ("单位", "Unit"),
    "pack_quantity": ("包装数量", "Pack quantity"),
    "price": ("价格", "Price"),
    "valid_from": ("生效日期", "Valid from"),
}
KINDS: Final[dict[str, tuple[str, str]]] = {
    "merge": ("合并重复", "Merge duplicates"),
    "split": ("拆开混用", "Split apart"),
    "new_code": ("新设编码", "New code"),
    "retire": ("停用编码", "Retire a code"),
    "re_point": ("改指正确编码", "Point to the right code"),
    "correct": ("更正属性", "Correct a field"),
    "fill": ("补上对应", "Fill in"),
    "by_hand": ("人工处理", "By hand"),
}
RULINGS: Final[dict[str, tuple[str, str]]] = {
    "suggested": ("系统建议", "Suggested"),
    "proposed": ("待批准", "Awaiting approval"),
    "approved": ("已批准", "Approved"),
    "rejected": ("已退回", "Rejected"),
    "none": ("无建议", "No suggestion"),
}
HEEDS: Final[dict[str, tuple[str, str]]] = {
    "awaited": ("等待对方更新", "Awaited"),
    "followed": ("对方已更新", "Followed"),
    "silent": ("对方未更新", "Not done"),
    "contradicted": ("对方改成了别的", "Changed to something else"),
}
STEPS: Final[dict[str, tuple[str, str]]] = {
    "waiting": ("等待前一次核对完成", "Waiting for the check before this one"),
    "opening": ("检查文件", "Looking at the file"),
    "reading": ("逐行读取并写入", "Reading and writing rows"),
    "heeding": ("核对对方是否已按通知更新", "Looking whether the system did as it was told"),
    "grouping": ("把全部系统的编码连成组", "Grouping the codes of all systems"),
    "findings": ("登记新问题与已解决的问题", "Noting what is wrong and what no longer is"),
    "suggesting": ("提出处理建议", "Working out suggestions"),
}
HOUSE_NAME: Final = ("院内五码", "This house")


def chosen(table: dict[str, tuple[str, str]], language: str) -> dict[str, str]:
    """The words of a table in one language."""
    return {key: words[language.startswith("en")] for key, words in table.items()}
