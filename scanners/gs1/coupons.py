"""North American coupon codes: AI 8110 (coupon) and 8112 (positive offer file coupon).

Both are a row of digits whose parts each begin with a length indicator. A hospital meets them
on no device; they are here because the dictionary names their checks, and an AI whose check is
missing would pass anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.gs1.date_linters import yymmdd
from scanners.gs1.faults import Fault
from scanners.gs1.linters import bad, named, not_digits
from scanners.scan import ErrorCode

# Purchase requirement codes; 9 stands for a transaction of at least the amount.
_REQUIREMENT_CODES = "012349"
_SAVE_VALUE_CODES = "01256"


class _Broken(Exception):
    """A part that cannot be read; caught by the two checks, never leaves this module."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class _Digits:
    """The digits of a coupon, taken part by part from the left."""

    text: str
    here: int = 0

    @property
    def rest(self) -> int:
        return len(self.text) - self.here

    def fail(self, message: str, code: ErrorCode = ErrorCode.VALUE) -> _Broken:
        return _Broken(bad(min(self.here, max(len(self.text) - 1, 0)), message, code))

    def take(self, count: int, part: str) -> str:
        """The next ``count`` digits."""
        if self.rest < count:
            raise self.fail(f"the {part} is cut off", ErrorCode.LENGTH)
        taken = self.text[self.here : self.here + count]
        self.here += count
        return taken

    def one_of(self, allowed: str, part: str) -> str:
        digit = self.take(1, part)
        if digit not in allowed:
            self.here -= 1
            raise self.fail(f"the {part} is one of {allowed}, not {digit}")
        return digit

    def option(self, digit: str) -> bool:
        """Whether the next part is that option; if so its digit is taken."""
        if self.text[self.here : self.here + 1] != digit:
            return False
        self.here += 1
        return True

    def sized(self, allowed: str, plus: int, part: str) -> str:
        """A length indicator out of ``allowed`` and as many digits as it says, plus ``plus``."""
        return self.take(int(self.one_of(allowed, f"length of the {part}")) + plus, part)


@named("couponcode")
def couponcode(value: str) -> Fault | None:
    """AI 8110: company prefix, offer, saving, first requirement, then options 1-9 in order."""
    fault = not_digits(value)
    if fault is not None:
        return fault
    digits = _Digits(value)
    try:
        digits.sized("0123456", 6, "company prefix")
        digits.take(6, "offer code")
        digits.sized("12345", 0, "saving")
        _requirement(digits, "first purchase")
        _options(digits)
    except _Broken as broken:
        return broken.fault
    return None


def _requirement(digits: _Digits, part: str) -> None:
    digits.sized("12345", 0, f"{part} requirement")
    digits.one_of(_REQUIREMENT_CODES, f"{part} requirement code")
    digits.take(3, f"{part} family code")


def _options(digits: _Digits) -> None:
    """Each option begins with its own digit; they come in ascending order, each at most once."""
    expiry = start = None
    if digits.option("1"):
        digits.one_of("0123", "rule for additional purchases")
        _requirement(digits, "second purchase")
        _other_company(digits)
    if digits.option("2"):
        _requirement(digits, "third purchase")
        _other_company(digits)
    if digits.option("3"):
        expiry = _date(digits, "expiration date")
    if digits.option("4"):
        start = _date(digits, "start date")
    if expiry is not None and start is not None and expiry < start:
        raise digits.fail("expires before it starts", ErrorCode.DATE)
    if digits.option("5"):
        digits.sized("0123456789", 6, "serial number")
    if digits.option("6"):
        digits.sized("1234567", 6, "retailer")
    if digits.option("9"):
        digits.one_of(_SAVE_VALUE_CODES, "save value code")
        digits.one_of("012", "item the saving applies to")
        digits.take(1, "store coupon flag")
        digits.one_of("01", "don't multiply flag")
    if digits.rest:
        raise digits.fail("more digits than a coupon has", ErrorCode.LENGTH)


def _other_company(digits: _Digits) -> None:
    """A company prefix other than the coupon's own; length indicator 9: the same company."""
    if not digits.option("9"):
        digits.sized("0123456", 6, "company prefix")


def _date(digits: _Digits, part: str) -> str:
    text = digits.take(6, part)
    fault = yymmdd(text)
    if fault is not None:
        raise _Broken(fault._replace(offset=fault.offset + digits.here - 6))
    return text


@named("couponposoffer")
def couponposoffer(value: str) -> Fault | None:
    """AI 8112: format, funder, offer, serial number."""
    fault = not_digits(value)
    if fault is not None:
        return fault
    digits = _Digits(value)
    try:
        digits.one_of("01", "format")
        digits.sized("0123456", 6, "funder")
        digits.take(6, "offer code")
        digits.sized("0123456789", 6, "serial number")
        if digits.rest:
            raise digits.fail("more digits than a coupon has", ErrorCode.LENGTH)
    except _Broken as broken:
        return broken.fault
    return None
