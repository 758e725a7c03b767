"""Symbols that hold a bare GTIN: EAN-13, UPC-A, UPC-E, EAN-8, ITF-14; and the digits of one alone.

What each identifier promises is ISO/IEC 15424's (:mod:`scanners.symbology`). A number is read only
if it has exactly the digits promised. Anything shorter is refused even if its last digit would do
as a check digit: a slow machine drops characters, and one in ten of the shortened numbers is
another item's.
"""

from __future__ import annotations

from scanners.gs1.checksums import check_digit, check_digit_holds
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.elements import Element, Split, split_elements
from scanners.gs1.reading import read_elements
from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan
from scanners.symbology import (
    ADD_ONS_ALONE,
    CHECK_DIGIT_KEPT,
    COMPOSITE,
    GTINS,
    ITF_UNCHECKED,
    WITH_ADD_ON,
)

_GTIN = IDENTIFIERS["01"]
# Found once: finding a member of an enum takes as long as making the digits fourteen.
_GS1, _PACKAGE, _UNKNOWN = Agency.GS1, Level.PACKAGE, Level.UNKNOWN
_scan = Scan._make  # all fields in their order, in two thirds of the time


def read_gtin_symbol(
    raw: str, symbology: str, text: str, start: int, end: int, this_year: int, repairs: tuple[str, ...]
) -> Scan:
    """The GTIN that a symbol of the EAN/UPC or ITF family holds, and what a composite adds to it."""
    digits = text[start:end]
    if (
        len(digits) == GTINS.get(symbology)
        and digits.isdecimal()
        and digits.isascii()
        and check_digit_holds(digits)
    ):
        return gtin_alone(raw, symbology, digits, repairs)
    error = _no_gtin(symbology, digits, start, end)
    if error is not None:
        return Scan(raw, symbology, repairs=repairs, error=error)
    elements, error = _split(symbology, text, start, end)
    return read_elements(raw, symbology, text, elements, error, this_year, repairs)


def is_gtin(digits: str) -> bool:
    """Whether these are ASCII digits that end with their check digit."""
    return digits.isdecimal() and digits.isascii() and check_digit_holds(digits)


def gtin_alone(raw: str, symbology: str | None, digits: str, repairs: tuple[str, ...]) -> Scan:
    """The scan that a GTIN without anything else is."""
    gtin = digits.zfill(14)
    level = _PACKAGE if "0" < gtin[0] < "9" else _UNKNOWN  # by its indicator, as in `reading`
    return _scan(
        (raw, symbology, _GS1, gtin, level, None, None, None, None, None, (("01", gtin),), repairs, None, ())
    )


def _no_gtin(symbology: str, digits: str, start: int, end: int) -> ParseError | None:
    """Why a symbol of these families holds no GTIN at all, or holds it without its check digit."""
    if not digits:
        return ParseError(ErrorCode.EMPTY, start, "there is nothing to read")
    if symbology in ADD_ONS_ALONE:
        return ParseError(ErrorCode.NOT_A_UDI, start, "an add-on symbol by itself names no item")
    if symbology == CHECK_DIGIT_KEPT:
        if len(digits) == 13:
            message = "the scanner does not send the check digit of ITF symbols, set it to"
            return ParseError(ErrorCode.TRUNCATED, end, message)
        return ParseError(ErrorCode.NOT_A_UDI, start, "this ITF symbol is no ITF-14")
    if symbology == ITF_UNCHECKED and len(digits) != 14:
        # Part of an ITF symbol reads as a shorter one: twelve of its digits are no GTIN-12.
        return ParseError(ErrorCode.NOT_A_UDI, start, "an ITF symbol with other than 14 digits is no ITF-14")
    return None


def _split(symbology: str, text: str, start: int, end: int) -> Split:
    """The GTIN of exactly as many digits as promised, padded to fourteen, and a composite's elements."""
    # Of these families only EAN/UPC symbols have composites, no ITF-14.
    stop = composite = text.find(COMPOSITE, start, end) if symbology[1] == "E" else -1
    if composite < 0:
        stop = end
    elif text[stop - 1] == "|":
        stop -= 1
    length = GTINS.get(symbology, 13)
    if symbology == WITH_ADD_ON:
        # Without the lengths of an add-on it may be an EAN-8 with another: some scanners send those so.
        if stop - start not in (15, 18):
            code = ErrorCode.TRUNCATED if stop - start < 15 else ErrorCode.LENGTH
            message = f"expected 13 digits and 2 or 5 of an add-on symbol, got {stop - start}"
            return [], ParseError(code, min(stop, start + 15), message)
        stop = start + length
    gtin, error = pad_gtin(text[start:stop], start, length)
    if gtin is None:
        return [], error
    # Placed so that its fourteen digits end where the symbol's do.
    elements: list[Element] = [(_GTIN, gtin, stop - len(gtin))]
    if composite < 0:
        return elements, None
    begin = composite + len(COMPOSITE)
    if begin == end:
        return elements, ParseError(ErrorCode.TRUNCATED, end, "the composite part is missing")
    more, error = split_elements(text, begin, end)
    return elements + more, error


def pad_gtin(digits: str, at: int, length: int) -> tuple[str | None, ParseError | None]:
    """Fourteen digits, or why not; ``at`` is where in the raw text the digits begin."""
    if len(digits) == length and is_gtin(digits):
        return digits.zfill(14), None
    for offset, character in enumerate(digits[:length]):
        if character not in "0123456789":
            return None, ParseError(ErrorCode.CHARSET, at + offset, f"expected a digit, got {character!r}")
    if len(digits) != length:
        code = ErrorCode.TRUNCATED if len(digits) < length else ErrorCode.LENGTH
        message = f"expected {length} digits, got {len(digits)}"
        return None, ParseError(code, at + min(len(digits), length), message)
    expected = check_digit(digits[:-1])
    message = f"check digit of {digits}: expected {expected}, got {digits[-1]}"
    return None, ParseError(ErrorCode.CHECK_DIGIT, at + length - 1, message)


def expand_upc_e(digits: str) -> str:
    """The twelve digits of a GTIN-12 whose zeros a UPC-E symbol leaves out, from the eight of the symbol.

    General Specifications 5.2.2.4: the seventh digit says where the zeros stood. Only numbers that
    begin with 0 have such a symbol.
    """
    maker, last, check = digits[:6], digits[6], digits[7]
    if last in "012":
        body = f"{maker[:3]}{last}0000{maker[3:]}"
    elif last == "3":
        body = f"{maker[:4]}00000{maker[4:]}"
    elif last == "4":
        body = f"{maker[:5]}00000{maker[5]}"
    else:
        body = f"{maker}0000{last}"
    return body + check
