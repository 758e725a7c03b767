"""In-house labels: what the hospital prints for a piece that carries no usable code.

``TR`` + ten digits + one check character: ``TR0000000042`` + ``9``. The prefix is the site's.

The check character is ISO 7064 MOD 37,36 over everything before it, prefix included (letters
count as 10-35). It is a hybrid system for alphanumeric strings: every single wrong character
is caught, and every swap of two neighbouring characters of the sequence; a mod-10 digit lets
one in ten wrong labels through, and one label names one physical piece.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanners.scan import Agency, ErrorCode, Level, ParseError, Scan

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_DIGITS = frozenset("0123456789")
# How other agencies' codes, or addresses, begin: a prefix must not hide them.
_TAKEN = ("MA", "MF", "HTTP")


@dataclass(frozen=True, slots=True)
class InHouse:
    """How this site's own labels look: a prefix of 2 to 6 capital letters, a sequence's width."""

    prefix: str = "TR"
    digits: int = 10

    def __post_init__(self) -> None:
        if not (2 <= len(self.prefix) <= 6 and self.prefix.isascii() and self.prefix.isalpha()):
            raise ValueError(f"an in-house prefix is 2 to 6 letters A-Z, not {self.prefix!r}")
        if not self.prefix.isupper() or self.prefix.startswith(_TAKEN):
            raise ValueError(f"the prefix {self.prefix!r} is not capital letters, or another agency's")
        if not 4 <= self.digits <= 18:
            raise ValueError(f"a sequence has 4 to 18 digits, not {self.digits}")


DEFAULT = InHouse()


def _state(text: str) -> int:
    """ISO 7064 hybrid system MOD 37,36, before the check character."""
    state = 36
    for character in text:
        state = (state + _VALUE[character]) % 36 or 36
        state = state * 2 % 37
    return state


def check_character(text: str) -> str:
    """The character that completes capital letters and digits to a label."""
    return _ALPHABET[(37 - _state(text)) % 36]


def make(sequence: int, inhouse: InHouse = DEFAULT) -> str:
    """The label with that number. Raises ValueError for one that does not fit its digits."""
    if not 0 <= sequence < 10**inhouse.digits:
        raise ValueError(f"sequence {sequence} does not fit {inhouse.digits} digits")
    body = f"{inhouse.prefix}{sequence:0{inhouse.digits}}"
    return body + check_character(body)


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

    A text that begins with the prefix and goes on with digits (its last character may be a
    letter) is meant as a label: a wrong length or check character is an error of a label.
    """
    if not text.startswith(inhouse.prefix, start, end):
        return None
    label = text[start:end]
    first = len(inhouse.prefix)
    sequence, check = label[first:-1], label[-1]
    if not sequence or not _DIGITS.issuperset(sequence) or check not in _VALUE:
        return None
    length = first + inhouse.digits + 1
    error = None
    if len(label) != length:
        code = ErrorCode.TRUNCATED if len(label) < length else ErrorCode.LENGTH
        message = f"an in-house label has {length} characters, not {len(label)}"
        error = ParseError(code, start + min(len(label), length), message)
    elif check_character(label[:-1]) != check:
        # The expected character is not named: a label is scanned again, never typed right.
        error = ParseError(ErrorCode.CHECK_DIGIT, end - 1, "the label's check character does not fit")
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
