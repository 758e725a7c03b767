"""One cell → one value, or the reason why it cannot be that. Pure.

A cell is what the file's reader found: text, or from a spreadsheet also a number, a date or a bool.
Nothing is guessed: what could mean two things is refused with what was expected.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from tracer.catalog.rules import Tracking, is_insurance_code

LONGEST_CODE: Final = 100
LONGEST_TEXT: Final = 500
EARLIEST, LATEST, NO_END = 1990, 2199, 9999
MOST_PIECES: Final = 1_000_000
HIGHEST_PRICE: Final = Decimal(1_000_000)
# A spreadsheet keeps fifteen digits of a number; of a longer code the rest is lost.
EXACT_DIGITS: Final = 15
# Day 1 of spreadsheets, such that their wrong 29 February 1900 does not matter from 1990 on.
SPREADSHEET_EPOCH: Final = date(1899, 12, 30)

_SHORTENED = re.compile(r"\d(\.\d+)?[Ee]\+\d{1,3}")
_DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
# ="00123" is how exports keep a spreadsheet from eating the zeros.
_KEPT_AS_TEXT = re.compile(r'="(.*)"')
_FORMULA_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_AMOUNT = re.compile(r"-?\d+(\.\d*)?|-?\.\d+")
_WHOLE = re.compile(r"(\d+)(\.0*)?")
_FLAGS = {word: True for word in ("1", "1.0", "是", "true", "yes", "y", "√")} | {
    word: False for word in ("0", "0.0", "否", "false", "no", "n", "×")
}
_TRACKING = {
    **{word: Tracking.SERIAL for word in ("serial", "按件", "按件追踪", "一物一码", "序列号")},
    **{word: Tracking.LOT for word in ("lot", "按批", "按批追踪", "按批次", "批号")},
    **{word: Tracking.NONE for word in ("none", "不追踪", "无")},
}


class Unreadable(ValueError):
    """A cell that cannot be what its column says; `code` and `data` make the message."""

    def __init__(self, code: str, **data: Any) -> None:
        self.code = code
        self.data = data
        super().__init__(code)


def is_empty(cell: Any) -> bool:
    """True for no value: nothing, or blanks only. A zero and False are values."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    return bool(cell != cell)  # not-a-number, as frames mark a gap


def read_code(cell: Any) -> str:
    """A code as text, trimmed, full-width characters folded. Raises Unreadable."""
    if type(cell) is str:
        text = cell.strip()
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text).strip()
        if text.startswith(("=", "#")):
            text = _unwrapped(text)
    elif isinstance(cell, datetime | date | time | timedelta):
        raise Unreadable("spreadsheet_date")
    elif isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        text = _code_of_number(cell)
    else:
        raise Unreadable("not_text")
    if not text.isprintable():
        raise _unprintable(text)
    if len(text) > LONGEST_CODE:
        raise Unreadable("too_long", length=len(text), most=LONGEST_CODE)
    if "+" in text and _SHORTENED.fullmatch(text):
        raise Unreadable("spreadsheet_number")
    return text


def read_insurance(cell: Any) -> str:
    """A national insurance consumable code: 27 or 20 characters. Raises Unreadable."""
    text = read_code(cell)
    if text and not is_insurance_code(text):
        raise Unreadable("insurance_shape", length=len(text))
    return text


def read_text(cell: Any) -> str:
    """Words for people: trimmed; line breaks and runs of blanks become one blank. Raises Unreadable."""
    if isinstance(cell, str):
        text = cell.strip()
        if text.startswith(("=", "#")):
            text = _unwrapped(text)
        if not text.isprintable():
            text = " ".join(text.split())
    elif isinstance(cell, datetime | date | time | timedelta | bool):
        raise Unreadable("not_text")
    else:
        text = plain_number(cell)
    if not text.isprintable():
        raise _unprintable(text)
    if len(text) > LONGEST_TEXT:
        raise Unreadable("too_long", length=len(text), most=LONGEST_TEXT)
    return text


def read_day(cell: Any) -> date:
    """A calendar day. Raises Unreadable; never takes day for month."""
    if isinstance(cell, datetime):
        return _in_range(cell.date())
    if isinstance(cell, date):
        return _in_range(cell)
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return _in_range(_day_of_number(cell))
    if not isinstance(cell, str):
        raise Unreadable("not_a_date")
    text = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", cell).strip())
    for pattern in _DATES:
        if match := pattern.fullmatch(text):
            year, month, day = map(int, match.groups())
            return _in_range(_day(year, month, day))
    raise Unreadable("not_a_date")


