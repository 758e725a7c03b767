"""Text without identifier, separator or brackets that may be GS1 all the same.

Many scanners are set up to send neither the symbology identifier nor GS. Nothing then says
that the text is a GS1 message, and nothing marks the end of a value of variable length.

The rule
    1. It is read as AIs only if it begins with 01, 02 or 00 and the GTIN or SSCC there passes
       its check digit. Any other beginning proves nothing: ``10D9T`` is somebody's own code,
       not lot D9T.
    2. It is then read strictly as an element string without separators: a value of variable
       length runs to the end of the text. That is the normal reading of a message whose last
       element has no fixed length. No search is made for further AIs inside such a value: a
       lot ``42A21B`` and a lot ``42A`` with a lost separator and a serial ``B`` look the same.
    3. If such a value is longer than its AI allows, a separator was lost, and where is
       anybody's guess: ``ambiguous``.
    4. A text that begins with another AI and holds ``01`` with a valid GTIN further on, or begins
       with a date AI and its date and reads through to the end, could be a message: ``ambiguous``.
       Everything else is no UDI.
    5. 8, 12, 13 or 14 digits are a GTIN, or one with a wrong check digit; but eight digits that
       are also a date AI and its date (``17290331``) fall under 4, and zeros alone are nothing.
    6. Eight digits from 0 on may come from a UPC-E symbol that the scanner did not write out to
       its twelve. If they pass the check digit both of a GTIN-8 and of those: ``ambiguous``. If
       only of those, they are a GTIN-8 with a wrong check digit all the same: of wrong ones, too,
       one in ten would do for a UPC-E.
"""

from __future__ import annotations

import re

from scanners.gs1 import checksums
from scanners.gs1.dictionary import HEADS
from scanners.gs1.elements import split_elements
from scanners.gs1.gtin_symbols import expand_upc_e, gtin_alone, is_gtin, pad_gtin
from scanners.gs1.linters import linter
from scanners.gs1.reading import read_elements
from scanners.scan import Agency, ErrorCode, ParseError, Scan

BARE_GTIN_LENGTHS = frozenset((8, 12, 13, 14))

_KEY = re.compile("(?:01|02)([0-9]{14})|00([0-9]{18})")
_GTIN_INSIDE = re.compile("(?=01([0-9]{14}))")
_DATE = re.compile("1[123567]([0-9]{6})")
_SEARCHED = 128  # characters searched for a GTIN: no label holds more AIs before its (01)


def read_plain(
    raw: str, symbology: str | None, text: str, start: int, end: int, this_year: int, repairs: tuple[str, ...]
) -> Scan:
    """Text without identifier, separators or brackets, by the rule above."""
    # ("]e1" and its like mark a later part of a composite, which is no number alone.)
    if end - start in BARE_GTIN_LENGTHS and not (symbology and symbology[1] == "e"):
        digits = text[start:end]
        if digits.isdecimal() and digits.isascii():
            return _read_bare_number(raw, symbology, text, start, end, repairs)
    proved = _begins_with_key(text, start, end)
    if proved is not None:
        elements, error = split_elements(text, start, end)
        if error is None or proved:
            if error is not None and error.code is ErrorCode.LENGTH:
                message = f"{error.message}: a separator was lost, and where cannot be decided"
                error = ParseError(ErrorCode.AMBIGUOUS, error.at, message)
            return read_elements(raw, symbology, text, elements, error, this_year, repairs)
        # A key that fails its check digit, before what is no message: not one of ours.
    return Scan(raw, symbology, repairs=repairs, error=_refusal(text, start, end))


def _read_bare_number(
    raw: str, symbology: str | None, text: str, start: int, end: int, repairs: tuple[str, ...]
) -> Scan:
    digits = text[start:end]
    if not digits.strip("0") or is_date_element(text, start, end):
        return Scan(raw, symbology, repairs=repairs, error=_refusal(text, start, end))
    gtin, wrong = pad_gtin(digits, start, len(digits))
    if gtin is None:
        return Scan(raw, symbology, Agency.GS1, repairs=repairs, error=wrong)
    if len(digits) == 8 and digits[0] == "0" and is_gtin(written_out := expand_upc_e(digits)):
        readings = tuple(gtin_alone(raw, symbology, number, repairs) for number in (digits, written_out))
        message = "these eight digits may be a GTIN-8, or a UPC-E that the scanner did not write out"
        error = ParseError(ErrorCode.AMBIGUOUS, start, message)
        return Scan(raw, symbology, Agency.GS1, repairs=repairs, error=error, readings=readings)
    return gtin_alone(raw, symbology, digits, repairs)


def is_date_element(text: str, start: int, end: int) -> bool:
    match = _DATE.fullmatch(text, start, end)
    return match is not None and linter("yymmd0")(match[1]) is None


def _begins_with_key(text: str, start: int, end: int) -> bool | None:
    """True: 01, 02 or 00 and a key that passes its check digit. False: it fails. None: neither."""
    match = _KEY.match(text, start, end)
    if match is None:
        return None
    return checksums.check_digit_holds(match[1] or match[2])


def _refusal(text: str, start: int, end: int) -> ParseError:
    """Why plain text is not read as GS1: it cannot be decided, or it is no UDI."""
    if _could_be_message(text, start, end):
        message = "without separators the AIs in this text cannot be told from its values"
        return ParseError(ErrorCode.AMBIGUOUS, start, message)
    return ParseError(ErrorCode.NOT_A_UDI, start, "no code of any agency begins like this")


def _could_be_message(text: str, start: int, end: int) -> bool:
    if text[start : start + 2] not in HEADS:
        return False
    inside = _GTIN_INSIDE.finditer(text, start + 2, min(end, start + _SEARCHED))
    if any(checksums.check_digit_holds(match[1]) for match in inside):
        return True
    if not is_date_element(text, start, min(start + 8, end)):
        return False
    return split_elements(text, start, end)[1] is None
