"""Data identifiers of ANSI MH10.8.2 (ISO/IEC 15418): at most three digits and a letter, then the value.

Only those that say something of a device have a meaning here; all others are shown as they are.

``S`` serial · ``1T`` lot, the supplier's (``T`` is a customer's, and so none) · ``14D`` and ``15D`` expiry,
``16D`` and ``17D`` made, as YYYYMMDD and DDMMYYYY · ``8P`` GTIN-14, ``3P`` GTIN-12 or -13, ``54P`` a
UDI-DI (read if it is a GTIN) · ``9N`` PPN, the number of IFA · ``D`` a date YYMMDD whose meaning the
parties agree on: IFA's agreement, the only one for packs in health care, makes it the expiry, so
it is that where a pack is named, and nothing on the labels of other trades.
"""

from __future__ import annotations

import re
from datetime import date

from scanners.gs1 import checksums
from scanners.gs1.dates import resolve_date
from scanners.gs1.elements import GS
from scanners.scan import ErrorCode, ParseError

# A data identifier, its value, and where in the text the value begins.
Field = tuple[str, str, int]

PPN, GTIN14, UDI_DI, AGREED_DATE = "9N", "8P", "54P", "D"
TEXTS = {"S": "serial", "1T": "lot"}
DATES = {
    AGREED_DATE: "expiry",
    "14D": "expiry",
    "15D": "expiry",
    "16D": "manufactured",
    "17D": "manufactured",
}
# A cut would show: their values have one length, or end with a check.
NEVER_SHORT = frozenset((*DATES, PPN, GTIN14))

_GTINS = {GTIN14: (14,), "3P": (12, 13), UDI_DI: (14,)}
_FIELD = re.compile("([0-9]{0,3}[A-Z])([ -~]+)")
_IDENTIFIER = re.compile("[0-9]{0,3}[A-Z]")
_FOREIGN = re.compile("[^ -~]")
_LONGEST = 64  # of a serial or lot; none is published, but no label's is longer
_DIGITS = re.compile("[0-9]+")
_PPN = re.compile("[0-9A-Z]{2}[0-9A-Z.-]{1,24}[0-9]{2}")


def split_fields(text: str, start: int, end: int) -> tuple[list[Field], ParseError | None]:
    """The fields of a format 06, divided by GS, up to the first that is none."""
    fields: list[Field] = []
    here = start
    for field in text[start:end].split(GS):
        found = _FIELD.fullmatch(field)
        if found is not None:
            identifier, value = found.groups()
            at = here + len(identifier)
            if len(value) > _LONGEST and identifier in TEXTS:
                message = f"{identifier}: {len(value)} characters, more than {_LONGEST}"
                return fields, ParseError(ErrorCode.LENGTH, at + _LONGEST, message)
            fields.append((identifier, value, at))
        elif field:  # nothing between two separators is nothing
            return fields, _misfit(field, here)
        here += len(field) + 1
    return fields, None


def _misfit(field: str, here: int) -> ParseError:
    identifier = _IDENTIFIER.match(field)
    if identifier is None:
        return ParseError(ErrorCode.UNKNOWN_AI, here, f"no data identifier begins with {field[:4]!r}")
    foreign = _FOREIGN.search(field)
    if foreign is None:
        return ParseError(ErrorCode.LENGTH, here + len(field), f"{identifier[0]} has no value")
    return ParseError(
        ErrorCode.CHARSET, here + foreign.start(), f"{identifier[0]}: unexpected {foreign[0]!r}"
    )


def gtin_of(field: Field) -> str | None:
    """The fourteen digits of a GTIN, its check not yet verified; None for anything else."""
    identifier, value, _ = field
    lengths = _GTINS.get(identifier)
    if lengths is None or len(value) not in lengths or _DIGITS.fullmatch(value) is None:
        return None
    if identifier == UDI_DI and not checksums.check_digit_holds(value):
        return None  # another agency's, for all this says
    return value.zfill(14)


def meaning(field: Field, this_year: int) -> tuple[str, str | date] | ParseError | None:
    """The name of what the field says, and what that is; what is wrong with it; None: not for us."""
    identifier, value, at = field
    if identifier in TEXTS:
        return TEXTS[identifier], value
    if identifier in DATES:
        day = _day(identifier, value, this_year)
        if day is None:
            return ParseError(ErrorCode.DATE, at, f"{identifier}: no such day: {value}")
        return DATES[identifier], day
    if identifier == PPN:
        return _ppn_fault(value, at)
    if identifier == GTIN14 and gtin_of(field) is None:
        code = ErrorCode.LENGTH if len(value) != 14 else ErrorCode.CHARSET
        return ParseError(code, at, f"{identifier} has 14 digits, got {value!r}")
    return None


def _day(identifier: str, value: str, this_year: int) -> date | None:
    """A day 00 of the agreed date is the month's last, as in GS1."""
    if _DIGITS.fullmatch(value) is None or len(value) != (6 if identifier == AGREED_DATE else 8):
        return None
    if identifier == AGREED_DATE:
        return resolve_date(value, this_year)
    if identifier in ("15D", "17D"):
        value = value[4:] + value[2:4] + value[:2]
    year, month, day = int(value[:4]), int(value[4:6]), int(value[6:])
    try:
        return date(year, month, day) if 1900 <= year <= 2199 else None
    except ValueError:
        return None


def ppn_check(body: str) -> str:
    """The two check digits of a PPN (IFA, technical information on check digits).

    The ASCII codes of the characters, agency code included, times 2, 3, 4 and so on, modulo 97.
    """
    total = sum(code * weight for weight, code in enumerate(body.encode("ascii"), start=2))
    return f"{total % 97:02}"


def _ppn_fault(value: str, at: int) -> ParseError | None:
    if _PPN.fullmatch(value) is None:
        return ParseError(ErrorCode.LENGTH, at, f"not the shape of a PPN: {value!r}")
    expected = ppn_check(value[:-2])
    if expected == value[-2:]:
        return None
    message = f"check digits of PPN {value}: expected {expected}, got {value[-2:]}"
    return ParseError(ErrorCode.CHECK_DIGIT, at + len(value) - 2, message)
