"""Why a stock document is refused. At the bedside none of these applies (domain.md, invariant 8).

Refusal
├── UnknownLocation     no such place, or not one this person may act at
├── NoStockHere         the place is a department or the like: it holds no stock
├── UnknownItem         no item has this code
├── UnknownUnit         no piece has this label or serial
├── UnknownSupplier     no such supplier
├── NotEnoughStock      the book holds less than was asked for
├── UnitElsewhere       the piece is not at the place it was to leave
├── UnitTwice           the piece is already known
├── UnitsNeeded         pieces of a serialised item are named one by one
├── LotNeeded           a lot-tracked item needs its lot
├── ExpiryDiffers       the lot is known with another expiry
├── TooLate             the day given lies before what can still be posted, or ahead of now
├── NothingToLabel      no piece was chosen
├── UnknownLabel        no piece here bears this label
├── ReasonNeeded        the label was printed before: a second one needs a reason
├── SheetInLabelPrinter a label printer takes rolls
├── LabelTooSmall       the label is too small for its symbol and its text
├── NoChineseFont       this machine has no font to draw Chinese with
└── LabelNotPrintable   anything else that keeps a label from being drawn
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid, NotFound


class UnknownLocation(NotFound):
    code = "unknown_location"
    zh = "没有科室“{location}”，或您无权在此操作"
    en = "There is no location {location!r}, or you may not act there"


class NoStockHere(Invalid):
    code = "no_stock_here"
    zh = "“{location}”不存放耗材，请选择病区、手术间或库房"
    en = "{location!r} holds no stock; choose a ward, a theatre or a store"


class UnknownItem(Invalid):
    code = "unknown_item"
    zh = "没有物资编码“{material}”（{on}）"
    en = "No item has the material code {material!r} on {on}"


class UnknownUnit(Invalid):
    code = "unknown_unit"
    zh = "物资 {material} 没有标签或序列号为“{unit}”的单件"
    en = "No piece of {material} has the label or serial {unit!r}"


class UnknownSupplier(Invalid):
    code = "unknown_supplier"
    zh = "没有供应商“{supplier}”"
    en = "There is no supplier {supplier!r}"


class NotEnoughStock(Conflict):
    code = "not_enough_stock"
    zh = "{location} 的 {material}（批号 {lot}）账面不足：需要 {wanted}，现有 {on_hand}"
    en = "{location} holds {on_hand} of {material} (lot {lot}), {wanted} were asked for"


class UnitElsewhere(Conflict):
    code = "unit_elsewhere"
    zh = "单件“{unit}”不在 {location}"
    en = "The piece {unit!r} is not at {location}"


class UnitTwice(Conflict):
    code = "unit_twice"
    zh = "单件“{unit}”已登记过，或在本单中重复"
    en = "The piece {unit!r} is already known, or stands twice in this document"


class UnitsNeeded(Invalid):
    code = "units_needed"
    zh = "物资 {material} 按件追踪：请逐件给出标签或序列号，数量须与件数一致"
    en = "{material} is tracked piece by piece: name each by label or serial, as many as the quantity"


class LotNeeded(Invalid):
    code = "lot_needed"
    zh = "物资 {material} 按批号追踪：请给出批号"
    en = "{material} is tracked by lot: give the lot"


class ExpiryDiffers(Conflict):
    code = "expiry_differs"
    zh = "物资 {material} 批号 {lot} 的效期原为 {known}，本次为 {given}"
    en = "Lot {lot} of {material} is known with expiry {known}, now {given}"


class TooLate(Invalid):
    code = "implausible_time"
    zh = "时间 {given} 不合理：不得晚于现在，也不得早于 {earliest}"
    en = "{given} is not plausible: not after now and not before {earliest}"


class NothingToLabel(Invalid):
    code = "nothing_to_label"
    zh = "请至少选择一件"
    en = "Choose at least one piece"


class UnknownLabel(NotFound):
    code = "unknown_label"
    zh = "您管辖的库位上没有标签为“{label}”的单件（可能已使用、退货或报损）"
    en = "No piece with the label {label!r} lies where you may act (it may be used, returned or written off)"


class ReasonNeeded(Invalid):
    code = "reason_needed"
    zh = "标签 {label} 已打印过 {times} 次（上次：{person}）。一件一码，重复打印请填写原因"
    en = "The label {label} was printed before ({times} ×, last by {person}). Say why it is printed again"


class SheetInLabelPrinter(Invalid):
    code = "sheet_in_label_printer"
    zh = "标签打印机（ZPL）只用卷纸；{stock} 是 A4 整张，请选 PDF"
    en = "A label printer (ZPL) takes rolls; {stock} is an A4 sheet: choose PDF"


class LabelTooSmall(Invalid):
    code = "label_too_small"
    zh = "{stock} 标签放不下 {label} 的条码和文字：请选更大的标签，或改用 DataMatrix"
    en = "{stock} is too small for the code and text of {label}: choose a larger label, or DataMatrix"


class NoChineseFont(Conflict):
    code = "no_chinese_font"
    zh = "服务器缺少可用的中文字体：请管理员安装 fonts-noto-cjk，或检查设置 TRACER_LABEL_FONT"
    en = "The server has no usable Chinese font: install fonts-noto-cjk, or check TRACER_LABEL_FONT"


class LabelNotPrintable(Conflict):
    code = "label_not_printable"
    zh = "标签 {label} 无法打印：{reason}"
    en = "The label {label} cannot be printed: {reason}"
