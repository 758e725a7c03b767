"""MA: the codes of IDcode, which the institute ZIIOT in Zhongguancun gives out.

``MA.156.M0.RRRRRR.PIIIIIIC[.S..][.M..][.L..][.D..][.E..][.V..][.C..][.Y..]`` (医疗器械唯一标识
MA(IDcode)编码手册). A point ends every field, so no value holds one. The first five are the device
identifier: MA, country, trade (M0: medical devices), registrant, product (package, item, check;
eight characters in the manual, twelve on packs). Then, in any order: S serial, M made (P before
2020), L lot, D lot of sterilisation, E expiry, V valid until, C check, Y insurance code. Dates have
six or eight digits. Capitals and small letters are different characters: nothing is folded.

``expiry`` is E, and V where there is no E; both stay in ``elements``.

A wrong check is never a reason to refuse. Its rule is not published; the one below fits most known
codes and not all, and since 2021 makers take their codes from the agency's server. What it does not
fit is named at the end of ``elements``: ``("unverified", "di")``, ``("unverified", "check")``.

The same code in a web address or in XML: :mod:`scanners.ma_carriers`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from scanners.gs1.dates import resolve_date
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

UNVERIFIED = "unverified"
UNVERIFIED_DI = (UNVERIFIED, "di")

_DI = re.compile(r"MA\.[0-9]{3}\.M[0-9A-Z]\.[0-9A-Za-z]{6}\.[0-9A-Za-z]{8,32}")
_OF_MA = re.compile(r"MA\.[0-9]{3}\.")
_COUNTRY = re.compile(r"MA\.[0-9]{0,3}")
_TRADE = re.compile("M[0-9A-Z]")
_REGISTRANT = re.compile("[0-9A-Za-z]{6}")
_NOT_ALPHANUMERIC = re.compile("[^0-9A-Za-z]")
_FIELDS = {
    "S": "serial",
    "M": "manufactured",
    "P": "manufactured",
    "L": "lot",
    "D": "sterilisation_lot",
    "E": "expiry",
    "V": "valid_until",
    "C": "check",
    "Y": "insurance_code",
}
_DATES = frozenset(("manufactured", "expiry", "valid_until"))
# The manual speaks of letters and digits; the check rule knows these as well. No length is
# published: a field longer than this stands on no label.
_VALUE = re.compile(r"[0-9A-Za-z\-@$,*+%/#!^~]{1,64}")
_LONGEST = 64
_FOREIGN = re.compile(r"[^0-9A-Za-z\-@$,*+%/#!^~]")
_DAY = re.compile("[0-9]{6}(?:[0-9]{2})?")
_NOT_DIGIT = re.compile("[^0-9]")


def read_ma(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """The code that ``text[start:end]`` is; a production part alone begins with its point."""
    if text[start] == ".":
        return _read_production_part(raw, symbology, text, start, end, this_year, repairs)
    found = _DI.match(text, start, end)
    if found is None or (found.end() < end and text[found.end()] != "."):
        agency = Agency.MA if _OF_MA.match(text, start, end) else Agency.UNKNOWN
        return Scan(raw, symbology, agency, repairs=repairs, error=_di_fault(text, start, end))
    return _read_fields(raw, symbology, text, found[0], found.end(), end, this_year, repairs)


def _read_production_part(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """A second symbol without the device identifier, if all of it reads as one."""
    scan = _read_fields(raw, symbology, text, None, start, end, this_year, repairs)
    if scan.error is not None:
        refusal = ParseError(ErrorCode.NOT_A_UDI, start, "no code of any agency begins like this")
        return Scan(raw, symbology, repairs=repairs, error=refusal)
    missing = ParseError(ErrorCode.MISSING_DI, start, "the production part of an MA code, without the first")
    return scan._replace(error=missing)


def _read_fields(
    raw: str,
    symbology: str | None,
    text: str,
    di: str | None,
    start: int,
    end: int,
    this_year: int,
    repairs: tuple[str, ...],
) -> Scan:
    """The scan of a device identifier and the fields that begin with the point at ``start``.

    What no field's letter begins may belong to the field before it, which then stays empty as well;
    so does a field that stands twice and differs.
    """
    elements = [] if di is None else [("di", di)]
    values: dict[str, Any] = {}
    refused: set[str] = set()
    structural: ParseError | None = None
    content: ParseError | None = None
    name = ""
    checked: str | None = None  # what the check character is of: the fields before it
    at = start + 2  # behind the point and the letter
    for field in text[start + 1 : end].split(".") if start < end else ():
        value: str = field[1:]
        meant: str | date | None = value
        before, name = name, _FIELDS.get(field[:1], "")
        if name in _DATES:
            if _DAY.fullmatch(value) is None:
                structural = _value_fault(name, value, at, end)
                break
            meant = resolve_day(value, this_year)
        elif not name:
            structural = _no_field(field, at - 1, end)
            if field:
                refused.add(before)
            break
        elif _VALUE.fullmatch(value) is None:
            structural = _value_fault(name, value, at, end)
            break
        elements.append((name, value))
        if meant is None:
            refused.add(name)
            content = content or ParseError(ErrorCode.DATE, at, f"{name}: no such day: {value}")
        elif values.setdefault(name, meant) != meant:
            refused.add(name)
            content = content or ParseError(ErrorCode.DUPLICATE, at, f"{name} stands twice and differs")
        elif name == "check" and checked is None:
            checked = text[start : at - 2]
        at += len(field) + 1
    if di is not None and check_digit(di[:-1]) != di[-1]:
        elements.append(UNVERIFIED_DI)
    if checked is not None and check_digit(checked) != values["check"]:
        elements.append((UNVERIFIED, "check"))
    expires = "expiry" if "expiry" in values or "expiry" in refused else "valid_until"
    for name in refused:
        values.pop(name, None)
    return Scan(
        raw,
        symbology,
        Agency.MA,
        di,
        Level.UNKNOWN,
        values.get("lot"),
        values.get("serial"),
        values.get(expires),
        values.get("manufactured"),
        None,
        tuple(elements),
        repairs,
        content or structural,
    )


def resolve_day(value: str, this_year: int) -> date | None:
    """YYMMDD or YYYYMMDD as a day; None if there is no such day. A day 00 is not one here."""
    if value.endswith("00"):
        return None
    if len(value) == 6:
        return resolve_date(value, this_year)
    year, month, day = int(value[:4]), int(value[4:6]), int(value[6:])
    try:
        return date(year, month, day) if 1900 <= year <= 2199 else None
    except ValueError:
        return None


_CHECKED = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg"  # 0 to 42
    "  hijklmnopqrstuvwxyz-.@$,*+%/#!^~"  # from 45 on
)
_NUMBERS = {ord(character): str(value) for value, character in enumerate(_CHECKED) if character != " "}
_DOUBLED = bytes.maketrans(b"0123456789", bytes(n // 10 + n % 10 for n in range(0, 20, 2)))


def check_digit(text: str) -> str:
    """The check of these characters, all of them such as a code may hold.

    Each is written as its number, and the row of digits gets the check digit of a bank card: from
    the right every second digit is doubled (the last is not), the sums of digits are added, and the
    check fills the total to ten.
    """
    digits = text.translate(_NUMBERS).encode("ascii")[::-1]
    plain, doubled = digits[::2], digits[1::2].translate(_DOUBLED)
    return str(-(sum(plain) - 48 * len(plain) + sum(doubled)) % 10)


def _no_field(field: str, at: int, end: int) -> ParseError:
    if not field and at == end:
        return ParseError(ErrorCode.TRUNCATED, end, "the text ends behind a point")
    return ParseError(ErrorCode.UNKNOWN_AI, at, f"no field of an MA code begins with {field[:1]!r}")


def _value_fault(name: str, value: str, at: int, end: int) -> ParseError:
    """Why this is no value of that field."""
    foreign = (_NOT_DIGIT if name in _DATES else _FOREIGN).search(value)
    if foreign is not None:
        message = f"{name}: unexpected {foreign[0]!r}"
        return ParseError(ErrorCode.CHARSET, at + foreign.start(), message)
    stop = at + len(value)
    if name in _DATES:
        message = f"{name} has 6 or 8 digits, not {len(value)}"
        code = ErrorCode.TRUNCATED if stop == end and len(value) < 8 else ErrorCode.LENGTH
    elif not value:
        message = f"{name} is empty"
        code = ErrorCode.TRUNCATED if stop == end else ErrorCode.LENGTH
    else:
        message, code = f"{name}: {len(value)} characters, more than {_LONGEST}", ErrorCode.LENGTH
    return ParseError(code, stop, message)


def _di_fault(text: str, start: int, end: int) -> ParseError:
    """Why no device identifier begins here."""
    head = _OF_MA.match(text, start, end)
    if head is None:
        if _COUNTRY.fullmatch(text, start, end):
            return ParseError(ErrorCode.TRUNCATED, end, "the text ends within the country of an MA code")
        return ParseError(ErrorCode.NOT_A_UDI, start, "no code of any agency begins like this")
    here = head.end()
    stop = _point(text, here, end)
    if _TRADE.fullmatch(text, here, stop) is None:
        if stop == end and end - here < 2:
            return ParseError(ErrorCode.TRUNCATED, end, "the text ends within the trade of an MA code")
        return ParseError(ErrorCode.NOT_A_UDI, here, f"an MA code of trade {text[here:stop]!r}: no device")
    if stop == end:
        return ParseError(ErrorCode.TRUNCATED, end, "the text ends before the registrant of an MA code")
    here, stop = stop + 1, _point(text, stop + 1, end)
    if _REGISTRANT.fullmatch(text, here, stop) is None:
        return _part_fault("registrant", 6, 6, text, here, stop, end)
    if stop == end:
        return ParseError(ErrorCode.TRUNCATED, end, "the text ends before the product of an MA code")
    return _part_fault("product", 8, 32, text, stop + 1, _point(text, stop + 1, end), end)


def _part_fault(
    name: str, shortest: int, longest: int, text: str, here: int, stop: int, end: int
) -> ParseError:
    """Why this is no such part of a device identifier: a foreign character, else its length."""
    foreign = _NOT_ALPHANUMERIC.search(text, here, stop)
    if foreign is not None:
        message = f"{name}: expected a letter or digit, got {foreign[0]!r}"
        return ParseError(ErrorCode.CHARSET, foreign.start(), message)
    code = ErrorCode.TRUNCATED if stop == end and stop - here < shortest else ErrorCode.LENGTH
    message = f"{name}: {stop - here} characters, not {shortest} to {longest}"
    return ParseError(code, min(stop, here + longest), message)


def _point(text: str, here: int, end: int) -> int:
    """Where the field that begins here ends."""
    stop = text.find(".", here, end)
    return end if stop < 0 else stop
