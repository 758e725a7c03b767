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
"""

from __future__ import annotations

import re

from scanners.gs1 import checksums
from scanners.gs1.dictionary import HEADS
from scanners.gs1.elements import Split, split_elements
from scanners.gs1.gtin_symbols import split_gtin_symbol
from scanners.gs1.linters import linter
from scanners.scan import ErrorCode, ParseError

BARE_GTIN_LENGTHS = frozenset((8, 12, 13, 14))

_DIGITS = re.compile("[0-9]+")
_KEY = re.compile("(?:01|02)([0-9]{14})|00([0-9]{18})")
_GTIN_INSIDE = re.compile("(?=01([0-9]{14}))")
_DATE = re.compile("1[123567]([0-9]{6})")
_SEARCHED = 128  # characters searched for a GTIN: no label holds more AIs before its (01)


def is_bare_number(text: str, start: int, end: int) -> bool:
    """Whether the text has the shape of a GTIN on its own; whether it is one, its check digit says."""
    return end - start in BARE_GTIN_LENGTHS and _DIGITS.fullmatch(text, start, end) is not None


def split_bare_number(text: str, start: int, end: int) -> Split | None:
    """8, 12, 13 or 14 digits as a GTIN; None where they are more likely something else."""
    if is_date_element(text, start, end) or not text[start:end].strip("0"):
        return None
    return split_gtin_symbol(text, start, end, end - start)


def split_without_separators(text: str, start: int, end: int, *, proved: bool) -> Split | None:
    """Text that begins with a key as an element string; None if it proves to be none.

    ``proved``: the key passes its check digit. If not, the text is taken for a damaged message
    only if all of it reads as one.
    """
    elements, error = split_elements(text, start, end)
    if error is None:
        return elements, None
    if not proved:
        return None
    if error.code is ErrorCode.LENGTH:
        message = f"{error.message}: a separator was lost, and where cannot be decided"
        error = ParseError(ErrorCode.AMBIGUOUS, error.at, message)
    return elements, error


def is_date_element(text: str, start: int, end: int) -> bool:
    match = _DATE.fullmatch(text, start, end)
    return match is not None and linter("yymmd0")(match[1]) is None


def begins_with_key(text: str, start: int, end: int) -> bool | None:
    """True: 01, 02 or 00 and a key that passes its check digit. False: it fails. None: neither."""
    match = _KEY.match(text, start, end)
    if match is None:
        return None
    return checksums.check_digit_holds(match[1] or match[2])


def refusal(text: str, start: int, end: int) -> ParseError:
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
