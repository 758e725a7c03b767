"""In-house labels: what the hospital prints for a piece that carries no usable code.

``TR`` + ten digits + two check digits: ``TR0000000042`` + ``92``. The prefix is the site's.

The check digits are ISO 7064 MOD 97-10 over everything before them, letters counting as 10-35 (as
in an IBAN). It is a pure system over a prime: every single wrong digit and every swap of two
neighbouring digits is caught, check digits included, and one in 97 of anything worse slips
through; a mod-10 digit lets one in ten wrong labels pass, and one label names one physical piece.
(MOD 37,36, which needs one character only, lets 4 in 1,000 swaps pass: counted.)
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

_DIGITS = frozenset("0123456789")
# How other agencies' codes, or addresses, begin: a prefix must not hide them.
_TAKEN = ("MA", "MF", "HTTP")


@dataclass(frozen=True, slots=True)
class InHouse:
    """What is this site's own: how its labels look, and what its scanners send for GS.

    A label is a prefix of 2 to 6 capital letters, a sequence of so many digits and check digits.
    ``separators``: each a sign (``|``) or a few characters (``029``); GS itself, where the site knows
    that its scanners send it, so that no lot is suspected of hiding one.
    """

    prefix: str = "TR"
    digits: int = 10
    separators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (2 <= len(self.prefix) <= 6 and self.prefix.isascii() and self.prefix.isalpha()):
            raise ValueError(f"an in-house prefix is 2 to 6 letters A-Z, not {self.prefix!r}")
        if not self.prefix.isupper() or self.prefix.startswith(_TAKEN):
            raise ValueError(f"the prefix {self.prefix!r} is not capital letters, or another agency's")
        if not 4 <= self.digits <= 18:
            raise ValueError(f"a sequence has 4 to 18 digits, not {self.digits}")
        for sign in self.separators:
            if sign == "\x1d":
                continue
            if (
                not 1 <= len(sign) <= 8
                or not sign.isprintable()
                or " " in sign
                or len(sign) == sign.isalnum()
            ):
                raise ValueError(
                    f"a stand-in for GS is a sign, or 2 to 8 characters without blanks, not {sign!r}"
                )


DEFAULT = InHouse()


CHECK_DIGITS = 2


def check_digits(text: str) -> str:
    """The two digits that complete capital letters and digits to a label."""
    number = int("".join(str(int(character, 36)) for character in text))
    return f"{98 - number * 100 % 97:02}"


def make(sequence: int, inhouse: InHouse = DEFAULT) -> str:
    """The label with that number. Raises ValueError for one that does not fit its digits."""
    if not 0 <= sequence < 10**inhouse.digits:
        raise ValueError(f"sequence {sequence} does not fit {inhouse.digits} digits")
    body = f"{inhouse.prefix}{sequence:0{inhouse.digits}}"
    return body + check_digits(body)


# A GTIN that begins so belongs to nobody: GS1 keeps these prefixes free.
NOBODYS_GTIN = "0000"


def read_digits_alone(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    inhouse: InHouse,
    repairs: tuple[str, ...],
) -> Scan | None:
    """The error that digits are which a label's prefix completes; None if it does not.

    An input method may swallow letters and let digits pass, and of such digits one in ten passes for a GTIN.
    """
    digits = text[start:end]
    if len(digits) != inhouse.digits + CHECK_DIGITS or not _DIGITS.issuperset(digits):
        return None
    label = inhouse.prefix + digits
    if check_digits(label[:-CHECK_DIGITS]) != label[-CHECK_DIGITS:]:
        return None
    error = ParseError(ErrorCode.TRUNCATED, start, f"an in-house label that lost its {inhouse.prefix!r}")
    return Scan(raw, symbology, Agency.INHOUSE, repairs=repairs, error=error)


def read_label(
    raw: str,
    symbology: str | None,
    text: str,
    start: int,
    end: int,
    inhouse: InHouse,
    repairs: tuple[str, ...],
) -> Scan | None:
    """The in-house label that ``text[start:end]`` is, or None if it has not the looks of one.

    A text that begins with the prefix and goes on with digits is meant as a label: a wrong length
    or wrong check digits are an error of a label.
    """
    if not text.startswith(inhouse.prefix, start, end):
        return None
    label = text[start:end]
    first = len(inhouse.prefix)
    if len(label) == first or not _DIGITS.issuperset(label[first:]):
        return None
    length = first + inhouse.digits + CHECK_DIGITS
    error = None
    if len(label) != length:
        code = ErrorCode.TRUNCATED if len(label) < length else ErrorCode.LENGTH
        message = f"an in-house label has {length} characters, not {len(label)}"
        error = ParseError(code, start + min(len(label), length), message)
    elif check_digits(label[:-CHECK_DIGITS]) != label[-CHECK_DIGITS:]:
        # The expected digits are not named: a label is scanned again, never typed right.
        at = end - CHECK_DIGITS
        error = ParseError(ErrorCode.CHECK_DIGIT, at, "the label's check digits do not fit")
    if error is not None:
        return Scan(raw, symbology, Agency.INHOUSE, repairs=repairs, error=error)
    return Scan(
        raw,
        symbology,
        Agency.INHOUSE,
        level=Level.UNIT,
        serial=label,
        elements=(("label", label),),
        repairs=repairs,
    )
