"""The sentences for what a person should know of a scan, in both languages."""

from __future__ import annotations

from typing import Any

from scanners import ErrorCode, Scan, repairs
from scanners.gs1.reading import NO_DATE_REPAIR
from tracer.charging.rules import Remark

SENTENCES: dict[Remark, tuple[str, str]] = {
    Remark.NOT_READABLE: (
        "条码读不出可用的编码（{reason}）。已记入待处理清单，请再扫一次或扫院内标签",
        "The code could not be read ({reason}). Kept as pending; scan again, or scan the in-house label",
    ),
    Remark.UNKNOWN_CODE: (
        "本院目录中没有此编码 {di}。已作为待处理保留在患者清单上，物资部会补上",
        "The code {di} is not in the catalogue. Kept as pending on the patient's list for procurement",
    ),
    Remark.CLAIMED_TWICE: (
        "编码 {di} 对应多个耗材，未记账。请扫院内标签，并告知物资部",
        "The code {di} belongs to more than one item; nothing was booked. Scan the in-house label",
    ),
    Remark.PACKAGE_SCANNED: (
        "扫到的是包装（{base_units} {unit}）。请选择使用数量",
        "This is a package of {base_units} {unit}. Say how many were used",
    ),
    Remark.LABEL_NEEDED: (
        "此耗材一物一码，条码上没有序列号。请扫院内标签",
        "Each piece of this item has its own code and this one carries no serial. Scan the in-house label",
    ),
    Remark.SECOND_SYMBOL: (
        "这个包装还有第二个条码（批号/效期），请接着扫；没有的话点“只有一个条码”",
        "This pack has a second code with lot and expiry: scan it next. If there is none, tap"
        " “One code only”",
    ),
    Remark.FIRST_SYMBOL: (
        "这是包装的第二个条码（批号/效期），还不知道是什么耗材。请接着扫同一包装的第一个条码",
        "This is the pack's second code, with lot and expiry. Scan the first code of the same pack next",
    ),
    Remark.NOT_ONE_PACK: (
        "两个条码不是同一个包装上的，没有记账。请重新扫这一件的两个条码",
        "The two codes are not of one pack; nothing was booked. Scan both codes of this piece again",
    ),
    Remark.EXPIRED: ("已过期（{expiry}），不得使用", "Expired on {expiry}: not to be used"),
    Remark.ALREADY_USED: (
        "该件已于 {when} 在 {location_name} 使用，不能再次计费",
        "This piece was used on {when} in {location_name_en}; it cannot be charged again",
    ),
    Remark.OVERRIDDEN: ("已凭理由放行：{reason}", "Let through for a stated reason: {reason}"),
    Remark.EXPIRY_DIFFERS: (
        "包装效期 {scanned} 与登记效期 {known} 不一致",
        "The pack says expiry {scanned}, the record says {known}",
    ),
    Remark.ELSEWHERE: (
        "账面在 {location_name}，已自动调入本科室",
        "The book had it in {location_name_en}; it was transferred here",
    ),
    Remark.NO_RECEIPT: ("该件没有入库记录，已照常记账", "This piece was never received; booked all the same"),
    Remark.NEGATIVE_STOCK: (
        "本科室账面库存不足（使用后 {left}），已照常记账",
        "The book holds too few here ({left} after this); booked all the same",
    ),
    Remark.LOT_MISSING: ("条码上没有批号", "The code carries no lot"),
    Remark.NO_PRICE: (
        "没有收费价，已记使用、未计费，财务会补上",
        "No charge price: use recorded, not charged yet",
    ),
    Remark.CODES_INCOMPLETE: ("五码不全，缺：{missing}", "Codes missing: {missing}"),
    Remark.MORE_THAN_ORDERED: ("超出医嘱数量（医嘱 {expected}）", "More than ordered ({expected} expected)"),
    Remark.ORDER_LINE_IGNORED: (
        "所选医嘱行不属于该患者的此耗材，已忽略",
        "The order line is not of this patient and item; it was left out",
    ),
    Remark.ENCOUNTER_UNCONFIRMED: (
        "HIS 尚未告知该就诊号，已照常记账",
        "The HIS has not told of this encounter yet; booked all the same",
    ),
    Remark.LATE_POSTING: (
        "{given} 已结账，记入 {posted}",
        "{given} is closed; posted on {posted}",
    ),
    Remark.CLOCK_SKEW: (
        "设备时间不准（{given}），已按服务器时间记账",
        "The device's clock is off ({given}); server time used",
    ),
    Remark.REPAIRED: ("条码已修复：{repairs}", "The code was mended: {repairs}"),
}

