"""GTIN-8, -12, -13 and -14, in the manner of python-stdnum: compact, validate, is_valid, format.

The house form is fourteen digits: shorter numbers are padded with zeros on the left.
"""

from __future__ import annotations

from scanners.gs1 import checksums

LENGTHS = frozenset((8, 12, 13, 14))


def compact(number: str) -> str:
    """The number without surrounding blanks, and without the hyphens and spaces of print."""
    return number.replace(" ", "").replace("-", "").strip()


def check_digit(body: str) -> str:
    """The check digit for the digits before it. Raises ValueError for anything but digits."""
    if not (body.isascii() and body.isdigit()):
        raise ValueError(f"a GTIN has digits only, got {body!r}")
    return checksums.check_digit(body)


def validate(number: str) -> str:
    """The number as fourteen digits.

    Raises ValueError, saying what was expected, for anything that is not a GTIN.
    """
    digits = compact(number)
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"a GTIN has digits only, got {number!r}")
    if len(digits) not in LENGTHS:
        raise ValueError(f"a GTIN has 8, 12, 13 or 14 digits, not {len(digits)}")
    if not checksums.check_digit_holds(digits):
        raise ValueError(f"check digit of {digits}: expected {check_digit(digits[:-1])}, got {digits[-1]}")
    return digits.zfill(14)


def is_valid(number: str) -> bool:
    try:
        validate(number)
    except ValueError:
        return False
    return True


def format(number: str) -> str:
    """The number as it is printed under a bar code: short GTINs without their padding.

    No two of them are confused: GTIN-12 and -13 that would look like a shorter one padded are
    not given out.

    >>> format("06901234567892")
    '6901234567892'
    """
    digits = validate(number)
    for length in (8, 12, 13):
        if digits.startswith("0" * (14 - length)):
            return digits[14 - length :]
    return digits