def read_end(cell: Any) -> date | None:
    """The day something ends; None for 9999-12-31, which many systems write for "never"."""
    day = read_day(cell)
    return None if day.year == NO_END else day


def read_price(cell: Any) -> Decimal:
    """Yuan for one base unit, from 0, at most two decimals. Raises Unreadable."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | Decimal):
        raise Unreadable("not_a_price")
    text = unicodedata.normalize("NFKC", cell).strip() if isinstance(cell, str) else plain_number(cell)
    if not _AMOUNT.fullmatch(text):
        if re.fullmatch(r"[-+]?\d*\.?\d+[Ee][-+]?\d+", text):
            raise Unreadable("price_scientific")
        if re.fullmatch(r"[¥$€元]?\s*-?[\d,.']+\s*元?", text) and re.search(r"[,'¥$€元]", text):
            raise Unreadable("price_separator")
        raise Unreadable("not_a_price")
    amount = Decimal(text)
    decimals = len(text.partition(".")[2].rstrip("0"))
    if amount < 0:
        raise Unreadable("price_negative")
    if decimals > 2:
        raise Unreadable("price_decimals", decimals=decimals)
    if amount > HIGHEST_PRICE:
        raise Unreadable("price_too_high", most=HIGHEST_PRICE)
    return amount.quantize(Decimal("0.01"))


def read_pieces(cell: Any) -> int:
    """How many base units a package holds, from 1. Raises Unreadable."""
    text = cell.strip() if isinstance(cell, str) else plain_number(cell)
    match = _WHOLE.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None or len(match[1]) > 9 or not 1 <= int(match[1]) <= MOST_PIECES:
        raise Unreadable("not_a_quantity", most=MOST_PIECES)
    return int(match[1])


def read_flag(cell: Any) -> bool:
    """1/0, 是/否, true/false, yes/no. Raises Unreadable."""
    try:
        return _FLAGS[unicodedata.normalize("NFKC", str(cell)).strip().casefold()]
    except KeyError:
        raise Unreadable("not_a_flag") from None


def read_tracking(cell: Any) -> Tracking:
    """SERIAL, LOT or NONE, or the Chinese words. Raises Unreadable."""
    try:
        return _TRACKING[unicodedata.normalize("NFKC", str(cell)).strip().casefold()]
    except KeyError:
        raise Unreadable("not_a_tracking") from None


def plain_number(cell: Any) -> str:
    """A number as a spreadsheet shows it: fifteen digits at most, no exponent, no idle zeros."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        return str(cell)
    exact = Decimal(f"{cell:.15g}") if isinstance(cell, float) else Decimal(cell)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unwrapped(text: str) -> str:
    if text in _FORMULA_ERRORS:
        raise Unreadable("error_cell")
    kept = _KEPT_AS_TEXT.fullmatch(text)
    return kept[1].strip() if kept else text


def _code_of_number(cell: int | float | Decimal) -> str:
    if not 0 <= cell < 10**EXACT_DIGITS or cell != int(cell):
        raise Unreadable("spreadsheet_number")
    return str(int(cell))


def _day_of_number(cell: int | float | Decimal) -> date:
    if not 0 <= cell <= 99_999_999 or cell != int(cell):
        raise Unreadable("not_a_date")
    whole = int(cell)
    if whole >= 19_000_101:
        return _day(whole // 10_000, whole // 100 % 100, whole % 100)
    if not 20_000 <= whole <= 110_000:  # a spreadsheet's count of days: 1954 to 2201
        raise Unreadable("not_a_date")
    return SPREADSHEET_EPOCH + timedelta(days=whole)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable("no_such_day") from None


def _in_range(day: date) -> date:
    if EARLIEST <= day.year <= LATEST or day.year == NO_END:
        return day
    raise Unreadable("date_out_of_range", first=EARLIEST, last=LATEST)


def _unprintable(text: str) -> Unreadable:
    at, character = next((n, c) for n, c in enumerate(text, 1) if not c.isprintable())
    return Unreadable("control_character", at=at, character=f"U+{ord(character):04X}")