# What `scanners` found wrong with a text, for the sentence NOT_READABLE.
FAULTS: dict[str, tuple[str, str]] = {
    ErrorCode.EMPTY: ("没有内容", "it is empty"),
    ErrorCode.NOT_A_UDI: ("不是 UDI", "it is not a UDI"),
    ErrorCode.UNKNOWN_AI: ("含有未知的标识符", "it has an unknown identifier"),
    ErrorCode.CHECK_DIGIT: (
        "校验位不符，可能漏读了字符",
        "the check digit is wrong, a character may be lost",
    ),
    ErrorCode.LENGTH: ("长度不符", "a part has the wrong length"),
    ErrorCode.CHARSET: ("含有不允许的字符", "a part has a character it may not have"),
    ErrorCode.DATE: ("日期不存在", "a date does not exist"),
    ErrorCode.VALUE: ("内容不合规", "a part has a value it may not have"),
    ErrorCode.MISSING_DI: ("缺少产品标识", "the device identifier is missing"),
    ErrorCode.TRUNCATED: ("条码不完整", "it is cut off"),
    ErrorCode.AMBIGUOUS: ("有多种读法", "it can be read in more than one way"),
    ErrorCode.TOO_LONG: ("内容过长", "it is too long"),
    ErrorCode.DUPLICATE: ("同一项出现两次且不同", "one part stands twice and differs"),
    ErrorCode.ASSOCIATION: (
        "各项搭配不合规，可能需要扫另一个条码",
        "its parts may not stand together, or need one from another bar code",
    ),
}


# What `scanners` undid, for the sentence REPAIRED.
REPAIRS: dict[str, tuple[str, str]] = {
    repairs.WHITESPACE_STRIPPED: ("去掉了首尾空白", "blanks around it were taken away"),
    repairs.GS_REPLACED: ("还原了被替换的分隔符 GS", "what stood in for the separator GS was turned back"),
    repairs.GS_RESTORED: ("补回了丢失的分隔符 GS", "a lost separator GS was put back"),
    repairs.FULLWIDTH: ("全角字符已转为半角", "full-width characters were folded"),
    repairs.CASE_FLIPPED: (
        "大写锁定（Caps Lock）开着，已还原大小写",
        "Caps Lock was on; its case was turned back",
    ),
    repairs.KEYBOARD_LAYOUT: (
        "电脑键盘布局与扫码枪不符，已还原",
        "the computer has another keyboard layout; undone",
    ),
    repairs.SHIFT_FAULT: ("Shift 键卡住，已还原", "Shift got stuck; undone"),
    repairs.PREFIX_STRIPPED: ("去掉了前面多余的字符", "characters put in front were taken away"),
    repairs.SUFFIX_STRIPPED: ("去掉了后面多余的字符", "characters put behind were taken away"),
    repairs.CONTROLS_REMOVED: ("去掉了不可见字符", "invisible characters were taken away"),
    repairs.DOUBLE_SENT: ("同一条码发送了两次，只取一次", "the same scan was sent twice; taken once"),
    repairs.FULL_ASCII: ("还原了 Code 39 全 ASCII 转换", "a Code 39 full-ASCII conversion was undone"),
    NO_DATE_REPAIR: ("日期为 000000，视为没有日期", "a date of 000000 was taken for none"),
}


def told(reading: Scan, language: str) -> dict[str, Any]:
    """What was mended in a reading, and what is wrong with it, in a sentence each."""
    position = 1 if language.startswith("en") else 0
    return {
        "repairs": [REPAIRS[name][position] for name in reading.repairs],
        "error": FAULTS[reading.error.code][position] if reading.error else None,
    }


def worded(remarks: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Each remark with its sentence: `{"code", "message", "data"}`."""
    position = 1 if language.startswith("en") else 0

    def sentence(remark: dict[str, Any]) -> str:
        data = remark["data"]
        if remark["code"] == Remark.NOT_READABLE:
            data = data | {"reason": FAULTS[data["reason"]][position]}
        if remark["code"] == Remark.REPAIRED:
            told = [REPAIRS[name][position] for name in data["repairs"].split(", ")]
            data = data | {"repairs": "；".join(told) if position == 0 else "; ".join(told)}
        return SENTENCES[Remark(remark["code"])][position].format(**data)

    return [
        {
            "code": remark["code"],
            "message": sentence(remark),
            "data": remark["data"],
        }
        for remark in remarks
    ]
