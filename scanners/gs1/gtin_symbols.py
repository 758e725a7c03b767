"""Symbols that hold a bare GTIN: EAN-13, UPC, EAN-8, ITF-14, and the digits of one alone."""

from __future__ import annotations

from scanners.gs1 import checksums
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.elements import Element, Split, split_elements
from scanners.scan import ErrorCode, ParseError
from scanners.symbology import COMPOSITE

_GTIN = IDENTIFIERS["01"]


def split_gtin_symbol(text: str, start: int, end: int, length: int) -> Split:
    """The GTIN of exactly ``length`` digits, padded to fourteen, and what a composite adds.

    Anything shorter is refused even if its last digit would do as a check digit: a slow
    machine drops characters, and one in ten of the shortened numbers is another item's.
    """
    stop = text.find(COMPOSITE, start, end)
    if stop < 0:
        stop = end
    gtin, error = pad_gtin(text[start:stop], start, length)
    if gtin is None:
        return [], error
    # Placed so that its fourteen digits end where the symbol's do.
    elements: list[Element] = [(_GTIN, gtin, stop - len(gtin))]
    if stop == end:
        return elements, None
    more, error = split_elements(text, stop + len(COMPOSITE), end)
    return elements + more, error


def pad_gtin(digits: str, at: int, length: int) -> tuple[str | None, ParseError | None]:
    """Fourteen digits, or why not; ``at`` is where in the raw text the digits begin."""
    for offset, character in enumerate(digits[:length]):
        if character not in "0123456789":
            return None, ParseError(ErrorCode.CHARSET, at + offset, f"expected a digit, got {character!r}")
    if len(digits) != length:
        code = ErrorCode.TRUNCATED if len(digits) < length else ErrorCode.LENGTH
        message = f"expected {length} digits, got {len(digits)}"
        return None, ParseError(code, at + min(len(digits), length), message)
    if not checksums.check_digit_holds(digits):
        expected = checksums.check_digit(digits[:-1])
        message = f"check digit of {digits}: expected {expected}, got {digits[-1]}"
        return None, ParseError(ErrorCode.CHECK_DIGIT, at + length - 1, message)
    return digits.zfill(14), None
