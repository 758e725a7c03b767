"""Every reason a cell or a file is refused, in words that say what was expected instead."""

from __future__ import annotations

from typing import Final

from reconcile.columns import KINDS
from reconcile.errors import Reason

EMPTY: Final = Reason("empty", "为空，此列必须填写", "is empty; a value is required")
NOT_WHOLE: Final = Reason("not_whole", "应为整数（最小规格数量）", "expected a whole number of base units")
NOT_POSITIVE: Final = Reason("not_positive", "应为不小于 1 的整数", "expected a whole number of 1 or more")
BELOW_ZERO: Final = Reason("below_zero", "盘点数不能小于 0", "a count cannot be below zero")
TOO_LARGE: Final = Reason("too_large", "超出可能的范围", "beyond what any one record can hold")
NOT_A_NUMBER: Final = Reason("not_a_number", "不是数字", "not a number")
NEGATIVE_MONEY: Final = Reason("negative_money", "价格不能小于 0", "a price cannot be below zero")
NOT_A_DATE: Final = Reason(
    "not_a_date", "不是日期，应为 2026-03-01 这样的格式", "not a date; expected one like 2026-03-01"
)
NO_SUCH_DATE: Final = Reason("no_such_date", "没有这一天", "this date does not exist")
SERIAL_DATE: Final = Reason(
    "serial_date",
    "是数字而不是日期，请把该列设为日期格式",
    "a number, not a date; format the column as a date",
)
FAR_DATE: Final = Reason(
    "far_date", "日期应在 1990 年到 2100 年之间", "expected a date between 1990 and 2100"
)
UNKNOWN_KIND: Final = Reason(
    "unknown_kind",
    f"未知类型，应为：{'、'.join(KINDS.values())}",
    f"unknown kind; expected one of {', '.join(KINDS)}",
)
SCIENTIFIC: Final = Reason(
    "scientific_code",
    "编码被电子表格转成了科学计数法，位数已丢失；请把该列设为文本后重新导出",
    "a spreadsheet turned this code into scientific notation and its digits are lost; "
    "format the column as text and export again",
)
LONG_NUMBER: Final = Reason(
    "code_as_number",
    "长编码被存成了数字，前导零和末位可能已丢失；请把该列设为文本后重新导出",
    "a long code stored as a number (shown as 6.90123E+12): leading zeros and last digits may be lost; "
    "format the column as text and export again",
)
CODE_IS_DATE: Final = Reason(
    "code_is_date",
    "编码被电子表格转成了日期；请把该列设为文本",
    "a spreadsheet turned this code into a date; format the column as text",
)
FRACTION_CODE: Final = Reason("fraction_code", "编码不会是小数", "a code is never a fraction")
ERROR_CELL: Final = Reason("error_cell", "单元格是公式错误", "the cell holds a formula error")
MERGED_NUMBER: Final = Reason(
    "merged_number",
    "跨行合并的数字，无法判断是每行各一份还是合计；请取消合并，并在每一行填写",
    "a number merged over several rows may be meant for each or for all together; "
    "unmerge the cells and fill in every row",
)
INSURANCE_CHARACTERS: Final = Reason(
    "insurance_characters",
    "国家医保编码应为 C 加 19 或 26 位数字，其中有不是数字的字符（如字母 O、I）",
    "a national insurance code is C and 19 or 26 digits; "
    "some of these characters are no digits (a letter O or I, perhaps)",
)
NOT_STORABLE: Final = Reason("not_storable", "含有空字符", "holds a zero character")
NOT_YES_NO: Final = Reason("not_yes_no", "应为 1 或 0（是或否）", "expected 1 or 0 (yes or no)")
NO_CODE: Final = Reason(
    "no_code",
    "没有任何编码，应填物资、计费、医嘱或医保编码之一",
    "no code at all; expected one of material, billing, order, insurance",
)
NO_CLAIM: Final = Reason(
    "no_code",
    "没有任何编码，应填物资、计费、医嘱、医保编码或 UDI 之一",
    "no code at all; expected one of material, billing, order, insurance, udi",
)
NEEDS_CODES: Final = Reason(
    "needs_codes",
    "收费记录没有物资编码，需要用 --codes 提供五码对照表",
    "charges without a material code need a code table (--codes)",
)
CHARGEABLE_DIFFERS: Final = Reason(
    "chargeable_differs",
    "同一物资同一日期的“可收费”前后不一致",
    "the same item is chargeable in one row and not in another on the same date",
)
MISSING_COLUMN: Final = Reason("missing_column", "缺少此列", "this column is missing")
TWICE: Final = Reason("column_twice", "此列出现了两次", "this column is there twice")
NO_HEADINGS: Final = Reason(
    "no_headings", "文件为空：第一行应为列名", "empty: the first row must hold the column headings"
)
TOO_MANY_CELLS: Final = Reason(
    "too_many_cells", "单元格比列名多", "more cells than there are column headings"
)


def shared_code(other: str, row: int, here: str) -> Reason:
    return Reason(
        "code_shared",
        f"编码同时属于两个物资：此处为 {here}，第 {row} 行为 {other}",
        f"the code belongs to two items on the same date: {here} here, {other} in row {row}",
    )
