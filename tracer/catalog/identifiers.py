"""Device identifiers (UDI-DI) in the one form in which they are stored and looked up.

The same form in which `scanners` answers them, so that what a register says and what a scan says
meet: GTINs as fourteen digits, HIBC as LIC + PCN + unit of measure, all others as they are.
"""

from __future__ import annotations

import re

from scanners import gtin
from scanners.gs1 import checksums
from scanners.hibc import check_character

_HIBC = re.compile(r"\+([A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9])([0-9A-Z\-. $/+%])")


def canonical_di(text: str) -> str:
    """The stored form of a UDI-DI; a text that is none of the known forms is returned unchanged."""
    if text.isascii() and text.isdigit() and len(text) in gtin.LENGTHS:
        return text.zfill(14)
    if (hibc := _HIBC.fullmatch(text)) and hibc[2] == check_character("+" + hibc[1]):
        return hibc[1]
    return text


def wrong_check_digit(di: str) -> tuple[str, str] | None:
    """(expected, got) if a GTIN's check digit does not fit; None for everything in order or no GTIN."""
    if not (di.isascii() and di.isdigit() and len(di) in gtin.LENGTHS):
        return None
    if checksums.check_digit_holds(di):
        return None
    return gtin.check_digit(di[:-1]), di[-1]
