"""One cell to one value. Each reader returns the value or raises Refused with the reason."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from reconcile.codes.forms import INSURANCE_LENGTHS, canonical_code
from reconcile.columns import KINDS
from reconcile.errors import Reason
from reconcile.files import reasons
from reconcile.intake import LIMIT_UNITS, LIMIT_YUAN

_SCIENTIFIC: Final = re.compile(r"[+-]?(\d+\.\d+[eE][+-]?\d+|\d[eE]\+\d+)")
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MIDNIGHT: Final = re.compile(r"[T ]0?0:00(:00(\.0+)?)?$")
_AMOUNT: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?")
_SPREADSHEET_TEXT: Final = re.compile(r'="(.*)"')
_LONG_NUMBER: Final = 10**11
_MOSTLY_DIGITS: Final = 12
_KINDS: Final = {**{kind: kind for kind in KINDS}, **{heading: kind for kind, heading in KINDS.items()}}
_YES_NO: Final = {"1": 1, "0": 0, "是": 1, "否": 0, "y": 1, "n": 0, "yes": 1, "no": 0, "true": 1, "false": 0}


class Refused(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def is_empty(value: Any) -> bool:
    is_nan = isinstance(value, float) and value != value
    return value is None or is_nan or (isinstance(value, str) and not value.strip())


def read_code(value: Any) -> str:
    """A code is text, its leading zeros are part of it; a short whole number becomes its digits."""
    if isinstance(value, date):
        raise Refused(reasons.CODE_IS_DATE)
    if isinstance(value, (int, float, Decimal)):
        if value != int(value):
            raise Refused(reasons.FRACTION_CODE)
        if abs(int(value)) >= _LONG_NUMBER:
            raise Refused(reasons.LONG_NUMBER)
        return str(int(value))
    text = _text(value)
    if _SCIENTIFIC.fullmatch(text):
        raise Refused(reasons.SCIENTIFIC)
    return text


def read_insurance(value: Any) -> str:
    """A code; one that is a national insurance code but for a few characters is a wrong one.

    Other codes pass: a local insurance has codes of its own.
    """
    text = read_code(value)
    code = canonical_code(text)
    is_national = code[:1] in ("C", "c") and len(code) in INSURANCE_LENGTHS
    if is_national and sum(map(str.isdecimal, code)) >= _MOSTLY_DIGITS and not code[1:].isdecimal():
        raise Refused(reasons.INSURANCE_CHARACTERS)
    return text


def read_text(value: Any) -> str:
    """Anything as words: names, departments, document numbers."""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return _text(value)


def read_kind(value: Any) -> str:
    kind = _KINDS.get(unicodedata.normalize("NFKC", str(value)).strip().casefold())
    if kind is None:
        raise Refused(reasons.UNKNOWN_KIND)
    return kind


def read_movement_quantity(value: Any) -> int:
    units = read_units(value)
    if units < 1:
        raise Refused(reasons.NOT_POSITIVE)
    return units


def read_counted_quantity(value: Any) -> int:
    units = read_units(value)
    if units < 0:
        raise Refused(reasons.BELOW_ZERO)
    return units


def read_units(value: Any) -> int:
    """A whole number of base units; 3.00 and 1,000 are whole too."""
    amount = _number(value)
    if amount != amount.to_integral_value():
        raise Refused(reasons.NOT_WHOLE)
    if abs(amount) > LIMIT_UNITS:
        raise Refused(reasons.TOO_LARGE)
    return int(amount)


def read_pack(value: Any) -> int:
    units = read_units(value)
    if units < 1:
        raise Refused(reasons.NOT_POSITIVE)
    return units


def read_price(value: Any) -> Decimal:
    amount = read_money(value)
    if amount < 0:
        raise Refused(reasons.NEGATIVE_MONEY)
    if amount > LIMIT_YUAN:
        raise Refused(reasons.TOO_LARGE)
    return amount


def read_money(value: Any) -> Decimal:
    return _number(value.replace("¥", "").replace("￥", "") if isinstance(value, str) else value)


def read_yes_no(value: Any) -> int:
    text = str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
    found = _YES_NO.get(unicodedata.normalize("NFKC", text).strip().casefold())
    if found is None:
        raise Refused(reasons.NOT_YES_NO)
    return found


def read_date(value: Any) -> date:
    """A day: a date cell, 2026-03-01, 2026/3/1, 2026年3月1日, 20260301, each also with midnight after it."""
    if isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    else:
        day = _written_date(value)
    if not 1990 <= day.year <= 2100:
        raise Refused(reasons.FAR_DATE)
    return day


def read_moment(value: Any, zone: ZoneInfo) -> date:
    """The day something happened, in the hospital's time zone: date, or date and time, or with offset."""
    if not isinstance(value, (str, datetime)):
        return read_date(value)
    moment = value
    if isinstance(moment, str):
        text = _text(moment).replace("/", "-")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return read_date(re.split(r"[T ]", text)[0])
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone)
    return read_date(moment)


def _written_date(value: Any) -> date:
    if isinstance(value, (int, float, Decimal)):
        if value == int(value) and 19_900_000 < value < 21_010_000:
            value = str(int(value))
        else:
            raise Refused(reasons.SERIAL_DATE)
    text = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", _text(value)))
    parts = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if parts is None:
        raise Refused(reasons.NOT_A_DATE)
    try:
        return date(*map(int, parts.groups()))
    except ValueError:
        raise Refused(reasons.NO_SUCH_DATE) from None


def _number(value: Any) -> Decimal:
    if isinstance(value, date):
        raise Refused(reasons.NOT_A_NUMBER)
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", _text(value))
        if not _AMOUNT.fullmatch(text):
            raise Refused(reasons.NOT_A_NUMBER)
        value = text.replace(",", "")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Refused(reasons.NOT_A_NUMBER) from None
    if not amount.is_finite():
        raise Refused(reasons.NOT_A_NUMBER)
    return amount


def _text(value: Any) -> str:
    text = str(value).strip()
    if "\0" in text:
        raise Refused(reasons.NOT_STORABLE)
    if "\n" in text or "\r" in text:
        text = " ".join(line.strip() for line in text.splitlines())
    if text.startswith("#") and text in {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}:
        raise Refused(reasons.ERROR_CELL)
    # ="00123" is how exports keep a spreadsheet from eating the zeros.
    quoted = _SPREADSHEET_TEXT.fullmatch(text)
    return quoted[1].strip() if quoted else text
