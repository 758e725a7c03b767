"""The forms in which codes and attributes are compared."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

_GTIN_LENGTHS: Final = (8, 12, 13)
CLASS_LENGTH: Final = 20
CODE_LENGTH: Final = 27
INSURANCE_LENGTHS: Final = (CLASS_LENGTH, CODE_LENGTH)


def canonical_code(text: str) -> str:
    """Without width and blanks at the ends; a national insurance code begins with a capital C."""
    code = unicodedata.normalize("NFKC", text).strip()
    is_small = code[:1] == "c" and len(code) in INSURANCE_LENGTHS and code[1:].isdecimal()
    return f"C{code[1:]}" if is_small else code


def class_of(insurance_code: str) -> str:
    """The 20 digits with which a national insurance code of 27 begins: use, material and feature, not the
    maker and the model; empty for any other code."""
    is_national = (
        len(insurance_code) == CODE_LENGTH and insurance_code[0] == "C" and insurance_code[1:].isdecimal()
    )
    return insurance_code[:CLASS_LENGTH] if is_national else ""


def canonical_udi(text: str) -> str:
    """GTINs of 8, 12 and 13 digits with the leading zeros that make them one of 14."""
    code = canonical_code(text)
    is_short = len(code) in _GTIN_LENGTHS and code.isascii() and code.isdigit()
    return code.zfill(14) if is_short else code


def canonical_text(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def canonical_number(text: str) -> str:
    """12.50 and 12.5 are one price; what is no number is compared as the text it is."""
    folded = canonical_text(text)
    try:
        number = Decimal(folded)
    except InvalidOperation:
        return folded
    return f"{number.normalize():f}" if number.is_finite() else folded
