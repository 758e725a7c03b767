"""What is wrong with a cell, a row or a file: where a person finds it, and what was expected there.

A finding refuses the whole file. A remark does not: the file is taken, and a person should know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST_SHOWN = 80

# Reason → (中文, English). The names in braces are the finding's data.
REASONS: Final[dict[str, tuple[str, str]]] = {
    # the file
    "empty_file": (
        "文件中没有数据行；第 1 行应为列名，从第 2 行起为数据",
        "there are no rows; headings are expected in row 1, data from row 2 on",
    ),
    "unreadable_file": ("无法读取：{zh}", "cannot be read: {en}"),
    "missing_column": (
        "缺少必需的列；列名应为“{chinese}”或 {english}",
        "this column is missing; its heading is expected to be {english} or {chinese}",
    ),
    "duplicate_column": (
        "与第 {first} 列同义（{heading}），只能保留一列",
        "means the same as column {first} ({heading}); keep one of them",
    ),
    "surplus_cell": (
        "该值不在任何列名之下；每行最多 {most} 个值",
        "stands under no heading; at most {most} values are expected in a row",
    ),
    # a cell
    "required": ("不能为空", "must not be empty"),
    "name_for_new_item": (
        "物资“{material}”尚不存在，新建物资必须有名称",
        "there is no item {material} yet; a new item needs a name",
    ),
    "control_character": (
        "第 {at} 个字符 {character} 不可打印，请删除",
        "character {at} is {character}, which cannot be printed; remove it",
    ),
    "too_long": ("{length} 个字符，最多 {most} 个", "has {length} characters; at most {most} are expected"),
    "spreadsheet_number": (
        "该编码被表格软件改成了数字并丢失了位数；请将该列设为文本格式后重新导出",
        "a spreadsheet has turned this code into a number and lost digits of it; "
        "format the column as text and export it again",
    ),
    "spreadsheet_date": (
        "该编码被表格软件改成了日期；请将该列设为文本格式后重新导出",
        "a spreadsheet has turned this code into a date; format the column as text and export it again",
    ),
    "error_cell": ("单元格是公式错误", "the cell holds a formula error"),
    "not_text": ("应为文本", "text is expected"),
    "insurance_shape": (
        "应为 C 加 26 位数字（共 27 位），或 C 加 19 位数字（共 20 位）；实为 {length} 位",
        "C and 26 digits (27 characters) or C and 19 digits (20 characters) are expected; "
        "this has {length} characters",
    ),
    "udi_length": (
        "全数字的 UDI-DI 应为 8、12、13 或 14 位；实为 {length} 位",
        "a UDI-DI of digits has 8, 12, 13 or 14 of them; this has {length}",
    ),
    "udi_space": ("UDI-DI 中不能有空格", "a UDI-DI has no spaces in it"),
    "check_digit": (
        "校验位错误：应为 {expected}，实为 {got}；扫描该码时将被拒绝",
        "wrong check digit: {expected} is expected, not {got}; a scan of this code will be refused",
    ),
    "not_a_date": (
        "应为日期，如 2026-01-05、2026/1/5 或 20260105",
        "a date is expected, as 2026-01-05, 2026/1/5 or 20260105",
    ),
    "no_such_day": ("不存在这一天", "there is no such day"),
    "date_out_of_range": (
        "应为 {first} 年至 {last} 年之间的日期",
        "a date from {first} to {last} is expected",
    ),
    "not_a_price": ("应为金额，如 128.50", "an amount is expected, as 128.50"),
    "price_separator": (
        "金额中不能有逗号或货币符号；应写作 1234.50",
        "an amount has no commas or currency signs; 1234.50 is expected",
    ),
    "price_scientific": (
        "金额不能用科学计数法；应写作 1234.50",
        "scientific notation is not taken for an amount; 1234.50 is expected",
    ),
    "price_decimals": (
        "最多两位小数，实为 {decimals} 位",
        "at most two decimals are expected; this has {decimals}",
    ),
    "price_negative": ("金额不能为负", "an amount is not below zero"),
    "price_too_high": ("单价不能超过 {most} 元", "an amount is at most {most} yuan"),
    "not_a_quantity": (
        "应为 1 至 {most} 的整数（基本单位数）",
        "a whole number of base units from 1 to {most} is expected",
    ),
    "not_a_flag": ("应为 1 或 0（是 或 否）", "1 or 0 (yes or no) is expected"),
    "not_a_tracking": (
        "应为 SERIAL（按件）、LOT（按批）或 NONE（不追踪）",
        "SERIAL, LOT or NONE (按件, 按批, 不追踪) is expected",
    ),
    # a row
    "validity_order": (
        "失效日期必须晚于生效日期 {valid_from}",
        "must be later than {valid_from}, when the row becomes valid",
    ),
    "package_needs_quantity": (
        "有包装标识 {di}，应填写每包装的基本单位数",
        "package {di} is named; how many base units it holds is expected here",
    ),
    # rows among each other
    "attribute_differs": (
        "同一物资 {material} 在第 {row} 行为“{other}”；应一致",
        'row {row} says "{other}" of the same item {material}; they are expected to agree',
    ),
    "code_of_two_items": (
        "第 {row} 行已将该编码给了物资 {material}，有效期重叠；一个编码只能属于一个物资",
        "row {row} gives this code to item {material} at an overlapping time; "
        "a code belongs to one item only",
    ),
    "two_values_of_item": (
        "第 {row} 行同一物资已有“{other}”，有效期重叠；请在较早的一行填写失效日期",
        'row {row} says "{other}" for the same item at an overlapping time; '
        "give the earlier row an end of validity",
    ),
    "package_of_two_items": (
        "第 {row} 行已将该包装标识给了物资 {material}",
        "row {row} gives this package identifier to item {material}",
    ),
    "package_quantity_differs": (
        "第 {row} 行同一包装为 {other} 个基本单位；应一致",
        "row {row} says {other} base units for the same package; they are expected to agree",
    ),
    "package_is_unit": (
        "同一标识已是物资 {material} 的 UDI；包装应有自己的标识",
        "this is already the UDI of item {material}; a package has an identifier of its own",
    ),
    "unit_is_package": (
        "同一标识已是物资 {material} 的包装标识；最小销售单元应有自己的标识",
        "this already identifies a package of item {material}; the item itself has an identifier of its own",
    ),
    # against what is recorded
    "code_of_other_item": (
        "该编码已属于物资 {material}“{name}”（{since} 至 {until}）；应先停用该绑定",
        'belongs to item {material} "{name}" ({since} – {until}); that binding is to be retired first',
    ),
    "change_not_later": (
        "该物资自 {since} 起已为“{current}”；变更的生效日期应晚于 {since}",
        'the item has "{current}" since {since}; a change is expected to become valid after that day',
    ),
    "begins_later": (
        "已登记为自 {since} 起生效；导入不改变已登记的生效日期",
        "is recorded as valid from {since} on; an import does not move that day",
    ),
    "ends_otherwise": (
        "已登记为自 {since} 至 {until}（不含）有效；若重新启用，生效日期应不早于 {until}",
        "is recorded as valid from {since} until before {until}; "
        "to use it again, give {until} or a later day as the start",
    ),
    "package_of_other_item": (
        "该包装标识已属于物资 {material}“{name}”",
        'already identifies a package of item {material} "{name}"',
    ),
    "taken_meanwhile": (
        "导入期间数据库中的编码发生了变化，请重新导入（{constraint}）",
        "the recorded codes changed while the file was being imported; import it again ({constraint})",
    ),
    # remarks only
    "unknown_column": ("不认识该列，已忽略", "is not a heading known here; the column was not read"),
    "folded": (
        "含全角字符，已按半角“{folded}”处理",
        'has full-width characters; taken as "{folded}"',
    ),
    "pack_without_identifier": (
        "{rows} 行有包装数量而无包装标识；未登记包装",
        "{rows} rows have a pack quantity and no package identifier; no package was recorded for them",
    ),
    "certificate_unreadable": (
        "注册证号未改：应如 {expected}",
        "the certificate was left as it is; as in {expected} is expected",
    ),
    "end_left_to_a_person": (
        "编码导入后须经批准；{until} 的停用未一并导入，请在物资页面停用",
        "the end on {until} was not taken: where no code follows, a person retires it on the item's page",
    ),
    "tracking_changed": (
        "物资 {material} 的追踪方式由 {before} 改为 {after}；已在库的不受影响",
        "item {material} is now tracked as {after}, before as {before}; what is in stock stays as it is",
    ),
    "other_sheets": (
        "只读取了工作表“{read}”，未读取：{unread}",
        'only the sheet "{read}" was read, not: {unread}',
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend. `row` counts as a spreadsheet does: the headings are row 1.

    `row` or `column` is None where the whole file or row is meant; `column` is the heading as it
    stands in the file.
    """

    file: str
    code: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def zh(self) -> str:
        """What was wrong and what was expected, without the place, in Chinese."""
        return REASONS[self.code][0].format(**self.data)

    @property
    def en(self) -> str:
        """The same in English."""
        return REASONS[self.code][1].format(**self.data)

    def __str__(self) -> str:
        """`file:row column "value": reason` in both languages, always one line."""
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        parts = [place, *(shown(part) for part in [self.column] if part)]
        if self.value is not None:
            parts.append(f'"{shown(self.value)}"')
        return f"{' '.join(parts)}: {' '.join(self.en.split())} / {' '.join(self.zh.split())}"


def shown(value: object) -> str:
    """A cell's content as it may be printed: short, and without anything that moves a cursor."""
    clean = "".join(c if c.isprintable() else "�" for c in str(value))
    return clean if len(clean) <= LONGEST_SHOWN else clean[: LONGEST_SHOWN - 1] + "…"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """As a person goes through the file: the file itself first, then row by row."""
    return tuple(sorted(findings, key=lambda f: f.row or 0))
